//! One page of a listing: which request asks for it, and what its answer says.

mod cursor;
mod order;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, DeleteMarkerEntry, EncodingType, Object, ObjectVersion, Owner,
};
use stocktake_capabilities::{Entry, Error, Instant, ListOptions, Page};

use crate::failure::Failure;
use crate::names::decoded;
pub(crate) use cursor::Place;
use order::Sequence;

/// The version id by which S3 names the null version.
const NULL_VERSION: &str = "null";

/// Asks for one page.
pub(crate) async fn page(
    client: &Client,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Page, Error> {
    let answer = if options.versions {
        versions(client, bucket, options, place).await?
    } else {
        current(client, bucket, options, place).await?
    };
    answer.into_page(bucket, options, place)
}

/// An answer of either listing.
#[derive(Debug, Default)]
struct Answer {
    /// In the store's order. None for a name that is no UTF-8.
    found: Vec<Option<Found>>,
    has_more: bool,
    /// Where the store wants to go on, if it says so.
    token: Option<String>,
}

/// One line of an answer.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    entry: Entry,
    /// The version id as the store wrote it.
    raw_version: Option<String>,
}

async fn current(
    client: &Client,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Answer, Error> {
    let token = place.and_then(|place| place.token.clone());
    // Where the store gave no token, the last key says as much.
    let after = place.map(|place| place.key.clone()).or_else(|| options.start_after.clone());
    let request = client
        .list_objects_v2()
        .bucket(bucket)
        .set_prefix(non_empty(&options.prefix))
        .set_start_after(after.filter(|after| token.is_none() && !after.is_empty()))
        .set_continuation_token(token)
        .max_keys(max_keys(options))
        .encoding_type(EncodingType::Url)
        .fetch_owner(true);
    let remedy = "Stocktake needs a store with version 2 of this call";
    let listed = request.send().await;
    let listed = listed.map_err(|error| Failure::of(&error).error_or("ListObjectsV2", remedy))?;
    let encoded = listed.encoding_type == Some(EncodingType::Url);
    let ListObjectsV2Output { contents, is_truncated, next_continuation_token, .. } = listed;
    Ok(Answer {
        found: contents.unwrap_or_default().into_iter().map(|it| object(it, encoded)).collect(),
        has_more: is_truncated.unwrap_or_default(),
        token: next_continuation_token,
    })
}

async fn versions(
    client: &Client,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Answer, Error> {
    let marker = place.map(|place| place.key.clone()).or_else(|| options.start_after.clone());
    let sequence = Sequence::default();
    let request = client
        .list_object_versions()
        .bucket(bucket)
        .set_prefix(non_empty(&options.prefix))
        // A key without a version means that none of its versions follows.
        .set_key_marker(marker.filter(|marker| !marker.is_empty()))
        .set_version_id_marker(place.and_then(|place| place.token.clone()))
        .max_keys(max_keys(options))
        .encoding_type(EncodingType::Url)
        .customize()
        .interceptor(sequence.clone());
    let remedy = "set `IncludedObjectVersions` to `Current`, or list a store with versions";
    let listed = request.send().await;
    let listed =
        listed.map_err(|error| Failure::of(&error).error_or("ListObjectVersions", remedy))?;
    let encoded = listed.encoding_type == Some(EncodingType::Url);
    let ListObjectVersionsOutput { versions, delete_markers, is_truncated, .. } = listed;
    let versions = versions.unwrap_or_default().into_iter().map(|it| version(it, encoded));
    let markers =
        delete_markers.unwrap_or_default().into_iter().map(|it| marker_entry(it, encoded));
    let found = order::merged(&sequence.kinds(), versions.collect(), markers.collect());
    Ok(Answer { found, has_more: is_truncated.unwrap_or_default(), token: None })
}

impl Answer {
    fn into_page(
        self,
        bucket: &str,
        options: &ListOptions,
        place: Option<&Place>,
    ) -> Result<Page, Error> {
        self.check_order(options, place)?;
        let mut page = Page::default();
        let last = self.found.iter().rev().flatten().next();
        if self.has_more {
            let token = match (last, options.versions) {
                (Some(last), true) => last.raw_version.clone(),
                (_, true) => None,
                (_, false) => self.token,
            };
            let key = last.map(|last| last.entry.key.as_str()).or(place.map(|at| at.key.as_str()));
            let next = Place { key: key.unwrap_or_default().to_owned(), token };
            if Some(&next) == place || (next.key.is_empty() && next.token.is_none()) {
                return Err(Error::Other(format!("the listing of `{bucket}` does not go on")));
            }
            page.next = Some(next.cursor(bucket, options));
        }
        // Ceph's gateway begins with the versions of the marker itself.
        let after = options.start_after.as_deref().unwrap_or_default();
        for found in self.found {
            match found {
                None => page.unlisted = page.unlisted.saturating_add(1),
                Some(found) if found.entry.key.as_str() <= after => {}
                Some(found) if is_beyond(&found.entry.key, options) => page.next = None,
                Some(found) => page.entries.push(&found.entry),
            }
        }
        // More versions of the last key may follow; another object of that key cannot.
        if let Some(last) = page.entries.last()
            && options.until.as_deref() == Some(last.key)
            && !options.versions
        {
            page.next = None;
        }
        if page.unlisted > 0 {
            tracing::warn!(bucket, names = page.unlisted, "names that are no UTF-8 are left out");
        }
        Ok(page)
    }

    /// Refuses an answer out of order, whose report would silently lack keys.
    fn check_order(&self, options: &ListOptions, place: Option<&Place>) -> Result<(), Error> {
        let mut before = place.map(|place| place.key.as_str());
        for found in self.found.iter().flatten() {
            let key = found.entry.key.as_str();
            let is_behind = before
                .is_none_or(|before| if options.versions { key >= before } else { key > before });
            if !is_behind {
                return Err(Error::Unsupported(
                    "the store lists its keys in another order than that of their bytes".to_owned(),
                ));
            }
            before = Some(key);
        }
        Ok(())
    }
}

/// Whether a key is greater than the last one that is wanted.
fn is_beyond(key: &str, options: &ListOptions) -> bool {
    options.until.as_deref().is_some_and(|until| key > until)
}

fn object(object: Object, encoded: bool) -> Option<Found> {
    let entry = Entry {
        key: name(object.key, encoded)?,
        size_bytes: size(object.size),
        last_modified: object.last_modified.map(instant),
        etag: object.e_tag.map(|etag| unquoted(&etag)),
        storage_class: object.storage_class.map(|class| class.as_str().to_owned()),
        version_id: None,
        is_latest: true,
        is_delete_marker: false,
        owner_id: owner_id(object.owner),
        checksum_algorithms: algorithms(object.checksum_algorithm.as_deref()),
    };
    Some(Found { entry, raw_version: None })
}

fn version(version: ObjectVersion, encoded: bool) -> Option<Found> {
    let entry = Entry {
        key: name(version.key, encoded)?,
        size_bytes: size(version.size),
        last_modified: version.last_modified.map(instant),
        etag: version.e_tag.map(|etag| unquoted(&etag)),
        storage_class: version.storage_class.map(|class| class.as_str().to_owned()),
        version_id: version_id(version.version_id.as_deref()),
        is_latest: version.is_latest.unwrap_or_default(),
        is_delete_marker: false,
        owner_id: owner_id(version.owner),
        checksum_algorithms: algorithms(version.checksum_algorithm.as_deref()),
    };
    Some(Found { entry, raw_version: version.version_id })
}

fn marker_entry(marker: DeleteMarkerEntry, encoded: bool) -> Option<Found> {
    let entry = Entry {
        key: name(marker.key, encoded)?,
        last_modified: marker.last_modified.map(instant),
        version_id: version_id(marker.version_id.as_deref()),
        is_latest: marker.is_latest.unwrap_or_default(),
        is_delete_marker: true,
        owner_id: owner_id(marker.owner),
        ..Entry::default()
    };
    Some(Found { entry, raw_version: marker.version_id })
}

/// The key; empty names are none either.
fn name(key: Option<String>, encoded: bool) -> Option<String> {
    let key = key.filter(|key| !key.is_empty())?;
    if encoded { decoded(&key) } else { Some(key) }
}

fn version_id(id: Option<&str>) -> Option<String> {
    id.filter(|id| !id.is_empty() && *id != NULL_VERSION).map(str::to_owned)
}

fn owner_id(owner: Option<Owner>) -> Option<String> {
    owner.and_then(|owner| owner.id).filter(|id| !id.is_empty())
}

fn algorithms(found: Option<&[ChecksumAlgorithm]>) -> Option<String> {
    let words: Vec<_> = found.into_iter().flatten().map(ChecksumAlgorithm::as_str).collect();
    (!words.is_empty()).then(|| words.join(","))
}

fn size(bytes: Option<i64>) -> u64 {
    bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
}

fn max_keys(options: &ListOptions) -> i32 {
    options.max_entries.try_into().unwrap_or(i32::MAX)
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(crate) fn unquoted(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

pub(crate) fn instant(time: DateTime) -> Instant {
    Instant { seconds: time.secs(), nanoseconds: time.subsec_nanos() }
}

#[cfg(test)]
mod tests;
