//! Files that say what is not so, to have much memory taken or time spent.

use ::parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use expect_test::{Expect, expect};
use flate2::{Compress, Compression, FlushCompress};

use super::*;

/// A file of any length whose end is this; all before are zeros.
struct Endless {
    size: u64,
    end: Vec<u8>,
    /// How many bytes were asked for.
    fetched: Counter<usize>,
}

impl Source for &Endless {
    type Error = io::Error;

    fn size_bytes(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, io::Error> {
        assert!(length <= READ_BYTES_MAX && offset + length as u64 <= self.size);
        self.fetched.set(self.fetched.get() + length);
        let end_begin = self.size - self.end.len() as u64;
        let byte = |at: u64| match at.checked_sub(end_begin) {
            Some(at) => self.end[usize::try_from(at).expect("a short end")],
            None => 0,
        };
        Ok((offset..offset + length as u64).map(byte).collect())
    }
}

fn uint(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [&varint(field << 3 | 2)[..], &varint(value.len() as u64), value].concat()
}

fn varint(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    crate::varint::append(&mut out, value);
    out
}

/// An ORC file of one column of texts, `e_tag`, in one stripe without compression.
struct Orc {
    /// How often the footer lists the stripe.
    times: usize,
    rows: u64,
    dictionary_entries: u64,
    encoding: u64,
    /// Kinds and contents.
    streams: Vec<(u64, Vec<u8>)>,
}

impl Orc {
    fn file(&self) -> Vec<u8> {
        let mut file = b"ORC".to_vec();
        let mut stripe_footer = Vec::new();
        for (kind, stream) in &self.streams {
            let message = [uint(1, *kind), uint(2, 1), uint(3, stream.len() as u64)].concat();
            stripe_footer.extend(bytes(1, &message));
            file.extend_from_slice(stream);
        }
        let encoding = [uint(1, self.encoding), uint(2, self.dictionary_entries)].concat();
        stripe_footer.extend([bytes(2, &uint(1, 0)), bytes(2, &encoding)].concat());
        let lengths = [file.len() as u64 - 3, stripe_footer.len() as u64];
        file.extend_from_slice(&stripe_footer);
        let stripe =
            [uint(1, 3), uint(2, 0), uint(3, lengths[0]), uint(4, lengths[1]), uint(5, self.rows)];
        let rows = [uint(1, 12), uint(2, 1), bytes(3, b"e_tag")].concat();
        let stripes = bytes(3, &stripe.concat()).repeat(self.times);
        let footer = [stripes, bytes(4, &rows), bytes(4, &uint(1, 7))].concat();
        file.extend_from_slice(&footer);
        file.extend(postscript(footer.len() as u64, 0, 0));
        file
    }
}

/// The end of a file, with how long that is.
fn postscript(footer_bytes: u64, compression: u64, block: u64) -> Vec<u8> {
    let fields = [uint(1, footer_bytes), uint(2, compression), uint(3, block)].concat();
    let mut end = [fields, bytes(8000, b"ORC")].concat();
    end.push(end.len().to_le_bytes()[0]);
    end
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::fast(), false);
    let mut deflated = Vec::with_capacity(16 << 10);
    compress.compress_vec(bytes, &mut deflated, FlushCompress::Finish).expect("deflate");
    deflated
}

/// A compressed chunk with its header.
fn chunk(stored: &[u8]) -> Vec<u8> {
    let [low, middle, high, ..] = (stored.len() * 2).to_le_bytes();
    [&[low, middle, high], stored].concat()
}

#[track_caller]
fn check_refused<S: Source>(format: ReportFormat, source: S, expected: &Expect) {
    let columns = [column(ColumnId::ETag)];
    let schema = Schema::new(&columns).file_schema(format);
    let schema = FileSchema::parse(format, &schema).expect("a schema");
    let read = || -> Result<(), ReadError> {
        let mut reader = Reader::open(format, &schema, &columns, source)?;
        while reader.next_batch()?.is_some() {}
        Ok(())
    };
    expected.assert_eq(&read().expect_err("refused").to_string());
}

