//! Secrets, and the keys that follow from them.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A secret access key, a security token or the secret of a bearer token.
///
/// - It never appears in debug output.
/// - Comparing two takes a time that does not depend on where they differ.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the text as it is.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. What it is given to must not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl PartialEq for Secret {
    /// Compares hashes, so that the time tells nothing of a common beginning or of the length of the known secret.
    fn eq(&self, other: &Self) -> bool {
        same(&sha256(self.0.as_bytes()), &sha256(other.0.as_bytes()))
    }
}

impl Eq for Secret {}

/// A key that signs for one day, region and service.
#[derive(Clone)]
pub(crate) struct SigningKey([u8; 32]);

impl SigningKey {
    /// `date` is `20130524`.
    pub(crate) fn derive(secret: &Secret, date: &str, region: &str, service: &str) -> Self {
        let mut first = Vec::with_capacity(4 + secret.0.len());
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.0.as_bytes());
        let key = hmac(&first, date.as_bytes());
        let key = hmac(&key, region.as_bytes());
        let key = hmac(&key, service.as_bytes());
        Self(hmac(&key, b"aws4_request"))
    }

    pub(crate) fn sign(&self, string_to_sign: &str) -> [u8; 32] {
        hmac(&self.0, string_to_sign.as_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(..)")
    }
}

/// Whether two hashes or signatures are equal, in a time that does not depend on where they differ.
pub(crate) fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.ct_eq(other).into()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA256. Brings the key to the length of a block itself (RFC 2104, section 2), which leaves nothing to fail.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let hashed;
    let key = if key.len() > BLOCK {
        hashed = sha256(key);
        hashed.as_slice()
    } else {
        key
    };
    let mut block = [0; BLOCK];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// Test cases 1, 2 and 6 of RFC 4231: keys shorter and longer than a block.
    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let mac = |key: &[u8], message: &[u8]| hex::encode(&hmac(key, message));
        assert_eq!(
            mac(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            mac(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            mac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn secrets_are_compared_and_not_shown() {
        let secret = Secret::new("hunter2");
        assert_eq!(secret, Secret::new("hunter2"));
        assert_ne!(secret, Secret::new("hunter"));
        assert_ne!(secret, Secret::new("hunter22"));
        let key = SigningKey::derive(&secret, "20130524", "us-east-1", "s3");
        assert_eq!(format!("{secret:?} {key:?}"), "Secret(..) SigningKey(..)");
    }
}
