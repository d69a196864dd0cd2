//! manifest.json in the form of Tencent COS.
//!
//! Source: "Inventory overview" in the documentation of Tencent COS; numbers are texts there.

use super::{ManifestFile, text};
use crate::accounts::Accounts;

/// What a manifest says in the form of Tencent COS.
#[derive(Clone, Debug)]
pub(crate) struct CosManifest<'a> {
    pub(crate) accounts: Accounts<'a>,
    pub(crate) file_format: &'a str,
    pub(crate) file_schema: &'a str,
    /// What was listed: entries and bytes.
    pub(crate) listed: (u64, u64),
    /// What the filter left of it: entries and bytes.
    pub(crate) admitted: (u64, u64),
    pub(crate) files: Vec<ManifestFile<'a>>,
}

impl CosManifest<'_> {
    /// manifest.json, with a line feed at its end.
    pub(crate) fn json(&self) -> String {
        let files: Vec<String> = self.files.iter().map(file).collect();
        let files =
            if files.is_empty() { "[]".to_owned() } else { format!("[{}\n ]", files.join(",")) };
        let number = |number: u64| text(&number.to_string());
        let members = [
            ("sourceAppid", text(self.accounts.source_appid)),
            ("sourceBucket", text(self.accounts.source_bucket)),
            ("destinationAppid", text(self.accounts.destination_appid)),
            ("destinationBucket", text(self.accounts.destination_bucket)),
            ("fileFormat", text(self.file_format)),
            ("listObjectCount", number(self.listed.0)),
            ("listStorageSize", number(self.listed.1)),
            ("filterObjectCount", number(self.admitted.0)),
            ("filterStorageSize", number(self.admitted.1)),
            ("fileSchema", text(self.file_schema)),
            ("files", files),
        ];
        let lines = members.map(|(name, value)| format!(" \"{name}\": {value}"));
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }
}

fn file(file: &ManifestFile<'_>) -> String {
    format!(
        "\n  {{\n   \"key\": {},\n   \"size\": {},\n   \"md5Checksum\": {}\n  }}",
        text(file.key),
        text(&file.size_bytes.to_string()),
        text(file.md5)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_FILE: &str = r#"{
 "sourceAppid": "1259999999",
 "sourceBucket": "orbit-raw",
 "destinationAppid": "1259999999",
 "destinationBucket": "reports",
 "fileFormat": "CSV",
 "listObjectCount": "3",
 "listStorageSize": "10",
 "filterObjectCount": "2",
 "filterStorageSize": "8",
 "fileSchema": "Appid, Bucket, Key, Size, LastModifiedDate",
 "files": [
  {
   "key": "inv/1259999999/orbit-raw/m1/3c59dc048e8850243be8079a5c74d079.csv.gz",
   "size": "181",
   "md5Checksum": "b6d767d2f8ed5d21a44b0e5886680cb9"
  }
 ]
}
"#;

    fn manifest(files: Vec<ManifestFile<'_>>) -> CosManifest<'_> {
        CosManifest {
            accounts: Accounts {
                source_bucket: "orbit-raw",
                source_appid: "1259999999",
                destination_bucket: "reports",
                destination_appid: "1259999999",
            },
            file_format: "CSV",
            file_schema: "Appid, Bucket, Key, Size, LastModifiedDate",
            listed: (3, 10),
            admitted: (2, 8),
            files,
        }
    }

    #[test]
    fn has_the_bytes_of_a_manifest_of_cos() {
        let file = ManifestFile {
            key: "inv/1259999999/orbit-raw/m1/3c59dc048e8850243be8079a5c74d079.csv.gz",
            size_bytes: 181,
            md5: "b6d767d2f8ed5d21a44b0e5886680cb9",
        };
        assert_eq!(manifest(vec![file.clone()]).json(), ONE_FILE);
        let two = manifest(vec![file.clone(), file]).json();
        assert!(two.contains("\n  },\n  {\n   \"key\""), "{two}");
        assert!(serde_json::from_str::<serde_json::Value>(&two).is_ok(), "{two}");
    }

    #[test]
    fn an_empty_report_of_cos_has_an_empty_list() {
        assert!(manifest(Vec::new()).json().ends_with(" \"files\": []\n}\n"));
    }
}
