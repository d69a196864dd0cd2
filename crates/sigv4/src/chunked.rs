//! Bodies of the form `aws-chunked`: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html> and, with
//! trailers, <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.

use sha2::{Digest as _, Sha256};

use crate::error::{BodyError, Error};
use crate::hex;
use crate::key::same;
use crate::payload::Chunking;
use crate::request::Request;

mod chain;
mod trailer;

pub(crate) use chain::Chain;
use trailer::TrailerReader;
pub use trailer::{TRAILER_BYTES_MAX, Trailer};

/// The fewest bytes of a chunk that is not the last, as S3 has it. Smaller ones would cost more to verify than to send.
pub const CHUNK_BYTES_MIN: u64 = 8 * 1024;

/// The longest line before a chunk: 16 digits, `;chunk-signature=`, 64 digits, and the line's end.
const CHUNK_LINE_BYTES_MAX: usize = 16 + 17 + 64 + 2;

/// Takes a body in chunks apart as it comes, and verifies what can be verified.
///
/// - It keeps no data: the pieces it gives are parts of the input.
/// - A piece is not verified before its chunk has ended, and the object is not whole before [`ChunkedDecoder::finish`];
///   until then nothing may be done that cannot be undone.
/// - After an error it gives nothing but errors.
///
/// # Examples
/// ```
/// use stocktake_sigv4::{Error, Header, Payload, Request, Scope, Secret, UnixSeconds, parse, verify};
///
/// let headers = [
///     Header { name: "authorization", value: b"Bearer id.secret" },
///     Header { name: "x-amz-content-sha256", value: b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" },
///     Header { name: "x-amz-decoded-content-length", value: b"5" },
///     Header { name: "x-amz-trailer", value: b"x-amz-checksum-crc32" },
/// ];
/// let request = Request { method: "PUT", path: "/bucket/key", query: "", headers: &headers, body: None };
/// let (secret, scope) = (Secret::new("secret"), Scope { region: "us-east-1", service: "s3" });
/// let payload = verify(&request, &parse(&request)?, Some(&secret), UnixSeconds(0), scope)?;
///
/// let Payload::Chunked(mut decoder) = payload else { panic!("not in chunks") };
/// let mut object = Vec::new();
/// for mut part in [b"5\r\nhel".as_slice(), b"lo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"] {
///     while let Some(piece) = decoder.decode(&mut part)? {
///         object.extend_from_slice(piece);
///     }
/// }
/// let trailers = decoder.finish()?;
/// assert_eq!(object, b"hello");
/// assert_eq!(trailers[0].value, "NhCmhg==");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct ChunkedDecoder {
    state: State,
    /// The line that is being read, without its end.
    line: Vec<u8>,
    /// None where chunks are not signed.
    signed: Option<SignedChunk>,
    /// Of the object, still to come.
    remaining: u64,
    object_bytes: u64,
    /// Whether a chunk of less than [`CHUNK_BYTES_MIN`] was seen, behind which only the end may follow.
    small_seen: bool,
    /// None where no trailer follows.
    trailer: Option<TrailerReader>,
}

#[derive(Debug)]
struct SignedChunk {
    chain: Chain,
    hash: Sha256,
    /// What the chunk's line says.
    claimed: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In the line before a chunk.
    ChunkLine,
    /// In a chunk's data, of which so much is to come; never zero.
    Data(u64),
    /// Behind a chunk's data.
    DataEnd,
    /// Behind the last chunk, in the trailer or in the empty line that stands for none.
    Trailer,
    Ended,
    Failed,
}

impl ChunkedDecoder {
    /// `chain` is that of the request's signature, which signed chunks need.
    pub(crate) fn new(
        request: &Request<'_>,
        chunking: Chunking,
        chain: Option<Chain>,
    ) -> Result<Self, Error> {
        let length = request.single("x-amz-decoded-content-length")?;
        let length = length.ok_or(BodyError::MissingDecodedLength)?;
        let object_bytes = decimal(length).ok_or(BodyError::MissingDecodedLength)?;
        let chain = match chunking {
            Chunking::UnsignedTrailer => None,
            // Without a signature to begin with, those of the chunks cannot be verified.
            _ => Some(chain.ok_or(BodyError::InvalidContentSha256)?),
        };
        let trailer = match chunking {
            Chunking::Signed => None,
            _ => Some(TrailerReader::new(request)?),
        };
        let signed =
            chain.map(|chain| SignedChunk { chain, hash: Sha256::new(), claimed: [0; 32] });
        Ok(Self {
            state: State::ChunkLine,
            line: Vec::new(),
            signed,
            remaining: object_bytes,
            object_bytes,
            small_seen: false,
            trailer,
        })
    }

    /// How many bytes the object has, as the request says; no more than these are ever given.
    ///
    /// The limit on the size of objects is the caller's.
    #[must_use]
    pub fn object_bytes(&self) -> u64 {
        self.object_bytes
    }

