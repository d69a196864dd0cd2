//! Which columns a data file has, by what its manifest says.

use stocktake_core::column::{COLUMNS, Column};
use stocktake_core::configuration::ReportFormat;

use super::ReadError;

/// The most bytes of a `fileSchema`: columns have short names, and there are some thirty of them.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// The columns that a data file has, in file order, by the `fileSchema` of its manifest.
///
/// Names count the same whatever their case and underscores, as in `LastModifiedDate` and `last_modified_date`; Hive
/// knows no capitals. `BucketName` and `ObjectKey`, which `CoreWeave` has, are `Bucket` and `Key`.
///
/// # Examples
/// ```
/// use stocktake_core::configuration::ReportFormat;
/// use stocktake_formats::FileSchema;
///
/// let schema = FileSchema::parse(ReportFormat::Csv, "Bucket, Key, Size, Weather")?;
/// let names: Vec<_> = schema.columns().iter().map(|column| column.name).collect();
/// assert_eq!(names, ["Bucket", "Key", "Size"]);
/// assert_eq!(schema.unknown().collect::<Vec<_>>(), ["Weather"]);
///
/// assert!(FileSchema::parse(ReportFormat::Orc, "Bucket, Key").is_err());
/// # Ok::<(), stocktake_formats::ReadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSchema {
    names: Vec<String>,
}

impl FileSchema {
    /// Reads the `fileSchema` of a manifest: names with commas between them, an ORC struct, or a Parquet message.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] for a text of another form, [`ReadError::TooLarge`] above 64 KiB.
    pub fn parse(format: ReportFormat, text: &str) -> Result<Self, ReadError> {
        if text.len() > TEXT_BYTES_MAX {
            let (size, limit) = (text.len() as u64, TEXT_BYTES_MAX as u64);
            return Err(ReadError::too_large("the manifest's `fileSchema`", size, limit));
        }
        let names = match format {
            ReportFormat::Csv | ReportFormat::Tsv | ReportFormat::Json => {
                Some(text.split(',').map(|name| name.trim().to_owned()).collect())
            }
            ReportFormat::Orc => orc_names(text),
            ReportFormat::Parquet => parquet_names(text),
        };
        let names: Option<Vec<String>> =
            names.filter(|names: &Vec<String>| names.iter().all(|name| !name.is_empty()));
        let shown: String = text.chars().take(60).collect();
        let problem =
            || format!("the manifest's `fileSchema` `{shown}` does not describe {format:?}");
        Ok(Self { names: names.ok_or_else(|| ReadError::malformed(problem()))? })
    }

    /// The columns that are known, each once, in file order.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static Column> {
        let mut columns = Vec::new();
        for column in self.names.iter().filter_map(|name| known(name)) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    /// The names of columns that are not known; readers pass over them.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str).filter(|name| known(name).is_none())
    }

    /// How many columns there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Where in every row a column is.
    pub(super) fn place(&self, column: &'static Column) -> Result<usize, ReadError> {
        let place = self
            .names
            .iter()
            .position(|name| known(name).is_some_and(|known| known.id == column.id));
        place.ok_or(ReadError::MissingColumn { column: column.name })
    }

    /// Where a column is among those that a file names itself.
    ///
    /// Old versions of Hive name all columns `_col0`, `_col1` and so on; those are the manifest's, in order.
    pub(super) fn place_in(
        &self,
        names: &[&str],
        column: &'static Column,
    ) -> Result<usize, ReadError> {
        if !names.is_empty() && names.iter().all(|name| name.starts_with("_col")) {
            return self.place(column);
        }
        let place =
            names.iter().position(|name| known(name).is_some_and(|known| known.id == column.id));
        place.ok_or(ReadError::MissingColumn { column: column.name })
    }
}

/// The column of this name.
pub(super) fn known(name: &str) -> Option<&'static Column> {
    let letters = |name: &str| {
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        letters.map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    let name = match letters(name) {
        name if name == b"bucketname" => b"bucket".to_vec(),
        name if name == b"objectkey" => b"key".to_vec(),
        name => name,
    };
    COLUMNS.iter().find(|column| letters(column.name) == name)
}

