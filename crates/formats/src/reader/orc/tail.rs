//! What stands at the end of a file: how it is compressed, which columns it has, and where its stripes are.

use std::ops::Range;
use std::sync::Arc;

use super::super::ReadError;
use super::super::source::{Held, Source, read};
use super::chunks::{Bytes, Compression};
use super::proto::Fields;

/// How much of a file's end is fetched first: the whole tail of most files.
const END_BYTES: u64 = 16 << 10;

/// The most bytes of a footer, compressed or not.
///
/// A stripe takes about twenty bytes, a column's name and statistics some hundreds, and writers may add texts.
const FOOTER_BYTES_MAX: usize = 8 << 20;

/// The most bytes of a stripe's footer, compressed or not: a few for every stream of every column.
const STRIPE_FOOTER_BYTES_MAX: usize = 1 << 20;

/// What a postscript ends with.
const MAGIC: &[u8] = b"ORC";

/// The number of the type that rows have.
const STRUCT: u64 = 12;

/// What is known of a file from its tail.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) compression: Compression,
    pub(super) columns: Vec<FileColumn>,
    pub(super) stripes: Vec<Stripe>,
}

/// A column of the file.
#[derive(Clone, Debug)]
pub(super) struct FileColumn {
    pub(super) name: String,
    /// Its number among all columns, nested ones included.
    pub(super) id: u64,
    /// The number of its type.
    pub(super) kind: u64,
}

/// Where a stripe is. Lies within the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Stripe {
    offset: u64,
    index_bytes: u64,
    data_bytes: u64,
    footer_bytes: u64,
    pub(super) rows: u64,
}

/// What a stripe's footer says.
#[derive(Debug, Default)]
pub(super) struct StripeFooter {
    pub(super) streams: Vec<Stream>,
    /// Of every column: the number of its encoding, and how many entries its dictionary has.
    pub(super) encodings: Vec<(u64, u64)>,
    pub(super) time_zone: Option<String>,
}

/// One stream of a stripe.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) kind: u64,
    pub(super) column: u64,
    pub(super) range: Range<u64>,
}

impl Tail {
    pub(super) fn read<S: Source>(source: &Arc<S>) -> Result<Self, ReadError> {
        let size = source.size_bytes();
        let begin = size.saturating_sub(END_BYTES);
        let end = read(&**source, begin, usize::try_from(size - begin).unwrap_or_default())?;
        let no_orc = || ReadError::malformed("this is no ORC file").at_byte(size);
        let (length, rest) = end.split_last().ok_or_else(no_orc)?;
        let length = usize::from(*length);
        let postscript = rest.len().checked_sub(length).and_then(|at| rest.get(at..));
        let postscript = postscript.ok_or_else(no_orc)?;
        let postscript = Postscript::parse(postscript)?.ok_or_else(no_orc)?;
        let compression = Compression::new(postscript.compression, postscript.block)?;

        let footer_end = size - 1 - length as u64;
        let footer = footer_end.checked_sub(postscript.footer_bytes).ok_or_else(|| {
            ReadError::malformed("a footer longer than the file").at_byte(footer_end)
        })?;
        let held = Some((Arc::from(end), begin));
        let range = footer..footer_end;
        let footer = section(source, range.clone(), held, compression, FOOTER_BYTES_MAX)
            .and_then(|bytes| Self::parse(&bytes, compression, range.start));
        footer.map_err(|error| error.at_byte(range.start))
    }

    /// `content_end` is where stripes end at the latest.
    fn parse(footer: &[u8], compression: Compression, content_end: u64) -> Result<Self, ReadError> {
        let (mut stripes, mut types) = (Vec::new(), Vec::new());
        let mut begin = 0;
        for field in Fields::of(footer) {
            match field? {
                (3, stripe) => {
                    let stripe = Stripe::parse(stripe.bytes()?, begin..content_end)?;
                    begin = stripe.footer_range().end;
                    stripes.push(stripe);
                }
                (4, of_type) => types.push(Type::parse(of_type.bytes()?)?),
                (10, _) => return Err(ReadError::unsupported("encryption of columns")),
                _ => {}
            }
        }
        let root = types.first().filter(|root| root.kind == STRUCT);
        let root = root.ok_or(ReadError::malformed("the file's rows are no struct"))?;
        if root.names.len() != root.children.len() {
            return Err(ReadError::malformed("the file has more or fewer names than columns"));
        }
        let column = |(name, id): (&String, &u64)| {
            let kind = usize::try_from(*id).ok().and_then(|at| types.get(at)).map(|of| of.kind);
            let kind = kind.ok_or(ReadError::malformed("a column without a type"))?;
            Ok(FileColumn { name: name.clone(), id: *id, kind })
        };
        let columns =
            root.names.iter().zip(&root.children).map(column).collect::<Result<_, _>>()?;
        Ok(Self { compression, columns, stripes })
    }
}

struct Postscript {
    footer_bytes: u64,
    compression: u64,
    block: u64,
}

