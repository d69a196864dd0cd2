//! Names of buckets, and keys as requests and listings bear them.

use std::borrow::Cow;
use std::fmt::Write as _;

use stocktake_capabilities::Error;

/// Lengths of bucket names: S3's least, and the most of its oldest region.
const BUCKET_BYTES: std::ops::RangeInclusive<usize> = 3..=255;

/// What the names of directory buckets end with.
const DIRECTORY_BUCKET: &str = "--x-s3";

/// Refuses what can be the name of no bucket, before it becomes part of an address.
///
/// Old buckets have capitals, `_` and long names, so this is wider than today's rule for new ones.
pub(crate) fn check_bucket(name: &str) -> Result<(), Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins || !BUCKET_BYTES.contains(&name.len()) || !name.chars().all(allowed) {
        return Err(Error::NoSuchBucket);
    }
    if name.ends_with(DIRECTORY_BUCKET) {
        return Err(Error::Unsupported(
            "directory buckets list their keys in no order; use a general purpose bucket"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Refuses what can be the key of no object.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() {
        return Err(Error::InvalidArgument("an empty key; name the object".to_owned()));
    }
    Ok(())
}

/// What a key begins with that stands for another one. No bucket's name has a `!`.
const STAND_IN: &str = "STOCKTAKE!";

/// [`STAND_IN`] as addresses bear it.
const STAND_IN_ENCODED: &str = "/STOCKTAKE%21";

/// The key that the SDK is given for a key.
///
/// The SDK takes a key of nothing but white space for none. Such a key gets a stand-in, which [`restored`] replaces
/// in the address before it is signed.
pub(crate) fn sent(key: &str) -> Cow<'_, str> {
    if !key.trim().is_empty() && !key.starts_with(STAND_IN) {
        return Cow::Borrowed(key);
    }
    let mut stand_in = STAND_IN.to_owned();
    for byte in key.bytes() {
        // Writing to a text cannot fail.
        let _ = write!(stand_in, "{byte:02X}");
    }
    Cow::Owned(stand_in)
}

/// The address with the key that a stand-in of [`sent`] stands for; none where there is no stand-in.
pub(crate) fn restored(address: &str) -> Option<String> {
    let path_end = address.find('?').unwrap_or(address.len());
    let (path, query) = address.split_at(path_end);
    let (before, digits) = path.rsplit_once(STAND_IN_ENCODED)?;
    let mut restored = format!("{before}/");
    let mut rest = digits;
    while let Some((pair, behind)) = rest.split_at_checked(2) {
        let byte = u8::from_str_radix(pair, 16).ok()?;
        // Encoded as the signature wants it: what need not be, is not.
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            restored.push(char::from(byte));
        } else {
            let _ = write!(restored, "%{pair}");
        }
        rest = behind;
    }
    restored.push_str(query);
    Some(restored)
}

/// The key that a listing with `encoding-type=url` names; none if its bytes are no UTF-8.
///
/// The encoding is that of HTML forms: `+` is a space. What is no escape stands for itself.
pub(crate) fn decoded(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        let escaped = match (first, behind) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|it| (it, after)),
            _ => None,
        };
        match (escaped, first) {
            (Some(((high, low), after)), _) => {
                bytes.push(high << 4 | low);
                rest = after;
            }
            (None, b'+') => bytes.push(b' '),
            (None, other) => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| digit.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_key_is_decoded_once() {
        assert_eq!(decoded("a+b%2Bc%252F%2f/%C3%9F").as_deref(), Some("a b+c%2F//ß"));
        assert_eq!(decoded("%01%00").as_deref(), Some("\u{1}\0"));
        assert_eq!(decoded("100%").as_deref(), Some("100%"));
        assert_eq!(decoded("%zz%4").as_deref(), Some("%zz%4"));
        assert_eq!(decoded("%ff"), None);
        assert_eq!(decoded("").as_deref(), Some(""));
    }

    #[test]
    fn a_key_that_the_sdk_takes_for_none_gets_there_all_the_same() {
        assert_eq!(sent("a b"), "a b");
        assert_eq!(sent(" \n"), "STOCKTAKE!200A");
        let address = "http://host/bucket/STOCKTAKE%21200A?versionId=1/2";
        assert_eq!(restored(address).as_deref(), Some("http://host/bucket/%20%0A?versionId=1/2"));
        assert_eq!(sent("STOCKTAKE!20"), "STOCKTAKE!53544F434B54414B45213230");
        let address = "http://host/bucket/STOCKTAKE%2153544F434B54414B45213230";
        assert_eq!(restored(address).as_deref(), Some("http://host/bucket/STOCKTAKE%2120"));
        assert_eq!(restored("http://host/bucket?prefix=/STOCKTAKE%2120"), None);
    }

    #[test]
    fn what_is_no_name_is_no_bucket() {
        for name in
            ["", "ab", ".a.b", "a/b", "a b", "..", "a\0b", "-ab", "ümlaut", "arn:aws:s3:::b"]
        {
            assert_eq!(check_bucket(name), Err(Error::NoSuchBucket), "{name:?}");
        }
        for name in ["abc", "a.b-c", "Old_Bucket"] {
            assert_eq!(check_bucket(name), Ok(()), "{name:?}");
        }
        assert!(matches!(check_bucket("fast--use1-az4--x-s3"), Err(Error::Unsupported(_))));
    }
}
