//! Page headers, in Thrift's compact protocol.
//!
//! The file's own metadata is read by the `parquet` crate. Page headers are not: what they say of sizes has to be known
//! before anything is allocated for a page.

use super::super::ReadError;
use crate::varint::{self, unzigzag};

/// How deep structures may be nested; page headers have statistics inside data page headers, and no more.
const DEPTH_MAX: u8 = 8;

/// What a page header says, as far as it is of interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// 0 for data, 1 for an index, 2 for a dictionary, 3 for data of version 2.
    pub(super) kind: u64,
    pub(super) plain_bytes: usize,
    pub(super) stored_bytes: usize,
    /// How many values or dictionary entries there are.
    pub(super) values: u64,
    pub(super) encoding: u64,
    pub(super) level_encoding: u64,
    /// Of version 2 alone: how many bytes of levels stand before the values, uncompressed.
    pub(super) definition_bytes: usize,
    pub(super) repetition_bytes: usize,
    pub(super) is_stored_plain: bool,
}

/// The number of a data page of version 2.
pub(super) const DATA_V2: u64 = 3;

/// What is left of a structure.
struct Compact<'a> {
    rest: &'a [u8],
}

/// A field's value, if it is short.
#[derive(Clone, Copy)]
enum Field {
    Flag(bool),
    Number(i64),
    Struct,
    Other,
}

/// Why a structure could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// There is more of it to come.
    Cut,
    /// More would not help.
    Nonsense,
}

