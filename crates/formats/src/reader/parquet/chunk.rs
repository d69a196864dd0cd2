//! One column of a row group, value by value, one page in memory at a time.

use std::ops::Range;
use std::sync::Arc;

use super::super::ReadError;
use super::super::batch::ColumnBuilder;
use super::super::source::{Held, Part, Source};
use super::deltas::{DeltaTexts, Deltas};
use super::hybrid::Hybrid;
use super::page::{Codec, Dictionary, cut, inflate_into, over_budget, text_at, unsnap_into};
use super::thrift::{DATA_V2, PageHeader};
use super::values::Kind;

/// The most bytes of a page, and of a dictionary.
///
/// Most writers aim at 1 MiB; one that is known makes a page of 122,880 rows.
const PAGE_BYTES_MAX: usize = 32 << 20;

/// The most bytes of a page header, which may have a text of 64 KiB as the least and one as the greatest.
const HEADER_BYTES_MAX: usize = 256 << 10;

/// How much of a chunk is fetched at once.
const WINDOW_BYTES: usize = 256 << 10;

/// Kinds of pages and encodings, by their numbers.
const DATA: u64 = 0;
const DICTIONARY: u64 = 2;
const PLAIN: u64 = 0;
const PLAIN_DICTIONARY: u64 = 2;
const RLE: u64 = 3;
const DELTA_BINARY_PACKED: u64 = 5;
const DELTA_LENGTH_BYTE_ARRAY: u64 = 6;
const DELTA_BYTE_ARRAY: u64 = 7;
const RLE_DICTIONARY: u64 = 8;

/// Decodes the values of one column.
#[derive(Debug)]
pub(super) struct ChunkDecoder<S> {
    part: Part<S>,
    kind: Kind,
    codec: Codec,
    /// Whether the column may have nulls.
    is_optional: bool,
    dictionary: Option<Dictionary>,
    page: Vec<u8>,
    /// Values of the page that are left, nulls included.
    left: u64,
    levels: Option<Hybrid>,
    values: Values,
}

/// How the values of a page are stored, and where the next one is.
#[derive(Debug)]
enum Values {
    Plain { at: usize },
    Bits { at: usize },
    Flags(Hybrid),
    References(Hybrid),
    Deltas(Deltas),
    DeltaTexts(DeltaTexts),
}

impl<S: Source> ChunkDecoder<S> {
    /// The range has to be within the file.
    pub(super) fn new(
        source: &Arc<S>,
        range: Range<u64>,
        held: Held,
        kind: Kind,
        codec: Codec,
        is_optional: bool,
    ) -> Self {
        Self {
            part: Part::new(source, range, WINDOW_BYTES).with_held(held),
            kind,
            codec,
            is_optional,
            dictionary: None,
            page: Vec::new(),
            left: 0,
            levels: None,
            values: Values::Plain { at: 0 },
        }
    }

    /// Appends the values of the next rows; an error comes with how many rows it is after.
    ///
    /// `budget` is what all columns' pages may take, less what they do; this column's share of it changes.
    pub(super) fn append(
        &mut self,
        rows: usize,
        budget: &mut usize,
        out: &mut ColumnBuilder,
    ) -> Result<(), (usize, ReadError)> {
        (0..rows).try_for_each(|row| self.append_one(budget, out).map_err(|error| (row, error)))
    }

    fn append_one(&mut self, budget: &mut usize, out: &mut ColumnBuilder) -> Result<(), ReadError> {
        while self.left == 0 {
            let position = self.part.position();
            self.next_page(budget).map_err(|error| error.at_byte(position))?;
        }
        self.left -= 1;
        if let Some(levels) = &mut self.levels
            && levels.next(&self.page)? == 0
        {
            return out.null();
        }
        match &mut self.values {
            Values::Plain { at } => {
                let value = match self.kind.width() {
                    Some(width) => *at..at.saturating_add(width),
                    None => text_at(&self.page, *at).ok_or_else(cut)?,
                };
                *at = value.end;
                self.kind.append(self.page.get(value).ok_or_else(cut)?, out)
            }
            Values::Bits { at } => {
                let byte = self.page.get(*at / 8).ok_or_else(cut)?;
                let flag = byte >> (*at % 8) & 1 == 1;
                *at += 1;
                out.flag(flag)
            }
            Values::Flags(flags) => out.flag(flags.next(&self.page)? == 1),
            Values::References(references) => {
                let reference = references.next(&self.page)?;
                let dictionary = self.dictionary.as_ref();
                let value = dictionary.and_then(|entries| entries.value(reference, self.kind));
                self.kind.append(value.ok_or_else(|| no_entry(reference))?, out)
            }
            Values::Deltas(deltas) => self.kind.append_number(deltas.next(&self.page)?, out),
            Values::DeltaTexts(texts) => out.text(texts.next(&self.page)?),
        }
    }

