//! Collecting values, column by column, into batches of a fixed number of rows.

mod texts;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Int32Builder, Int64Builder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use stocktake_core::column::{Column, ColumnType};
use stocktake_core::timestamp::Millis;

use self::texts::TextBuilder;
use crate::schema::{arrow_type, is_required};
use crate::{Error, Schema};

/// How many rows every batch of a file has, but the last.
///
/// Where encoders cut pages and blocks follows from where batches end, so this has to be the same for every caller and
/// platform. It is about the size of a page of an S3 listing, so a batch is no larger than the page that it is made from.
pub const BATCH_ROWS: usize = 1024;

/// The longest text that a column takes, in bytes.
///
/// S3's longest is the access control list of an object: 100 grants, about 30 KiB in base64. A store that answers
/// something larger should not be able to fill the memory.
pub const VALUE_BYTES_MAX: usize = 64 << 10;

/// One column of the rows that are being written; takes one value for each of them.
///
/// Each method appends the values that it is given. A type that is not the column's own, a null in a column that has
/// none, and one value too many are refused at once; too few are noticed when the column has been filled.
#[derive(Debug)]
pub struct Values<'a> {
    column: &'static Column,
    builder: &'a mut Builder,
    /// Rows of the batch before these.
    first: usize,
    rows: usize,
    given: usize,
}

/// The values of one column of the batch in progress.
#[derive(Debug)]
pub(crate) enum Builder {
    String(TextBuilder),
    Boolean(BooleanBuilder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Timestamp(TimestampMillisecondBuilder),
}

/// Appends to the builder of one type, or says that the column has another.
macro_rules! append {
    ($self:ident, $kind:ident, $values:expr, $value:ident => $converted:expr) => {{
        let Builder::$kind(builder) = &mut *$self.builder else {
            return Err($self.wrong_type(ColumnType::$kind));
        };
        let is_required = is_required($self.column);
        for value in $values {
            if $self.given == $self.rows {
                $self.given += 1;
                return Err(wrong_count($self.column, $self.rows, $self.given));
            }
            match value {
                Some($value) => builder.append_value($converted),
                None if is_required => {
                    return Err(Error::Null {
                        column: $self.column.name,
                        row: $self.first + $self.given,
                    });
                }
                None => builder.append_null(),
            }
            $self.given += 1;
        }
        Ok(())
    }};
}

/// Appends to the builder of one type what is there for each row, or says that the column has another.
macro_rules! append_all {
    ($self:ident, $kind:ident, $values:expr) => {{
        let Builder::$kind(builder) = &mut *$self.builder else {
            return Err($self.wrong_type(ColumnType::$kind));
        };
        let values: Vec<_> = $values.take($self.rows - $self.given + 1).collect();
        $self.given += values.len();
        if $self.given > $self.rows {
            return Err(wrong_count($self.column, $self.rows, $self.given));
        }
        builder.append_slice(&values);
        Ok(())
    }};
}

impl Values<'_> {
    /// Appends texts.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`], [`Error::Null`]; [`Error::ValueTooLong`] above
    /// [`VALUE_BYTES_MAX`].
    pub fn strings<'s>(
        &mut self,
        values: impl IntoIterator<Item = Option<&'s str>>,
    ) -> Result<(), Error> {
        append!(self, String, values, value => checked(self.column, value)?)
    }

    /// Appends texts that stand one after the other in `joined`: the first begins at `begin`, each ends where `ends`
    /// says and the next begins there. An empty text is a null, unless the column has none.
    ///
    /// This is [`Values::strings`] for texts that are in this form already, and costs a few copies of memory.
    ///
    /// # Errors
    /// Those of [`Values::strings`]. A place that is none makes empty texts.
    pub fn joined_strings(&mut self, joined: &str, begin: u32, ends: &[u32]) -> Result<(), Error> {
        let takes_empty = is_required(self.column);
        let mut begin = begin as usize;
        if let Builder::String(builder) = &mut *self.builder
            && ends.len() <= self.rows - self.given
            && builder.append_joined(joined, begin, ends, takes_empty)
        {
            self.given += ends.len();
            return Ok(());
        }
        let texts = ends.iter().map(|end| {
            let text = joined.get(begin..*end as usize).unwrap_or_default();
            begin = *end as usize;
            Some(text).filter(|text| takes_empty || !text.is_empty())
        });
        self.strings(texts)
    }

    /// Appends booleans.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`], [`Error::Null`].
    pub fn booleans(
        &mut self,
        values: impl IntoIterator<Item = Option<bool>>,
    ) -> Result<(), Error> {
        append!(self, Boolean, values, value => value)
    }

    /// Appends small numbers.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`], [`Error::Null`].
    pub fn int32s(&mut self, values: impl IntoIterator<Item = Option<i32>>) -> Result<(), Error> {
        append!(self, Int32, values, value => value)
    }

    /// Appends numbers.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`], [`Error::Null`].
    pub fn int64s(&mut self, values: impl IntoIterator<Item = Option<i64>>) -> Result<(), Error> {
        append!(self, Int64, values, value => value)
    }

    /// Appends numbers of which none is missing; [`Values::int64s`] in one piece.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`].
    pub fn all_int64s(&mut self, values: impl ExactSizeIterator<Item = i64>) -> Result<(), Error> {
        append_all!(self, Int64, values)
    }

    /// Appends points in time of which none is missing; [`Values::timestamps`] in one piece.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`].
    pub fn all_timestamps(
        &mut self,
        values: impl ExactSizeIterator<Item = Millis>,
    ) -> Result<(), Error> {
        append_all!(self, Timestamp, values.map(|time| time.0))
    }

    /// Appends points in time.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::WrongCount`], [`Error::Null`].
    pub fn timestamps(
        &mut self,
        values: impl IntoIterator<Item = Option<Millis>>,
    ) -> Result<(), Error> {
        append!(self, Timestamp, values, value => value.0)
    }

    /// Gives all rows that have no value yet this text.
    ///
    /// # Errors
    /// [`Error::WrongType`]; [`Error::ValueTooLong`] above [`VALUE_BYTES_MAX`].
    pub fn constant(&mut self, value: &str) -> Result<(), Error> {
        let Builder::String(builder) = &mut *self.builder else {
            return Err(self.wrong_type(ColumnType::String));
        };
        builder.append_repeated(checked(self.column, value)?, self.rows - self.given);
        self.given = self.rows;
        Ok(())
    }

    /// Leaves all rows that have no value yet without one; for columns of any type.
    ///
    /// # Errors
    /// [`Error::Null`] for a column that has a value in every row.
    pub fn nulls(&mut self) -> Result<(), Error> {
        let rows = self.rows - self.given;
        if rows > 0 && is_required(self.column) {
            return Err(Error::Null { column: self.column.name, row: self.first + self.given });
        }
        match &mut *self.builder {
            Builder::String(builder) => builder.append_nulls(rows),
            Builder::Boolean(builder) => builder.append_nulls(rows),
            Builder::Int32(builder) => builder.append_nulls(rows),
            Builder::Int64(builder) => builder.append_nulls(rows),
            Builder::Timestamp(builder) => builder.append_nulls(rows),
        }
        self.given = self.rows;
        Ok(())
    }

    fn wrong_type(&self, given: ColumnType) -> Error {
        Error::WrongType { column: self.column.name, expected: self.column.kind, given }
    }
}

