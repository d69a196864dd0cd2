//! Percent-encoding as signatures know it: all but the unreserved characters of RFC 3986, with upper-case digits.

/// Appends bytes, encoded; a slash is encoded too.
pub(crate) fn encode(bytes: impl IntoIterator<Item = u8>, out: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            let digits = [byte >> 4, byte & 15];
            out.extend(digits.iter().filter_map(|digit| DIGITS.get(usize::from(*digit))));
        }
    }
}

/// What a name or a value of a query stands for; None where a `%` is not followed by two digits.
///
/// `+` is a space, as S3 and HTML forms have it. Whoever reads the query must read it so too: the signature holds for
/// this reading.
pub(crate) fn decode_query(text: &str) -> Option<Vec<u8>> {
    octets(text).map(|octet| octet.map(|(byte, escaped)| plus(byte, escaped))).collect()
}

/// The path as it is signed for S3: each octet encoded once, slashes as they stood, nothing left out.
///
/// An encoded slash stays encoded. None where a `%` is not followed by two digits.
pub(crate) fn canonical_path(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    for octet in octets(path) {
        match octet? {
            (b'/', Escaped::No) => out.push('/'),
            (byte, _) => encode([byte], &mut out),
        }
    }
    if out.is_empty() {
        out.push('/');
    }
    Some(out)
}

#[derive(Clone, Copy)]
enum Escaped {
    Yes,
    No,
}

fn plus(byte: u8, escaped: Escaped) -> u8 {
    match (byte, escaped) {
        (b'+', Escaped::No) => b' ',
        _ => byte,
    }
}

/// The octets that a text stands for.
fn octets(text: &str) -> impl Iterator<Item = Option<(u8, Escaped)>> {
    let mut bytes = text.bytes();
    std::iter::from_fn(move || {
        let byte = bytes.next()?;
        if byte != b'%' {
            return Some(Some((byte, Escaped::No)));
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16)?.try_into().ok();
        let octet =
            digit().zip(digit()).map(|(high, low): (u8, u8)| (high << 4 | low, Escaped::Yes));
        Some(octet)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_encoded_once_and_otherwise_left_alone() {
        let canonical = |path: &str| canonical_path(path).unwrap();
        assert_eq!(canonical("/a//b/../c/./"), "/a//b/../c/./");
        assert_eq!(canonical("/a%20b%2fc%7E+"), "/a%20b%2Fc~%2B");
        assert_eq!(canonical("/ሴ(1)"), "/%E1%88%B4%281%29");
        assert_eq!(canonical(""), "/");
        for broken in ["/%", "/%2", "/%2x", "/%é", "/%+1"] {
            assert_eq!(canonical_path(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_plus_in_a_query_is_a_space_unless_it_is_encoded() {
        assert_eq!(decode_query("a+b%2Bc%20d").unwrap(), b"a b+c d");
        assert_eq!(decode_query("%FF").unwrap(), [0xFF]);
        assert_eq!(decode_query("100%"), None);
    }
}
