//! Reads ORC files of flat rows, whoever wrote them, stripe by stripe.
//!
//! What is read is described by the [specification](https://orc.apache.org/specification/ORCv1/). Columns that are not
//! asked for may have any type, and are neither fetched nor decoded. In memory are the file's footer, of each stream of
//! a stripe a window and one chunk, and the stripe's dictionaries.

mod chunks;
mod column;
#[cfg(test)]
pub(crate) mod decoded;
mod integers;
mod proto;
mod runs;
mod tail;
mod texts;

use std::sync::Arc;

use stocktake_core::column::{Column, ColumnType};

use self::chunks::Bytes;
use self::column::{ColumnDecoder, TIMESTAMP, Values};
use self::integers::{Integers, Version};
use self::runs::Bits;
use self::tail::{FileColumn, Stripe, StripeFooter, Tail};
use self::texts::{DICTIONARIES_BYTES_MAX, Dictionary, Texts};
use super::batch::{Batch, Batches};
use super::source::{Held, Source, hold};
use super::{FileSchema, Place, ReadError};
use crate::BATCH_ROWS;

/// Kinds of streams, by their numbers.
const PRESENT: u64 = 0;
const DATA: u64 = 1;
const LENGTH: u64 = 2;
const DICTIONARY_DATA: u64 = 3;
const SECONDARY: u64 = 5;

/// What stripes say of the time zone whose clock their times show, if it is the one that reports are in.
const UTC: &[&str] = &["UTC", "GMT", "Etc/UTC", "Etc/GMT", "Etc/UCT", "UCT", "Zulu", "Z"];

/// Reads batches of an ORC file.
#[derive(Debug)]
pub(super) struct OrcReader<S> {
    source: Arc<S>,
    tail: Tail,
    wanted: Vec<FileColumn>,
    batches: Batches,
    next_stripe: usize,
    open: Option<OpenStripe<S>>,
}

#[derive(Debug)]
struct OpenStripe<S> {
    number: Option<u32>,
    rows_left: u64,
    columns: Vec<ColumnDecoder<S>>,
}

impl<S: Source> OrcReader<S> {
    pub(super) fn open(
        schema: &FileSchema,
        columns: &[&'static Column],
        source: S,
    ) -> Result<Self, ReadError> {
        let source = Arc::new(source);
        let tail = Tail::read(&source)?;
        let names: Vec<_> = tail.columns.iter().map(|column| column.name.as_str()).collect();
        let find = |column: &&'static Column| {
            let at = schema.place_in(&names, column)?;
            let of_file = tail.columns.get(at);
            let of_file = of_file.ok_or(ReadError::MissingColumn { column: column.name })?;
            let (expected, name) = (column.kind, column.name);
            column::fits(expected, of_file.kind).map_err(|found| ReadError::WrongType {
                column: name,
                expected,
                found: found.into(),
            })?;
            Ok(of_file.clone())
        };
        let wanted = columns.iter().map(find).collect::<Result<_, ReadError>>()?;
        Ok(Self {
            source,
            tail,
            wanted,
            batches: Batches::new(columns),
            next_stripe: 0,
            open: None,
        })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let open = loop {
            match &mut self.open {
                Some(open) if open.rows_left > 0 => break open,
                _ => {
                    let Some(stripe) = self.tail.stripes.get(self.next_stripe) else {
                        return Ok(None);
                    };
                    let number = u32::try_from(self.next_stripe).ok();
                    let columns = self
                        .open_stripe(stripe)
                        .map_err(|error| error.at(&Place { stripe: number, ..Place::default() }))?;
                    self.open = Some(OpenStripe { number, rows_left: stripe.rows, columns });
                    self.next_stripe += 1;
                }
            }
        };
        let rows = usize::try_from(open.rows_left).unwrap_or(usize::MAX).min(BATCH_ROWS);
        let columns = &mut open.columns;
        let batch = self.batches.fill(open.number, |at, builder| {
            columns.get_mut(at).map_or(Ok(()), |decoder| decoder.append(rows, builder))
        })?;
        open.rows_left -= rows as u64;
        Ok(Some(batch))
    }

