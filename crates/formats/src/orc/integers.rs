//! Integers in runs ("RLE version 2"): short repeats, fixed widths, and deltas where numbers go one way.
//!
//! Widths are those that the specification does not call deprecated. Patched runs are not written: they save bits
//! where few numbers are larger than the rest, and most of that the compression behind this saves as well.

use super::chunks::{Chunks, Deflate};
use crate::varint::{self, zigzag};

/// The longest run.
pub(super) const RUN_MAX: usize = 512;

/// Equal numbers that are worth a run of their own in the midst of others.
///
/// Ending a run of others and beginning the next costs up to five bytes.
const REPEAT_WORTHWHILE: usize = 8;

/// The fewest and the most equal numbers of a short repeat.
const SHORT_REPEAT: std::ops::RangeInclusive<usize> = 3..=10;

/// How many bits numbers of a run may have, and how a run's header says so.
const WIDTHS: [Width; 11] = [
    Width { bits: 1, code: 0 },
    Width { bits: 2, code: 1 },
    Width { bits: 4, code: 3 },
    Width { bits: 8, code: 7 },
    Width { bits: 16, code: 15 },
    Width { bits: 24, code: 23 },
    Width { bits: 32, code: 27 },
    Width { bits: 40, code: 28 },
    Width { bits: 48, code: 29 },
    Width { bits: 56, code: 30 },
    WIDEST,
];

const WIDEST: Width = Width { bits: 64, code: 31 };

/// The code that is one bit for numbers means none for deltas.
const DELTA_BITS_MIN: u32 = 2;

const DIRECT: u8 = 1;
const DELTA: u8 = 3;

#[derive(Clone, Copy, Debug)]
struct Width {
    bits: u32,
    code: u8,
}

/// Whether numbers of a stream can be negative, which decides how they are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Signed,
    /// All are 0 or greater.
    Unsigned,
}

/// A stream of integers.
#[derive(Debug)]
pub(super) struct Integers {
    sign: Sign,
    /// Fewer than [`RUN_MAX`].
    waiting: Vec<i64>,
    runs: Vec<u8>,
    chunks: Chunks,
}

/// Numbers that never turn round.
#[derive(Debug)]
struct Slope {
    first: i64,
    width: Option<Width>,
}

impl Integers {
    pub(super) fn new(sign: Sign) -> Self {
        let waiting = Vec::with_capacity(RUN_MAX);
        Self { sign, waiting, runs: Vec::new(), chunks: Chunks::default() }
    }

    pub(super) fn push(&mut self, value: i64, deflate: &mut Deflate) {
        self.waiting.push(value);
        if self.waiting.len() == RUN_MAX {
            self.end_run(deflate);
        }
    }

    /// Says that a group of rows begins here: with a run of its own, so that none of its numbers are to be skipped.
    pub(super) fn mark(&mut self, deflate: &mut Deflate) {
        self.end_run(deflate);
        self.chunks.mark();
    }

    pub(super) fn append_position(&self, group: usize, out: &mut Vec<u64>) {
        self.chunks.append_position(group, out);
        out.push(0);
    }

    pub(super) fn finish(&mut self, deflate: &mut Deflate) {
        self.end_run(deflate);
        self.chunks.finish(deflate);
    }

    /// The stream, for what it is when finished, its size, and beginning anew.
    pub(super) fn chunks(&self) -> &Chunks {
        &self.chunks
    }

    pub(super) fn clear(&mut self) {
        self.chunks.clear();
    }

    fn end_run(&mut self, deflate: &mut Deflate) {
        self.runs.clear();
        append_runs(&mut self.runs, &self.waiting, self.sign);
        self.waiting.clear();
        self.chunks.append(&self.runs, deflate);
    }
}

