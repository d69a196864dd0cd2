//! A request as far as its signature covers it.

use crate::error::{Error, Place};
use crate::percent;

/// The longest path, in bytes as sent.
///
/// A key has at most 1,024 bytes, which become three times as many when every one is encoded; a bucket's name and slashes
/// come on top.
pub const PATH_BYTES_MAX: usize = 4 * 1024;

/// The longest query, in bytes as sent: a presigned one with the longest security token, encoded, and some room.
pub const QUERY_BYTES_MAX: usize = 16 * 1024;

/// The most names in a query. The widest operation of S3 has about thirty.
pub const QUERY_PAIRS_MAX: usize = 128;

/// The most headers of a request. S3's own have fewer than a hundred names, metadata apart.
pub const HEADERS_MAX: usize = 256;

/// The most bytes that names and values of all headers have together. S3 itself stops at 8 KiB; proxies add their own.
pub const HEADER_BYTES_MAX: usize = 32 * 1024;

/// One header as it was received. Names are compared without regard to case.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Such as `x-amz-date`.
    pub name: &'a str,
    /// Any bytes but line ends and NUL.
    pub value: &'a [u8],
}

/// A name of a query and its value, decoded; both may be any bytes, and the value is empty where there is no `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryPair {
    /// Such as `prefix`.
    pub name: Vec<u8>,
    /// Such as `logs/2026`.
    pub value: Vec<u8>,
}

/// A request as it was received, or as it will be sent.
///
/// - `headers` holds `host`; over HTTP/2 and later the caller makes it from `:authority`.
/// - Path and query are those of the request line, before anything decoded or tidied them.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, in upper case.
    pub method: &'a str,
    /// Percent-encoded, from the first slash up to the question mark.
    pub path: &'a str,
    /// Percent-encoded, behind the question mark; empty where there is none.
    pub query: &'a str,
    /// In the order received; a name may be there more than once.
    pub headers: &'a [Header<'a>],
    /// The whole body where it is at hand; it is then compared with its hash at once.
    pub body: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// Names and values of the query, decoded, in the order sent; those of a presigned request among them.
    ///
    /// A caller that reads the query by other rules may do something else than what was signed.
    ///
    /// # Errors
    /// [`Error::InvalidUri`] where a `%` is not followed by two digits, [`Error::TooLarge`] beyond [`QUERY_PAIRS_MAX`].
    pub fn query_pairs(&self) -> Result<Vec<QueryPair>, Error> {
        let mut pairs = Vec::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == QUERY_PAIRS_MAX {
                return Err(Error::TooLarge {
                    what: "number of query parameters",
                    limit: QUERY_PAIRS_MAX,
                });
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = percent::decode_query(name).zip(percent::decode_query(value));
            let (name, value) = decoded.ok_or(Error::InvalidUri)?;
            pairs.push(QueryPair { name, value });
        }
        Ok(pairs)
    }

    /// All values of a header, in order.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let headers = self.headers.iter();
        headers
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    }

    /// The value of a header that may be there once, without the spaces around it.
    ///
    /// Two of them are refused: whoever reads the other one would act on what was not judged.
    pub(crate) fn single(&self, name: &'static str) -> Result<Option<&'a [u8]>, Error> {
        let mut values = self.values(name);
        let first = values.next().map(trimmed);
        match values.next() {
            Some(_) => Err(Place::Header.malformed(format!("more than one header \"{name}\""))),
            None => Ok(first),
        }
    }

    /// Whether everything is within its limit and can be written into one line of what is signed.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let sizes = [
            ("path", self.path.len(), PATH_BYTES_MAX),
            ("query", self.query.len(), QUERY_BYTES_MAX),
            ("number of headers", self.headers.len(), HEADERS_MAX),
            ("header section", self.header_bytes(), HEADER_BYTES_MAX),
        ];
        if let Some(&(what, _, limit)) = sizes.iter().find(|(_, size, limit)| size > limit) {
            return Err(Error::TooLarge { what, limit });
        }
        if !is_token(self.method) || !self.headers.iter().all(|header| is_token(header.name)) {
            return Err(Error::InvalidRequest {
                reason: "a method or a header's name is not well-formed",
            });
        }
        // A folded line (RFC 9112, section 5.2) or a raw line end could stand for another header in what is signed.
        if self
            .headers
            .iter()
            .any(|header| header.value.iter().any(|byte| b"\r\n\0".contains(byte)))
        {
            return Err(Error::InvalidRequest { reason: "a header's value holds a line end" });
        }
        Ok(())
    }

    fn header_bytes(&self) -> usize {
        self.headers.iter().map(|header| header.name.len() + header.value.len()).sum()
    }
}

/// Whether a text is a token of RFC 9110, section 5.6.2, as methods and names of headers are.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A value without the spaces and tabs around it (RFC 9110, section 5.5), which are all the space that is no matter.
pub(crate) fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
