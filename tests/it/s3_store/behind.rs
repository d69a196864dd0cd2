//! A report of a bucket behind the gateway.

use stocktake_tests::harness::bench::{Wanted, text};
use stocktake_tests::harness::process::{Running, stocktake_in};
use stocktake_tests::harness::report::{Finished, finished};

use super::*;

/// A source and a destination behind the gateway, and a data folder here.
pub(super) struct Behind<'a> {
    ceph: &'a Ceph,
    pub(super) store: S3Store,
    pub(super) source: String,
    pub(super) destination: String,
    /// Where the program finds the gateway.
    endpoint: String,
    folder: tempfile::TempDir,
}

impl<'a> Behind<'a> {
    pub(super) fn new(ceph: &'a Ceph, source: &str) -> Self {
        Self {
            ceph,
            store: ceph.open(),
            source: source.to_owned(),
            destination: ceph.bucket(),
            endpoint: ceph.endpoint(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The same, where the program finds the gateway elsewhere.
    pub(super) fn at(self, endpoint: String) -> Self {
        Self { endpoint, ..self }
    }

    pub(super) fn start(&self, wanted: &Wanted<'_>) -> Running {
        self.start_with(wanted, &[])
    }

    pub(super) fn start_with(&self, wanted: &Wanted<'_>, more: &[&str]) -> Running {
        let mut document = wanted.document();
        let bucket = format!("arn:aws:s3:::{}", self.destination);
        document["Destination"]["S3BucketDestination"]["Bucket"] = bucket.into();
        let config = self.folder.path().join("configuration.json");
        std::fs::write(&config, document.to_string()).unwrap();
        let data = self.folder.path().join("data");
        let words = ["run", "--bucket", &self.source, "--config", text(&config), "--json"];
        let host = ["--store", &self.endpoint, "--data", text(&data), "--workers", "2"];
        let rows = ["--file-rows", "200"];
        let words = words.iter().chain(&host).chain(&rows).chain(more);
        stocktake_in(&self.ceph.environment(), words)
    }

    /// The finished report, whose files are all there and whole; none if there is no report.
    #[track_caller]
    pub(super) fn finished(&self) -> Option<Finished> {
        let names = keys(&self.store, &self.destination, &everything());
        finished(names.iter().map(String::as_str), |key| self.read(key))
    }

    /// The rows of a finished report as text; none if there is no report.
    #[track_caller]
    pub(super) fn rows(&self) -> Option<Vec<String>> {
        self.finished().map(|report| report.lines())
    }

    fn read(&self, key: &str) -> Vec<u8> {
        self.store.read_range(&self.destination, &object(key), 0, 8 << 20).unwrap()
    }

    pub(super) fn unfinished_uploads(&self) -> usize {
        let request = self.store.client().list_multipart_uploads().bucket(&self.destination);
        runtime().block_on(request.send()).unwrap().uploads().len()
    }
}

/// Puts many objects, several at a time.
pub(super) fn fill(store: &S3Store, bucket: &str, keys: &[String]) {
    std::thread::scope(|scope| {
        for portion in keys.chunks(keys.len().div_ceil(8).max(1)) {
            scope.spawn(|| portion.iter().for_each(|key| put(store, bucket, key, key.as_bytes())));
        }
    });
}
