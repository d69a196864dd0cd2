//! All that a stream holds, for tests of single streams.

use std::sync::Arc;

use super::chunks::{Bytes, Compression};
use super::integers::{Integers, Version};
use super::runs::Bits;
use crate::ReadError;

fn bytes(stream: &[u8], compression: Compression) -> Bytes<Vec<u8>> {
    let source = Arc::new(stream.to_vec());
    Bytes::new(&source, 0..stream.len() as u64, None, compression)
}

/// What is in a stream's chunks, which have at most 256 KiB each.
pub(crate) fn inflated(stream: &[u8]) -> Vec<u8> {
    let mut bytes = bytes(stream, Compression::Zlib { block: 256 << 10 });
    let mut out = Vec::new();
    while !bytes.is_at_end().expect("a sound stream") {
        bytes.append_chunk(&mut out);
    }
    out
}

/// The integers of a stream that is not compressed, in runs of version 2.
pub(crate) fn integers(stream: &[u8], is_signed: bool) -> Vec<i64> {
    all(stream, Version::Two, is_signed).expect("sound runs")
}

fn all(stream: &[u8], version: Version, is_signed: bool) -> Result<Vec<i64>, ReadError> {
    let mut integers = Integers::new(bytes(stream, Compression::None), version, is_signed);
    let mut numbers = Vec::new();
    while !integers.is_at_end()? {
        numbers.push(integers.next()?);
    }
    Ok(numbers)
}

/// The booleans of a stream that is not compressed, and those that fill the last byte.
pub(crate) fn booleans(stream: &[u8]) -> Vec<bool> {
    let mut bits = Bits::new(bytes(stream, Compression::None));
    let mut flags = Vec::new();
    while !bits.is_at_end().expect("sound runs") {
        flags.push(bits.next().expect("sound runs"));
    }
    flags
}

mod tests {
    use super::*;

    #[test]
    fn runs_of_version_2_are_those_of_the_specification() {
        assert_eq!(integers(&[0x0a, 0x27, 0x10], false), [10_000; 5]);
        let direct = [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
        assert_eq!(integers(&direct, false), [23_713, 43_806, 57_005, 48_879]);
        let deltas = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
        assert_eq!(integers(&deltas, false), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        let patched = [
            0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46,
            0x50, 0x5a, 0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
        ];
        let mut expected: Vec<_> = (0..20).map(|i| 2000 + i * 10).collect();
        expected.splice(0..4, [2030, 2000, 2020, 1_000_000]);
        assert_eq!(integers(&patched, false), expected);
    }

    #[test]
    fn a_base_below_zero_and_a_gap_longer_than_its_field_are_patched() {
        // 300 numbers of one bit above -3, the last of which has a patch, behind a gap of 255 and one of 44.
        let mut patched = vec![0x80 | 1, 0x2b, 0b0000_0000, 0b1110_0010, 0x83];
        patched.extend([0; 38]);
        // Nine bits each, of which eight are the gap: 255 and nothing, 44 and one bit.
        patched.extend([0b1111_1111, 0b0001_0110, 0b0100_0000]);
        let mut expected = vec![-3; 300];
        expected[299] = -3 + 2;
        assert_eq!(integers(&patched, true), expected);
    }

    #[test]
    fn runs_of_version_1_are_those_of_the_specification() {
        let all = |stream: &[u8]| all(stream, Version::One, false).expect("sound runs");
        assert_eq!(all(&[0x61, 0x00, 0x07]), [7; 100]);
        assert_eq!(all(&[0x61, 0xff, 0x64]), (1..=100).rev().collect::<Vec<_>>());
        assert_eq!(all(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b]), [2, 3, 6, 7, 11]);
    }

    #[test]
    fn booleans_are_those_of_the_specification() {
        assert_eq!(booleans(&[0x61, 0x00]), [false; 800]);
        let mut expected = [false; 8];
        expected[0] = true;
        assert_eq!(booleans(&[0xff, 0x80]), expected);
        assert_eq!(booleans(&[0xfe, 0xff, 0x00]).iter().filter(|flag| **flag).count(), 8);
    }

    #[test]
    fn numbers_that_run_over_are_not_the_end_of_the_program() {
        let deltas = [0xc0, 0x03, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02];
        assert_eq!(integers(&deltas, true), [i64::MAX, i64::MIN, i64::MIN + 1, i64::MIN + 2]);
    }

    #[test]
    fn runs_that_are_cut_or_make_no_sense_are_refused() {
        for stream in [
            &[0x0a, 0x27][..],
            &[0x5e],
            &[0x5e, 0x03, 0x5c],
            &[0xc6, 0x09, 0x02],
            // Patches of 64 bits, and a patch beyond the run.
            &[0x80, 0x00, 0x1f, 0x01, 0x00, 0x00],
            &[0x80, 0x00, 0x00, 0xe1, 0x00, 0x00, 0xff, 0xff],
        ] {
            let refused = all(stream, Version::Two, false);
            assert!(matches!(refused, Err(ReadError::Malformed { .. })), "{stream:?} {refused:?}");
        }
    }
}
