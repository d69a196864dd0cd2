//! Bucket names and the resource names that hold them.

use std::fmt;

use serde::Serialize;

use crate::finding::Dialect;

/// The name of a bucket.
///
/// - 3 to 63 characters of `a-z`, `0-9`, `.` and `-`
/// - begins and ends with a letter or digit, no two adjacent dots
/// - is not written like an IPv4 address, and has none of the prefixes and suffixes that S3 reserves
///
/// Source: "General purpose bucket naming rules" in the Amazon S3 user guide. Other providers have no dots and other
/// reserved names; [`BucketName::parse_in`] knows their rules.
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
    /// A provider that has no dots in names.
    #[error("a bucket name of this provider holds a-z, 0-9 and `-` only, not '.'")]
    Dot,
    /// The provider keeps this name for itself.
    #[error("the name `{name}` is reserved")]
    ReservedName {
        /// The name.
        name: &'static str,
    },
    /// Names of Tencent COS end with the number of the account.
    #[error("a bucket name of Tencent COS is a name, a hyphen and the APPID, which is a number")]
    NoAppid,
}

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
/// Reserved by `CoreWeave`, as its documentation on buckets says.
const COREWEAVE_RESERVED_PREFIXES: [&str; 4] = ["xn--", "cw-", "vip-", "log-stitcher-ch-"];
const COREWEAVE_RESERVED_NAME: &str = "int";
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
        has_shape(text)?;
        let reserved = RESERVED_PREFIXES
            .into_iter()
            .find(|affix| text.starts_with(affix))
            .or_else(|| RESERVED_SUFFIXES.into_iter().find(|affix| text.ends_with(affix)));
        match reserved {
            Some(affix) => Err(BucketNameError::Reserved { affix }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Checks a name against the rules of this dialect; [`Dialect::Any`] takes what one of the others takes.
    ///
    /// # Errors
    /// The first rule that it breaks; for [`Dialect::Any`] the first rule of Amazon S3.
    ///
    /// # Examples
    /// ```
    /// use stocktake_core::{bucket::BucketName, finding::Dialect};
    ///
    /// assert!(BucketName::parse_in("reports-1259999999", Dialect::Cos).is_ok());
    /// assert!(BucketName::parse_in("reports", Dialect::Cos).is_err());
    /// ```
    pub fn parse_in(text: &str, dialect: Dialect) -> Result<Self, BucketNameError> {
        match dialect {
            Dialect::Aws => return Self::parse(text),
            Dialect::Any => {
                return Self::parse(text).or_else(|error| {
                    let other = Self::parse_in(text, Dialect::Coreweave);
                    other.or_else(|_| Self::parse_in(text, Dialect::Cos)).map_err(|_| error)
                });
            }
            Dialect::Coreweave | Dialect::Cos => has_shape(text)?,
        }
        if text.contains('.') {
            return Err(BucketNameError::Dot);
        }
        if dialect == Dialect::Cos {
            return match name_and_appid(text) {
                Some(_) => Ok(Self(text.to_owned())),
                None => Err(BucketNameError::NoAppid),
            };
        }
        if text == COREWEAVE_RESERVED_NAME {
            return Err(BucketNameError::ReservedName { name: COREWEAVE_RESERVED_NAME });
        }
        match COREWEAVE_RESERVED_PREFIXES.into_iter().find(|affix| text.starts_with(affix)) {
            Some(affix) => Err(BucketNameError::Reserved { affix }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without the APPID, and the APPID, where the name is `<name>-<appid>` as in Tencent COS.
    #[must_use]
    pub fn name_and_appid(&self) -> Option<(&str, &str)> {
        name_and_appid(&self.0)
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

/// What stands before the region in the name that Tencent COS has for a bucket: `qcs::cos:<region>::<name>-<appid>`.
pub const QCS_PREFIX: &str = "qcs::cos:";

/// The most digits of an APPID: as many as fit 64 bits. Today's have ten.
pub const APPID_DIGITS_MAX: usize = 20;

/// The region and the bucket's name in `qcs::cos:<region>::<name>-<appid>`; the name is not looked at.
///
/// # Examples
/// ```
/// use stocktake_core::bucket::split_qcs;
///
/// assert_eq!(split_qcs("qcs::cos:ap-tokyo::reports-1"), Some(("ap-tokyo", "reports-1")));
/// assert_eq!(split_qcs("qcs::cos:ap-tokyo:uid/1:reports-1"), None);
/// ```
#[must_use]
pub fn split_qcs(text: &str) -> Option<(&str, &str)> {
    let (region, name) = text.strip_prefix(QCS_PREFIX)?.split_once("::")?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!region.is_empty() && region.chars().all(allowed)).then_some((region, name))
}

/// What the providers have in common.
fn has_shape(text: &str) -> Result<(), BucketNameError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
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
    Ok(())
}

fn name_and_appid(text: &str) -> Option<(&str, &str)> {
    let (name, appid) = text.rsplit_once('-')?;
    let is_number = (1..=APPID_DIGITS_MAX).contains(&appid.len())
        && appid.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = !name.is_empty() && !name.ends_with('-');
    (is_number && is_name).then_some((name, appid))
}

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
    #[test]
    fn every_dialect_has_its_own_rules() {
        use Dialect::{Any, Aws, Coreweave, Cos};
        let check = |text: &str, taken_by: &[Dialect]| {
            for dialect in [Aws, Coreweave, Cos, Any] {
                let expected = taken_by.contains(&dialect) || dialect == Any;
                assert_eq!(
                    BucketName::parse_in(text, dialect).is_ok(),
                    expected,
                    "{text} {dialect:?}"
                );
            }
        };
        check("orbit-raw", &[Aws, Coreweave]);
        check("orbit.raw", &[Aws]);
        check("sthree-a", &[Coreweave]);
        check("cw-f3a9c1-audit-logs", &[Aws]);
        check("vip-1", &[Aws, Cos]);
        check("int", &[Aws]);
        check("reports-1259999999", &[Aws, Coreweave, Cos]);
        check("reports--1", &[Aws, Coreweave]);
        let error = |text, dialect| BucketName::parse_in(text, dialect).unwrap_err();
        assert_eq!(error("a.b", Coreweave), BucketNameError::Dot);
        assert_eq!(error("int", Coreweave), BucketNameError::ReservedName { name: "int" });
        assert_eq!(error("reports", Cos), BucketNameError::NoAppid);
        assert_eq!(error("reports-12x", Cos), BucketNameError::NoAppid);
        assert_eq!(error("-1", Any), BucketNameError::Length { found: 2 });
        assert_eq!(error("A_", Any), BucketNameError::Character { found: 'A' });
    }

    #[test]
    fn takes_the_appid_off() {
        let parts = |text: &str| {
            let name = BucketName::parse(text).unwrap();
            name.name_and_appid().map(|(name, appid)| format!("{name} {appid}"))
        };
        assert_eq!(parts("my-reports-1259999999").as_deref(), Some("my-reports 1259999999"));
        assert_eq!(parts("orbit-raw"), None);
        assert_eq!(parts("orbit"), None);
        assert_eq!(parts(&format!("a-{}", "1".repeat(21))), None);
    }
}
