//! The JSON API: runs of configurations, and judging documents and policies. Described by a document in the form of `OpenAPI` that is served too.

mod inventory;
mod policy;
mod problem;
mod routes;

use stocktake_core::configuration::DOCUMENT_BYTES_MAX;

use crate::access::Access;
use crate::body::SMALL_BYTES_MAX;
use crate::http::{Head, Response};
use crate::query::Query;
use crate::s3::Error;

pub(crate) use problem::problem;
use routes::{Call, find};

/// The description of the JSON API: an `OpenAPI` 3.1 document.
pub const OPENAPI: &str = include_str!("api/openapi.json");

const JSON: &str = "application/json";

/// How large the body of a call may be.
pub(crate) fn body_limit(method: &str, segments: &[String]) -> usize {
    match find(method, segments) {
        Ok((Call::Validate | Call::Start, _)) => DOCUMENT_BYTES_MAX,
        Ok((call, _)) if is_policy(call) => policy::BODY_BYTES_MAX,
        _ => SMALL_BYTES_MAX,
    }
}

/// Answers calls that nobody needs to be known for, and those that are none of the API's; none for all others.
pub(crate) fn public(head: &Head, segments: &[String]) -> Option<Result<Response, Error>> {
    match find(&head.method, segments) {
        Ok((Call::Health, _)) => Some(Ok(json(200, r#"{"status":"ok"}"#))),
        Ok((Call::Description, _)) => Some(Ok(json(200, OPENAPI))),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    }
}

/// Answers a call of somebody who is known.
pub(crate) fn respond(
    access: Access<'_>,
    segments: &[String],
    query: &Query,
    body: &[u8],
) -> Result<Response, Error> {
    let (call, parameters) = find(&access.head.method, segments)?;
    if is_policy(call) {
        return policy::respond(access, call, body);
    }
    inventory::respond(access, call, parameters, query, body)
}

/// Whether a call judges policies.
fn is_policy(call: Call) -> bool {
    matches!(call, Call::Lint | Call::Evaluate | Call::Preflight | Call::Compare)
}

fn json(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response::with_body(status, JSON, body)
}

#[cfg(test)]
pub(crate) use routes::ROUTES;
