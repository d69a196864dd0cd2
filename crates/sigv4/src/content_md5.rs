//! `Content-MD5` (RFC 1864): an MD5 in base64.

use crate::error::BodyError;

/// The MD5 that a request says its body has. The caller hashes, since the MD5 is needed for an `ETag` anyway.
///
/// # Examples
/// ```
/// use stocktake_sigv4::{BodyError, ContentMd5};
///
/// let empty = [0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0, 0xb2, 4, 0xe9, 0x80, 9, 0x98, 0xec, 0xf8, 0x42, 0x7e];
/// let promised = ContentMd5::parse(b"1B2M2Y8AsgTpgAmY7PhCfg==")?;
/// promised.check(empty)?;
/// assert_eq!(promised.check([0; 16]), Err(BodyError::BadDigest));
/// assert_eq!(ContentMd5::parse(b"d41d8cd98f00b204e9800998ecf8427e"), Err(BodyError::InvalidDigest));
/// # Ok::<(), BodyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentMd5([u8; 16]);

impl ContentMd5 {
    /// Reads the header's value.
    ///
    /// # Errors
    /// [`BodyError::InvalidDigest`] for anything but the base64 of 16 bytes, padded, in the standard alphabet.
    pub fn parse(value: &[u8]) -> Result<Self, BodyError> {
        let digits = value.trim_ascii().strip_suffix(b"==").filter(|digits| digits.len() == 22);
        let (last, digits) = digits.and_then(<[u8]>::split_last).ok_or(BodyError::InvalidDigest)?;
        let mut bits = 0_u128;
        for digit in digits {
            bits = bits << 6 | u128::from(digit_value(*digit).ok_or(BodyError::InvalidDigest)?);
        }
        // 21 digits hold 126 bits; the last one has the other two, and four that belong to no byte and must be zero.
        match digit_value(*last) {
            Some(value) if value.trailing_zeros() >= 4 => {
                Ok(Self((bits << 2 | u128::from(value >> 4)).to_be_bytes()))
            }
            _ => Err(BodyError::InvalidDigest),
        }
    }

    /// Compares it with the MD5 of the body that came.
    ///
    /// # Errors
    /// [`BodyError::BadDigest`] where they differ.
    pub fn check(self, md5: [u8; 16]) -> Result<(), BodyError> {
        if self.0 == md5 { Ok(()) } else { Err(BodyError::BadDigest) }
    }
}

fn digit_value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
