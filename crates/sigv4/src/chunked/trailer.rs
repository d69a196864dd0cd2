//! The lines behind the last chunk.

use super::Chain;
use crate::error::{BodyError, Error};
use crate::hex;
use crate::key::same;
use crate::request::{Request, is_token, trimmed};

/// The most bytes of a trailer. S3's carry one checksum, of at most 88 digits, and a signature.
pub const TRAILER_BYTES_MAX: usize = 2 * 1024;

/// The most names that `x-amz-trailer` may announce.
const TRAILERS_MAX: usize = 8;

const SIGNATURE: &str = "x-amz-trailer-signature";

/// A header that came behind the body, such as `x-amz-checksum-crc32`. What it says is for the caller to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// In lower case; one of those that the signed header `x-amz-trailer` announced.
    pub name: String,
    /// Without spaces around it.
    pub value: String,
}

/// Reads a trailer line by line.
#[derive(Debug)]
pub(super) struct TrailerReader {
    /// Names that are still to come.
    announced: Vec<String>,
    read: Vec<Trailer>,
    /// All lines but the signature's, in the form that is signed.
    text: String,
    bytes: usize,
    /// Whether the signature was there and right.
    verified: bool,
}

impl TrailerReader {
    pub(super) fn new(request: &Request<'_>) -> Result<Self, Error> {
        let value = request.single("x-amz-trailer")?.unwrap_or_default();
        let names = str::from_utf8(value).map_err(|_| BodyError::MalformedTrailer)?;
        let names = names.split(',').map(|name| name.trim_ascii().to_ascii_lowercase());
        let announced: Vec<String> =
            names.filter(|name| !name.is_empty()).take(TRAILERS_MAX + 1).collect();
        if announced.len() > TRAILERS_MAX {
            return Err(Error::TooLarge { what: "number of trailers", limit: TRAILERS_MAX });
        }
        let (read, text) = (Vec::new(), String::new());
        Ok(Self { announced, read, text, bytes: 0, verified: false })
    }

    /// Takes a line without its line feed; whether it was the last. `chain` is there where the trailer is signed.
    pub(super) fn line(
        &mut self,
        line: &[u8],
        chain: Option<&mut Chain>,
    ) -> Result<bool, BodyError> {
        self.bytes = self.bytes.saturating_add(line.len() + 1);
        if self.bytes > TRAILER_BYTES_MAX {
            return Err(BodyError::MalformedTrailer);
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return match chain {
                // S3's documentation shows a line end too many before the signature, and some clients send it.
                Some(_) if !self.verified => Ok(false),
                _ if self.announced.is_empty() => Ok(true),
                _ => Err(BodyError::MalformedTrailer),
            };
        }
        let (name, value) = field(line).ok_or(BodyError::MalformedTrailer)?;
        match chain {
            _ if self.verified => Err(BodyError::MalformedTrailer),
            Some(chain) if name == SIGNATURE => self.signature(value, chain).map(|()| false),
            _ => self.header(name, value).map(|()| false),
        }
    }

    pub(super) fn into_trailers(self) -> Vec<Trailer> {
        self.read
    }

    fn header(&mut self, name: String, value: &str) -> Result<(), BodyError> {
        let place = self.announced.iter().position(|announced| *announced == name);
        let place = place.ok_or(BodyError::MalformedTrailer)?;
        self.announced.remove(place);
        self.text.extend([name.as_str(), ":", value, "\n"]);
        self.read.push(Trailer { name, value: value.to_owned() });
        Ok(())
    }

    fn signature(&mut self, digits: &str, chain: &mut Chain) -> Result<(), BodyError> {
        let claimed = hex::decode(digits.as_bytes()).ok_or(BodyError::SignatureDoesNotMatch)?;
        if !same(&chain.trailer(&self.text), &claimed) {
            return Err(BodyError::SignatureDoesNotMatch);
        }
        self.verified = true;
        Ok(())
    }
}

/// Name and value of `name: value`, the name in lower case.
fn field(line: &[u8]) -> Option<(String, &str)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (line.get(..colon)?, trimmed(line.get(colon + 1..)?));
    let name = str::from_utf8(name).ok().filter(|name| is_token(name))?;
    let value = str::from_utf8(value).ok().filter(|value| !value.contains(char::is_control))?;
    Some((name.to_ascii_lowercase(), value))
}
