//! Entries of a listing as rows of a report.

use std::ops::Range;

use stocktake_capabilities::{Entries, Texts};
use stocktake_core::column::{Column, ColumnId};
use stocktake_core::timestamp::Millis;
use stocktake_formats::{Error, Values};

/// Gives the values of one column for some rows of a page.
///
/// A delete marker has a time and no other optional field. What a listing does not tell is null.
pub(crate) fn fill(
    bucket: &str,
    column: &Column,
    entries: &Entries,
    rows: Range<usize>,
    values: &mut Values<'_>,
) -> Result<(), Error> {
    let is_marker = |row: usize| entries.are_delete_markers.get(row).copied().unwrap_or(false);
    let mut of_objects = |texts: &Texts| {
        if texts.is_empty() {
            return values.nulls();
        }
        let rows = rows.clone().zip(texts.range(rows.clone()));
        values.strings(rows.map(|(row, text)| some(text).filter(|_| !is_marker(row))))
    };
    match column.id {
        ColumnId::Bucket => values.constant(bucket),
        ColumnId::Key => values.strings(entries.keys.range(rows).map(Some)),
        ColumnId::VersionId if entries.version_ids.is_empty() => values.nulls(),
        ColumnId::VersionId => values.strings(entries.version_ids.range(rows).map(some)),
        ColumnId::IsLatest => values
            .booleans(rows.map(|row| Some(entries.are_latest.get(row).copied().unwrap_or(true)))),
        ColumnId::IsDeleteMarker => values.booleans(rows.map(|row| Some(is_marker(row)))),
        ColumnId::Size => {
            values.int64s(rows.map(|row| size(entries, row).filter(|_| !is_marker(row))))
        }
        ColumnId::LastModifiedDate => {
            values.timestamps(rows.map(|row| last_modified(entries, row)))
        }
        ColumnId::ETag => of_objects(&entries.etags),
        ColumnId::StorageClass => of_objects(&entries.storage_classes),
        ColumnId::IsMultipartUploaded if entries.etags.is_empty() => values.nulls(),
        ColumnId::IsMultipartUploaded => {
            let etags = rows.clone().zip(entries.etags.range(rows));
            values.booleans(
                etags.map(|(row, etag)| some(etag).filter(|_| !is_marker(row)).map(is_multipart)),
            )
        }
        ColumnId::ChecksumAlgorithm => of_objects(&entries.checksum_algorithms),
        ColumnId::ObjectOwner => of_objects(&entries.owner_ids),
        ColumnId::BucketKeyStatus => {
            values.strings(rows.map(|row| is_marker(row).then_some("DISABLED")))
        }
        ColumnId::Appid
        | ColumnId::LastAccessedDate
        | ColumnId::ReplicationStatus
        | ColumnId::Tag
        | ColumnId::Crc64
        | ColumnId::CosMeta
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

/// An empty text stands for none.
fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn size(entries: &Entries, row: usize) -> Option<i64> {
    let bytes = *entries.sizes_bytes.get(row)?;
    Some(i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn last_modified(entries: &Entries, row: usize) -> Option<Millis> {
    let time = entries.last_modified.get(row).copied().flatten()?;
    Some(Millis::from_parts(time.seconds, time.nanoseconds))
}

/// Whether an entity tag is that of a multipart upload: it ends in a hyphen and the number of parts.
fn is_multipart(etag: &str) -> bool {
    etag.rsplit_once('-')
        .is_some_and(|(_, parts)| !parts.is_empty() && parts.bytes().all(|b| b.is_ascii_digit()))
}
