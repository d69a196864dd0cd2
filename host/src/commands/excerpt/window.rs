//! Parts of a text as they may be shown: few lines, none of them long, and nothing that a terminal would obey.

use std::ops::Range;

use super::lines::Lines;

/// The most lines of a part: one before and one behind, and what a statement of a policy has.
const LINES_MAX: usize = 24;

/// The most characters of a line that is shown whole: with line numbers, what a wide terminal has.
const LINE_CHARS_MAX: usize = 120;

/// The most characters of a longer line in front of what is to be shown.
const BEFORE_CHARS_MAX: usize = 40;

/// The most characters of a longer line from the beginning of what is to be shown on.
const BEHIND_CHARS_MAX: usize = LINE_CHARS_MAX - BEFORE_CHARS_MAX;

/// A few lines of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Window {
    /// The lines, fit to be shown.
    pub(in crate::commands) text: String,
    /// The number of the first, from 1.
    pub(in crate::commands) first_line: usize,
    /// What is to be shown, in bytes of these lines.
    pub(in crate::commands) span: Range<usize>,
    /// Whether all that is to be shown is in them, unchanged.
    pub(in crate::commands) is_whole: bool,
}

/// The lines of `span`, the one before and the one behind.
pub(super) fn around(text: &str, lines: &Lines, span: &Range<usize>) -> Window {
    let (first, last) = (lines.line_of(span.start), lines.line_of(span.end));
    let is_whole = last - first < LINES_MAX - 2;
    let last = last.min(first + LINES_MAX - 3);
    let from = first.saturating_sub(1);
    let mut window = Window { text: String::new(), first_line: from + 1, span: 0..0, is_whole };
    let mut marks = [None, None];
    for line in from..=last + 1 {
        let Some(start) = lines.start(line) else { break };
        let end = lines.start(line + 1).unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or_default();
        let content = content.strip_suffix('\n').unwrap_or(content);
        let content = content.strip_suffix('\r').unwrap_or(content);
        if start == text.len() && start > span.end {
            break;
        }
        window.push_line(content, start, span, &mut marks);
        window.text.push('\n');
    }
    window.text.pop();
    let [start, end] = marks;
    let start = start.unwrap_or_default();
    window.span = start..end.unwrap_or(window.text.len()).max(start);
    window
}

impl Window {
    /// Adds one line, which begins at `start` in the text, and notes where the ends of `span` come to be.
    fn push_line(
        &mut self,
        content: &str,
        start: usize,
        span: &Range<usize>,
        marks: &mut [Option<usize>; 2],
    ) {
        let end = start + content.len();
        let is_long = content.chars().nth(LINE_CHARS_MAX).is_some();
        let anchor = span.start.checked_sub(start).filter(|at| *at <= content.len());
        let anchor = anchor.filter(|_| is_long).unwrap_or_default();
        let before = content.get(..anchor).unwrap_or_default();
        let skipped = before.char_indices().rev().nth(BEFORE_CHARS_MAX);
        let from = skipped.map_or(0, |(at, c)| at + c.len_utf8());
        if from > 0 {
            self.text.push('…');
        }
        let mut left = if is_long { BEHIND_CHARS_MAX } else { LINE_CHARS_MAX };
        for (at, c) in content.get(from..).unwrap_or_default().char_indices() {
            let at = from + at;
            self.mark(start + at, span, marks);
            if at >= anchor {
                if left == 0 {
                    self.text.push('…');
                    self.is_whole &= span.end <= start + at;
                    break;
                }
                left -= 1;
            }
            if is_unfit(c) {
                self.is_whole &= !span.contains(&(start + at));
                self.text.push(char::REPLACEMENT_CHARACTER);
            } else {
                self.text.push(c);
            }
        }
        self.mark(end, span, marks);
    }

    fn mark(&self, offset: usize, span: &Range<usize>, [start, end]: &mut [Option<usize>; 2]) {
        if offset >= span.start && start.is_none() {
            *start = Some(self.text.len());
        }
        if offset >= span.end && end.is_none() {
            *end = Some(self.text.len());
        }
    }
}

/// A text of somebody else inside of our own, on one line: what a terminal would obey is escaped.
pub(in crate::commands) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unfit(c) || c == '\t' {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a character moves the cursor, turns the direction of text, or cannot be seen.
///
/// Source: Unicode Technical Report 36, and Annex 9 for the marks of direction.
fn is_unfit(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, span: Range<usize>) -> (String, usize, String) {
        let window = around(text, &Lines::of(text), &span);
        let shown = window.text[window.span.clone()].to_owned();
        (window.text, window.first_line, shown)
    }

    #[test]
    fn the_lines_beside_it_are_shown_too() {
        let text = "a\nb\nccc\nd\ne\n";
        assert_eq!(check(text, 5..6), ("b\nccc\nd".to_owned(), 2, "c".to_owned()));
        assert_eq!(check(text, 0..1), ("a\nb".to_owned(), 1, "a".to_owned()));
        assert_eq!(check(text, 10..11), ("d\ne".to_owned(), 4, "e".to_owned()));
        assert_eq!(check("a\r\nb\r\n", 3..4), ("a\nb".to_owned(), 1, "b".to_owned()));
        assert_eq!(check("", 0..0), (String::new(), 1, String::new()));
        assert_eq!(check("ab", 2..2), ("ab".to_owned(), 1, String::new()));
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let text = format!("{}XY{}", "ä".repeat(500), "b".repeat(500));
        let (shown, _, marked) = check(&text, 1000..1002);
        assert_eq!(shown, format!("…{}XY{}…", "ä".repeat(40), "b".repeat(78)));
        assert_eq!(marked, "XY");
        let (shown, _, marked) = check(&text, 1000..text.len());
        assert_eq!(shown.chars().count(), 122);
        assert!(marked.starts_with("XYb") && marked.ends_with('…'), "{marked}");
    }

    #[test]
    fn a_long_part_is_cut() {
        let text = "x\n".repeat(1000);
        let (shown, first, _) = check(&text, 20..1000);
        assert_eq!((shown.lines().count(), first), (LINES_MAX, 10));
        assert!(!around(&text, &Lines::of(&text), &(20..1000)).is_whole);
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_shown() {
        let (shown, _, marked) = check("\u{1b}[2J\u{202e}\"\u{85}\"", 7..11);
        assert_eq!((shown.as_str(), marked.as_str()), ("�[2J�\"�\"", "\"�\""));
        assert_eq!(visible("a\u{1b}[2J\n\u{202e}ü\t"), "a\\u{1b}[2J\\n\\u{202e}ü\\t");
    }
}
