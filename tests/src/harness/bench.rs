//! A store on a disk, and the program over it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::files::snapshot;
use super::process::{Running, arguments, stocktake};
use super::{DESTINATION, SOURCE, tree};

/// The time that the program is told unless a test says otherwise: a full hour, so that a minute is left.
pub const NOW: &str = "2026-11-08T01:00:00Z";

/// A store with [`SOURCE`] and [`DESTINATION`], and a configuration beside it.
pub struct Bench {
    folder: TempDir,
}

/// What a configuration asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its id.
    pub id: &'a str,
    /// The word for `Format`.
    pub format: &'a str,
    /// The word for `IncludedObjectVersions`.
    pub versions: &'a str,
    /// The words of `OptionalFields`.
    pub fields: &'a [&'a str],
    /// The prefix of the filter.
    pub filter: Option<&'a str>,
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        let fields = &["Size", "LastModifiedDate"];
        Self { id: "daily", format: "CSV", versions: "Current", fields, filter: None }
    }
}

impl Wanted<'_> {
    /// The document.
    pub fn document(&self) -> Value {
        let mut document = serde_json::json!({
            "Id": self.id,
            "IsEnabled": true,
            "IncludedObjectVersions": self.versions,
            "Schedule": { "Frequency": "Daily" },
            "OptionalFields": self.fields,
            "Destination": { "S3BucketDestination": {
                "Bucket": format!("arn:aws:s3:::{DESTINATION}"), "Format": self.format, "Prefix": "inv",
            } },
        });
        if self.fields.is_empty() {
            document.as_object_mut().unwrap().remove("OptionalFields");
        }
        if let Some(prefix) = self.filter {
            document["Filter"] = serde_json::json!({ "Prefix": prefix });
        }
        document
    }
}

impl Bench {
    /// A store whose source holds these files; see [`tree`] for how they are described.
    pub fn new(files: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        tree::write(&bench.bucket(SOURCE), &tree::parse(files));
        fs::create_dir(bench.bucket(DESTINATION)).unwrap();
        bench
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The folder of a bucket.
    pub fn bucket(&self, name: &str) -> PathBuf {
        self.store().join(name)
    }

    /// A file beside the store.
    pub fn beside(&self, name: &str, content: &str) -> PathBuf {
        self.beside_bytes(name, content.as_bytes())
    }

    /// A file beside the store, which need be no text.
    pub fn beside_bytes(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Starts a command over this store.
    pub fn start(&self, words: &[&str]) -> Running {
        stocktake(arguments(words, &self.store()))
    }

    /// Starts `run --json` for a configuration, with more arguments.
    pub fn start_run(&self, document: &Value, more: &[&str]) -> Running {
        let config = self.beside("configuration.json", &document.to_string());
        let config = config.to_str().unwrap();
        let words = ["run", "--bucket", SOURCE, "--config", config, "--json"];
        self.start(&[&words[..], more].concat())
    }

    /// The names of all files of the store.
    pub fn names(&self) -> Vec<String> {
        super::files::names(&snapshot(&self.store()))
    }

    /// The names of the files of the destination.
    pub fn delivered(&self) -> Vec<String> {
        super::files::names(&snapshot(&self.bucket(DESTINATION)))
    }
}

/// The path as the text that it is in these tests.
#[track_caller]
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
