//! Booleans: eight to a byte, the first in the highest bit, and the bytes in runs.

use super::super::ReadError;
use super::super::source::Source;
use super::chunks::Bytes;

/// A stream of booleans.
#[derive(Debug)]
pub(super) struct Bits<S> {
    bytes: Bytes<S>,
    /// Bytes of the run in progress that are not begun.
    left: u16,
    /// Of a run of equal bytes, the byte.
    repeated: Option<u8>,
    /// The byte in progress, and how many of its bits are unread.
    byte: u8,
    unread: u8,
}

impl<S: Source> Bits<S> {
    pub(super) fn new(bytes: Bytes<S>) -> Self {
        Self { bytes, left: 0, repeated: None, byte: 0, unread: 0 }
    }

    pub(super) fn next(&mut self) -> Result<bool, ReadError> {
        if self.unread == 0 {
            self.byte = self.next_byte()?;
            self.unread = 8;
        }
        self.unread -= 1;
        Ok(self.byte >> self.unread & 1 == 1)
    }

    #[cfg(test)]
    pub(super) fn is_at_end(&mut self) -> Result<bool, ReadError> {
        Ok(self.unread == 0 && self.left == 0 && self.bytes.is_at_end()?)
    }

    fn next_byte(&mut self) -> Result<u8, ReadError> {
        if self.left == 0 {
            let header = self.bytes.byte()?;
            if header < 128 {
                self.left = u16::from(header) + 3;
                self.repeated = Some(self.bytes.byte()?);
            } else {
                self.left = 256 - u16::from(header);
                self.repeated = None;
            }
        }
        self.left -= 1;
        match self.repeated {
            Some(byte) => Ok(byte),
            None => self.bytes.byte(),
        }
    }
}