#[test]
fn such_a_file_is_read_if_it_tells_the_truth() {
    let mut orc = Orc {
        times: 1,
        rows: 3,
        dictionary_entries: 0,
        encoding: 0,
        streams: vec![(1, b"aabbb".to_vec()), (2, vec![0xfd, 2, 3, 0])],
    };
    let rows = read(ReportFormat::Orc, &[column(ColumnId::ETag)], &orc.file());
    assert_eq!(rows.expect("rows"), [[text("aa")], [text("bbb")], [text("")]]);
    // And not more than once.
    orc.times = 2;
    let expected = expect!["byte 38: a stripe that overlaps the one before"];
    check_refused(ReportFormat::Orc, orc.file(), &expected);
}

#[test]
fn rows_without_number_end_with_their_streams() {
    let orc =
        |streams| Orc { times: 1, rows: u64::MAX, dictionary_entries: 0, encoding: 0, streams };
    check_refused(
        ReportFormat::Orc,
        orc(vec![]).file(),
        &expect!["stripe 0, column `ETag`, row 0: a stream ends before the stripe's rows do"],
    );
    let nulls = vec![(0, vec![0x7f, 0]), (1, vec![])];
    check_refused(
        ReportFormat::Orc,
        orc(nulls).file(),
        &expect!["stripe 0, column `ETag`, row 1040: a stream ends before the stripe's rows do"],
    );
}

#[test]
fn dictionaries_are_not_as_large_as_they_say() {
    let orc = |dictionary_entries, lengths: Vec<u8>| Orc {
        times: 1,
        rows: 1,
        dictionary_entries,
        encoding: 1,
        streams: vec![(1, vec![0xff, 0]), (2, lengths), (3, b"text".to_vec())],
    };
    // Runs of 130 lengths of 64 KiB each: 8 MiB in five bytes.
    let lengths = [0x7f, 0, 0x80, 0x80, 0x04].repeat(13);
    check_refused(
        ReportFormat::Orc,
        orc(u64::MAX, lengths.clone()).file(),
        &expect![
            "stripe 0, column `ETag`: the stripe's dictionaries has 100663297, limit is 100663296"
        ],
    );
    // Within the limit, but there are no such texts.
    check_refused(
        ReportFormat::Orc,
        orc(1000, lengths.clone()).file(),
        &expect!["stripe 0, column `ETag`: a stream ends before the stripe's rows do"],
    );
    check_refused(
        ReportFormat::Orc,
        orc(u64::MAX, vec![0x7f, 0, 0]).file(),
        &expect!["stripe 0, column `ETag`: a stream ends before the stripe's rows do"],
    );
    check_refused(
        ReportFormat::Orc,
        orc(1, vec![0xff, 0x81, 0x80, 0x04]).file(),
        &expect!["stripe 0, column `ETag`: a text has 65537, limit is 65536"],
    );
    check_refused(
        ReportFormat::Orc,
        orc(0, vec![]).file(),
        &expect!["stripe 0, column `ETag`, row 0: entry 0, which the dictionary lacks"],
    );
}

#[test]
fn footers_are_not_fetched_where_they_are_too_long() {
    let end = postscript(9 << 20, 0, 0);
    let orc = Endless { size: 1 << 40, end, fetched: Counter::new(0) };
    check_refused(
        ReportFormat::Orc,
        &orc,
        &expect!["byte 1099502190575: a footer has 9437184, limit is 8388608"],
    );
    assert!(orc.fetched.get() < 20_000);
    let end = b"\x00\x00\x00\x7fPAR1".to_vec();
    let parquet = Endless { size: 1 << 40, end, fetched: Counter::new(0) };
    check_refused(
        ReportFormat::Parquet,
        &parquet,
        &expect!["the file's metadata has 2130706432, limit is 4194304"],
    );
    assert_eq!(parquet.fetched.get(), 8);
}

