//! The text that a signature covers: "Task 1" and "Task 2" of
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.

use crate::error::Error;
use crate::key::sha256;
use crate::request::{QueryPair, Request};
use crate::time::UnixSeconds;
use crate::{hex, percent};

/// The only way to sign that is taken.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The parameter that carries the signature of a presigned request, and so cannot be covered by it.
pub(crate) const SIGNATURE_PARAMETER: &str = "X-Amz-Signature";

/// The canonical request: method, path, query, signed headers, their names, and what is said of the body.
///
/// Bytes, since a header's value may be any.
pub(crate) fn canonical_request(
    request: &Request<'_>,
    signed_headers: &[String],
    payload: &str,
) -> Result<Vec<u8>, Error> {
    let path = percent::canonical_path(request.path).ok_or(Error::InvalidUri)?;
    let query = canonical_query(request)?;
    let mut text = format!("{}\n{path}\n{query}\n", request.method).into_bytes();
    for name in signed_headers {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        for (place, value) in request.values(name).enumerate() {
            if place > 0 {
                text.push(b',');
            }
            text.extend_from_slice(&squeezed(value));
        }
        text.push(b'\n');
    }
    text.extend_from_slice(format!("\n{}\n{payload}", signed_headers.join(";")).as_bytes());
    Ok(text)
}

/// The string to sign of a whole request; `scope` is `20130524/us-east-1/s3/aws4_request`.
pub(crate) fn string_to_sign(at: UnixSeconds, scope: &str, canonical_request: &[u8]) -> String {
    let hash = hex::encode(&sha256(canonical_request));
    format!("{ALGORITHM}\n{}\n{scope}\n{hash}", at.basic())
}

/// All parameters but the signature, encoded anew and then sorted.
fn canonical_query(request: &Request<'_>) -> Result<String, Error> {
    let mut pairs = Vec::new();
    for QueryPair { name, value } in request.query_pairs()? {
        if name == SIGNATURE_PARAMETER.as_bytes() {
            continue;
        }
        let (mut encoded_name, mut encoded_value) = (String::new(), String::new());
        percent::encode(name, &mut encoded_name);
        percent::encode(value, &mut encoded_value);
        pairs.push((encoded_name, encoded_value));
    }
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(pairs.join("&"))
}

/// Without spaces around it, and with one for every run of them within.
fn squeezed(value: &[u8]) -> Vec<u8> {
    let words = value.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}
