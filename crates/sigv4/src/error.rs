//! Why a request is refused, in the words of S3.

use std::fmt;

/// What an HTTP answer says besides the message, which is the error's `Display`.
///
/// Codes are those of <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// What stands in `<Code>`.
    pub code: &'static str,
}

/// Where a signature was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the header `Authorization`.
    Header,
    /// In the query of a presigned request.
    Query,
}

impl Place {
    pub(crate) fn malformed(self, reason: impl Into<String>) -> Error {
        Error::Malformed { place: self, reason: reason.into(), region: None }
    }
}

/// Why it is not known that a request is from whom it says.
///
/// The text is safe to show to the client once it is escaped: it may quote the request, never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The request does not say who it is from. The caller decides whether it may go on.
    Anonymous,
    /// There is no such access key. Known to the caller alone; [`crate::verify()`] says it when it is given no secret.
    InvalidAccessKeyId,
    /// The signature is not that of this request with this secret.
    SignatureDoesNotMatch,
    /// A bearer token is no `ID.SECRET`, its secret is wrong, or there is no such id.
    InvalidToken,
    /// The clocks of client and server differ by more than [`crate::SKEW_SECONDS_MAX`].
    TimeTooSkewed,
    /// A presigned request came after its time.
    Expired,
    /// A presigned request came before its time, by more than [`crate::SKEW_SECONDS_MAX`].
    NotYetValid,
    /// Headers that change what a request does are not covered by the signature.
    HeadersNotSigned {
        /// Their names in lower case, in the order of the request.
        names: Vec<String>,
    },
    /// Something in the signature's own fields.
    Malformed {
        /// Where the fields are.
        place: Place,
        /// What is wrong, as S3 words it.
        reason: String,
        /// The region that is served here, where the request was signed for another: the answer's `<Region>`.
        region: Option<String>,
    },
    /// A header that signed requests have is missing.
    MissingHeader {
        /// Its name.
        name: &'static str,
    },
    /// Two ways to sign are used at once, or something in the request cannot be signed at all.
    InvalidRequest {
        /// What is wrong.
        reason: &'static str,
    },
    /// The scheme of `Authorization` is none of S3's.
    UnsupportedScheme,
    /// A way to sign that S3 knows and this crate does not.
    NotImplemented,
    /// Path or query are not percent-encoded.
    InvalidUri,
    /// A limit of this crate.
    TooLarge {
        /// What is too large, such as `path`.
        what: &'static str,
        /// How large it may be, in bytes where `what` is no number.
        limit: usize,
    },
    /// The body is not what the headers say, or they say nothing usable about it.
    Body(BodyError),
}

impl Error {
    /// Status and code of S3's answer.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let (status, code) = match self {
            Self::Anonymous | Self::Expired | Self::NotYetValid | Self::HeadersNotSigned { .. } => {
                (403, "AccessDenied")
            }
            Self::InvalidAccessKeyId => (403, "InvalidAccessKeyId"),
            Self::SignatureDoesNotMatch => (403, "SignatureDoesNotMatch"),
            Self::TimeTooSkewed => (403, "RequestTimeTooSkewed"),
            Self::InvalidToken => (400, "InvalidToken"),
            Self::Malformed { place: Place::Header, .. } => (400, "AuthorizationHeaderMalformed"),
            Self::Malformed { place: Place::Query, .. } => {
                (400, "AuthorizationQueryParametersError")
            }
            Self::MissingHeader { .. } => (400, "MissingSecurityHeader"),
            Self::InvalidRequest { .. } => (400, "InvalidRequest"),
            Self::UnsupportedScheme => (400, "InvalidArgument"),
            Self::NotImplemented => (501, "NotImplemented"),
            Self::InvalidUri => (400, "InvalidURI"),
            Self::TooLarge { .. } => (400, "RequestHeaderSectionTooLarge"),
            Self::Body(error) => return error.answer(),
        };
        Answer { status, code }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Anonymous => "Access Denied",
            Self::InvalidAccessKeyId => {
                "The AWS Access Key Id you provided does not exist in our records."
            }
            Self::SignatureDoesNotMatch => SIGNATURE_DOES_NOT_MATCH,
            Self::InvalidToken => "The provided token is malformed or otherwise not valid.",
            Self::TimeTooSkewed => {
                "The difference between the request time and the server's time is too large."
            }
            Self::Expired => "Request has expired",
            Self::NotYetValid => "Request is not valid yet",
            Self::HeadersNotSigned { names } => {
                let names = names.join(", ");
                return write!(
                    to,
                    "There were headers present in the request which were not signed: {names}"
                );
            }
            Self::Malformed { place: Place::Header, reason, .. } => {
                return write!(to, "The authorization header is malformed; {reason}");
            }
            Self::Malformed { place: Place::Query, reason, .. } => reason,
            Self::MissingHeader { name } => {
                return write!(to, "Your request is missing a required header: {name}");
            }
            Self::InvalidRequest { reason } => reason,
            Self::UnsupportedScheme => "Unsupported Authorization Type",
            Self::NotImplemented => {
                "A header you provided implies functionality that is not implemented."
            }
            Self::InvalidUri => "Couldn't parse the specified URI.",
            Self::TooLarge { what, limit } => {
                return write!(to, "Your request's {what} exceeds the maximum of {limit}.");
            }
            Self::Body(error) => return error.fmt(to),
        };
        to.write_str(text)
    }
}

