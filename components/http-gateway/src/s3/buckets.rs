//! Listing, finding and making buckets.

use stocktake_capabilities::{Bucket, CreationOutcome, Error as StoreError};
use stocktake_core::bucket::BucketName;
use stocktake_core::finding::Dialect;
use stocktake_core::timestamp::Millis;

use super::creation::location;
use super::xml::Document;
use super::{Code, Error, NAMESPACE};
use crate::access::{Access, Caller, Operation, authorize};
use crate::http::Response;
use crate::policies;
use crate::query::Query;

/// The most buckets of one answer, as for Amazon S3.
const BUCKETS_MAX: usize = 10_000;

/// What continuation tokens begin with; the name of the last bucket of the page follows.
const TOKEN_MARK: &str = "1/";

const WRONG_TOKEN: &str = "The continuation token provided is incorrect";

/// GET of the list of buckets, with `prefix`, `max-buckets` and `continuation-token`.
pub(super) fn list(access: Access<'_>, query: &Query) -> Result<Response, Error> {
    let Asked { prefix, count, after } = asked(query)?;
    authorize(access, Operation::ListBuckets, None, &[])?;
    let (mut buckets, mut cursor, mut is_more) = (Vec::<Bucket>::new(), None, false);
    'pages: loop {
        let page = access.services.buckets.list_buckets(cursor.as_deref())?;
        for bucket in page.buckets {
            if after.is_some_and(|after| bucket.name.as_str() <= after)
                || !bucket.name.starts_with(prefix)
            {
                continue;
            }
            if buckets.len() == count {
                is_more = true;
                break 'pages;
            }
            buckets.push(bucket);
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let owner = match access.caller {
        Caller::Known(identity) => identity.account.as_str(),
        Caller::Anonymous => "anonymous",
    };
    let mut document = Document::new("ListAllMyBucketsResult", Some(NAMESPACE));
    document.open("Owner");
    document.leaf("ID", access.settings.account.as_deref().unwrap_or(owner));
    document.close("Owner");
    document.open("Buckets");
    for bucket in &buckets {
        document.open("Bucket");
        document.leaf("Name", &bucket.name);
        if let Some(created) = bucket.created {
            let created = Millis::from_parts(created.seconds, created.nanoseconds);
            document.leaf("CreationDate", &created.rfc3339());
        }
        document.close("Bucket");
    }
    document.close("Buckets");
    if let Some(last) = buckets.last().filter(|_| is_more) {
        document.leaf("ContinuationToken", &format!("{TOKEN_MARK}{}", last.name));
    }
    if query.has("prefix") {
        document.leaf("Prefix", prefix);
    }
    Ok(document.answer(200))
}

/// Which buckets are asked for.
struct Asked<'a> {
    prefix: &'a str,
    count: usize,
    after: Option<&'a str>,
}

fn asked(query: &Query) -> Result<Asked<'_>, Error> {
    let count = match query.get("max-buckets") {
        None => BUCKETS_MAX,
        Some(text) => {
            let count = text.parse().ok().filter(|count| (1..=BUCKETS_MAX).contains(count));
            let range = format!("max-buckets must be 1 to {BUCKETS_MAX}");
            count.ok_or_else(|| Code::InvalidArgument.saying(range))?
        }
    };
    let after = match query.get("continuation-token") {
        None => None,
        Some(token) => {
            let after = token.strip_prefix(TOKEN_MARK);
            Some(after.ok_or_else(|| Code::InvalidArgument.saying(WRONG_TOKEN))?)
        }
    };
    Ok(Asked { prefix: query.get("prefix").unwrap_or_default(), count, after })
}

/// HEAD of a bucket.
pub(super) fn head(access: Access<'_>, name: &str) -> Result<Response, Error> {
    authorize(access, Operation::HeadBucket, Some(name), &[])?;
    exists(access, name)?;
    Ok(Response::empty(200).header("x-amz-bucket-region", &access.settings.region))
}

/// Makes sure that a bucket is there.
///
/// # Errors
/// `NoSuchBucket`; what the store answers.
pub(crate) fn exists(access: Access<'_>, name: &str) -> Result<(), Error> {
    match access.services.buckets.head_bucket(name) {
        Ok(_) => Ok(()),
        Err(StoreError::InvalidArgument(_)) => Err(Code::NoSuchBucket.into()),
        Err(error) => Err(error.into()),
    }
}

/// PUT of a bucket.
pub(super) fn create(access: Access<'_>, name: &str, body: &[u8]) -> Result<Response, Error> {
    let Access { services, settings, .. } = access;
    authorize(access, Operation::CreateBucket, Some(name), &[])?;
    if let Err(error) = BucketName::parse_in(name, settings.dialect) {
        return Err(Code::InvalidBucketName.because(error.to_string()));
    }
    let location = location(body)?;
    // A region that is not the endpoint's is another endpoint's business; others give the word a meaning of their own.
    if settings.dialect == Dialect::Aws {
        let given = location.as_deref().unwrap_or("us-east-1");
        if given != settings.region {
            return Err(match &location {
                None => Code::IllegalLocationConstraintException.into(),
                Some(given) => incompatible(given),
            });
        }
    }
    match services.bucket_creation.create_bucket(name, location.as_deref()) {
        Ok(CreationOutcome::Created) => {
            // One that had this name before may have left its policy behind.
            policies::forget(services, name)?;
            Ok(Response::empty(200).header("location", &format!("/{name}")))
        }
        Ok(CreationOutcome::AlreadyOwned) => Err(Code::BucketAlreadyOwnedByYou.into()),
        Ok(CreationOutcome::Taken) => Err(Code::BucketAlreadyExists.into()),
        Err(StoreError::InvalidArgument(why)) => Err(Code::InvalidBucketName.because(why)),
        Err(error) => Err(error.into()),
    }
}

fn incompatible(given: &str) -> Error {
    Code::IllegalLocationConstraintException.saying(format!(
        "The {given} location constraint is incompatible for the region specific endpoint this request was sent to."
    ))
}
