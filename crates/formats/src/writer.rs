//! Rows in, the bytes of a data file out.

use std::io::Write;
use std::ops::Range;

use arrow_array::RecordBatch;
use stocktake_core::column::Column;
use stocktake_core::configuration::ReportFormat;

use crate::batch::{BATCH_ROWS, BatchBuilder, Values};
use crate::orc::OrcEncoder;
use crate::parquet::ParquetEncoder;
use crate::text::{TextEncoder, TextStyle};
use crate::{Error, Schema};

/// Writes one data file, in whatever portions its rows come.
///
/// * The bytes depend on the rows only: not on how they were cut into [`Writer::push`] calls, nor on the platform.
/// * Memory is bounded, whatever the number of rows; see the crate's documentation.
/// * A writer that is dropped before [`Writer::finish`] leaves a file that no reader takes for complete.
#[derive(Debug)]
pub struct Writer<W: Write + Send> {
    batch: BatchBuilder,
    encoder: Encoder<W>,
    rows: u64,
}

/// One format's way of turning batches into bytes.
#[derive(Debug)]
enum Encoder<W: Write + Send> {
    Text(TextEncoder<W>),
    Orc(OrcEncoder<W>),
    Parquet(ParquetEncoder<W>),
}

impl<W: Write + Send> Writer<W> {
    /// Begins a file of these columns.
    ///
    /// # Errors
    /// [`Error::Sink`] where the sink refuses the first bytes.
    pub fn new(format: ReportFormat, schema: &Schema, sink: W) -> Result<Self, Error> {
        let text = |style, sink| TextEncoder::new(style, schema, sink).map(Encoder::Text);
        let encoder = match format {
            ReportFormat::Csv => text(TextStyle::Separated(','), sink)?,
            ReportFormat::Tsv => text(TextStyle::Separated('\t'), sink)?,
            ReportFormat::Json => text(TextStyle::JsonLines, sink)?,
            ReportFormat::Orc => Encoder::Orc(OrcEncoder::new(schema, sink)?),
            ReportFormat::Parquet => Encoder::Parquet(ParquetEncoder::new(schema, sink)?),
        };
        Ok(Self { batch: BatchBuilder::new(schema), encoder, rows: 0 })
    }

    /// Appends `rows` rows, whose values `fill` gives, for one column after the other.
    ///
    /// `fill` is told the column, which of the `rows` to give (a range within `0..rows`), and where to put them. It is
    /// called for every column of the schema, in order, and again where a batch ends in the midst of the rows. A whole
    /// page of a listing at a time is what this is made for: a column's type is then looked at once per page and not
    /// once per value.
    ///
    /// # Errors
    /// What [`Values`] refuses; [`Error::WrongCount`] if `fill` gives fewer values than it was asked for;
    /// [`Error::Sink`] and [`Error::Encoder`]. After any of them the writer can only be dropped.
    pub fn push<F>(&mut self, rows: usize, mut fill: F) -> Result<(), Error>
    where
        F: FnMut(&'static Column, Range<usize>, &mut Values<'_>) -> Result<(), Error>,
    {
        let mut from = 0;
        while from < rows {
            let to = rows.min(from + BATCH_ROWS - self.batch.rows());
            self.batch.push(from..to, &mut fill)?;
            if self.batch.rows() == BATCH_ROWS {
                self.encoder.write(&self.batch.finish()?)?;
            }
            self.rows += (to - from) as u64;
            from = to;
        }
        Ok(())
    }

    /// How many rows were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Roughly how many bytes of rows are held in memory, encoded or not.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let encoder = match &self.encoder {
            Encoder::Text(encoder) => encoder.memory_size(),
            Encoder::Orc(encoder) => encoder.memory_size(),
            Encoder::Parquet(encoder) => encoder.memory_size(),
        };
        self.batch.memory_size() + encoder
    }

    /// The sink, for looking at it and for taking out of it what has been written so far.
    ///
    /// Writing to it would damage the file.
    pub fn sink_mut(&mut self) -> &mut W {
        match &mut self.encoder {
            Encoder::Text(encoder) => encoder.sink_mut(),
            Encoder::Orc(encoder) => encoder.sink_mut(),
            Encoder::Parquet(encoder) => encoder.sink_mut(),
        }
    }

    /// Completes the file and gives the sink back, which has all of its bytes by then.
    ///
    /// # Errors
    /// [`Error::Sink`] and [`Error::Encoder`].
    pub fn finish(mut self) -> Result<W, Error> {
        if self.batch.rows() > 0 {
            self.encoder.write(&self.batch.finish()?)?;
        }
        match self.encoder {
            Encoder::Text(encoder) => encoder.finish(),
            Encoder::Orc(encoder) => encoder.finish(),
            Encoder::Parquet(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write + Send> Encoder<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        match self {
            Self::Text(encoder) => encoder.write(batch),
            Self::Orc(encoder) => encoder.write(batch),
            Self::Parquet(encoder) => encoder.write(batch),
        }
    }
}
