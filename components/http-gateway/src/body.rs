//! How much of a body is read.

use stocktake_core::configuration::DOCUMENT_BYTES_MAX;
use stocktake_core::finding::Dialect;

use crate::address::{Target, target};
use crate::http::{Head, Response};
use crate::query::Query;
use crate::s3::{self, Code, Error};
use crate::services::Moment;
use crate::settings::Settings;

/// The largest bucket policy, in bytes: as large as a record can be. Amazon S3 takes 20 KiB.
pub const POLICY_BYTES_MAX: usize = 256 << 10;

/// The largest bucket policy of Amazon S3, in bytes.
pub(crate) const AWS_POLICY_BYTES_MAX: usize = 20 << 10;

/// The largest body of any other call, in bytes: `CreateBucketConfiguration` with every member it can have is smaller.
pub(crate) const SMALL_BYTES_MAX: usize = 8 << 10;

/// What the frames of a body in chunks may add: a chunk of 8 KiB has some 90 bytes of them, the trailer at most 2 KiB.
const FRAMES_BYTES_MIN: usize = 4 << 10;

/// How many bytes the body of a request may have as it is sent. Whoever reads it stops there.
///
/// A body that turns out to be longer is handed to [`crate::respond`] with one byte more than this, which then answers
/// what S3 answers.
///
/// # Errors
/// The answer to a request that says itself that its body is longer.
pub fn body_limit(head: &Head, settings: &Settings, moment: &Moment) -> Result<usize, Response> {
    let limit = sent_limit(head, settings);
    let length = head.header("content-length").map(str::parse::<u64>);
    match length {
        Some(Ok(length)) if length > limit as u64 => {
            Err(crate::router::refused(head, settings, moment, &too_large(head)))
        }
        _ => Ok(limit),
    }
}

/// Refuses a body that is longer than it may be.
pub(crate) fn check(head: &Head, settings: &Settings, body: &[u8]) -> Result<(), Error> {
    if body.len() > sent_limit(head, settings) { Err(too_large(head)) } else { Ok(()) }
}

/// Refuses a body that is longer than it may be without its frames.
pub(crate) fn check_content(head: &Head, settings: &Settings, body: &[u8]) -> Result<(), Error> {
    if body.len() > content_limit(head, settings) { Err(too_large(head)) } else { Ok(()) }
}

fn sent_limit(head: &Head, settings: &Settings) -> usize {
    let limit = content_limit(head, settings);
    let content = head.header("x-amz-content-sha256");
    let is_chunked = content.is_some_and(|content| content.starts_with("STREAMING-"));
    if is_chunked { limit + limit / 8 + FRAMES_BYTES_MIN } else { limit }
}

/// The limit by method and resource.
fn content_limit(head: &Head, settings: &Settings) -> usize {
    let (method, query) = (head.method.as_str(), Query::parse(&head.query).unwrap_or_default());
    if !matches!(method, "PUT" | "POST") {
        return 0;
    }
    match target(head, settings) {
        Some(Target::Bucket(_)) => match s3::limit(method, &query) {
            s3::Limit::Configuration => DOCUMENT_BYTES_MAX,
            s3::Limit::Policy if settings.dialect == Dialect::Aws => AWS_POLICY_BYTES_MAX,
            s3::Limit::Policy => POLICY_BYTES_MAX,
            s3::Limit::Small => SMALL_BYTES_MAX,
        },
        Some(Target::Api(segments)) => crate::api::body_limit(method, &segments),
        Some(Target::Service | Target::Object) | None => SMALL_BYTES_MAX,
    }
}

fn too_large(head: &Head) -> Error {
    let query = Query::parse(&head.query).unwrap_or_default();
    match (head.method.as_str(), query.has("policy")) {
        ("PUT", true) => Code::PolicyTooLarge.into(),
        _ => Code::MaxMessageLengthExceeded.into(),
    }
}
