//! One column of the stripe in progress: its streams, its statistics, and where its groups of rows begin.

use std::borrow::Cow;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, StringArray};
use stocktake_core::column::ColumnType;

use super::bits::Bits;
use super::chunks::{Chunks, Deflate};
use super::integers::{Integers, Sign};
use super::proto::Message;
use super::statistics::Statistics;
use super::texts::Texts;

/// 2015-01-01T00:00:00Z, which timestamps count from, in seconds since 1970.
const EPOCH_SECONDS: i64 = 1_420_070_400;

/// Kinds of streams, by their numbers.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum StreamKind {
    Present = 0,
    Data = 1,
    Length = 2,
    DictionaryData = 3,
    Secondary = 5,
    RowIndex = 6,
}

/// How a column is encoded, by numbers: with the first version of runs, which booleans have, or the second.
pub(super) const DIRECT: u64 = 0;
const DIRECT_V2: u64 = 2;
const DICTIONARY_V2: u64 = 3;

/// Collects the values of one column, stripe by stripe.
#[derive(Debug)]
pub(super) struct ColumnEncoder {
    kind: ColumnType,
    present: Bits,
    has_null: bool,
    values: Values,
    /// Of every group of rows of the stripe.
    groups: Vec<Statistics>,
    /// Of all stripes before this.
    file: Statistics,
}

#[derive(Debug)]
enum Values {
    Flags(Bits),
    Integers(Integers),
    Times { seconds: Integers, nanos: Integers },
    Texts(Texts),
}

impl ColumnEncoder {
    pub(super) fn new(kind: ColumnType) -> Self {
        let values = match kind {
            ColumnType::String => Values::Texts(Texts::new()),
            ColumnType::Boolean => Values::Flags(Bits::default()),
            ColumnType::Int32 | ColumnType::Int64 => Values::Integers(Integers::new(Sign::Signed)),
            ColumnType::Timestamp => Values::Times {
                seconds: Integers::new(Sign::Signed),
                nanos: Integers::new(Sign::Unsigned),
            },
        };
        Self {
            kind,
            present: Bits::default(),
            has_null: false,
            values,
            groups: Vec::new(),
            file: Statistics::of(kind),
        }
    }

    /// Begins a group of rows, of which there has to be one before the first row of a stripe.
    pub(super) fn begin_group(&mut self, deflate: &mut Deflate) {
        self.present.mark(deflate);
        match &mut self.values {
            Values::Flags(bits) => bits.mark(deflate),
            Values::Integers(integers) => integers.mark(deflate),
            Values::Times { seconds, nanos } => {
                seconds.mark(deflate);
                nanos.mark(deflate);
            }
            Values::Texts(texts) => texts.mark(deflate),
        }
        self.groups.push(Statistics::of(self.kind));
    }

    /// Appends values; an array of another type than the column's has none.
    pub(super) fn write(&mut self, array: &ArrayRef, deflate: &mut Deflate) {
        match array.nulls() {
            None => self.present.push_set(array.len(), deflate),
            Some(nulls) => nulls.iter().for_each(|is_valid| self.present.push(is_valid, deflate)),
        }
        self.has_null |= array.null_count() > 0;
        let Some(statistics) = self.groups.last_mut() else { return };
        statistics.add_nulls(array.null_count());
        match &mut self.values {
            Values::Flags(bits) => {
                let flags = || array.as_boolean_opt().into_iter().flatten().flatten();
                flags().for_each(|flag| bits.push(flag, deflate));
                statistics.add_flags(flags());
            }
            Values::Integers(integers) => {
                let numbers = match array.as_primitive_opt::<Int32Type>() {
                    Some(small) => small.iter().flatten().map(i64::from).collect(),
                    None => there::<Int64Type>(array),
                };
                numbers.iter().for_each(|number| integers.push(*number, deflate));
                statistics.add_numbers(numbers.iter().copied());
            }
            Values::Times { seconds, nanos } => {
                let times = there::<TimestampMillisecondType>(array);
                let millis = || times.iter().copied().map(representable);
                for millis in millis() {
                    seconds.push(millis / 1000 - EPOCH_SECONDS, deflate);
                    nanos.push(scaled_nanos(millis.rem_euclid(1000)), deflate);
                }
                statistics.add_numbers(millis());
            }
            Values::Texts(texts) => {
                let Some(array) = array.as_string_opt::<i32>() else { return };
                if array.null_count() == 0 {
                    statistics.add_texts(texts_of(array));
                    texts.extend(texts_of(array), deflate);
                } else {
                    statistics.add_texts(array.iter().flatten());
                    texts.extend(array.iter().flatten(), deflate);
                }
            }
        }
    }

    /// Completes the streams, and answers what is known of the stripe's values.
    pub(super) fn finish(&mut self, deflate: &mut Deflate) -> Statistics {
        self.present.finish(deflate);
        match &mut self.values {
            Values::Flags(bits) => bits.finish(deflate),
            Values::Integers(integers) => integers.finish(deflate),
            Values::Times { seconds, nanos } => {
                seconds.finish(deflate);
                nanos.finish(deflate);
            }
            Values::Texts(texts) => texts.finish(deflate),
        }
        let mut stripe = Statistics::of(self.kind);
        self.groups.iter().for_each(|group| stripe.merge(group));
        self.file.merge(&stripe);
        stripe
    }

