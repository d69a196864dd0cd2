//! Takes ORC files apart: the tail as it stands there, and columns from the beginning of a stripe or of any group of
//! rows. The streams themselves are decoded by the reader.

use std::collections::BTreeMap;

use super::*;

/// The fields of a message.
#[derive(Clone, Debug)]
pub(super) struct Fields(Vec<(u64, Value)>);

#[derive(Clone, Debug)]
enum Value {
    Number(u64),
    Bytes(Vec<u8>),
}

/// What stands at the end of a file.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) postscript: Fields,
    pub(super) footer: Fields,
    pub(super) metadata: Fields,
}

/// A stripe, taken apart but not decoded.
#[derive(Debug)]
pub(super) struct Stripe {
    pub(super) rows: usize,
    pub(super) footer: Fields,
    /// By column and kind, compressed.
    pub(super) streams: BTreeMap<(u64, u64), Vec<u8>>,
}

impl Fields {
    fn parse(mut bytes: &[u8]) -> Self {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let tag = varint(&mut bytes);
            let value = match tag & 7 {
                0 => Value::Number(varint(&mut bytes)),
                2 => {
                    let length = usize::try_from(varint(&mut bytes)).expect("a length");
                    let (value, rest) = bytes.split_at(length);
                    bytes = rest;
                    Value::Bytes(value.to_vec())
                }
                other => panic!("a field of type {other}"),
            };
            fields.push((tag >> 3, value));
        }
        Self(fields)
    }

    fn values(&self, field: u64) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |(number, _)| *number == field).map(|(_, value)| value)
    }

    pub(super) fn number(&self, field: u64) -> Option<u64> {
        self.values(field).last().map(|value| match value {
            Value::Number(number) => *number,
            Value::Bytes(_) => panic!("field {field} is no number"),
        })
    }

    pub(super) fn size(&self, field: u64) -> usize {
        self.number(field).map_or(0, |number| usize::try_from(number).expect("a size"))
    }

    pub(super) fn texts(&self, field: u64) -> Vec<String> {
        self.blobs(field).into_iter().map(|blob| String::from_utf8(blob).expect("UTF-8")).collect()
    }

    pub(super) fn messages(&self, field: u64) -> Vec<Self> {
        self.blobs(field).iter().map(|blob| Self::parse(blob)).collect()
    }

    pub(super) fn packed(&self, field: u64) -> Vec<u64> {
        let mut numbers = Vec::new();
        for blob in self.blobs(field) {
            let mut rest = &blob[..];
            while !rest.is_empty() {
                numbers.push(varint(&mut rest));
            }
        }
        numbers
    }

    fn blobs(&self, field: u64) -> Vec<Vec<u8>> {
        let blob = |value: &Value| match value {
            Value::Bytes(bytes) => bytes.clone(),
            Value::Number(_) => panic!("field {field} is a number"),
        };
        self.values(field).map(blob).collect()
    }
}

/// The tail of a file, whose sections have to fill it to the byte.
pub(super) fn tail(file: &[u8]) -> Tail {
    let (length, rest) = file.split_last().expect("a length");
    let (rest, postscript) = rest.split_at(rest.len() - usize::from(*length));
    let postscript = Fields::parse(postscript);
    let (rest, footer) = rest.split_at(rest.len() - postscript.size(1));
    let (body, metadata) = rest.split_at(rest.len() - postscript.size(5));
    let footer = Fields::parse(&inflated(footer));
    assert_eq!(footer.size(2), body.len(), "the length of the content");
    Tail { postscript, footer, metadata: Fields::parse(&inflated(metadata)) }
}

/// The stripes of a file, which have to follow on each other.
pub(super) fn stripes(file: &[u8], tail: &Tail) -> Vec<Stripe> {
    let mut begin = 3;
    let stripe = |information: Fields| {
        assert_eq!(information.size(1), begin);
        let lengths = [2, 3, 4].map(|field| information.size(field));
        let content = lengths[0] + lengths[1];
        let footer = Fields::parse(&inflated(&file[begin + content..][..lengths[2]]));
        let (mut streams, mut at, mut index) = (BTreeMap::new(), begin, 0);
        for stream in footer.messages(1) {
            let (kind, column) = (stream.number(1), stream.number(2));
            let (kind, column) = (kind.expect("a kind"), column.expect("a column"));
            let bytes = &file[at..][..stream.size(3)];
            streams.insert((column, kind), bytes.to_vec());
            at += bytes.len();
            index += if kind == 6 { bytes.len() } else { 0 };
        }
        assert_eq!((index, at), (lengths[0], begin + content), "streams fill the stripe");
        begin = at + lengths[2];
        Stripe { rows: information.size(5), footer, streams }
    };
    tail.footer.messages(3).into_iter().map(stripe).collect()
}

