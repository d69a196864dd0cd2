//! Parts of an input as they may stand in findings and logs: cut, and without control characters.

use std::fmt::{self, Write};

use crate::finding::VALUE_CHARS_MAX;

/// The most characters of an input in the middle of a sentence.
const INLINE_CHARS_MAX: usize = 120;

/// A text as JSON text of at most [`VALUE_CHARS_MAX`] characters; the last one is `…` where it was cut.
#[must_use]
pub fn text(text: &str) -> String {
    cut(VALUE_CHARS_MAX, |out| write_text(out, text))
}

/// A text inside of a sentence: escaped as in JSON, without quotes, and cut.
#[must_use]
pub fn inline(text: &str) -> String {
    cut(INLINE_CHARS_MAX, |out| text.chars().try_for_each(|c| write_char(out, c)))
}

/// A complete JSON string, for texts that are to be used and not only shown.
#[must_use]
pub fn whole(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let _ = write_text(&mut out, text);
    out
}

/// What `write` writes, up to so many characters; the last one is `…` where it was cut.
pub fn cut(chars_max: usize, write: impl FnOnce(&mut Cut) -> fmt::Result) -> String {
    let mut out = Cut { text: String::new(), left: chars_max };
    // The only error is that the text is cut.
    let _ = write(&mut out);
    out.text
}

/// Takes characters up to a limit.
#[derive(Debug)]
pub struct Cut {
    text: String,
    left: usize,
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

/// Writes a text as a JSON string.
///
/// # Errors
/// Those of `out`.
pub fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
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
