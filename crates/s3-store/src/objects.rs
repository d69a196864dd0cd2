//! [`Objects`]: reading.

use std::time::Instant;

use stocktake_capabilities::{
    DetailKinds, Error, ListOptions, ObjectDetail, ObjectRef, Objects, Page, limits,
};

use crate::S3Store;
use crate::answers::object::Range;
use crate::answers::{object as content, service};
use crate::failure::Failure;
use crate::head;
use crate::listing::{self, Place};
use crate::names::{check_bucket, check_key, sent};
use crate::whole::Whole;

/// From which page size on a listing is read ahead. Who asks for fewer entries looks for a key and goes elsewhere.
const AHEAD_ENTRIES_MIN: u32 = 100;

/// The largest offset that requests can bear. No store has an object of that size.
const OFFSET_MAX: u64 = i64::MAX as u64 - (1 << 32);

/// The largest policy that is read; Amazon's limit is 20 KiB.
const POLICY_BYTES_MAX: usize = 256 << 10;

impl Objects for S3Store {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        check_bucket(bucket)?;
        limits::check_list(options)?;
        let place = cursor.map(|cursor| Place::of(cursor, bucket, options)).transpose()?;
        let page = self.runtime.block_on(async {
            if let Some(request) = cursor.and_then(|cursor| self.ahead.take(Instant::now(), cursor))
                && let Some(page) = request.page().await
            {
                return page;
            }
            listing::page(&self.client, bucket, options, place.as_ref()).await
        })?;
        if let Some(next) = &page.next
            && options.max_entries >= AHEAD_ENTRIES_MIN
        {
            self.read_ahead(bucket, options, next)?;
        }
        Ok(page)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        check_bucket(bucket)?;
        limits::check_batch(refs.len())?;
        self.runtime.block_on(async {
            let details = head::many(&self.client, bucket, refs, kinds).await?;
            // An answer without a body does not say whether the object is missing or the bucket.
            if details.iter().any(Option::is_none) || refs.is_empty() {
                self.ask_bucket(bucket).await.map_err(|failure| bucket_error(&failure))?;
            }
            Ok(details)
        })
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        check_bucket(bucket)?;
        limits::check_read(length_bytes)?;
        if check_key(&object.key).is_err() {
            return Err(Error::NoSuchObject);
        }
        // S3 has no empty ranges, and a missing object has to be told all the same.
        if length_bytes == 0 || offset_bytes > OFFSET_MAX {
            return self.runtime.block_on(self.range(bucket, object, 0, 1)).map(|_| Vec::new());
        }
        self.runtime.block_on(self.range(bucket, object, offset_bytes, length_bytes))
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        check_bucket(bucket)?;
        let whole = Whole::new(POLICY_BYTES_MAX, service::policy);
        let request = self.client.get_bucket_policy().bucket(bucket).customize();
        let sent = self.runtime.block_on(request.interceptor(whole.interceptor()).send());
        match whole.taken(sent) {
            Ok(policy) => Ok(policy),
            Err(failure) if failure.code() == "NoSuchBucketPolicy" => Ok(None),
            Err(failure) => {
                let remedy = "leave policies out where this store is concerned";
                Err(failure.error_or("GetBucketPolicy", remedy))
            }
        }
    }
}

impl S3Store {
    /// Asks for the page that the caller will ask for next.
    fn read_ahead(&self, bucket: &str, options: &ListOptions, cursor: &str) -> Result<(), Error> {
        let place = Place::of(cursor, bucket, options)?;
        let (client, bucket, options) = (self.client.clone(), bucket.to_owned(), options.clone());
        self.ahead.begin(&self.runtime, Instant::now(), cursor, async move {
            listing::page(&client, &bucket, &options, Some(&place)).await
        });
        Ok(())
    }

    /// Reads a range that is not empty.
    async fn range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset: u64,
        length: u32,
    ) -> Result<Vec<u8>, Error> {
        let asked = Range { first: offset, last: offset + u64::from(length) - 1 };
        let whole = Whole::new(length as usize, move |answer| content::range(answer, asked));
        let request = self
            .client
            .get_object()
            .bucket(bucket)
            .key(sent(&object.key))
            .set_version_id(object.version_id.clone())
            .range(format!("bytes={}-{}", asked.first, asked.last))
            .customize()
            .interceptor(whole.interceptor());
        match whole.taken(request.send().await) {
            Ok(Some(content)) => Ok(content),
            Ok(None) => Err(Error::Unsupported("the store ignores ranges of GetObject".to_owned())),
            Err(failure) if failure.status() == 416 || failure.code() == "InvalidRange" => {
                Ok(Vec::new())
            }
            Err(failure) if head::is_none_such(&failure, object) => Err(Error::NoSuchObject),
            Err(failure) => Err(failure.error("GetObject")),
        }
    }
}

/// What a failed HEAD of a bucket means, whose answer has no body either.
pub(crate) fn bucket_error(failure: &Failure) -> Error {
    match failure.error("HeadBucket") {
        Error::NoSuchObject => Error::NoSuchBucket,
        error => error,
    }
}
