//! Where the bytes of a data file come from, in ranges.

use std::ops::Range;
use std::sync::Arc;

use super::ReadError;

/// The most bytes that are asked for at once; what an object is read by through `stocktake:host/objects`.
pub const READ_BYTES_MAX: usize = 8 << 20;

/// What of a stripe or row group is fetched at once, at most: all of it if it is one of ours.
///
/// Of a larger one, streams are fetched one by one, each in windows.
const HELD_BYTES_MAX: u64 = 12 << 20;

/// How much is fetched without being wanted at any rate: as much as another call costs.
const GAPS_BYTES: u64 = 64 << 10;

/// Bytes of a file that are in memory already, and where they begin.
pub(super) type Held = Option<(Arc<[u8]>, u64)>;

/// A file that is read range by range.
///
/// Ranges are asked for only within the file and never above [`READ_BYTES_MAX`]. Text formats are asked for from their
/// beginning to their end; the others from their end, and then stripe by stripe or page by page.
pub trait Source {
    /// Why a range could not be read; handed on as [`ReadError::Source`].
    type Error: std::error::Error + Send + Sync + 'static;

    /// How long the file is. Has to be the same every time.
    fn size_bytes(&self) -> u64;

    /// The bytes of this range, all of them: fewer or more are taken for a file that has changed meanwhile.
    ///
    /// # Errors
    /// Whatever keeps the bytes from being read.
    fn read_at(&self, offset_bytes: u64, length_bytes: usize) -> Result<Vec<u8>, Self::Error>;
}

/// A file in memory.
impl Source for Vec<u8> {
    type Error = std::convert::Infallible;

    fn size_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset_bytes: u64, length_bytes: usize) -> Result<Vec<u8>, Self::Error> {
        let from = usize::try_from(offset_bytes).unwrap_or(usize::MAX);
        let range = from..from.saturating_add(length_bytes);
        Ok(self.get(range).unwrap_or_default().to_vec())
    }
}

/// Reads a range of any length, in as many calls as it takes.
///
/// The caller has looked at the length: as much is allocated.
pub(super) fn read<S: Source>(
    source: &S,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>, ReadError> {
    let is_within = offset.checked_add(length as u64).is_some_and(|end| end <= source.size_bytes());
    if !is_within {
        return Err(ReadError::malformed("the file ends too early").at_byte(offset));
    }
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let (at, count) = (offset + bytes.len() as u64, READ_BYTES_MAX.min(length - bytes.len()));
        let part = source.read_at(at, count).map_err(|error| ReadError::Source(Box::new(error)))?;
        if part.len() != count {
            return Err(ReadError::malformed("the file has another length than before").at_byte(at));
        }
        if bytes.is_empty() && count == length {
            return Ok(part);
        }
        bytes.reserve_exact(length - bytes.len());
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// Fetches ranges and what is between them, if that is little enough, and most of it wanted.
pub(super) fn hold<S: Source>(
    source: &S,
    ranges: impl Iterator<Item = Range<u64>> + Clone,
) -> Result<Held, ReadError> {
    let begin = ranges.clone().map(|range| range.start).min();
    let end = ranges.clone().map(|range| range.end).max();
    let wanted = ranges.fold(0_u64, |sum, range| sum.saturating_add(range.end - range.start));
    let is_little =
        |span: u64| span <= HELD_BYTES_MAX && span <= wanted.saturating_mul(4) + GAPS_BYTES;
    let Some((begin, end)) = begin.zip(end).filter(|(begin, end)| is_little(end - begin)) else {
        return Ok(None);
    };
    let bytes = read(source, begin, usize::try_from(end - begin).unwrap_or_default())?;
    Ok(Some((Arc::from(bytes), begin)))
}

/// One range of a file, read from its beginning to its end, a window at a time.
#[derive(Debug)]
pub(super) struct Part<S> {
    source: Arc<S>,
    held: Held,
    next: u64,
    end: u64,
    window: Vec<u8>,
    /// How much of the window is taken.
    taken: usize,
    window_bytes: usize,
}

impl<S: Source> Part<S> {
    /// The range has to be within the file.
    pub(super) fn new(source: &Arc<S>, range: Range<u64>, window_bytes: usize) -> Self {
        Self {
            source: Arc::clone(source),
            held: None,
            next: range.start,
            end: range.end,
            window: Vec::new(),
            taken: 0,
            window_bytes,
        }
    }

    /// Takes from these bytes, which begin at this place of the file, what is in them.
    pub(super) fn with_held(mut self, held: Held) -> Self {
        self.held = held;
        self
    }

    /// Where the next byte that [`Part::peek`] answers is, in the file.
    pub(super) fn position(&self) -> u64 {
        self.next - (self.window.len() - self.taken) as u64
    }

    /// How many bytes are left.
    pub(super) fn remaining(&self) -> u64 {
        self.end - self.position()
    }

    /// What is at hand of the range, at least `least` bytes of it if there are as many; does not take it.
    pub(super) fn peek(&mut self, least: usize) -> Result<&[u8], ReadError> {
        let at_hand = self.window.len() - self.taken;
        if at_hand < least.max(1) && self.next < self.end {
            let wanted = self.window_bytes.max(least - at_hand.min(least));
            let count = usize::try_from(self.end - self.next).unwrap_or(usize::MAX).min(wanted);
            let more = self.fetch(count)?;
            self.window.drain(..self.taken);
            self.taken = 0;
            if self.window.is_empty() {
                self.window = more;
            } else {
                self.window.extend_from_slice(&more);
            }
            self.next += count as u64;
        }
        Ok(self.window.get(self.taken..).unwrap_or_default())
    }

    /// Takes bytes that [`Part::peek`] has answered.
    pub(super) fn take(&mut self, count: usize) {
        self.taken = self.window.len().min(self.taken + count);
    }

    fn fetch(&self, count: usize) -> Result<Vec<u8>, ReadError> {
        let held = self.held.as_ref().and_then(|(bytes, begin)| {
            let from = usize::try_from(self.next.checked_sub(*begin)?).ok()?;
            bytes.get(from..from.checked_add(count)?)
        });
        match held {
            Some(bytes) => Ok(bytes.to_vec()),
            None => read(&*self.source, self.next, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_beyond_the_file_are_not_asked_for() {
        let file = b"abc".to_vec();
        assert_eq!(read(&file, 1, 2).expect("within the file"), b"bc");
        for (offset, length) in [(2, 2), (4, 0), (u64::MAX, 1)] {
            let refused = read(&file, offset, length).expect_err("refused").to_string();
            assert_eq!(refused, format!("byte {offset}: the file ends too early"));
        }
    }

    #[test]
    fn parts_are_the_same_in_windows_of_any_size_and_out_of_memory() {
        let file: Vec<u8> = (0..200).collect();
        let held = Some((Arc::from(&file[20..90]), 20));
        for (window, held) in [(1, None), (7, None), (500, None), (7, held.clone()), (500, held)] {
            let source = Arc::new(file.clone());
            let mut part = Part::new(&source, 30..150, window).with_held(held);
            let mut read = Vec::new();
            while part.remaining() > 0 {
                assert_eq!(part.position(), 30 + read.len() as u64);
                let bytes = part.peek(5).expect("a file in memory");
                assert!(bytes.len() >= 5);
                read.extend_from_slice(&bytes[..5]);
                part.take(5);
            }
            assert_eq!(read, file[30..150]);
            assert!(part.peek(1).expect("a file in memory").is_empty());
        }
    }
}