/// The names in `struct<bucket:string,size:decimal(10,2)>`.
fn orc_names(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix("struct<")?.strip_suffix('>')?;
    let mut names = Vec::new();
    loop {
        let (name, of_type) = rest.split_once(':')?;
        names.push(name.trim().trim_matches('`').to_owned());
        let mut depth = 0_i32;
        let end = of_type.find(|c| {
            depth += match c {
                '<' | '(' => 1,
                '>' | ')' => -1,
                _ => 0,
            };
            c == ',' && depth == 0
        });
        let Some((_, after)) = end.and_then(|end| of_type.split_at_checked(end)) else {
            return (depth == 0).then_some(names);
        };
        rest = after.strip_prefix(',')?;
    }
}

/// The names in `message s3.inventory { required binary key (STRING); optional int64 size; }`.
fn parquet_names(text: &str) -> Option<Vec<String>> {
    let (head, fields) = text.trim().strip_suffix('}')?.split_once('{')?;
    head.trim_start().strip_prefix("message")?;
    let fields = fields.split(';').map(str::trim).filter(|field| !field.is_empty());
    let name = |field: &str| {
        let mut words = field.split_whitespace().skip(2);
        let name = words.next()?.split('(').next()?;
        Some(name.to_owned())
    };
    fields.map(name).collect()
}

#[cfg(test)]
mod tests {
    use stocktake_core::column::report_columns;

    use super::*;
    use crate::Schema;

    #[test]
    fn what_a_schema_says_of_itself_is_read() {
        let columns: Vec<_> = COLUMNS.iter().collect();
        let schema = Schema::new(&columns);
        for format in ReportFormat::ALL.iter().copied() {
            let read = FileSchema::parse(format, &schema.file_schema(format)).expect("a schema");
            assert_eq!(read.columns(), columns, "{format:?}");
            assert_eq!(read.unknown().count(), 0);
        }
    }

    #[test]
    fn columns_of_others_are_known_by_any_of_their_names() {
        let text = "struct<`BUCKET_NAME`:string,objectkey:varchar(10),x:array<struct<a:int,b:int>>,d:decimal(10,2),etag:string>";
        let schema = FileSchema::parse(ReportFormat::Orc, text).expect("a schema");
        let names: Vec<_> = schema.columns().iter().map(|column| column.name).collect();
        assert_eq!(names, ["Bucket", "Key", "ETag"]);
        assert_eq!(schema.unknown().collect::<Vec<_>>(), ["x", "d"]);
        let [bucket, key] = report_columns(false, &[])[..] else { panic!("two columns") };
        assert_eq!(schema.place(key).expect("a place"), 1);
        assert_eq!(schema.place_in(&["_col0", "_col1"], key).expect("a place"), 1);
        assert_eq!(schema.place_in(&["ObjectKey", "Bucket"], bucket).expect("a place"), 1);
        assert!(matches!(
            schema.place_in(&["ObjectKey"], bucket),
            Err(ReadError::MissingColumn { column: "Bucket" })
        ));
    }

    #[test]
    fn texts_of_another_form_are_refused() {
        for (format, text) in [
            (ReportFormat::Csv, ""),
            (ReportFormat::Csv, "Bucket,,Key"),
            (ReportFormat::Orc, "struct<"),
            (ReportFormat::Orc, "struct<bucket:string,>"),
            (ReportFormat::Orc, "struct<bucket:array<string>"),
            (ReportFormat::Parquet, "message x { required binary; }"),
            (ReportFormat::Parquet, "bucket, key"),
        ] {
            let refused = FileSchema::parse(format, text);
            assert!(matches!(refused, Err(ReadError::Malformed { .. })), "{text}");
        }
        let long = "x,".repeat(40_000);
        let refused = FileSchema::parse(ReportFormat::Csv, &long);
        assert!(matches!(refused, Err(ReadError::TooLarge { .. })));
    }
}
