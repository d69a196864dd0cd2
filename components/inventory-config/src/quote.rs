//! Parts of an input as they may stand in findings and logs: cut, and without control characters.

use std::fmt::{self, Write};

use stocktake_core::finding::VALUE_CHARS_MAX;

use crate::tree::{Node, Value};

/// The most characters of an input in the middle of a sentence.
const INLINE_CHARS_MAX: usize = 120;

/// A value as JSON text of at most [`VALUE_CHARS_MAX`] characters; the last one is `…` where it was cut.
pub(crate) fn value(node: &Node) -> String {
    let mut out = Cut::new(VALUE_CHARS_MAX);
    // The only error is that the text is cut.
    let _ = write_value(&mut out, node);
    out.text
}

/// A text as JSON text, cut likewise.
pub(crate) fn text(text: &str) -> String {
    let mut out = Cut::new(VALUE_CHARS_MAX);
    let _ = write_text(&mut out, text);
    out.text
}

/// A text inside of a sentence: escaped as in JSON, without quotes.
pub(crate) fn inline(text: &str) -> String {
    let mut out = Cut::new(INLINE_CHARS_MAX);
    let _ = text.chars().try_for_each(|c| write_char(&mut out, c));
    out.text
}

/// A complete JSON string, for texts that are to be used and not only shown.
pub(crate) fn whole(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let _ = write_text(&mut out, text);
    out
}

/// Takes characters up to a limit.
struct Cut {
    text: String,
    left: usize,
}

impl Cut {
    fn new(chars_max: usize) -> Self {
        Self { text: String::new(), left: chars_max }
    }
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.left == 0 {
                self.text.pop();
                self.text.push('…');
                return Err(fmt::Error);
            }
            self.left -= 1;
            self.text.push(c);
        }
        Ok(())
    }
}

fn write_value(out: &mut impl Write, node: &Node) -> fmt::Result {
    match &node.value {
        Value::Null => out.write_str("null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Number(value) => write!(out, "{value}"),
        Value::Text(value) => write_text(out, value),
        Value::List(items) => {
            out.write_char('[')?;
            for (i, item) in items.iter().enumerate() {
                out.write_str(if i == 0 { "" } else { "," })?;
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => {
            out.write_char('{')?;
            for (i, (name, member)) in members.iter().enumerate() {
                out.write_str(if i == 0 { "" } else { "," })?;
                write_text(out, name)?;
                out.write_char(':')?;
                write_value(out, member)?;
            }
            out.write_char('}')
        }
    }
}

fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            c => write_char(out, c)?,
        }
    }
    out.write_char('"')
}

/// Escapes what would move a terminal's cursor or turn the direction of its text.
fn write_char(out: &mut impl Write, c: char) -> fmt::Result {
    match c {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => write!(out, "\\u{:04x}", c as u32),
        c if c.is_control() => write!(out, "\\u{:04x}", c as u32),
        c => out.write_char(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_the_limit_and_between_characters() {
        let fits = "ä".repeat(VALUE_CHARS_MAX - 2);
        assert_eq!(text(&fits), format!("\"{fits}\""));
        let cut = text(&"ä".repeat(VALUE_CHARS_MAX));
        assert_eq!(cut.chars().count(), VALUE_CHARS_MAX);
        assert!(cut.ends_with("ä…"), "{cut}");
    }

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        let hostile = "a\"\\\u{1b}[2J\n\u{85}\u{202e}";
        let quoted = text(hostile);
        assert_eq!(quoted, r#""a\"\\\u001b[2J\n\u0085\u202e""#);
        assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), hostile);
        assert_eq!(inline("a\"\u{7}"), "a\"\\u0007");
    }
}
