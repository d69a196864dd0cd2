//! Single values of a column, whatever type the file has for it.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;
use stocktake_core::column::ColumnType;

use super::super::ReadError;
use super::super::batch::ColumnBuilder;

/// The day 1970-01-01 by the count of Julian days.
const JULIAN_1970: i64 = 2_440_588;

/// What a file's values are, and what is made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Text,
    Int32,
    Int64,
    /// Times in a unit of which there are so many in a millisecond.
    Time {
        per_milli: i64,
    },
    /// Nanoseconds of a day and its Julian number, which old writers of times have.
    JulianTime,
}

impl Kind {
    /// What makes values of a column's type out of the file's.
    ///
    /// Times that the file does not call UTC's are taken for UTC's as well: reports have no others.
    pub(super) fn of(expected: ColumnType, file: &ColumnDescriptor) -> Option<Self> {
        if file.max_rep_level() > 0 || file.max_def_level() > 1 {
            return None;
        }
        let (logical, converted) = (file.logical_type_ref(), file.converted_type());
        let is_number = match logical {
            None => !matches!(
                converted,
                ConvertedType::DECIMAL
                    | ConvertedType::DATE
                    | ConvertedType::TIME_MILLIS
                    | ConvertedType::TIME_MICROS
                    | ConvertedType::TIMESTAMP_MILLIS
                    | ConvertedType::TIMESTAMP_MICROS
            ),
            Some(logical) => matches!(logical, LogicalType::Integer(_)),
        };
        match (expected, file.physical_type()) {
            (ColumnType::Boolean, Type::BOOLEAN) => Some(Self::Flag),
            (ColumnType::String, Type::BYTE_ARRAY) => {
                let is_decimal = converted == ConvertedType::DECIMAL
                    || matches!(logical, Some(LogicalType::Decimal(_)));
                (!is_decimal).then_some(Self::Text)
            }
            (ColumnType::Int32 | ColumnType::Int64, Type::INT32) => {
                is_number.then_some(Self::Int32)
            }
            (ColumnType::Int32 | ColumnType::Int64, Type::INT64) => {
                is_number.then_some(Self::Int64)
            }
            (ColumnType::Timestamp, Type::INT96) => Some(Self::JulianTime),
            (ColumnType::Timestamp, Type::INT64) => time_unit(logical, converted),
            _ => None,
        }
    }

    /// How long values are; none for texts, which say it themselves, and flags, which are bits.
    pub(super) fn width(self) -> Option<usize> {
        match self {
            Self::Flag | Self::Text => None,
            Self::Int32 => Some(4),
            Self::Int64 | Self::Time { .. } => Some(8),
            Self::JulianTime => Some(12),
        }
    }

    /// Appends a value that is a number already.
    pub(super) fn append_number(
        self,
        number: i64,
        out: &mut ColumnBuilder,
    ) -> Result<(), ReadError> {
        out.number(match self {
            // Differences of numbers of 32 bits run over at 32 bits.
            Self::Int32 => i64::from(i32::from_le_bytes(low_bytes(number))),
            Self::Time { per_milli } => number.div_euclid(per_milli),
            _ => number,
        })
    }

    /// Appends a value that is no flag.
    pub(super) fn append(self, value: &[u8], out: &mut ColumnBuilder) -> Result<(), ReadError> {
        let number = match self {
            Self::Text => return out.text(value),
            Self::Int32 => value.try_into().map(i32::from_le_bytes).map(i64::from).ok(),
            Self::Int64 => value.try_into().map(i64::from_le_bytes).ok(),
            Self::Time { per_milli } => {
                value.try_into().map(i64::from_le_bytes).map(|time| time.div_euclid(per_milli)).ok()
            }
            Self::JulianTime => julian_millis(value),
            Self::Flag => None,
        };
        out.number(number.ok_or(ReadError::malformed("a value of another length"))?)
    }
}

fn time_unit(logical: Option<&LogicalType>, converted: ConvertedType) -> Option<Kind> {
    let per_milli = match (logical, converted) {
        (Some(LogicalType::Timestamp(time)), _) => match time.unit {
            TimeUnit::MILLIS => 1,
            TimeUnit::MICROS => 1000,
            TimeUnit::NANOS => 1_000_000,
        },
        (None, ConvertedType::TIMESTAMP_MILLIS) => 1,
        (None, ConvertedType::TIMESTAMP_MICROS) => 1000,
        (Some(_) | None, _) => return None,
    };
    Some(Kind::Time { per_milli })
}

/// None only for a value of another length: 64 bits hold all such times in milliseconds.
fn julian_millis(value: &[u8]) -> Option<i64> {
    let (nanos, day) = value.split_first_chunk::<8>()?;
    let (nanos, day) = (i64::from_le_bytes(*nanos), i32::from_le_bytes(day.try_into().ok()?));
    Some((i64::from(day) - JULIAN_1970) * 86_400_000 + nanos.div_euclid(1_000_000))
}

fn low_bytes(number: i64) -> [u8; 4] {
    let [a, b, c, d, ..] = number.to_le_bytes();
    [a, b, c, d]
}
