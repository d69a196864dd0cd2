//! Streams of ORC, decoded by the letter of the specification and without a thought for speed.

use std::io::Read as _;

use flate2::read::DeflateDecoder;

/// All chunks of a stream, inflated.
pub(crate) fn inflated(mut stream: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !stream.is_empty() {
        let header = stream[0] as usize | (stream[1] as usize) << 8 | (stream[2] as usize) << 16;
        let (stored, rest) = stream[3..].split_at(header / 2);
        let before = bytes.len();
        if header % 2 == 1 {
            bytes.extend_from_slice(stored);
        } else {
            DeflateDecoder::new(stored).read_to_end(&mut bytes).expect("raw deflate");
        }
        assert!((1..=262_144).contains(&(bytes.len() - before)), "the size of a chunk");
        stream = rest;
    }
    bytes
}

pub(crate) fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for place in 0.. {
        let (byte, rest) = bytes.split_first().expect("another byte");
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return value;
        }
    }
    unreachable!("varints end")
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// Bytes in runs.
fn bytes(mut stream: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let [header, rest @ ..] = stream {
        if *header < 128 {
            bytes.extend(std::iter::repeat_n(rest[0], usize::from(*header) + 3));
            stream = &rest[1..];
        } else {
            let (literals, rest) = rest.split_at(256 - usize::from(*header));
            bytes.extend_from_slice(literals);
            stream = rest;
        }
    }
    bytes
}

/// Booleans, and those that fill the last byte; without some bytes and some bits at the beginning.
pub(crate) fn booleans(stream: &[u8], bytes_before: usize, bits_before: usize) -> Vec<bool> {
    let bytes = bytes(stream).split_off(bytes_before);
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    bits.skip(bits_before).collect()
}

/// Integers in runs of version 2.
pub(crate) fn integers(mut stream: &[u8], is_signed: bool) -> Vec<i64> {
    let plain = |value: u64| if is_signed { unzigzag(value) } else { value.cast_signed() };
    let mut values = Vec::new();
    while let [header, rest @ ..] = stream {
        stream = rest;
        if header >> 6 == 0 {
            let width = usize::from(header >> 3 & 7) + 1;
            let value = packed(&mut stream, width * 8, 1)[0];
            values.extend(std::iter::repeat_n(plain(value), usize::from(header & 7) + 3));
            continue;
        }
        let count = (usize::from(header & 1) << 8 | usize::from(stream[0])) + 1;
        stream = &stream[1..];
        let code = usize::from(header >> 1 & 31);
        match header >> 6 {
            1 => values.extend(packed(&mut stream, width(code), count).into_iter().map(plain)),
            3 => {
                let mut value = plain(varint(&mut stream));
                let first = unzigzag(varint(&mut stream));
                values.push(value);
                if code == 0 {
                    for _ in 1..count {
                        value += first;
                        values.push(value);
                    }
                    continue;
                }
                value += first;
                values.push(value);
                for delta in packed(&mut stream, width(code), count - 2) {
                    let delta = i64::try_from(delta).expect("a delta");
                    value += if first < 0 { -delta } else { delta };
                    values.push(value);
                }
            }
            other => panic!("a run of kind {other}"),
        }
    }
    values
}

fn width(code: usize) -> usize {
    match code {
        0..=23 => code + 1,
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

/// Numbers of so many bits.
fn packed(stream: &mut &[u8], width: usize, count: usize) -> Vec<u64> {
    let (bytes, rest) = stream.split_at((width * count).div_ceil(8));
    *stream = rest;
    let bit = |at: usize| u64::from(bytes[at / 8] >> (7 - at % 8) & 1);
    let number =
        |i: usize| (i * width..(i + 1) * width).fold(0, |number, at| number << 1 | bit(at));
    assert!((width * count..bytes.len() * 8).all(|at| bit(at) == 0), "zeros at the end");
    (0..count).map(number).collect()
}
