//! Values of a report that are texts made of several things: access control lists, tags, user metadata.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use stocktake_capabilities::{Grant, ObjectDetail};

use super::UNAVAILABLE;

/// The version of the form of access control lists in reports, a date.
const ACL_VERSION: &str = "2022-11-10";

/// An access control list: base64 of JSON.
///
/// None where the store answered and told no list. Source: "Working with the Object ACL field" in the Amazon S3 user
/// guide; grantees are canonical users, or groups with a URI.
pub(super) fn acl(grants: Option<&[Grant]>, is_unavailable: bool) -> Option<String> {
    let (status, grants) = match grants {
        Some(grants) => ("AVAILABLE", grants),
        None if is_unavailable => (UNAVAILABLE, &[][..]),
        None => return None,
    };
    let grants = grants.iter().map(grant).collect::<Vec<_>>().join(",");
    let version = ACL_VERSION;
    let json = format!(r#"{{"version":"{version}","status":"{status}","grants":[{grants}]}}"#);
    Some(STANDARD.encode(json))
}

/// Tags as `k=v&k2=v2`, sorted as the store's answer is, with everything but unreserved characters (RFC 3986, section
/// 2.3) percent-encoded; none where there are none.
pub(super) fn tags(detail: &ObjectDetail) -> Option<String> {
    let tags = detail.tags.as_ref().filter(|tags| !tags.is_empty())?;
    let mut text = String::new();
    for (key, value) in tags {
        if !text.is_empty() {
            text.push('&');
        }
        encode(key, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    Some(text)
}

/// The headers `x-cos-meta-*` of an object as a JSON object, sorted by name; none where it has none.
pub(super) fn cos_meta(detail: &ObjectDetail) -> Option<String> {
    let headers = detail.user_metadata.iter();
    let headers: BTreeMap<String, &str> =
        headers.map(|(name, value)| (format!("x-cos-meta-{name}"), value.as_str())).collect();
    // A map of texts always serialises.
    (!headers.is_empty()).then(|| serde_json::to_string(&headers).unwrap_or_default())
}

fn grant(grant: &Grant) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let permission = text(&grant.permission);
    match (&grant.canonical_id, &grant.uri) {
        (None, Some(uri)) => {
            format!(r#"{{"uri":{},"permission":{permission},"type":"Group"}}"#, text(uri))
        }
        (id, _) => {
            let id = text(id.as_deref().unwrap_or_default());
            format!(r#"{{"canonicalId":{id},"type":"CanonicalUser","permission":{permission}}}"#)
        }
    }
}

fn encode(text: &str, out: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 0x0f)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_acl(grants: Option<&[Grant]>, is_unavailable: bool, expected: Option<&str>) {
        let found = acl(grants, is_unavailable);
        let found = found.map(|text| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn access_control_lists_have_the_form_of_s3() {
        let user = Grant {
            canonical_id: Some("79a5\"9d".to_owned()),
            uri: None,
            permission: "FULL_CONTROL".to_owned(),
        };
        let group = Grant {
            canonical_id: None,
            uri: Some("http://acs.amazonaws.com/groups/global/AllUsers".to_owned()),
            permission: "READ".to_owned(),
        };
        check_acl(
            Some(&[user, group]),
            false,
            Some(
                r#"{"version":"2022-11-10","status":"AVAILABLE","grants":[{"canonicalId":"79a5\"9d","type":"CanonicalUser","permission":"FULL_CONTROL"},{"uri":"http://acs.amazonaws.com/groups/global/AllUsers","permission":"READ","type":"Group"}]}"#,
            ),
        );
        check_acl(
            Some(&[]),
            true,
            Some(r#"{"version":"2022-11-10","status":"AVAILABLE","grants":[]}"#),
        );
        check_acl(
            None,
            true,
            Some(r#"{"version":"2022-11-10","status":"UNAVAILABLE","grants":[]}"#),
        );
        check_acl(None, false, None);
        // Compared as bytes, as decoding would accept other alphabets.
        assert_eq!(
            acl(None, true).unwrap(),
            "eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IlVOQVZBSUxBQkxFIiwiZ3JhbnRzIjpbXX0="
        );
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn tags_are_encoded_so_that_they_split_again() {
        let text = |tags: &[(&str, &str)]| {
            super::tags(&ObjectDetail { tags: Some(pairs(tags)), ..ObjectDetail::default() })
        };
        assert_eq!(
            text(&[("a", "1"), ("b&=", "é +~"), ("c", "")]).as_deref(),
            Some("a=1&b%26%3D=%C3%A9%20%2B~&c=")
        );
        assert_eq!(text(&[]), None);
        assert_eq!(super::tags(&ObjectDetail::default()), None);
    }

    #[test]
    fn metadata_are_the_headers_in_order() {
        let text = |metadata: &[(&str, &str)]| {
            cos_meta(&ObjectDetail { user_metadata: pairs(metadata), ..ObjectDetail::default() })
        };
        assert_eq!(
            text(&[("b", "2\""), ("a", "1")]).as_deref(),
            Some(r#"{"x-cos-meta-a":"1","x-cos-meta-b":"2\""}"#)
        );
        assert_eq!(text(&[]), None);
    }
}
