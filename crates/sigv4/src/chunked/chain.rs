//! Signatures of chunks, each of which covers the one before:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>.

use crate::hex;
use crate::key::{SigningKey, sha256};
use crate::time::UnixSeconds;

/// Where a chain of signatures has got to. It begins with the signature of the request.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) key: SigningKey,
    pub(crate) at: UnixSeconds,
    /// `20130524/us-east-1/s3/aws4_request`.
    pub(crate) scope: String,
    pub(crate) previous: [u8; 32],
}

impl Chain {
    /// The signature of the next chunk, whose data has this hash.
    pub(crate) fn chunk(&mut self, hash: &[u8; 32]) -> [u8; 32] {
        let nothing = hex::encode(&sha256(b""));
        let (at, previous) = (self.at.basic(), hex::encode(&self.previous));
        let (scope, hash) = (&self.scope, hex::encode(hash));
        self.advance(&format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{at}\n{scope}\n{previous}\n{nothing}\n{hash}"
        ))
    }

    /// The signature of the trailer, given as lines `name:value`, each with its line end.
    pub(crate) fn trailer(&mut self, lines: &str) -> [u8; 32] {
        let (at, previous) = (self.at.basic(), hex::encode(&self.previous));
        let (scope, hash) = (&self.scope, hex::encode(&sha256(lines.as_bytes())));
        self.advance(&format!("AWS4-HMAC-SHA256-TRAILER\n{at}\n{scope}\n{previous}\n{hash}"))
    }

    fn advance(&mut self, string_to_sign: &str) -> [u8; 32] {
        self.previous = self.key.sign(string_to_sign);
        self.previous
    }
}
