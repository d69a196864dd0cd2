//! [`Buckets`] and [`BucketCreation`]: which buckets there are, and making one.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use stocktake_capabilities::{
    BUCKETS_PAGE_MAX, Bucket, BucketCreation, BucketPage, Buckets, CreationOutcome, Error,
};

use crate::S3Store;
use crate::answers::service;
use crate::failure::Failure;
use crate::names::check_bucket;
use crate::objects::bucket_error;
use crate::whole::Whole;

/// What our cursors begin with where the store has pages; the store's own token follows. Those of
/// [`BucketPage::cut`] begin with another word.
const TOKEN: &str = "token ";

/// The most bytes of a token, so that a cursor fits into the 8 KiB of a continuation.
const TOKEN_BYTES_MAX: usize = 7 << 10;

impl Buckets for S3Store {
    /// Costs one request.
    ///
    /// Stores that know no pages of buckets answer all of them each time; then pages are cut here.
    fn list_buckets(&self, cursor: Option<&str>) -> Result<BucketPage, Error> {
        let token = cursor.and_then(|cursor| cursor.strip_prefix(TOKEN));
        if token.is_none() && cursor.is_some() {
            // Judges the cursor before it costs a request.
            BucketPage::cut(Vec::new(), cursor)?;
        }
        let request = self
            .client
            .list_buckets()
            .max_buckets(i32::try_from(BUCKETS_PAGE_MAX).unwrap_or(i32::MAX))
            .set_continuation_token(token.map(str::to_owned))
            .customize();
        let whole = Whole::new(service::BUCKETS_BYTES_MAX, service::buckets);
        let sent = self.runtime.block_on(request.interceptor(whole.interceptor()).send());
        let (listed, next) = whole.taken(sent).map_err(|failure| failure.error("ListBuckets"))?;
        if token.is_some() && next.as_deref() == token {
            return Err(Error::Other(
                "ListBuckets: the store answers the token that it was asked with, and so does not go on"
                    .to_owned(),
            ));
        }
        let cursor = cursor.filter(|_| token.is_none());
        with_token(BucketPage::cut(listed, cursor)?, next)
    }

    /// Costs one request. When the bucket was made is not told by it.
    fn head_bucket(&self, bucket: &str) -> Result<Bucket, Error> {
        check_bucket(bucket)?;
        let asked = self.runtime.block_on(self.ask_bucket(bucket));
        asked.map_err(|failure| bucket_error(&failure))?;
        Ok(Bucket { name: bucket.to_owned(), created: None })
    }
}

impl BucketCreation for S3Store {
    /// Costs two requests: some stores, and Amazon's oldest region, call a bucket that was there already a new one.
    fn create_bucket(
        &self,
        bucket: &str,
        location: Option<&str>,
    ) -> Result<CreationOutcome, Error> {
        check_bucket(bucket).map_err(|error| match error {
            Error::NoSuchBucket => Error::InvalidArgument(format!(
                "`{}` is no bucket name; use 3 to 63 of a to z, 0 to 9, `-` and `.`",
                bucket.escape_default()
            )),
            other => other,
        })?;
        self.runtime.block_on(async {
            let was_there = self.ask_bucket(bucket).await.is_ok();
            let location = location.map(|name| {
                let constraint = BucketLocationConstraint::from(name);
                CreateBucketConfiguration::builder().location_constraint(constraint).build()
            });
            let request = self.client.create_bucket().bucket(bucket);
            let request = request.set_create_bucket_configuration(location).customize();
            let whole = Whole::new(service::NOTHING_BYTES_MAX, service::nothing);
            match whole.taken(request.interceptor(whole.interceptor()).send().await) {
                Ok(()) if was_there => Ok(CreationOutcome::AlreadyOwned),
                Ok(()) => Ok(CreationOutcome::Created),
                Err(failure) => refused(&failure),
            }
        })
    }
}

/// What a store that has pages says, as one of ours.
fn with_token(mut page: BucketPage, token: Option<String>) -> Result<BucketPage, Error> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(page) };
    if page.next.is_some() || token.len() > TOKEN_BYTES_MAX {
        return Err(Error::Other(
            "ListBuckets: the store answers a page that is larger than was asked for".to_owned(),
        ));
    }
    page.next = Some(format!("{TOKEN}{token}"));
    Ok(page)
}

/// What a refusal means.
fn refused(failure: &Failure) -> Result<CreationOutcome, Error> {
    match failure.code() {
        "BucketAlreadyOwnedByYou" => Ok(CreationOutcome::AlreadyOwned),
        "BucketAlreadyExists" => Ok(CreationOutcome::Taken),
        _ => Err(failure.error("CreateBucket")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Answer;

    fn told(status: u16, code: &str) -> Result<CreationOutcome, Error> {
        let answer = Answer { status, code: code.to_owned(), ..Answer::default() };
        refused(&Failure::Answer(answer))
    }

    #[test]
    fn whose_a_bucket_is_follows_from_the_code() {
        assert_eq!(told(409, "BucketAlreadyOwnedByYou"), Ok(CreationOutcome::AlreadyOwned));
        assert_eq!(told(409, "BucketAlreadyExists"), Ok(CreationOutcome::Taken));
        assert_eq!(told(403, "AccessDenied"), Err(Error::AccessDenied));
        assert!(matches!(told(400, "InvalidBucketName"), Err(Error::InvalidArgument(_))));
    }

    #[test]
    fn a_token_of_the_store_comes_back_as_it_was() {
        let page = with_token(BucketPage::default(), Some("a/+=".to_owned())).unwrap();
        assert_eq!(page.next.as_deref().and_then(|next| next.strip_prefix(TOKEN)), Some("a/+="));
        let page = with_token(BucketPage::default(), Some(String::new())).unwrap();
        assert_eq!(page.next, None);
        let long = "t".repeat(TOKEN_BYTES_MAX + 1);
        assert!(with_token(BucketPage::default(), Some(long)).is_err());
    }
}
