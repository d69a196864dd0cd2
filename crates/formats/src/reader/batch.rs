//! Rows that have been read, some at a time.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};
use stocktake_core::column::{Column, ColumnId, ColumnType};
use stocktake_core::timestamp::Millis;

use super::{Place, ReadError};
use crate::VALUE_BYTES_MAX;
use crate::batch::Builder;
use crate::schema::is_required;

/// The most bytes that the texts of one batch may have.
///
/// A thousand access control lists of S3's longest have half of it. Text formats never come near: their batches end
/// earlier. Columnar formats can name one long text a thousand times in a few bytes.
const BATCH_TEXT_BYTES_MAX: usize = 64 << 20;

/// Some rows of a file, column by column.
///
/// * Has at least one row and at most [`crate::BATCH_ROWS`].
/// * Every column has one value, or one null, for each row; columns that every object has a value for have no null.
#[derive(Clone, Debug)]
pub struct Batch {
    columns: Vec<(&'static Column, ArrayRef)>,
    rows: usize,
    first_row: u64,
}

impl Batch {
    pub(super) fn new(columns: Vec<(&'static Column, ArrayRef)>, first_row: u64) -> Self {
        let rows = columns.first().map_or(0, |(_, array)| array.len());
        debug_assert!(columns.iter().all(|(_, array)| array.len() == rows), "one value per row");
        Self { columns, rows, first_row }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many rows of the file come before.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// The columns, in the order in which they were asked for.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().map(|(column, _)| *column)
    }

    /// The texts of a column, row by row; none if it was not asked for or holds something else.
    #[must_use]
    pub fn strings(&self, id: ColumnId) -> Option<impl Iterator<Item = Option<&str>>> {
        self.array(id)?.as_string_opt::<i32>().map(IntoIterator::into_iter)
    }

    /// The booleans of a column, row by row; none if it was not asked for or holds something else.
    #[must_use]
    pub fn booleans(&self, id: ColumnId) -> Option<impl Iterator<Item = Option<bool>>> {
        self.array(id)?.as_boolean_opt().map(IntoIterator::into_iter)
    }

    /// The small numbers of a column, row by row; none if it was not asked for or holds something else.
    #[must_use]
    pub fn int32s(&self, id: ColumnId) -> Option<impl Iterator<Item = Option<i32>>> {
        self.numbers::<Int32Type>(id)
    }

    /// The numbers of a column, row by row; none if it was not asked for or holds something else.
    #[must_use]
    pub fn int64s(&self, id: ColumnId) -> Option<impl Iterator<Item = Option<i64>>> {
        self.numbers::<Int64Type>(id)
    }

    /// The points in time of a column, row by row; none if it was not asked for or holds something else.
    #[must_use]
    pub fn timestamps(&self, id: ColumnId) -> Option<impl Iterator<Item = Option<Millis>>> {
        let times = self.numbers::<TimestampMillisecondType>(id)?;
        Some(times.map(|time| time.map(Millis)))
    }

    fn numbers<T: ArrowPrimitiveType>(
        &self,
        id: ColumnId,
    ) -> Option<impl Iterator<Item = Option<T::Native>>> {
        self.array(id)?.as_primitive_opt::<T>().map(IntoIterator::into_iter)
    }

    fn array(&self, id: ColumnId) -> Option<&ArrayRef> {
        self.columns.iter().find(|(column, _)| column.id == id).map(|(_, array)| array)
    }
}

/// The rows of a file on their way into batches.
#[derive(Debug)]
pub(super) struct Batches {
    columns: Vec<ColumnBuilder>,
    /// Rows of the file before the batch in progress.
    row: u64,
}

/// The values of one column on their way into a batch.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    column: &'static Column,
    builder: Builder,
    text_bytes: usize,
    text_bytes_max: usize,
}

impl Batches {
    pub(super) fn new(columns: &[&'static Column]) -> Self {
        Self { columns: columns.iter().map(|column| ColumnBuilder::new(column)).collect(), row: 0 }
    }

    /// Rows of the file before the batch in progress.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// How many bytes the texts of the batch in progress have.
    pub(super) fn text_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.text_bytes).sum()
    }

    /// For appending row by row.
    pub(super) fn columns_mut(&mut self) -> &mut [ColumnBuilder] {
        &mut self.columns
    }

