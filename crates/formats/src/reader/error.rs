//! Why a data file could not be read.

use std::borrow::Cow;
use std::fmt;

use stocktake_core::column::ColumnType;

/// Why a data file could not be read.
///
/// After any of these the reader is only good for being dropped. All but [`ReadError::Source`] come again however often
/// the same file is read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The source did not answer; its own error is behind this, for `downcast_ref`.
    #[error("the data file could not be fetched")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The bytes are not what the format says, or a value is not of its column's type.
    #[error("{place}{problem}")]
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong there.
        problem: Cow<'static, str>,
    },
    /// The file is in order, but uses something of its format that is not read.
    #[error("{place}{what} is not supported")]
    Unsupported {
        /// Where.
        place: Place,
        /// What it uses.
        what: Cow<'static, str>,
    },
    /// Something is larger than any file of its kind has reason to be.
    #[error("{place}{what} has {size}, limit is {limit}")]
    TooLarge {
        /// Where.
        place: Place,
        /// What is too large.
        what: &'static str,
        /// How large it is, or how large it was when it was given up; in bytes unless `what` says otherwise.
        size: u64,
        /// How large it may be.
        limit: u64,
    },
    /// A column that was asked for is not in the file.
    #[error("the file has no column `{column}`")]
    MissingColumn {
        /// The column's name in text formats.
        column: &'static str,
    },
    /// A column that was asked for is in the file with values of another type.
    #[error("column `{column}` is to hold {expected:?} values, the file has {found}")]
    WrongType {
        /// The column's name in text formats.
        column: &'static str,
        /// What it is to hold.
        expected: ColumnType,
        /// The file's type, in the words of its format.
        found: Cow<'static, str>,
    },
}

/// Where in a data file something is wrong, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Rows of the file before this one.
    pub row: Option<u64>,
    /// Stripes (ORC) or row groups (Parquet) before this one.
    pub stripe: Option<u32>,
    /// The column's name in text formats.
    pub column: Option<&'static str>,
    /// Offset in the file; in text formats, in the text that it was compressed from.
    pub byte: Option<u64>,
}

impl fmt::Display for Place {
    /// Such as ``stripe 2, column `Key`, row 17: ``, or nothing at all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.stripe.map(|stripe| format!("stripe {stripe}")));
        parts.extend(self.column.map(|column| format!("column `{column}`")));
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.byte.map(|byte| format!("byte {byte}")));
        if parts.is_empty() { Ok(()) } else { write!(f, "{}: ", parts.join(", ")) }
    }
}

impl ReadError {
    pub(super) fn malformed(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { place: Place::default(), problem: problem.into() }
    }

    pub(super) fn unsupported(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported { place: Place::default(), what: what.into() }
    }

    pub(super) fn too_large(what: &'static str, size: u64, limit: u64) -> Self {
        Self::TooLarge { place: Place::default(), what, size, limit }
    }

    /// Says where; what has been said nearer to the place stays.
    pub(super) fn at(mut self, outer: &Place) -> Self {
        if let Self::Malformed { place, .. }
        | Self::Unsupported { place, .. }
        | Self::TooLarge { place, .. } = &mut self
        {
            place.row = place.row.or(outer.row);
            place.stripe = place.stripe.or(outer.stripe);
            place.column = place.column.or(outer.column);
            place.byte = place.byte.or(outer.byte);
        }
        self
    }

    pub(super) fn in_column(self, column: &'static str) -> Self {
        self.at(&Place { column: Some(column), ..Place::default() })
    }

    pub(super) fn at_byte(self, byte: u64) -> Self {
        self.at(&Place { byte: Some(byte), ..Place::default() })
    }
}
