//! Messages in the encoding of Protocol Buffers, read field by field. Knows no message by name.

use super::super::ReadError;
use crate::varint;

/// The fields of a message, in the order in which they stand there.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// A floating-point number, of which none is of interest.
    Float,
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = number(&mut self.rest)?;
        let value = match tag & 7 {
            0 => Value::Number(number(&mut self.rest)?),
            1 => self.bytes(8).map(|_| Value::Float)?,
            2 => {
                let length = number(&mut self.rest)?;
                Value::Bytes(self.bytes(usize::try_from(length).ok()?)?)
            }
            5 => self.bytes(4).map(|_| Value::Float)?,
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), ReadError>;

    /// Ends with the first field that makes no sense.
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field.ok_or(ReadError::malformed("a message of the file's tail is cut or damaged")))
    }
}

impl<'a> Value<'a> {
    pub(super) fn number(self) -> Result<u64, ReadError> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(_) | Self::Float => Err(wrong_kind()),
        }
    }

    pub(super) fn bytes(self) -> Result<&'a [u8], ReadError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) | Self::Float => Err(wrong_kind()),
        }
    }

    /// Numbers under one tag, or one number under a tag of its own.
    pub(super) fn append_numbers(self, out: &mut Vec<u64>) -> Result<(), ReadError> {
        let mut rest = match self {
            Self::Number(number) => {
                out.push(number);
                return Ok(());
            }
            Self::Bytes(bytes) => bytes,
            Self::Float => return Err(wrong_kind()),
        };
        while !rest.is_empty() {
            out.push(number(&mut rest).ok_or_else(wrong_kind)?);
        }
        Ok(())
    }
}

fn wrong_kind() -> ReadError {
    ReadError::malformed("a field of the file's tail is of another kind")
}

/// Takes a number off the beginning; none if there is no end to it within 64 bits.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let next = || {
        let (byte, rest) = bytes.split_first().ok_or(())?;
        *bytes = rest;
        Ok::<_, ()>(*byte)
    };
    varint::read(next).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &[u8]) -> Vec<Result<(u64, Value<'_>), String>> {
        Fields::of(message).map(|field| field.map_err(|error| error.to_string())).collect()
    }

    #[test]
    fn every_kind_of_field_is_passed() {
        let message = [
            &[0x08, 0x96, 0x01][..],
            &[0x11, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x22, 2, 0xff, 0xff],
            &[0x2d, 0, 0, 0, 0],
            &[0xf8, 0xff, 0xff, 0xff, 0x0f, 1],
        ]
        .concat();
        assert_eq!(
            fields(&message),
            [
                Ok((1, Value::Number(150))),
                Ok((2, Value::Float)),
                Ok((4, Value::Bytes(&[0xff, 0xff]))),
                Ok((5, Value::Float)),
                Ok((0x1fff_ffff, Value::Number(1))),
            ]
        );
    }

    #[test]
    fn lengths_beyond_the_message_are_refused() {
        for message in [
            &[0x22, 3, 1, 2][..],
            &[0x22, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0x08],
            &[0x08, 0x80],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0x0b],
            &[0x11, 0, 0],
        ] {
            assert!(matches!(fields(message)[..], [Err(_)]), "{message:?}");
        }
    }
}
