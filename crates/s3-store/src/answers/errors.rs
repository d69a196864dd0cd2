//! Answers that are errors.

use super::xml::Document;
use super::{Flaw, Response, shown_end};
use crate::failure::Answer;

/// The most bytes of an error: S3's longest repeats what was signed, byte for byte, for a key of 1 KiB.
pub(crate) const ERROR_BYTES_MAX: usize = 64 << 10;

#[derive(Clone, Copy)]
enum Member {
    Code,
    Message,
}

/// What a store says in an answer whose status is that of an error.
///
/// # Errors
/// The body is not a whole error, and the status by itself can mean several things: 404 is said of an object, a bucket,
/// a policy and a set of tags.
pub(crate) fn answer(response: &Response<'_>) -> Result<Answer, Flaw> {
    let header = |name| response.header(name).ok().flatten();
    let mut answer = Answer {
        status: response.status,
        retry_after: header("retry-after").and_then(|value| value.parse().ok()),
        region: header("x-amz-bucket-region").map(str::to_owned),
        ..Answer::default()
    };
    if response.is_head {
        return Ok(answer);
    }
    match of_body(response) {
        Ok((code, message)) => (answer.code, answer.message) = (code, message),
        Err(Flaw::Cut(what)) if needs_code(response.status) => {
            return Err(Flaw::Cut(format!("status {}, and {what}", response.status)));
        }
        Err(Flaw::Wrong(what)) if needs_code(response.status) => {
            return Err(Flaw::Wrong(format!("status {}, and {what}", response.status)));
        }
        Err(_) => {}
    }
    Ok(answer)
}

/// Code and message of an error.
///
/// Ceph's gateway answers JSON with the same members where it refuses a request before it knows whose API it is of.
fn of_body(response: &Response<'_>) -> Result<(String, String), Flaw> {
    let body = response.body()?.trim_ascii();
    if !body.starts_with(b"{") {
        return words(Document::of(response, "Error")?);
    }
    let error: serde_json::Value = serde_json::from_slice(body).map_err(|error| {
        let what = format!("the error is not whole: {error}; its end is \"{}\"", shown_end(body));
        if error.is_eof() { Flaw::Cut(what) } else { Flaw::Wrong(what) }
    })?;
    let member = |name: &str| error.get(name).and_then(serde_json::Value::as_str);
    match super::non_empty(member("Code")) {
        Some(code) => Ok((code.to_owned(), member("Message").unwrap_or_default().to_owned())),
        None => Err(Flaw::Wrong(format!("an error without `Code`: \"{}\"", shown_end(body)))),
    }
}

fn needs_code(status: u16) -> bool {
    matches!(status, 400 | 404 | 409)
}

/// The flaw of an answer that is an error although its status is that of success: S3 begins to answer before it knows
/// how the call ends.
pub(super) fn within_success(document: Document<'_>) -> Flaw {
    match words(document) {
        Ok((code, message)) => {
            Flaw::Refused(Answer { status: status_of(&code), code, message, ..Answer::default() })
        }
        Err(flaw) => flaw,
    }
}

/// Code and message of the error whose root element has begun.
fn words(mut document: Document<'_>) -> Result<(String, String), Flaw> {
    let (mut code, mut message) = (None, None);
    while let Some(member) =
        document.next(&[("Code", Member::Code), ("Message", Member::Message)])?
    {
        match member {
            Member::Code => document.once(&mut code, "Code")?,
            Member::Message => document.once(&mut message, "Message")?,
        }
    }
    let code = super::non_empty(code).ok_or_else(|| document.missing("Code"))?;
    document.finish()?;
    // A message is for people, and an error without one is an error.
    Ok((code.into_owned(), message.unwrap_or_default().into_owned()))
}

/// The status with which S3 answers an error of this code where it still can. What is not known may have been done.
fn status_of(code: &str) -> u16 {
    match code {
        "AccessDenied" => 403,
        "NoSuchBucket" | "NoSuchKey" | "NoSuchUpload" | "NoSuchVersion" => 404,
        "PreconditionFailed" => 412,
        "ConditionalRequestConflict" | "OperationAborted" => 409,
        "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" | "EntityTooLarge"
        | "InvalidArgument" | "InvalidRequest" | "MalformedXML" => 400,
        "NotImplemented" => 501,
        "SlowDown" | "ServiceUnavailable" => 503,
        _ => 500,
    }
}
