//! Numbers of a few bits, in runs of one number and in packs of eight numbers.

use super::super::ReadError;
use crate::varint;

/// Where in a page such numbers are, and what of them comes next.
#[derive(Clone, Debug, Default)]
pub(super) struct Hybrid {
    /// Bits of a number, at most 32.
    width: u32,
    /// The next byte that no run has.
    at: usize,
    end: usize,
    run: Run,
}

#[derive(Clone, Debug)]
enum Run {
    Same {
        number: u32,
        left: u64,
    },
    /// The next number's first bit, counted from the beginning of the page.
    Packed {
        bit: usize,
        left: u64,
    },
}

impl Default for Run {
    fn default() -> Self {
        Self::Same { number: 0, left: 0 }
    }
}

impl Hybrid {
    /// Numbers of so many bits, in this range of a page.
    pub(super) fn new(width: u32, range: std::ops::Range<usize>) -> Result<Self, ReadError> {
        if width > u32::BITS {
            return Err(ReadError::malformed("numbers of more than 32 bits"));
        }
        Ok(Self { width, at: range.start, end: range.end, run: Run::default() })
    }

    pub(super) fn next(&mut self, page: &[u8]) -> Result<u32, ReadError> {
        loop {
            match &mut self.run {
                Run::Same { number, left } if *left > 0 => {
                    *left -= 1;
                    return Ok(*number);
                }
                Run::Packed { bit, left } if *left > 0 => {
                    *left -= 1;
                    let from = *bit;
                    *bit += self.width as usize;
                    return self.packed(page, from).ok_or_else(too_short);
                }
                Run::Same { .. } | Run::Packed { .. } => {
                    self.run = self.next_run(page).ok_or_else(too_short)?;
                }
            }
        }
    }

    fn next_run(&mut self, page: &[u8]) -> Option<Run> {
        let header = self.varint(page)?;
        if header & 1 == 1 {
            let bit = self.at.checked_mul(8)?;
            let bytes = usize::try_from(header >> 1).ok()?.checked_mul(self.width as usize)?;
            // The last pack may be cut where its numbers end.
            self.at = self.at.checked_add(bytes)?.min(self.end);
            return Some(Run::Packed { bit, left: (header >> 1).checked_mul(8)? });
        }
        let mut number = 0;
        for place in 0..self.width.div_ceil(8) {
            number |= u32::from(self.byte(page)?) << (8 * place);
        }
        // A run of none at all would not end.
        (header > 0).then_some(Run::Same { number, left: header >> 1 })
    }

    /// The lowest bit comes first.
    fn packed(&self, page: &[u8], bit: usize) -> Option<u32> {
        let bytes = page.get(bit / 8..(bit + self.width as usize).div_ceil(8).min(self.end))?;
        if (bit + self.width as usize).div_ceil(8) > self.end {
            return None;
        }
        let number = bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let mask = (1_u64 << self.width) - 1;
        u32::try_from(number >> (bit % 8) & mask).ok()
    }

    fn varint(&mut self, page: &[u8]) -> Option<u64> {
        varint::read(|| self.byte(page).ok_or(())).ok().flatten()
    }

    fn byte(&mut self, page: &[u8]) -> Option<u8> {
        let byte = page.get(self.at).filter(|_| self.at < self.end)?;
        self.at += 1;
        Some(*byte)
    }
}

fn too_short() -> ReadError {
    ReadError::malformed("a page has fewer numbers than it says")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(width: u32, page: &[u8], count: usize) -> Vec<Option<u32>> {
        let mut hybrid = Hybrid::new(width, 0..page.len()).expect("a width");
        (0..count).map(|_| hybrid.next(page).ok()).collect()
    }

    #[test]
    fn packs_are_those_of_the_specification() {
        let page = [3, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let expected: Vec<_> = (0..8).map(Some).chain([None]).collect();
        assert_eq!(numbers(3, &page, 9), expected);
    }

    #[test]
    fn runs_have_one_number() {
        assert_eq!(numbers(9, &[6, 0x34, 1], 4), [Some(0x134), Some(0x134), Some(0x134), None]);
        assert_eq!(numbers(0, &[6], 4), [Some(0), Some(0), Some(0), None]);
        assert_eq!(numbers(1, &[0, 0, 4, 1], 1), [None]);
        assert_eq!(numbers(1, &[0xff; 12], 1), [None]);
    }

    #[test]
    fn a_cut_pack_ends_where_its_bytes_do() {
        assert_eq!(numbers(8, &[3, 7, 9], 3), [Some(7), Some(9), None]);
        assert!(Hybrid::new(33, 0..1).is_err());
    }
}
