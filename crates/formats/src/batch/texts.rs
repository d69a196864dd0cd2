//! A column of texts in the making.
//!
//! Arrow's own builder takes one text at a time, and each costs it three calls. Listings have the texts of a whole page
//! one after the other, as an array of texts does, so that they can be appended as they are.
#![expect(unsafe_code, reason = "arrow would read every text again to see that it is UTF-8")]

use arrow_array::StringArray;
use arrow_array::builder::NullBufferBuilder;
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};

use super::{BATCH_ROWS, VALUE_BYTES_MAX};

/// The most bytes that are set aside for the next batch: what most batches of keys take. Longer ones grow.
const RESERVED_BYTES_MAX: usize = BATCH_ROWS * 64;

/// The texts of at most [`BATCH_ROWS`] rows, each of at most [`VALUE_BYTES_MAX`] bytes.
#[derive(Debug)]
pub(crate) struct TextBuilder {
    /// All texts, joined; [`BATCH_ROWS`] of the longest fit into an `i32`'s range.
    joined: String,
    /// Zero, and where each text ends: `joined` was this long after a whole text, or a text ends here within what was
    /// appended to it.
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl TextBuilder {
    pub(crate) fn new() -> Self {
        Self::with_capacity(0)
    }

    /// The text is one that [`super::checked`] let pass.
    pub(crate) fn append_value(&mut self, text: &str) {
        self.joined.push_str(text);
        self.end_text();
        self.nulls.append_non_null();
    }

    pub(crate) fn append_null(&mut self) {
        self.append_nulls(1);
    }

    pub(crate) fn append_nulls(&mut self, count: usize) {
        (0..count).for_each(|_| self.end_text());
        self.nulls.append_n_nulls(count);
    }

    /// Appends one text so many times. It is one that [`super::checked`] let pass.
    pub(crate) fn append_repeated(&mut self, text: &str, count: usize) {
        let before = self.joined.len();
        self.joined.push_str(&text.repeat(count));
        self.offsets.extend((1..=count).map(|times| offset(before + times * text.len())));
        self.nulls.append_n_non_nulls(count);
    }

    /// Appends all texts at once that begin at `begin` in `joined` and end at `ends`. Otherwise answers `false` and
    /// appends nothing: where one of them is longer than it may be, is none, or is empty and `takes_empty` is not set.
    pub(crate) fn append_joined(
        &mut self,
        joined: &str,
        begin: usize,
        ends: &[u32],
        takes_empty: bool,
    ) -> bool {
        let bytes = usize::from(!takes_empty)..=VALUE_BYTES_MAX;
        let (mut last, mut fits) = (begin, true);
        for end in ends {
            let end = *end as usize;
            fits &= end >= last
                && bytes.contains(&end.wrapping_sub(last))
                && joined.is_char_boundary(end);
            last = end;
        }
        let Some(texts) = joined.get(begin..last).filter(|_| fits) else { return false };
        let shift = self.joined.len().wrapping_sub(begin);
        self.joined.push_str(texts);
        self.offsets.extend(ends.iter().map(|end| offset(shift.wrapping_add(*end as usize))));
        self.nulls.append_n_non_nulls(ends.len());
        true
    }

    /// The texts, as an array.
    pub(crate) fn finish(&mut self) -> StringArray {
        let next = Self::with_capacity(self.joined.len().min(RESERVED_BYTES_MAX));
        let Self { joined, offsets, mut nulls } = std::mem::replace(self, next);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let values = Buffer::from(joined.into_bytes());
        // SAFETY: the values are those of a `String`, the offsets ascend, which was checked, and each of them is at the
        // end of a text.
        unsafe { StringArray::new_unchecked(offsets, values, nulls.finish()) }
    }

    pub(crate) fn memory_size(&self) -> usize {
        self.joined.len() + size_of_val(&*self.offsets)
    }

    fn with_capacity(bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(BATCH_ROWS + 1);
        offsets.push(0);
        Self {
            joined: String::with_capacity(bytes),
            offsets,
            nulls: NullBufferBuilder::new(BATCH_ROWS),
        }
    }

    fn end_text(&mut self) {
        self.offsets.push(offset(self.joined.len()));
    }
}

/// A place in the texts of a batch.
fn offset(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use arrow_array::Array as _;

    use super::*;

    #[test]
    fn texts_come_one_by_one_or_joined() {
        let mut builder = TextBuilder::new();
        builder.append_value("é");
        assert!(builder.append_joined("skippedab日", 7, &[8, 9, 12], false));
        builder.append_nulls(2);
        assert!(builder.append_joined("x", 0, &[0, 1, 1], true));
        assert!(builder.append_joined("", 0, &[], false));
        let expected = ["é", "a", "b", "日"].map(Some).into_iter();
        let expected: StringArray =
            expected.chain([None, None]).chain(["", "x", ""].map(Some)).collect();
        assert_eq!(builder.finish(), expected);
        assert_eq!(builder.finish(), StringArray::from(Vec::<&str>::new()));
    }

    #[test]
    fn joined_texts_that_are_none_are_left_to_the_caller() {
        let mut builder = TextBuilder::new();
        let long = "a".repeat(VALUE_BYTES_MAX + 2);
        let too_long = u32::try_from(VALUE_BYTES_MAX + 1).unwrap();
        let refused: [(&str, usize, &[u32]); 7] = [
            ("日", 0, &[1, 3]),
            ("日", 1, &[3]),
            ("ab", 0, &[2, 1]),
            ("ab", 0, &[1, 3]),
            ("ab", 2, &[1]),
            ("ab", 0, &[1, 1]),
            (&long, 0, &[too_long]),
        ];
        for (joined, begin, ends) in refused {
            assert!(!builder.append_joined(joined, begin, ends, false), "{begin} {ends:?}");
        }
        assert!(builder.append_joined(&long, 1, &[too_long], false));
        assert_eq!(builder.finish().len(), 1);
    }
}
