//! Which columns a file has, and how manifests describe them.

use std::sync::Arc;

use arrow_schema::{DataType, Field, SchemaRef, TimeUnit};
use stocktake_core::column::{Column, ColumnType, Presence};
use stocktake_core::configuration::ReportFormat;

/// The name of the root of a Parquet schema.
pub(crate) const PARQUET_ROOT: &str = "s3.inventory";

/// The columns of one data file, in file order. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Schema {
    columns: Arc<[&'static Column]>,
    arrow: SchemaRef,
}

impl Schema {
    /// A file with these columns, in this order; [`stocktake_core::column::report_columns`] gives a report's.
    #[must_use]
    pub fn new(columns: &[&'static Column]) -> Self {
        let field = |column: &&Column| {
            Field::new(column.columnar_name, arrow_type(column.kind), !is_required(column))
        };
        let fields: Vec<_> = columns.iter().map(field).collect();
        Self { columns: columns.into(), arrow: Arc::new(arrow_schema::Schema::new(fields)) }
    }

    /// The columns, in file order.
    #[must_use]
    pub fn columns(&self) -> &[&'static Column] {
        &self.columns
    }

    /// What a manifest's `fileSchema` says about files of this format.
    #[must_use]
    pub fn file_schema(&self, format: ReportFormat) -> String {
        let each = |describe: fn(&Column) -> String, between: &str| {
            let columns: Vec<_> = self.columns.iter().map(|column| describe(column)).collect();
            columns.join(between)
        };
        match format {
            ReportFormat::Csv | ReportFormat::Tsv | ReportFormat::Json => {
                each(|column| column.name.to_owned(), ", ")
            }
            ReportFormat::Orc => format!("struct<{}>", each(orc_column, ",")),
            ReportFormat::Parquet => {
                format!("message {PARQUET_ROOT} {{{}}}", each(parquet_column, ""))
            }
        }
    }

    /// The schema of every batch.
    pub(crate) fn arrow(&self) -> &SchemaRef {
        &self.arrow
    }
}

/// What the name of a data file ends in, after the dot.
#[must_use]
pub fn extension(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Csv => "csv.gz",
        ReportFormat::Tsv => "tsv.gz",
        ReportFormat::Json => "json.gz",
        ReportFormat::Orc => "orc",
        ReportFormat::Parquet => "parquet",
    }
}

/// Whether the column has a value in every row.
pub(crate) fn is_required(column: &Column) -> bool {
    column.presence == Presence::Always
}

/// The type of a column in a batch.
pub(crate) fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::String => DataType::Utf8,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

fn orc_column(column: &Column) -> String {
    let kind = match column.kind {
        ColumnType::String => "string",
        ColumnType::Boolean => "boolean",
        ColumnType::Int32 => "int",
        ColumnType::Int64 => "bigint",
        ColumnType::Timestamp => "timestamp",
    };
    format!("{}:{kind}", column.columnar_name)
}

fn parquet_column(column: &Column) -> String {
    let presence = if is_required(column) { "required" } else { "optional" };
    let (kind, annotation) = match column.kind {
        ColumnType::String => ("binary", " (STRING)"),
        ColumnType::Boolean => ("boolean", ""),
        ColumnType::Int32 => ("int32", ""),
        ColumnType::Int64 => ("int64", ""),
        ColumnType::Timestamp => ("int64", " (TIMESTAMP(MILLIS,true))"),
    };
    format!("  {presence} {kind} {}{annotation};", column.columnar_name)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use stocktake_core::column::{COLUMNS, optional_field, report_columns};
    use stocktake_core::finding::Dialect;

    use super::*;

    #[track_caller]
    fn check(with_versions: bool, fields: &str, format: ReportFormat, expected: &Expect) {
        let fields: Vec<_> = fields
            .split_whitespace()
            .map(|name| optional_field(name, Dialect::Any).expect("an optional field"))
            .collect();
        let schema = Schema::new(&report_columns(with_versions, &fields));
        expected.assert_eq(&schema.file_schema(format));
    }

    #[test]
    fn text_formats_name_their_columns() {
        for format in [ReportFormat::Csv, ReportFormat::Tsv, ReportFormat::Json] {
            check(
                true,
                "Size LastModifiedDate ETag StorageClass",
                format,
                &expect![
                    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"
                ],
            );
        }
    }

    #[test]
    fn files_are_named_by_format_and_compression() {
        let extensions: Vec<_> =
            ReportFormat::ALL.iter().map(|format| extension(*format)).collect();
        assert_eq!(extensions, ["csv.gz", "tsv.gz", "json.gz", "orc", "parquet"]);
    }

    #[test]
    fn parquet_describes_a_message() {
        check(
            false,
            "Size LastModifiedDate",
            ReportFormat::Parquet,
            &expect![
                "message s3.inventory {  required binary bucket (STRING);  required binary key (STRING);  optional int64 size;  optional int64 last_modified_date (TIMESTAMP(MILLIS,true));}"
            ],
        );
        check(
            true,
            "ObjectLockEventHoldDuration",
            ReportFormat::Parquet,
            &expect![
                "message s3.inventory {  required binary bucket (STRING);  required binary key (STRING);  optional binary version_id (STRING);  optional boolean is_latest;  optional boolean is_delete_marker;  optional int32 object_lock_event_hold_duration;  optional binary object_lock_event_hold_duration_unit (STRING);}"
            ],
        );
    }

    #[test]
    fn orc_describes_a_struct() {
        check(
            true,
            "Size LastModifiedDate ObjectLockEventHoldDuration",
            ReportFormat::Orc,
            &expect![
                "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,size:bigint,last_modified_date:timestamp,object_lock_event_hold_duration:int,object_lock_event_hold_duration_unit:string>"
            ],
        );
    }

    #[test]
    fn only_what_every_object_has_is_required() {
        let required: Vec<_> =
            COLUMNS.iter().filter(|column| is_required(column)).map(|column| column.name).collect();
        assert_eq!(required, ["Bucket", "Key"]);
    }
}
