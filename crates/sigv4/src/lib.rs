//! Verifies AWS Signature Version 4 of requests to S3, and bearer tokens.
//!
//! [`parse`] reads who a request says it is from, the caller looks that identity's secret up, and [`verify()`] decides
//! whether the request is theirs and tells how its body is to be read: as it comes, against a hash, or through a
//! [`ChunkedDecoder`]. [`sign`] makes such requests. Nothing here knows about HTTP libraries, storage or the time of day.
//!
//! The rules are those of "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>), the answers those of its
//! list of error codes (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
//!
//! # Examples
//! ```
//! use stocktake_sigv4::sign::Signer;
//! use stocktake_sigv4::{ContentSha256, Error, Header, Payload, Request, Scope, Secret, UnixSeconds, parse, verify};
//!
//! let now = UnixSeconds(1_369_353_600);
//! let scope = Scope { region: "us-east-1", service: "s3" };
//! let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! let host = Header { name: "host", value: b"examplebucket.s3.amazonaws.com" };
//! let bare = Request { method: "GET", path: "/test.txt", query: "", headers: &[host], body: None };
//!
//! let signer = Signer { access_key_id: "AKIAIOSFODNN7EXAMPLE", secret: &secret, security_token: None, scope };
//! let signed = signer.sign(&bare, ContentSha256::of(b""), now)?;
//! let mut headers = vec![host];
//! headers.extend(signed.headers.iter().map(|(name, value)| Header { name, value: value.as_bytes() }));
//! let request = Request { headers: &headers, body: Some(b""), ..bare };
//!
//! let credentials = parse(&request)?;
//! assert_eq!(credentials.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
//! assert!(matches!(verify(&request, &credentials, Some(&secret), now, scope)?, Payload::Checked));
//!
//! let other = Request { path: "/other.txt", ..request };
//! let refused = verify(&other, &credentials, Some(&secret), now, scope);
//! assert!(matches!(refused, Err(Error::SignatureDoesNotMatch)));
//! # Ok::<(), Error>(())
//! ```

mod canonical;
mod chunked;
mod content_md5;
mod credentials;
mod error;
mod hex;
mod key;
mod payload;
mod percent;
mod request;
pub mod sign;
mod time;
mod verify;

#[cfg(test)]
mod tests;

pub use chunked::{CHUNK_BYTES_MIN, ChunkedDecoder, TRAILER_BYTES_MAX, Trailer};
pub use content_md5::ContentMd5;
pub use credentials::{Credentials, EXPIRES_SECONDS_MAX, Mechanism, SIGNED_HEADERS_MAX, parse};
pub use error::{Answer, BodyError, Error, Place};
pub use key::Secret;
pub use payload::{BodyCheck, Chunking, ContentSha256, Payload};
pub use request::{
    HEADER_BYTES_MAX, HEADERS_MAX, Header, PATH_BYTES_MAX, QUERY_BYTES_MAX, QUERY_PAIRS_MAX,
    QueryPair, Request,
};
pub use time::UnixSeconds;
pub use verify::{SKEW_SECONDS_MAX, Scope, verify};
