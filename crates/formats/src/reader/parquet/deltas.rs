//! Numbers by how much they differ from those before, and texts by what they share with those before.

use std::ops::Range;

use super::super::ReadError;
use super::page::cut;
use crate::VALUE_BYTES_MAX;
use crate::varint::{self, unzigzag};

/// Where in a page such numbers are, and what of them comes next.
#[derive(Clone, Debug)]
pub(super) struct Deltas {
    /// How many numbers a miniblock has, and how many miniblocks a block.
    per_mini: u64,
    minis: usize,
    /// Numbers that are left.
    left: u64,
    /// The number that comes next, unless one of a miniblock is still to be added.
    number: i64,
    is_first: bool,
    least: i64,
    /// Where the widths of the block's miniblocks are that have not begun.
    widths: Range<usize>,
    mini_left: u64,
    width: usize,
    /// The next delta's first bit, counted from the beginning of the page.
    bit: usize,
    /// The next byte that no miniblock has.
    at: usize,
}

/// Texts whose lengths, and how much of the text before they begin with, are told by deltas.
#[derive(Clone, Debug)]
pub(super) struct DeltaTexts {
    /// How many bytes each has in common with the one before; none where texts are whole.
    shared: Option<Deltas>,
    lengths: Deltas,
    /// Where the rest of the next text is.
    at: usize,
    text: Vec<u8>,
}

impl Deltas {
    /// Numbers that begin here.
    pub(super) fn new(page: &[u8], mut at: usize) -> Result<Self, ReadError> {
        let at = &mut at;
        let block = number(page, at)?;
        let minis = number(page, at)?;
        let left = number(page, at)?;
        let number = unzigzag(number(page, at)?);
        let per_mini = block.checked_div(minis).filter(|n| *n > 0 && n.is_multiple_of(8));
        // A miniblock has a byte that says its width, so that there cannot be more of them than bytes.
        let minis = usize::try_from(minis).ok().filter(|minis| *minis <= page.len());
        let (Some(per_mini), Some(minis)) = (per_mini, minis) else {
            return Err(ReadError::malformed("numbers in blocks of a size that there is not"));
        };
        Ok(Self {
            per_mini,
            minis,
            left,
            number,
            is_first: true,
            least: 0,
            widths: 0..0,
            mini_left: 0,
            width: 0,
            bit: 0,
            at: *at,
        })
    }

    pub(super) fn next(&mut self, page: &[u8]) -> Result<i64, ReadError> {
        self.left = self.left.checked_sub(1).ok_or_else(cut)?;
        if std::mem::take(&mut self.is_first) {
            return Ok(self.number);
        }
        if self.mini_left == 0 {
            self.next_mini(page)?;
        }
        self.mini_left -= 1;
        let delta = unpacked(page, self.bit, self.width).ok_or_else(cut)?;
        self.bit += self.width;
        self.number = self.number.wrapping_add(self.least).wrapping_add(delta.cast_signed());
        Ok(self.number)
    }

    /// Where what follows on the numbers begins; looks at miniblocks only, which take bytes each.
    fn end(&self, page: &[u8]) -> Result<usize, ReadError> {
        let mut walk = self.clone();
        let mut left = self.left.saturating_sub(1);
        while left > 0 {
            walk.next_mini(page)?;
            left = left.saturating_sub(self.per_mini);
        }
        Ok(walk.at)
    }

    fn next_mini(&mut self, page: &[u8]) -> Result<(), ReadError> {
        if self.widths.is_empty() {
            self.least = unzigzag(number(page, &mut self.at)?);
            self.widths = self.at..self.at + self.minis;
            self.at = self.widths.end;
        }
        let width = self.widths.next().and_then(|at| page.get(at)).ok_or_else(cut)?;
        self.width = usize::from(*width);
        if self.width > 64 {
            return Err(ReadError::malformed("numbers of more than 64 bits"));
        }
        let bytes = usize::try_from(self.per_mini / 8).ok().and_then(|n| n.checked_mul(self.width));
        let end = bytes.and_then(|bytes| self.at.checked_add(bytes)).ok_or_else(cut)?;
        self.bit = self.at.checked_mul(8).ok_or_else(cut)?;
        // The last miniblock may be cut where its numbers end.
        self.at = end.min(page.len());
        self.mini_left = self.per_mini;
        Ok(())
    }
}

