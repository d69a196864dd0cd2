//! What a report can hold: the columns, in the one order that they are always written in.
//!
//! The names, the order and the types are those of Amazon S3 Inventory ("Amazon S3 Inventory list" in the user guide);
//! columns that only other providers have stand where ours puts them.

use crate::finding::Dialect;

/// Which column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "each variant is named like the column, and the columns are described by S3"
)]
pub enum ColumnId {
    Bucket,
    Key,
    VersionId,
    IsLatest,
    IsDeleteMarker,
    Size,
    LastModifiedDate,
    LastAccessedDate,
    ETag,
    StorageClass,
    IsMultipartUploaded,
    ReplicationStatus,
    EncryptionStatus,
    ObjectLockRetainUntilDate,
    ObjectLockMode,
    ObjectLockLegalHoldStatus,
    ObjectLockEventHoldStatus,
    ObjectLockEventHoldDuration,
    ObjectLockEventHoldDurationUnit,
    IntelligentTieringAccessTier,
    BucketKeyStatus,
    ChecksumAlgorithm,
    ObjectAccessControlList,
    ObjectOwner,
    LifecycleExpirationDate,
    IntelligentTieringReferenceDate,
}

/// What a column's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    String,
    /// True or false.
    Boolean,
    /// A signed 32-bit number.
    Int32,
    /// A signed 64-bit number.
    Int64,
    /// Milliseconds since the epoch, UTC.
    Timestamp,
}

/// When a column is in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In every report, and never null.
    Always,
    /// In reports that list all versions.
    WithVersions,
    /// Where the configuration names this optional field.
    Field(&'static str),
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which one.
    pub id: ColumnId,
    /// Its name in text formats.
    pub name: &'static str,
    /// Its name in columnar formats.
    pub columnar_name: &'static str,
    /// What its values are.
    pub kind: ColumnType,
    /// When it is there.
    pub presence: Presence,
}

/// An optional field that a configuration may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionalField {
    /// Its name.
    pub name: &'static str,
    /// Whose configurations may name it.
    pub dialects: &'static [Dialect],
}

macro_rules! columns {
    ($($id:ident, $columnar:literal, $kind:ident, $presence:expr;)*) => {
        /// Every column, in report order.
        pub const COLUMNS: &[Column] = &[$(Column {
            id: ColumnId::$id,
            name: stringify!($id),
            columnar_name: $columnar,
            kind: ColumnType::$kind,
            presence: $presence,
        }),*];
    };
}

columns! {
    Bucket, "bucket", String, Presence::Always;
    Key, "key", String, Presence::Always;
    VersionId, "version_id", String, Presence::WithVersions;
    IsLatest, "is_latest", Boolean, Presence::WithVersions;
    IsDeleteMarker, "is_delete_marker", Boolean, Presence::WithVersions;
    Size, "size", Int64, Presence::Field("Size");
    LastModifiedDate, "last_modified_date", Timestamp, Presence::Field("LastModifiedDate");
    LastAccessedDate, "last_accessed_date", Timestamp, Presence::Field("LastAccessedDate");
    ETag, "e_tag", String, Presence::Field("ETag");
    StorageClass, "storage_class", String, Presence::Field("StorageClass");
    IsMultipartUploaded, "is_multipart_uploaded", Boolean, Presence::Field("IsMultipartUploaded");
    ReplicationStatus, "replication_status", String, Presence::Field("ReplicationStatus");
    EncryptionStatus, "encryption_status", String, Presence::Field("EncryptionStatus");
    ObjectLockRetainUntilDate, "object_lock_retain_until_date", Timestamp,
        Presence::Field("ObjectLockRetainUntilDate");
    ObjectLockMode, "object_lock_mode", String, Presence::Field("ObjectLockMode");
    ObjectLockLegalHoldStatus, "object_lock_legal_hold_status", String,
        Presence::Field("ObjectLockLegalHoldStatus");
    ObjectLockEventHoldStatus, "object_lock_event_hold_status", String,
        Presence::Field("ObjectLockEventHoldStatus");
    ObjectLockEventHoldDuration, "object_lock_event_hold_duration", Int32,
        Presence::Field("ObjectLockEventHoldDuration");
    ObjectLockEventHoldDurationUnit, "object_lock_event_hold_duration_unit", String,
        Presence::Field("ObjectLockEventHoldDuration");
    IntelligentTieringAccessTier, "intelligent_tiering_access_tier", String,
        Presence::Field("IntelligentTieringAccessTier");
    BucketKeyStatus, "bucket_key_status", String, Presence::Field("BucketKeyStatus");
    ChecksumAlgorithm, "checksum_algorithm", String, Presence::Field("ChecksumAlgorithm");
    ObjectAccessControlList, "object_access_control_list", String,
        Presence::Field("ObjectAccessControlList");
    ObjectOwner, "object_owner", String, Presence::Field("ObjectOwner");
    LifecycleExpirationDate, "lifecycle_expiration_date", Timestamp,
        Presence::Field("LifecycleExpirationDate");
    IntelligentTieringReferenceDate, "intelligent_tiering_reference_date", Timestamp,
        Presence::Field("IntelligentTieringReferenceDate");
}

