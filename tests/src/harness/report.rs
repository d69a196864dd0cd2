//! A finished report in words: what a person would compare.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use stocktake_capabilities::etags;
use stocktake_core::run::{RunCounts, RunRecord};

use super::files::names;

/// How many rows of a data file are shown; of a longer one the first and last few.
const ROWS_SHOWN: usize = 40;
const ROWS_SHOWN_OF_MANY: usize = 3;

/// A report that is complete: its checksum is there, and every file is the one that the manifest names.
#[derive(Clone, PartialEq)]
pub struct Finished {
    /// manifest.json.
    pub manifest: Value,
    /// The data files, in the manifest's order.
    pub files: Vec<Vec<u8>>,
}

impl Finished {
    /// The lines of data files that are text in gzip.
    pub fn lines(&self) -> Vec<String> {
        let lines = |file: &Vec<u8>| gunzip(file).lines().map(str::to_owned).collect::<Vec<_>>();
        self.files.iter().flat_map(lines).collect()
    }
}

/// The report among objects of these names; none where there is no manifest.checksum.
#[track_caller]
pub fn finished<'a>(
    names: impl IntoIterator<Item = &'a str>,
    read: impl Fn(&str) -> Vec<u8>,
) -> Option<Finished> {
    let is_checksum = |name: &&str| name.ends_with("manifest.checksum");
    let checksums: Vec<&str> = names.into_iter().filter(is_checksum).collect();
    assert!(checksums.len() <= 1, "one report: {checksums:?}");
    let checksum = checksums.first()?;
    let manifest = read(&checksum.replace(".checksum", ".json"));
    assert_eq!(format!("{}\n", etags::of_content(&manifest)).as_bytes(), read(checksum));
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let file = |file: &Value| {
        let content = read(file["key"].as_str().unwrap());
        assert_eq!(file["MD5checksum"], etags::of_content(&content));
        assert_eq!(file["size"], content.len());
        content
    };
    let files = manifest["files"].as_array().unwrap().iter().map(file).collect();
    Some(Finished { manifest, files })
}

/// Says how the run ended, and shows every file of the destination, decoded.
pub fn describe(record: &RunRecord, files: &BTreeMap<Vec<u8>, Vec<u8>>) -> String {
    let mut out = String::new();
    let RunRecord { status, reason, counts, .. } = record;
    let RunCounts { objects, bytes, unlisted, files: count, report_bytes, .. } = counts;
    let _ = writeln!(
        out,
        "{status:?}: {objects} objects, {bytes} bytes, {unlisted} unlisted, {count} files, {report_bytes} bytes of report"
    );
    if let Some(reason) = reason {
        let _ = writeln!(out, "reason: {reason}");
    }
    for (name, bytes) in names(files).iter().zip(files.values()) {
        let _ = writeln!(out, "\n== {name}");
        let text = if name.ends_with(".csv.gz") {
            shown(gunzip(bytes).lines().map(str::to_owned).collect())
        } else if name.ends_with(".parquet") {
            parquet(bytes)
        } else if Path::new(name).extension().is_some_and(|extension| extension == "orc") {
            // What it says is compared by consumers; here it is enough that its bytes do not change.
            format!("{} bytes, MD5 {}\n", bytes.len(), etags::of_content(bytes))
        } else {
            String::from_utf8(bytes.clone()).unwrap()
        };
        out.push_str(&text);
        if !out.ends_with('\n') {
            out.push_str(" (no final line feed)\n");
        }
    }
    out
}

/// The text of a gzip file.
pub fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn parquet(bytes: &[u8]) -> String {
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let mut schema = Vec::new();
    let file = reader.metadata().file_metadata();
    parquet::schema::printer::print_schema(&mut schema, file.schema());
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap();
        row.get_column_iter().map(|(_, field)| value(field)).collect::<Vec<_>>().join(" ")
    });
    let rows = shown(rows.collect());
    format!("version {}\n{}{rows}", file.version(), String::from_utf8(schema).unwrap())
}

fn value(field: &Field) -> String {
    match field {
        Field::Null => "null".to_owned(),
        Field::Bool(value) => value.to_string(),
        Field::Int(value) => value.to_string(),
        Field::Long(value) => value.to_string(),
        Field::Str(value) => format!("{value:?}"),
        Field::TimestampMillis(value) => format!("@{value}"),
        other => panic!("a report has no such value: {other}"),
    }
}

fn shown(rows: Vec<String>) -> String {
    let count = rows.len();
    let mut lines = rows;
    if count > ROWS_SHOWN {
        let left_out = format!("... {} rows ...", count - 2 * ROWS_SHOWN_OF_MANY);
        lines.splice(ROWS_SHOWN_OF_MANY..count - ROWS_SHOWN_OF_MANY, [left_out]);
    }
    lines.push(String::new());
    lines.join("\n")
}
