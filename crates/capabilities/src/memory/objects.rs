//! Reading.

use std::ops::Bound;

use super::{Bucket, MemoryStore, Version};
use crate::{
    DetailKinds, Entry, Error, ListOptions, ObjectDetail, ObjectRef, Objects, Page, limits,
};

impl Objects for MemoryStore {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        let shared = self.lock();
        let bucket = shared.bucket(bucket)?;
        limits::check_list(options)?;
        let place = cursor.map(|text| Place::parse(text, options)).transpose()?;
        let limit = usize::try_from(options.max_entries).unwrap_or(usize::MAX);
        let mut found = matching(bucket, options, place.as_ref());
        let mut page = Page::default();
        let mut last = Place { done: 0, key: String::new() };
        for (index, entry) in found.by_ref().take(limit) {
            last = Place { done: index + 1, key: entry.key.clone() };
            page.entries.push(entry);
        }
        page.next = found.next().map(|_| last.to_text());
        Ok(page)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        let shared = self.lock();
        let bucket = shared.bucket(bucket)?;
        limits::check_batch(refs.len())?;
        Ok(refs.iter().map(|object| Some(detail(bucket.find(object)?, kinds))).collect())
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        let shared = self.lock();
        let bucket = shared.bucket(bucket)?;
        limits::check_read(length_bytes)?;
        let content = &bucket.find(object).ok_or(Error::NoSuchObject)?.content;
        let offset = usize::try_from(offset_bytes).unwrap_or(usize::MAX);
        let length = usize::try_from(length_bytes).unwrap_or(usize::MAX);
        Ok(content.iter().skip(offset).take(length).copied().collect())
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        Ok(self.lock().bucket(bucket)?.policy.clone())
    }
}

/// Where a listing goes on: behind the first `done` versions of `key`. As text, the number, a blank and the key.
struct Place {
    done: usize,
    key: String,
}

impl Place {
    fn parse(text: &str, options: &ListOptions) -> Result<Self, Error> {
        let (done, key) = text.split_once(' ').unwrap_or_default();
        match done.parse() {
            Ok(done) if done > 0 && key.starts_with(&options.prefix) => {
                Ok(Self { done, key: key.to_owned() })
            }
            _ => Err(Error::InvalidArgument(
                "the cursor is of another listing; begin without one".to_owned(),
            )),
        }
    }

    fn to_text(&self) -> String {
        format!("{} {}", self.done, self.key)
    }
}

/// What the listing still has to answer, each with its index among the versions of its key.
fn matching<'a>(
    bucket: &'a Bucket,
    options: &'a ListOptions,
    place: Option<&'a Place>,
) -> impl Iterator<Item = (usize, &'a Entry)> {
    let from = match (&options.start_after, place) {
        (_, Some(place)) => Bound::Included(place.key.as_str()),
        (Some(key), None) if *key >= options.prefix => Bound::Excluded(key.as_str()),
        _ => Bound::Included(options.prefix.as_str()),
    };
    let keys = bucket.objects.range::<str, _>((from, Bound::Unbounded));
    let is_within = |key: &str| {
        key.starts_with(&options.prefix)
            && options.until.as_deref().is_none_or(|until| key <= until)
    };
    keys.take_while(move |(key, _)| is_within(key)).flat_map(move |(key, versions)| {
        let done = place.filter(|place| place.key == *key).map_or(0, |place| place.done);
        let left = versions.iter().enumerate().skip(done);
        left.filter(|(_, version)| options.versions || version.is_visible())
            .map(|(index, version)| (index, &version.entry))
    })
}

fn detail(version: &Version, kinds: DetailKinds) -> ObjectDetail {
    let told = version.detail.clone();
    let mut detail = ObjectDetail::default();
    if kinds.head {
        let entry = &version.entry;
        detail = ObjectDetail {
            size_bytes: Some(entry.size_bytes),
            last_modified: entry.last_modified,
            etag: entry.etag.clone(),
            tags: None,
            acl: None,
            ..told
        };
    }
    if kinds.tags {
        detail.tags = Some(version.detail.tags.clone().unwrap_or_default());
    }
    if kinds.acl {
        detail.acl = Some(version.detail.acl.clone().unwrap_or_default());
    }
    detail
}
