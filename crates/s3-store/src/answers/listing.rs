//! Pages of listings.

use std::borrow::Cow;

use stocktake_capabilities::{Entries, Entry, LIST_ENTRIES_MAX};

use super::xml::Document;
use super::{Flaw, Response, non_empty, timestamp, truth, unquoted, whole_number};
use crate::names::decoded;

/// The most bytes of a page: of each of a thousand entries a key of 1 KiB, six times as long where every character is
/// written as a number, and 2 KiB beside it.
pub(crate) const PAGE_BYTES_MAX: usize = LIST_ENTRIES_MAX as usize * (8 << 10);

/// The version id by which S3 names the null version.
const NULL_VERSION: &str = "null";

/// One page as the store wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// In the document's order; without names that are not UTF-8.
    pub(crate) entries: Entries,
    /// How many names are not UTF-8.
    pub(crate) unlisted: u32,
    /// Whether there is more.
    pub(crate) is_truncated: bool,
    /// The store's word for what follows, where it has one.
    pub(crate) token: Option<String>,
    /// The version id of the last entry, as the store wrote it.
    pub(crate) last_version: Option<String>,
}

#[derive(Clone, Copy)]
enum Member {
    Contents,
    Version,
    DeleteMarker,
    IsTruncated,
    KeyCount,
    Token,
    EncodingType,
    CommonPrefixes,
}

/// Members of both kinds of pages; what one kind lacks is never there.
const MEMBERS: [(&str, Member); 8] = [
    ("Contents", Member::Contents),
    ("Version", Member::Version),
    ("DeleteMarker", Member::DeleteMarker),
    ("IsTruncated", Member::IsTruncated),
    ("KeyCount", Member::KeyCount),
    ("NextContinuationToken", Member::Token),
    ("EncodingType", Member::EncodingType),
    ("CommonPrefixes", Member::CommonPrefixes),
];

#[derive(Clone, Copy)]
enum Field {
    Key,
    LastModified,
    ETag,
    Size,
    StorageClass,
    Owner,
    ChecksumAlgorithm,
    VersionId,
    IsLatest,
}

/// The most usual first.
const FIELDS: [(&str, Field); 9] = [
    ("Key", Field::Key),
    ("LastModified", Field::LastModified),
    ("ETag", Field::ETag),
    ("Size", Field::Size),
    ("StorageClass", Field::StorageClass),
    ("Owner", Field::Owner),
    ("ChecksumAlgorithm", Field::ChecksumAlgorithm),
    ("VersionId", Field::VersionId),
    ("IsLatest", Field::IsLatest),
];

/// What kind of thing one line of a page is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Version,
    DeleteMarker,
}

/// One line; its key is as it stands in the document.
struct Line<'a> {
    entry: Entry<Cow<'a, str>>,
    /// The version id as the store wrote it.
    version: Option<Cow<'a, str>>,
}

/// A page of `ListObjectsV2`.
pub(crate) fn objects(response: &Response<'_>) -> Result<Listing, Flaw> {
    page(response, "ListBucketResult", &[Kind::Object])
}

/// A page of `ListObjectVersions`.
pub(crate) fn versions(response: &Response<'_>) -> Result<Listing, Flaw> {
    page(response, "ListVersionsResult", &[Kind::Version, Kind::DeleteMarker])
}

fn page(response: &Response<'_>, root: &'static str, kinds: &[Kind]) -> Result<Listing, Flaw> {
    let mut document = Document::of(response, root)?;
    let mut lines = Vec::new();
    let [mut is_truncated, mut count, mut token, mut encoding] = [const { None }; 4];
    while let Some(member) = document.next(&MEMBERS)? {
        let kind = match member {
            Member::Contents => Kind::Object,
            Member::Version => Kind::Version,
            Member::DeleteMarker => Kind::DeleteMarker,
            Member::IsTruncated => {
                document.once(&mut is_truncated, "IsTruncated")?;
                continue;
            }
            Member::KeyCount => {
                document.once(&mut count, "KeyCount")?;
                continue;
            }
            Member::Token => {
                document.once(&mut token, "NextContinuationToken")?;
                continue;
            }
            Member::EncodingType => {
                document.once(&mut encoding, "EncodingType")?;
                continue;
            }
            // Nobody asks for them, and what is below them would be missing.
            Member::CommonPrefixes => return Err(document.wrong("the store groups keys by prefix")),
        };
        if !kinds.contains(&kind) {
            return Err(document.wrong("there is an entry of another listing"));
        }
        lines.push(line(&mut document, kind)?);
    }
    let is_truncated = is_truncated.ok_or_else(|| document.missing("IsTruncated"))?;
    let is_truncated = truth("IsTruncated", &is_truncated).map_err(|flaw| document.here(flaw))?;
    if let Some(count) = count {
        let says = whole_number("KeyCount", &count).map_err(|flaw| document.here(flaw))?;
        if says != lines.len() as u64 {
            let found = lines.len();
            return Err(
                document.wrong(&format!("`KeyCount` is {says}, and there are {found} keys"))
            );
        }
    }
    let is_encoded = match encoding.as_deref() {
        None | Some("") => false,
        Some("url") => true,
        Some(other) => return Err(document.wrong(&format!("unknown `EncodingType` \"{other}\""))),
    };
    document.finish()?;
    let token = non_empty(token).map(Cow::into_owned);
    Ok(joined(lines, is_encoded, Listing { is_truncated, token, ..Listing::default() }))
}