/// Encodes at most [`RUN_MAX`] numbers.
fn append_runs(out: &mut Vec<u8>, mut values: &[i64], sign: Sign) {
    while let Some(&first) = values.first() {
        let equal = values.iter().take_while(|value| **value == first).count();
        let is_all = equal == values.len() && SHORT_REPEAT.contains(&equal);
        if equal >= REPEAT_WORTHWHILE || is_all {
            append_repeat(out, first, equal, sign);
            values = values.get(equal..).unwrap_or_default();
        } else {
            let (mixed, rest) = values.split_at(mixed_length(values));
            append_mixed(out, mixed, sign);
            values = rest;
        }
    }
}

/// How many values there are before the first repeat that is worth a run. The first value does not begin one.
fn mixed_length(values: &[i64]) -> usize {
    let mut equal = 1;
    for (at, pair) in values.windows(2).enumerate() {
        equal = if matches!(pair, [a, b] if a == b) { equal + 1 } else { 1 };
        if equal == REPEAT_WORTHWHILE {
            return at + 2 - equal;
        }
    }
    values.len()
}

fn append_repeat(out: &mut Vec<u8>, value: i64, count: usize, sign: Sign) {
    if !SHORT_REPEAT.contains(&count) {
        append_header(out, DELTA, 0, count);
        varint::append(out, unsigned(value, sign));
        varint::append(out, 0);
        return;
    }
    let bytes = unsigned(value, sign).to_be_bytes();
    let leading = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
    let stored = bytes.get(leading..).unwrap_or_default();
    out.push(small(stored.len() - 1) << 3 | small(count - SHORT_REPEAT.start()));
    out.extend_from_slice(stored);
}

/// Encodes numbers one by one: as deltas if they never turn round and that is shorter, else as they are.
fn append_mixed(out: &mut Vec<u8>, values: &[i64], sign: Sign) {
    let all_bits = values.iter().fold(0, |bits, value| bits | unsigned(*value, sign));
    let width = width(all_bits, 1);
    let begin = out.len();
    if let (Some(slope), Some(first)) = (Slope::of(values), values.first()) {
        append_header(out, DELTA, slope.width.map_or(0, |width| width.code), values.len());
        varint::append(out, unsigned(*first, sign));
        varint::append(out, zigzag(slope.first));
        if let Some(width) = slope.width {
            append_packed(out, width, deltas(values).skip(1).flatten().map(i64::unsigned_abs));
        }
        if out.len() - begin < 2 + packed_bytes(values.len(), width) {
            return;
        }
        out.truncate(begin);
    }
    append_header(out, DIRECT, width.code, values.len());
    append_packed(out, width, values.iter().map(|value| unsigned(*value, sign)));
}

impl Slope {
    /// `None` where numbers turn round, begin with two equal ones, or are too far apart.
    fn of(values: &[i64]) -> Option<Self> {
        let first = deltas(values).next()??;
        let (mut all_bits, mut is_even) = (0, true);
        for delta in deltas(values) {
            let delta = delta?;
            if delta.signum() * first.signum() < 0 {
                return None;
            }
            all_bits |= delta.unsigned_abs();
            is_even &= delta == first;
        }
        let goes_on = values.len() > 2 && first != 0;
        goes_on.then(|| Self { first, width: (!is_even).then(|| width(all_bits, DELTA_BITS_MIN)) })
    }
}

/// From each number to the next; `None` where the way is longer than the greatest number.
fn deltas(values: &[i64]) -> impl Iterator<Item = Option<i64>> {
    values.windows(2).map(|pair| match pair {
        [a, b] => b.checked_sub(*a).filter(|delta| *delta != i64::MIN),
        _ => None,
    })
}

fn unsigned(value: i64, sign: Sign) -> u64 {
    match sign {
        Sign::Signed => zigzag(value),
        Sign::Unsigned => value.cast_unsigned(),
    }
}

/// The width that holds all of these bits.
fn width(all_bits: u64, bits_min: u32) -> Width {
    let bits = (u64::BITS - all_bits.leading_zeros()).max(bits_min);
    WIDTHS.into_iter().find(|width| width.bits >= bits).unwrap_or(WIDEST)
}

fn append_header(out: &mut Vec<u8>, kind: u8, width_code: u8, count: usize) {
    let [high, low] = u16::try_from(count - 1).unwrap_or_default().to_be_bytes();
    out.extend_from_slice(&[kind << 6 | width_code << 1 | high, low]);
}

