//! Where a listing goes on.

use stocktake_capabilities::etags::Running;
use stocktake_capabilities::{Error, ListOptions};

/// The form of cursors. Another form gets another mark.
const MARK: char = '1';

/// How much of the digest of bucket and options a cursor holds. A mistake goes unnoticed once in 2^64.
const DIGEST_CHARS: usize = 16;

/// Tokens in use have some hundred bytes; one above this is left out and the last key says where to go on.
const TOKEN_BYTES_MAX: usize = 4096;

/// The last line that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its key.
    pub(crate) key: String,
    /// The store's word for what follows: a continuation token, or with versions the line's version id.
    pub(crate) token: Option<String>,
}

impl Place {
    /// The place as text, for this bucket and these options alone. It needs nothing but the store to be used.
    pub(crate) fn cursor(&self, bucket: &str, options: &ListOptions) -> String {
        let digest = digest(bucket, options);
        let token = self.token.as_deref().filter(|token| token.len() <= TOKEN_BYTES_MAX);
        let length = token.map_or_else(|| "-".to_owned(), |token| token.len().to_string());
        format!("{MARK}{digest}{length}:{}{}", token.unwrap_or_default(), self.key)
    }

    /// Reads a cursor.
    pub(crate) fn of(cursor: &str, bucket: &str, options: &ListOptions) -> Result<Self, Error> {
        let parsed = || {
            let rest = cursor.strip_prefix(MARK)?.strip_prefix(&digest(bucket, options))?;
            let (length, rest) = rest.split_once(':')?;
            if length == "-" {
                return Some(Self { key: rest.to_owned(), token: None });
            }
            let (token, key) = rest.split_at_checked(length.parse().ok()?)?;
            Some(Self { key: key.to_owned(), token: Some(token.to_owned()) })
        };
        parsed().ok_or_else(|| {
            Error::InvalidArgument("the cursor is of another listing; begin without one".to_owned())
        })
    }
}

/// Tells listings apart. Every field goes in with its length, so that no two listings look alike.
fn digest(bucket: &str, options: &ListOptions) -> String {
    let ListOptions { prefix, start_after, until, versions, max_entries } = options;
    let mut digest = Running::new();
    for text in [Some(bucket), Some(prefix), start_after.as_deref(), until.as_deref()] {
        digest.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
        digest.update(text.unwrap_or_default().as_bytes());
    }
    digest.update(&[u8::from(*versions)]);
    digest.update(&max_entries.to_be_bytes());
    digest.finish().chars().take(DIGEST_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_keeps_its_place() {
        let options = ListOptions::default();
        for key in ["", "a", "1:2:ß\0"] {
            for token in [None, Some(""), Some("null"), Some("x:ß")] {
                let place = Place { key: key.to_owned(), token: token.map(str::to_owned) };
                let cursor = place.cursor("bucket", &options);
                assert_eq!(Place::of(&cursor, "bucket", &options), Ok(place), "{cursor}");
            }
        }
    }

    #[test]
    fn a_long_token_is_left_out_and_a_cursor_stays_short() {
        let options = ListOptions::default();
        let place = |bytes| Place { key: "k".repeat(1024), token: Some("t".repeat(bytes)) };
        let longest = place(TOKEN_BYTES_MAX).cursor("bucket", &options);
        assert!(longest.len() <= 8 << 10);
        let read =
            Place::of(&place(TOKEN_BYTES_MAX + 1).cursor("bucket", &options), "bucket", &options);
        assert_eq!(read.unwrap().token, None);
    }

    #[test]
    fn a_cursor_of_another_listing_is_refused() {
        let options =
            ListOptions { prefix: "p".to_owned(), max_entries: 1, ..ListOptions::default() };
        let place = Place { key: "pk".to_owned(), token: None };
        let cursor = place.cursor("bucket", &options);
        let some = |text: &str| Some(text.to_owned());
        let others = [
            ListOptions { prefix: String::new(), ..options.clone() },
            ListOptions { start_after: some(""), ..options.clone() },
            ListOptions { until: some(""), ..options.clone() },
            ListOptions { versions: true, ..options.clone() },
            ListOptions { max_entries: 2, ..options.clone() },
        ];
        for other in others {
            assert!(Place::of(&cursor, "bucket", &other).is_err(), "{other:?}");
        }
        assert!(Place::of(&cursor, "buckets", &options).is_err());
        let long = format!("{}99:short", &cursor[..=DIGEST_CHARS]);
        for broken in ["", "1", "☃", &cursor[1..], &cursor[..17], &long] {
            assert!(Place::of(broken, "bucket", &options).is_err(), "{broken}");
        }
        assert!(Place::of(&cursor, "bucket", &options).is_ok());
    }
}
