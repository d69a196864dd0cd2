//! Why a data file could not be written.

use std::io;

use parquet::errors::ParquetError;
use stocktake_core::column::ColumnType;

/// Why a data file could not be written.
///
/// After any of these the file is incomplete, and its writer is only good for being dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Values of one type were given to a column of another.
    #[error("column `{column}` holds {expected:?} values, not {given:?}")]
    WrongType {
        /// The column's name.
        column: &'static str,
        /// What it holds.
        expected: ColumnType,
        /// What it was given.
        given: ColumnType,
    },
    /// A column was given more or fewer values than there are rows.
    #[error("column `{column}` was given {given} values for {rows} rows; give one per row")]
    WrongCount {
        /// The column's name.
        column: &'static str,
        /// How many rows there are.
        rows: usize,
        /// How many values it was given, counted no further than to the first that is too many.
        given: usize,
    },
    /// A null in a column that every object has a value for.
    #[error("column `{column}` cannot hold a null, row {row} of the batch gave one")]
    Null {
        /// The column's name.
        column: &'static str,
        /// Which row, counted within its batch.
        row: usize,
    },
    /// A text that no store should have answered.
    #[error("a value of column `{column}` has {bytes} bytes, limit is {limit}")]
    ValueTooLong {
        /// The column's name.
        column: &'static str,
        /// How long the value is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The sink refused the bytes.
    #[error("the data file could not be passed on")]
    Sink(#[source] io::Error),
    /// The encoder refused the rows.
    #[error("the rows could not be encoded")]
    Encoder(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Sink(error)
    }
}

impl From<ParquetError> for Error {
    /// Finds the sink's own error again, which the encoder has wrapped.
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(error) => Self::Sink(*error),
                Err(other) => Self::Encoder(other),
            },
            other => Self::Encoder(Box::new(other)),
        }
    }
}
