//! What a report can hold: the columns, in the one order that they are always written in.
//!
//! The names, the order and the types are those of Amazon S3 Inventory ("Amazon S3 Inventory list" in the user guide);
//! columns that only other providers have stand where ours puts them. Each [`Form`] has its own names for some.

use crate::finding::Dialect;
use crate::form::Form;

/// Which column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "each variant is named like the column, and the columns are described by S3"
)]
pub enum ColumnId {
    Appid,
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
    Tag,
    Crc64,
    CosMeta,
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
    ($($id:ident, $name:literal, $columnar:literal, $kind:ident, $presence:expr;)*) => {
        &[$(Column {
            id: ColumnId::$id,
            name: $name,
            columnar_name: $columnar,
            kind: ColumnType::$kind,
            presence: $presence,
        }),*]
    };
}

/// A table of columns: these first, then those that have the same names in every form.
macro_rules! table {
    ($($first:tt)*) => {
        columns! {
            $($first)*
            VersionId, "VersionId", "version_id", String, Presence::WithVersions;
            IsLatest, "IsLatest", "is_latest", Boolean, Presence::WithVersions;
            IsDeleteMarker, "IsDeleteMarker", "is_delete_marker", Boolean, Presence::WithVersions;
            Size, "Size", "size", Int64, Presence::Field("Size");
            LastModifiedDate, "LastModifiedDate", "last_modified_date", Timestamp,
                Presence::Field("LastModifiedDate");
            LastAccessedDate, "LastAccessedDate", "last_accessed_date", Timestamp,
                Presence::Field("LastAccessedDate");
            ETag, "ETag", "e_tag", String, Presence::Field("ETag");
            StorageClass, "StorageClass", "storage_class", String, Presence::Field("StorageClass");
            IsMultipartUploaded, "IsMultipartUploaded", "is_multipart_uploaded", Boolean,
                Presence::Field("IsMultipartUploaded");
            ReplicationStatus, "ReplicationStatus", "replication_status", String,
                Presence::Field("ReplicationStatus");
            Tag, "Tag", "tag", String, Presence::Field("Tag");
            Crc64, "Crc64", "crc64", String, Presence::Field("Crc64");
            CosMeta, "x-cos-meta-*", "x_cos_meta", String, Presence::Field("x-cos-meta-*");
            EncryptionStatus, "EncryptionStatus", "encryption_status", String,
                Presence::Field("EncryptionStatus");
            ObjectLockRetainUntilDate, "ObjectLockRetainUntilDate", "object_lock_retain_until_date", Timestamp,
                Presence::Field("ObjectLockRetainUntilDate");
            ObjectLockMode, "ObjectLockMode", "object_lock_mode", String,
                Presence::Field("ObjectLockMode");
            ObjectLockLegalHoldStatus, "ObjectLockLegalHoldStatus", "object_lock_legal_hold_status", String,
                Presence::Field("ObjectLockLegalHoldStatus");
            ObjectLockEventHoldStatus, "ObjectLockEventHoldStatus", "object_lock_event_hold_status", String,
                Presence::Field("ObjectLockEventHoldStatus");
            ObjectLockEventHoldDuration, "ObjectLockEventHoldDuration", "object_lock_event_hold_duration", Int32,
                Presence::Field("ObjectLockEventHoldDuration");
            ObjectLockEventHoldDurationUnit, "ObjectLockEventHoldDurationUnit", "object_lock_event_hold_duration_unit", String,
                Presence::Field("ObjectLockEventHoldDuration");
            IntelligentTieringAccessTier, "IntelligentTieringAccessTier", "intelligent_tiering_access_tier", String,
                Presence::Field("IntelligentTieringAccessTier");
            BucketKeyStatus, "BucketKeyStatus", "bucket_key_status", String,
                Presence::Field("BucketKeyStatus");
            ChecksumAlgorithm, "ChecksumAlgorithm", "checksum_algorithm", String,
                Presence::Field("ChecksumAlgorithm");
            ObjectAccessControlList, "ObjectAccessControlList", "object_access_control_list", String,
                Presence::Field("ObjectAccessControlList");
            ObjectOwner, "ObjectOwner", "object_owner", String, Presence::Field("ObjectOwner");
            LifecycleExpirationDate, "LifecycleExpirationDate", "lifecycle_expiration_date", Timestamp,
                Presence::Field("LifecycleExpirationDate");
            IntelligentTieringReferenceDate, "IntelligentTieringReferenceDate", "intelligent_tiering_reference_date", Timestamp,
                Presence::Field("IntelligentTieringReferenceDate");
        }
    };
}

