//! The bytes of manifest.json, manifest.checksum and symlink.txt.
//!
//! Source: "Inventory manifest" in the Amazon S3 user guide; white space as in the files that S3 delivers.

mod cos;
mod extension;

use md5::{Digest as _, Md5};
use serde_json::Value;
use stocktake_core::bucket::ARN_PREFIX;
use stocktake_core::timestamp::Millis;

use crate::task::hex;

pub(crate) use cos::CosManifest;
pub(crate) use extension::Extension;

/// What a manifest says in the forms of Amazon S3 and `CoreWeave`.
#[derive(Clone, Debug)]
pub(crate) struct Manifest<'a> {
    pub(crate) source_bucket: &'a str,
    pub(crate) destination_bucket: &'a str,
    pub(crate) creation: Millis,
    pub(crate) file_format: &'a str,
    pub(crate) file_schema: &'a str,
    pub(crate) files: Vec<ManifestFile<'a>>,
}

/// One data file.
#[derive(Clone, Debug)]
pub(crate) struct ManifestFile<'a> {
    pub(crate) key: &'a str,
    pub(crate) size_bytes: u64,
    pub(crate) md5: &'a str,
}

impl Manifest<'_> {
    /// manifest.json, with a line feed at its end.
    pub(crate) fn json(&self) -> String {
        let files: Vec<String> = self.files.iter().map(ManifestFile::json).collect();
        let files =
            if files.is_empty() { "[ ]".to_owned() } else { format!("[ {} ]", files.join(", ")) };
        let members = [
            ("sourceBucket", text(self.source_bucket)),
            ("destinationBucket", text(&format!("{ARN_PREFIX}{}", self.destination_bucket))),
            ("version", text("2016-11-30")),
            ("creationTimestamp", text(&self.creation.0.to_string())),
            ("fileFormat", text(self.file_format)),
            ("fileSchema", text(self.file_schema)),
            ("files", files),
        ];
        let lines = members.map(|(name, value)| format!("  \"{name}\" : {value}"));
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }

    /// symlink.txt, without a line feed at its end.
    pub(crate) fn symlink(&self) -> String {
        let line =
            |file: &ManifestFile<'_>| format!("s3://{}/{}", self.destination_bucket, file.key);
        self.files.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// manifest.checksum for the bytes of a manifest.json.
pub(crate) fn checksum(manifest: &[u8]) -> String {
    format!("{}\n", hex(&Md5::digest(manifest)))
}

impl ManifestFile<'_> {
    fn json(&self) -> String {
        format!(
            "{{\n    \"key\" : {},\n    \"size\" : {},\n    \"MD5checksum\" : {}\n  }}",
            text(self.key),
            self.size_bytes,
            text(self.md5)
        )
    }
}

fn text(value: &str) -> String {
    Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: Vec<ManifestFile<'_>>) -> Manifest<'_> {
        Manifest {
            source_bucket: "orbit-raw",
            destination_bucket: "orbit-reports",
            creation: Millis(1_794_099_600_000),
            file_format: "CSV",
            file_schema: "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass",
            files,
        }
    }

    fn two_files() -> Vec<ManifestFile<'static>> {
        vec![
            ManifestFile {
                key: "inv/orbit-raw/daily-csv/data/5f0c2a52-7d0e-4c0b-9a54-3f1f8f0f6c11.csv.gz",
                size_bytes: 251,
                md5: "0cc175b9c0f1b6a831c399e269772661",
            },
            ManifestFile {
                key: "inv/orbit-raw/daily-csv/data/a1c4b5de-1b7e-4a6c-8a63-5b0f3d1f2e07.csv.gz",
                size_bytes: 249,
                md5: "92eb5ffee6ae2fec3ad71c777531578f",
            },
        ]
    }

    #[test]
    fn has_the_bytes_of_a_delivered_manifest() {
        let json = manifest(two_files()).json();
        assert_eq!(json.len(), 647, "{json}");
        assert_eq!(checksum(json.as_bytes()), "333abe5f20c5f8642501e62f144cc9f0\n");
    }

    #[test]
    fn an_empty_report_has_an_empty_list() {
        assert!(manifest(Vec::new()).json().ends_with("  \"files\" : [ ]\n}\n"));
        assert_eq!(manifest(Vec::new()).symlink(), "");
    }

    #[test]
    fn the_symlink_has_no_final_line_feed() {
        let symlink = manifest(two_files()).symlink();
        assert_eq!(symlink.len(), 183);
        assert_eq!(hex(&Md5::digest(&symlink)), "39a93826a95d28d652c1c05cbdc63060");
    }
}