impl Stripe {
    /// The entries of a column's row index.
    pub(super) fn index(&self, column: usize) -> Vec<Fields> {
        Fields::parse(&inflated(&self.streams[&(column as u64, 6)])).messages(1)
    }

    /// The values of a column, from the beginning of the stripe or from the positions that an index gives.
    pub(super) fn cells(
        &self,
        column: usize,
        kind: ColumnType,
        positions: Option<Vec<u64>>,
        rows: usize,
    ) -> Vec<Cell> {
        let encoding = self.footer.messages(2)[column].number(1);
        let from_beginning = positions.is_none();
        let mut positions = positions.unwrap_or_else(|| vec![0; 20]).into_iter();
        let mut next = || usize::try_from(positions.next().expect("a position")).expect("a size");
        let stream = |kind: u64| self.streams.get(&(column as u64, kind)).map(Vec::as_slice);
        let present = stream(0).map(|stream| bits(stream, &mut next));
        let mut present = present.unwrap_or_else(|| vec![true; rows]);
        present.truncate(rows);
        let count = present.iter().filter(|present| **present).count();
        let data = stream(1).expect("a DATA stream");
        let mut values: Vec<Cell> = match kind {
            ColumnType::Boolean => bits(data, &mut next).into_iter().map(Cell::Flag).collect(),
            ColumnType::Int32 | ColumnType::Int64 => {
                numbers(data, true, &mut next).into_iter().map(Cell::Number).collect()
            }
            ColumnType::Timestamp => {
                let seconds = numbers(data, true, &mut next);
                let nanos = numbers(stream(5).expect("a SECONDARY stream"), false, &mut next);
                seconds.into_iter().zip(nanos).map(|(s, n)| Cell::Number(millis(s, n))).collect()
            }
            ColumnType::String if encoding == Some(3) => {
                let lengths = numbers(stream(2).expect("a LENGTH stream"), false, &mut || 0);
                assert_eq!(lengths.len(), self.footer.messages(2)[column].size(2));
                let entries = texts(&inflated(stream(3).expect("a dictionary")), &lengths);
                assert!(entries.is_sorted(), "the order of a dictionary");
                let entry =
                    |number: i64| text(&entries[usize::try_from(number).expect("an index")]);
                numbers(data, false, &mut next).into_iter().map(entry).collect()
            }
            ColumnType::String => {
                let bytes = inflated(&data[next()..]).split_off(next());
                let mut lengths = numbers(stream(2).expect("a LENGTH stream"), false, &mut next);
                lengths.truncate(count);
                texts(&bytes, &lengths).into_iter().map(Cell::Text).collect()
            }
        };
        assert!(from_beginning || positions.next().is_none(), "a position too many");
        values.truncate(count);
        assert_eq!(values.len(), count, "values of column {column}");
        let mut values = values.into_iter();
        let cell = |present| if present { values.next().expect("a value") } else { Cell::Null };
        present.into_iter().map(cell).collect()
    }
}

fn bits(stream: &[u8], next: &mut impl FnMut() -> usize) -> Vec<bool> {
    let bytes = inflated(&stream[next()..]).split_off(next());
    // Runs begin at groups, so that no byte is to be skipped.
    let (bytes_before, bits_before) = (next(), next());
    assert_eq!(bytes_before, 0);
    booleans(&bytes).split_off(bits_before)
}

fn numbers(stream: &[u8], is_signed: bool, next: &mut impl FnMut() -> usize) -> Vec<i64> {
    let bytes = inflated(&stream[next()..]).split_off(next());
    integers(&bytes, is_signed).split_off(next())
}

fn texts(mut bytes: &[u8], lengths: &[i64]) -> Vec<String> {
    let mut text = |length: &i64| {
        let (text, rest) = bytes.split_at(usize::try_from(*length).expect("a length"));
        bytes = rest;
        String::from_utf8(text.to_vec()).expect("UTF-8")
    };
    lengths.iter().map(&mut text).collect()
}

/// As the readers in Java and C++ put the two streams together.
fn millis(seconds: i64, nanos: i64) -> i64 {
    let zeros = u32::try_from(nanos & 7).expect("three bits");
    let nanos = (nanos >> 3) * if zeros == 0 { 1 } else { 10_i64.pow(zeros + 1) };
    let seconds = seconds + 1_420_070_400;
    let borrowed = i64::from(seconds < 0 && nanos > 999_999);
    (seconds - borrowed) * 1000 + nanos / 1_000_000
}

pub(super) fn varint(bytes: &mut &[u8]) -> u64 {
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

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
