//! Which buckets there are, and making one.

use crate::{Error, Instant};

/// The most buckets of one page.
pub const BUCKETS_PAGE_MAX: usize = 1000;

/// One bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its plain name.
    pub name: String,
    /// When it was made, where the store tells.
    pub created: Option<Instant>,
}

/// One page of a listing of buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketPage {
    /// Ascending by name bytes; at most [`BUCKETS_PAGE_MAX`].
    pub buckets: Vec<Bucket>,
    /// Present exactly when there is more.
    pub next: Option<String>,
}

/// What the cursors of [`BucketPage::cut`] begin with; the name of the last bucket follows.
const AFTER: &str = "after ";

impl BucketPage {
    /// One page of a store that has no pages of its own: what is behind `cursor` in a whole listing, in any order.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a cursor that is none of this function's.
    pub fn cut(mut all: Vec<Bucket>, cursor: Option<&str>) -> Result<Self, Error> {
        if let Some(cursor) = cursor {
            let after = cursor.strip_prefix(AFTER).ok_or_else(foreign_cursor)?;
            all.retain(|bucket| bucket.name.as_str() > after);
        }
        all.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let is_last = all.len() <= BUCKETS_PAGE_MAX;
        all.truncate(BUCKETS_PAGE_MAX);
        let last = all.last().filter(|_| !is_last);
        let next = last.map(|bucket| format!("{AFTER}{}", bucket.name));
        Ok(Self { buckets: all, next })
    }
}

fn foreign_cursor() -> Error {
    Error::InvalidArgument("the cursor is of another listing; begin without one".to_owned())
}

/// `stocktake:host/buckets`. Nothing here can change a store.
pub trait Buckets {
    /// Lists the buckets that the host's own credentials can see.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a foreign cursor; what the store answers.
    fn list_buckets(&self, cursor: Option<&str>) -> Result<BucketPage, Error>;

    /// One bucket by its name.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], also for a name that no bucket can have; what the store answers.
    fn head_bucket(&self, bucket: &str) -> Result<Bucket, Error>;
}

/// How the making of a bucket ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationOutcome {
    /// The bucket is new and durable.
    Created,
    /// There was one of that name, which the host's credentials own. Nothing has changed.
    AlreadyOwned,
    /// There was one of that name, which belongs to somebody else. Nothing has changed.
    Taken,
}

/// `stocktake:host/bucket-creation`.
pub trait BucketCreation {
    /// Makes an empty bucket. `location` is passed to stores that have locations.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a name that no bucket of this store can have; what the store answers.
    fn create_bucket(&self, bucket: &str, location: Option<&str>)
    -> Result<CreationOutcome, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_whole_listing_join_to_it() {
        let bucket = |number: usize| Bucket { name: format!("b{number:05}"), created: None };
        for count in [0, 1, BUCKETS_PAGE_MAX, BUCKETS_PAGE_MAX + 1, 2 * BUCKETS_PAGE_MAX] {
            let all: Vec<Bucket> = (0..count).rev().map(bucket).collect();
            let (mut joined, mut cursor, mut pages) = (Vec::new(), None, 0);
            loop {
                let page = BucketPage::cut(all.clone(), cursor.as_deref()).unwrap();
                assert!(page.buckets.len() <= BUCKETS_PAGE_MAX);
                joined.extend(page.buckets);
                pages += 1;
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let expected: Vec<Bucket> = (0..count).map(bucket).collect();
            assert_eq!(joined, expected);
            assert_eq!(pages, count.div_ceil(BUCKETS_PAGE_MAX).max(1));
        }
    }
}
