//! Parquet, read back by the `parquet` crate.

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::basic::{Compression, Encoding};
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::file::statistics::Statistics;
use ::parquet::schema::printer::print_schema;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef};
use bytes::Bytes;

use super::*;

fn metadata(file: Vec<u8>) -> ParquetMetaData {
    let reader = SerializedFileReader::new(Bytes::from(file)).expect("a Parquet file");
    reader.metadata().clone()
}

fn cell(column: &Column, array: &ArrayRef, row: usize) -> Cell {
    if array.is_null(row) {
        return Cell::Null;
    }
    match column.kind {
        ColumnType::String => text(array.as_string::<i32>().value(row)),
        ColumnType::Boolean => Cell::Flag(array.as_boolean().value(row)),
        ColumnType::Int32 => Cell::Number(array.as_primitive::<Int32Type>().value(row).into()),
        ColumnType::Int64 => Cell::Number(array.as_primitive::<Int64Type>().value(row)),
        ColumnType::Timestamp => {
            Cell::Number(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
    }
}

fn rows(columns: &[&'static Column], file: Vec<u8>) -> Vec<Vec<Cell>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file))
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .expect("a Parquet file");
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.expect("readable pages");
        for row in 0..batch.num_rows() {
            let cells = columns.iter().zip(batch.columns());
            rows.push(cells.map(|(column, array)| cell(column, array, row)).collect());
        }
    }
    rows
}

#[test]
fn the_schema_is_the_one_in_the_manifest() {
    let columns: Vec<_> = COLUMNS.iter().collect();
    let table = Table { columns: columns.clone(), rows: Vec::new() };
    let metadata = metadata(table.file(ReportFormat::Parquet, &[1]));
    let mut printed = Vec::new();
    print_schema(&mut printed, metadata.file_metadata().schema());
    let words =
        |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let printed = String::from_utf8(printed)
        .expect("UTF-8")
        .replace("REQUIRED", "required")
        .replace("OPTIONAL", "optional")
        .replace("BYTE_ARRAY", "binary")
        .replace("BOOLEAN", "boolean")
        .replace("INT", "int");
    let described = Schema::new(&columns).file_schema(ReportFormat::Parquet);
    assert_eq!(words(&printed), words(&described.replace(";}", "; }")));
}

#[test]
fn types_are_annotated_in_the_old_and_the_new_way() {
    let metadata = metadata(folder_object_and_marker().file(ReportFormat::Parquet, &[1]));
    let annotations: Vec<_> = metadata
        .file_metadata()
        .schema_descr()
        .columns()
        .iter()
        .map(|column| format!("{:?} {}", column.logical_type_ref(), column.converted_type()))
        .collect();
    assert_eq!(annotations[1], "Some(String) UTF8");
    assert_eq!(annotations[3], "None NONE");
    assert_eq!(annotations[5], "None NONE");
    assert!(annotations[6].contains("Timestamp"), "{}", annotations[6]);
    assert!(annotations[6].ends_with("TIMESTAMP_MILLIS"), "{}", annotations[6]);
}

#[test]
fn nulls_of_delete_markers_are_real() {
    let table = folder_object_and_marker();
    let file = table.file(ReportFormat::Parquet, &[2]);
    assert_eq!(rows(&table.columns, file), table.rows);
}

#[test]
fn the_footer_says_nothing_but_schema_and_row_groups() {
    let table = many_rows(3000, |i| format!("docs/{i:08}.txt"));
    let metadata = metadata(table.file(ReportFormat::Parquet, &[1000]));
    let file = metadata.file_metadata();
    assert_eq!(file.version(), 1);
    assert_eq!(file.created_by(), Some("stocktake version 1"));
    assert_eq!(file.num_rows(), 3000);
    assert_eq!(file.key_value_metadata(), None);
    for group in metadata.row_groups() {
        assert_eq!(group.sorting_columns(), None);
        for column in group.columns() {
            assert_eq!(column.compression(), Compression::SNAPPY);
            assert_eq!(column.offset_index_offset(), None);
            assert_eq!(column.column_index_offset(), None);
            for encoding in column.encodings() {
                let expected = [Encoding::PLAIN, Encoding::RLE_DICTIONARY, Encoding::RLE];
                assert!(expected.contains(&encoding), "{encoding:?}");
            }
        }
    }
}

#[test]
fn repeated_words_go_into_a_dictionary_and_keys_do_not() {
    let metadata = metadata(
        many_rows(3000, |i| format!("docs/{i:08}.txt")).file(ReportFormat::Parquet, &[1000]),
    );
    let with_dictionary: Vec<_> = metadata
        .row_group(0)
        .columns()
        .iter()
        .filter(|column| column.dictionary_page_offset().is_some())
        .map(|column| column.column_path().string())
        .collect();
    assert_eq!(with_dictionary, ["bucket", "storage_class"]);
}

#[test]
fn every_column_chunk_has_exact_statistics() {
    let long = "k".repeat(1000);
    let table = many_rows(3000, |i| format!("{long}{i:08}"));
    let metadata = metadata(table.file(ReportFormat::Parquet, &[1000]));
    let group = metadata.row_group(0);
    for column in group.columns() {
        let statistics = column.statistics().expect("statistics");
        assert!(statistics.null_count_opt().is_some(), "{}", column.column_path());
        assert!(statistics.min_bytes_opt().is_some(), "{}", column.column_path());
        assert!(statistics.max_bytes_opt().is_some(), "{}", column.column_path());
        assert!(statistics.min_is_exact() && statistics.max_is_exact());
    }
    let Some(Statistics::ByteArray(keys)) = group.column(1).statistics() else {
        panic!("keys are bytes");
    };
    assert_eq!(keys.min_opt().expect("a key").data(), format!("{long}00000000").as_bytes());
    assert_eq!(keys.max_opt().expect("a key").data(), format!("{long}00002999").as_bytes());
    let versions = group.column(2).statistics().expect("statistics");
    assert_eq!(versions.null_count_opt(), Some(3000_u64.div_ceil(7)));
}

#[test]
fn row_groups_end_by_rows_and_by_bytes() {
    let sizes = |table: &Table| -> Vec<_> {
        let metadata = metadata(table.file(ReportFormat::Parquet, &[1000]));
        metadata
            .row_groups()
            .iter()
            .map(|group| (group.num_rows(), group.compressed_size()))
            .collect()
    };
    let narrow = Table {
        columns: vec![column(ColumnId::Key)],
        rows: (0..140_000).map(|i| vec![text(format!("{i}"))]).collect(),
    };
    let rows: Vec<_> = sizes(&narrow).into_iter().map(|(rows, _)| rows).collect();
    assert_eq!(rows, [131_072, 140_000 - 131_072]);

    // Keys that do not compress.
    let wide = many_rows(20_000, |i| {
        let mut state = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b'!' + u8::try_from(state % 90).expect("small"))
        };
        std::iter::repeat_with(word).take(1024).collect()
    });
    let groups = sizes(&wide);
    assert_eq!(groups.iter().map(|(rows, _)| rows).sum::<i64>(), 20_000);
    let (full, last) = groups.split_at(groups.len() - 1);
    assert!(!full.is_empty());
    for (rows, bytes) in full {
        assert_eq!(rows % 1024, 0);
        assert!((8 << 20..10 << 20).contains(bytes), "{bytes}");
    }
    assert!(last[0].1 < 10 << 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_value_is_read_back(table in any_table(0..40)) {
        let file = table.file(ReportFormat::Parquet, &[3, 11]);
        prop_assert_eq!(rows(&table.columns, file), table.rows);
    }
}
