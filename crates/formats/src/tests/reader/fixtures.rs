//! Files of other writers, from `tests/fixtures/make.py`.

use expect_test::{Expect, expect};

use super::*;

/// The columns that are known of the file's; there is another before them.
const COLUMNS_READ: [ColumnId; 9] = [
    ColumnId::Bucket,
    ColumnId::Key,
    ColumnId::VersionId,
    ColumnId::IsLatest,
    ColumnId::IsDeleteMarker,
    ColumnId::Size,
    ColumnId::LastModifiedDate,
    ColumnId::StorageClass,
    ColumnId::ObjectLockEventHoldDuration,
];

/// Files that are read to their end.
pub(super) const WHOLE: &[(ReportFormat, &[u8])] = &[
    (ReportFormat::Orc, include_bytes!("../fixtures/zlib_direct.orc")),
    (ReportFormat::Orc, include_bytes!("../fixtures/snappy_dictionary.orc")),
    (ReportFormat::Orc, include_bytes!("../fixtures/version_0_11.orc")),
    (ReportFormat::Parquet, include_bytes!("../fixtures/dictionary_v1.parquet")),
    (ReportFormat::Parquet, include_bytes!("../fixtures/plain_v2.parquet")),
    (ReportFormat::Parquet, include_bytes!("../fixtures/int96.parquet")),
    (ReportFormat::Parquet, include_bytes!("../fixtures/gzip.parquet")),
    (ReportFormat::Parquet, include_bytes!("../fixtures/deltas.parquet")),
];

/// The same row as in the script.
fn row(i: i64) -> Vec<Cell> {
    let unless = |is_null: bool, cell: Cell| if is_null { Cell::Null } else { cell };
    let size = match i {
        _ if i % 50 == 7 => (1 << 40) + i,
        300..600 => 7,
        600..900 => i * 1000,
        _ => i * i * 31 % 5000,
    };
    let class = ["STANDARD", "GLACIER", "", "STANDARD_IA"][usize::try_from(i % 4).expect("small")];
    vec![
        text("orbit-raw"),
        text(format!("docs/{i:05}/é")),
        unless(i % 7 == 0, text(format!("{:08x}", i * 2_654_435_761 % (1 << 32)))),
        Cell::Flag(i % 3 != 0),
        unless(i % 4 == 0, Cell::Flag(i % 8 < 5)),
        unless(i % 97 == 0, Cell::Number(size)),
        unless(i % 11 == 0, Cell::Number((i - 500) * 61_001)),
        unless(i % 13 == 0, text(class)),
        unless(i % 2 == 1, Cell::Number(i * 7 - 1000)),
    ]
}

fn read_fixture(format: ReportFormat, file: &[u8]) -> Result<Vec<Vec<Cell>>, ReadError> {
    let names = match format {
        ReportFormat::Orc => "struct<weather:array<int>,bucket:string>",
        _ => "message m { optional binary bucket; }",
    };
    let schema = FileSchema::parse(format, names).expect("a schema");
    read_as(format, &schema, &COLUMNS_READ.map(column), file)
}

#[track_caller]
fn check(format: ReportFormat, rows: i64, file: &[u8]) {
    let read = read_fixture(format, file).expect("a whole file");
    assert_eq!(read.len(), usize::try_from(rows).expect("few rows"));
    for (i, read) in (0..).zip(read) {
        assert_eq!(read, row(i), "row {i}");
    }
}

#[track_caller]
fn check_refused(format: ReportFormat, file: &[u8], expected: &Expect) {
    let refused = read_fixture(format, file).expect_err("refused");
    expected.assert_eq(&refused.to_string());
}

#[test]
fn orc_of_the_cpp_writer_with_zlib_and_direct_texts() {
    check(ReportFormat::Orc, 1500, include_bytes!("../fixtures/zlib_direct.orc"));
}

#[test]
fn orc_of_the_cpp_writer_with_snappy_and_dictionaries() {
    check(ReportFormat::Orc, 1500, include_bytes!("../fixtures/snappy_dictionary.orc"));
}

