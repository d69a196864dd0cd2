//! What a request says about its body: `x-amz-content-sha256`.

use sha2::{Digest as _, Sha256};

use crate::chunked::ChunkedDecoder;
use crate::error::{BodyError, Error};
use crate::hex;
use crate::key::{same, sha256};
use crate::request::Request;

/// What `x-amz-content-sha256` can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentSha256 {
    /// `UNSIGNED-PAYLOAD`: the signature does not cover the body.
    Unsigned,
    /// The body has this hash.
    Hash([u8; 32]),
    /// The body comes in chunks of the form `aws-chunked`.
    Chunked(Chunking),
}

/// How the chunks of a body are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunking {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: each chunk is signed.
    Signed,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: each chunk is signed, and so is a trailer behind them.
    SignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: nothing is signed; a trailer carries a checksum.
    UnsignedTrailer,
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

const CHUNKINGS: [(&str, Chunking); 3] = [
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", Chunking::Signed),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", Chunking::SignedTrailer),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", Chunking::UnsignedTrailer),
];

impl ContentSha256 {
    /// The hash of this body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self::Hash(sha256(body))
    }

    /// Reads the header's value.
    ///
    /// # Errors
    /// [`Error::NotImplemented`] for the chunks of version 4a, [`BodyError::InvalidContentSha256`] for anything that is
    /// neither a hash nor a word that S3 knows.
    pub fn parse(value: &[u8]) -> Result<Self, Error> {
        if value == UNSIGNED.as_bytes() {
            return Ok(Self::Unsigned);
        }
        if let Some((_, chunking)) = CHUNKINGS.iter().find(|(word, _)| value == word.as_bytes()) {
            return Ok(Self::Chunked(*chunking));
        }
        if value.starts_with(b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD") {
            return Err(Error::NotImplemented);
        }
        let hash = hex::decode(value).ok_or(BodyError::InvalidContentSha256)?;
        Ok(Self::Hash(hash))
    }

    /// As the header has it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Unsigned => UNSIGNED.to_owned(),
            Self::Hash(hash) => hex::encode(&hash),
            Self::Chunked(chunking) => {
                let words = CHUNKINGS.iter().filter(|(_, known)| *known == chunking);
                words.map(|(word, _)| *word).collect()
            }
        }
    }

    /// What the header says; None where there is none.
    pub(crate) fn of_header(request: &Request<'_>) -> Result<Option<Self>, Error> {
        request.single("x-amz-content-sha256")?.map(Self::parse).transpose()
    }

    /// What the query says, where clients put it that presign; None where it says nothing.
    pub(crate) fn of_query(request: &Request<'_>) -> Result<Option<Self>, Error> {
        let mut pairs = request.query_pairs()?.into_iter();
        let pair = pairs.find(|pair| pair.name == b"X-Amz-Content-Sha256");
        pair.map(|pair| Self::parse(&pair.value)).transpose()
    }
}

/// How the body of a verified request is to be read.
#[derive(Debug)]
pub enum Payload {
    /// The signature says nothing about the body.
    Unsigned,
    /// The body was at hand and is the one that was signed.
    Checked,
    /// The body is the one that was signed if this check says so at its end.
    Sha256(BodyCheck),
    /// The body comes in chunks; what the decoder gives is the object.
    Chunked(Box<ChunkedDecoder>),
}

/// Compares a body with its hash as it comes.
#[derive(Clone, Debug)]
pub struct BodyCheck {
    expected: [u8; 32],
    so_far: Sha256,
}

impl BodyCheck {
    pub(crate) fn new(expected: [u8; 32]) -> Self {
        Self { expected, so_far: Sha256::new() }
    }

    /// Takes the body's next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.so_far.update(bytes);
    }

    /// Says whether the bytes were those that were signed. Before that, nothing may be done that cannot be undone.
    ///
    /// # Errors
    /// [`BodyError::ContentSha256Mismatch`] where they were others.
    pub fn finish(self) -> Result<(), BodyError> {
        if same(&self.so_far.finalize().into(), &self.expected) {
            Ok(())
        } else {
            Err(BodyError::ContentSha256Mismatch)
        }
    }
}
