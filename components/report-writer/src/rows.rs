//! Entries of a listing as rows of a report.

mod texts;

use std::ops::Range;

use stocktake_capabilities::{Entries, Instant, NO_TIME, ObjectDetail, Texts};
use stocktake_core::column::{Column, ColumnId};
use stocktake_core::timestamp::Millis;
use stocktake_formats::{Error, Values};

/// What a report says of an object whose access control list the store cannot tell: in place of the list's status, and
/// as its owner. Source: "Working with the Object ACL field" in the Amazon S3 user guide.
pub(crate) const UNAVAILABLE: &str = "UNAVAILABLE";

/// Whose objects the rows are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The bucket as reports name it.
    pub(crate) bucket: &'a str,
    /// The account in Tencent COS; empty elsewhere.
    pub(crate) appid: &'a str,
}

/// Some entries, and what is known of them beyond their listing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) entries: &'a Entries,
    /// One for each entry; none for a delete marker and for an object that is gone. Empty where no details were wanted.
    pub(crate) details: &'a [Option<ObjectDetail>],
    /// Whether access control lists are wanted and the store cannot tell them.
    pub(crate) lacks_acls: bool,
}

/// Gives the values of one column for some rows.
///
/// A delete marker has a time, a bucket key status and no other optional field. What nobody tells is null.
pub(crate) fn fill(
    source: Source<'_>,
    column: &Column,
    page: Rows<'_>,
    rows: Range<usize>,
    values: &mut Values<'_>,
) -> Result<(), Error> {
    let entries = page.entries;
    match column.id {
        ColumnId::Appid => values.constant(source.appid),
        ColumnId::Bucket => values.constant(source.bucket),
        ColumnId::Key => joined(&entries.keys, rows, values),
        ColumnId::VersionId if entries.version_ids.is_empty() => values.nulls(),
        ColumnId::VersionId => joined(&entries.version_ids, rows, values),
        ColumnId::IsLatest => values
            .booleans(rows.map(|row| Some(entries.are_latest.get(row).copied().unwrap_or(true)))),
        ColumnId::IsDeleteMarker => values.booleans(rows.map(|row| Some(page.is_marker(row)))),
        ColumnId::Size if page.has_markers() => {
            let size = |row| entries.sizes_bytes.get(row).filter(|_| !page.is_marker(row));
            values.int64s(rows.map(|row| size(row).map(|bytes| number(*bytes))))
        }
        ColumnId::Size => match entries.sizes_bytes.get(rows) {
            Some(sizes) => values.all_int64s(sizes.iter().map(|bytes| number(*bytes))),
            None => values.nulls(),
        },
        ColumnId::LastModifiedDate => match entries.last_modified_millis.get(rows) {
            Some(times) if !times.contains(&NO_TIME) => {
                values.all_timestamps(times.iter().map(|millis| Millis::cut_to_calendar(*millis)))
            }
            Some(times) => values.timestamps(times.iter().map(|millis| known(*millis))),
            None => values.nulls(),
        },
        ColumnId::ETag => of_objects(page, &entries.etags, rows, values),
        ColumnId::StorageClass => of_objects(page, &entries.storage_classes, rows, values),
        ColumnId::IsMultipartUploaded if entries.etags.is_empty() => values.nulls(),
        ColumnId::IsMultipartUploaded => {
            let etags = rows.clone().zip(entries.etags.range(rows));
            values.booleans(
                etags.map(|(row, e)| some(e).filter(|_| !page.is_marker(row)).map(is_multipart)),
            )
        }
        ColumnId::ChecksumAlgorithm => of_objects(page, &entries.checksum_algorithms, rows, values),
        ColumnId::ObjectOwner if page.lacks_acls => values.strings(rows.map(|row| {
            let owner = || some(entries.owner_ids.get(row)).filter(|_| !page.is_marker(row));
            page.detail(row).map(|_| UNAVAILABLE).or_else(owner)
        })),
        ColumnId::ObjectOwner => of_objects(page, &entries.owner_ids, rows, values),
        _ => fill_detail(column, page, rows, values),
    }
}

