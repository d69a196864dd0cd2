//! Text formats, in gzip: comma-separated and tab-separated values as S3 inventories have them, and JSON Lines.
//!
//! Separated values have no header, every value is quoted, keys are percent-encoded, and a null is an empty text. JSON
//! Lines have one object per line with every column in it, and keys as they are.

mod values;

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

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextStyle {
    /// Quoted values with this ASCII character between them.
    Separated(char),
    /// An object per line.
    JsonLines,
}

/// Writes batches as text.
#[derive(Debug)]
pub(crate) struct TextEncoder<W> {
    style: TextStyle,
    /// Each column with what stands before its values, from the end of the value before.
    columns: Vec<(&'static Column, Vec<u8>)>,
    gzip: GzipWriter<W>,
    /// Whole rows that are not compressed yet.
    text: Vec<u8>,
}

/// One column of a batch.
enum Cells<'a> {
    /// Percent-encoded.
    Key(&'a StringArray),
    /// Inside quotes, which are doubled.
    Text(&'a StringArray),
    /// Quoted and escaped.
    JsonText(&'a StringArray),
    Boolean(&'a BooleanArray),
    Int32(&'a PrimitiveArray<Int32Type>),
    Int64(&'a PrimitiveArray<Int64Type>),
    Timestamp(&'a PrimitiveArray<TimestampMillisecondType>),
    /// Quoted.
    JsonTimestamp(&'a PrimitiveArray<TimestampMillisecondType>),
}

impl TextStyle {
    /// What stands before the value of a column.
    fn before(self, column: &Column, is_first: bool) -> Vec<u8> {
        let before = match (self, is_first) {
            (Self::Separated(_), true) => "\"".to_owned(),
            (Self::Separated(separator), false) => format!("\"{separator}\""),
            (Self::JsonLines, true) => format!("{{\"{}\":", column.name),
            (Self::JsonLines, false) => format!(",\"{}\":", column.name),
        };
        before.into_bytes()
    }

    /// What stands behind the last value of a row.
    fn after(self) -> &'static [u8] {
        match self {
            Self::Separated(_) => b"\"\n",
            Self::JsonLines => b"}\n",
        }
    }

    fn null(self) -> &'static [u8] {
        match self {
            Self::Separated(_) => b"",
            Self::JsonLines => b"null",
        }
    }
}

impl<W: Write> TextEncoder<W> {
    pub(crate) fn new(style: TextStyle, schema: &Schema, sink: W) -> Result<Self, Error> {
        let columns = schema.columns().iter().enumerate();
        Ok(Self {
            style,
            columns: columns.map(|(at, column)| (*column, style.before(column, at == 0))).collect(),
            gzip: GzipWriter::new(sink)?,
            text: Vec::with_capacity(TEXT_BYTES),
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns: Vec<_> = self
            .columns
            .iter()
            .zip(batch.columns())
            .map(|((column, before), array)| (&before[..], Cells::new(self.style, column, array)))
            .collect();
        let (after, null) = (self.style.after(), self.style.null());
        for row in 0..batch.num_rows() {
            for (before, column) in &columns {
                self.text.extend_from_slice(before);
                column.append(row, null, &mut self.text);
            }
            self.text.extend_from_slice(after);
            if self.text.len() >= TEXT_BYTES {
                self.gzip.write_all(&self.text)?;
                self.text.clear();
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
        self.gzip.write_all(&self.text)?;
        Ok(self.gzip.finish()?)
    }
}

impl<'a> Cells<'a> {
    fn new(style: TextStyle, column: &Column, array: &'a ArrayRef) -> Self {
        let is_json = style == TextStyle::JsonLines;
        match column.kind {
            ColumnType::String if is_json => Self::JsonText(array.as_string()),
            ColumnType::String if column.id == ColumnId::Key => Self::Key(array.as_string()),
            ColumnType::String => Self::Text(array.as_string()),
            ColumnType::Boolean => Self::Boolean(array.as_boolean()),
            ColumnType::Int32 => Self::Int32(array.as_primitive()),
            ColumnType::Int64 => Self::Int64(array.as_primitive()),
            ColumnType::Timestamp if is_json => Self::JsonTimestamp(array.as_primitive()),
            ColumnType::Timestamp => Self::Timestamp(array.as_primitive()),
        }
    }

    /// Writes one value, without the quotes around it that stand before and behind every value of the style.
    fn append(&self, row: usize, null: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Key(keys) => values::append_percent_encoded(out, keys.value(row)),
            Self::Text(texts) if texts.is_valid(row) => {
                values::append_quoted(out, texts.value(row));
            }
            Self::JsonText(texts) if texts.is_valid(row) => {
                values::append_json(out, texts.value(row));
            }
            Self::Boolean(flags) if flags.is_valid(row) => {
                let word: &[u8] = if flags.value(row) { b"true" } else { b"false" };
                out.extend_from_slice(word);
            }
            Self::Int32(numbers) if numbers.is_valid(row) => {
                values::append_number(out, numbers.value(row).into());
            }
            Self::Int64(numbers) if numbers.is_valid(row) => {
                values::append_number(out, numbers.value(row));
            }
            Self::Timestamp(times) if times.is_valid(row) => {
                values::append_time(out, Millis(times.value(row)));
            }
            Self::JsonTimestamp(times) if times.is_valid(row) => {
                out.push(b'"');
                values::append_time(out, Millis(times.value(row)));
                out.push(b'"');
            }
            Self::Text(_)
            | Self::JsonText(_)
            | Self::Boolean(_)
            | Self::Int32(_)
            | Self::Int64(_)
            | Self::Timestamp(_)
            | Self::JsonTimestamp(_) => out.extend_from_slice(null),
        }
    }
}
