//! Whole reports of buckets behind a gateway, also when the process is killed.

use std::time::Instant;

use serde_json::Value;
use stocktake_capabilities::etags;
use stocktake_tests::harness::bench::{Wanted, text};
use stocktake_tests::harness::process::{Running, stocktake_in};
use stocktake_tests::harness::random::Random;
use stocktake_tests::harness::report::gunzip;

use super::*;

/// How often a process is killed in all.
const KILLS: u32 = 100;

/// The objects of the bucket whose reports are disturbed.
const OBJECTS: usize = 1_500;

/// A source and a destination behind the gateway, and a data folder here.
struct Behind<'a> {
    ceph: &'a Ceph,
    store: S3Store,
    source: String,
    destination: String,
    folder: tempfile::TempDir,
}

impl<'a> Behind<'a> {
    fn new(ceph: &'a Ceph, source: &str) -> Self {
        let (store, destination) = (ceph.open(), ceph.bucket());
        let folder = tempfile::tempdir().unwrap();
        Self { ceph, store, source: source.to_owned(), destination, folder }
    }

    fn start(&self, versions: &str) -> Running {
        let mut document = Wanted { versions, ..Wanted::default() }.document();
        document["OptionalFields"] = serde_json::json!(["Size", "ETag"]);
        let bucket = format!("arn:aws:s3:::{}", self.destination);
        document["Destination"]["S3BucketDestination"]["Bucket"] = bucket.into();
        let config = self.folder.path().join("configuration.json");
        std::fs::write(&config, document.to_string()).unwrap();
        let (endpoint, data) = (self.ceph.endpoint(), self.folder.path().join("data"));
        let words = ["run", "--bucket", &self.source, "--config", text(&config), "--json"];
        let more = ["--store", &endpoint, "--data", text(&data), "--file-rows", "200"];
        let workers = ["--workers", "2"];
        stocktake_in(&self.ceph.environment(), words.iter().chain(&more).chain(&workers))
    }

    /// The rows of a finished report, whose files are all there and whole; none if there is no report.
    #[track_caller]
    fn rows(&self) -> Option<Vec<String>> {
        let names = keys(&self.store, &self.destination, &everything());
        let checksums: Vec<_> =
            names.iter().filter(|name| name.ends_with("manifest.checksum")).collect();
        assert!(checksums.len() <= 1, "one report: {checksums:?}");
        let manifest = self.read(&checksums.first()?.replace(".checksum", ".json"));
        let sum = self.read(checksums.first()?);
        assert_eq!(format!("{}\n", etags::of_content(&manifest)).as_bytes(), sum);
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let mut rows = Vec::new();
        for file in manifest["files"].as_array().unwrap() {
            let content = self.read(file["key"].as_str().unwrap());
            assert_eq!(file["MD5checksum"], etags::of_content(&content));
            rows.extend(gunzip(&content).lines().map(str::to_owned));
        }
        Some(rows)
    }

    fn read(&self, key: &str) -> Vec<u8> {
        self.store.read_range(&self.destination, &object(key), 0, 8 << 20).unwrap()
    }

    fn unfinished_uploads(&self) -> usize {
        let request = self.store.client().list_multipart_uploads().bucket(&self.destination);
        runtime().block_on(request.send()).unwrap().uploads().len()
    }
}

/// Puts many objects, several at a time.
fn fill(store: &S3Store, bucket: &str, keys: &[String]) {
    std::thread::scope(|scope| {
        for portion in keys.chunks(keys.len().div_ceil(8).max(1)) {
            scope.spawn(|| portion.iter().for_each(|key| put(store, bucket, key, key.as_bytes())));
        }
    });
}

#[test]
fn every_version_is_in_the_report() {
    let Some(ceph) = ceph() else { return };
    let source = ceph.bucket();
    let behind = Behind::new(ceph, &source);
    put(&behind.store, &source, "null", b"before versions");
    keep_versions(&behind.store, &source);
    for key in ["a", "//odd/../key", "tab\tline\n", "plus+é"] {
        put(&behind.store, &source, key, b"1");
        put(&behind.store, &source, key, b"22");
    }
    let delete = behind.store.client().delete_object().bucket(&source).key("a");
    runtime().block_on(delete.send()).unwrap();
    let ended = behind.start("All").ended().success();
    assert_eq!(ended.json()["objects"], 10);
    let rows = behind.rows().unwrap();
    let options = ListOptions { versions: true, ..everything() };
    let (mut entries, _) = listed(&behind.store, &source, &options);
    entries.sort_by(|a, b| (&a.key, &a.version_id).cmp(&(&b.key, &b.version_id)));
    let encode = |key: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        };
        key.bytes().map(byte).collect::<String>()
    };
    let row = |entry: &Entry| {
        let size =
            if entry.is_delete_marker { String::new() } else { entry.size_bytes.to_string() };
        let values = [
            source.clone(),
            encode(&entry.key),
            entry.version_id.clone().unwrap_or_default(),
            entry.is_latest.to_string(),
            entry.is_delete_marker.to_string(),
            size,
            entry.etag.clone().unwrap_or_default(),
        ];
        values.map(|value| format!("\"{value}\"")).join(",")
    };
    assert_eq!(rows, entries.iter().map(row).collect::<Vec<_>>());
    assert_eq!(rows.iter().filter(|row| row.contains("\"true\",\"true\"")).count(), 1, "a marker");
}

#[test]
fn a_report_behind_a_gateway_survives_a_hundred_kills() {
    let Some(ceph) = ceph() else { return };
    let source = ceph.bucket();
    let keys: Vec<String> =
        (0..OBJECTS).map(|number| format!("{:02}/k{number:05}", number % 37)).collect();
    fill(&ceph.open(), &source, &keys);
    let undisturbed = Behind::new(ceph, &source);
    let begun = Instant::now();
    undisturbed.start("Current").ended().success();
    let usual = begun.elapsed();
    let expected = undisturbed.rows().unwrap();
    assert_eq!(expected.len(), OBJECTS);
    let (mut kills, mut rounds, mut random) = (0, 0, Random::new(0x5eed));
    while kills < KILLS {
        let round = Behind::new(ceph, &source);
        while round.rows().is_none() && kills < KILLS {
            let running = round.start("Current");
            std::thread::sleep(usual.mul_f64(random.fraction()));
            // Dropping it kills it, unless it has ended by itself.
            drop(running);
            kills += 1;
        }
        if round.rows().is_none() {
            round.start("Current").ended().success();
        }
        assert!(round.rows().unwrap() == expected, "undisturbed and killed");
        assert_eq!(round.unfinished_uploads(), 0);
        rounds += 1;
    }
    assert!(rounds > 1, "{kills} kills over {rounds} reports");
}
