//! `stocktake:host/buckets` and `stocktake:host/bucket-creation`.

use stocktake_capabilities::{Bucket, CreationOutcome};

use super::bindings::stocktake::host::types::Error;
use super::bindings::stocktake::host::{bucket_creation, buckets as wit};
use super::{CONTINUATION_BYTES_MAX, blocking, convert, limit};
use crate::engine::Invocation;

impl wit::Host for Invocation {
    async fn list_buckets(
        &mut self,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<wit::BucketPage, Error>> {
        let cursor_bytes = cursor.as_ref().map_or(0, String::len);
        if let Err(refused) = limit("the cursor", cursor_bytes, CONTINUATION_BYTES_MAX) {
            return Ok(Err(refused));
        }
        blocking("buckets", self.capabilities.buckets.as_ref(), move |buckets| {
            let page = buckets.list_buckets(cursor.as_deref())?;
            let listed = page.buckets.into_iter().map(bucket).collect();
            Ok(wit::BucketPage { buckets: listed, next: page.next })
        })
        .await
    }

    async fn head_bucket(&mut self, name: String) -> wasmtime::Result<Result<wit::Bucket, Error>> {
        blocking("buckets", self.capabilities.buckets.as_ref(), move |buckets| {
            Ok(bucket(buckets.head_bucket(&name)?))
        })
        .await
    }
}

impl bucket_creation::Host for Invocation {
    async fn create_bucket(
        &mut self,
        bucket: String,
        location: Option<String>,
    ) -> wasmtime::Result<Result<bucket_creation::CreationOutcome, Error>> {
        let engine = self.capabilities.bucket_creation.as_ref();
        blocking("bucket-creation", engine, move |creation| {
            Ok(match creation.create_bucket(&bucket, location.as_deref())? {
                CreationOutcome::Created => bucket_creation::CreationOutcome::Created,
                CreationOutcome::AlreadyOwned => bucket_creation::CreationOutcome::AlreadyOwned,
                CreationOutcome::Taken => bucket_creation::CreationOutcome::Taken,
            })
        })
        .await
    }
}

fn bucket(bucket: Bucket) -> wit::Bucket {
    wit::Bucket { name: bucket.name, created: bucket.created.map(convert::instant) }
}
