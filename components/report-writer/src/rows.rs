//! Entries of a listing as rows of a report.

use std::borrow::Cow;

use stocktake_capabilities::Entry;
use stocktake_core::column::{Column, ColumnId};
use stocktake_core::timestamp::Millis;
use stocktake_formats::{Error, Values};

/// Gives the values of one column.
///
/// A delete marker has a time and no other optional field. What a listing does not tell is null.
pub(crate) fn fill(
    bucket: &str,
    column: &Column,
    entries: &[Entry],
    values: &mut Values<'_>,
) -> Result<(), Error> {
    let objects = || entries.iter().map(|entry| (!entry.is_delete_marker).then_some(entry));
    match column.id {
        ColumnId::Bucket => values.constant(bucket),
        ColumnId::Key => values.strings(entries.iter().map(|entry| Some(entry.key.as_str()))),
        ColumnId::VersionId => {
            values.strings(entries.iter().map(|entry| entry.version_id.as_deref()))
        }
        ColumnId::IsLatest => values.booleans(entries.iter().map(|entry| Some(entry.is_latest))),
        ColumnId::IsDeleteMarker => {
            values.booleans(entries.iter().map(|entry| Some(entry.is_delete_marker)))
        }
        ColumnId::Size => values.int64s(objects().map(|object| object.map(size))),
        ColumnId::LastModifiedDate => values.timestamps(entries.iter().map(last_modified)),
        ColumnId::ETag => values.strings(objects().map(|object| object?.etag.as_deref())),
        ColumnId::StorageClass => {
            values.strings(objects().map(|object| object?.storage_class.as_deref()))
        }
        ColumnId::IsMultipartUploaded => {
            values.booleans(objects().map(|object| object?.etag.as_deref().map(is_multipart)))
        }
        ColumnId::ChecksumAlgorithm => {
            let joined: Vec<_> = objects().map(|object| checksum_algorithms(object?)).collect();
            values.strings(joined.iter().map(Option::as_deref))
        }
        ColumnId::ObjectOwner => {
            values.strings(objects().map(|object| object?.owner_id.as_deref()))
        }
        ColumnId::BucketKeyStatus => {
            values.strings(entries.iter().map(|entry| entry.is_delete_marker.then_some("DISABLED")))
        }
        ColumnId::LastAccessedDate
        | ColumnId::ReplicationStatus
        | ColumnId::EncryptionStatus
        | ColumnId::ObjectLockRetainUntilDate
        | ColumnId::ObjectLockMode
        | ColumnId::ObjectLockLegalHoldStatus
        | ColumnId::ObjectLockEventHoldStatus
        | ColumnId::ObjectLockEventHoldDuration
        | ColumnId::ObjectLockEventHoldDurationUnit
        | ColumnId::IntelligentTieringAccessTier
        | ColumnId::ObjectAccessControlList
        | ColumnId::LifecycleExpirationDate
        | ColumnId::IntelligentTieringReferenceDate => values.nulls(),
    }
}

fn size(entry: &Entry) -> i64 {
    i64::try_from(entry.size_bytes).unwrap_or(i64::MAX)
}

fn last_modified(entry: &Entry) -> Option<Millis> {
    entry.last_modified.map(|time| Millis::from_parts(time.seconds, time.nanoseconds))
}

/// Whether an entity tag is that of a multipart upload: it ends in a hyphen and the number of parts.
fn is_multipart(etag: &str) -> bool {
    etag.rsplit_once('-')
        .is_some_and(|(_, parts)| !parts.is_empty() && parts.bytes().all(|b| b.is_ascii_digit()))
}

fn checksum_algorithms(entry: &Entry) -> Option<Cow<'_, str>> {
    match entry.checksum_algorithms.as_slice() {
        [] => None,
        [one] => Some(Cow::Borrowed(one)),
        several => Some(Cow::Owned(several.join(","))),
    }
}