    /// Takes bytes from the front of `input`, and gives the next piece of the object; None once all of `input` is taken.
    ///
    /// # Errors
    /// What is wrong with the body; see [`BodyError`].
    pub fn decode<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<&'i [u8]>, BodyError> {
        let result = self.advance(input);
        if result.is_err() {
            self.state = State::Failed;
        }
        result
    }

    /// Ends the body, and gives the trailer, in the order sent.
    ///
    /// # Errors
    /// [`BodyError::IncompleteBody`] where something is still to come, or an error was given before.
    pub fn finish(self) -> Result<Vec<Trailer>, BodyError> {
        match self.state {
            State::Ended => Ok(self.trailer.map(TrailerReader::into_trailers).unwrap_or_default()),
            _ => Err(BodyError::IncompleteBody),
        }
    }

    fn advance<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<&'i [u8]>, BodyError> {
        while !input.is_empty() {
            match self.state {
                State::Data(left) => return self.data(left, input).map(Some),
                State::Ended | State::Failed => return Err(BodyError::MalformedChunk),
                State::Trailer if self.trailer.is_some() => self.trailer(input)?,
                State::ChunkLine | State::DataEnd | State::Trailer => self.frame(input)?,
            }
        }
        Ok(None)
    }

    fn data<'i>(&mut self, left: u64, input: &mut &'i [u8]) -> Result<&'i [u8], BodyError> {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let (piece, rest) = input.split_at(taken);
        *input = rest;
        let piece_bytes = piece.len() as u64;
        self.remaining = self.remaining.saturating_sub(piece_bytes);
        if let Some(signed) = &mut self.signed {
            signed.hash.update(piece);
        }
        match left.saturating_sub(piece_bytes) {
            0 => {
                self.verify_chunk()?;
                self.state = State::DataEnd;
            }
            left => self.state = State::Data(left),
        }
        Ok(piece)
    }

    /// Compares the chunk that has ended with the signature before it.
    fn verify_chunk(&mut self) -> Result<(), BodyError> {
        let Some(signed) = &mut self.signed else { return Ok(()) };
        let hash = signed.hash.finalize_reset().into();
        if same(&signed.chain.chunk(&hash), &signed.claimed) {
            Ok(())
        } else {
            Err(BodyError::SignatureDoesNotMatch)
        }
    }

    /// Reads on in a line of the frame, all of which end in CR LF.
    fn frame(&mut self, input: &mut &[u8]) -> Result<(), BodyError> {
        let ended = take_line(&mut self.line, input, CHUNK_LINE_BYTES_MAX);
        if !ended.ok_or(BodyError::MalformedChunk)? {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").ok_or(BodyError::MalformedChunk)?;
        match (self.state, line) {
            (State::ChunkLine, line) => self.chunk_line(line),
            (State::DataEnd, b"") => {
                self.state = State::ChunkLine;
                Ok(())
            }
            (State::Trailer, b"") => {
                self.state = State::Ended;
                Ok(())
            }
            _ => Err(BodyError::MalformedChunk),
        }
    }

    /// `10000;chunk-signature=…`, or `10000` where chunks are not signed.
    fn chunk_line(&mut self, line: &[u8]) -> Result<(), BodyError> {
        let text = str::from_utf8(line).map_err(|_| BodyError::MalformedChunk)?;
        let (size, extension) = match text.split_once(';') {
            Some((size, extension)) => (size, Some(extension)),
            None => (text, None),
        };
        let size = hexadecimal(size).ok_or(BodyError::MalformedChunk)?;
        match (&mut self.signed, extension) {
            (Some(signed), Some(extension)) => {
                let digits = extension.strip_prefix("chunk-signature=");
                let digits = digits.ok_or(BodyError::MalformedChunk)?;
                signed.claimed =
                    hex::decode(digits.as_bytes()).ok_or(BodyError::SignatureDoesNotMatch)?;
            }
            (None, None) => {}
            _ => return Err(BodyError::MalformedChunk),
        }
        if size == 0 {
            self.verify_chunk()?;
            self.state = State::Trailer;
            return if self.remaining == 0 { Ok(()) } else { Err(BodyError::IncompleteBody) };
        }
        if self.small_seen {
            return Err(BodyError::ChunkTooSmall);
        }
        if size > self.remaining {
            return Err(BodyError::IncompleteBody);
        }
        self.small_seen = size < CHUNK_BYTES_MIN;
        self.state = State::Data(size);
        Ok(())
    }

    fn trailer(&mut self, input: &mut &[u8]) -> Result<(), BodyError> {
        let Some(trailer) = &mut self.trailer else { return Ok(()) };
        let ended = take_line(&mut self.line, input, TRAILER_BYTES_MAX);
        if !ended.ok_or(BodyError::MalformedTrailer)? {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        let chain = self.signed.as_mut().map(|signed| &mut signed.chain);
        if trailer.line(&line, chain)? {
            self.state = State::Ended;
        }
        Ok(())
    }
}

/// Appends to a line up to its end, which is taken and left out; whether the end was reached, None where it is too long.
fn take_line(line: &mut Vec<u8>, input: &mut &[u8], bytes_max: usize) -> Option<bool> {
    let end = input.iter().position(|byte| *byte == b'\n');
    let (part, rest) = input.split_at(end.unwrap_or(input.len()));
    if line.len() + part.len() > bytes_max {
        return None;
    }
    line.extend_from_slice(part);
    *input = rest.strip_prefix(b"\n").unwrap_or(rest);
    Some(end.is_some())
}

/// Decimal digits alone.
fn decimal(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// 1 to 16 hexadecimal digits alone.
fn hexadecimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.len() <= 16;
    digits.then(|| u64::from_str_radix(text, 16).ok())?
}
