//! Bucket names and the ARNs that hold them.

use std::fmt;

use serde::Serialize;

/// The name of a bucket.
///
/// - 3 to 63 characters of `a-z`, `0-9`, `.` and `-`
/// - begins and ends with a letter or digit, no two adjacent dots
/// - is not written like an IPv4 address, and has none of the prefixes and suffixes that S3 reserves
///
/// Source: "General purpose bucket naming rules" in the Amazon S3 user guide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct BucketName(String);

/// Why a text is no bucket name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BucketNameError {
    /// The length is out of range.
    #[error("a bucket name has 3 to 63 characters, not {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// A character is not allowed.
    #[error("a bucket name holds a-z, 0-9, `.` and `-` only, not {found:?}")]
    Character {
        /// The first one that is not.
        found: char,
    },
    /// The first or last character is a dot or a hyphen.
    #[error("a bucket name begins and ends with a letter or a digit")]
    Edge,
    /// Two dots stand side by side.
    #[error("a bucket name has no two adjacent dots")]
    AdjacentDots,
    /// It reads like an address.
    #[error("a bucket name is not written like an IPv4 address")]
    Address,
    /// S3 keeps such names for itself.
    #[error("names that begin or end with `{affix}` are reserved")]
    Reserved {
        /// The prefix or suffix.
        affix: &'static str,
    },
}

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl BucketName {
    /// Checks a name against the rules of Amazon S3.
    ///
    /// # Errors
    /// The first rule that it breaks.
    ///
    /// # Examples
    /// ```
    /// use stocktake_core::bucket::BucketName;
    ///
    /// assert!(BucketName::parse("orbit-raw").is_ok());
    /// assert_eq!(
    ///     BucketName::parse("Orbit").unwrap_err().to_string(),
    ///     "a bucket name holds a-z, 0-9, `.` and `-` only, not 'O'"
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Self, BucketNameError> {
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if let Some(found) = text.chars().find(|c| !allowed(*c)) {
            return Err(BucketNameError::Character { found });
        }
        if !(3..=63).contains(&text.len()) {
            return Err(BucketNameError::Length { found: text.len() });
        }
        if text.starts_with(['.', '-']) || text.ends_with(['.', '-']) {
            return Err(BucketNameError::Edge);
        }
        if text.contains("..") {
            return Err(BucketNameError::AdjacentDots);
        }
        if text.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(BucketNameError::Address);
        }
        let reserved = RESERVED_PREFIXES
            .into_iter()
            .find(|affix| text.starts_with(affix))
            .or_else(|| RESERVED_SUFFIXES.into_iter().find(|affix| text.ends_with(affix)));
        match reserved {
            Some(affix) => Err(BucketNameError::Reserved { affix }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of the bucket: `arn:aws:s3:::name`.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("{ARN_PREFIX}{}", self.0)
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What stands before the name in a bucket's ARN.
pub const ARN_PREFIX: &str = "arn:aws:s3:::";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<BucketNameError>) {
        assert_eq!(BucketName::parse(text).err(), expected, "{text:?}");
    }

    #[test]
    fn accepts_what_s3_accepts() {
        for text in ["abc", "a.b.c", "0-1", "a--b", "1.2.3", &"a".repeat(63)] {
            check(text, None);
        }
    }

    #[test]
    fn names_the_rule_that_is_broken() {
        check("", Some(BucketNameError::Length { found: 0 }));
        check("ab", Some(BucketNameError::Length { found: 2 }));
        check(&"a".repeat(64), Some(BucketNameError::Length { found: 64 }));
        check("a_b", Some(BucketNameError::Character { found: '_' }));
        check("a/b", Some(BucketNameError::Character { found: '/' }));
        check("-ab", Some(BucketNameError::Edge));
        check("ab.", Some(BucketNameError::Edge));
        check("a..b", Some(BucketNameError::AdjacentDots));
        check("10.0.0.1", Some(BucketNameError::Address));
        check("xn--abc", Some(BucketNameError::Reserved { affix: "xn--" }));
        check("abc-s3alias", Some(BucketNameError::Reserved { affix: "-s3alias" }));
    }
}
