//! One page of a listing: which request asks for it, and what its answer says.

mod cursor;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use stocktake_capabilities::{Entries, Error, ListOptions, Page};

use crate::answers::listing::{self as answer, Listing, PAGE_BYTES_MAX};
use crate::whole::Whole;
pub(crate) use cursor::Place;

/// Asks for one page.
pub(crate) async fn page(
    client: &Client,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Page, Error> {
    let listing = if options.versions {
        versions(client, bucket, options, place).await?
    } else {
        current(client, bucket, options, place).await?
    };
    into_page(listing, bucket, options, place)
}

async fn current(
    client: &Client,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Listing, Error> {
    let token = place.and_then(|place| place.token.clone());
    // Where the store gave no token, the last key says as much.
    let after = place.map(|place| place.key.clone()).or_else(|| options.start_after.clone());
    let whole = Whole::new(PAGE_BYTES_MAX, answer::objects);
    let request = client
        .list_objects_v2()
        .bucket(bucket)
        .set_prefix(non_empty(&options.prefix))
        .set_start_after(after.filter(|after| token.is_none() && !after.is_empty()))
        .set_continuation_token(token)
        .max_keys(max_keys(options))
        .encoding_type(EncodingType::Url)
        .fetch_owner(true)
        .customize()
        .interceptor(whole.interceptor());
    let remedy = "Stocktake needs a store with version 2 of this call";
    let listed = whole.taken(request.send().await);
    listed.map_err(|failure| failure.error_or("ListObjectsV2", remedy))
}

async fn versions(
    client: &Client,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Listing, Error> {
    let marker = place.map(|place| place.key.clone()).or_else(|| options.start_after.clone());
    let whole = Whole::new(PAGE_BYTES_MAX, answer::versions);
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
        .interceptor(whole.interceptor());
    let remedy = "set `IncludedObjectVersions` to `Current`, or list a store with versions";
    let listed = whole.taken(request.send().await);
    listed.map_err(|failure| failure.error_or("ListObjectVersions", remedy))
}

/// What a page of the store is to the caller.
fn into_page(
    listing: Listing,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Page, Error> {
    check_count(&listing, options)?;
    check_order(&listing.entries, options, place)?;
    let mut next = if listing.is_truncated {
        Some(behind(&listing, bucket, options, place)?.cursor(bucket, options))
    } else {
        None
    };
    let unlisted = listing.unlisted;
    let (entries, is_at_end) = within(listing.entries, options);
    if is_at_end {
        next = None;
    }
    if unlisted > 0 {
        tracing::warn!(bucket, names = unlisted, "names that are no UTF-8 are left out");
    }
    Ok(Page { entries, next, unlisted })
}

/// Where the listing goes on behind a page that is not the last one.
fn behind(
    listing: &Listing,
    bucket: &str,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<Place, Error> {
    let last = listing.entries.last().map(|last| last.key);
    let token = if options.versions { &listing.last_version } else { &listing.token };
    let key = last.or(place.map(|place| place.key.as_str())).unwrap_or_default();
    let next = Place { key: key.to_owned(), token: token.clone() };
    let repeats = |place: &Place| {
        *place == next || (!options.versions && next.token.is_some() && place.token == next.token)
    };
    let is_nowhere = next.key.is_empty() && next.token.is_none();
    if is_nowhere || place.is_some_and(repeats) {
        return Err(Error::Other(format!(
            "the listing of `{bucket}` does not go on: the store says that there is more behind \"{}\", and not where",
            next.key.escape_debug()
        )));
    }
    Ok(next)
}

/// Refuses more entries than were asked for.
fn check_count(listing: &Listing, options: &ListOptions) -> Result<(), Error> {
    let found = listing.entries.len() as u64 + u64::from(listing.unlisted);
    let asked = options.max_entries;
    if found <= u64::from(asked) {
        return Ok(());
    }
    Err(Error::Other(format!("the store lists {found} entries on a page of at most {asked}")))
}

/// Refuses an answer out of order, whose report would silently lack keys, and one that lists an entry twice.
fn check_order(
    entries: &Entries,
    options: &ListOptions,
    place: Option<&Place>,
) -> Result<(), Error> {
    let mut before = place.map(|place| place.key.as_str());
    for (index, key) in entries.keys.iter().enumerate() {
        let is_behind =
            before.is_none_or(|before| if options.versions { key >= before } else { key > before });
        if !is_behind {
            return Err(Error::Unsupported(
                "the store lists its keys in another order than that of their bytes".to_owned(),
            ));
        }
        if let Some(above) = index.checked_sub(1)
            && before == Some(key)
            && entries.version_ids.get(above) == entries.version_ids.get(index)
        {
            let key = key.escape_debug();
            return Err(Error::Other(format!("the store lists one version of `{key}` twice")));
        }
        before = Some(key);
    }
    Ok(())
}

/// The entries that are asked for, and whether none of those can follow.
fn within(entries: Entries, options: &ListOptions) -> (Entries, bool) {
    // Ceph's gateway begins with the versions of the marker itself.
    let after = options.start_after.as_deref().unwrap_or_default();
    let is_wanted = |key: &str| key > after && !is_beyond(key, options);
    let is_whole = entries.first().is_none_or(|first| is_wanted(first.key))
        && entries.last().is_none_or(|last| is_wanted(last.key));
    let is_beyond_last = entries.last().is_some_and(|last| is_beyond(last.key, options));
    let entries = if is_whole {
        entries
    } else {
        entries.iter().filter(|entry| is_wanted(entry.key)).collect()
    };
    // More versions of the last key may follow; another object of that key cannot.
    let has_last = !options.versions
        && entries.last().is_some_and(|last| options.until.as_deref() == Some(last.key));
    (entries, is_beyond_last || has_last)
}

/// Whether a key is greater than the last one that is wanted.
fn is_beyond(key: &str, options: &ListOptions) -> bool {
    options.until.as_deref().is_some_and(|until| key > until)
}

fn max_keys(options: &ListOptions) -> i32 {
    options.max_entries.try_into().unwrap_or(i32::MAX)
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
