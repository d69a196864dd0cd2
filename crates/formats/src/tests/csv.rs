//! CSV and TSV, judged by a reader that knows nothing of the writer.

use std::io::Read as _;

use expect_test::expect;
use flate2::read::GzDecoder;

use super::*;

pub(super) fn inflated(file: &[u8]) -> String {
    let mut text = String::new();
    let mut member = GzDecoder::new(file);
    member.read_to_string(&mut text).expect("one gzip member of UTF-8");
    assert!(member.into_inner().is_empty(), "something follows the first member");
    text
}

/// Splits a file where every value is quoted.
fn parsed(file: &str, separator: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = file.chars().peekable();
    while rest.peek().is_some() {
        assert_eq!(rest.next(), Some('"'), "every value is quoted");
        let mut value = String::new();
        loop {
            match rest.next().expect("a closing quote") {
                '"' if rest.next_if_eq(&'"').is_some() => value.push('"'),
                '"' => break,
                c => value.push(c),
            }
        }
        row.push(value);
        match rest.next() {
            Some(between) if between == separator => {}
            Some('\n') => rows.push(std::mem::take(&mut row)),
            other => panic!("{other:?} between values"),
        }
    }
    assert_eq!(row, Vec::<String>::new(), "the last row ends like every other");
    rows
}

fn percent_decoded(key: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
            assert_eq!(digits, digits.map(|digit| digit.to_ascii_uppercase()));
            let digits = str::from_utf8(&digits).expect("ASCII");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
        } else {
            assert!(
                byte.is_ascii_alphanumeric() || b"_-./:*".contains(&byte),
                "{byte:?} in {key:?}"
            );
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

fn as_text(column: &Column, cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Number(number) if column.kind == ColumnType::Timestamp => Millis(*number).rfc3339(),
        Cell::Number(number) => number.to_string(),
    }
}

#[test]
fn writes_folders_objects_and_delete_markers() {
    let file = inflated(&folder_object_and_marker().file(ReportFormat::Csv, &[3]));
    expect![[r#"
        "orbit-raw","docs/","","true","false","0","2026-11-02T09:15:00.000Z","d41d8cd98f00b204e9800998ecf8427e","STANDARD"
        "orbit-raw","docs/a%20b%2Bc%7E.txt","","false","false","3","2026-11-02T09:16:10.000Z","900150983cd24fb0d6963f7d28e17f72","STANDARD"
        "orbit-raw","docs/a%20b%2Bc%7E.txt","Kx2mQ7","true","true","","2026-11-03T11:00:00.000Z","",""
    "#]]
    .assert_eq(&file);
    assert_eq!(file.len(), 342);
}

#[test]
fn tabs_stand_where_csv_has_commas() {
    let table = folder_object_and_marker();
    let csv = inflated(&table.file(ReportFormat::Csv, &[3]));
    let tsv = table.file(ReportFormat::Tsv, &[3]);
    assert_eq!(inflated(&tsv), csv.replace("\",\"", "\"\t\""));
    assert_eq!(tsv[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
}

#[test]
fn only_the_key_is_percent_encoded() {
    let hostile = "a b,\"c\"\n+%~é";
    let columns = [ColumnId::Bucket, ColumnId::Key, ColumnId::ObjectOwner].map(column).to_vec();
    let table = Table { columns, rows: vec![vec![text(hostile), text(hostile), text(hostile)]] };
    assert_eq!(
        inflated(&table.file(ReportFormat::Csv, &[1])),
        "\"a b,\"\"c\"\"\n+%~é\",\"a%20b%2C%22c%22%0A%2B%25%7E%C3%A9\",\"a b,\"\"c\"\"\n+%~é\"\n"
    );
}

#[test]
fn a_file_without_rows_is_empty_text() {
    let table = Table { columns: usual_columns(), rows: Vec::new() };
    let file = table.file(ReportFormat::Csv, &[1]);
    assert_eq!(inflated(&file), "");
    assert_eq!(file[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
}

#[test]
fn the_first_row_is_in_the_first_kibibyte() {
    let file = many_rows(20_000, |i| format!("docs/{i:08}.txt")).file(ReportFormat::Csv, &[1000]);
    let mut row = vec![0; 200];
    GzDecoder::new(&file[..1024]).read_exact(&mut row).expect("200 bytes of text");
    assert!(row.contains(&b'\n'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_value_is_read_back(table in any_table(0..40)) {
        for (format, separator) in [(ReportFormat::Csv, ','), (ReportFormat::Tsv, '\t')] {
            let rows = parsed(&inflated(&table.file(format, &[3, 11])), separator);
            prop_assert_eq!(rows.len(), table.rows.len());
            for (row, cells) in rows.iter().zip(&table.rows) {
                prop_assert_eq!(row.len(), cells.len());
                for ((value, cell), column) in row.iter().zip(cells).zip(&table.columns) {
                    let expected = as_text(column, cell);
                    if column.id == ColumnId::Key {
                        prop_assert_eq!(percent_decoded(value), expected);
                    } else {
                        prop_assert_eq!(value, &expected);
                    }
                }
            }
        }
    }
}
