//! What is fuzzed: one function for each parser of bytes that strangers write.
//!
//! A target takes any bytes. It panics where the parser does, or where an answer breaks a promise; both are bugs.
//! `tests/fuzz/fuzz_targets` hands them to libFuzzer, and `tests/it/fuzz.rs` runs the committed corpora and generated
//! input through them on the stable toolchain.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use inventory_config::{Syntax, check};
use stocktake_core::column::{COLUMNS, Column};
use stocktake_core::configuration::{Configuration, ReportFormat};
use stocktake_core::finding::{Dialect, Level};
use stocktake_formats::{FileSchema, Reader, Schema};

/// The most rows that a target reads of one file: a few bytes can stand for billions of nulls.
const ROWS_MAX: u64 = 100_000;

/// A target and the name of its corpus.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of its corpus, and of its program for libFuzzer.
    pub name: &'static str,
    /// What it does with some bytes.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "inventory_json", run: |input| inventory(input, Syntax::Json) },
    Target { name: "inventory_xml", run: |input| inventory(input, Syntax::Xml) },
    Target { name: "file_gzip", run: |input| data_file(input.to_vec(), ReportFormat::Csv) },
    Target { name: "file_csv", run: |input| data_file(gzip(input), ReportFormat::Csv) },
    Target { name: "file_tsv", run: |input| data_file(gzip(input), ReportFormat::Tsv) },
    Target { name: "file_json", run: |input| data_file(gzip(input), ReportFormat::Json) },
    Target { name: "file_orc", run: |input| data_file(input.to_vec(), ReportFormat::Orc) },
    Target { name: "file_parquet", run: |input| data_file(input.to_vec(), ReportFormat::Parquet) },
];

/// Hands some bytes to the target of this name.
///
/// # Panics
/// If there is none, and where a bug is found.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    (target.run)(input);
}

/// A configuration of inventory: what is accepted is accepted again as it is kept, and stays what it is.
fn inventory(document: &[u8], syntax: Syntax) {
    for dialect in [Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos] {
        let judged = check(document, syntax, dialect);
        let is_refused = judged.findings.iter().any(|finding| finding.level == Level::Error);
        assert_eq!(
            is_refused,
            judged.configuration.is_none(),
            "{dialect:?}: {:?}",
            judged.findings
        );
        let Some(configuration) = judged.configuration else { continue };
        let kept = configuration.to_json();
        match Configuration::from_json(&kept) {
            Ok(read) => assert_eq!(read, configuration, "{kept}"),
            Err(error) => panic!("what was kept cannot be read: {error:?}: {kept}"),
        }
    }
}

/// A data file of a report, with every column that there is.
fn data_file(file: Vec<u8>, format: ReportFormat) {
    let columns: Vec<&'static Column> = COLUMNS.iter().collect();
    let schema = Schema::new(&columns).file_schema(format);
    let schema = FileSchema::parse(format, &schema).expect("a schema of ours");
    let Ok(mut reader) = Reader::open(format, &schema, &columns, file) else { return };
    let mut rows = 0;
    while let Ok(Some(batch)) = reader.next_batch() {
        assert_eq!(batch.first_row(), rows, "rows are counted");
        assert!(batch.rows() > 0, "a batch without rows");
        rows += batch.rows() as u64;
        if rows > ROWS_MAX {
            return;
        }
    }
}

/// Text as it is packed in a data file. Damage to the packing itself is another target's.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    file.write_all(text).expect("room in memory");
    file.finish().expect("room in memory")
}
