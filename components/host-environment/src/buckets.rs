//! Buckets of which only the names are known, and the queue that nothing can be put into.

use std::convert::Infallible;

use stocktake_capabilities::{
    Bucket, BucketCreation, BucketPage, Buckets, CreationOutcome, Error, Queue, Task,
};

use crate::store::{Store, unsupported};

impl Buckets for Store {
    fn list_buckets(&self, cursor: Option<&str>) -> Result<BucketPage, Error> {
        BucketPage::cut(self.buckets.iter().map(|name| bucket(name)).collect(), cursor)
    }

    fn head_bucket(&self, name: &str) -> Result<Bucket, Error> {
        self.require(name).map(|()| bucket(name))
    }
}

impl BucketCreation for Store {
    fn create_bucket(&self, name: &str, _: Option<&str>) -> Result<CreationOutcome, Error> {
        if self.buckets.contains(name) {
            return Ok(CreationOutcome::AlreadyOwned);
        }
        unsupported("a bucket cannot be made")
    }
}

impl Queue for Store {
    fn enqueue(&self, tasks: &[Task]) -> Result<(), Error> {
        if tasks.is_empty() {
            return Ok(());
        }
        unsupported("a task cannot be kept")
    }
}

impl Store {
    /// The bucket's policy: none, as policies are records.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub fn bucket_policy(&self, name: &str) -> Result<Option<String>, Error> {
        self.require(name).map(|()| None)
    }

    /// The objects of a bucket, which nothing can be told of.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], else [`Error::Unsupported`].
    pub fn objects(&self, name: &str) -> Result<Infallible, Error> {
        self.require(name)?;
        unsupported("of its buckets the names alone are known")
    }

    fn require(&self, name: &str) -> Result<(), Error> {
        if self.buckets.contains(name) { Ok(()) } else { Err(Error::NoSuchBucket) }
    }
}

fn bucket(name: &str) -> Bucket {
    Bucket { name: name.to_owned(), created: None }
}
