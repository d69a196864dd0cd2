//! Refusals as problem details (RFC 9457).

use serde_json::{Map, Value};

use crate::http::Response;
use crate::s3::{About, Error};

const CONTENT_TYPE: &str = "application/problem+json";

/// The answer that says why a request is refused.
///
/// Its type is `about:blank`, so the title is that of the status; `code` is what programs tell it by.
pub(crate) fn problem(error: &Error, request_id: &str) -> Response {
    let mut members = Map::new();
    members.insert("type".to_owned(), "about:blank".into());
    members.insert("title".to_owned(), title(error.status).into());
    members.insert("status".to_owned(), error.status.into());
    members.insert("detail".to_owned(), error.message.as_ref().into());
    members.insert("code".to_owned(), error.code.into());
    members.insert("request_id".to_owned(), request_id.into());
    match &error.about {
        About::Run(run) => {
            members.insert("run".to_owned(), run.as_str().into());
        }
        About::Findings(findings) => {
            members.extend(
                serde_json::to_value(findings).ok().map(|all| ("findings".to_owned(), all)),
            );
        }
        About::After(_) | About::Nothing | About::Methods(_) | About::Region(_) => {}
    }
    let body = Value::Object(members).to_string();
    error.dress(Response::with_body(error.status, CONTENT_TYPE, body))
}

/// The phrase of a status (RFC 9110, section 15).
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        411 => "Length Required",
        422 => "Unprocessable Content",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
