//! From a request to its answer.

use crate::access::{Access, Content, authenticate};
use crate::address::{Target, target};
use crate::http::{Head, Request, Response};
use crate::query::Query;
use crate::s3::{Code, Error};
use crate::services::{Moment, Services};
use crate::settings::Settings;
use crate::{api, body, checksum, s3};

/// The header that tells the id of a request.
const REQUEST_ID: &str = "x-amz-request-id";

/// Answers a request. The same request at the same moment, with the same things behind `services`, gets the same answer.
///
/// Bodies are at most [`crate::body_limit`] bytes long; a longer one is refused. What is refused has changed nothing.
#[must_use]
pub fn respond(
    request: &Request,
    services: &Services<'_>,
    settings: &Settings,
    moment: &Moment,
) -> Response {
    match answer(request, services, settings, moment) {
        Ok(response) => finish(&request.head, moment, response),
        Err(error) => refused(&request.head, settings, moment, &error),
    }
}

/// The answer that says why a request is refused, in the form that its resource has.
pub(crate) fn refused(
    head: &Head,
    settings: &Settings,
    moment: &Moment,
    error: &Error,
) -> Response {
    let response = match target(head, settings) {
        Some(Target::Api(_)) => api::problem(error, &moment.request_id),
        _ => error.answer(&moment.request_id),
    };
    finish(head, moment, response)
}

/// Adds what every answer has, and takes away the body that an answer to HEAD has not.
fn finish(head: &Head, moment: &Moment, response: Response) -> Response {
    let mut response = response.header(REQUEST_ID, &moment.request_id);
    if head.method == "HEAD" {
        response.body.clear();
    }
    response
}

fn answer(
    request: &Request,
    services: &Services<'_>,
    settings: &Settings,
    moment: &Moment,
) -> Result<Response, Error> {
    let head = &request.head;
    let target = target(head, settings).ok_or(Code::InvalidURI)?;
    let query = Query::parse(&head.query).ok_or(Code::InvalidURI)?;
    body::check(head, settings, &request.body)?;
    if let Target::Api(segments) = &target
        && let Some(response) = api::public(head, segments)
    {
        return response;
    }
    let (caller, Content { bytes: content, trailers }) =
        authenticate(request, services, settings, moment)?;
    body::check_content(head, settings, &content)?;
    checksum::check(head, &trailers, &content)?;
    let access = Access { head, caller: &caller, services, settings, moment };
    match &target {
        Target::Service => s3::service(access, &query),
        Target::Bucket(name) => s3::bucket(access, name, &query, &content),
        // Objects are the store's own business.
        Target::Object => Err(Code::NotImplemented.into()),
        Target::Api(segments) => api::respond(access, segments, &query, &content),
    }
}