/// Rows on their way to becoming a batch.
#[derive(Debug)]
pub(crate) struct BatchBuilder {
    schema: Schema,
    columns: Vec<Builder>,
    rows: usize,
}

impl BatchBuilder {
    pub(crate) fn new(schema: &Schema) -> Self {
        let columns = schema.columns().iter().map(|column| Builder::new(column.kind)).collect();
        Self { schema: schema.clone(), columns, rows: 0 }
    }

    /// How many rows are waiting; fewer than [`BATCH_ROWS`] after [`BatchBuilder::finish`].
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Asks for the values of these rows of the caller's, for one column after the other.
    ///
    /// The rows must fit: there is room for [`BATCH_ROWS`] in all.
    pub(crate) fn push<F>(&mut self, rows: Range<usize>, fill: &mut F) -> Result<(), Error>
    where
        F: FnMut(&'static Column, Range<usize>, &mut Values<'_>) -> Result<(), Error>,
    {
        debug_assert!(self.rows + rows.len() <= BATCH_ROWS, "the writer cuts at the batch's end");
        for (column, builder) in self.schema.columns().iter().copied().zip(&mut self.columns) {
            let mut values =
                Values { column, builder, first: self.rows, rows: rows.len(), given: 0 };
            fill(column, rows.clone(), &mut values)?;
            if values.given != rows.len() {
                return Err(wrong_count(column, rows.len(), values.given));
            }
        }
        self.rows += rows.len();
        Ok(())
    }

    /// The rows that were waiting, as a batch.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, Error> {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Builder::finish).collect();
        RecordBatch::try_new(Arc::clone(self.schema.arrow()), columns)
            .map_err(|error| Error::Encoder(Box::new(error)))
    }

    /// Bytes that the waiting rows take.
    pub(crate) fn memory_size(&self) -> usize {
        self.columns.iter().map(Builder::memory_size).sum()
    }
}

impl Builder {
    pub(crate) fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::String => Self::String(TextBuilder::new()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(BATCH_ROWS)),
            ColumnType::Int32 => Self::Int32(Int32Builder::with_capacity(BATCH_ROWS)),
            ColumnType::Int64 => Self::Int64(Int64Builder::with_capacity(BATCH_ROWS)),
            ColumnType::Timestamp => {
                let builder = TimestampMillisecondBuilder::with_capacity(BATCH_ROWS);
                Self::Timestamp(builder.with_data_type(arrow_type(kind)))
            }
        }
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::String(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Int32(builder) => Arc::new(builder.finish()),
            Self::Int64(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
        }
    }

    fn memory_size(&self) -> usize {
        match self {
            Self::String(builder) => builder.memory_size(),
            Self::Boolean(builder) => builder.capacity() / 8,
            Self::Int32(builder) => size_of_val(builder.values_slice()),
            Self::Int64(builder) => size_of_val(builder.values_slice()),
            Self::Timestamp(builder) => size_of_val(builder.values_slice()),
        }
    }
}

fn checked<'s>(column: &Column, value: &'s str) -> Result<&'s str, Error> {
    if value.len() > VALUE_BYTES_MAX {
        let bytes = value.len();
        return Err(Error::ValueTooLong { column: column.name, bytes, limit: VALUE_BYTES_MAX });
    }
    Ok(value)
}

fn wrong_count(column: &Column, rows: usize, given: usize) -> Error {
    Error::WrongCount { column: column.name, rows, given }
}
