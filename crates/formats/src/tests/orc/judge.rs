//! The same files as orc-rust reads them, which shares no code with the writer.

use arrow::array::{Array, AsArray as _, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use bytes::Bytes;
use orc_rust::ArrowReaderBuilder;
use orc_rust::schema::TimestampPrecision;

use super::*;

/// All rows of a file.
pub(super) fn rows(columns: &[&'static Column], file: &[u8]) -> Vec<Vec<Cell>> {
    let reader = ArrowReaderBuilder::try_new(Bytes::copy_from_slice(file)).expect("an ORC file");
    // Nanoseconds do not reach the years 1 and 9999.
    let reader = reader.with_timestamp_precision(TimestampPrecision::Microsecond).build();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.expect("a readable stripe");
        let columns: Vec<_> =
            columns.iter().enumerate().map(|(at, column)| cells(&batch, at, column.kind)).collect();
        rows.extend(
            (0..batch.num_rows())
                .map(|row| columns.iter().map(|cells| cells[row].clone()).collect::<Vec<_>>()),
        );
    }
    rows
}

fn cells(batch: &RecordBatch, at: usize, kind: ColumnType) -> Vec<Cell> {
    let array = batch.column(at);
    let cell = |row: usize| match kind {
        ColumnType::String => text(array.as_string::<i32>().value(row)),
        ColumnType::Boolean => Cell::Flag(array.as_boolean().value(row)),
        ColumnType::Int32 => Cell::Number(array.as_primitive::<Int32Type>().value(row).into()),
        ColumnType::Int64 => Cell::Number(array.as_primitive::<Int64Type>().value(row)),
        ColumnType::Timestamp => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            assert_eq!(micros % 1000, 0, "a fraction of a millisecond");
            Cell::Number(micros / 1000)
        }
    };
    (0..array.len()).map(|row| if array.is_null(row) { Cell::Null } else { cell(row) }).collect()
}
