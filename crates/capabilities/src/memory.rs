//! Doubles that keep everything in memory: [`MemoryStore`] for objects and uploads, [`MemoryState`] for records.
//!
//! They pass the conformance suite, so a function that works with them works with an engine that passes it too. They
//! know no clock: every object bears the time that the store was made with.

mod buckets;
mod objects;
mod state;
mod uploads;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Entry, Error, Instant, ObjectDetail, ObjectRef};

pub use state::MemoryState;

/// Buckets in memory. Clones share their content.
///
/// - Buckets come into being by [`MemoryStore::with_bucket`] and by [`crate::BucketCreation`].
/// - What is written is a plain object. Versions and delete markers come by [`MemoryStore::insert`].
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    now: Instant,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    buckets: BTreeMap<String, Bucket>,
    uploads: BTreeMap<String, Upload>,
    uploads_begun: u64,
}

#[derive(Debug, Default)]
struct Bucket {
    policy: Option<String>,
    /// Each key with its versions, newest first; never empty.
    objects: BTreeMap<String, Vec<Version>>,
}

#[derive(Clone, Debug)]
struct Version {
    entry: Entry,
    content: Vec<u8>,
    detail: ObjectDetail,
}

#[derive(Debug)]
struct Upload {
    bucket: String,
    key: String,
    parts: BTreeMap<u32, Vec<u8>>,
}

impl MemoryStore {
    /// An empty store, in which every object is written at `now`.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { now, shared: Arc::default() }
    }

    /// The same store with one more bucket.
    #[must_use]
    pub fn with_bucket(self, name: &str) -> Self {
        self.lock().buckets.entry(name.to_owned()).or_default();
        self
    }

    /// Adds an entry of a listing as it stands, behind the versions of its key that are there already.
    ///
    /// Its content reads as empty. A bucket that does not exist is created.
    pub fn insert(&self, bucket: &str, entry: Entry) {
        let version = Version { entry, content: Vec::new(), detail: ObjectDetail::default() };
        let mut shared = self.lock();
        let objects = &mut shared.buckets.entry(bucket.to_owned()).or_default().objects;
        objects.entry(version.entry.key.clone()).or_default().push(version);
    }

    /// Removes every version of a key, as somebody else who uses the store would.
    pub fn remove(&self, bucket: &str, key: &str) {
        if let Ok(bucket) = self.lock().bucket_mut(bucket) {
            bucket.objects.remove(key);
        }
    }

    /// Sets what [`crate::Objects::head_many`] tells beyond the listing.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchObject`].
    pub fn describe(
        &self,
        bucket: &str,
        object: &ObjectRef,
        detail: ObjectDetail,
    ) -> Result<(), Error> {
        let mut shared = self.lock();
        shared.bucket_mut(bucket)?.find_mut(object).ok_or(Error::NoSuchObject)?.detail = detail;
        Ok(())
    }

    /// Sets the policy of a bucket.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub fn set_policy(&self, bucket: &str, policy: &str) -> Result<(), Error> {
        self.lock().bucket_mut(bucket)?.policy = Some(policy.to_owned());
        Ok(())
    }

    /// The keys that a plain GET finds, with their contents.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub fn contents(&self, bucket: &str) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let shared = self.lock();
        let objects = shared.bucket(bucket)?.objects.values().flatten();
        let visible = objects.filter(|version| version.is_visible());
        Ok(visible.map(|found| (found.entry.key.clone(), found.content.clone())).collect())
    }

    /// How many uploads in parts were begun and neither completed nor aborted.
    #[must_use]
    pub fn unfinished_uploads(&self) -> usize {
        self.lock().uploads.len()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn bucket(&self, name: &str) -> Result<&Bucket, Error> {
        self.buckets.get(name).ok_or(Error::NoSuchBucket)
    }

    fn bucket_mut(&mut self, name: &str) -> Result<&mut Bucket, Error> {
        self.buckets.get_mut(name).ok_or(Error::NoSuchBucket)
    }
}