/// The lines by column.
fn joined(lines: Vec<Line<'_>>, is_encoded: bool, mut listing: Listing) -> Listing {
    let mut last = None;
    for Line { mut entry, version } in lines {
        if is_encoded && entry.key.contains(['%', '+']) {
            let Some(key) = decoded(&entry.key) else {
                listing.unlisted = listing.unlisted.saturating_add(1);
                continue;
            };
            entry.key = Cow::Owned(key);
        }
        listing.entries.push(&entry);
        last = version;
    }
    listing.last_version = last.map(Cow::into_owned);
    listing
}

fn line<'a>(document: &mut Document<'a>, kind: Kind) -> Result<Line<'a>, Flaw> {
    let [mut key, mut time, mut etag, mut size, mut class] = [const { None }; 5];
    let [mut version, mut latest, mut owner, mut algorithms] = [const { None }; 4];
    let mut has_owner = false;
    while let Some(field) = document.next(&FIELDS)? {
        match field {
            Field::Key => document.once(&mut key, "Key")?,
            Field::LastModified => document.once(&mut time, "LastModified")?,
            Field::ETag => document.once(&mut etag, "ETag")?,
            Field::Size => document.once(&mut size, "Size")?,
            Field::StorageClass => document.once(&mut class, "StorageClass")?,
            Field::VersionId => document.once(&mut version, "VersionId")?,
            Field::IsLatest => document.once(&mut latest, "IsLatest")?,
            Field::Owner if has_owner => return Err(document.wrong("`Owner` is there twice")),
            Field::Owner => {
                has_owner = true;
                while document.next(&[("ID", ())])?.is_some() {
                    document.once(&mut owner, "ID")?;
                }
            }
            Field::ChecksumAlgorithm => {
                let word = document.text("ChecksumAlgorithm")?;
                algorithms = Some(match algorithms {
                    None => word,
                    Some(before) => Cow::Owned(format!("{before},{word}")),
                });
            }
        }
    }
    let there = |value: Option<Cow<'a, str>>, name| value.ok_or_else(|| document.missing(name));
    let key = non_empty(key);
    let time = there(time, "LastModified")?;
    let mut entry = Entry {
        key: there(key, "Key")?,
        last_modified: Some(timestamp("LastModified", &time).map_err(|flaw| document.here(flaw))?),
        is_latest: true,
        is_delete_marker: kind == Kind::DeleteMarker,
        owner_id: non_empty(owner),
        ..Entry::default()
    };
    if kind != Kind::DeleteMarker {
        let size = there(size, "Size")?;
        entry.size_bytes = whole_number("Size", &size).map_err(|flaw| document.here(flaw))?;
        entry.etag = non_empty(etag.map(without_quotes));
        entry.storage_class = non_empty(class);
        entry.checksum_algorithms = non_empty(algorithms);
    }
    if kind == Kind::Object {
        return Ok(Line { entry, version: None });
    }
    let latest = there(latest, "IsLatest")?;
    entry.is_latest = truth("IsLatest", &latest).map_err(|flaw| document.here(flaw))?;
    let version = there(version, "VersionId")?;
    entry.version_id = Some(version.clone()).filter(|id| !id.is_empty() && id != NULL_VERSION);
    Ok(Line { entry, version: Some(version) })
}

fn without_quotes(etag: Cow<'_, str>) -> Cow<'_, str> {
    match etag {
        Cow::Borrowed(etag) => Cow::Borrowed(unquoted(etag)),
        // Quotes that were written as entities.
        Cow::Owned(etag) => Cow::Owned(unquoted(&etag).to_owned()),
    }
}
