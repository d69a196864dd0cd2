//! Reports that the program made, read with pyarrow and, where it can, duckdb, and compared with the directory row by row.

use std::fs;
use std::path::Path;

use serde_json::Value;
use stocktake_tests::harness::artefacts::root;
use stocktake_tests::harness::bench::{Bench, NOW, Wanted, text};
use stocktake_tests::harness::{DESTINATION, SOURCE, python, tree};

const EVERY_FIELD: &[&str] = &[
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "ObjectLockEventHoldStatus",
    "ObjectLockEventHoldDuration",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
    "LifecycleExpirationDate",
    "IntelligentTieringReferenceDate",
];

fn hostile() -> String {
    let case = root().join("tests/cases/report-writer/hostile_keys/tree.txt");
    fs::read_to_string(case).unwrap()
}

#[test]
fn hostile_keys_read_back_from_csv() {
    check_files(&hostile(), Wanted::default());
}

#[test]
fn hostile_keys_read_back_from_parquet() {
    check_files(&hostile(), Wanted { format: "Parquet", ..Wanted::default() });
}

#[test]
fn hostile_keys_read_back_from_orc() {
    check_files(&hostile(), Wanted { format: "ORC", ..Wanted::default() });
}

#[test]
fn every_field_reads_back() {
    for format in ["CSV", "ORC", "Parquet"] {
        let wanted = Wanted { format, versions: "All", fields: EVERY_FIELD, ..Wanted::default() };
        check_files("1 1700000000.25 a\n2 1700000000 b/c d+\n3 1700000001 b/e\n", wanted);
    }
}

#[test]
fn few_or_no_objects_read_back() {
    for format in ["CSV", "ORC", "Parquet"] {
        let wanted = Wanted { format, fields: &[], ..Wanted::default() };
        check_files("", wanted);
        check_files("5 1700000000 one\n", wanted);
        check_files("5 1700000000 one\n", Wanted { filter: Some("no"), ..wanted });
        check_files(
            "5 1700000000 on\n6 1700000000 one/a\n",
            Wanted { filter: Some("one"), ..wanted },
        );
    }
}

#[test]
fn a_hundred_thousand_objects_read_back() {
    for format in ["CSV", "ORC", "Parquet"] {
        let bench = Bench::new("");
        fs::remove_dir(bench.bucket(SOURCE)).unwrap();
        let (rows, files) =
            check(&bench, &tree::large(), Wanted { format, versions: "All", ..Wanted::default() });
        assert_eq!(rows, tree::LARGE);
        assert!(files > 1, "one data file shows no order among files");
    }
}

#[track_caller]
fn check_files(files: &str, wanted: Wanted<'_>) {
    let bench = Bench::new(files);
    let tree = bench.bucket(SOURCE);
    check(&bench, &tree, wanted);
}

/// Makes a report of a tree and has it read. Answers its rows and data files.
#[track_caller]
fn check(bench: &Bench, tree: &Path, wanted: Wanted<'_>) -> (u64, u64) {
    let document = wanted.document();
    let mapped = format!("{SOURCE}={}", text(tree));
    let more = ["--now", NOW, "--map-read-only", &mapped];
    let summary = bench.start_run(&document, &more).ended().success().json();
    let (rows, files) =
        (summary["objects"].as_u64().unwrap(), summary["data_files"].as_u64().unwrap());
    let configuration = bench.beside("configuration.json", &document.to_string());
    let read = python::run(
        "read_report.py",
        [
            "--tree",
            text(tree),
            "--source",
            SOURCE,
            "--destination",
            text(&bench.bucket(DESTINATION)),
            "--manifest",
            summary["manifest"]["key"].as_str().unwrap(),
            "--configuration",
            text(&configuration),
        ],
    );
    if let Some(read) = read {
        let read: Value = serde_json::from_str(&read).unwrap();
        assert_eq!(read, serde_json::json!({ "rows": rows, "files": files }));
    }
    (rows, files)
}
