//! Damaged files: an error or rows, and never a panic.

use super::*;

/// Files of all formats and writers, small enough to be damaged many times, with their columns.
fn files() -> Vec<(ReportFormat, FileSchema, Vec<u8>)> {
    let table = folder_object_and_marker();
    let many = many_rows(400, |i| format!("docs/{:08}.txt", i / 3));
    let mut files = Vec::new();
    for format in ReportFormat::ALL.iter().copied() {
        let schema = Schema::new(&table.columns).file_schema(format);
        let schema = FileSchema::parse(format, &schema).expect("a schema");
        files.push((format, schema.clone(), table.file(format, &[3])));
        files.push((format, schema, many.file(format, &[1000])));
    }
    for (format, file) in super::fixtures::WHOLE {
        let text = match format {
            ReportFormat::Orc => "struct<bucket:string>",
            _ => "message m { required binary bucket; }",
        };
        let schema = FileSchema::parse(*format, text).expect("a schema");
        files.push((*format, schema, file.to_vec()));
    }
    files
}

/// Reads all that can be read, and answers how many rows that were; what has to hold is looked at in [`read_as`].
fn rows(format: ReportFormat, schema: &FileSchema, file: &[u8]) -> Result<usize, ReadError> {
    let columns = match format {
        ReportFormat::Orc | ReportFormat::Parquet => usual_columns(),
        _ => schema.columns(),
    };
    let columns: Vec<_> =
        columns.into_iter().filter(|column| column.id != ColumnId::ETag).collect();
    read_as(format, schema, &columns, file).map(|rows| rows.len())
}

/// Numbers without order, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let mut noise = Noise(1);
    for (format, schema, file) in files() {
        rows(format, &schema, &file).expect("a whole file");
        let ends = (0..60).map(|_| noise.next(file.len()));
        for end in ends.chain([0, 1, 4, file.len() - 9, file.len() - 1]) {
            let refused = rows(format, &schema, &file[..end]);
            assert!(refused.is_err(), "{format:?} {end} {refused:?}");
        }
    }
}

#[test]
fn bits_that_are_turned_over_do_no_harm() {
    let mut noise = Noise(2);
    for (format, schema, file) in files() {
        let mut refused = 0;
        for _ in 0..300 {
            let mut damaged = file.clone();
            for _ in 0..=noise.next(3) {
                // Half of the damage near the end, where ORC and Parquet describe themselves.
                let from = if noise.next(2) == 0 { file.len().saturating_sub(600) } else { 0 };
                let at = from + noise.next(file.len() - from);
                damaged[at] ^= 1 << noise.next(8);
            }
            refused += usize::from(rows(format, &schema, &damaged).is_err());
        }
        assert!(refused > 30, "{format:?}: {refused} of 300 tell nothing");
    }
}

#[test]
fn bytes_that_are_overwritten_do_no_harm() {
    let mut noise = Noise(3);
    for (format, schema, file) in files() {
        for _ in 0..200 {
            let mut damaged = file.clone();
            let at = noise.next(file.len());
            let byte = [0, 0x7f, 0x80, 0xff][noise.next(4)];
            let end = damaged.len().min(at + 1 + noise.next(9));
            damaged[at..end].fill(byte);
            // Whether it is refused depends on what it hit.
            rows(format, &schema, &damaged).ok();
        }
    }
}

#[test]
fn what_was_never_a_file_is_refused() {
    for (format, schema, file) in files() {
        for nonsense in
            [&b"ORC"[..], b"PAR1", b"PAR1\xff\xff\xff\xffPAR1", &[0xff; 4096], b"\x1f\x8b"]
        {
            let refused = rows(format, &schema, nonsense);
            assert!(refused.is_err(), "{format:?} {nonsense:?}");
        }
        let twice = [&file[..], &file[..]].concat();
        // Gzip may have several members; the others begin where their end says.
        rows(format, &schema, &twice).ok();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Behind a sound compression, so that the formats' own decoders see the noise.
    #[test]
    fn texts_of_any_form_do_no_harm(text in "[\"\\\\,\t\n\r{}:\\[\\]a%\u{e9}0-9trufalsen-]{0,80}") {
        for format in [ReportFormat::Csv, ReportFormat::Tsv, ReportFormat::Json] {
            let schema = FileSchema::parse(format, "Key, Size, IsLatest").expect("a schema");
            let columns = schema.columns();
            read_as(format, &schema, &columns, &super::limits::gzipped(text.as_bytes())).ok();
        }
    }

    #[test]
    fn streams_of_any_form_do_no_harm(noise in prop::collection::vec(any::<u8>(), 1..200), at in 3..300_usize) {
        // The old fixture is not compressed, so whatever is written into it reaches the decoders.
        let mut file = include_bytes!("../fixtures/version_0_11.orc").to_vec();
        let at = at * 40;
        let end = (at + noise.len()).min(file.len() - 100);
        if at < end {
            file[at..end].copy_from_slice(&noise[..end - at]);
        }
        let schema = FileSchema::parse(ReportFormat::Orc, "struct<bucket:string>").expect("a schema");
        rows(ReportFormat::Orc, &schema, &file).ok();
    }
}
