//! Comma-separated values as S3 inventories have them: no header, every value quoted, keys percent-encoded, gzip.

mod text;

use std::io::Write;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray, RecordBatch, StringArray};
use stocktake_core::column::{Column, ColumnId, ColumnType};
use stocktake_core::timestamp::Millis;

use crate::gzip::GzipWriter;
use crate::{Error, Schema};

/// How much text is collected before it is compressed, in bytes.
///
/// Enough that the calls cost nothing, few enough to stay in the processor's second cache.
const TEXT_BYTES: usize = 64 << 10;

/// Writes batches as CSV.
#[derive(Debug)]
pub(crate) struct CsvEncoder<W> {
    schema: Schema,
    gzip: GzipWriter<W>,
    /// Whole rows that are not compressed yet.
    text: Vec<u8>,
}

/// One column of a batch.
enum Cells<'a> {
    Key(&'a StringArray),
    Text(&'a StringArray),
    Boolean(&'a BooleanArray),
    Int32(&'a PrimitiveArray<Int32Type>),
    Int64(&'a PrimitiveArray<Int64Type>),
    Timestamp(&'a PrimitiveArray<TimestampMillisecondType>),
}

impl<W: Write> CsvEncoder<W> {
    pub(crate) fn new(schema: &Schema, sink: W) -> Result<Self, Error> {
        let gzip = GzipWriter::new(sink)?;
        Ok(Self { schema: schema.clone(), gzip, text: Vec::with_capacity(TEXT_BYTES) })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns: Vec<_> = self
            .schema
            .columns()
            .iter()
            .zip(batch.columns())
            .map(|(column, array)| Cells::new(column, array))
            .collect();
        for row in 0..batch.num_rows() {
            let mut before = &b"\""[..];
            for column in &columns {
                self.text.extend_from_slice(before);
                column.append(row, &mut self.text);
                before = b"\",\"";
            }
            self.text.extend_from_slice(b"\"\n");
            if self.text.len() >= TEXT_BYTES {
                self.compress()?;
            }
        }
        Ok(())
    }

    pub(crate) fn memory_size(&self) -> usize {
        self.text.capacity()
    }

    pub(crate) fn sink_mut(&mut self) -> &mut W {
        self.gzip.sink_mut()
    }

    pub(crate) fn finish(mut self) -> Result<W, Error> {
        self.compress()?;
        Ok(self.gzip.finish()?)
    }

    fn compress(&mut self) -> Result<(), Error> {
        self.gzip.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }
}

impl<'a> Cells<'a> {
    fn new(column: &Column, array: &'a ArrayRef) -> Self {
        match column.kind {
            ColumnType::String if column.id == ColumnId::Key => Self::Key(array.as_string()),
            ColumnType::String => Self::Text(array.as_string()),
            ColumnType::Boolean => Self::Boolean(array.as_boolean()),
            ColumnType::Int32 => Self::Int32(array.as_primitive()),
            ColumnType::Int64 => Self::Int64(array.as_primitive()),
            ColumnType::Timestamp => Self::Timestamp(array.as_primitive()),
        }
    }

    /// Writes one value, without the quotes around it; nothing for a null.
    fn append(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Key(keys) => text::append_percent_encoded(out, keys.value(row)),
            Self::Text(texts) if texts.is_valid(row) => text::append_quoted(out, texts.value(row)),
            Self::Boolean(values) if values.is_valid(row) => {
                let word: &[u8] = if values.value(row) { b"true" } else { b"false" };
                out.extend_from_slice(word);
            }
            Self::Int32(values) if values.is_valid(row) => {
                text::append_number(out, values.value(row).into());
            }
            Self::Int64(values) if values.is_valid(row) => {
                text::append_number(out, values.value(row));
            }
            Self::Timestamp(values) if values.is_valid(row) => {
                text::append_time(out, Millis(values.value(row)));
            }
            Self::Text(_)
            | Self::Boolean(_)
            | Self::Int32(_)
            | Self::Int64(_)
            | Self::Timestamp(_) => {}
        }
    }
}