#[test]
fn a_footer_that_inflates_without_end_is_given_up() {
    let footer = chunk(&deflated(&vec![0; 256 << 10])).repeat(40);
    let end = postscript(footer.len() as u64, 1, 256 << 10);
    let file = [b"ORC".to_vec(), footer, end].concat();
    assert!(file.len() < 1 << 20);
    check_refused(
        ReportFormat::Orc,
        file,
        &expect!["byte 3: a footer has 8650752, limit is 8388608"],
    );
}

#[test]
fn blocks_without_measure_are_refused() {
    let file = [b"ORC".to_vec(), postscript(0, 1, 1 << 30)].concat();
    check_refused(
        ReportFormat::Orc,
        file,
        &expect!["a block of compression has 1073741824, limit is 4194304"],
    );
    // A chunk that inflates to more than the block that the file promises.
    let zeros = vec![0; 100_000];
    let snapped = snap::raw::Encoder::new().compress_vec(&zeros).expect("snappy");
    for (kind, stored) in [(1, deflated(&zeros)), (2, snapped)] {
        let footer = chunk(&stored);
        let end = postscript(footer.len() as u64, kind, 64 << 10);
        let file = [b"ORC".to_vec(), footer, end].concat();
        check_refused(
            ReportFormat::Orc,
            file,
            &expect!["byte 3: a chunk that is longer than the file's blocks"],
        );
    }
}

#[test]
fn a_source_that_answers_less_than_it_has_is_refused() {
    struct Shrunk(Vec<u8>);
    impl Source for Shrunk {
        type Error = io::Error;
        fn size_bytes(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, _: u64, length: usize) -> Result<Vec<u8>, io::Error> {
            Ok(vec![0; length / 2])
        }
    }
    for format in ReportFormat::ALL.iter().copied() {
        let table = Table { columns: vec![column(ColumnId::ETag)], rows: vec![] };
        let file = table.file(format, &[1]);
        let at = match format {
            ReportFormat::Parquet => format!("byte {}: ", file.len() - 8),
            ReportFormat::Orc => "byte 0: ".to_owned(),
            _ => "row 0, byte 0: ".to_owned(),
        };
        let schema = Schema::new(&table.columns).file_schema(format);
        let schema = FileSchema::parse(format, &schema).expect("a schema");
        let refused = Reader::open(format, &schema, &table.columns, Shrunk(file))
            .and_then(|mut reader| reader.next_batch().map(drop));
        let refused = refused.expect_err("refused").to_string();
        assert_eq!(refused, format!("{at}the file has another length than before"), "{format:?}");
    }
}

#[test]
fn row_groups_that_overlap_are_refused() {
    let table = many_rows(4000, |i| format!("{i:08}"));
    let file = table.file(ReportFormat::Parquet, &[4000]);
    let length = file.len() - 8;
    let footer = u32::from_le_bytes(file[length..length + 4].try_into().expect("four bytes"));
    let begin = length - usize::try_from(footer).expect("a short footer");
    let metadata = ParquetMetaDataReader::decode_metadata(&file[begin..length]).expect("metadata");
    // The same row group again and again.
    let repeated = |times: usize| {
        let groups = std::iter::repeat_n(metadata.row_groups(), times).flatten().cloned().collect();
        let metadata = metadata.clone().into_builder().set_row_groups(groups).build();
        let mut end = Vec::new();
        ParquetMetaDataWriter::new(&mut end, &metadata).finish().expect("room in memory");
        [&file[..begin], &end].concat()
    };
    let columns = [column(ColumnId::ETag)];
    let once = read(ReportFormat::Parquet, &columns, &repeated(1)).expect("a whole file");
    assert_eq!(once.len(), 4000);
    check_refused(
        ReportFormat::Parquet,
        repeated(20),
        &expect!["columns of row groups that overlap"],
    );
}