const AWS: &[Dialect] = &[Dialect::Any, Dialect::Aws];
const COREWEAVE: &[Dialect] = &[Dialect::Any, Dialect::Coreweave];
const BOTH: &[Dialect] = &[Dialect::Any, Dialect::Aws, Dialect::Coreweave];

/// Every optional field, in the order in which providers list them.
///
/// AWS: API reference, `InventoryConfiguration`. `CoreWeave`: "Configure inventory reports" in its documentation.
pub const OPTIONAL_FIELDS: &[OptionalField] = &[
    OptionalField { name: "Size", dialects: BOTH },
    OptionalField { name: "LastModifiedDate", dialects: BOTH },
    OptionalField { name: "LastAccessedDate", dialects: COREWEAVE },
    OptionalField { name: "StorageClass", dialects: BOTH },
    OptionalField { name: "ETag", dialects: BOTH },
    OptionalField { name: "IsMultipartUploaded", dialects: BOTH },
    OptionalField { name: "ReplicationStatus", dialects: AWS },
    OptionalField { name: "EncryptionStatus", dialects: BOTH },
    OptionalField { name: "ObjectLockRetainUntilDate", dialects: AWS },
    OptionalField { name: "ObjectLockMode", dialects: AWS },
    OptionalField { name: "ObjectLockLegalHoldStatus", dialects: AWS },
    OptionalField { name: "ObjectLockEventHoldStatus", dialects: AWS },
    OptionalField { name: "ObjectLockEventHoldDuration", dialects: AWS },
    OptionalField { name: "IntelligentTieringAccessTier", dialects: AWS },
    OptionalField { name: "BucketKeyStatus", dialects: AWS },
    OptionalField { name: "ChecksumAlgorithm", dialects: BOTH },
    OptionalField { name: "ObjectAccessControlList", dialects: AWS },
    OptionalField { name: "ObjectOwner", dialects: AWS },
    OptionalField { name: "LifecycleExpirationDate", dialects: AWS },
    OptionalField { name: "IntelligentTieringReferenceDate", dialects: AWS },
];

/// The optional field of this name in this dialect.
#[must_use]
pub fn optional_field(name: &str, dialect: Dialect) -> Option<&'static OptionalField> {
    OPTIONAL_FIELDS.iter().find(|field| field.name == name && field.dialects.contains(&dialect))
}

/// The columns of a report that has these optional fields, in report order.
///
/// The order of `fields` does not matter, and naming one twice adds nothing.
#[must_use]
pub fn report_columns(
    with_versions: bool,
    fields: &[&'static OptionalField],
) -> Vec<&'static Column> {
    let is_present = |column: &&Column| match column.presence {
        Presence::Always => true,
        Presence::WithVersions => with_versions,
        Presence::Field(name) => fields.iter().any(|field| field.name == name),
    };
    COLUMNS.iter().filter(is_present).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_optional_field_has_a_column_and_the_reverse() {
        let named = |column: &Column| match column.presence {
            Presence::Field(name) => Some(name),
            Presence::Always | Presence::WithVersions => None,
        };
        for field in OPTIONAL_FIELDS {
            assert!(
                COLUMNS.iter().any(|column| named(column) == Some(field.name)),
                "{}",
                field.name
            );
        }
        for name in COLUMNS.iter().filter_map(named) {
            assert!(OPTIONAL_FIELDS.iter().any(|field| field.name == name), "{name}");
        }
    }

    #[test]
    fn columnar_names_follow_from_the_names() {
        for column in COLUMNS {
            let mut expected = String::new();
            for (i, c) in column.name.chars().enumerate() {
                if c.is_ascii_uppercase() && i > 0 {
                    expected.push('_');
                }
                expected.push(c.to_ascii_lowercase());
            }
            assert_eq!(column.columnar_name, expected);
        }
    }

    #[test]
    fn selected_columns_come_in_report_order() {
        let fields: Vec<_> = ["ETag", "Size", "ETag"]
            .into_iter()
            .filter_map(|name| optional_field(name, Dialect::Aws))
            .collect();
        let names: Vec<_> =
            report_columns(true, &fields).into_iter().map(|column| column.name).collect();
        assert_eq!(names.join(" "), "Bucket Key VersionId IsLatest IsDeleteMarker Size ETag");
        assert_eq!(optional_field("LastAccessedDate", Dialect::Aws), None);
    }
}
