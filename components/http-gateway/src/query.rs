//! The query of a request, decoded.

/// The longest query that is read, in bytes as sent: a presigned one with the longest security token, and some room.
pub(crate) const QUERY_BYTES_MAX: usize = 16 << 10;

/// The most parameters. A presigned request has eight; no call of S3 takes more than a dozen of its own.
const PARAMETERS_MAX: usize = 128;

/// Parameters in the order sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a query; none where it is not percent-encoded UTF-8 or beyond a limit.
    ///
    /// `+` is a space, as it is for the signature.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        if raw.len() > QUERY_BYTES_MAX {
            return None;
        }
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == PARAMETERS_MAX {
                return None;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name, Plus::Space)?, decode(value, Plus::Space)?));
        }
        Some(Self { pairs })
    }

    /// The first value of a parameter; empty where it has none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Whether a parameter is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// What a `+` stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// A space, as in queries.
    Space,
    /// Itself, as in paths.
    Plus,
}

/// Decodes a percent-encoded text; none where it is malformed or not UTF-8.
pub(crate) fn decode(text: &str, plus: Plus) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'+' if plus == Plus::Space => b' ',
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let query = Query::parse("inventory&id=a%2Fb+c&&x-id=Put=1&id=second&%69d2=").unwrap();
        assert_eq!(query.get("id"), Some("a/b c"));
        assert_eq!(query.get("inventory"), Some(""));
        assert_eq!(query.get("x-id"), Some("Put=1"));
        assert_eq!(query.get("id2"), Some(""));
        assert!(!query.has("policy"));
    }

    #[test]
    fn what_is_malformed_or_beyond_a_limit_is_refused() {
        let many = "a&".repeat(PARAMETERS_MAX + 1);
        for raw in ["%", "a=%2", "a=%zz", "a=%ff", many.as_str(), &"a".repeat(QUERY_BYTES_MAX + 1)]
        {
            assert!(Query::parse(raw).is_none(), "{raw}");
        }
        assert!(Query::parse(&"a&".repeat(PARAMETERS_MAX)).is_some());
        assert!(Query::parse(&"a".repeat(QUERY_BYTES_MAX)).is_some());
    }
}
