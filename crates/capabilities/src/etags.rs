//! Entity tags as S3 forms them: the MD5 of the content in lower-case hex.
//!
//! They tell versions apart; nothing relies on them against an attacker.

use md5::{Digest, Md5};

/// The entity tag of a content that was stored in one piece.
#[must_use]
pub fn of_content(content: &[u8]) -> String {
    let mut tag = Running::new();
    tag.update(content);
    tag.finish()
}

/// The entity tag of an object that was joined from parts: the MD5 of their MD5s, and their number.
///
/// None if one of `parts` is not 32 hex digits.
#[must_use]
pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut tag = Running::new();
    let mut count = 0_u32;
    for part in parts {
        if part.len() != 32 {
            return None;
        }
        tag.update(&u128::from_str_radix(part, 16).ok()?.to_be_bytes());
        count += 1;
    }
    Some(format!("{}-{count}", tag.finish()))
}

/// The entity tag of a content that comes piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Running(Md5);

impl Running {
    /// Begins with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The tag of everything so far.
    #[must_use]
    pub fn finish(self) -> String {
        let digest: [u8; 16] = self.0.finalize().into();
        format!("{:032x}", u128::from_be_bytes(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_has_its_md5() {
        assert_eq!(of_content(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(of_content(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
    }

    /// `printf abc | md5sum | xxd -r -p`, twice, through `md5sum`.
    #[test]
    fn parts_have_the_md5_of_their_md5s_and_their_number() {
        let part = of_content(b"abc");
        assert_eq!(
            of_parts([part.as_str(), part.as_str()]).as_deref(),
            Some("043a916d6cfeecedf5e04f0312ba762d-2")
        );
        assert_eq!(of_parts(["abc"]), None);
    }
}
