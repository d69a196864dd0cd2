//! Files read through the public interface: our own, those of others, and damaged ones.

mod damage;
mod fixtures;
mod hostile;
mod limits;

use std::cell::Cell as Counter;
use std::io;

use super::*;
use crate::{BATCH_ROWS, Batch, FileSchema, READ_BYTES_MAX, ReadError, Reader, Source};

/// Reads all rows, and looks whether batches are what they promise to be.
pub(super) fn read(
    format: ReportFormat,
    columns: &[&'static Column],
    file: &[u8],
) -> Result<Vec<Vec<Cell>>, ReadError> {
    let schema = Schema::new(columns).file_schema(format);
    let schema = FileSchema::parse(format, &schema).expect("a schema of ours");
    read_as(format, &schema, columns, file)
}

/// As [`read`], of a file with other columns.
fn read_as(
    format: ReportFormat,
    schema: &FileSchema,
    columns: &[&'static Column],
    file: &[u8],
) -> Result<Vec<Vec<Cell>>, ReadError> {
    let mut reader = Reader::open(format, schema, columns, file.to_vec())?;
    let mut rows = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        assert_eq!(batch.first_row(), rows.len() as u64);
        assert!((1..=BATCH_ROWS).contains(&batch.rows()));
        assert!(batch.columns().eq(columns.iter().copied()));
        let columns: Vec<_> = columns.iter().map(|column| cells(&batch, column)).collect();
        assert!(columns.iter().all(|cells| cells.len() == batch.rows()));
        rows.extend(
            (0..batch.rows()).map(|row| columns.iter().map(|cells| cells[row].clone()).collect()),
        );
    }
    Ok(rows)
}

fn cells(batch: &Batch, column: &Column) -> Vec<Cell> {
    let number = |value: Option<i64>| value.map_or(Cell::Null, Cell::Number);
    match column.kind {
        ColumnType::String => {
            let texts = batch.strings(column.id).expect("texts");
            texts.map(|value| value.map_or(Cell::Null, text)).collect()
        }
        ColumnType::Boolean => {
            let flags = batch.booleans(column.id).expect("flags");
            flags.map(|value| value.map_or(Cell::Null, Cell::Flag)).collect()
        }
        ColumnType::Int32 => {
            let numbers = batch.int32s(column.id).expect("small numbers");
            numbers.map(|value| number(value.map(i64::from))).collect()
        }
        ColumnType::Int64 => batch.int64s(column.id).expect("numbers").map(number).collect(),
        ColumnType::Timestamp => {
            let times = batch.timestamps(column.id).expect("times");
            times.map(|value| number(value.map(|time| time.0))).collect()
        }
    }
}

/// The rows as a format can hold them.
fn as_held(format: ReportFormat, table: &Table) -> Vec<Vec<Cell>> {
    let is_text = matches!(format, ReportFormat::Csv | ReportFormat::Tsv);
    let cell = |column: &Column, cell: &Cell| match cell {
        // The last second before 1970 has no fractions.
        Cell::Number(-999..=-1)
            if column.kind == ColumnType::Timestamp && format == ReportFormat::Orc =>
        {
            Cell::Number(-1000)
        }
        // A null and an empty text are the same.
        Cell::Text(text)
            if is_text
                && text.is_empty()
                && !matches!(column.id, ColumnId::Bucket | ColumnId::Key) =>
        {
            Cell::Null
        }
        _ => cell.clone(),
    };
    let row = |row: &Vec<Cell>| table.columns.iter().zip(row).map(|(c, v)| cell(c, v)).collect();
    table.rows.iter().map(row).collect()
}

fn check(table: &Table) {
    for format in ReportFormat::ALL.iter().copied() {
        let rows = read(format, &table.columns, &table.file(format, &[1000]));
        assert!(rows.expect("a whole file") == as_held(format, table), "{format:?}");
    }
}

#[test]
fn folders_objects_and_delete_markers_are_read_back() {
    check(&folder_object_and_marker());
}

#[test]
fn files_without_rows_and_of_many_batches_are_read_back() {
    for count in [0, 1, 1023, 1024, 1025, 12_000] {
        check(&many_rows(count, |i| format!("docs/a b+c/{i:08}.txt")));
    }
}

#[test]
fn columns_are_read_in_the_order_in_which_they_are_asked_for() {
    let table = many_rows(30, |i| format!("{i}"));
    let wanted = [ColumnId::Size, ColumnId::Key].map(column);
    for format in ReportFormat::ALL.iter().copied() {
        let schema = Schema::new(&table.columns).file_schema(format);
        let schema = FileSchema::parse(format, &schema).expect("a schema");
        let file = table.file(format, &[1000]);
        let rows = read_as(format, &schema, &wanted, &file).expect("a whole file");
        assert_eq!(rows[29], [Cell::Number(29 * 17), text("29")], "{format:?}");

        let absent = [column(ColumnId::ObjectOwner)];
        let refused = read_as(format, &schema, &absent, &file);
        assert!(
            matches!(refused, Err(ReadError::MissingColumn { column: "ObjectOwner" })),
            "{format:?} {refused:?}"
        );
    }
}

/// Counts what is asked for, and refuses it from some call on.
struct Counting {
    file: Vec<u8>,
    calls_left: Counter<usize>,
}

impl Source for Counting {
    type Error = io::Error;

    fn size_bytes(&self) -> u64 {
        self.file.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, io::Error> {
        assert!((1..=READ_BYTES_MAX).contains(&length));
        let left = self.calls_left.get().checked_sub(1);
        self.calls_left.set(left.ok_or_else(|| io::Error::other("no more calls"))?);
        let from = usize::try_from(offset).expect("a small file");
        Ok(self.file[from..from + length].to_vec())
    }
}

#[test]
fn the_sources_own_error_comes_back() {
    let table = many_rows(5000, |i| format!("docs/{i:08}.txt"));
    for format in ReportFormat::ALL.iter().copied() {
        let schema = Schema::new(&table.columns).file_schema(format);
        let schema = FileSchema::parse(format, &schema).expect("a schema");
        let mut calls = 0;
        loop {
            let file = table.file(format, &[1000]);
            let source = Counting { file, calls_left: Counter::new(calls) };
            let read = || -> Result<usize, ReadError> {
                let mut reader = Reader::open(format, &schema, &table.columns, source)?;
                let mut rows = 0;
                while let Some(batch) = reader.next_batch()? {
                    rows += batch.rows();
                }
                Ok(rows)
            };
            match read() {
                Ok(rows) => break assert_eq!(rows, 5000),
                Err(ReadError::Source(error)) => assert!(error.is::<io::Error>()),
                Err(other) => panic!("{other}"),
            }
            calls += 1;
        }
        assert!((1..=20).contains(&calls), "{format:?}: {calls} calls for one small file");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_value_is_read_back(table in any_table(0..40)) {
        for format in ReportFormat::ALL.iter().copied() {
            let rows = read(format, &table.columns, &table.file(format, &[3, 11]));
            prop_assert_eq!(rows.expect("a whole file"), as_held(format, &table));
        }
    }
}
