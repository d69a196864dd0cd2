//! Who a request says it is from, and how it means to prove it.

use std::fmt;

use crate::canonical::ALGORITHM;
use crate::error::{Error, Place};
use crate::key::Secret;
use crate::request::{Request, is_token};
use crate::time::UnixSeconds;

mod header;
mod query;

/// The longest time that a presigned request may be good for: a week, as for S3.
pub const EXPIRES_SECONDS_MAX: u32 = 604_800;

/// The most headers that a signature covers. S3's own requests sign below twenty, metadata apart.
pub const SIGNED_HEADERS_MAX: usize = 128;

/// The longest id of an access key, as IAM has it.
const ACCESS_KEY_ID_BYTES_MAX: usize = 128;

/// The longest name of a region or service, beyond which it is not quoted in an answer either.
const SCOPE_NAME_BYTES_MAX: usize = 64;

/// Who a request says it is from. Says nothing about whether that is so; [`crate::verify()`] does.
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key_id: String,
    security_token: Option<Secret>,
    pub(crate) proof: Proof,
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// By the header `Authorization: AWS4-HMAC-SHA256 …`.
    Header,
    /// By its query, good until a time that it names.
    Presigned,
    /// By `Authorization: Bearer ID.SECRET`.
    Bearer,
}

impl Credentials {
    /// What the secret is to be looked up by: an access key's id, or a bearer token's up to its first dot.
    ///
    /// 1 to 128 ASCII characters, neither spaces nor slashes among them.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The token that comes with temporary keys. It is the caller's to judge; the signature covers it.
    #[must_use]
    pub fn security_token(&self) -> Option<&Secret> {
        self.security_token.as_ref()
    }

    /// Whether whoever the request is from vouches for a header of this name, written in lower case. A bearer token vouches
    /// for whatever comes along with it.
    #[must_use]
    pub fn vouches_for(&self, header: &str) -> bool {
        match &self.proof {
            Proof::Bearer(_) => true,
            Proof::Signature(Signature { signed_headers, .. }) => {
                signed_headers.iter().any(|signed| signed == header)
            }
        }
    }

    /// How the request is signed.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        match &self.proof {
            Proof::Bearer(_) => Mechanism::Bearer,
            Proof::Signature(Signature { place: Place::Header, .. }) => Mechanism::Header,
            Proof::Signature(Signature { place: Place::Query, .. }) => Mechanism::Presigned,
        }
    }
}

/// What is compared with the secret.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    Signature(Signature),
    Bearer(Secret),
}

/// The fields of a signature.
#[derive(Clone)]
pub(crate) struct Signature {
    pub(crate) place: Place,
    pub(crate) scope: SignedScope,
    pub(crate) at: UnixSeconds,
    /// Of a presigned request: how long it is good for. Zero otherwise.
    pub(crate) expires_seconds: u32,
    /// In lower case, none twice, in the order of the request.
    pub(crate) signed_headers: Vec<String>,
    pub(crate) bytes: [u8; 32],
}

impl fmt::Debug for Signature {
    /// Without the signature, which is as good as a password until it expires.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, scope, at, expires_seconds, signed_headers, bytes: _ } = self;
        to.debug_struct("Signature")
            .field("place", place)
            .field("scope", scope)
            .field("at", at)
            .field("expires_seconds", expires_seconds)
            .field("signed_headers", signed_headers)
            .finish_non_exhaustive()
    }
}

/// What a signature is for, as the request has it.
#[derive(Clone, Debug)]
pub(crate) struct SignedScope {
    /// `20130524`, the day of the signature's time.
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

/// Reads who a request is from.
///
/// # Errors
/// [`Error::Anonymous`] where it does not say so; what is malformed, too large or not supported otherwise. A signature
/// that is no 64 hexadecimal digits is [`Error::SignatureDoesNotMatch`].
pub fn parse(request: &Request<'_>) -> Result<Credentials, Error> {
    request.check()?;
    let authorization = request.single("authorization")?;
    let parameters = query::Parameters::find(request)?;
    match (authorization, parameters) {
        (None, None) => Err(Error::Anonymous),
        (Some(_), Some(_)) => Err(Error::InvalidRequest {
            reason: "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                     parameter or the Authorization header should be specified",
        }),
        (Some(value), None) => header::parse(request, value),
        (None, Some(parameters)) => parameters.parse(),
    }
}

/// Id and scope of `AKIDEXAMPLE/20130524/us-east-1/s3/aws4_request`.
fn credential(text: &str, place: Place) -> Result<(String, SignedScope), Error> {
    let malformed = || {
        place.malformed(within(
            place,
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ))
    };
    let fields: Vec<&str> = text.split('/').take(6).collect();
    let [id, date, region, service, terminal] = fields.as_slice() else { return Err(malformed()) };
    let name = |text: &&str| is_token(text) && text.len() <= SCOPE_NAME_BYTES_MAX;
    if !is_access_key_id(id) || ![region, service, terminal].into_iter().all(name) {
        return Err(malformed());
    }
    if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    if *terminal != "aws4_request" {
        let reason =
            format!("incorrect terminal \"{terminal}\". This endpoint uses \"aws4_request\".");
        return Err(place.malformed(within(place, &reason)));
    }
    let [date, region, service] = [date, region, service].map(|text| (*text).to_owned());
    Ok(((*id).to_owned(), SignedScope { date, region, service }))
}

/// Why a credential is refused; in a query it is said which parameter that is.
pub(crate) fn within(place: Place, reason: &str) -> String {
    match place {
        Place::Header => reason.to_owned(),
        Place::Query => format!("Error parsing the X-Amz-Credential parameter; {reason}"),
    }
}

fn is_access_key_id(text: &str) -> bool {
    (1..=ACCESS_KEY_ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
}

/// The date in the scope is that of the time.
fn check_date(scope: &SignedScope, at: UnixSeconds, place: Place) -> Result<(), Error> {
    let (date, time) = (&scope.date, at.basic());
    if time.starts_with(date.as_str()) {
        return Ok(());
    }
    let reason = format!(
        "Invalid credential date \"{date}\". This date is not the same as X-Amz-Date: \"{time}\"."
    );
    Err(place.malformed(within(place, &reason)))
}

/// The names of `host;range;x-amz-date`.
fn signed_headers(text: &str, place: Place) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::new();
    for name in text.split(';') {
        if names.len() == SIGNED_HEADERS_MAX {
            let what = "number of signed headers";
            return Err(Error::TooLarge { what, limit: SIGNED_HEADERS_MAX });
        }
        let lower = is_token(name) && !name.bytes().any(|byte| byte.is_ascii_uppercase());
        if !lower || names.iter().any(|known| known == name) {
            return Err(place.malformed(format!(
                "{} must name headers in lower case, each once, with semicolons between them.",
                match place {
                    Place::Header => "SignedHeaders",
                    Place::Query => "X-Amz-SignedHeaders",
                }
            )));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// What to answer about an algorithm other than the one that is taken; None for that one.
fn unknown_algorithm(name: &str) -> Option<Error> {
    match name {
        ALGORITHM => None,
        // Version 4a, which signs for many regions with a key pair.
        "AWS4-ECDSA-P256-SHA256" => Some(Error::NotImplemented),
        _ => Some(Error::UnsupportedScheme),
    }
}