#[test]
fn orc_of_the_old_version_with_the_old_runs() {
    check(ReportFormat::Orc, 400, include_bytes!("../fixtures/version_0_11.orc"));
}

#[test]
fn other_compressions_of_orc_are_refused_by_name() {
    check_refused(
        ReportFormat::Orc,
        include_bytes!("../fixtures/zstd.orc"),
        &expect!["compression by Zstandard is not supported"],
    );
    check_refused(
        ReportFormat::Orc,
        include_bytes!("../fixtures/lz4.orc"),
        &expect!["compression by LZ4 is not supported"],
    );
}

#[test]
fn times_of_other_zones_are_refused_by_name() {
    let mut file = include_bytes!("../fixtures/version_0_11.orc").to_vec();
    let at = file.windows(3).rposition(|bytes| bytes == b"GMT").expect("a time zone");
    file[at..at + 3].copy_from_slice(b"CET");
    check_refused(
        ReportFormat::Orc,
        &file,
        &expect![
            "stripe 0, column `LastModifiedDate`: the time zone `CET` of times is not supported"
        ],
    );
}

#[test]
fn parquet_with_dictionaries_and_pages_of_the_first_version() {
    check(ReportFormat::Parquet, 600, include_bytes!("../fixtures/dictionary_v1.parquet"));
}

#[test]
fn parquet_with_pages_of_the_second_version_and_microseconds() {
    check(ReportFormat::Parquet, 400, include_bytes!("../fixtures/plain_v2.parquet"));
}

#[test]
fn parquet_with_the_old_times_and_texts_without_annotation() {
    check(ReportFormat::Parquet, 400, include_bytes!("../fixtures/int96.parquet"));
}

#[test]
fn parquet_with_nanoseconds_of_no_zone() {
    check(ReportFormat::Parquet, 120, include_bytes!("../fixtures/nanos.parquet"));
}

#[test]
fn parquet_with_gzip() {
    check(ReportFormat::Parquet, 400, include_bytes!("../fixtures/gzip.parquet"));
}

#[test]
fn parquet_with_deltas() {
    check(ReportFormat::Parquet, 700, include_bytes!("../fixtures/deltas.parquet"));
}

#[test]
fn other_compressions_of_parquet_are_refused_by_name() {
    check_refused(
        ReportFormat::Parquet,
        include_bytes!("../fixtures/zstd.parquet"),
        &expect!["stripe 0, column `Bucket`: compression by ZSTD is not supported"],
    );
}

#[test]
fn columns_of_other_types_are_refused_by_name() {
    let refused = |format, names, file: &[u8]| {
        let schema = FileSchema::parse(format, names).expect("a schema");
        let ids = [
            ColumnId::Key,
            ColumnId::Size,
            ColumnId::LastModifiedDate,
            ColumnId::ObjectLockRetainUntilDate,
            ColumnId::IsLatest,
        ];
        let refused = ids.map(|id| read_as(format, &schema, &[column(id)], file));
        refused.map(|refused| refused.expect_err("refused").to_string()).join("\n")
    };
    let orc = include_bytes!("../fixtures/other_types.orc");
    expect![[r"
        column `Key` is to hold String values, the file has int
        column `Size` is to hold Int64 values, the file has double
        column `LastModifiedDate` is to hold Timestamp values, the file has bigint
        column `ObjectLockRetainUntilDate` is to hold Timestamp values, the file has date
        column `IsLatest` is to hold Boolean values, the file has array"]]
    .assert_eq(&refused(ReportFormat::Orc, "struct<key:int>", orc));
    let parquet = include_bytes!("../fixtures/other_types.parquet");
    let names = "message m { optional int32 key; }";
    expect![[r"
        column `Key` is to hold String values, the file has INT32 (NONE)
        column `Size` is to hold Int64 values, the file has DOUBLE (NONE)
        column `LastModifiedDate` is to hold Timestamp values, the file has INT64 (NONE)
        column `ObjectLockRetainUntilDate` is to hold Timestamp values, the file has INT32 (Date)
        the file has no column `IsLatest`"]]
    .assert_eq(&refused(ReportFormat::Parquet, names, parquet));
}