/// Gives the values of a column that no listing tells.
fn fill_detail(
    column: &Column,
    page: Rows<'_>,
    rows: Range<usize>,
    values: &mut Values<'_>,
) -> Result<(), Error> {
    let details = rows.clone().map(|row| page.detail(row));
    // The text of each row, as most of these columns need no text to be made.
    macro_rules! text {
        ($field:ident) => {
            values.strings(details.map(|detail| detail?.$field.as_deref().and_then(some)))
        };
    }
    match column.id {
        ColumnId::ReplicationStatus => text!(replication_status),
        ColumnId::EncryptionStatus => text!(encryption_status),
        ColumnId::ObjectLockMode => text!(object_lock_mode),
        ColumnId::IntelligentTieringAccessTier => text!(access_tier),
        ColumnId::Crc64 => text!(crc64),
        ColumnId::ObjectLockRetainUntilDate => {
            values.timestamps(details.map(|detail| detail?.object_lock_retain_until.map(time)))
        }
        ColumnId::ObjectLockLegalHoldStatus => values.strings(
            details.map(|detail| Some(if detail?.object_lock_legal_hold? { "On" } else { "Off" })),
        ),
        ColumnId::BucketKeyStatus => values.strings(rows.map(|row| {
            let is_enabled = match page.detail(row) {
                Some(detail) => detail.bucket_key_enabled?,
                None if page.is_marker(row) => false,
                None => return None,
            };
            Some(if is_enabled { "ENABLED" } else { "DISABLED" })
        })),
        ColumnId::LifecycleExpirationDate => {
            values.timestamps(details.map(|detail| detail.and_then(expiration)))
        }
        ColumnId::ObjectAccessControlList => {
            let text = |detail: &ObjectDetail| texts::acl(detail.acl.as_deref(), page.lacks_acls);
            made(details.map(|detail| text(detail?)), values)
        }
        ColumnId::Tag => made(details.map(|detail| texts::tags(detail?)), values),
        ColumnId::CosMeta => made(details.map(|detail| texts::cos_meta(detail?)), values),
        // Times of reading, event holds and reference dates come from nowhere in the API of S3.
        _ => values.nulls(),
    }
}

impl<'a> Rows<'a> {
    fn has_markers(self) -> bool {
        !self.entries.are_delete_markers.is_empty()
    }

    fn is_marker(self, row: usize) -> bool {
        self.entries.are_delete_markers.get(row).copied().unwrap_or(false)
    }

    fn detail(self, row: usize) -> Option<&'a ObjectDetail> {
        self.details.get(row)?.as_ref()
    }
}

/// A column of a listing that is null for delete markers.
fn of_objects(
    page: Rows<'_>,
    texts: &Texts,
    rows: Range<usize>,
    values: &mut Values<'_>,
) -> Result<(), Error> {
    if texts.is_empty() {
        return values.nulls();
    }
    if !page.has_markers() {
        return joined(texts, rows, values);
    }
    let rows = rows.clone().zip(texts.range(rows));
    values.strings(rows.map(|(row, text)| some(text).filter(|_| !page.is_marker(row))))
}

/// A column of texts as it is.
fn joined(texts: &Texts, rows: Range<usize>, values: &mut Values<'_>) -> Result<(), Error> {
    let begin = texts.begin(rows.start);
    values.joined_strings(&texts.joined, begin, texts.ends.get(rows).unwrap_or_default())
}

/// Texts that are made for the report, one at a time.
fn made(texts: impl Iterator<Item = Option<String>>, values: &mut Values<'_>) -> Result<(), Error> {
    for text in texts {
        values.strings([text.as_deref()])?;
    }
    Ok(())
}

/// An empty text stands for none.
fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A size; none is larger than what a column can hold.
fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A time of a listing, unless it says that there is none.
fn known(millis: i64) -> Option<Millis> {
    (millis != NO_TIME).then(|| Millis::cut_to_calendar(millis))
}

fn time(time: Instant) -> Millis {
    Millis::from_parts(time.seconds, time.nanoseconds)
}

/// When a lifecycle rule will expire an object. One whose replication failed is kept until that is mended, so S3 tells
/// no date for it ("Amazon S3 Inventory list" in the user guide).
fn expiration(detail: &ObjectDetail) -> Option<Millis> {
    let failed = detail.replication_status.as_deref() == Some("FAILED");
    detail.expires_at.filter(|_| !failed).map(time)
}

/// Whether an entity tag is that of a multipart upload: it ends in a hyphen and the number of parts.
fn is_multipart(etag: &str) -> bool {
    etag.rsplit_once('-')
        .is_some_and(|(_, parts)| !parts.is_empty() && parts.bytes().all(|b| b.is_ascii_digit()))
}
