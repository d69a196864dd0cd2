//! Reading `CreateBucketConfiguration`.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::{Code, Error};

/// The most levels that are read; the document has at most five, with tags in it.
const DEPTH_MAX: usize = 8;

/// The most characters of a location; S3's longest has fourteen.
const LOCATION_CHARS_MAX: usize = 64;

/// The location that a new bucket is asked to have; none without a body, or in one that names none.
///
/// There is no document type and so no entity but those of XML itself: the document cannot grow while it is read.
///
/// # Errors
/// `MalformedXML`.
pub(super) fn location(body: &[u8]) -> Result<Option<String>, Error> {
    let malformed = |why: &str| Code::MalformedXML.because(why.to_owned());
    let text = std::str::from_utf8(body).map_err(|_| malformed("not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let (mut has_root, mut location) = (false, None::<String>);
    loop {
        let mut add = |open: &[String], text: &str| match open {
            [_, leaf] if leaf == "LocationConstraint" => {
                location.get_or_insert_default().push_str(text);
                true
            }
            [] | [_] => text.trim_ascii().is_empty(),
            _ => true,
        };
        let is_right = match reader.read_event().map_err(|_| malformed("not well-formed"))? {
            Event::Eof => break,
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                let is_right = begins(&open, &name, has_root);
                has_root = true;
                open.push(name);
                // Given twice, it would read as one text.
                is_right
                    && !(matches!(open.as_slice(), [_, leaf] if leaf == "LocationConstraint")
                        && location.is_some())
            }
            Event::Empty(start) => {
                let is_right = begins(&open, start.local_name().as_ref(), has_root);
                has_root = true;
                is_right
            }
            Event::End(_) => open.pop().is_some(),
            Event::Text(text) => add(&open, &text.xml10_content()),
            Event::CData(text) => add(&open, &text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => add(&open, c.encode_utf8(&mut [0; 4])),
                Ok(None) => resolve_xml_entity(&reference).is_some_and(|text| add(&open, text)),
                Err(_) => false,
            },
            Event::DocType(_) => false,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => true,
        };
        if !is_right {
            return Err(malformed("not the document of this call"));
        }
    }
    if !has_root || !open.is_empty() {
        return Err(malformed("there is no whole root element"));
    }
    let location =
        location.map(|text| text.trim_ascii().to_owned()).filter(|text| !text.is_empty());
    match location {
        Some(text)
            if text.len() > LOCATION_CHARS_MAX
                || !text.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Err(malformed("no location"))
        }
        location => Ok(location),
    }
}

/// Whether an element may begin here.
fn begins(open: &[String], name: &str, has_root: bool) -> bool {
    match open {
        [] => !has_root && matches!(name, "CreateBucketConfiguration" | "CreateBucketRequest"),
        _ => open.len() < DEPTH_MAX,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<Option<String>, &'static str> {
        location(body.as_bytes()).map_err(|error| error.code)
    }

    fn within(inner: &str) -> String {
        format!(
            r#"<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</CreateBucketConfiguration>"#
        )
    }

    #[test]
    fn the_location_is_read() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read(" \n"), Ok(None));
        assert_eq!(read(&within("")), Ok(None));
        assert_eq!(read("<CreateBucketConfiguration/>"), Ok(None));
        let there = within("<LocationConstraint>US-EAST-04A</LocationConstraint>");
        assert_eq!(read(&there), Ok(Some("US-EAST-04A".to_owned())));
        let there =
            within("\n <LocationConstraint>a&#45;<![CDATA[b]]>&amp;</LocationConstraint>\n");
        assert_eq!(read(&there), Ok(Some("a-b&".to_owned())));
        assert_eq!(read(&within("<LocationConstraint/>")), Ok(None));
        assert_eq!(read(&within("<Tags><Tag><Key>a</Key></Tag></Tags>")), Ok(None));
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        let twice =
            "<LocationConstraint>a</LocationConstraint><LocationConstraint>b</LocationConstraint>";
        for body in [
            "<",
            "text",
            "<Other/>",
            "<CreateBucketConfiguration>",
            "<CreateBucketConfiguration/><CreateBucketConfiguration/>",
            "<CreateBucketConfiguration></Other>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><CreateBucketConfiguration/>",
            &within(twice),
            &within("text"),
            &within("<LocationConstraint>&b;</LocationConstraint>"),
            &within("<LocationConstraint>a b</LocationConstraint>"),
            &within(&format!("<LocationConstraint>{}</LocationConstraint>", "a".repeat(65))),
            &within(&format!("{}{}", "<a>".repeat(DEPTH_MAX), "</a>".repeat(DEPTH_MAX))),
        ] {
            assert_eq!(read(body), Err("MalformedXML"), "{body}");
        }
        assert!(location(b"\xff").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = location(&body);
        }

        #[test]
        fn any_elements_are_read_or_refused(body in "(<(/)?[abLC](/)?>|&[a#x0-9]{1,4};|<!--|-->|text| ){0,30}") {
            let _ = location(within(&body).as_bytes());
        }
    }
}
