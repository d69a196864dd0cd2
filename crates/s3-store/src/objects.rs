//! [`Objects`]: reading.

use std::time::Instant;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use stocktake_capabilities::{
    DetailKinds, Error, ListOptions, ObjectDetail, ObjectRef, Objects, Page, limits,
};

use crate::S3Store;
use crate::failure::Failure;
use crate::head;
use crate::listing::{self, Place};
use crate::names::{check_bucket, check_key, sent};

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
        let request = self.client.get_bucket_policy().bucket(bucket).send();
        let policy = match self.runtime.block_on(request) {
            Ok(answer) => answer.policy,
            Err(error) => {
                let failure = Failure::of(&error);
                if failure.code() == "NoSuchBucketPolicy" {
                    return Ok(None);
                }
                let remedy = "leave policies out where this store is concerned";
                return Err(failure.error_or("GetBucketPolicy", remedy));
            }
        };
        match policy.filter(|policy| !policy.is_empty()) {
            Some(policy) if policy.len() > POLICY_BYTES_MAX => Err(Error::Unsupported(format!(
                "a policy of {} bytes, the limit is {POLICY_BYTES_MAX}; shorten it",
                policy.len()
            ))),
            policy => Ok(policy),
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
        let last = offset + u64::from(length) - 1;
        let request = self
            .client
            .get_object()
            .bucket(bucket)
            .key(sent(&object.key))
            .set_version_id(object.version_id.clone())
            .range(format!("bytes={offset}-{last}"));
        match request.send().await {
            Ok(answer) => content(answer, length as usize).await,
            Err(error) => {
                let failure = Failure::of(&error);
                if failure.status() == 416 || failure.code() == "InvalidRange" {
                    return Ok(Vec::new());
                }
                if head::is_none_such(&failure, object) {
                    return Err(Error::NoSuchObject);
                }
                Err(failure.error("GetObject"))
            }
        }
    }
}

/// Collects a body, which is no longer than what was asked for.
async fn content(mut answer: GetObjectOutput, length: usize) -> Result<Vec<u8>, Error> {
    if answer.content_range.is_none() && answer.content_length != Some(0) {
        return Err(Error::Unsupported("the store ignores ranges of GetObject".to_owned()));
    }
    let mut content = Vec::with_capacity(length.min(1 << 20));
    while let Some(piece) = answer.body.next().await {
        // The connection broke amid the body.
        let piece = piece.map_err(|error| Error::Unavailable(format!("GetObject: {error}")))?;
        if content.len() + piece.len() > length {
            return Err(Error::Other(
                "GetObject: the store answers more than was asked".to_owned(),
            ));
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

/// What a failed HEAD of a bucket means, whose answer has no body either.
pub(crate) fn bucket_error(failure: &Failure) -> Error {
    match failure.error("HeadBucket") {
        Error::NoSuchObject => Error::NoSuchBucket,
        error => error,
    }
}
