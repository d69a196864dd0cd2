//! One column of a stripe, value by value.

use stocktake_core::column::ColumnType;

use super::super::ReadError;
use super::super::batch::ColumnBuilder;
use super::super::source::Source;
use super::integers::Integers;
use super::runs::Bits;
use super::texts::Texts;

/// 2015-01-01T00:00:00Z, which timestamps count from, in seconds since 1970.
const EPOCH_SECONDS: i64 = 1_420_070_400;

/// Decodes the values of one column.
#[derive(Debug)]
pub(super) struct ColumnDecoder<S> {
    /// Whether each row has a value; none where all have.
    pub(super) present: Option<Bits<S>>,
    pub(super) values: Values<S>,
}

#[derive(Debug)]
pub(super) enum Values<S> {
    Flags(Bits<S>),
    Integers(Integers<S>),
    Times { seconds: Integers<S>, nanos: Integers<S> },
    Texts(Texts<S>),
}

impl<S: Source> ColumnDecoder<S> {
    /// Appends the values of the next rows; an error comes with how many rows it is after.
    pub(super) fn append(
        &mut self,
        rows: usize,
        out: &mut ColumnBuilder,
    ) -> Result<(), (usize, ReadError)> {
        (0..rows).try_for_each(|row| self.append_one(out).map_err(|error| (row, error)))
    }

    fn append_one(&mut self, out: &mut ColumnBuilder) -> Result<(), ReadError> {
        if let Some(present) = &mut self.present
            && !present.next()?
        {
            return out.null();
        }
        match &mut self.values {
            Values::Flags(bits) => out.flag(bits.next()?),
            Values::Integers(integers) => out.number(integers.next()?),
            Values::Times { seconds, nanos } => out.number(millis(seconds.next()?, nanos.next()?)?),
            Values::Texts(texts) => out.text(texts.next()?),
        }
    }
}

/// Whether values of the file's type can be those of a column, and otherwise what the file's type is called.
pub(super) fn fits(expected: ColumnType, file: u64) -> Result<(), &'static str> {
    let is_same = match expected {
        ColumnType::Boolean => file == 0,
        // Smallint, int, bigint.
        ColumnType::Int32 | ColumnType::Int64 => (2..=4).contains(&file),
        // String, binary, varchar, char.
        ColumnType::String => matches!(file, 7 | 8 | 16 | 17),
        // Timestamp, timestamp with local time zone.
        ColumnType::Timestamp => matches!(file, TIMESTAMP | TIMESTAMP_INSTANT),
    };
    if is_same { Ok(()) } else { Err(name(file)) }
}

/// The number of the type whose values are what a clock shows.
pub(super) const TIMESTAMP: u64 = 9;

/// The number of the type whose values are points in time.
pub(super) const TIMESTAMP_INSTANT: u64 = 18;

fn name(kind: u64) -> &'static str {
    const NAMES: [&str; 19] = [
        "boolean",
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "float",
        "double",
        "string",
        "binary",
        "timestamp",
        "array",
        "map",
        "struct",
        "uniontype",
        "decimal",
        "date",
        "varchar",
        "char",
        "timestamp with local time zone",
    ];
    let at = usize::try_from(kind).unwrap_or(usize::MAX);
    NAMES.get(at).copied().unwrap_or("a type without a name")
}

/// A time in milliseconds out of seconds since 2015 and a fraction whose lowest bits count the zeros left away.
///
/// Seconds are cut towards zero and fractions count upwards, so before 1970 a second is taken off where there is a
/// fraction, as the readers in Java and C++ do. Arrow in C++ writes fractions that count downwards there, below zero.
fn millis(seconds: i64, nanos: i64) -> Result<i64, ReadError> {
    let no_time = || ReadError::malformed("a time beyond what can be told in milliseconds");
    let zeros = match u32::try_from(nanos & 7) {
        Ok(0) | Err(_) => 0,
        Ok(zeros) => zeros + 1,
    };
    let nanos = (nanos >> 3).checked_mul(10_i64.pow(zeros));
    let nanos = nanos.filter(|nanos| nanos.unsigned_abs() < 1_000_000_000).ok_or_else(no_time)?;
    let millis = nanos.div_euclid(1_000_000);
    let seconds = seconds.checked_add(EPOCH_SECONDS).ok_or_else(no_time)?;
    let borrowed = i64::from(seconds < 0 && millis > 0);
    let whole = seconds.checked_sub(borrowed).and_then(|seconds| seconds.checked_mul(1000));
    whole.and_then(|whole| whole.checked_add(millis)).ok_or_else(no_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_count_upwards_or_downwards() {
        let half = 5 << 3 | 7;
        for (seconds, fraction, expected) in [
            (EPOCH_SECONDS + 1, half, 1500),
            (EPOCH_SECONDS - 1, half, -1500),
            (EPOCH_SECONDS - 1, -half + 14, -1500),
            (EPOCH_SECONDS, half, 500),
            (EPOCH_SECONDS - 1, 0, -1000),
            (EPOCH_SECONDS + 1, 1 << 3, 1000),
        ] {
            assert_eq!(millis(seconds - 2 * EPOCH_SECONDS, fraction).ok(), Some(expected));
        }
        assert!(millis(i64::MAX, 0).is_err());
        assert!(millis(i64::MIN, i64::MAX).is_err());
        assert!(millis(0, i64::MIN).is_err());
    }
}
