//! A bucket that is computed, and a destination that forgets: what is measured is the writer, not a disk.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stocktake_capabilities::{
    DetailKinds, Entry, Error, Instant, ListOptions, ObjectDetail, ObjectRef, Objects, Page, Part,
    PutOptions, PutOutcome, Uploads,
};

/// A bucket `source` of so many objects, and a bucket `reports` that is always empty.
#[derive(Debug)]
pub(crate) struct Synthetic {
    objects: u64,
    /// The size of each object that was written, by its key.
    sizes: Mutex<BTreeMap<String, u64>>,
    written: AtomicU64,
    lists: AtomicU64,
}

impl Synthetic {
    pub(crate) fn new(objects: u64) -> Self {
        Self {
            objects,
            sizes: Mutex::default(),
            written: AtomicU64::new(0),
            lists: AtomicU64::new(0),
        }
    }

    /// Bytes that were uploaded.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Pages that were asked for.
    pub(crate) fn lists(&self) -> u64 {
        self.lists.load(Ordering::Relaxed)
    }

    /// How many objects come before the first one whose key is not `before`.
    fn count(&self, before: impl Fn(&str) -> bool) -> u64 {
        let (mut low, mut high) = (0, self.objects);
        while low < high {
            let middle = low.midpoint(high);
            if before(&entry(middle).key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn write(&self, key: &str, body: &[u8]) {
        self.written.fetch_add(body.len() as u64, Ordering::Relaxed);
        *self.sizes().entry(key.to_owned()).or_default() += body.len() as u64;
    }

    fn sizes(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The object of this number: numbers and keys are in the same order.
fn entry(number: u64) -> Entry {
    // A multiplicative hash, for values that compress like real ones do.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Entry {
        key: format!(
            "data/year={}/part-{number:010}-{:08x}.parquet",
            2000 + number / 400_000,
            mixed >> 32
        ),
        size_bytes: mixed >> 36,
        last_modified: Some(Instant {
            seconds: 1_700_000_000 + (mixed >> 40).cast_signed(),
            nanoseconds: 0,
        }),
        etag: Some(format!("{mixed:016x}{:016x}", mixed.rotate_left(17))),
        storage_class: Some(
            if mixed.is_multiple_of(5) { "GLACIER" } else { "STANDARD" }.to_owned(),
        ),
        is_latest: true,
        ..Entry::default()
    }
}

impl Objects for Synthetic {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        if bucket != "source" {
            return Ok(Page::default());
        }
        self.lists.fetch_add(1, Ordering::Relaxed);
        let first = match cursor {
            Some(cursor) => {
                cursor.parse().map_err(|_| Error::InvalidArgument("cursor".to_owned()))?
            }
            None => options
                .start_after
                .as_ref()
                .map_or(0, |after| self.count(|key| key <= after.as_str())),
        };
        let objects = match &options.until {
            Some(until) => self.count(|key| key <= until.as_str()),
            None => self.objects,
        };
        let end = objects.min(first + u64::from(options.max_entries));
        let next = (end < objects).then(|| end.to_string());
        Ok(Page { entries: (first..end).map(entry).collect(), next, unlisted: 0 })
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        _: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        if bucket == "source" {
            return Err(Error::Unsupported("details".to_owned()));
        }
        let sizes = self.sizes();
        let detail = |object: &ObjectRef| {
            let size_bytes = Some(*sizes.get(&object.key)?);
            Some(ObjectDetail { size_bytes, ..ObjectDetail::default() })
        };
        Ok(refs.iter().map(detail).collect())
    }

    fn read_range(&self, _: &str, _: &ObjectRef, _: u64, _: u32) -> Result<Vec<u8>, Error> {
        Err(Error::Unsupported("contents".to_owned()))
    }

    fn bucket_policy(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

impl Uploads for Synthetic {
    fn put(&self, _: &str, key: &str, body: &[u8], _: &PutOptions) -> Result<PutOutcome, Error> {
        self.sizes().remove(key);
        self.write(key, body);
        Ok(PutOutcome::Stored(String::new()))
    }

    fn begin(&self, _: &str, key: &str, _: &PutOptions) -> Result<String, Error> {
        self.sizes().remove(key);
        Ok("upload".to_owned())
    }

    fn write_part(
        &self,
        _: &str,
        key: &str,
        _: &str,
        number: u32,
        body: &[u8],
    ) -> Result<Part, Error> {
        self.write(key, body);
        Ok(Part { number, etag: String::new() })
    }

    fn complete(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: &[Part],
        _: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        Ok(PutOutcome::Stored(String::new()))
    }

    fn abort(&self, _: &str, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn abort_all(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }
}