    fn open_stripe(&self, stripe: &Stripe) -> Result<Vec<ColumnDecoder<S>>, ReadError> {
        let footer = stripe.footer(&self.source, self.tail.compression)?;
        let held = self.hold(&footer)?;
        let mut budget = DICTIONARIES_BYTES_MAX;
        let mut columns = Vec::new();
        for (of_file, column) in self.wanted.iter().zip(self.batches.columns()) {
            let streams = Streams { reader: self, footer: &footer, held: &held, of_file };
            let decoder = streams.decoder(column.kind, &mut budget);
            columns.push(decoder.map_err(|error| error.in_column(column.name))?);
        }
        Ok(columns)
    }

    /// Fetches all that is wanted of a stripe, if it is little enough.
    fn hold(&self, footer: &StripeFooter) -> Result<Held, ReadError> {
        let is_wanted = |column: u64| self.wanted.iter().any(|wanted| wanted.id == column);
        let of_rows = |kind: u64| matches!(kind, PRESENT..=DICTIONARY_DATA | SECONDARY);
        let streams = footer.streams.iter().filter(|s| is_wanted(s.column) && of_rows(s.kind));
        hold(&*self.source, streams.map(|stream| stream.range.clone()))
    }
}

/// The streams of one column of a stripe.
struct Streams<'a, S> {
    reader: &'a OrcReader<S>,
    footer: &'a StripeFooter,
    held: &'a Held,
    of_file: &'a FileColumn,
}

impl<S: Source> Streams<'_, S> {
    fn decoder(&self, kind: ColumnType, budget: &mut usize) -> Result<ColumnDecoder<S>, ReadError> {
        let at = usize::try_from(self.of_file.id).unwrap_or(usize::MAX);
        let (encoding, entries) = self.footer.encodings.get(at).copied().unwrap_or_default();
        let (version, is_dictionary) = match encoding {
            0 => (Version::One, false),
            1 => (Version::One, true),
            2 => (Version::Two, false),
            3 => (Version::Two, true),
            _ => return Err(ReadError::unsupported(format!("encoding number {encoding}"))),
        };
        if is_dictionary && kind != ColumnType::String {
            return Err(ReadError::malformed("a dictionary of something else than texts"));
        }
        let signed = |kind| Integers::new(self.bytes(kind), version, true);
        let unsigned = |kind| Integers::new(self.bytes(kind), version, false);
        let values = match kind {
            ColumnType::Boolean => Values::Flags(Bits::new(self.bytes(DATA))),
            ColumnType::Int32 | ColumnType::Int64 => Values::Integers(signed(DATA)),
            ColumnType::Timestamp => {
                self.check_time_zone()?;
                Values::Times { seconds: signed(DATA), nanos: unsigned(SECONDARY) }
            }
            ColumnType::String if is_dictionary => {
                let (mut data, mut lengths) = (self.bytes(DICTIONARY_DATA), unsigned(LENGTH));
                let dictionary = Dictionary::read(entries, &mut data, &mut lengths, budget)?;
                Values::Texts(Texts::of_dictionary(dictionary, unsigned(DATA)))
            }
            ColumnType::String => Values::Texts(Texts::direct(self.bytes(DATA), unsigned(LENGTH))),
        };
        let present = self.stream(PRESENT).map(|_| Bits::new(self.bytes(PRESENT)));
        Ok(ColumnDecoder { present, values })
    }

    /// Times are what the writer's clock showed; only where that was UTC's are they known without a time zone table.
    fn check_time_zone(&self) -> Result<(), ReadError> {
        if self.of_file.kind != TIMESTAMP {
            return Ok(());
        }
        match &self.footer.time_zone {
            Some(zone) if UTC.contains(&zone.as_str()) => Ok(()),
            Some(zone) => Err(ReadError::unsupported(format!("the time zone `{zone}` of times"))),
            None => Err(ReadError::unsupported("a stripe that does not name its time zone")),
        }
    }

    /// The bytes of a stream; none where there is no such stream, as where all values are null.
    fn bytes(&self, kind: u64) -> Bytes<S> {
        let range = self.stream(kind).unwrap_or_default();
        let compression = self.reader.tail.compression;
        Bytes::new(&self.reader.source, range, self.held.clone(), compression)
    }

    fn stream(&self, kind: u64) -> Option<std::ops::Range<u64>> {
        let mut streams = self.footer.streams.iter();
        let stream = streams.find(|s| (s.column, s.kind) == (self.of_file.id, kind));
        stream.map(|stream| stream.range.clone())
    }
}