impl PageHeader {
    /// Reads a header off the beginning, and answers its length; none where there is more of it to come.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ReadError> {
        let mut compact = Compact { rest: bytes };
        match Self::read(&mut compact) {
            Ok(header) => Ok(Some((header, bytes.len() - compact.rest.len()))),
            Err(Stop::Cut) => Ok(None),
            Err(Stop::Nonsense) => Err(ReadError::malformed("a page header that makes no sense")),
        }
    }

    fn read(compact: &mut Compact<'_>) -> Result<Self, Stop> {
        let mut header = Self::default();
        let (mut kind, mut plain, mut stored) = (None, None, None);
        let mut id = 0;
        while let Some(field) = compact.field(&mut id, DEPTH_MAX)? {
            match (id, field) {
                (1, Field::Number(number)) => kind = u64::try_from(number).ok(),
                (2, Field::Number(number)) => plain = usize::try_from(number).ok(),
                (3, Field::Number(number)) => stored = usize::try_from(number).ok(),
                (5 | 7 | 8, Field::Struct) => header.read_kind(id, compact)?,
                (_, Field::Struct) => compact.skip_struct(DEPTH_MAX)?,
                _ => {}
            }
        }
        header.kind = kind.ok_or(Stop::Nonsense)?;
        header.plain_bytes = plain.ok_or(Stop::Nonsense)?;
        header.stored_bytes = stored.ok_or(Stop::Nonsense)?;
        Ok(header)
    }

    /// Reads what the header says of pages of one kind, by the number of the field.
    fn read_kind(&mut self, kind: i64, compact: &mut Compact<'_>) -> Result<(), Stop> {
        const DATA: i64 = 5;
        const VERSION_2: i64 = 8;
        let mut id = 0;
        while let Some(field) = compact.field(&mut id, DEPTH_MAX)? {
            let number = match field {
                Field::Number(number) => u64::try_from(number).map_err(|_| Stop::Nonsense)?,
                Field::Flag(flag) => {
                    self.is_stored_plain |= (kind, id) == (VERSION_2, 7) && !flag;
                    continue;
                }
                Field::Struct => {
                    compact.skip_struct(DEPTH_MAX)?;
                    continue;
                }
                Field::Other => continue,
            };
            let size = usize::try_from(number).map_err(|_| Stop::Nonsense)?;
            match (kind, id) {
                (_, 1) => self.values = number,
                (VERSION_2, 4) => self.encoding = number,
                (VERSION_2, 5) => self.definition_bytes = size,
                (VERSION_2, 6) => self.repetition_bytes = size,
                (VERSION_2, _) => {}
                (_, 2) => self.encoding = number,
                (DATA, 3) => self.level_encoding = number,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Compact<'_> {
    /// The next field; its id is the last one's and some more. What is in a structure is still to be read.
    fn field(&mut self, id: &mut i64, depth: u8) -> Result<Option<Field>, Stop> {
        let header = self.byte()?;
        if header == 0 {
            return Ok(None);
        }
        *id = match i64::from(header >> 4) {
            0 => self.number()?,
            more => id.wrapping_add(more),
        };
        self.value(header & 15, depth).map(Some)
    }

    fn value(&mut self, of_type: u8, depth: u8) -> Result<Field, Stop> {
        let field = match of_type {
            1 => Field::Flag(true),
            2 => Field::Flag(false),
            4..=6 => Field::Number(self.number()?),
            12 if depth > 0 => Field::Struct,
            _ => {
                match of_type {
                    3 => self.bytes(1)?,
                    7 => self.bytes(8)?,
                    8 => {
                        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                        self.bytes(length)?;
                    }
                    9 | 10 if depth > 0 => self.skip_list(depth - 1)?,
                    _ => return Err(Stop::Nonsense),
                }
                Field::Other
            }
        };
        Ok(field)
    }

    fn skip_list(&mut self, depth: u8) -> Result<(), Stop> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => self.varint()?,
            count => count.into(),
        };
        for _ in 0..count {
            match self.value(header & 15, depth)? {
                // In a list, each boolean has a byte.
                Field::Flag(_) => self.bytes(1)?,
                Field::Struct => self.skip_struct(depth)?,
                Field::Number(_) | Field::Other => {}
            }
        }
        Ok(())
    }

    /// `depth` is above 0: [`Compact::value`] answers no structure otherwise.
    fn skip_struct(&mut self, depth: u8) -> Result<(), Stop> {
        let mut id = 0;
        while let Some(field) = self.field(&mut id, depth - 1)? {
            if matches!(field, Field::Struct) {
                self.skip_struct(depth - 1)?;
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<i64, Stop> {
        self.varint().map(unzigzag)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        varint::read(|| self.byte())?.ok_or(Stop::Nonsense)
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let (byte, rest) = self.rest.split_first().ok_or(Stop::Cut)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn bytes(&mut self, count: usize) -> Result<(), Stop> {
        self.rest = self.rest.get(count..).ok_or(Stop::Cut)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 7 values with statistics, a list and a field that is yet to be invented.
    const HEADER: &[u8] = &[
        0x15, 0x00, 0x15, 0x80, 0x04, 0x15, 0xc8, 0x01, 0x2c, 0x15, 0x0e, 0x15, 0x10, 0x15, 0x06,
        0x15, 0x06, 0x1c, 0x18, 0x01, b'z', 0x18, 0x01, b'a', 0x00, 0x00, 0x49, 0x25, 2, 4, 0x1c,
        0x1c, 0x11, 0x00, 0x00, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0x00,
    ];

    #[test]
    fn a_header_ends_where_it_ends() {
        let (header, length) = PageHeader::parse(&[HEADER, b"page"].concat())
            .expect("a header")
            .expect("a whole header");
        let expected = PageHeader {
            plain_bytes: 256,
            stored_bytes: 100,
            values: 7,
            encoding: 8,
            level_encoding: 3,
            ..PageHeader::default()
        };
        assert_eq!((header, length), (expected, HEADER.len()));
        for end in 0..HEADER.len() {
            assert_eq!(PageHeader::parse(&HEADER[..end]).expect("its beginning"), None, "{end}");
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for bytes in [
            &[0][..],
            &[0x15, 0x01, 0x15, 0x00, 0x15, 0x00, 0x00],
            &[0x15, 0x00, 0x15, 0x00, 0x15, 0x03, 0x00],
            &[0x1d],
            &[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x1c; 40],
            &[[0x19].as_slice(), &[0x19; 40]].concat(),
        ] {
            assert!(PageHeader::parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
