//! `Authorization`, with a signature or with a bearer token.

use super::{
    Credentials, Proof, Signature, check_date, credential, is_access_key_id, signed_headers,
    unknown_algorithm,
};
use crate::error::{Error, Place};
use crate::hex;
use crate::key::Secret;
use crate::request::Request;
use crate::time::UnixSeconds;

/// The longest `Authorization`: 128 names of signed headers, or a bearer token with claims in it.
const AUTHORIZATION_BYTES_MAX: usize = 8 * 1024;

const PLACE: Place = Place::Header;

pub(super) fn parse(request: &Request<'_>, value: &[u8]) -> Result<Credentials, Error> {
    if value.len() > AUTHORIZATION_BYTES_MAX {
        return Err(Error::TooLarge { what: "Authorization", limit: AUTHORIZATION_BYTES_MAX });
    }
    let text = str::from_utf8(value).map_err(|_| Error::UnsupportedScheme)?;
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Bearer") {
        return bearer(rest.trim_ascii());
    }
    match unknown_algorithm(scheme) {
        None => signature(request, rest),
        // Version 2: `AWS AccessKeyId:Signature`.
        Some(_) if scheme == "AWS" => Err(Error::NotImplemented),
        Some(error) => Err(error),
    }
}

/// The id is the part before the first dot; all behind it is secret.
fn bearer(token: &str) -> Result<Credentials, Error> {
    let (id, secret) = token.split_once('.').ok_or(Error::InvalidToken)?;
    let in_a_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !is_access_key_id(id) || secret.is_empty() || !token.bytes().all(in_a_token) {
        return Err(Error::InvalidToken);
    }
    Ok(Credentials {
        access_key_id: id.to_owned(),
        security_token: None,
        proof: Proof::Bearer(Secret::new(secret)),
    })
}

fn signature(request: &Request<'_>, components: &str) -> Result<Credentials, Error> {
    let [mut identity, mut names, mut digits] = [None; 3];
    for component in components.split(',').map(str::trim_ascii) {
        let (name, value) = component.split_once('=').unwrap_or((component, ""));
        let slot = match name {
            "Credential" => &mut identity,
            "SignedHeaders" => &mut names,
            "Signature" => &mut digits,
            _ => return Err(PLACE.malformed("the authorization component is malformed.")),
        };
        if slot.replace(value).is_some() {
            return Err(PLACE.malformed("an authorization component is there twice."));
        }
    }
    let (Some(identity), Some(names), Some(digits)) = (identity, names, digits) else {
        return Err(PLACE.malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ));
    };
    let (access_key_id, scope) = credential(identity, PLACE)?;
    let signed_headers = signed_headers(names, PLACE)?;
    let at = time(request)?;
    check_date(&scope, at, PLACE)?;
    let bytes = hex::decode(digits.as_bytes()).ok_or(Error::SignatureDoesNotMatch)?;
    Ok(Credentials {
        access_key_id,
        security_token: security_token(request)?,
        proof: Proof::Signature(Signature {
            place: PLACE,
            scope,
            at,
            expires_seconds: 0,
            signed_headers,
            bytes,
        }),
    })
}

/// The time of `x-amz-date`, or of `Date` where that is missing.
fn time(request: &Request<'_>) -> Result<UnixSeconds, Error> {
    let (name, value) = match (request.single("x-amz-date")?, request.single("date")?) {
        (Some(value), _) => ("X-Amz-Date", value),
        (None, Some(value)) => ("Date", value),
        (None, None) => return Err(Error::MissingHeader { name: "x-amz-date" }),
    };
    let text = str::from_utf8(value).unwrap_or_default();
    let time = UnixSeconds::parse_basic(text)
        .or_else(|| UnixSeconds::parse_http_date(text).filter(|_| name == "Date"));
    time.ok_or_else(|| {
        PLACE.malformed(format!(
            "{name} must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ))
    })
}

fn security_token(request: &Request<'_>) -> Result<Option<Secret>, Error> {
    let Some(value) = request.single("x-amz-security-token")? else { return Ok(None) };
    let text = str::from_utf8(value).map_err(|_| Error::InvalidToken)?;
    Ok(Some(Secret::new(text)))
}
