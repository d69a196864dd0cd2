//! Which buckets there are, and making one.

use stocktake_capabilities as plain;

use crate::Host;
use crate::bindings::stocktake::host::{bucket_creation, buckets as wit};

impl plain::Buckets for Host {
    fn list_buckets(&self, cursor: Option<&str>) -> Result<plain::BucketPage, plain::Error> {
        let page = wit::list_buckets(cursor)?;
        let buckets = page.buckets.into_iter().map(Into::into).collect();
        Ok(plain::BucketPage { buckets, next: page.next })
    }

    fn head_bucket(&self, bucket: &str) -> Result<plain::Bucket, plain::Error> {
        Ok(wit::head_bucket(bucket)?.into())
    }
}

impl plain::BucketCreation for Host {
    fn create_bucket(
        &self,
        bucket: &str,
        location: Option<&str>,
    ) -> Result<plain::CreationOutcome, plain::Error> {
        Ok(match bucket_creation::create_bucket(bucket, location)? {
            bucket_creation::CreationOutcome::Created => plain::CreationOutcome::Created,
            bucket_creation::CreationOutcome::AlreadyOwned => plain::CreationOutcome::AlreadyOwned,
            bucket_creation::CreationOutcome::Taken => plain::CreationOutcome::Taken,
        })
    }
}

impl From<wit::Bucket> for plain::Bucket {
    fn from(bucket: wit::Bucket) -> Self {
        Self { name: bucket.name, created: bucket.created.map(Into::into) }
    }
}
