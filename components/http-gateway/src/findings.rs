//! Findings as they stand in answers.

use std::fmt::Write as _;

use stocktake_core::finding::Finding;

/// The header that tells what is wrong with a document, since S3's answers have one text for all of it.
pub(crate) const HEADER: &str = "x-stocktake-findings";

/// The most bytes of the header: half of what common servers and clients take for all headers together.
const HEADER_BYTES_MAX: usize = 4 << 10;

/// Room for the last item, which tells how many findings are left out.
const REST_BYTES_MAX: usize = 24;

/// The findings as a JSON array in ASCII; as many as there is room for, and then `{"more":N}`. None without findings.
pub(crate) fn header(findings: &[Finding]) -> Option<String> {
    if findings.is_empty() {
        return None;
    }
    let mut out = String::from("[");
    for (index, finding) in findings.iter().enumerate() {
        let item = ascii(&brief(finding));
        if out.len() + item.len() + REST_BYTES_MAX > HEADER_BYTES_MAX {
            // Writing to a string always succeeds.
            let _ = write!(out, "{{\"more\":{}}}]", findings.len() - index);
            return Some(out);
        }
        out.push_str(&item);
        out.push(if index + 1 == findings.len() { ']' } else { ',' });
    }
    Some(out)
}

/// The findings as a JSON array, whole.
pub(crate) fn json(findings: &[Finding]) -> String {
    // Strings and options of them always serialise.
    serde_json::to_string(findings).unwrap_or_default()
}

/// The first of some findings, and how many more there are; none without any.
pub(crate) fn summary<'a>(mut found: impl Iterator<Item = &'a Finding>) -> Option<String> {
    let first = sentence(found.next()?);
    Some(match found.count() {
        0 => first,
        more => format!("{first}; and {more} more"),
    })
}

/// A finding as S3 words its messages: its code, its place, and what is wrong.
pub(crate) fn sentence(finding: &Finding) -> String {
    let Finding { code, pointer, message, .. } = finding;
    match pointer.as_str() {
        "" => format!("{code}: {message}"),
        pointer => format!("{code} at {pointer}: {message}"),
    }
}

/// What tells a finding from others, and what to do about it.
fn brief(finding: &Finding) -> String {
    let mut object = serde_json::Map::new();
    let mut put = |name: &str, value: String| object.insert(name.to_owned(), value.into());
    put("code", finding.code.to_string());
    put("level", word(&finding.level));
    put("dialect", word(&finding.dialect));
    put("pointer", finding.pointer.clone());
    put("message", finding.message.clone());
    if let Some(suggestion) = &finding.suggestion {
        put("suggestion", suggestion.clone());
    }
    serde_json::Value::Object(object).to_string()
}

fn word(value: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// JSON text with everything that is not printable ASCII escaped.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use stocktake_core::finding::{Dialect, Level};

    use super::*;

    fn finding(message: &str) -> Finding {
        Finding {
            code: "CF100".into(),
            level: Level::Error,
            dialect: Dialect::Aws,
            document: String::new(),
            pointer: "/Id".to_owned(),
            message: message.to_owned(),
            value: None,
            allowed: None,
            suggestion: Some("\"a\"".to_owned()),
            patch: None,
        }
    }

    #[test]
    fn a_header_is_printable_ascii() {
        let header = header(&[finding("é \u{1f600} \n")]).unwrap();
        assert_eq!(
            header,
            r#"[{"code":"CF100","dialect":"aws","level":"error","message":"\u00e9 \ud83d\ude00 \n","pointer":"/Id","suggestion":"\"a\""}]"#
        );
        let read: serde_json::Value = serde_json::from_str(&header).unwrap();
        assert_eq!(read[0]["message"], "é \u{1f600} \n");
        assert_eq!(super::header(&[]), None);
    }

    #[test]
    fn a_header_has_a_limit() {
        let many: Vec<Finding> = (0..1000).map(|_| finding("it is wrong")).collect();
        let told = header(&many).unwrap();
        assert!(told.len() <= HEADER_BYTES_MAX && told.len() > HEADER_BYTES_MAX / 2);
        let read: Vec<serde_json::Value> = serde_json::from_str(&told).unwrap();
        let more = read.last().unwrap()["more"].as_u64().unwrap();
        assert_eq!(usize::try_from(more).unwrap() + read.len() - 1, 1000);
        for length in 0..400 {
            let many: Vec<Finding> = (0..60).map(|_| finding(&"x".repeat(length))).collect();
            assert!(header(&many).unwrap().len() <= HEADER_BYTES_MAX, "{length}");
        }
        let large = header(&[finding(&"x".repeat(HEADER_BYTES_MAX))]);
        assert_eq!(large.as_deref(), Some(r#"[{"more":1}]"#));
    }
}
