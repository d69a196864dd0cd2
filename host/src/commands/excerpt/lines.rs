//! Lines and columns.

/// A place in a text, as editors count: from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Position {
    /// The line; lines end with `\n`.
    pub(in crate::commands) line: usize,
    /// The column in characters.
    pub(in crate::commands) column: usize,
    /// The column in UTF-16 code units.
    pub(in crate::commands) utf16_column: usize,
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
    is_ascii: bool,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = [0].into_iter().chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { starts, is_ascii: text.is_ascii() }
    }

    /// The number of the line that holds a byte, from 0.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Where a line begins; behind the last one, none.
    pub(super) fn start(&self, line: usize) -> Option<usize> {
        self.starts.get(line).copied()
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.line_of(offset);
        let before = text.get(self.start(line).unwrap_or_default()..offset).unwrap_or_default();
        let (chars, units) = if self.is_ascii {
            (before.len(), before.len())
        } else {
            (before.chars().count(), before.chars().map(char::len_utf16).sum())
        };
        Position { line: line + 1, column: chars + 1, utf16_column: units + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, offset: usize, line: usize, column: usize, utf16_column: usize) {
        let position = Lines::of(text).position(text, offset);
        assert_eq!(position, Position { line, column, utf16_column });
    }

    #[test]
    fn columns_count_characters_and_code_units() {
        check("", 0, 1, 1, 1);
        check("a\nb", 1, 1, 2, 2);
        check("a\nb", 2, 2, 1, 1);
        check("a\n", 2, 2, 1, 1);
        check("ä😀x", 6, 1, 3, 4);
        check("a\r\nb", 3, 2, 1, 1);
    }
}