    fn next_page(&mut self, budget: &mut usize) -> Result<(), ReadError> {
        if self.part.remaining() == 0 {
            return Err(ReadError::malformed("a column ends before its row group's rows do"));
        }
        let header = self.header()?;
        let sizes = [header.plain_bytes, header.stored_bytes];
        if let Some(size) = sizes.into_iter().find(|size| *size > PAGE_BYTES_MAX) {
            return Err(ReadError::too_large("a page", size as u64, PAGE_BYTES_MAX as u64));
        }
        if header.stored_bytes as u64 > self.part.remaining() {
            return Err(ReadError::malformed("a page longer than its column"));
        }
        match header.kind {
            DATA | DATA_V2 => {
                *budget += self.page.len();
                self.page = Vec::new();
                self.page = self.body(&header, budget)?;
                self.begin_data(&header)
            }
            DICTIONARY if self.dictionary.is_some() => {
                Err(ReadError::malformed("a column with two dictionaries"))
            }
            DICTIONARY => {
                if !matches!(header.encoding, PLAIN | PLAIN_DICTIONARY) {
                    return Err(encoding(header.encoding));
                }
                let page = self.body(&header, budget)?;
                self.dictionary = Some(Dictionary::new(page, header.values, self.kind, budget)?);
                Ok(())
            }
            // An index, or a kind that is yet to be invented.
            _ => {
                let mut left = header.stored_bytes;
                while left > 0 {
                    let at_hand = self.part.peek(1)?.len().min(left);
                    self.part.take(at_hand);
                    left -= at_hand;
                }
                Ok(())
            }
        }
    }

    fn header(&mut self) -> Result<PageHeader, ReadError> {
        let mut least = 64;
        loop {
            let bytes = self.part.peek(least)?;
            let at_hand = bytes.len();
            if let Some((header, length)) = PageHeader::parse(bytes)? {
                self.part.take(length);
                return Ok(header);
            }
            if at_hand as u64 >= self.part.remaining() {
                return Err(ReadError::malformed("half a page header"));
            }
            if at_hand >= HEADER_BYTES_MAX {
                let limit = HEADER_BYTES_MAX as u64;
                return Err(ReadError::too_large("a page header", at_hand as u64, limit));
            }
            least = at_hand * 2;
        }
    }

    /// The page as it was before compression.
    fn body(&mut self, header: &PageHeader, budget: &mut usize) -> Result<Vec<u8>, ReadError> {
        *budget = budget.checked_sub(header.plain_bytes).ok_or_else(over_budget)?;
        let stored = self.part.peek(header.stored_bytes)?;
        let stored = stored.get(..header.stored_bytes).unwrap_or_default();
        // Levels of version 2 stand before what is compressed.
        let levels = header.definition_bytes.saturating_add(header.repetition_bytes);
        let (levels, values) = stored
            .split_at_checked(levels)
            .ok_or(ReadError::malformed("a page with more levels than bytes"))?;
        let mut page = levels.to_vec();
        match self.codec {
            Codec::Snappy if !header.is_stored_plain => {
                unsnap_into(&mut page, values, header.plain_bytes)?;
            }
            Codec::Gzip if !header.is_stored_plain => {
                inflate_into(&mut page, values, header.plain_bytes)?;
            }
            _ => page.extend_from_slice(values),
        }
        if page.len() != header.plain_bytes {
            return Err(ReadError::malformed("a page of another length than it says"));
        }
        self.part.take(header.stored_bytes);
        Ok(page)
    }

    fn begin_data(&mut self, header: &PageHeader) -> Result<(), ReadError> {
        let mut from = 0;
        self.levels = None;
        if header.kind == DATA_V2 {
            let levels = header.repetition_bytes..header.repetition_bytes + header.definition_bytes;
            from = levels.end;
            self.levels = self.is_optional.then(|| Hybrid::new(1, levels)).transpose()?;
        } else if self.is_optional {
            if header.level_encoding != RLE {
                return Err(encoding(header.level_encoding));
            }
            let levels = text_at(&self.page, 0).filter(|levels| levels.end <= self.page.len());
            let levels = levels.ok_or_else(cut)?;
            from = levels.end;
            self.levels = Some(Hybrid::new(1, levels)?);
        }
        let end = self.page.len();
        self.values = match (header.encoding, self.kind) {
            (PLAIN, Kind::Flag) => Values::Bits { at: from * 8 },
            (PLAIN, _) => Values::Plain { at: from },
            (RLE, Kind::Flag) => {
                let runs = text_at(&self.page, from).filter(|runs| runs.end <= end);
                Values::Flags(Hybrid::new(1, runs.ok_or_else(cut)?)?)
            }
            (PLAIN_DICTIONARY | RLE_DICTIONARY, _) => {
                // A page of nothing but nulls need not have a width.
                let width = self.page.get(from).copied().unwrap_or_default();
                let from = end.min(from + 1);
                Values::References(Hybrid::new(width.into(), from..end)?)
            }
            (DELTA_BINARY_PACKED, Kind::Int32 | Kind::Int64 | Kind::Time { .. }) => {
                Values::Deltas(Deltas::new(&self.page, from)?)
            }
            (DELTA_LENGTH_BYTE_ARRAY, Kind::Text) => {
                Values::DeltaTexts(DeltaTexts::whole(&self.page, from)?)
            }
            (DELTA_BYTE_ARRAY, Kind::Text) => {
                Values::DeltaTexts(DeltaTexts::shared(&self.page, from)?)
            }
            (other, _) => return Err(encoding(other)),
        };
        self.left = header.values;
        Ok(())
    }
}

fn no_entry(reference: u32) -> ReadError {
    ReadError::malformed(format!("entry {reference}, which the dictionary lacks"))
}

fn encoding(number: u64) -> ReadError {
    let name = match number {
        4 => "BIT_PACKED",
        5 => "DELTA_BINARY_PACKED",
        6 => "DELTA_LENGTH_BYTE_ARRAY",
        7 => "DELTA_BYTE_ARRAY",
        9 => "BYTE_STREAM_SPLIT",
        _ => return ReadError::unsupported(format!("encoding number {number} here")),
    };
    ReadError::unsupported(format!("the encoding {name}"))
}

#[cfg(test)]
mod tests;
