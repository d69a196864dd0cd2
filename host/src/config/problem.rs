//! What is wrong with a configuration file, and where: file, line, column, the line itself, what is allowed.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::FILE_BYTES_MAX;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than [`FILE_BYTES_MAX`].
    #[error("`{}` is larger than {FILE_BYTES_MAX} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file says something that it must not.
    #[error("{}", Listed(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1 on.
    pub line: usize,
    /// The column in characters, from 1 on.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
    line_text: String,
    width: usize,
}

impl Problem {
    /// A problem with these bytes of the text. Of its line nothing is shown from a part on that is `hidden`.
    pub(super) fn at(
        path: &Path,
        text: &str,
        span: Range<usize>,
        message: String,
        hidden: &[Range<usize>],
    ) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_text = text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
        let column = before.get(begin..).map_or(0, |head| head.chars().count());
        let line = begin..begin + line_text.len();
        let hidden = hidden.iter().map(|part| part.start).filter(|at| line.contains(at)).min();
        let shown = match hidden.and_then(|at| text.get(begin..at)) {
            Some(before) => format!("{before}(not shown)"),
            None => without_secret(line_text),
        };
        let room = line_text.chars().count().saturating_sub(column);
        let wrong = text.get(span).map_or(0, |wrong| wrong.chars().count());
        Self {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: column + 1,
            message,
            line_text: shown,
            width: wrong.min(room).max(1),
        }
    }
}

/// A line as it may be shown: a terminal or a log is no place for a secret, not even beside something wrong.
fn without_secret(line: &str) -> String {
    match line.to_ascii_lowercase().find("secr").and_then(|at| line.get(..at)) {
        Some(before) => format!("{before}secret (not shown)"),
        None => line.to_owned(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let indent = " ".repeat(self.column - 1);
        let marks = "^".repeat(self.width);
        writeln!(out, "{}:{}:{}: {}", self.path.display(), self.line, self.column, self.message)?;
        writeln!(out, "{gutter} |")?;
        writeln!(out, "{number} | {}", self.line_text)?;
        write!(out, "{gutter} | {indent}{marks}")
    }
}

struct Listed<'a>(&'a [Problem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("\n\n")?;
            }
            problem.fmt(out)?;
        }
        Ok(())
    }
}

/// The candidate that was probably meant: at most two letters differ, and less than half of them.
pub(super) fn meant<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 && distance * 2 < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters to insert, delete or replace to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut corner = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (above, candidate) in row.iter().skip(1).zip(other.chars()) {
            let replaced = corner + usize::from(letter != candidate);
            left = replaced.min(left + 1).min(above + 1);
            corner = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let words = ["workers", "attempts", "memory-mib"];
        assert_eq!(meant("workrs", words), Some("workers"));
        assert_eq!(meant("atempst", words), None);
        assert_eq!(meant("memory_mib", words), Some("memory-mib"));
        assert_eq!(meant("x", ["ab", "y"]), None);
    }
}
