//! The bytes of manifest.stocktake.json: rows and keys of each data file, and what the run came to.
//!
//! It stands beside manifest.json, whose bytes are those of Amazon S3, so that its readers never see it.

use super::text;
use crate::records::FileRecord;

/// The version of this form. A reader that does not know it leaves the file alone.
const VERSION: &str = "1";

/// What our manifest says beyond that of S3.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension {
    /// Rows of the report.
    pub(crate) objects: u64,
    /// The sum of their objects' sizes.
    pub(crate) bytes: u64,
    /// Names that can be no object key.
    pub(crate) unlisted: u64,
}

impl Extension {
    /// The file piece by piece, with a line feed at its end, so that no more than a piece of it is in memory.
    pub(crate) fn pieces<'a>(
        self,
        files: impl Iterator<Item = &'a FileRecord>,
    ) -> impl Iterator<Item = String> {
        let Self { objects, bytes, unlisted } = self;
        let version = text(VERSION);
        let head = format!(
            "{{\n  \"version\" : {version},\n  \"objects\" : {objects},\n  \"bytes\" : {bytes},\n  \"unlisted\" : {unlisted},\n  \"files\" : ["
        );
        let files = files.enumerate().map(|(index, record)| {
            let separator = if index == 0 { " " } else { ", " };
            format!("{separator}{}", file(record))
        });
        std::iter::once(head).chain(files).chain([" ]\n}\n".to_owned()])
    }
}

fn file(file: &FileRecord) -> String {
    format!(
        "{{\n    \"key\" : {},\n    \"rows\" : {},\n    \"firstKey\" : {},\n    \"lastKey\" : {}\n  }}",
        text(&file.key),
        file.rows,
        text(&file.first_key),
        text(&file.last_key)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, rows: u64, first_key: &str, last_key: &str) -> FileRecord {
        FileRecord {
            key: key.to_owned(),
            size_bytes: 9,
            md5: String::new(),
            rows,
            first_key: first_key.to_owned(),
            last_key: last_key.to_owned(),
            stretches: Vec::new(),
        }
    }

    #[track_caller]
    fn check(files: &[FileRecord], expected: &str) {
        let extension = Extension { objects: 5, bytes: 77, unlisted: 1 };
        assert_eq!(extension.pieces(files.iter()).collect::<String>(), expected);
    }

    #[test]
    fn tells_rows_and_keys_of_every_file() {
        check(
            &[record("inv/data/a.orc", 3, "a", "c\"\u{1}é"), record("inv/data/b.orc", 2, "d", "e")],
            r#"{
  "version" : "1",
  "objects" : 5,
  "bytes" : 77,
  "unlisted" : 1,
  "files" : [ {
    "key" : "inv/data/a.orc",
    "rows" : 3,
    "firstKey" : "a",
    "lastKey" : "c\"\u0001é"
  }, {
    "key" : "inv/data/b.orc",
    "rows" : 2,
    "firstKey" : "d",
    "lastKey" : "e"
  } ]
}
"#,
        );
    }

    #[test]
    fn an_empty_report_has_no_files() {
        check(
            &[],
            "{\n  \"version\" : \"1\",\n  \"objects\" : 5,\n  \"bytes\" : 77,\n  \"unlisted\" : 1,\n  \"files\" : [ ]\n}\n",
        );
    }
}
