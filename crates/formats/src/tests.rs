//! Whole files, written through the public interface and read back by something else.

mod csv;
mod json;
mod orc;
mod parquet;
mod reader;
mod writer;

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::SizeRange;
use stocktake_core::column::{COLUMNS, Column, ColumnId, ColumnType};
use stocktake_core::configuration::ReportFormat;
use stocktake_core::timestamp::Millis;

use crate::{Error, Schema, Values, Writer};

/// One value of any column.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Null,
    Text(String),
    Flag(bool),
    Number(i64),
}

/// Rows under columns.
#[derive(Clone, Debug)]
struct Table {
    columns: Vec<&'static Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A file of these rows, pushed in portions of these sizes, over and over.
    fn file(&self, format: ReportFormat, portions: &[usize]) -> Vec<u8> {
        let schema = Schema::new(&self.columns);
        let mut writer = Writer::new(format, &schema, Vec::new()).expect("a new file");
        let mut rest = &self.rows[..];
        for portion in portions.iter().cycle() {
            let (page, after) = rest.split_at((*portion).min(rest.len()));
            writer
                .push(page.len(), |column, rows, values| self.fill(page, column, rows, values))
                .expect("values of the right types");
            if after.is_empty() {
                break;
            }
            rest = after;
        }
        assert_eq!(writer.rows(), self.rows.len() as u64);
        writer.finish().expect("room in memory")
    }

    fn fill(
        &self,
        page: &[Vec<Cell>],
        column: &'static Column,
        rows: Range<usize>,
        values: &mut Values<'_>,
    ) -> Result<(), Error> {
        let at = self.columns.iter().position(|candidate| *candidate == column).expect("known");
        let cells = page[rows].iter().map(|row| &row[at]);
        match column.kind {
            ColumnType::String => values.strings(cells.map(|cell| match cell {
                Cell::Text(text) => Some(text.as_str()),
                _ => None,
            })),
            ColumnType::Boolean => values.booleans(cells.map(|cell| match cell {
                Cell::Flag(flag) => Some(*flag),
                _ => None,
            })),
            ColumnType::Int32 => {
                values.int32s(cells.map(|cell| number(cell).and_then(|n| n.try_into().ok())))
            }
            ColumnType::Int64 => values.int64s(cells.map(number)),
            ColumnType::Timestamp => values.timestamps(cells.map(|cell| number(cell).map(Millis))),
        }
    }
}

fn number(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Number(number) => Some(*number),
        _ => None,
    }
}

fn column(id: ColumnId) -> &'static Column {
    COLUMNS.iter().find(|column| column.id == id).expect("every id has a column")
}

/// The nine columns of a usual report of all versions.
fn usual_columns() -> Vec<&'static Column> {
    [
        ColumnId::Bucket,
        ColumnId::Key,
        ColumnId::VersionId,
        ColumnId::IsLatest,
        ColumnId::IsDeleteMarker,
        ColumnId::Size,
        ColumnId::LastModifiedDate,
        ColumnId::ETag,
        ColumnId::StorageClass,
    ]
    .map(column)
    .to_vec()
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// A folder, an object whose key needs encoding, and the delete marker above it.
fn folder_object_and_marker() -> Table {
    let row =
        |key: &str, version: Option<&str>, marker: bool, object: Option<(i64, &str)>, modified| {
            vec![
                text("orbit-raw"),
                text(key),
                version.map_or(Cell::Null, text),
                Cell::Flag(marker || object.is_some_and(|(size, _)| size == 0)),
                Cell::Flag(marker),
                object.map_or(Cell::Null, |(size, _)| Cell::Number(size)),
                Cell::Number(modified),
                object.map_or(Cell::Null, |(_, etag)| text(etag)),
                object.map_or(Cell::Null, |_| text("STANDARD")),
            ]
        };
    let empty = Some((0, "d41d8cd98f00b204e9800998ecf8427e"));
    let abc = Some((3, "900150983cd24fb0d6963f7d28e17f72"));
    Table {
        columns: usual_columns(),
        rows: vec![
            row("docs/", None, false, empty, 1_793_610_900_000),
            row("docs/a b+c~.txt", None, false, abc, 1_793_610_970_000),
            row("docs/a b+c~.txt", Some("Kx2mQ7"), true, None, 1_793_703_600_000),
        ],
    }
}

/// Ordinary rows, all different.
fn many_rows(count: usize, key: impl Fn(usize) -> String) -> Table {
    let row = |i: usize| {
        let hash = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let number = i64::try_from(i).expect("few rows");
        vec![
            text("orbit-raw"),
            text(key(i)),
            if i.is_multiple_of(7) { Cell::Null } else { text(format!("{hash:x}")) },
            Cell::Flag(i.is_multiple_of(2)),
            Cell::Flag(false),
            Cell::Number(number * 17),
            Cell::Number(1_793_610_900_000 + number * 1000),
            text(format!("{hash:016x}{:016x}", hash.rotate_left(29))),
            text(if i.is_multiple_of(5) { "GLACIER" } else { "STANDARD" }),
        ]
    };
    Table { columns: usual_columns(), rows: (0..count).map(row).collect() }
}

/// Any text that a store may answer, hostile ones included.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9/._-]{0,20}",
        "[\"',;\\n\\r\\t %+~=*\\\\\u{0}-\u{1f}]{0,12}",
        any::<String>(),
        Just("\"\",\"\"\n\"".to_owned()),
        Just("é/😀/\u{feff}\u{2028}".to_owned()),
    ]
}

fn any_cell(column: &Column) -> BoxedStrategy<Cell> {
    let value = match column.kind {
        ColumnType::String => any_text().prop_map(Cell::Text).boxed(),
        ColumnType::Boolean => any::<bool>().prop_map(Cell::Flag).boxed(),
        ColumnType::Int32 => any::<i32>().prop_map(|n| Cell::Number(n.into())).boxed(),
        ColumnType::Int64 => any::<i64>().prop_map(Cell::Number).boxed(),
        ColumnType::Timestamp => {
            (-99_999_999_999_999..999_999_999_999_999_i64).prop_map(Cell::Number).boxed()
        }
    };
    if matches!(column.id, ColumnId::Bucket | ColumnId::Key) {
        value
    } else {
        prop_oneof![1 => Just(Cell::Null), 2 => value].boxed()
    }
}

/// Rows of every column that there is.
fn any_table(rows: impl Into<SizeRange>) -> impl Strategy<Value = Table> {
    let row: Vec<_> = COLUMNS.iter().map(any_cell).collect();
    prop::collection::vec(row, rows)
        .prop_map(|rows| Table { columns: COLUMNS.iter().collect(), rows })
}
