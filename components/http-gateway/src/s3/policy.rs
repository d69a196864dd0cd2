//! Bucket policies: PUT, GET and DELETE.

use serde::de::IgnoredAny;
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::policy::{Document, Options};

use super::buckets::exists;
use super::lockout::check_lockout;
use super::{About, Code, Error};
use crate::access::{Access, Operation, authorize_by, bucket_policy, of_policy, settled};
use crate::findings;
use crate::http::Response;
use crate::policies::{self, Kept};

/// PUT of a bucket's policy, in place of the one before.
///
/// What is wrong with the document refuses it, and then that it locks somebody out. Everything else is told. Whether the
/// caller may do it and whom it locks out is judged by the policy that it replaces, and by no earlier one.
pub(super) fn put(access: Access<'_>, bucket: &str, body: &[u8]) -> Result<Response, Error> {
    let mut document = None;
    settled(|| {
        let before = allowed(access, Operation::PutPolicy, bucket)?;
        // The document is the same in each attempt.
        let (document, dialect) = match &document {
            Some(judged) => judged,
            None => document.insert(usable(access, bucket, body)?),
        };
        let found = check_lockout(access, &before, document, *dialect)?;
        let is_put = policies::put(access.services, &before, &document.text)?;
        Ok(is_put.then(|| Response::empty(204).maybe(findings::HEADER, findings::header(&found))))
    })
}

/// The policy by which the caller may do this, of a bucket that is there.
fn allowed(access: Access<'_>, operation: Operation, bucket: &str) -> Result<Kept, Error> {
    let kept = policies::read(access.services, bucket)?;
    authorize_by(access, operation, Some(bucket), kept.policy(), &[])?;
    exists(access, bucket)?;
    Ok(kept)
}

/// A policy in which nothing is wrong.
fn usable(access: Access<'_>, bucket: &str, body: &[u8]) -> Result<(Document, Dialect), Error> {
    let policy = readable(body)?;
    let dialect = of_policy(access.settings.dialect, policy);
    let options = Options { bucket: Some(bucket.to_owned()), ..Options::default() };
    let document = bucket_policy("bucket-policy", policy);
    let found = access.services.policy_check.lint(&document, dialect, &options);
    if let Some(message) = malformed(&found) {
        let about = About::Findings(found);
        return Err(Error { about, ..Code::MalformedPolicy.saying(message) });
    }
    Ok((document, dialect))
}

/// GET of a bucket's policy: the text as it was put.
pub(super) fn get(access: Access<'_>, bucket: &str) -> Result<Response, Error> {
    match allowed(access, Operation::GetPolicy, bucket)?.policy() {
        Some(policy) => Ok(Response::with_body(200, "application/json", policy)),
        None => Err(Code::NoSuchBucketPolicy.into()),
    }
}

/// DELETE of a bucket's policy. That there is none is no error, as for Amazon S3.
pub(super) fn delete(access: Access<'_>, bucket: &str) -> Result<Response, Error> {
    settled(|| {
        let before = allowed(access, Operation::DeletePolicy, bucket)?;
        let is_deleted = policies::delete(access.services, &before)?;
        Ok(is_deleted.then(|| Response::empty(204)))
    })
}

/// Why a policy is refused: the first of the findings that refuse it, and how many more there are.
fn malformed(found: &[Finding]) -> Option<String> {
    findings::summary(found.iter().filter(|finding| finding.level == Level::Error))
}

/// The text of a policy that can be judged.
fn readable(body: &[u8]) -> Result<&str, Error> {
    let no_object = "Policies must be valid JSON and the first byte must be '{'";
    if body.first() != Some(&b'{') {
        return Err(Code::MalformedPolicy.saying(no_object));
    }
    let text = std::str::from_utf8(body);
    let text = text.map_err(|error| Code::MalformedPolicy.because(error.to_string()))?;
    let whole = serde_json::from_str::<IgnoredAny>(text);
    whole.map_err(|error| Code::MalformedPolicy.because(error.to_string()))?;
    Ok(text)
}
