//! Which buckets there are, and making one.

use super::MemoryStore;
use crate::{Bucket, BucketCreation, BucketPage, Buckets, CreationOutcome, Error};

impl Buckets for MemoryStore {
    fn list_buckets(&self, cursor: Option<&str>) -> Result<BucketPage, Error> {
        let names: Vec<String> = self.lock().buckets.keys().cloned().collect();
        let bucket = |name| Bucket { name, created: Some(self.now) };
        BucketPage::cut(names.into_iter().map(bucket).collect(), cursor)
    }

    fn head_bucket(&self, bucket: &str) -> Result<Bucket, Error> {
        self.lock().bucket(bucket)?;
        Ok(Bucket { name: bucket.to_owned(), created: Some(self.now) })
    }
}

impl BucketCreation for MemoryStore {
    /// Any name that S3 allows can be had, and nobody else has buckets here.
    fn create_bucket(
        &self,
        bucket: &str,
        _location: Option<&str>,
    ) -> Result<CreationOutcome, Error> {
        let harmless =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if bucket.is_empty() || bucket.starts_with('.') || !bucket.bytes().all(harmless) {
            return Err(Error::InvalidArgument(format!(
                "`{}` is no bucket name; use a to z, 0 to 9, `-` and `.`",
                bucket.escape_default()
            )));
        }
        let mut shared = self.lock();
        if shared.buckets.contains_key(bucket) {
            return Ok(CreationOutcome::AlreadyOwned);
        }
        shared.buckets.insert(bucket.to_owned(), super::Bucket::default());
        Ok(CreationOutcome::Created)
    }
}
