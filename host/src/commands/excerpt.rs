//! Documents as their users wrote them: where a JSON pointer leads, and parts of the text as they may be shown.

mod edit;
mod lines;
mod places;
mod window;
mod xml;

use std::ops::Range;

pub(super) use edit::Edit;
use lines::Lines;
pub(super) use lines::Position;
pub(super) use places::Occurrence;
use places::{Node, Places};
pub(super) use window::{Window, visible};

/// The most bytes of a text in which places are looked up. Longer documents are refused unread by all components.
const PLACES_BYTES_MAX: usize = 256 * 1024;

/// A document as it was read.
#[derive(Debug)]
pub(super) struct Source {
    /// What findings call it, and users.
    pub(super) name: String,
    pub(super) text: String,
    lines: Lines,
    places: Option<Places>,
}

/// Where something is in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    /// What to underline, in bytes: a short value itself, the name of a long one, or where it begins.
    pub(super) span: Range<usize>,
    /// Whether the pointer leads there, and not only near.
    pub(super) is_exact: bool,
}

impl Source {
    pub(super) fn new(name: String, text: String) -> Self {
        let lines = Lines::of(&text);
        let is_xml = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
        let places = match () {
            () if text.len() > PLACES_BYTES_MAX => None,
            () if is_xml => xml::places(&text),
            () => Places::of_json(&text),
        };
        Self { name, text, lines, places }
    }

    /// Where a JSON pointer (RFC 6901) leads; if nothing is there, where the nearest thing above it is.
    ///
    /// In a text that cannot be read, that is where the parser gave up.
    pub(super) fn locate(&self, pointer: &str, occurrence: Occurrence) -> Located {
        match self.places.as_ref().and_then(|places| places.find(pointer, occurrence)) {
            Some((node, is_exact)) => Located { span: shown(node), is_exact },
            None => Located { span: self.gave_up(), is_exact: pointer.is_empty() },
        }
    }

    /// The whole value at a JSON pointer, if there is one.
    pub(super) fn extent(&self, pointer: &str) -> Option<Range<usize>> {
        Some(self.places.as_ref()?.exactly(pointer)?.value.clone())
    }

    /// The line and columns of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// What a JSON patch (RFC 6902) would change in the text, in its order; none where the patch does not fit.
    pub(super) fn edits(&self, patch: &str) -> Option<Vec<Edit>> {
        self.places.as_ref().filter(|places| !places.is_xml)?;
        edit::of_patch(&self.text, patch)
    }

    /// A few lines around a part of the text, as they may be shown.
    pub(super) fn window(&self, span: &Range<usize>) -> Window {
        window::around(&self.text, &self.lines, span)
    }

    /// Where the parser gave up, as one character.
    fn gave_up(&self) -> Range<usize> {
        if self.text.len() > PLACES_BYTES_MAX {
            return 0..0;
        }
        let error = match serde_json::from_str::<serde_json::Value>(&self.text) {
            Err(error) if error.line() > 0 => error,
            Err(_) | Ok(_) => return 0..0,
        };
        let line = self.lines.start(error.line() - 1).unwrap_or_default();
        let at = (line + error.column().saturating_sub(1)).min(self.text.len());
        let start = self.text.floor_char_boundary(at);
        let length = self.text.get(start..).and_then(|rest| rest.chars().next());
        start..start + length.filter(|next| *next != '\n').map_or(0, char::len_utf8)
    }
}

/// What of a value is underlined. One with several lines would be more frame than text.
fn shown(node: &Node) -> Range<usize> {
    match &node.name {
        _ if node.children.is_empty() => node.value.clone(),
        Some(name) => name.clone(),
        None => node.value.start..node.value.start + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Action\": []}\n  ]\n}\n";

    #[track_caller]
    fn check(text: &str, pointer: &str, expected: &str, line: usize, column: usize) {
        let source = Source::new("p".to_owned(), text.to_owned());
        let located = source.locate(pointer, Occurrence::First);
        let Position { line: at, column: from, .. } = source.position(located.span.start);
        assert_eq!((&text[located.span], at, from), (expected, line, column), "{pointer}");
    }

    #[test]
    fn a_pointer_leads_to_a_line_and_a_column() {
        check(TEXT, "/Version", "\"2012-10-17\"", 2, 14);
        check(TEXT, "/Statement/0/Effect", "\"Allow\"", 4, 16);
        check(TEXT, "/Statement/0/Action", "[]", 4, 35);
        check(TEXT, "/Statement/0", "{", 4, 5);
        check(TEXT, "/Statement", "\"Statement\"", 3, 3);
        check(TEXT, "", "{", 1, 1);
    }

    #[test]
    fn what_is_missing_is_shown_at_its_parent() {
        check(TEXT, "/Statement/0/Principal", "{", 4, 5);
        check(TEXT, "/Statement/7", "\"Statement\"", 3, 3);
    }

    #[test]
    fn what_is_no_json_is_shown_where_the_parser_gave_up() {
        check("{\n  \"a\": tru}", "", "}", 2, 11);
        check("{\"ä\": 1,}", "", "}", 1, 9);
        check("", "", "", 1, 1);
        check("{\"a\": \"", "", "\"", 1, 7);
        check("{\"a\": \"\\ud800\"}", "", "\"", 1, 14);
        check("\u{feff}{}", "", "\u{feff}", 1, 1);
    }

    #[test]
    fn in_what_is_too_long_nothing_is_looked_up() {
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(PLACES_BYTES_MAX));
        check(&long, "/a", "", 1, 1);
    }
}
