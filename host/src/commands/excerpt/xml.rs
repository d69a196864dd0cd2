//! Where the elements of an XML configuration stand, by the pointers of its JSON form.

use std::ops::Range;

use super::places::{Node, Places};

/// Elements that hold a list of others.
const LISTS: [&str; 1] = ["OptionalFields"];

/// The most levels of elements. A configuration has five; nothing deeper is looked up.
const DEPTH_MAX: usize = 32;

/// Reads XML without judging it; none where its tags do not match.
///
/// A value is the text of its element, and its name is the opening tag.
pub(super) fn places(text: &str) -> Option<Places> {
    let mut places = Places::default();
    places.is_xml = true;
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..)?.find('<').map(|found| at + found) {
        let rest = text.get(start..)?;
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let end = start + rest.find(end)? + end.len();
        at = end;
        let tag = text.get(start + 1..end - 1)?;
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let (place, opened) = open.pop()?;
            if opened != name.trim_end() {
                return None;
            }
            close(text, places.get_mut(place)?, start);
            continue;
        }
        let name = tag.trim_end_matches('/').split_ascii_whitespace().next()?;
        let parent = open.last().map(|(place, _)| *place);
        let place = places.add(parent, element(name, start..end));
        if !tag.ends_with('/') {
            if open.len() == DEPTH_MAX {
                return None;
            }
            open.push((place, name));
        }
    }
    open.is_empty().then_some(places)
}

fn element(name: &str, tag: Range<usize>) -> Node {
    Node {
        // `SSE-S3` is `SSES3` in JSON.
        member: Some(name.replace('-', "")),
        is_list: LISTS.contains(&name),
        name: Some(tag.clone()),
        value: tag,
        children: Vec::new(),
    }
}

/// What an element without others holds is its text, without the space around it.
fn close(text: &str, node: &mut Node, end: usize) {
    let inner = text.get(node.value.end..end).unwrap_or_default();
    if node.children.is_empty() && !inner.trim().is_empty() {
        let start = node.value.end + (inner.len() - inner.trim_start().len());
        node.value = start..start + inner.trim().len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Occurrence, Source};

    const TEXT: &str = "<?xml version=\"1.0\"?>\n<InventoryConfiguration xmlns=\"a\">\n  <!-- <Id> -->\n  <Id> daily </Id>\n  \
        <OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields>\n  <Destination><S3BucketDestination>\
        <Encryption><SSE-S3/></Encryption></S3BucketDestination></Destination>\n</InventoryConfiguration>\n";

    #[track_caller]
    fn check(pointer: &str, expected: &str, is_exact: bool) {
        let source = Source::new("c".to_owned(), TEXT.to_owned());
        let located = source.locate(pointer, Occurrence::First);
        assert_eq!((&TEXT[located.span], located.is_exact), (expected, is_exact), "{pointer}");
    }

    #[test]
    fn pointers_of_the_json_form_lead_into_it() {
        check("/Id", "daily", true);
        check("/OptionalFields/1", "ETag", true);
        check("/OptionalFields", "<OptionalFields>", true);
        check("/Destination/S3BucketDestination/Encryption/SSES3", "<SSE-S3/>", true);
        check("/Schedule/Frequency", "<InventoryConfiguration xmlns=\"a\">", false);
    }

    #[test]
    fn what_does_not_match_has_no_places() {
        for text in ["<a>", "<a></b>", "<", "</a>", "<a><!-- </a>"] {
            assert!(super::places(text).is_none(), "{text}");
        }
        let nested = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(super::places(&nested(super::DEPTH_MAX)).is_some());
        assert!(super::places(&nested(super::DEPTH_MAX + 1)).is_none());
    }
}
