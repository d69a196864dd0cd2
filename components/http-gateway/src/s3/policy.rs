//! Bucket policies: PUT, GET and DELETE.

use serde::de::IgnoredAny;
use stocktake_core::finding::Level;

use super::buckets::exists;
use super::{About, Code, Error};
use crate::access::{Access, Operation, authorize, writer_dialect};
use crate::http::Response;
use crate::{findings, policies};

/// PUT of a bucket's policy, in place of the one before.
pub(super) fn put(access: Access<'_>, bucket: &str, body: &[u8]) -> Result<Response, Error> {
    authorize(access, Operation::PutPolicy, Some(bucket), &[])?;
    exists(access, bucket)?;
    let policy = readable(body)?;
    let dialect = writer_dialect(access.settings.dialect, policy);
    let found = access.services.authorizer.lint(policy, bucket, dialect);
    if let Some(first) = found.iter().find(|finding| finding.level == Level::Error) {
        let message = sentence(&first.message);
        let about = About::Findings(found);
        return Err(Error { about, ..Code::MalformedPolicy.saying(message) });
    }
    policies::put(access.services, bucket, policy)?;
    Ok(Response::empty(204).maybe(findings::HEADER, findings::header(&found)))
}

/// GET of a bucket's policy: the text as it was put.
pub(super) fn get(access: Access<'_>, bucket: &str) -> Result<Response, Error> {
    authorize(access, Operation::GetPolicy, Some(bucket), &[])?;
    exists(access, bucket)?;
    match policies::current(access.services, bucket)? {
        Some(policy) => Ok(Response::with_body(200, "application/json", policy)),
        None => Err(Code::NoSuchBucketPolicy.into()),
    }
}

/// DELETE of a bucket's policy. That there is none is no error, as for Amazon S3.
pub(super) fn delete(access: Access<'_>, bucket: &str) -> Result<Response, Error> {
    authorize(access, Operation::DeletePolicy, Some(bucket), &[])?;
    exists(access, bucket)?;
    policies::delete(access.services, bucket)?;
    Ok(Response::empty(204))
}

/// A finding as S3 words its messages.
fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
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