impl Bucket {
    fn find(&self, object: &ObjectRef) -> Option<&Version> {
        self.objects.get(&object.key)?.iter().find(|version| version.answers_to(object))
    }

    fn find_mut(&mut self, object: &ObjectRef) -> Option<&mut Version> {
        self.objects.get_mut(&object.key)?.iter_mut().find(|version| version.answers_to(object))
    }
}

impl Version {
    fn is_visible(&self) -> bool {
        self.entry.is_latest && !self.entry.is_delete_marker
    }

    fn answers_to(&self, object: &ObjectRef) -> bool {
        match &object.version_id {
            None => self.is_visible(),
            asked => !self.entry.is_delete_marker && self.entry.version_id == *asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DetailKinds, ListOptions, Objects, PutOptions, Uploads};

    fn entry(key: &str, version: &str, is_latest: bool, is_delete_marker: bool) -> Entry {
        let version_id = Some(version.to_owned());
        Entry { key: key.to_owned(), version_id, is_latest, is_delete_marker, ..Entry::default() }
    }

    fn seeded() -> MemoryStore {
        let store = MemoryStore::new(Instant::default()).with_bucket("b");
        store.insert("b", entry("gone", "g2", true, true));
        store.insert("b", entry("gone", "g1", false, false));
        store.insert("b", entry("kept", "k2", true, false));
        store.insert("b", entry("kept", "k1", false, false));
        store
    }

    fn listed(store: &MemoryStore, versions: bool, max_entries: u32) -> Vec<String> {
        let options = ListOptions { versions, max_entries, ..ListOptions::default() };
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.list_page("b", &options, cursor.as_deref()).unwrap();
            ids.extend(page.entries.iter().filter_map(|entry| entry.version_id.map(str::to_owned)));
            cursor = page.next;
            if cursor.is_none() {
                return ids;
            }
        }
    }

    #[test]
    fn versions_are_listed_when_asked_for() {
        for max_entries in 1..=5 {
            assert_eq!(listed(&seeded(), true, max_entries), ["g2", "g1", "k2", "k1"]);
            assert_eq!(listed(&seeded(), false, max_entries), ["k2"]);
        }
    }

    #[test]
    fn a_version_is_found_by_its_id_and_a_delete_marker_is_not() {
        let store = seeded();
        let named = |key: &str, version: Option<&str>| ObjectRef {
            key: key.to_owned(),
            version_id: version.map(str::to_owned),
        };
        assert_eq!(store.read_range("b", &named("gone", Some("g1")), 0, 1), Ok(Vec::new()));
        for hidden in [named("gone", Some("g2")), named("gone", None)] {
            assert_eq!(store.read_range("b", &hidden, 0, 1), Err(Error::NoSuchObject));
        }
    }

    #[test]
    fn a_write_hides_the_versions_before_it() {
        let store = seeded();
        store.put("b", "gone", b"new", &PutOptions::default()).unwrap();
        assert_eq!(listed(&store, true, 10), ["g2", "g1", "k2", "k1"]);
        let contents = store.contents("b").unwrap();
        assert_eq!(contents.get("gone").map(Vec::as_slice), Some(&b"new"[..]));
    }

    #[test]
    fn details_are_told_as_they_were_asked_for() {
        let store = seeded();
        let object = ObjectRef { key: "kept".to_owned(), version_id: None };
        let told = ObjectDetail {
            content_type: Some("text/csv".to_owned()),
            tags: Some(vec![("k".to_owned(), "v".to_owned())]),
            ..ObjectDetail::default()
        };
        store.describe("b", &object, told.clone()).unwrap();
        let ask = |kinds| store.head_many("b", std::slice::from_ref(&object), kinds).unwrap();
        let head = ask(DetailKinds { head: true, ..DetailKinds::default() });
        let head = head[0].clone().unwrap();
        assert_eq!((head.content_type, head.tags), (told.content_type, None));
        let tags = ask(DetailKinds { tags: true, ..DetailKinds::default() });
        let tags = tags[0].clone().unwrap();
        assert_eq!((tags.content_type, tags.tags), (None, told.tags));
    }
}
