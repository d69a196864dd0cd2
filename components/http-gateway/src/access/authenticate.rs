//! Who is calling.

use stocktake_capabilities::Identity;
use stocktake_sigv4::{
    Credentials, Error as SignatureError, Header, Mechanism, Payload, Request as Signed, Scope,
    Secret, UnixSeconds, parse, verify,
};

use crate::http::Request;
use crate::s3::{About, Code, Error};
use crate::services::{Moment, Services};
use crate::settings::Settings;

/// The service that signatures are for.
const SERVICE: &str = "s3";

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// Somebody who has proved it.
    Known(Identity),
}

/// Verifies who is calling, and answers the body that they meant: without the frames of chunks.
///
/// # Errors
/// What S3 answers to requests whose sender is not known.
pub(crate) fn authenticate(
    request: &Request,
    services: &Services<'_>,
    settings: &Settings,
    moment: &Moment,
) -> Result<(Caller, Vec<u8>), Error> {
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
            return Ok((Caller::Anonymous, body.clone()));
        }
        parsed => parsed.map_err(refusal)?,
    };
    let identity = services.identities.find(credentials.access_key_id())?;
    let secret = identity.as_ref().and_then(|identity| secret(identity, &credentials));
    let scope = Scope { region: &settings.region, service: SERVICE };
    let now = UnixSeconds(moment.now.seconds);
    let payload = verify(&signed, &credentials, secret.as_ref(), now, scope).map_err(refusal)?;
    let Some(identity) = identity else { return Err(Code::AccessDenied.into()) };
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

fn read(payload: Payload, body: &[u8]) -> Result<Vec<u8>, Error> {
    match payload {
        Payload::Unsigned | Payload::Checked => Ok(body.to_vec()),
        Payload::Sha256(mut check) => {
            check.update(body);
            check.finish().map_err(refusal)?;
            Ok(body.to_vec())
        }
        Payload::Chunked(mut decoder) => {
            let (mut rest, mut object) = (body, Vec::new());
            while let Some(piece) = decoder.decode(&mut rest).map_err(refusal)? {
                object.extend_from_slice(piece);
            }
            decoder.finish().map_err(refusal)?;
            Ok(object)
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
