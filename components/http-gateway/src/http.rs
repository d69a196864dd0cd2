//! Requests and responses as values.

use std::fmt;
use std::net::IpAddr;

/// All of a request but its body.
///
/// Its `Debug` form leaves out headers and query, which may hold credentials.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The method, as it was sent.
    pub method: String,
    /// The host that was asked for, with its port where one was sent; empty where only a header says it.
    pub authority: String,
    /// The path as it was sent, percent-encoded; begins with a slash.
    pub path: String,
    /// What follows the question mark, as it was sent; empty without one.
    pub query: String,
    /// Whether it came over TLS; none where that is not known.
    pub is_secure: Option<bool>,
    /// The client's address; none where that is not known.
    pub address: Option<IpAddr>,
    /// Names in any case, each as often as it was sent; values without the space around them.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// The first value of a header; none where it is missing or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok().map(str::trim)
    }

    /// The host that was asked for: the authority, else what the header says.
    pub(crate) fn host(&self) -> &str {
        match self.authority.as_str() {
            "" => self.header("host").unwrap_or_default(),
            authority => authority,
        }
    }

    /// Whether a header was sent, with whatever value.
    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Head")
            .field("method", &self.method)
            .field("authority", &self.authority)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// All of it but the body.
    pub head: Head,
    /// The body, as it was sent.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, each once; values are printable ASCII.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for HEAD.
    pub body: Vec<u8>,
    /// More about a failure, for logs: never sent, and free of credentials.
    pub detail: Option<String>,
}

impl Response {
    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An answer with a body.
    pub(crate) fn with_body(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: body.into(), detail: None }
    }

    /// The same answer with one more header. Characters that a header cannot hold are left out.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let printable = value.chars().filter(|c| matches!(c, ' '..='~'));
        self.headers.push((name, printable.collect()));
        self
    }

    /// The same answer with one more header, where it has a value.
    pub(crate) fn maybe(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.header(name, &value),
            None => self,
        }
    }
}