/// How many bytes [`append_packed`] appends.
fn packed_bytes(count: usize, width: Width) -> usize {
    (count * width.bits as usize).div_ceil(8)
}

/// Appends numbers of a fixed width, the highest bit first, and zeros up to a whole byte.
fn append_packed(out: &mut Vec<u8>, width: Width, values: impl Iterator<Item = u64>) {
    if width.bits >= 8 {
        let leading = 8 - width.bits as usize / 8;
        for value in values {
            out.extend_from_slice(value.to_be_bytes().get(leading..).unwrap_or_default());
        }
        return;
    }
    let (mut byte, mut free) = (0, 8);
    for value in values {
        let [low, ..] = value.to_le_bytes();
        free -= width.bits;
        byte |= low << free;
        if free == 0 {
            out.push(byte);
            (byte, free) = (0, 8);
        }
    }
    if free < 8 {
        out.push(byte);
    }
}

/// A number below 256.
fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reader::orc::decoded::integers;

    fn encoded(values: &[i64], sign: Sign) -> Vec<u8> {
        let mut out = Vec::new();
        append_runs(&mut out, values, sign);
        out
    }

    #[test]
    fn runs_are_those_of_the_specification() {
        assert_eq!(encoded(&[10_000; 5], Sign::Unsigned), [0x0a, 0x27, 0x10]);
        assert_eq!(
            encoded(&[23_713, 43_806, 57_005, 48_879], Sign::Unsigned),
            [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef]
        );
        assert_eq!(
            encoded(&[2, 3, 5, 7, 11, 13, 17, 19, 23, 29], Sign::Unsigned),
            [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46]
        );
    }

    #[test]
    fn the_shortest_kind_of_run_is_taken() {
        // One width and one way for all, one delta for all, one value for all.
        for (values, bytes) in [
            ((0..512).collect::<Vec<_>>(), 4),
            ((0..512).map(|i| 1_000_000 - i * 3).collect(), 6),
            (vec![7; 512], 4),
            ((0..512).map(|i| i * i).collect(), 2 + 1 + 1 + 510 * 2),
            ((0..512).map(|i| i % 2).collect(), 2 + 64),
        ] {
            assert_eq!(encoded(&values, Sign::Unsigned).len(), bytes);
        }
    }

    #[test]
    fn ways_longer_than_the_greatest_number_are_no_deltas() {
        for values in [[1, 0, i64::MIN, i64::MIN], [i64::MIN, 0, 1, i64::MAX], [2, 1, i64::MIN, -1]]
        {
            assert_eq!(integers(&encoded(&values, Sign::Signed), true), values);
        }
    }

    /// Numbers of all widths, with repeats and slopes.
    fn numbers() -> impl Strategy<Value = Vec<i64>> {
        let piece = prop_oneof![
            (any::<i64>(), 0..64_u32, 1..600_usize).prop_map(|(n, w, count)| vec![n >> w; count]),
            prop::collection::vec((any::<i64>(), 0..64_u32).prop_map(|(n, w)| n >> w), 1..20),
            (any::<i32>(), any::<i32>(), 1..40_i64).prop_map(|(from, step, count)| {
                (0..count).map(|i| i64::from(from) + i64::from(step) * i).collect()
            }),
            prop::collection::vec((any::<i64>(), 0..64_u32).prop_map(|(n, w)| n >> w), 1..20)
                .prop_map(|mut numbers| {
                    numbers.sort_unstable();
                    numbers
                }),
            prop::collection::vec(prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0)], 1..6),
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_number_is_decoded(values in numbers()) {
            for chunk in values.chunks(RUN_MAX) {
                prop_assert_eq!(integers(&encoded(chunk, Sign::Signed), true), chunk);
                let positive: Vec<_> = chunk.iter().map(|value| value & i64::MAX).collect();
                prop_assert_eq!(integers(&encoded(&positive, Sign::Unsigned), false), positive);
            }
        }
    }
}
