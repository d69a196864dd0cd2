//! Where the values of a JSON text stand.

use std::borrow::Cow;
use std::ops::Range;

/// The values of a document by their places, in document order; the first is the whole.
#[derive(Debug, Default)]
pub(super) struct Places {
    nodes: Vec<Node>,
    /// Whether they are those of XML, by the pointers of its JSON form.
    pub(super) is_xml: bool,
}

/// One value.
#[derive(Debug)]
pub(super) struct Node {
    /// What it is called: with its quotes in JSON, the tag in XML; none for items and the whole.
    pub(super) name: Option<Range<usize>>,
    /// The name, decoded.
    pub(super) member: Option<String>,
    /// The value.
    pub(super) value: Range<usize>,
    /// Whether it is a list.
    pub(super) is_list: bool,
    /// The places of its members or items among all nodes.
    pub(super) children: Vec<usize>,
}

/// Which of several members of one name is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Occurrence {
    /// The first.
    First,
    /// The last: what is given twice is wrong the second time.
    Last,
}

impl Places {
    /// Reads JSON; none if it is not well-formed, or nested deeper than the parser goes, which is 128 levels.
    pub(super) fn of_json(text: &str) -> Option<Self> {
        // What is ignored is not looked at closely: half a surrogate pair would pass.
        serde_json::from_str::<serde_json::Value>(text).ok()?;
        let bytes = text.as_bytes();
        let mut places = Self::default();
        let mut open: Vec<usize> = Vec::new();
        let mut name: Option<Range<usize>> = None;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => {
                    let is_list = *byte == b'[';
                    let node = places.push(text, open.last(), name.take(), at..at + 1, is_list);
                    open.push(node);
                    at += 1;
                }
                b'}' | b']' => {
                    at += 1;
                    if let Some(node) = open.pop().and_then(|node| places.nodes.get_mut(node)) {
                        node.value.end = at;
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                _ => {
                    let end = if *byte == b'"' { text_end(bytes, at) } else { word_end(bytes, at) };
                    if name.is_none() && places.is_object(open.last()) {
                        name = Some(at..end);
                    } else {
                        places.push(text, open.last(), name.take(), at..end, false);
                    }
                    at = end;
                }
            }
        }
        Some(places)
    }

    /// Takes in one value; answers its place.
    fn push(
        &mut self,
        text: &str,
        parent: Option<&usize>,
        name: Option<Range<usize>>,
        value: Range<usize>,
        is_list: bool,
    ) -> usize {
        let member = name.clone().map(|name| decoded(text.get(name).unwrap_or_default()));
        self.add(parent.copied(), Node { name, member, value, is_list, children: Vec::new() })
    }

    /// The same, of a value that is described already.
    pub(super) fn add(&mut self, parent: Option<usize>, node: Node) -> usize {
        let place = self.nodes.len();
        if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
            parent.children.push(place);
        }
        self.nodes.push(node);
        place
    }

    fn is_object(&self, place: Option<&usize>) -> bool {
        place.and_then(|place| self.nodes.get(*place)).is_some_and(|node| !node.is_list)
    }

    pub(super) fn get(&self, place: usize) -> Option<&Node> {
        self.nodes.get(place)
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Node> {
        self.nodes.get_mut(place)
    }

    /// The value at a pointer, or the nearest one above it, and whether it is the very one.
    pub(super) fn find(&self, pointer: &str, occurrence: Occurrence) -> Option<(&Node, bool)> {
        let mut node = self.nodes.first()?;
        for segment in pointer.split('/').skip(1) {
            match self.child(node, &unescaped(segment), occurrence) {
                Some(child) => node = child,
                None => return Some((node, false)),
            }
        }
        Some((node, true))
    }

    /// The value at a pointer, if there is one.
    pub(super) fn exactly(&self, pointer: &str) -> Option<&Node> {
        self.find(pointer, Occurrence::First)
            .filter(|(_, is_exact)| *is_exact)
            .map(|(node, _)| node)
    }

    fn child(&self, node: &Node, segment: &str, occurrence: Occurrence) -> Option<&Node> {
        if node.is_list {
            return self.nodes.get(*node.children.get(segment.parse::<usize>().ok()?)?);
        }
        let children = node.children.iter().filter_map(|place| self.nodes.get(*place));
        let mut called = children.filter(|child| child.member.as_deref() == Some(segment));
        match occurrence {
            Occurrence::First => called.next(),
            Occurrence::Last => called.next_back(),
        }
    }
}

/// A segment of a pointer (RFC 6901) as the name that it stands for.
pub(super) fn unescaped(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// What a JSON text says. One that says nothing, as it has half a surrogate pair, is called as it stands.
fn decoded(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| quoted.to_owned())
}

/// Behind the closing quote of the text that begins here.
fn text_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    bytes.len()
}

/// Behind the number or word that begins here.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:{}[]\"".contains(byte);
    rest.iter().position(ends).map_or(bytes.len(), |length| start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        r#" { "a/b" : [ 1, "x\"]" , {"~":null} ], "a\u0041": {"k": tr,"k": -2e3} } "#;

    #[track_caller]
    fn check(pointer: &str, expected: &str, is_there: bool) {
        let text = TEXT.replace("tr,", "true,");
        let places = Places::of_json(&text).unwrap();
        let (node, is_exact) = places.find(pointer, Occurrence::First).unwrap();
        assert_eq!((&text[node.value.clone()], is_exact), (expected, is_there), "{pointer}");
    }

    #[test]
    fn every_value_is_found_where_it_stands() {
        check("/a~1b/0", "1", true);
        check("/a~1b/1", r#""x\"]""#, true);
        check("/a~1b/2/~0", "null", true);
        check("/a~1b/2", r#"{"~":null}"#, true);
        check("/aA/k", "true", true);
        check("", TEXT.replace("tr,", "true,").trim(), true);
    }

    #[test]
    fn what_is_missing_is_near_what_should_have_it() {
        check("/aA/nothing/0", r#"{"k": true,"k": -2e3}"#, false);
        check("/a~1b/3", r#"[ 1, "x\"]" , {"~":null} ]"#, false);
        check("/a~1b/0/deeper", "1", false);
        check("/a~1b/x", r#"[ 1, "x\"]" , {"~":null} ]"#, false);
    }

    #[test]
    fn of_a_name_that_is_given_twice_either_is_found() {
        let text = TEXT.replace("tr,", "true,");
        let places = Places::of_json(&text).unwrap();
        let (last, _) = places.find("/aA/k", Occurrence::Last).unwrap();
        assert_eq!(&text[last.value.clone()], "-2e3");
        assert_eq!(&text[last.name.clone().unwrap()], "\"k\"");
    }

    #[test]
    fn what_is_no_json_has_no_places() {
        for text in ["", "{", "[1,]", "\u{feff}{}", "{} {}", TEXT] {
            assert!(Places::of_json(text).is_none(), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Places::of_json(&deep).is_none());
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(Places::of_json(&deep).is_some());
    }
}
