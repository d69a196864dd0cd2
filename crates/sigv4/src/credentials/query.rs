//! The parameters of a presigned request:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

use super::{
    Credentials, EXPIRES_SECONDS_MAX, Proof, Signature, check_date, credential, signed_headers,
    unknown_algorithm,
};
use crate::canonical::SIGNATURE_PARAMETER;
use crate::error::{Error, Place};
use crate::hex;
use crate::key::Secret;
use crate::request::{QueryPair, Request};
use crate::time::UnixSeconds;

const PLACE: Place = Place::Query;

/// What a presigned request says about its signature, not yet judged.
#[derive(Default)]
pub(super) struct Parameters {
    algorithm: Option<String>,
    credential: Option<String>,
    date: Option<String>,
    expires: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
    security_token: Option<String>,
}

impl Parameters {
    /// None where the query signs nothing.
    pub(super) fn find(request: &Request<'_>) -> Result<Option<Self>, Error> {
        let mut found = Self::default();
        for QueryPair { name, value } in request.query_pairs()? {
            let slot = match name.as_slice() {
                b"X-Amz-Algorithm" => &mut found.algorithm,
                b"X-Amz-Credential" => &mut found.credential,
                b"X-Amz-Date" => &mut found.date,
                b"X-Amz-Expires" => &mut found.expires,
                b"X-Amz-SignedHeaders" => &mut found.signed_headers,
                b"X-Amz-Security-Token" => &mut found.security_token,
                // Version 2: `AWSAccessKeyId`, `Expires` and `Signature`.
                b"AWSAccessKeyId" => return Err(Error::NotImplemented),
                name if name == SIGNATURE_PARAMETER.as_bytes() => &mut found.signature,
                _ => continue,
            };
            // A text that is not UTF-8 is none of these fields, and is judged as what it then is.
            let value = String::from_utf8(value).unwrap_or_default();
            if slot.replace(value).is_some() {
                let name = String::from_utf8_lossy(&name);
                return Err(PLACE.malformed(format!("{name} must be given once")));
            }
        }
        let signs =
            found.algorithm.is_some() || found.credential.is_some() || found.signature.is_some();
        Ok(signs.then_some(found))
    }

    pub(super) fn parse(self) -> Result<Credentials, Error> {
        let Self {
            algorithm: Some(algorithm),
            credential: Some(identity),
            date: Some(date),
            expires: Some(expires),
            signed_headers: Some(names),
            signature: Some(digits),
            security_token,
        } = self
        else {
            return Err(PLACE.malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                 X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            ));
        };
        if let Some(error) = unknown_algorithm(&algorithm) {
            return Err(match error {
                Error::UnsupportedScheme => {
                    PLACE.malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
                }
                other => other,
            });
        }
        let (access_key_id, scope) = credential(&identity, PLACE)?;
        let at = UnixSeconds::parse_basic(&date).ok_or_else(|| {
            PLACE
                .malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        })?;
        check_date(&scope, at, PLACE)?;
        let expires_seconds = expires_seconds(&expires)?;
        let signed_headers = signed_headers(&names, PLACE)?;
        let bytes = hex::decode(digits.as_bytes()).ok_or(Error::SignatureDoesNotMatch)?;
        Ok(Credentials {
            access_key_id,
            security_token: security_token.map(Secret::new),
            proof: Proof::Signature(Signature {
                place: PLACE,
                scope,
                at,
                expires_seconds,
                signed_headers,
                bytes,
            }),
        })
    }
}

fn expires_seconds(text: &str) -> Result<u32, Error> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PLACE.malformed("X-Amz-Expires should be a number"));
    }
    // Digits alone, so what does not fit is too many of them.
    match text.parse().unwrap_or(u32::MAX) {
        0 => Err(PLACE.malformed("X-Amz-Expires must be at least 1 second")),
        seconds @ 1..=EXPIRES_SECONDS_MAX => Ok(seconds),
        _ => Err(PLACE.malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        )),
    }
}
