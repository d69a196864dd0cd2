//! JSON Lines, judged by `serde_json`.

use expect_test::expect;
use serde_json::Value;

use super::csv::inflated;
use super::*;

fn as_json(column: &Column, cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Flag(flag) => Value::from(*flag),
        Cell::Number(number) if column.kind == ColumnType::Timestamp => {
            Value::from(Millis(*number).rfc3339())
        }
        Cell::Number(number) => Value::from(*number),
    }
}

#[test]
fn writes_folders_objects_and_delete_markers() {
    let file = folder_object_and_marker().file(ReportFormat::Json, &[3]);
    assert_eq!(file[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    expect![[r#"
        {"Bucket":"orbit-raw","Key":"docs/","VersionId":null,"IsLatest":true,"IsDeleteMarker":false,"Size":0,"LastModifiedDate":"2026-11-02T09:15:00.000Z","ETag":"d41d8cd98f00b204e9800998ecf8427e","StorageClass":"STANDARD"}
        {"Bucket":"orbit-raw","Key":"docs/a b+c~.txt","VersionId":null,"IsLatest":false,"IsDeleteMarker":false,"Size":3,"LastModifiedDate":"2026-11-02T09:16:10.000Z","ETag":"900150983cd24fb0d6963f7d28e17f72","StorageClass":"STANDARD"}
        {"Bucket":"orbit-raw","Key":"docs/a b+c~.txt","VersionId":"Kx2mQ7","IsLatest":true,"IsDeleteMarker":true,"Size":null,"LastModifiedDate":"2026-11-03T11:00:00.000Z","ETag":null,"StorageClass":null}
    "#]]
    .assert_eq(&inflated(&file));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_value_is_read_back(table in any_table(0..40)) {
        let file = inflated(&table.file(ReportFormat::Json, &[3, 11]));
        prop_assert!(file.is_empty() || file.ends_with('\n'));
        let lines: Vec<_> = file.split_terminator('\n').collect();
        prop_assert_eq!(lines.len(), table.rows.len());
        for (line, cells) in lines.iter().zip(&table.rows) {
            let Value::Object(object) = serde_json::from_str(line).expect("one object per line")
            else {
                panic!("{line} is no object")
            };
            prop_assert_eq!(object.len(), table.columns.len());
            for (cell, column) in cells.iter().zip(&table.columns) {
                prop_assert_eq!(&object[column.name], &as_json(column, cell));
            }
        }
    }
}
