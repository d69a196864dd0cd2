//! What is refused for being too large, and what of other writers' habits is read all the same.

use std::io::Write as _;

use expect_test::{Expect, expect};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::VALUE_BYTES_MAX;

pub(super) fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text).expect("room in memory");
    gzip.finish().expect("room in memory")
}

/// Reads text with these columns.
fn read_text(format: ReportFormat, schema: &str, file: &[u8]) -> Result<Vec<Vec<Cell>>, ReadError> {
    let schema = FileSchema::parse(format, schema).expect("a schema");
    read_as(format, &schema, &schema.columns(), file)
}

#[track_caller]
fn check_refused(format: ReportFormat, schema: &str, text: &str, expected: &Expect) {
    let refused = read_text(format, schema, &gzipped(text.as_bytes())).expect_err("refused");
    expected.assert_eq(&refused.to_string());
}

#[test]
fn csv_of_other_writers_is_read() {
    let file = gzipped(b"b,a%20b+c,,12\r\n\r\n\"b\",\"%C3%A9\"\"\",rain,\"\"\r\nb,,\"sun\n\",-1");
    assert_eq!(
        read_text(ReportFormat::Csv, "Bucket, Key, Weather, Size", &file).expect("rows"),
        [
            vec![text("b"), text("a b+c"), Cell::Number(12)],
            vec![text("b"), text("é\""), Cell::Null],
            vec![text("b"), text(""), Cell::Number(-1)],
        ]
    );
}

#[test]
fn several_members_are_one_text() {
    let file = [gzipped(b"a,"), gzipped(b""), gzipped(b"1\nb,2\n")].concat();
    let rows = read_text(ReportFormat::Csv, "Key, Size", &file).expect("rows");
    assert_eq!(rows, [[text("a"), Cell::Number(1)], [text("b"), Cell::Number(2)]]);
}

#[test]
fn json_of_other_writers_is_read() {
    let lines = br#"{ "Weather": [1, {"a": null}], "ObjectKey": "a+\u00e9\/", "size": "7" }

{"IsLatest":"TRUE","LastModifiedDate":"2026-11-08T01:00:00Z","ObjectKey":"b"}"#;
    let schema = "ObjectKey, Size, IsLatest, LastModifiedDate";
    assert_eq!(
        read_text(ReportFormat::Json, schema, &gzipped(lines)).expect("rows"),
        [
            [text("a+é/"), Cell::Number(7), Cell::Null, Cell::Null],
            [text("b"), Cell::Null, Cell::Flag(true), Cell::Number(1_794_099_600_000)],
        ]
    );
}

#[test]
fn values_that_are_not_their_columns_are_refused_with_their_place() {
    let csv = ReportFormat::Csv;
    check_refused(
        csv,
        "Key, Size",
        "a,1\nb,twelve\n",
        &expect!["column `Size`, row 1, byte 4: `twelve` is not a number of 64 bits"],
    );
    check_refused(
        csv,
        "Key, ObjectLockEventHoldDuration",
        "a,2147483648\n",
        &expect![
            "column `ObjectLockEventHoldDuration`, row 0, byte 0: 2147483648 does not fit 32 bits"
        ],
    );
    check_refused(
        csv,
        "Key, Size",
        "a,1\nb\n",
        &expect!["row 1, byte 4: a row of 1 values, the manifest names 2 columns"],
    );
    check_refused(
        csv,
        "Key, Size",
        "a%2,1\n",
        &expect!["column `Key`, row 0, byte 0: a `%` without two hexadecimal digits behind it"],
    );
    check_refused(
        csv,
        "Key, Size",
        "\"a,1\n",
        &expect!["row 0, byte 0: a value whose quotes are not closed"],
    );
    check_refused(
        csv,
        "Key, Size",
        "%ff,1\n",
        &expect!["column `Key`, row 0, byte 0: a text that is not UTF-8"],
    );
}

