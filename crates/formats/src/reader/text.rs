//! Reads text formats, in gzip, row by row: separated values and JSON Lines.

mod gunzip;
mod json;
mod separated;
mod values;

use std::sync::Arc;

use stocktake_core::column::Column;

use self::gunzip::Gunzip;
use self::json::Objects;
use self::separated::Values;
use super::batch::{Batch, Batches};
use super::source::Source;
use super::{FileSchema, Place, ReadError};
use crate::BATCH_ROWS;
use crate::text::TextStyle;

/// The most bytes of a row's text.
///
/// A row whose texts are all as long as a column takes, and all of whose characters are escaped, has less.
const ROW_BYTES_MAX: usize = 12 << 20;

/// A batch ends with the row that gives it so many bytes of texts.
const BATCH_TEXT_BYTES: usize = 4 << 20;

/// Reads batches of a text file.
#[derive(Debug)]
pub(super) struct TextReader<S: Source> {
    text: Gunzip<S>,
    rows: Rows,
    batches: Batches,
}

/// How rows are taken apart.
#[derive(Debug)]
enum Rows {
    Separated(Values),
    JsonLines(Objects),
}

impl<S: Source> TextReader<S> {
    pub(super) fn open(
        style: TextStyle,
        schema: &FileSchema,
        columns: &[&'static Column],
        source: S,
    ) -> Result<Self, ReadError> {
        let rows = match style {
            TextStyle::Separated(separator) => {
                Rows::Separated(Values::new(separator, schema, columns)?)
            }
            TextStyle::JsonLines => Rows::JsonLines(Objects::new(schema, columns)?),
        };
        Ok(Self { text: Gunzip::new(&Arc::new(source)), rows, batches: Batches::new(columns) })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let mut rows = 0;
        while rows < BATCH_ROWS && self.batches.text_bytes() < BATCH_TEXT_BYTES {
            let place = Place {
                row: Some(self.batches.row() + rows as u64),
                byte: Some(self.text.position()),
                ..Place::default()
            };
            if !self.next_row().map_err(|error| error.at(&place))? {
                break;
            }
            rows += 1;
        }
        Ok((rows > 0).then(|| self.batches.finish()))
    }

    /// Appends the next row; `false` where there is none.
    fn next_row(&mut self) -> Result<bool, ReadError> {
        loop {
            let (text, is_end) = self.text.rest();
            let length = match &mut self.rows {
                Rows::Separated(values) => values.row(text, is_end)?,
                Rows::JsonLines(_) => json::line(text, is_end),
            };
            if length.unwrap_or(text.len()) > ROW_BYTES_MAX {
                let size = length.unwrap_or(text.len()) as u64;
                return Err(ReadError::too_large("a row", size, ROW_BYTES_MAX as u64));
            }
            let Some(length) = length else {
                if is_end {
                    return Ok(false);
                }
                self.text.more()?;
                continue;
            };
            let row = text.get(..length).unwrap_or_default();
            let is_row = match &mut self.rows {
                Rows::Separated(values) => values.append(self.batches.columns_mut())?,
                Rows::JsonLines(objects) => objects.append(row, self.batches.columns_mut())?,
            };
            self.text.take(length);
            if is_row {
                return Ok(true);
            }
        }
    }
}