    /// The columns, in the order in which they were asked for.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().map(|builder| builder.column)
    }

    /// Makes a batch of the rows that were appended.
    pub(super) fn finish(&mut self) -> Batch {
        let columns = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        let batch = Batch::new(columns, self.row);
        self.row += batch.rows as u64;
        batch
    }

    /// Makes a batch column by column, where `append` appends the next rows of the column of this number.
    ///
    /// The errors of `append` come with how many rows they are after.
    pub(super) fn fill(
        &mut self,
        stripe: Option<u32>,
        mut append: impl FnMut(usize, &mut ColumnBuilder) -> Result<(), (usize, ReadError)>,
    ) -> Result<Batch, ReadError> {
        let mut left = BATCH_TEXT_BYTES_MAX;
        for (at, builder) in self.columns.iter_mut().enumerate() {
            builder.text_bytes_max = left;
            append(at, builder).map_err(|(row, error)| {
                error.at(&Place {
                    row: Some(self.row + row as u64),
                    stripe,
                    column: Some(builder.column.name),
                    byte: None,
                })
            })?;
            left = left.saturating_sub(builder.text_bytes);
        }
        Ok(self.finish())
    }
}

impl ColumnBuilder {
    fn new(column: &'static Column) -> Self {
        let builder = Builder::new(column.kind);
        Self { column, builder, text_bytes: 0, text_bytes_max: usize::MAX }
    }

    pub(super) fn column(&self) -> &'static Column {
        self.column
    }

    pub(super) fn null(&mut self) -> Result<(), ReadError> {
        if is_required(self.column) {
            return Err(ReadError::malformed("a null, where every row has a value"));
        }
        match &mut self.builder {
            Builder::String(builder) => builder.append_null(),
            Builder::Boolean(builder) => builder.append_null(),
            Builder::Int32(builder) => builder.append_null(),
            Builder::Int64(builder) => builder.append_null(),
            Builder::Timestamp(builder) => builder.append_null(),
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &[u8]) -> Result<(), ReadError> {
        if text.len() > VALUE_BYTES_MAX {
            return Err(ReadError::too_large("a text", text.len() as u64, VALUE_BYTES_MAX as u64));
        }
        let Ok(text) = str::from_utf8(text) else {
            return Err(ReadError::malformed("a text that is not UTF-8"));
        };
        let Builder::String(builder) = &mut self.builder else { return Err(self.not("a text")) };
        self.text_bytes += text.len();
        if self.text_bytes > self.text_bytes_max {
            let (what, limit) = ("the texts of a batch", BATCH_TEXT_BYTES_MAX as u64);
            return Err(ReadError::too_large(what, self.text_bytes as u64, limit));
        }
        builder.append_value(text);
        Ok(())
    }

    pub(super) fn flag(&mut self, flag: bool) -> Result<(), ReadError> {
        let Builder::Boolean(builder) = &mut self.builder else { return Err(self.not("a flag")) };
        builder.append_value(flag);
        Ok(())
    }

    /// Appends a number, or a time in milliseconds.
    pub(super) fn number(&mut self, number: i64) -> Result<(), ReadError> {
        match &mut self.builder {
            Builder::Int64(builder) => builder.append_value(number),
            Builder::Timestamp(builder) => builder.append_value(number),
            Builder::Int32(builder) => match number.try_into() {
                Ok(number) => builder.append_value(number),
                Err(_) => {
                    return Err(ReadError::malformed(format!("{number} does not fit 32 bits")));
                }
            },
            Builder::String(_) | Builder::Boolean(_) => return Err(self.not("a number")),
        }
        Ok(())
    }

    /// The values since the last time.
    fn finish(&mut self) -> (&'static Column, ArrayRef) {
        self.text_bytes = 0;
        (self.column, self.builder.finish())
    }

    fn not(&self, given: &'static str) -> ReadError {
        let kind = self.column.kind;
        debug_assert!(false, "decoders are chosen by the column's type");
        ReadError::malformed(format!("{given} where {kind:?} values are"))
    }
}

/// What a column of this type is called in messages about values that are not.
pub(super) fn described(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::String => "a text",
        ColumnType::Boolean => "`true` or `false`",
        ColumnType::Int32 => "a number of 32 bits",
        ColumnType::Int64 => "a number of 64 bits",
        ColumnType::Timestamp => "a time such as `2026-11-08T01:00:00.000Z`",
    }
}