#[test]
fn members_that_are_not_their_columns_are_refused_with_their_place() {
    let json = ReportFormat::Json;
    check_refused(
        json,
        "Key, Size",
        "{\"Key\":\"a\"}\n{\"Key\":null}\n",
        &expect!["column `Key`, row 1, byte 12: a null, where every row has a value"],
    );
    check_refused(
        json,
        "Key, Size",
        "{\"Size\":1}\n",
        &expect!["column `Key`, row 0, byte 0: a null, where every row has a value"],
    );
    check_refused(
        json,
        "Key, Size",
        "{\"Key\":\"a\",\"Key\":\"b\"}\n",
        &expect!["column `Key`, row 0, byte 0: a member that is given twice"],
    );
    check_refused(
        json,
        "Key, Size",
        "{\"Key\":\"a\",\"Size\":1.5}\n",
        &expect![
            "row 0, byte 0: no JSON object: invalid type: floating point `1.5`, expected a text, an integer of 64 bits, `true`, `false` or `null` at line 1 column 21"
        ],
    );
    check_refused(
        json,
        "Key, Size",
        "{\"Key\":\"a\"} {\"Key\":\"b\"}\n",
        &expect!["row 0, byte 0: no JSON object: trailing characters at line 1 column 13"],
    );
    check_refused(
        json,
        "Key, Size",
        "[1]\n",
        &expect![
            "row 0, byte 0: no JSON object: invalid type: sequence, expected an object with a row's columns at line 1 column 0"
        ],
    );
}

#[test]
fn the_longest_rows_that_are_written_are_read() {
    // What takes most when escaped: six bytes for one in JSON, three in a key.
    for longest in ["\u{1}".repeat(VALUE_BYTES_MAX), "\"".repeat(VALUE_BYTES_MAX)] {
        let columns: Vec<_> = COLUMNS.iter().collect();
        let cell = |column: &&&Column| match column.kind {
            ColumnType::String => text(longest.clone()),
            _ => Cell::Null,
        };
        let row: Vec<_> = columns.iter().map(|column| cell(&column)).collect();
        let table = Table { columns, rows: vec![row; 3] };
        check(&table);
    }
}

#[test]
fn texts_too_long_for_a_column_are_refused() {
    let long = "x".repeat(VALUE_BYTES_MAX + 1);
    check_refused(
        ReportFormat::Csv,
        "Key, ETag",
        &format!("a,{long}\n"),
        &expect!["column `ETag`, row 0, byte 0: a text has 65537, limit is 65536"],
    );
    check_refused(
        ReportFormat::Json,
        "Key, ETag",
        &format!("{{\"Key\":\"{long}\"}}\n"),
        &expect!["column `Key`, row 0, byte 0: a text has 65537, limit is 65536"],
    );
}

#[test]
fn a_row_without_end_is_given_up() {
    // A thousand times as long as the file, and more than may be in memory.
    let bomb = " ".repeat(40 << 20);
    for (format, begin) in [(ReportFormat::Csv, "\"a"), (ReportFormat::Json, "{\"Key\":\"a")] {
        let file = gzipped(format!("{begin}{bomb}").as_bytes());
        assert!(file.len() < 1 << 20);
        let refused = read_text(format, "Key, Size", &file).expect_err("refused");
        assert!(
            matches!(refused, ReadError::TooLarge { what: "a row", size, .. } if size < 13 << 20)
        );
    }
}

#[test]
fn batches_of_text_end_before_they_are_large() {
    let row = format!("\"{}\",1\n", "x".repeat(60_000));
    let file = gzipped(row.repeat(300).as_bytes());
    let schema = FileSchema::parse(ReportFormat::Csv, "Key, Size").expect("a schema");
    let mut reader =
        Reader::open(ReportFormat::Csv, &schema, &schema.columns(), file).expect("csv");
    let mut rows = 0;
    while let Some(batch) = reader.next_batch().expect("rows") {
        assert!(batch.rows() <= (4 << 20) / 60_000 + 1);
        rows += batch.rows();
    }
    assert_eq!(rows, 300);
}

#[test]
fn one_long_text_that_is_named_often_is_refused() {
    // A few bytes a row in the file, and 64 KiB for each of 1024 rows of a batch.
    let long = text("x".repeat(VALUE_BYTES_MAX));
    let table = |columns: &[ColumnId]| Table {
        columns: columns.iter().map(|id| column(*id)).collect(),
        rows: vec![vec![long.clone(); columns.len()]; 1100],
    };
    let (fits, does_not) =
        (table(&[ColumnId::ETag]), table(&[ColumnId::ETag, ColumnId::StorageClass]));
    for format in [ReportFormat::Orc, ReportFormat::Parquet] {
        let rows = read(format, &fits.columns, &fits.file(format, &[1000]));
        assert_eq!(rows.expect("just as much as there may be").len(), 1100);
        let refused = read(format, &does_not.columns, &does_not.file(format, &[1000]));
        assert_eq!(
            refused.expect_err("refused").to_string(),
            "stripe 0, column `StorageClass`, row 0: the texts of a batch has 65536, limit is 67108864"
        );
    }
}
