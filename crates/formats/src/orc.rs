//! ORC files as S3 inventories have them: format version 0.12, zlib, row indexes, times in UTC, no user metadata.
//!
//! What is written is described by the [specification](https://orc.apache.org/specification/ORCv1/). A file is a row of
//! stripes and a tail that describes them. A stripe has a row index, streams and a footer, and is written when it is
//! complete. Every encoding is chosen by the values alone.

mod bits;
mod chunks;
mod column;
mod integers;
mod proto;
mod statistics;
mod texts;

use std::io::Write;

use arrow_array::RecordBatch;
use stocktake_core::column::ColumnType;

use self::chunks::{CHUNK_BYTES, Deflate};
use self::column::{ColumnEncoder, StreamKind};
use self::proto::Message;
use self::statistics::Statistics;
use crate::{Error, Schema};

/// What a file begins with, and its postscript ends with.
const MAGIC: &[u8] = b"ORC";

/// How many rows of a stripe are indexed as one.
const GROUP_ROWS: usize = 10_000;

/// A stripe ends with the batch that makes it this large.
///
/// The stripe in progress is in memory until it ends, and this is what bounds it: keys of 1 KiB fill a stripe with some
/// 8,000 rows.
const STRIPE_BYTES: usize = 8 << 20;

/// A stripe ends with the batch that gives it this many rows; as many as a row group of our Parquet files.
const STRIPE_ROWS: usize = 128 << 10;

/// The zone whose clock timestamps show.
const TIME_ZONE: &[u8] = b"UTC";

/// The format's version, which says which readers can read the file.
const FORMAT_VERSION: [u64; 2] = [0, 12];

/// Which software wrote the file: none that has a number of its own.
///
/// Readers have workarounds for old versions of the numbered ones (0 to 5 so far), and take other numbers as unknown.
const WRITER: u64 = 83;

/// Since which correction the writer is correct: the last that concerns all writers, statistics of times in UTC.
const WRITER_VERSION: u64 = 6;

/// The number of zlib among the ways of compression.
const ZLIB: u64 = 1;

/// The number of the type of rows.
const STRUCT: u64 = 12;

/// The calendar that goes on before 1582 as it does today.
const PROLEPTIC_GREGORIAN: u64 = 2;

/// Writes batches as ORC.
#[derive(Debug)]
pub(crate) struct OrcEncoder<W> {
    sink: W,
    schema: Schema,
    deflate: Deflate,
    columns: Vec<ColumnEncoder>,
    stripe_rows: usize,
    rows: u64,
    /// How many bytes the sink has.
    written: u64,
    /// `StripeInformation` and `StripeStatistics` of finished stripes: a few hundred bytes for each, in all.
    stripes: Vec<Message>,
    statistics: Vec<Message>,
}