impl DeltaTexts {
    /// Whole texts behind their lengths.
    pub(super) fn whole(page: &[u8], at: usize) -> Result<Self, ReadError> {
        let lengths = Deltas::new(page, at)?;
        let at = lengths.end(page)?;
        Ok(Self { shared: None, lengths, at, text: Vec::new() })
    }

    /// Texts without what they share with the one before.
    pub(super) fn shared(page: &[u8], at: usize) -> Result<Self, ReadError> {
        let shared = Deltas::new(page, at)?;
        let rest = Self::whole(page, shared.end(page)?)?;
        Ok(Self { shared: Some(shared), ..rest })
    }

    pub(super) fn next(&mut self, page: &[u8]) -> Result<&[u8], ReadError> {
        let shared = self.shared.as_mut().map_or(Ok(0), |shared| shared.next(page))?;
        let shared = usize::try_from(shared).ok().filter(|shared| *shared <= self.text.len());
        self.text.truncate(shared.ok_or(ReadError::malformed("a text shares more than there is"))?);
        let length = usize::try_from(self.lengths.next(page)?).ok();
        let end = length.and_then(|length| self.at.checked_add(length)).ok_or_else(cut)?;
        self.text.extend_from_slice(page.get(self.at..end).ok_or_else(cut)?);
        self.at = end;
        if self.text.len() > VALUE_BYTES_MAX {
            let size = self.text.len() as u64;
            return Err(ReadError::too_large("a text", size, VALUE_BYTES_MAX as u64));
        }
        Ok(&self.text)
    }
}

/// A number of so many bits, at most 64, the lowest first.
fn unpacked(page: &[u8], bit: usize, width: usize) -> Option<u64> {
    let bytes = page.get(bit / 8..(bit.checked_add(width)?).div_ceil(8))?;
    let number = bytes.iter().rev().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mask = (1_u128 << width) - 1;
    u64::try_from(number >> (bit % 8) & mask).ok()
}

fn number(page: &[u8], at: &mut usize) -> Result<u64, ReadError> {
    let next = || {
        let byte = page.get(*at).copied().ok_or_else(cut)?;
        *at += 1;
        Ok(byte)
    };
    varint::read(next)?.ok_or_else(|| ReadError::malformed("a number longer than 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(page: &[u8], count: usize) -> Vec<Option<i64>> {
        let mut deltas = Deltas::new(page, 0).expect("a header");
        (0..count).map(|_| deltas.next(page).ok()).collect()
    }

    #[test]
    fn deltas_are_those_of_the_specification() {
        // 1 to 5: blocks of 128 in four miniblocks, five numbers, the first 1, deltas of 1 and nothing above.
        let slope = [0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0];
        assert_eq!(numbers(&slope, 6), [Some(1), Some(2), Some(3), Some(4), Some(5), None]);
        // 7, 5, 3, 1, 2, 3, 4, 5: deltas of at least -2, and 0 or 3 above that.
        let turning =
            [0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0];
        let expected: Vec<_> = [7, 5, 3, 1, 2, 3, 4, 5].map(Some).into();
        assert_eq!(numbers(&turning, 8), expected);
    }

    #[test]
    fn headers_that_make_no_sense_are_refused() {
        for page in [
            &[][..],
            &[0x80, 0x01, 0, 5, 2],
            &[0x80, 0x01, 0xff, 0x01, 5, 2],
            &[4, 4, 5, 2],
            &[0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 5, 2],
        ] {
            assert!(Deltas::new(page, 0).is_err(), "{page:?}");
        }
        // Two miniblocks, the second of 65 bits.
        assert_eq!(numbers(&[16, 2, 10, 2, 2, 0, 65, 0, 0], 10)[8..], [Some(9), None]);
        // Numbers without end in few bytes: the texts behind them are found, or not, at once.
        let endless = [0x80, 0x01, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 2, 0, 0];
        assert!(DeltaTexts::whole(&endless, 0).is_err());
    }
}
