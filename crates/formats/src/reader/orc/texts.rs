//! Texts: one after the other, or as references to a dictionary.

use super::super::ReadError;
use super::super::source::Source;
use super::chunks::Bytes;
use super::integers::Integers;
use crate::VALUE_BYTES_MAX;

/// The most bytes that the dictionaries of a stripe may take together.
///
/// A writer's stripe has 64 MiB, and a dictionary is what of it repeats; all of them are in memory while the stripe is
/// read.
pub(super) const DICTIONARIES_BYTES_MAX: usize = 96 << 20;

/// The texts of a stripe's column, without its nulls.
#[derive(Debug)]
pub(super) struct Texts<S> {
    text: Vec<u8>,
    values: Values<S>,
}

#[derive(Debug)]
enum Values<S> {
    Direct { data: Bytes<S>, lengths: Integers<S> },
    Dictionary { dictionary: Dictionary, references: Integers<S> },
}

/// The texts that a column has, each once.
#[derive(Debug)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<u32>,
}

impl<S: Source> Texts<S> {
    pub(super) fn direct(data: Bytes<S>, lengths: Integers<S>) -> Self {
        Self { text: Vec::new(), values: Values::Direct { data, lengths } }
    }

    pub(super) fn of_dictionary(dictionary: Dictionary, references: Integers<S>) -> Self {
        Self { text: Vec::new(), values: Values::Dictionary { dictionary, references } }
    }

    pub(super) fn next(&mut self) -> Result<&[u8], ReadError> {
        match &mut self.values {
            Values::Direct { data, lengths } => {
                let length = length(lengths.next()?)?;
                self.text.clear();
                data.append(length, &mut self.text)?;
                Ok(&self.text)
            }
            Values::Dictionary { dictionary, references } => {
                let reference = references.next()?;
                dictionary.entry(reference).ok_or_else(|| {
                    ReadError::malformed(format!("entry {reference}, which the dictionary lacks"))
                })
            }
        }
    }
}

impl Dictionary {
    /// Reads all entries, unless they take more than `budget`, which becomes less by what they take.
    pub(super) fn read<S: Source>(
        entries: u64,
        data: &mut Bytes<S>,
        lengths: &mut Integers<S>,
        budget: &mut usize,
    ) -> Result<Self, ReadError> {
        let (mut ends, mut end) = (Vec::new(), 0_usize);
        for _ in 0..entries {
            end += length(lengths.next()?)?;
            ends.push(u32::try_from(end).unwrap_or(u32::MAX));
            // Checked entry by entry: what the footer says and what lengths add up to need not be true.
            if end + ends.len() * size_of::<u32>() > *budget {
                let limit = DICTIONARIES_BYTES_MAX as u64;
                return Err(ReadError::too_large("the stripe's dictionaries", limit + 1, limit));
            }
        }
        *budget -= end + ends.len() * size_of::<u32>();
        let mut bytes = Vec::new();
        data.append(end, &mut bytes)?;
        Ok(Self { bytes, ends })
    }

    fn entry(&self, reference: i64) -> Option<&[u8]> {
        let at = usize::try_from(reference).ok()?;
        let end = usize::try_from(*self.ends.get(at)?).ok()?;
        let before = at.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or(0);
        self.bytes.get(usize::try_from(before).ok()?..end)
    }
}

fn length(number: i64) -> Result<usize, ReadError> {
    let length = usize::try_from(number)
        .map_err(|_| ReadError::malformed("a text of less than no length"))?;
    if length > VALUE_BYTES_MAX {
        return Err(ReadError::too_large("a text", length as u64, VALUE_BYTES_MAX as u64));
    }
    Ok(length)
}
