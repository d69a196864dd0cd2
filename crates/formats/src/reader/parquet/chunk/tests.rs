use stocktake_core::column::{COLUMNS, Column, ColumnId};

use super::*;
use crate::reader::batch::Batches;
use crate::reader::parquet::page::PAGES_BYTES_MAX;

fn varint(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    crate::varint::append(&mut out, value);
    out
}

/// A header, and what stands behind it.
fn page(kind: u64, [plain, stored]: [u64; 2], values: u64, encoding: u64, body: &[u8]) -> Vec<u8> {
    let number = |value: u64| varint(value * 2);
    // A field of a data or a dictionary page's own: the difference to the number of the field before, and its type.
    let own = if kind == DICTIONARY { 0x4c } else { 0x2c };
    let header = [
        vec![0x15],
        number(kind),
        vec![0x15],
        number(plain),
        vec![0x15],
        number(stored),
        vec![own, 0x15],
        number(values),
        vec![0x15],
        number(encoding),
        vec![0x15],
        number(RLE),
        vec![0, 0],
    ];
    [header.concat(), body.to_vec()].concat()
}

fn column(id: ColumnId) -> &'static Column {
    COLUMNS.iter().find(|column| column.id == id).expect("every id has a column")
}

/// Reads so many rows of texts or of numbers.
fn read(id: ColumnId, kind: Kind, pages: &[Vec<u8>], rows: usize) -> Result<(), ReadError> {
    let file = pages.concat();
    let range = 0..file.len() as u64;
    let mut chunk = ChunkDecoder::new(&Arc::new(file), range, None, kind, Codec::None, false);
    let mut budget = PAGES_BYTES_MAX;
    let mut batches = Batches::new(&[column(id)]);
    batches.fill(None, |_, out| chunk.append(rows, &mut budget, out)).map(drop)
}

#[track_caller]
fn check_refused(pages: &[Vec<u8>], expected: &str) {
    let refused = read(ColumnId::ETag, Kind::Text, pages, 1).expect_err("refused");
    assert_eq!(refused.to_string(), expected);
}

#[test]
fn pages_that_tell_the_truth_are_read() {
    let texts = b"\x01\0\0\0a\x02\0\0\0bc";
    let dictionary = page(DICTIONARY, [11, 11], 2, PLAIN, texts);
    let references = page(DATA, [3, 3], 8, RLE_DICTIONARY, &[1, 3, 0b1010_1010]);
    let index = page(1, [3, 3], 0, 0, b"???");
    let plain = page(DATA, [11, 11], 2, PLAIN, texts);
    let pages = [dictionary, references, index, plain];
    read(ColumnId::ETag, Kind::Text, &pages, 10).expect("ten texts");
    let refused = read(ColumnId::ETag, Kind::Text, &pages, 11).expect_err("there are ten");
    assert_eq!(
        refused.to_string(),
        "column `ETag`, row 10, byte 88: a column ends before its row group's rows do"
    );
}

#[test]
fn pages_are_not_as_large_as_they_say() {
    check_refused(
        &[page(DATA, [1 << 31, 4], 1, PLAIN, &[0; 4])],
        "column `ETag`, row 0, byte 0: a page has 2147483648, limit is 33554432",
    );
    check_refused(
        &[page(DATA, [4, 1 << 31], 1, PLAIN, &[0; 4])],
        "column `ETag`, row 0, byte 0: a page has 2147483648, limit is 33554432",
    );
    check_refused(
        &[page(DATA, [4, 1 << 20], 1, PLAIN, &[0; 4])],
        "column `ETag`, row 0, byte 0: a page longer than its column",
    );
    check_refused(
        &[page(DATA, [1 << 20, 4], 1, PLAIN, &[0; 4])],
        "column `ETag`, row 0, byte 0: a page of another length than it says",
    );
    check_refused(
        &[page(DATA, [4, 4], 1, PLAIN, &[0xff, 0xff, 0xff, 0x7f])],
        "column `ETag`, row 0: a page ends in the midst of a value",
    );
    check_refused(
        &[page(DATA, [3, 3], 1, PLAIN, &[0; 3])],
        "column `ETag`, row 0: a page ends in the midst of a value",
    );
}

#[test]
fn dictionaries_are_not_as_large_as_they_say() {
    let references = page(DATA, [3, 3], 1, RLE_DICTIONARY, &[1, 2, 1]);
    check_refused(
        &[page(DICTIONARY, [4, 4], u64::MAX / 4, PLAIN, &[0; 4]), references.clone()],
        "column `ETag`, row 0: entry 1, which the dictionary lacks",
    );
    check_refused(
        &[page(DICTIONARY, [4, 4], 1, PLAIN, &[1, 0, 0, 0]), references.clone()],
        "column `ETag`, row 0, byte 0: a page ends in the midst of a value",
    );
    check_refused(
        &[page(DICTIONARY, [0, 0], 0, PLAIN, &[]), page(DICTIONARY, [0, 0], 0, PLAIN, &[])],
        "column `ETag`, row 0, byte 15: a column with two dictionaries",
    );
    check_refused(&[references], "column `ETag`, row 0: entry 1, which the dictionary lacks");
    let numbers = [
        page(DICTIONARY, [8, 8], 1, PLAIN, &[0; 8]),
        page(DATA, [3, 3], 1, RLE_DICTIONARY, &[1, 2, 1]),
    ];
    let refused = read(ColumnId::Size, Kind::Int64, &numbers, 1).expect_err("refused");
    assert_eq!(refused.to_string(), "column `Size`, row 0: entry 1, which the dictionary lacks");
}

#[test]
fn what_all_pages_may_take_is_shared() {
    // Empty texts: four bytes of the page each, and eight of where they are.
    let bytes = 30 << 20;
    let dictionary = page(DICTIONARY, [bytes, bytes], bytes / 4, PLAIN, &vec![0; 30 << 20]);
    let file = Arc::new(dictionary);
    let range = 0..file.len() as u64;
    let mut budget = PAGES_BYTES_MAX;
    let mut read = || {
        let mut chunk =
            ChunkDecoder::new(&file, range.clone(), None, Kind::Text, Codec::None, false);
        let mut batches = Batches::new(&[column(ColumnId::ETag)]);
        let refused = batches.fill(None, |_, out| chunk.append(1, &mut budget, out));
        refused.expect_err("no data").to_string()
    };
    for _ in 0..2 {
        assert!(read().ends_with("a column ends before its row group's rows do"));
    }
    assert_eq!(
        read(),
        "column `ETag`, row 0, byte 0: the pages of all columns has 201326593, limit is 201326592"
    );
}