    /// As `RowIndex`, once the column is finished: the streams' positions in the order of [`ColumnEncoder::streams`].
    pub(super) fn index(&self) -> Message {
        let entry = |(group, statistics): (usize, &Statistics)| {
            let mut positions = Vec::new();
            if self.has_null {
                self.present.append_position(group, &mut positions);
            }
            match &self.values {
                Values::Flags(bits) => bits.append_position(group, &mut positions),
                Values::Integers(integers) => integers.append_position(group, &mut positions),
                Values::Times { seconds, nanos } => {
                    seconds.append_position(group, &mut positions);
                    nanos.append_position(group, &mut positions);
                }
                Values::Texts(texts) => texts.append_position(group, &mut positions),
            }
            Message::default().packed(1, positions).message(2, &statistics.message())
        };
        let entries: Vec<_> = self.groups.iter().enumerate().map(entry).collect();
        Message::default().messages(1, &entries)
    }

    /// The streams, once the column is finished. Readers miss them where they are not listed, even if they are empty.
    pub(super) fn streams(&self) -> Vec<(StreamKind, &[u8])> {
        let present = self.has_null.then_some((StreamKind::Present, self.present.chunks()));
        let values: Vec<(StreamKind, &Chunks)> = match &self.values {
            Values::Flags(bits) => vec![(StreamKind::Data, bits.chunks())],
            Values::Integers(integers) => vec![(StreamKind::Data, integers.chunks())],
            Values::Times { seconds, nanos } => {
                vec![(StreamKind::Data, seconds.chunks()), (StreamKind::Secondary, nanos.chunks())]
            }
            Values::Texts(texts) if texts.dictionary_entries().is_some() => vec![
                (StreamKind::Data, texts.references()),
                (StreamKind::Length, texts.lengths()),
                (StreamKind::DictionaryData, texts.data()),
            ],
            Values::Texts(texts) => {
                vec![(StreamKind::Data, texts.data()), (StreamKind::Length, texts.lengths())]
            }
        };
        let streams = present.into_iter().chain(values);
        streams.map(|(kind, chunks)| (kind, chunks.finished())).collect()
    }

    /// As `ColumnEncoding`, once the column is finished.
    pub(super) fn encoding(&self) -> Message {
        match &self.values {
            Values::Flags(_) => Message::default().uint(1, DIRECT),
            Values::Texts(texts) => match texts.dictionary_entries() {
                Some(entries) => Message::default().uint(1, DICTIONARY_V2).uint(2, entries as u64),
                None => Message::default().uint(1, DIRECT_V2),
            },
            Values::Integers(_) | Values::Times { .. } => Message::default().uint(1, DIRECT_V2),
        }
    }

    /// What is known of the values of all finished stripes.
    pub(super) fn file_statistics(&self) -> &Statistics {
        &self.file
    }

    /// Begins the next stripe.
    pub(super) fn clear(&mut self) {
        self.present.clear();
        self.has_null = false;
        match &mut self.values {
            Values::Flags(bits) => bits.clear(),
            Values::Integers(integers) => integers.clear(),
            Values::Times { seconds, nanos } => {
                seconds.clear();
                nanos.clear();
            }
            Values::Texts(texts) => texts.clear(),
        }
        self.groups.clear();
    }

    /// How many bytes are waiting for the end of the stripe. Follows from the rows alone.
    pub(super) fn held(&self) -> usize {
        self.sum(Chunks::held, Texts::held)
    }

    /// How many bytes are allocated.
    pub(super) fn memory_size(&self) -> usize {
        self.sum(Chunks::memory_size, Texts::memory_size)
    }

    fn sum(&self, chunks: fn(&Chunks) -> usize, all_texts: fn(&Texts) -> usize) -> usize {
        let values = match &self.values {
            Values::Flags(bits) => chunks(bits.chunks()),
            Values::Integers(integers) => chunks(integers.chunks()),
            Values::Times { seconds, nanos } => chunks(seconds.chunks()) + chunks(nanos.chunks()),
            Values::Texts(texts) => all_texts(texts),
        };
        chunks(self.present.chunks()) + values
    }
}

/// The values that are there; none of an array of another type. Without nulls nothing is copied.
fn there<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef) -> Cow<'_, [i64]> {
    match array.as_primitive_opt::<T>() {
        None => Cow::Borrowed(&[]),
        Some(array) if array.null_count() == 0 => Cow::Borrowed(array.values()),
        Some(array) => array.iter().flatten().collect(),
    }
}

/// The texts of an array without nulls: looking at each for being there costs more than what is done with it.
fn texts_of(array: &StringArray) -> impl Iterator<Item = &str> {
    (0..array.len()).map(|row| array.value(row))
}

/// The time that is written for a time in milliseconds: the same, but for the last second before 1970.
///
/// Seconds are cut towards zero and fractions count upwards, so readers take a second off where the seconds are below
/// zero and there is a fraction. In the last second before 1970 they are zero, and nothing tells it from the second
/// after; its fractions are left away, so that times are still in order.
fn representable(millis: i64) -> i64 {
    if (-999..0).contains(&millis) { -1000 } else { millis }
}

/// A fraction of a second in nanoseconds, without its zeros at the end and with how many there were.
fn scaled_nanos(millis: i64) -> i64 {
    if millis == 0 {
        return 0;
    }
    let (mut digits, mut zeros) = (millis, 6);
    while digits % 10 == 0 {
        digits /= 10;
        zeros += 1;
    }
    // The number of zeros less one has three bits.
    digits << 3 | (zeros - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_lose_their_zeros() {
        for (millis, digits, zeros) in
            [(1, 1, 6), (10, 1, 7), (100, 1, 8), (123, 123, 6), (990, 99, 7)]
        {
            assert_eq!(scaled_nanos(millis), digits << 3 | (zeros - 1), "{millis}");
        }
        assert_eq!(scaled_nanos(0), 0);
    }

    #[test]
    fn times_stay_in_order_around_1970() {
        let written: Vec<_> = (-2001..=1).map(representable).collect();
        assert!(written.is_sorted());
        assert!((-2001..=1).all(|millis| (millis - representable(millis)).abs() < 1000));
    }
}
