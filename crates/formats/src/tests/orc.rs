//! ORC, taken apart down to indexes and statistics, which readers do not need and engines rely on.

mod judge;
mod reader;

use std::fmt::Write as _;

use expect_test::expect;

use self::reader::{Fields, Tail, stripes, tail, unzigzag};
use super::*;
use crate::reader::orc::decoded::{booleans, inflated, integers};

/// How many rows of a stripe are indexed as one.
const GROUP_ROWS: usize = 10_000;

/// Reads a file from the beginning of each stripe and from the beginning of each group of rows, which have to agree,
/// and looks whether all statistics are true.
fn rows(columns: &[&'static Column], file: &[u8]) -> Vec<Vec<Cell>> {
    let tail = tail(file);
    let stripes = stripes(file, &tail);
    let of_stripes = tail.metadata.messages(1);
    assert_eq!(of_stripes.len(), stripes.len());
    let mut by_column = vec![Vec::new(); columns.len()];
    for (stripe, of_stripe) in stripes.iter().zip(of_stripes) {
        assert_eq!(stripe.index(0).len(), stripe.rows.div_ceil(GROUP_ROWS));
        assert_eq!(stripe.footer.texts(3), ["UTC"]);
        for (at, column) in columns.iter().enumerate() {
            let cells = stripe.cells(at + 1, column.kind, None, stripe.rows);
            let has_null = stripe.streams.contains_key(&(at as u64 + 1, 0));
            assert_eq!(has_null, cells.contains(&Cell::Null), "a PRESENT stream");
            let index = stripe.index(at + 1);
            assert_eq!(index.len(), stripe.rows.div_ceil(GROUP_ROWS));
            for (group, entry) in cells.chunks(GROUP_ROWS).zip(index) {
                let positions = Some(entry.packed(1));
                let read = stripe.cells(at + 1, column.kind, positions, group.len());
                assert!(read == group, "a group of rows of {}", column.name);
                check_statistics(&entry.messages(2)[0], column.kind, group);
            }
            check_statistics(&of_stripe.messages(1)[at + 1], column.kind, &cells);
            by_column[at].extend(cells);
        }
    }
    let count = tail.footer.size(6);
    assert_eq!(tail.footer.messages(7)[0].size(1), count);
    for ((at, column), cells) in columns.iter().enumerate().zip(&by_column) {
        check_statistics(&tail.footer.messages(7)[at + 1], column.kind, cells);
        assert_eq!(cells.len(), count);
    }
    (0..count).map(|row| by_column.iter().map(|cells| cells[row].clone()).collect()).collect()
}

/// Compares what is said about values with the values.
fn check_statistics(said: &Fields, kind: ColumnType, cells: &[Cell]) {
    let values: Vec<_> = cells.iter().filter(|cell| **cell != Cell::Null).collect();
    assert_eq!(said.size(1), values.len(), "the number of values");
    assert_eq!(said.number(10), Some(u64::from(values.len() < cells.len())), "nulls");
    let numbers: Vec<_> = values.iter().filter_map(|cell| number(cell)).collect();
    let range = numbers.iter().min().copied().zip(numbers.iter().max().copied());
    let told = |field: u64, least: u64, greatest: u64| {
        let told = &said.messages(field)[0];
        told.number(least).map(unzigzag).zip(told.number(greatest).map(unzigzag))
    };
    match kind {
        ColumnType::Boolean => {
            let set = values.iter().filter(|cell| ***cell == Cell::Flag(true)).count();
            assert_eq!(said.messages(5)[0].packed(1), [set as u64]);
        }
        ColumnType::Int32 | ColumnType::Int64 => {
            assert_eq!(told(2, 1, 2), range);
            let sum = numbers.iter().try_fold(0_i64, |sum, number| sum.checked_add(*number));
            let said = said.messages(2)[0].number(3).map(unzigzag);
            assert!(said.is_none() || sum.is_none() || said == sum, "{said:?} for {sum:?}");
        }
        ColumnType::Timestamp => {
            assert_eq!([told(9, 1, 2), told(9, 3, 4)], [range; 2]);
        }
        ColumnType::String => {
            let texts = values.iter().filter_map(|cell| match cell {
                Cell::Text(text) => Some(text.as_str()),
                _ => None,
            });
            let said = &said.messages(4)[0];
            let told = |exact, near| [said.texts(exact), said.texts(near)].concat();
            let is_short = |text: &&str| text.len() <= 1024;
            if let Some((least, greatest)) = texts.clone().min().zip(texts.clone().max()) {
                let (below, above) = (told(1, 4), told(2, 5));
                assert!(below[0].as_str() <= least && greatest <= above[0].as_str());
                assert!(texts.clone().any(|text| !is_short(&text)) || below[0] == least);
                assert!(texts.clone().any(|text| !is_short(&text)) || above[0] == greatest);
                let bytes: usize = texts.map(str::len).sum();
                assert_eq!(said.number(3).map(unzigzag), i64::try_from(bytes).ok());
            } else {
                assert_eq!((told(1, 4), told(2, 5)), (Vec::new(), Vec::new()));
            }
        }
    }
}

/// The rows as they can be written: the last second before 1970 has no fractions.
fn representable(table: &Table) -> Vec<Vec<Cell>> {
    let cell = |(column, cell): (&&Column, &Cell)| match (column.kind, cell) {
        (ColumnType::Timestamp, Cell::Number(-999..=-1)) => Cell::Number(-1000),
        _ => cell.clone(),
    };
    table.rows.iter().map(|row| table.columns.iter().zip(row).map(cell).collect()).collect()
}

#[track_caller]
fn check(table: &Table) -> Tail {
    let file = table.file(ReportFormat::Orc, &[1000]);
    let expected = representable(table);
    assert!(rows(&table.columns, &file) == expected, "other rows than were written");
    assert!(judge::rows(&table.columns, &file) == expected, "other rows by orc-rust");
    let read = super::reader::read(ReportFormat::Orc, &table.columns, &file);
    assert!(read.expect("a whole file") == expected, "other rows than were written");
    tail(&file)
}

/// One column with these values.
fn single(id: ColumnId, cells: impl IntoIterator<Item = Cell>) -> Table {
    let rows = cells.into_iter().map(|cell| vec![cell]).collect();
    Table { columns: vec![column(id)], rows }
}

/// How a column of texts is encoded in each stripe.
fn encodings(table: &Table) -> Vec<Option<u64>> {
    let file = table.file(ReportFormat::Orc, &[1000]);
    let stripes = stripes(&file, &tail(&file));
    stripes.iter().map(|stripe| stripe.footer.messages(2)[1].number(1)).collect()
}

#[test]
fn the_tail_says_what_the_file_is() {
    let table = Table { columns: COLUMNS.iter().collect(), rows: Vec::new() };
    let file = table.file(ReportFormat::Orc, &[1]);
    assert!(file.starts_with(b"ORC") && file[..file.len() - 1].ends_with(b"ORC"));
    let Tail { postscript, footer, metadata } = tail(&file);
    assert_eq!([2, 3, 6].map(|field| postscript.size(field)), [1, 262_144, 6]);
    assert_eq!(postscript.packed(4), [0, 12]);
    assert_eq!([1, 2, 6, 8].map(|field| footer.number(field)), [3, 3, 0, 10_000].map(Some));
    assert!(footer.texts(5).is_empty(), "user metadata");
    assert_eq!(footer.number(11), Some(2), "the proleptic Gregorian calendar");
    assert_eq!(footer.number(12), None, "the version of a software that has none");
    assert!(metadata.messages(1).is_empty());

    let types = footer.messages(4);
    let kinds = ["boolean", "", "", "int", "bigint", "", "", "string", "", "timestamp"];
    let fields = types[0].texts(3).into_iter().zip(types[0].packed(2)).map(|(name, id)| {
        let id = usize::try_from(id).expect("an id");
        format!("{name}:{}", kinds[types[id].size(1)])
    });
    let described = format!("struct<{}>", fields.collect::<Vec<_>>().join(","));
    assert_eq!(described, Schema::new(&table.columns).file_schema(ReportFormat::Orc));
}

#[test]
fn the_same_rows_give_these_bytes() {
    let file = folder_object_and_marker().file(ReportFormat::Orc, &[3]);
    let mut dump = String::new();
    for line in file.chunks(32) {
        for byte in line {
            write!(dump, "{byte:02x}").expect("room");
        }
        dump.push('\n');
    }
    expect![[r"
        4f52431100000a06120408035000400000e352e5626660601092e36056929030
        e3e2cc2f4aca2cd12d4a2c1742300318004e0000e352e7626660601052e06056
        929270e3624dc94f2ed617e20753890a49dac9757a251525010c003a0000e352
        e5e264800121090e462521091e2e36ef0aa3dc407321281dc008002700000a11
        0a0400000000120908032a030a010250002700000a110a040000000012090803
        2a030a010150002c0000e312e762678000211e0e2621360e06013609b6004600
        4a0000e3d2e16263000321250e662f198e031d97776cce1068f8d736714b8604
        84a700e105300000a4000035c1b11180200c0550b1524a2b4bce093e112199c0
        ca3b6b4b0899c3d1ad7ccf3f7e1e7ecb358ddbb9bece0701e201e1bd2925abd0
        2c79b7a2c43d162bb4044d51b9a9b0019590ba3020c2bd19272afd761f3e0000
        e352e76267800021190e26253109052e8ee010473f17c7201721382b80110005
        000000000700004600901300006f726269742d72617707000040026007000046
        015f290000646f63732f646f63732f6120622b637e2e747874050000ff200d00
        004b78326d5137070000460060050000ffa0050000ff20050000ffc007000046
        0106190000ee02a89a9ee4028c010169d60500000000050000ffc066000005c1
        0901c0300803404b81b292d8298f7f09bbebb066b5b8c073c48880c4a965788e
        00fb209e6a8f7de8ab7b36db39969bfe030900004e012020050000ffc0070000
        4001000700004600801100005354414e444152442a0100358e4b0ec2300c4413
        a7719c1409ab0b185821d8200ec005b802bdff5550a766e13ccd274e869a7ac2
        3c36663c48c18b2cb891134e640d2a2ed40d4fd2b0921df7a1963da30e35f10c
        1d6ac5330ef4855a82c505e7a196bcb09fbda0f35e612ffb147e25936b688dbc
        e138d4aab7c82d72c39b7b0c8dfb7bf83ddedf59bc635ec4d2326d7fe4298bd8
        3629e6af65ef5ccbfafdfc00de010045c7cb4a03311480e164a2c3e9a160c942
        821409592a6a269d4e9265a128284abcbc406732435d48a10ed89574256e5df9
        20ba70e93bf83e22582fabfffbf139c1356081e036302544819dd9bcbc6ef7e6
        933bfecf405002535be210d7e3acba3de01bdf99c872b7badf6f176d2028802a
        2eba989e2ccccdb9e53f0d143bc07618d224905fd240b00b094f81f45291068a
        0ad8711fde1f3fde5ea6bde5e7c3d3eb54ac4eae2e103c85441d892545e9b5ce
        86dabb41154dde943a16be1834361a5767b6b186cb9867d155d1bb46ebd2e8bc
        f64e6bef5d5d352e37b60e14fb90a84d21112eaf4667e3d1c598ff29d02ffa02
        004d883d6fd430008663fb2e75a2ab883c20cbaa50e40981005f7a5c124f54aa
        0081a80c65608b9cd869a3bb6ba4d8fd1caa4e881136fe070c8cfc0036c4c66f
        41482d058647eff3bc1825dfc66c1da3e427a43f40fa11dc46dce109890044a3
        71b8862316d687cdc27a8616f694c54776705d7f507586459dab96da5be759d2
        b9cad8a5f5b65ae96161073672dd996564a99daf56bde9dace9aca686fd9d856
        5eefb175e7fb41efd9aa596ae738c46bff117078c988431c5dff02c911462a90
        b730e294cee3a81feacedf1bf431f9a72a9029469cd1c7f1d8f48d7b406e5c8e
        4eebbbcdf97d7fe2552029069cd0491c3e3fc9562f73f2671590114677500ca0
        0aae15a8404e3024210e9290860a488ed1b30dfcf5ddf72f9ff6938b5f6f3f7c
        dea757955e950ae40b0cf9137a01e2b41462fa5094c56663b2595b0b332fe79b
        6d6eb2c24ef336cf486a66535334a62c5a21ea4ccc6c59085196856dda6296e5
        5601b98121bf49d318efbededad9de7ab54dfe9a028fdeef3cdd7d037f030880
        031001188080102202000c28f201300682f403034f524319
    "]]
    .assert_eq(&dump);
}

#[test]
fn folders_objects_and_delete_markers_are_read_back() {
    check(&folder_object_and_marker());
}

#[test]
fn groups_of_rows_are_found_around_their_limits() {
    for count in [0, 1, 9_999, 10_000, 10_001, 25_000] {
        let tail = check(&many_rows(count, |i| format!("docs/{i:08}.txt")));
        assert_eq!(tail.footer.messages(3).len(), count.min(1));
    }
}

#[test]
fn stripes_end_by_rows_and_by_bytes() {
    let narrow = many_rows(140_000, |i| format!("{i}"));
    let stripe_rows = |table: &Table| {
        let stripes = check(table).footer.messages(3);
        stripes.iter().map(|stripe| stripe.size(5)).collect::<Vec<_>>()
    };
    assert_eq!(stripe_rows(&narrow), [131_072, 8_928]);
    // Hexadecimal digits are compressed to half their size.
    let wide = single(
        ColumnId::Key,
        (0..40_000_u64).map(|i| {
            let digits = (0..64_u64).map(|j| (i * 64 + j + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            text(digits.map(|n| format!("{:016x}", n ^ n >> 29)).collect::<Vec<_>>().concat())
        }),
    );
    let rows = stripe_rows(&wide);
    assert!(rows.len() > 1 && rows.iter().all(|rows| *rows < 20_000), "{rows:?}");
}

#[test]
fn a_dictionary_is_used_where_texts_repeat() {
    let of = |count: usize, different: usize| {
        single(ColumnId::ETag, (0..count).map(|i| text(format!("{:x}", i * 7 % different))))
    };
    assert_eq!(encodings(&of(3000, 10)), [Some(3)]);
    assert_eq!(encodings(&of(3000, 3000)), [Some(2)]);
    // Texts that stop to repeat give the dictionary up in the midst of a stripe, and for good.
    let turning = |i: usize| match i {
        5 => Cell::Null,
        15_000..262_144 => text(format!("{i}")),
        _ => text("same"),
    };
    let turning = single(ColumnId::ETag, (0..300_000).map(turning));
    assert_eq!(encodings(&turning), [Some(2), Some(2), Some(2)]);
    check(&turning);
}

#[test]
fn a_dictionary_ends_by_entries_and_by_bytes() {
    let long = |different: usize| {
        let texts = (0..3000).map(move |i| match i % 500 {
            which if which < different => text(format!("{which}").repeat(60_000)),
            _ => text("short"),
        });
        single(ColumnId::ETag, texts)
    };
    // Three of four are different, and short enough for the bytes to last longer than the entries.
    let short = |rows: usize| {
        let digit = |n: usize| char::from(b'0' + u8::try_from(n % 64).expect("small"));
        let texts = (0..rows)
            .map(|i| i * 3 / 4)
            .map(|n| text(String::from_iter([digit(n >> 12), digit(n >> 6), digit(n)])));
        single(ColumnId::ETag, texts.collect::<Vec<_>>())
    };
    for (table, encoding) in [(long(4), 3), (long(5), 2), (short(87_381), 3), (short(87_383), 2)] {
        assert_eq!(encodings(&table)[0], Some(encoding));
        check(&table);
    }
}

#[test]
fn columns_of_one_value_and_of_none_are_read_back() {
    for count in [1, 2, 3, 10, 11, 600, 12_000] {
        for id in [ColumnId::ETag, ColumnId::IsLatest, ColumnId::Size, ColumnId::LastModifiedDate] {
            check(&single(id, std::iter::repeat_n(Cell::Null, count)));
        }
        check(&single(ColumnId::ETag, std::iter::repeat_n(text(""), count)));
        check(&single(ColumnId::IsLatest, std::iter::repeat_n(Cell::Flag(true), count)));
        for value in [i64::MIN, -1, 0, i64::MAX] {
            check(&single(ColumnId::Size, std::iter::repeat_n(Cell::Number(value), count)));
        }
    }
}

#[test]
fn bits_go_on_across_groups_of_rows() {
    // Nulls leave a number of booleans that fills no byte when a group ends.
    let cell = |i: usize| match i * i % 13 {
        0 | 1 => Cell::Null,
        n => Cell::Flag(n > 6),
    };
    check(&single(ColumnId::IsLatest, (0..35_000).map(cell)));
    // And a group without any.
    let gap = |i: usize| if (9_995..20_003).contains(&i) { Cell::Null } else { cell(i) };
    check(&single(ColumnId::IsLatest, (0..35_000).map(gap)));
}

#[test]
fn times_before_2015_and_before_1970_are_read_back() {
    let around = [0, 1_420_070_400_000, -62_135_596_800_000, 253_402_300_800_000, -86_400_000];
    let offsets = [-2000, -1999, -1001, -1000, -999, -1, 0, 1, 10, 999, 1000, 1001];
    let times = around.iter().flat_map(|time| offsets.map(|offset| Cell::Number(time + offset)));
    check(&single(ColumnId::LastModifiedDate, times));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_value_is_read_back(table in any_table(0..40)) {
        let file = table.file(ReportFormat::Orc, &[3, 11]);
        prop_assert_eq!(rows(&table.columns, &file), representable(&table));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn every_value_is_read_back_across_groups(table in any_table(1..40), repeats in 300..600_usize) {
        let count = table.rows.len() * repeats;
        let rows = table.rows.iter().cycle().take(count.min(11_000)).cloned().collect();
        check(&Table { columns: table.columns, rows });
    }
}
