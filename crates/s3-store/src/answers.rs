//! What a store answers, read strictly: pure functions from the bytes of one answer to values.
//!
//! - An answer is taken only whole: its root element closed, every required member there, once, and valid.
//! - No default stands in for a missing value. What stores legitimately omit is an option.
//! - Nothing here knows about the SDK, connections or retries.

pub(crate) mod details;
pub(crate) mod errors;
pub(crate) mod head;
pub(crate) mod listing;
pub(crate) mod object;
pub(crate) mod service;
#[cfg(test)]
mod tests;
pub(crate) mod uploads;
mod xml;

use stocktake_capabilities::Instant;
use stocktake_core::timestamp::Millis;
use stocktake_sigv4::UnixSeconds;

use crate::failure::Answer;

/// The most bytes of an answer that an error shows.
const SHOWN_BYTES_MAX: usize = 200;

/// One answer, with its status, headers and the bytes that came.
#[derive(Clone, Debug)]
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(&'a str, &'a [u8])>,
    /// No more than [`Response::limit`] and a piece; [`Response::body`] refuses what is longer.
    pub(crate) bytes: &'a [u8],
    /// The most bytes that an answer of this kind has.
    pub(crate) limit: usize,
    /// Whether the request was a HEAD, whose answer has no body whatever its headers say.
    pub(crate) is_head: bool,
}

/// Why an answer is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It ends too early; another attempt may bring the whole of it.
    Cut(String),
    /// It is whole and says something that it cannot say.
    Wrong(String),
    /// It is an error of the store.
    Refused(Answer),
}

impl<'a> Response<'a> {
    /// A header as text; none where it is missing.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&'a str>, Flaw> {
        let found = self.headers.iter().find(|(found, _)| *found == name);
        found.map(|(name, value)| header_text(name, value)).transpose()
    }

    /// The body, unless it is larger than an answer of its kind can be.
    pub(crate) fn body(&self) -> Result<&'a [u8], Flaw> {
        let declared = self.declared()?.filter(|_| !self.is_head);
        let limit = self.limit;
        if let Some(declared) = declared.filter(|declared| *declared > limit as u64) {
            return Err(Flaw::Wrong(format!(
                "an answer of {declared} bytes, the limit is {limit}"
            )));
        }
        if self.bytes.len() > limit {
            let begins = shown_start(self.bytes);
            return Err(Flaw::Wrong(format!(
                "an answer of more than {limit} bytes, which is the limit; it begins with \"{begins}\""
            )));
        }
        Ok(self.bytes)
    }

    /// What `Content-Length` says.
    pub(crate) fn declared(&self) -> Result<Option<u64>, Flaw> {
        self.header("content-length")?
            .map(|value| whole_number("content-length", value))
            .transpose()
    }
}

fn header_text<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Flaw> {
    std::str::from_utf8(value).map_err(|_| {
        Flaw::Wrong(format!("the header `{name}` is not UTF-8: \"{}\"", shown_start(value)))
    })
}

/// A number of digits alone.
fn whole_number(name: &str, text: &str) -> Result<u64, Flaw> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| invalid(name, text, "a number of bytes"))
}

/// A time as documents write it, such as `2026-11-08T01:00:00.000Z`.
fn timestamp(name: &str, text: &str) -> Result<Instant, Flaw> {
    let time = Millis::parse_rfc3339(text).filter(|_| text.len() > "2026-11-08".len());
    time.map(|time| Instant::from_millis(time.0))
        .ok_or_else(|| invalid(name, text, "a time such as 2026-11-08T01:00:00Z"))
}

/// A time as headers write it, such as `Sun, 08 Nov 2026 01:00:00 GMT`.
fn http_date(name: &str, text: &str) -> Result<Instant, Flaw> {
    UnixSeconds::parse_http_date(text)
        .map(|time| Instant { seconds: time.0, nanoseconds: 0 })
        .ok_or_else(|| invalid(name, text, "a time such as Sun, 08 Nov 2026 01:00:00 GMT"))
}

fn truth(name: &str, text: &str) -> Result<bool, Flaw> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(name, text, "true or false")),
    }
}

/// An entity tag without its quotes.
pub(crate) fn unquoted(etag: &str) -> &str {
    etag.trim_matches('"')
}

/// The text, unless it is empty.
fn non_empty<T: AsRef<str>>(text: Option<T>) -> Option<T> {
    text.filter(|text| !text.as_ref().is_empty())
}

fn invalid(name: &str, value: &str, allowed: &str) -> Flaw {
    Flaw::Wrong(format!("`{name}` is \"{}\", not {allowed}", shown_start(value.as_bytes())))
}

/// The first bytes, printable.
fn shown_start(bytes: &[u8]) -> String {
    shown(bytes.get(..SHOWN_BYTES_MAX).unwrap_or(bytes))
}

/// The last bytes, printable.
fn shown_end(bytes: &[u8]) -> String {
    shown(bytes.get(bytes.len().saturating_sub(SHOWN_BYTES_MAX)..).unwrap_or(bytes))
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().replace("\\\"", "\"")
}