impl<W: Write> OrcEncoder<W> {
    pub(crate) fn new(schema: &Schema, mut sink: W) -> Result<Self, Error> {
        sink.write_all(MAGIC)?;
        Ok(Self {
            sink,
            schema: schema.clone(),
            deflate: Deflate::new(),
            columns: schema
                .columns()
                .iter()
                .map(|column| ColumnEncoder::new(column.kind))
                .collect(),
            stripe_rows: 0,
            rows: 0,
            written: MAGIC.len() as u64,
            stripes: Vec::new(),
            statistics: Vec::new(),
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let mut from = 0;
        while from < batch.num_rows() {
            let group_rows = self.stripe_rows % GROUP_ROWS;
            let rows = (batch.num_rows() - from).min(GROUP_ROWS - group_rows);
            for (column, array) in self.columns.iter_mut().zip(batch.columns()) {
                if group_rows == 0 {
                    column.begin_group(&mut self.deflate);
                }
                column.write(&array.slice(from, rows), &mut self.deflate);
            }
            self.stripe_rows += rows;
            from += rows;
        }
        // Both figures follow from the rows alone.
        let held: usize = self.columns.iter().map(ColumnEncoder::held).sum();
        if self.stripe_rows >= STRIPE_ROWS || held >= STRIPE_BYTES {
            self.finish_stripe()?;
        }
        Ok(())
    }

    pub(crate) fn memory_size(&self) -> usize {
        let columns: usize = self.columns.iter().map(ColumnEncoder::memory_size).sum();
        let tail = self.stripes.iter().chain(&self.statistics);
        columns + tail.map(|message| message.encoded().len()).sum::<usize>() + CHUNK_BYTES
    }

    pub(crate) fn sink_mut(&mut self) -> &mut W {
        &mut self.sink
    }

    pub(crate) fn finish(mut self) -> Result<W, Error> {
        if self.stripe_rows > 0 {
            self.finish_stripe()?;
        }
        let metadata = Message::default().messages(1, &self.statistics);
        let metadata = self.deflate.section(metadata.encoded());
        let footer = self.footer();
        let footer = self.deflate.section(footer.encoded());
        let postscript = Message::default()
            .uint(1, footer.len() as u64)
            .uint(2, ZLIB)
            .uint(3, CHUNK_BYTES as u64)
            .packed(4, FORMAT_VERSION)
            .uint(5, metadata.len() as u64)
            .uint(6, WRITER_VERSION)
            .bytes(8000, MAGIC);
        let [postscript_length, ..] = postscript.encoded().len().to_le_bytes();
        self.sink.write_all(&metadata)?;
        self.sink.write_all(&footer)?;
        self.sink.write_all(postscript.encoded())?;
        self.sink.write_all(&[postscript_length])?;
        Ok(self.sink)
    }

    /// Writes the stripe in progress: indexes of all columns, streams of all columns, footer.
    fn finish_stripe(&mut self) -> Result<(), Error> {
        let rows = self.stripe_rows as u64;
        let mut statistics = vec![Statistics::of_rows(rows).message()];
        for column in &mut self.columns {
            statistics.push(column.finish(&mut self.deflate).message());
        }
        let mut footer = Message::default();
        let mut index = Vec::new();
        let indexes = std::iter::once(rows_index(self.stripe_rows))
            .chain(self.columns.iter().map(ColumnEncoder::index));
        for (id, column_index) in (0..).zip(indexes) {
            let stream = self.deflate.section(column_index.encoded());
            footer = footer.message(1, &stream_message(StreamKind::RowIndex, id, &stream));
            index.extend_from_slice(&stream);
        }
        self.sink.write_all(&index)?;
        let mut data_bytes = 0;
        for (id, column) in (1..).zip(&self.columns) {
            for (kind, stream) in column.streams() {
                footer = footer.message(1, &stream_message(kind, id, stream));
                self.sink.write_all(stream)?;
                data_bytes += stream.len() as u64;
            }
        }
        let encodings: Vec<_> = std::iter::once(Message::default().uint(1, column::DIRECT))
            .chain(self.columns.iter().map(ColumnEncoder::encoding))
            .collect();
        let footer = footer.messages(2, &encodings).bytes(3, TIME_ZONE);
        let footer = self.deflate.section(footer.encoded());
        self.sink.write_all(&footer)?;

        let lengths = [index.len() as u64, data_bytes, footer.len() as u64];
        let stripe = Message::default().uint(1, self.written);
        let stripe =
            (2..).zip(lengths).fold(stripe, |stripe, (field, bytes)| stripe.uint(field, bytes));
        self.stripes.push(stripe.uint(5, rows));
        self.statistics.push(Message::default().messages(1, &statistics));
        self.written += lengths.iter().sum::<u64>();
        self.rows += rows;
        self.stripe_rows = 0;
        self.columns.iter_mut().for_each(ColumnEncoder::clear);
        Ok(())
    }

    fn footer(&self) -> Message {
        let columns = self.columns.iter().map(|column| column.file_statistics().message());
        let statistics: Vec<_> =
            std::iter::once(Statistics::of_rows(self.rows).message()).chain(columns).collect();
        Message::default()
            .uint(1, MAGIC.len() as u64)
            .uint(2, self.written)
            .messages(3, &self.stripes)
            .messages(4, &types(&self.schema))
            .uint(6, self.rows)
            .messages(7, &statistics)
            .uint(8, GROUP_ROWS as u64)
            .uint(9, WRITER)
            .uint(11, PROLEPTIC_GREGORIAN)
    }
}

/// The row index of the rows themselves, which have no streams.
fn rows_index(rows: usize) -> Message {
    (0..rows).step_by(GROUP_ROWS).fold(Message::default(), |index, from| {
        let statistics = Statistics::of_rows((rows - from).min(GROUP_ROWS) as u64);
        index.message(1, &Message::default().message(2, &statistics.message()))
    })
}

fn stream_message(kind: StreamKind, column: u64, stream: &[u8]) -> Message {
    Message::default().uint(1, kind as u64).uint(2, column).uint(3, stream.len() as u64)
}

/// The type of rows, and after it those of the columns.
fn types(schema: &Schema) -> Vec<Message> {
    let columns = schema.columns();
    let root = Message::default().uint(1, STRUCT).packed(2, 1..=columns.len() as u64);
    let root =
        columns.iter().fold(root, |root, column| root.bytes(3, column.columnar_name.as_bytes()));
    let kinds = columns.iter().map(|column| match column.kind {
        ColumnType::Boolean => 0,
        ColumnType::Int32 => 3,
        ColumnType::Int64 => 4,
        ColumnType::String => 7,
        ColumnType::Timestamp => 9,
    });
    std::iter::once(root).chain(kinds.map(|kind| Message::default().uint(1, kind))).collect()
}
