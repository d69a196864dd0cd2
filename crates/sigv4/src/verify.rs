//! Whether a request is from whom it says.

use crate::canonical::{canonical_request, string_to_sign};
use crate::chunked::{Chain, ChunkedDecoder};
use crate::credentials::{Credentials, Proof, Signature, within};
use crate::error::{BodyError, Error, Place};
use crate::key::{Secret, SigningKey, same, sha256};
use crate::payload::{BodyCheck, ContentSha256, Payload};
use crate::request::Request;
use crate::time::UnixSeconds;

/// How far the clocks of client and server may differ, as for S3: 15 minutes.
pub const SKEW_SECONDS_MAX: i64 = 15 * 60;

/// What signatures must be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Such as `us-east-1`.
    pub region: &'a str,
    /// `s3`.
    pub service: &'a str,
}

/// What is signed with where there is no such key, so that this takes the time that a wrong key takes.
pub(crate) const NOBODYS_SECRET: &str = "0000000000000000000000000000000000000000";

/// Decides whether a request is from whom it says, and tells how its body is to be read.
///
/// `credentials` are those that [`crate::parse`] read from the same request, and `secret` is what is known of
/// [`Credentials::access_key_id`], or None where there is nothing: the answer then comes after the same work as for a
/// wrong secret, and is [`Error::InvalidAccessKeyId`] or, for a bearer token, [`Error::InvalidToken`] as for a wrong one.
///
/// A presigned request may come again and again until it expires, and a signed one within [`SKEW_SECONDS_MAX`], as for
/// S3. The security token, if there is one, is the caller's to judge.
///
/// # Errors
/// Why the request is refused; nothing of it may be done then. See [`Error::answer`].
pub fn verify(
    request: &Request<'_>,
    credentials: &Credentials,
    secret: Option<&Secret>,
    now: UnixSeconds,
    scope: Scope<'_>,
) -> Result<Payload, Error> {
    request.check()?;
    let nobodys = Secret::new(NOBODYS_SECRET);
    let is_known = secret.is_some();
    let secret = secret.unwrap_or(&nobodys);
    match &credentials.proof {
        Proof::Bearer(given) => {
            if !(given == secret && is_known) {
                return Err(Error::InvalidToken);
            }
            let content = ContentSha256::of_header(request)?.unwrap_or(ContentSha256::Unsigned);
            payload(request, content, None)
        }
        Proof::Signature(signature) => {
            check_scope(signature, scope)?;
            check_time(signature, now)?;
            check_signed_headers(request, signature)?;
            let content = content(request, signature.place)?;
            let (expected, chain) = expected(request, signature, secret, &content.text())?;
            match (same(&expected, &signature.bytes), is_known) {
                (_, false) => Err(Error::InvalidAccessKeyId),
                (false, true) => Err(Error::SignatureDoesNotMatch),
                (true, true) => payload(request, content, Some(chain)),
            }
        }
    }
}

/// The signature that the request must have, and the chain of its chunks.
pub(crate) fn expected(
    request: &Request<'_>,
    signature: &Signature,
    secret: &Secret,
    payload: &str,
) -> Result<([u8; 32], Chain), Error> {
    let Signature { scope, at, signed_headers, .. } = signature;
    let key = SigningKey::derive(secret, &scope.date, &scope.region, &scope.service);
    let scope = format!("{}/{}/{}/aws4_request", scope.date, scope.region, scope.service);
    let canonical = canonical_request(request, signed_headers, payload)?;
    let bytes = key.sign(&string_to_sign(*at, &scope, &canonical));
    Ok((bytes, Chain { key, at: *at, scope, previous: bytes }))
}

fn check_scope(signature: &Signature, scope: Scope<'_>) -> Result<(), Error> {
    let Signature { place, scope: signed, .. } = signature;
    if signed.region != scope.region {
        let reason =
            format!("the region '{}' is wrong; expecting '{}'", signed.region, scope.region);
        let region = Some(scope.region.to_owned());
        return Err(Error::Malformed { place: *place, reason: within(*place, &reason), region });
    }
    if signed.service != scope.service {
        let reason = format!(
            "incorrect service \"{}\". This endpoint belongs to \"{}\".",
            signed.service, scope.service
        );
        return Err(place.malformed(within(*place, &reason)));
    }
    Ok(())
}

fn check_time(signature: &Signature, now: UnixSeconds) -> Result<(), Error> {
    let age = now.since(signature.at);
    match signature.place {
        Place::Header if age.saturating_abs() > SKEW_SECONDS_MAX => Err(Error::TimeTooSkewed),
        Place::Query if age > i64::from(signature.expires_seconds) => Err(Error::Expired),
        Place::Query if age < -SKEW_SECONDS_MAX => Err(Error::NotYetValid),
        _ => Ok(()),
    }
}

/// `host` and all headers of S3's own must be signed: anyone on the way could add what is not.
fn check_signed_headers(request: &Request<'_>, signature: &Signature) -> Result<(), Error> {
    let is_signed = |name: &str| signature.signed_headers.iter().any(|signed| signed == name);
    let mut names = Vec::new();
    if !is_signed("host") {
        names.push("host".to_owned());
    }
    for header in request.headers {
        let name = header.name.to_ascii_lowercase();
        if name.starts_with("x-amz-") && !is_signed(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { Ok(()) } else { Err(Error::HeadersNotSigned { names }) }
}

/// What is said of the body. A presigned request need not say anything.
pub(crate) fn content(request: &Request<'_>, place: Place) -> Result<ContentSha256, Error> {
    match (ContentSha256::of_header(request)?, place) {
        (Some(content), _) => Ok(content),
        (None, Place::Query) => {
            Ok(ContentSha256::of_query(request)?.unwrap_or(ContentSha256::Unsigned))
        }
        (None, Place::Header) => Err(Error::MissingHeader { name: "x-amz-content-sha256" }),
    }
}

fn payload(
    request: &Request<'_>,
    content: ContentSha256,
    chain: Option<Chain>,
) -> Result<Payload, Error> {
    match (content, request.body) {
        (ContentSha256::Unsigned, _) => Ok(Payload::Unsigned),
        (ContentSha256::Hash(hash), None) => Ok(Payload::Sha256(BodyCheck::new(hash))),
        (ContentSha256::Hash(hash), Some(body)) if same(&hash, &sha256(body)) => {
            Ok(Payload::Checked)
        }
        (ContentSha256::Hash(_), Some(_)) => Err(BodyError::ContentSha256Mismatch.into()),
        (ContentSha256::Chunked(chunking), _) => {
            let decoder = ChunkedDecoder::new(request, chunking, chain)?;
            Ok(Payload::Chunked(Box::new(decoder)))
        }
    }
}