/// Every column in the form of Amazon S3, in report order.
pub const COLUMNS: &[Column] = table! {
    Bucket, "Bucket", "bucket", String, Presence::Always;
    Key, "Key", "key", String, Presence::Always;
};

const COREWEAVE_COLUMNS: &[Column] = table! {
    Bucket, "BucketName", "bucket_name", String, Presence::Always;
    Key, "ObjectKey", "object_key", String, Presence::Always;
};

// Reports of this form are CSV alone, so nothing shows their columnar names.
const COS_COLUMNS: &[Column] = table! {
    Appid, "Appid", "appid", String, Presence::Always;
    Bucket, "Bucket", "bucket", String, Presence::Always;
    Key, "Key", "key", String, Presence::Always;
};

const AWS: &[Dialect] = &[Dialect::Any, Dialect::Aws];
const COREWEAVE: &[Dialect] = &[Dialect::Any, Dialect::Coreweave];
const COS: &[Dialect] = &[Dialect::Any, Dialect::Cos];
const AWS_COREWEAVE: &[Dialect] = &[Dialect::Any, Dialect::Aws, Dialect::Coreweave];
const AWS_COS: &[Dialect] = &[Dialect::Any, Dialect::Aws, Dialect::Cos];
const ALL: &[Dialect] = &[Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos];

/// Every optional field, in the order in which providers list them.
///
/// AWS: API reference, `InventoryConfiguration`. `CoreWeave`: "Configure inventory reports" in its documentation. Tencent
/// COS: "PUT Bucket inventory" in its API documentation.
pub const OPTIONAL_FIELDS: &[OptionalField] = &[
    OptionalField { name: "Size", dialects: ALL },
    OptionalField { name: "LastModifiedDate", dialects: ALL },
    OptionalField { name: "LastAccessedDate", dialects: COREWEAVE },
    OptionalField { name: "StorageClass", dialects: ALL },
    OptionalField { name: "ETag", dialects: ALL },
    OptionalField { name: "IsMultipartUploaded", dialects: ALL },
    OptionalField { name: "ReplicationStatus", dialects: AWS_COS },
    OptionalField { name: "Tag", dialects: COS },
    OptionalField { name: "Crc64", dialects: COS },
    OptionalField { name: "x-cos-meta-*", dialects: COS },
    OptionalField { name: "EncryptionStatus", dialects: AWS_COREWEAVE },
    OptionalField { name: "ObjectLockRetainUntilDate", dialects: AWS },
    OptionalField { name: "ObjectLockMode", dialects: AWS },
    OptionalField { name: "ObjectLockLegalHoldStatus", dialects: AWS },
    OptionalField { name: "ObjectLockEventHoldStatus", dialects: AWS },
    OptionalField { name: "ObjectLockEventHoldDuration", dialects: AWS },
    OptionalField { name: "IntelligentTieringAccessTier", dialects: AWS },
    OptionalField { name: "BucketKeyStatus", dialects: AWS },
    OptionalField { name: "ChecksumAlgorithm", dialects: AWS_COREWEAVE },
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

impl Form {
    /// Every column of this form, in report order.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Aws => COLUMNS,
            Self::Coreweave => COREWEAVE_COLUMNS,
            Self::Cos => COS_COLUMNS,
        }
    }

    /// The columns of a report of this form that has these optional fields, in report order.
    ///
    /// The order of `fields` does not matter, and naming one twice adds nothing.
    #[must_use]
    pub fn report_columns(
        self,
        with_versions: bool,
        fields: &[&'static OptionalField],
    ) -> Vec<&'static Column> {
        let is_present = |column: &&Column| match column.presence {
            Presence::Always => true,
            Presence::WithVersions => with_versions,
            Presence::Field(name) => fields.iter().any(|field| field.name == name),
        };
        self.columns().iter().filter(is_present).collect()
    }
}

/// The columns of a report in the form of Amazon S3, as [`Form::report_columns`] answers them.
#[must_use]
pub fn report_columns(
    with_versions: bool,
    fields: &[&'static OptionalField],
) -> Vec<&'static Column> {
    Form::Aws.report_columns(with_versions, fields)
}

#[cfg(test)]
mod tests;
