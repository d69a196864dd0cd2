//! Texts of settings that are more than texts. Each says what is wrong, and what to write.

use std::net::SocketAddr;

use super::http::{IdentitySettings, Secret};

/// The most characters of a region's name or an account.
const WORD_CHARS_MAX: usize = 64;

/// The most characters of a domain.
const DOMAIN_CHARS_MAX: usize = 253;

/// Reads an address to listen at.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!(
            "`{}` is no address to listen at; write one such as 127.0.0.1:9000, 0.0.0.0:9000 for every interface, or port 0 for a free one",
            text.escape_debug()
        )
    })
}

/// Reads a domain that buckets stand below.
pub(crate) fn domain(text: &str) -> Result<String, String> {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let is_whole = !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    if (1..=DOMAIN_CHARS_MAX).contains(&text.len()) && text.bytes().all(fits) && is_whole {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`{}` is no domain; write one such as s3.example.com, in lower case and without a port",
        text.escape_debug()
    ))
}

/// Reads a region's name.
pub(crate) fn region(text: &str) -> Result<String, String> {
    check_word("region", text).map(|()| text.to_owned())
}

/// Reads `ACCESS-KEY:SECRET:PRINCIPAL-ARN`, an administrator of the ARN's account.
///
/// The first two colons divide, so that the ARN keeps its own. The text is never shown again: it has a secret.
pub(crate) fn identity(text: &str) -> Result<IdentitySettings, String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(access_key), Some(secret), Some(principal))
            if ![access_key, secret, principal].contains(&"") =>
        {
            Ok(IdentitySettings {
                access_key: access_key.to_owned(),
                secret: Secret::Text(secret.to_owned()),
                principal: principal.to_owned(),
                administrator: true,
                ..IdentitySettings::default()
            })
        }
        _ => Err("write ACCESS-KEY:SECRET:PRINCIPAL-ARN, such as AKID:secret:arn:aws:iam::123456789012:user/reporter".to_owned()),
    }
}

/// Reads `ACCESS-KEY:SECRET`, behind which an ARN may stand as in [`identity`]. The text is never shown again.
pub(crate) fn keys(text: &str) -> Result<(String, String), String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next()) {
        (Some(access_key), Some(secret)) if !access_key.is_empty() && !secret.is_empty() => {
            Ok((access_key.to_owned(), secret.to_owned()))
        }
        _ => Err("write ACCESS-KEY:SECRET, such as AKID:secret".to_owned()),
    }
}

pub(super) fn check_word(what: &str, text: &str) -> Result<(), String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=WORD_CHARS_MAX).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(());
    }
    let found = text.escape_debug();
    Err(format!("`{found}` is no {what}; use 1 to {WORD_CHARS_MAX} of A-Z, a-z, 0-9, `-` and `_`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_colons_divide_an_identity() {
        let found = identity("AKID:s/e+c=:arn:aws:iam::123456789012:user/a:b").unwrap();
        assert_eq!(found.access_key, "AKID");
        assert_eq!(found.secret, Secret::Text("s/e+c=".to_owned()));
        assert_eq!(found.principal, "arn:aws:iam::123456789012:user/a:b");
        assert!(found.administrator && !found.suspended);
        for text in ["", "AKID", "AKID:hidden", "AKID::arn", ":hidden:arn", "AKID:hidden:"] {
            let refused = identity(text).unwrap_err();
            assert!(refused.contains("ACCESS-KEY:SECRET:") && !refused.contains("hidden"));
        }
    }

    #[test]
    fn keys_are_an_identity_with_or_without_its_arn() {
        let expected = Ok(("AKID".to_owned(), "s/e+c=".to_owned()));
        assert_eq!(keys("AKID:s/e+c="), expected);
        assert_eq!(keys("AKID:s/e+c=:arn:aws:iam::123456789012:user/a"), expected);
        for text in ["", "AKID", ":hidden", "AKID:", "AKID::arn"] {
            let refused = keys(text).unwrap_err();
            assert!(refused.contains("ACCESS-KEY:SECRET") && !refused.contains("hidden"));
        }
    }

    #[test]
    fn an_address_has_a_port_and_no_name() {
        assert_eq!(address("127.0.0.1:0").unwrap().port(), 0);
        assert!(address("[::1]:9000").is_ok());
        for text in ["9000", ":9000", "localhost:9000", "127.0.0.1", "127.0.0.1:65536"] {
            assert!(address(text).unwrap_err().contains("127.0.0.1:9000"), "{text}");
        }
    }

    #[test]
    fn a_domain_is_bare() {
        assert!(domain("s3.example.com").is_ok() && domain("localhost").is_ok());
        for text in ["", ".a", "a.", "a..b", "A.b", "a:9000", "a/b", "a,b"] {
            assert!(domain(text).is_err(), "{text}");
        }
    }
}
