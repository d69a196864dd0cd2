//! Who is calling.

use stocktake_capabilities::Identity;
use stocktake_sigv4::{
    Credentials, Error as SignatureError, Header, Mechanism, Payload, Request as Signed, Scope,
    Secret, Trailer, UnixSeconds, parse, verify,
};

use crate::http::Request;
use crate::s3::{About, Code, Error};
use crate::services::{Moment, Services};
use crate::settings::Settings;

/// The service that signatures are for.
const SERVICE: &str = "s3";

/// The header that confirms what a caller might not mean. Whoever sees a request on its way, or was given an address that
/// is signed in advance, must not be able to add it.
pub(crate) const CONFIRM: &str = "x-stocktake-confirm";

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// Somebody who has proved it.
    Known(Identity),
}

/// The body that a caller meant: without the frames of chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    /// What came behind the last chunk. Nobody has compared it with anything yet.
    pub(crate) trailers: Vec<Trailer>,
}

/// Verifies who is calling, and answers the body that they meant.
///
/// # Errors
/// What S3 answers to requests whose sender is not known.
pub(crate) fn authenticate(
    request: &Request,
    services: &Services<'_>,
    settings: &Settings,
    moment: &Moment,
) -> Result<(Caller, Content), Error> {
    let Request { head, body } = request;
    // The host that the request is for is the one that must be signed.
    let is_other = |(name, _): &&(String, Vec<u8>)| !name.eq_ignore_ascii_case("host");
    let mut headers: Vec<Header<'_>> =
        head.headers.iter().filter(is_other).map(|(name, value)| Header { name, value }).collect();
    headers.push(Header { name: "host", value: head.host().as_bytes() });
    let signed = Signed {
        method: &head.method,
        path: &head.path,
        query: &head.query,
        headers: &headers,
        body: Some(body),
    };
    let credentials = match parse(&signed) {
        Err(SignatureError::Anonymous) if settings.allows_anonymous => {
            return Ok((Caller::Anonymous, Content { bytes: body.clone(), ..Content::default() }));
        }
        parsed => parsed.map_err(refusal)?,
    };
    let identity = services.identities.find(credentials.access_key_id())?;
    let secret = identity.as_ref().and_then(|identity| secret(identity, &credentials));
    let scope = Scope { region: &settings.region, service: SERVICE };
    let now = UnixSeconds(moment.now.seconds);
    let payload = verify(&signed, &credentials, secret.as_ref(), now, scope).map_err(refusal)?;
    let Some(identity) = identity else { return Err(Code::AccessDenied.into()) };
    if head.has_header(CONFIRM) && !credentials.vouches_for(CONFIRM) {
        return Err(refusal(SignatureError::HeadersNotSigned { names: vec![CONFIRM.to_owned()] }));
    }
    if credentials.security_token().is_some() {
        // Keys here are lasting ones, to which no such token belongs.
        return Err(Code::InvalidToken.into());
    }
    if identity.suspended {
        return Err(Code::AccessDenied.because("the identity is suspended"));
    }
    Ok((Caller::Known(identity), read(payload, body)?))
}

/// What a caller must know: the secret key, or what follows the id in a bearer token.
///
/// An identity whose secret is no token of its id has none to present.
fn secret(identity: &Identity, credentials: &Credentials) -> Option<Secret> {
    match credentials.mechanism() {
        Mechanism::Header | Mechanism::Presigned => Some(Secret::new(identity.secret.as_str())),
        Mechanism::Bearer => {
            let rest = identity.secret.strip_prefix(credentials.access_key_id())?;
            rest.strip_prefix('.').map(Secret::new)
        }
    }
}

fn read(payload: Payload, body: &[u8]) -> Result<Content, Error> {
    let whole = || Content { bytes: body.to_vec(), ..Content::default() };
    match payload {
        Payload::Unsigned | Payload::Checked => Ok(whole()),
        Payload::Sha256(mut check) => {
            check.update(body);
            check.finish().map_err(refusal)?;
            Ok(whole())
        }
        Payload::Chunked(mut decoder) => {
            let (mut rest, mut bytes) = (body, Vec::new());
            while let Some(piece) = decoder.decode(&mut rest).map_err(refusal)? {
                bytes.extend_from_slice(piece);
            }
            let trailers = decoder.finish().map_err(refusal)?;
            Ok(Content { bytes, trailers })
        }
    }
}

fn refusal(error: impl Into<SignatureError>) -> Error {
    let error = error.into();
    let answer = error.answer();
    let message = error.to_string().into();
    let about = match error {
        SignatureError::Malformed { region: Some(region), .. } => About::Region(region),
        _ => About::Nothing,
    };
    Error { status: answer.status, code: answer.code, message, about, detail: None }
}
