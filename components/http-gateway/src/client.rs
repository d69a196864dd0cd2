//! What the host says about the client, in the header that a setting names.

use std::net::IpAddr;

use crate::http::Head;
use crate::settings::Settings;

impl Head {
    /// The same with what the host says about the client: `for=203.0.113.7;proto=https`, as in `Forwarded` (RFC 7239).
    ///
    /// Nothing is known where the setting names no header, or the header is there twice.
    #[must_use]
    pub fn with_client(self, settings: &Settings) -> Self {
        let said = settings.client_header.as_deref().and_then(|name| {
            let mut values =
                self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            let (_, value) = values.next()?;
            values.next().is_none().then(|| String::from_utf8_lossy(value).into_owned())
        });
        let said = said.unwrap_or_default();
        let pair = |name: &str| {
            let mut pairs = said.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let is_secure = match pair("proto") {
            Some("https") => Some(true),
            Some("http") => Some(false),
            _ => None,
        };
        Self { address: pair("for").and_then(address), is_secure, ..self }
    }
}

/// An address; one of IPv6 stands in quotes and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.trim_matches('"');
    let plain = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(plain);
    plain.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: Option<&str>, values: &[&str], expected: (Option<&str>, Option<bool>)) {
        let settings = Settings { client_header: header.map(str::to_owned), ..Settings::default() };
        let headers = values.iter().map(|value| ("X-Client".to_owned(), value.as_bytes().to_vec()));
        let head = Head { headers: headers.collect(), is_secure: Some(true), ..Head::default() };
        let head = head.with_client(&settings);
        let address = head.address.map(|address| address.to_string());
        assert_eq!((address.as_deref(), head.is_secure), expected, "{values:?}");
    }

    #[test]
    fn the_host_is_believed_where_a_setting_says_so() {
        let header = Some("x-client");
        check(header, &["for=203.0.113.7;proto=https"], (Some("203.0.113.7"), Some(true)));
        check(header, &["for=\"[2001:db8::1]\";proto=http"], (Some("2001:db8::1"), Some(false)));
        check(header, &["for=203.0.113.7"], (Some("203.0.113.7"), None));
        check(header, &["proto=http"], (None, Some(false)));
        for wrong in ["", "for=_hidden;proto=ws", "203.0.113.7", ";;=", "\u{fffd}"] {
            check(header, &[wrong], (None, None));
        }
        check(header, &[], (None, None));
        check(header, &["for=203.0.113.7", "for=203.0.113.7"], (None, None));
        check(None, &["for=203.0.113.7;proto=https"], (None, None));
        check(Some("x-other"), &["for=203.0.113.7;proto=https"], (None, None));
    }
}
