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