impl Postscript {
    /// None without the words that every file ends with.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, ReadError> {
        // The specification's default.
        let mut postscript = Self { footer_bytes: 0, compression: 0, block: 256 << 10 };
        let mut is_orc = false;
        for field in Fields::of(bytes) {
            match field? {
                (1, bytes) => postscript.footer_bytes = bytes.number()?,
                (2, kind) => postscript.compression = kind.number()?,
                (3, block) => postscript.block = block.number()?,
                (8000, magic) => is_orc = magic.bytes()? == MAGIC,
                _ => {}
            }
        }
        Ok(is_orc.then_some(postscript))
    }
}

#[derive(Default)]
struct Type {
    kind: u64,
    children: Vec<u64>,
    names: Vec<String>,
}

impl Type {
    fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut of_type = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, kind) => of_type.kind = kind.number()?,
                (2, children) => children.append_numbers(&mut of_type.children)?,
                (3, name) => {
                    of_type.names.push(String::from_utf8_lossy(name.bytes()?).into_owned());
                }
                _ => {}
            }
        }
        Ok(of_type)
    }
}

impl Stripe {
    /// `within` is what stripes before leave of the file: the same bytes read again and again would never end.
    fn parse(bytes: &[u8], within: Range<u64>) -> Result<Self, ReadError> {
        let mut stripe = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, offset) => stripe.offset = offset.number()?,
                (2, bytes) => stripe.index_bytes = bytes.number()?,
                (3, bytes) => stripe.data_bytes = bytes.number()?,
                (4, bytes) => stripe.footer_bytes = bytes.number()?,
                (5, rows) => stripe.rows = rows.number()?,
                _ => {}
            }
        }
        let end = [stripe.index_bytes, stripe.data_bytes, stripe.footer_bytes]
            .into_iter()
            .try_fold(stripe.offset, u64::checked_add);
        if end.is_none_or(|end| end > within.end) {
            return Err(ReadError::malformed("a stripe longer than the file"));
        }
        if stripe.offset < within.start {
            return Err(ReadError::malformed("a stripe that overlaps the one before"));
        }
        Ok(stripe)
    }

    fn footer_range(&self) -> Range<u64> {
        let begin = self.offset + self.index_bytes + self.data_bytes;
        begin..begin + self.footer_bytes
    }

    pub(super) fn footer<S: Source>(
        &self,
        source: &Arc<S>,
        compression: Compression,
    ) -> Result<StripeFooter, ReadError> {
        let range = self.footer_range();
        let bytes = section(source, range.clone(), None, compression, STRIPE_FOOTER_BYTES_MAX);
        let footer = bytes.and_then(|bytes| self.parse_footer(&bytes));
        footer.map_err(|error| error.at_byte(range.start))
    }

    fn parse_footer(&self, bytes: &[u8]) -> Result<StripeFooter, ReadError> {
        let mut footer = StripeFooter::default();
        let content_end = self.footer_range().start;
        let mut at = self.offset;
        for field in Fields::of(bytes) {
            match field? {
                (1, stream) => {
                    let stream = Stream::parse(stream.bytes()?, at, content_end)?;
                    at = stream.range.end;
                    footer.streams.push(stream);
                }
                (2, encoding) => footer.encodings.push(parse_encoding(encoding.bytes()?)?),
                (3, zone) => {
                    let zone = String::from_utf8_lossy(zone.bytes()?).into_owned();
                    footer.time_zone = Some(zone).filter(|zone| !zone.is_empty());
                }
                (4, _) => return Err(ReadError::unsupported("encryption of columns")),
                _ => {}
            }
        }
        Ok(footer)
    }
}

impl Stream {
    /// Streams follow on each other, from the beginning of the stripe on.
    fn parse(bytes: &[u8], offset: u64, content_end: u64) -> Result<Self, ReadError> {
        let (mut kind, mut column, mut length) = (0, 0, 0);
        for field in Fields::of(bytes) {
            match field? {
                (1, number) => kind = number.number()?,
                (2, number) => column = number.number()?,
                (3, number) => length = number.number()?,
                _ => {}
            }
        }
        let end = offset.checked_add(length).filter(|end| *end <= content_end);
        let end = end.ok_or(ReadError::malformed("a stream longer than its stripe"))?;
        Ok(Self { kind, column, range: offset..end })
    }
}

fn parse_encoding(bytes: &[u8]) -> Result<(u64, u64), ReadError> {
    let mut encoding = (0, 0);
    for field in Fields::of(bytes) {
        match field? {
            (1, kind) => encoding.0 = kind.number()?,
            (2, entries) => encoding.1 = entries.number()?,
            _ => {}
        }
    }
    Ok(encoding)
}

/// All of a short section.
fn section<S: Source>(
    source: &Arc<S>,
    range: Range<u64>,
    held: Held,
    compression: Compression,
    limit: usize,
) -> Result<Vec<u8>, ReadError> {
    let (stored, limit_bytes) = (range.end - range.start, limit as u64);
    if stored > limit_bytes {
        return Err(ReadError::too_large("a footer", stored, limit_bytes));
    }
    let mut bytes = Bytes::new(source, range, held, compression);
    let mut section = Vec::new();
    while !bytes.is_at_end()? {
        bytes.append_chunk(&mut section);
        if section.len() > limit {
            return Err(ReadError::too_large("a footer", section.len() as u64, limit_bytes));
        }
    }
    Ok(section)
}
