//! A view of a store that notes what it is asked for, and that cannot tell everything.

use std::cell::RefCell;
use std::collections::BTreeSet;

use stocktake_capabilities::memory::MemoryStore;
use stocktake_capabilities::{
    DetailKinds, Error, ListOptions, ObjectDetail, ObjectRef, Objects, Page,
};

pub(super) struct Asking<'a> {
    store: &'a MemoryStore,
    /// What is refused as unsupported, of the source.
    pub(super) refused: DetailKinds,
    /// Keys of objects that are gone when they are asked for.
    pub(super) gone: BTreeSet<&'static str>,
    /// Whether objects are found and nothing is told of them, as where folders are buckets.
    pub(super) is_silent: bool,
    /// Every batch of the source that was answered.
    pub(super) answered: RefCell<Vec<(Vec<ObjectRef>, DetailKinds)>>,
    pub(super) refusals: RefCell<u64>,
    /// How many entries each page of the source had.
    pub(super) pages: RefCell<Vec<u64>>,
}

pub(super) const NONE: DetailKinds = DetailKinds { head: false, tags: false, acl: false };
pub(super) const HEAD: DetailKinds = DetailKinds { head: true, ..NONE };
pub(super) const TAGS: DetailKinds = DetailKinds { tags: true, ..NONE };
pub(super) const ACL: DetailKinds = DetailKinds { acl: true, ..NONE };

impl<'a> Asking<'a> {
    pub(super) fn new(store: &'a MemoryStore) -> Self {
        Self {
            store,
            refused: NONE,
            gone: BTreeSet::new(),
            is_silent: false,
            answered: RefCell::default(),
            refusals: RefCell::default(),
            pages: RefCell::default(),
        }
    }

    /// What was asked about, in order: key and version.
    pub(super) fn objects(&self) -> Vec<(String, Option<String>)> {
        let answered = self.answered.borrow();
        let refs = answered.iter().flat_map(|(refs, _)| refs);
        refs.map(|object| (object.key.clone(), object.version_id.clone())).collect()
    }
}

impl Objects for Asking<'_> {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        let page = self.store.list_page(bucket, options, cursor)?;
        self.pages.borrow_mut().push(page.entries.len() as u64);
        Ok(page)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        if bucket != "orbit-raw" {
            return self.store.head_many(bucket, refs, kinds);
        }
        let DetailKinds { head, tags, acl } = self.refused;
        if (kinds.head && head) || (kinds.tags && tags) || (kinds.acl && acl) {
            *self.refusals.borrow_mut() += 1;
            return Err(Error::Unsupported("details of objects".to_owned()));
        }
        let mut details = self.store.head_many(bucket, refs, kinds)?;
        for (detail, object) in details.iter_mut().zip(refs) {
            if self.gone.contains(object.key.as_str()) {
                *detail = None;
            } else if self.is_silent {
                *detail = Some(ObjectDetail::default());
            }
        }
        self.answered.borrow_mut().push((refs.to_vec(), kinds));
        Ok(details)
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        self.store.read_range(bucket, object, offset_bytes, length_bytes)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.store.bucket_policy(bucket)
    }
}
