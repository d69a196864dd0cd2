//! Integers in runs, of both versions of the specification. Runs are decoded one at a time.

use super::super::ReadError;
use super::super::source::Source;
use super::chunks::Bytes;
use crate::varint::unzigzag;

/// Which kind of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// A stream of integers.
#[derive(Debug)]
pub(super) struct Integers<S> {
    bytes: Bytes<S>,
    version: Version,
    is_signed: bool,
    /// The run in progress, at most 512 numbers.
    run: Vec<i64>,
    /// How many of them are taken.
    taken: usize,
    packed: Vec<u8>,
}

impl<S: Source> Integers<S> {
    pub(super) fn new(bytes: Bytes<S>, version: Version, is_signed: bool) -> Self {
        Self { bytes, version, is_signed, run: Vec::new(), taken: 0, packed: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Result<i64, ReadError> {
        loop {
            if let Some(number) = self.run.get(self.taken) {
                self.taken += 1;
                return Ok(*number);
            }
            self.run.clear();
            self.taken = 0;
            match self.version {
                Version::One => self.run_of_version_1()?,
                Version::Two => self.run_of_version_2()?,
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_at_end(&mut self) -> Result<bool, ReadError> {
        Ok(self.taken == self.run.len() && self.bytes.is_at_end()?)
    }

    fn run_of_version_1(&mut self) -> Result<(), ReadError> {
        let header = self.bytes.byte()?;
        if header < 128 {
            let delta = i64::from(self.bytes.byte()?.cast_signed());
            let base = self.number()?;
            let numbers = (0..i64::from(header) + 3).map(|i| base.wrapping_add(i * delta));
            self.run.extend(numbers);
        } else {
            for _ in header..=u8::MAX {
                let number = self.number()?;
                self.run.push(number);
            }
        }
        Ok(())
    }

    fn run_of_version_2(&mut self) -> Result<(), ReadError> {
        let header = self.bytes.byte()?;
        if header >> 6 == 0 {
            let value = self.big_endian(usize::from(header >> 3 & 7) + 1)?;
            let value = self.plain(value);
            self.run.extend(std::iter::repeat_n(value, usize::from(header & 7) + 3));
            return Ok(());
        }
        let code = header >> 1 & 31;
        let count = (usize::from(header & 1) << 8 | usize::from(self.bytes.byte()?)) + 1;
        match header >> 6 {
            1 => {
                self.unpack(width(code), count)?;
                if self.is_signed {
                    self.run.iter_mut().for_each(|n| *n = unzigzag(n.cast_unsigned()));
                }
                Ok(())
            }
            2 => self.patched(width(code), count),
            _ => self.deltas(code, count),
        }
    }

    /// Numbers counted from a base, the few large ones of which have their upper bits in a list of their own.
    fn patched(&mut self, width: u32, count: usize) -> Result<(), ReadError> {
        let (third, fourth) = (self.bytes.byte()?, self.bytes.byte()?);
        let base_bytes = usize::from(third >> 5) + 1;
        let patch_width = self::width(third & 31);
        let gap_width = u32::from(fourth >> 5) + 1;
        let patches = usize::from(fourth & 31);
        let base = self.big_endian(base_bytes)?;
        // The highest bit is the sign, the others are the number.
        let sign = 1_u64 << (base_bytes * 8 - 1);
        let magnitude = (base & !sign).cast_signed();
        let base = if base & sign == 0 { magnitude } else { magnitude.wrapping_neg() };

        if width + patch_width > u64::BITS || gap_width + patch_width > u64::BITS {
            return Err(ReadError::malformed("a run whose patches are wider than 64 bits"));
        }
        self.unpack(width, count)?;
        let numbers = std::mem::take(&mut self.run);
        self.unpack(rounded(gap_width + patch_width), patches)?;
        let patches = std::mem::replace(&mut self.run, numbers);
        let mut at = 0;
        for patch in patches {
            let patch = patch.cast_unsigned();
            // A width of 64 leaves no gap, and was refused.
            at += usize::try_from(patch >> patch_width).unwrap_or(usize::MAX).min(count);
            let high = patch & (1_u64 << patch_width).wrapping_sub(1);
            match self.run.get_mut(at) {
                Some(number) => *number |= (high << width).cast_signed(),
                None => return Err(ReadError::malformed("a patch beyond its run")),
            }
        }
        self.run.iter_mut().for_each(|number| *number = number.wrapping_add(base));
        Ok(())
    }

    /// A first number, the way to the second, and how much longer or shorter the others are.
    fn deltas(&mut self, code: u8, count: usize) -> Result<(), ReadError> {
        let first = self.number()?;
        let step = unzigzag(self.bytes.varint()?);
        if code == 0 {
            let numbers =
                (0..512_i64).take(count).map(|i| first.wrapping_add(step.wrapping_mul(i)));
            self.run.extend(numbers);
            return Ok(());
        }
        self.unpack(width(code), count.saturating_sub(2))?;
        let ways = std::mem::take(&mut self.run);
        let mut number = first;
        self.run.push(number);
        if count > 1 {
            number = number.wrapping_add(step);
            self.run.push(number);
        }
        for way in ways {
            number = if step < 0 { number.wrapping_sub(way) } else { number.wrapping_add(way) };
            self.run.push(number);
        }
        Ok(())
    }

    /// Reads numbers of so many bits each, the highest bit first, as the run.
    fn unpack(&mut self, width: u32, count: usize) -> Result<(), ReadError> {
        self.packed.clear();
        self.bytes.append((count * width as usize).div_ceil(8), &mut self.packed)?;
        let (mut bits, mut held) = (0_u128, 0);
        let mut bytes = self.packed.iter();
        let mask = u128::from(u64::MAX >> (u64::BITS - width));
        for _ in 0..count {
            while held < width {
                bits = bits << 8 | u128::from(bytes.next().copied().unwrap_or_default());
                held += 8;
            }
            held -= width;
            self.run.push(u64::try_from(bits >> held & mask).unwrap_or_default().cast_signed());
        }
        Ok(())
    }

    fn number(&mut self) -> Result<i64, ReadError> {
        let value = self.bytes.varint()?;
        Ok(self.plain(value))
    }

    fn plain(&self, value: u64) -> i64 {
        if self.is_signed { unzigzag(value) } else { value.cast_signed() }
    }

    fn big_endian(&mut self, count: usize) -> Result<u64, ReadError> {
        (0..count).try_fold(0, |value, _| Ok(value << 8 | u64::from(self.bytes.byte()?)))
    }
}

/// How many bits a width's code stands for.
fn width(code: u8) -> u32 {
    match code {
        0..=23 => u32::from(code) + 1,
        24 => 26,
        25 => 28,
        26 => 30,
        27 => 32,
        28 => 40,
        29 => 48,
        30 => 56,
        _ => 64,
    }
}

/// The least width that has a code and so many bits.
fn rounded(bits: u32) -> u32 {
    (0..32).map(width).find(|width| *width >= bits).unwrap_or(u64::BITS)
}
