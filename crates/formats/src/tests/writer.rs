//! What holds for every format: independence of pages, bounds, and what is refused.

use std::io::{self, Write};

use expect_test::{Expect, expect};

use super::*;
use crate::{BATCH_ROWS, VALUE_BYTES_MAX};

/// Counts and forgets; refuses what goes beyond its limit.
#[derive(Debug)]
struct Counter {
    bytes: usize,
    limit: usize,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes + bytes.len() > self.limit {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the part is full"));
        }
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a table over and over; answers the most memory that was held and how much was written.
fn peak(format: ReportFormat, page: &Table, times: usize) -> (usize, usize) {
    let sink = Counter { bytes: 0, limit: usize::MAX };
    let mut writer = Writer::new(format, &Schema::new(&page.columns), sink).expect("a new file");
    let mut peak = 0;
    for _ in 0..times {
        writer
            .push(page.rows.len(), |column, rows, values| {
                page.fill(&page.rows, column, rows, values)
            })
            .expect("values of the right types");
        peak = peak.max(writer.memory_size());
    }
    (peak, writer.finish().expect("a sink without limit").bytes)
}

/// Pushes two rows of the usual columns, one of them filled by `fill`, and tells what is refused.
#[track_caller]
fn check_refused(
    id: ColumnId,
    fill: impl Fn(&mut Values<'_>) -> Result<(), Error>,
    expected: &Expect,
) {
    let schema = Schema::new(&usual_columns());
    let mut writer = Writer::new(ReportFormat::Csv, &schema, Vec::new()).expect("a new file");
    let refused = writer.push(2, |column, _, values| match column.id {
        _ if column.id == id => fill(values),
        ColumnId::Bucket | ColumnId::Key => values.constant("a"),
        _ => values.nulls(),
    });
    expected.assert_eq(&refused.expect_err("refused").to_string());
}

#[test]
fn pages_leave_no_trace_in_a_file() {
    // Enough rows for a second row group: portions that showed would move its beginning.
    let table = Table {
        columns: vec![column(ColumnId::Key)],
        rows: (0..140_000).map(|i| vec![text(format!("docs/a b/{i:08}.txt"))]).collect(),
    };
    for &format in ReportFormat::ALL {
        let whole = table.file(format, &[table.rows.len()]);
        for portions in [&[1][..], &[7], &[1000], &[BATCH_ROWS], &[1, 2000, 0, 24, 999]] {
            assert!(
                table.file(format, portions) == whole,
                "{format:?} in portions of {portions:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_way_of_cutting_leaves_a_trace(
        table in any_table(0..30),
        times in 1_usize..100,
        portions in prop::collection::vec(1_usize..1500, 1..5),
    ) {
        let rows = table.rows.iter().cycle().take(table.rows.len() * times).cloned().collect();
        let table = Table { rows, ..table };
        for &format in ReportFormat::ALL {
            let whole = table.file(format, &[table.rows.len()]);
            prop_assert!(table.file(format, &portions) == whole, "{format:?}");
        }
    }
}

#[test]
fn memory_does_not_grow_with_the_rows() {
    let page = many_rows(1000, |i| format!("docs/a b/{i:08}.txt"));
    for format in [ReportFormat::Csv, ReportFormat::Tsv, ReportFormat::Json] {
        assert!(peak(format, &page, 500).0 < 1 << 20);
    }
    // Rows that come again and again are small in ORC: it is four stripes of dictionaries that count here.
    let (orc, _) = peak(ReportFormat::Orc, &page, 500);
    assert!(orc < 4 << 20, "{orc}");
    let (peak, written) = peak(ReportFormat::Parquet, &page, 500);
    assert!(peak < 12 << 20, "{peak}");
    assert!(written > 12 << 20, "{written} bytes prove nothing");
}

#[test]
fn memory_does_not_grow_with_long_keys() {
    let mut state = 1_u64;
    let mut letter = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).expect("small"))
    };
    let keys: Vec<String> =
        (0..1000).map(|_| std::iter::repeat_with(&mut letter).take(1024).collect()).collect();
    let page = many_rows(1000, |i| keys[i].clone());
    for format in [ReportFormat::Csv, ReportFormat::Tsv, ReportFormat::Json] {
        assert!(peak(format, &page, 40).0 < 4 << 20);
    }
    for (format, limit) in [(ReportFormat::Orc, 24 << 20), (ReportFormat::Parquet, 16 << 20)] {
        let (peak, written) = peak(format, &page, 40);
        assert!(peak < limit, "{format:?}: {peak}");
        assert!(written > 26 << 20, "{format:?}: {written} bytes prove nothing");
    }
}

#[test]
fn a_file_can_be_taken_away_piece_by_piece() {
    let table = many_rows(20_000, |i| format!("docs/{i:08}.txt"));
    for &format in ReportFormat::ALL {
        let mut writer =
            Writer::new(format, &Schema::new(&table.columns), Vec::new()).expect("a new file");
        let mut file = Vec::new();
        for page in table.rows.chunks(1000) {
            writer
                .push(page.len(), |column, rows, values| table.fill(page, column, rows, values))
                .expect("values of the right types");
            file.append(writer.sink_mut());
        }
        file.append(&mut writer.finish().expect("room in memory"));
        assert!(file == table.file(format, &[1000]), "{format:?}");
    }
}

#[test]
fn the_sinks_own_error_comes_back() {
    let table = many_rows(20_000, |i| format!("docs/{i:08}.txt"));
    for &format in ReportFormat::ALL {
        let sink = Counter { bytes: 0, limit: 10_000 };
        let mut writer =
            Writer::new(format, &Schema::new(&table.columns), sink).expect("room for a header");
        let pushed = writer.push(table.rows.len(), |column, rows, values| {
            table.fill(&table.rows, column, rows, values)
        });
        match pushed.and_then(|()| writer.finish()) {
            Err(Error::Sink(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
            other => panic!("{format:?}: {other:?}"),
        }
    }
}

#[test]
fn values_of_another_type_are_refused() {
    check_refused(
        ColumnId::Size,
        |values| values.strings([Some("1"), Some("2")]),
        &expect!["column `Size` holds Int64 values, not String"],
    );
}

#[test]
fn one_value_per_row_is_insisted_on() {
    check_refused(
        ColumnId::ETag,
        |values| values.strings([Some("1")]),
        &expect!["column `ETag` was given 1 values for 2 rows; give one per row"],
    );
    check_refused(
        ColumnId::IsLatest,
        |values| values.booleans([Some(true); 10]),
        &expect!["column `IsLatest` was given 3 values for 2 rows; give one per row"],
    );
    check_refused(
        ColumnId::Size,
        |values| values.all_int64s([1; 10].into_iter()),
        &expect!["column `Size` was given 3 values for 2 rows; give one per row"],
    );
    check_refused(
        ColumnId::LastModifiedDate,
        |values| values.all_timestamps([Millis(1)].into_iter()),
        &expect!["column `LastModifiedDate` was given 1 values for 2 rows; give one per row"],
    );
    check_refused(
        ColumnId::Size,
        |values| values.constant("1"),
        &expect!["column `Size` holds Int64 values, not String"],
    );
}

#[test]
fn a_null_key_is_refused() {
    let expected = expect!["column `Key` cannot hold a null, row 1 of the batch gave one"];
    check_refused(ColumnId::Key, |values| values.strings([Some("a"), None]), &expected);
    check_refused(
        ColumnId::Key,
        |values| values.strings([Some("a")]).and_then(|()| values.nulls()),
        &expected,
    );
}

#[test]
fn a_text_without_measure_is_refused() {
    let longest = "x".repeat(VALUE_BYTES_MAX);
    check_refused(
        ColumnId::ETag,
        |values| values.strings([Some(&longest[..]), Some(&format!("{longest}x")[..])]),
        &expect!["a value of column `ETag` has 65537 bytes, limit is 65536"],
    );
}