impl std::error::Error for Error {}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

/// Why a body is not what its request promised. Nothing of such a body may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyError {
    /// `x-amz-content-sha256` is no hash and none of the known words.
    InvalidContentSha256,
    /// The body has another hash than `x-amz-content-sha256`.
    ContentSha256Mismatch,
    /// `Content-MD5` is no MD5 in base64.
    InvalidDigest,
    /// The body has another MD5 than `Content-MD5`.
    BadDigest,
    /// A body in chunks without `x-amz-decoded-content-length`.
    MissingDecodedLength,
    /// The body ends early, or has more or fewer bytes than `x-amz-decoded-content-length`.
    IncompleteBody,
    /// A chunk that is not the last has fewer than [`crate::CHUNK_BYTES_MIN`] bytes.
    ChunkTooSmall,
    /// The frame of a chunk cannot be read.
    MalformedChunk,
    /// The trailer cannot be read, is too long, or is not the one that `x-amz-trailer` announced.
    MalformedTrailer,
    /// The signature of a chunk or of the trailer is not the one that follows from the request's.
    SignatureDoesNotMatch,
}

impl BodyError {
    /// Status and code of S3's answer.
    #[must_use]
    pub fn answer(self) -> Answer {
        let (status, code) = match self {
            Self::InvalidContentSha256 => (400, "InvalidArgument"),
            Self::ContentSha256Mismatch => (400, "XAmzContentSHA256Mismatch"),
            Self::InvalidDigest => (400, "InvalidDigest"),
            Self::BadDigest => (400, "BadDigest"),
            Self::MissingDecodedLength => (411, "MissingContentLength"),
            Self::IncompleteBody => (400, "IncompleteBody"),
            Self::ChunkTooSmall => (403, "InvalidChunkSizeError"),
            Self::MalformedChunk => (400, "InvalidRequest"),
            Self::MalformedTrailer => (400, "MalformedTrailerError"),
            Self::SignatureDoesNotMatch => (403, "SignatureDoesNotMatch"),
        };
        Answer { status, code }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::InvalidContentSha256 => {
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, \
                 STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value."
            }
            Self::ContentSha256Mismatch => {
                "The provided 'x-amz-content-sha256' header does not match what was computed."
            }
            Self::InvalidDigest => "The Content-MD5 you specified was invalid.",
            Self::BadDigest => "The Content-MD5 you specified did not match what we received.",
            Self::MissingDecodedLength => {
                "You must provide the x-amz-decoded-content-length HTTP header."
            }
            Self::IncompleteBody => {
                "You did not provide the number of bytes specified by the Content-Length HTTP header"
            }
            Self::ChunkTooSmall => {
                "Only the last chunk is allowed to have a size less than 8192 bytes"
            }
            Self::MalformedChunk => "The chunks of the body were not well-formed.",
            Self::MalformedTrailer => {
                "The request contained trailing data that was not well-formed or did not conform to our published schema."
            }
            Self::SignatureDoesNotMatch => SIGNATURE_DOES_NOT_MATCH,
        })
    }
}

impl std::error::Error for BodyError {}

const SIGNATURE_DOES_NOT_MATCH: &str = "The request signature we calculated does not match the signature you provided. \
                                        Check your key and signing method.";
