//! `stocktake explain --batch`: a line in, a line out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde_json::json;
use tokio::runtime::Runtime;

use super::super::CommandError;
use super::super::report::written;
use crate::capabilities::Capabilities;
use crate::engine::Component;
use crate::{chain, counted};

/// The most bytes of a line: what `explain` reads of a question.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 64 << 10;

pub(super) fn run(
    file: &Path,
    component: &Component,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let out = BufWriter::new(io::stdout().lock());
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let opened = File::open(file);
        let opened = opened.with_context(|| format!("`{}` cannot be read", file.display()));
        Box::new(opened.map_err(CommandError::NoAnswer)?)
    };
    let lines = BufReader::with_capacity(BUFFER_BYTES, input);
    match answer_all(lines, out, component, runtime) {
        Ok(Tally { unanswered: 0, .. }) => Ok(()),
        Ok(Tally { lines, unanswered }) => {
            let lines = counted(lines, "line");
            Err(CommandError::NoAnswer(anyhow!("{unanswered} of {lines} came to no answer")))
        }
        Err(Broken::Output(error)) => written(Err(error)),
        Err(Broken::Input(error)) => Err(CommandError::NoAnswer(
            anyhow!(error).context(format!("`{}` cannot be read to its end", file.display())),
        )),
    }
}

/// How many lines there were, and of how many the call came to no answer.
#[derive(Default)]
struct Tally {
    lines: u64,
    unanswered: u64,
}

/// What ended a batch before its last line.
enum Broken {
    Input(io::Error),
    Output(io::Error),
}

/// Answers every line with a line.
fn answer_all(
    mut lines: BufReader<impl Read>,
    mut out: impl Write,
    component: &Component,
    runtime: &Runtime,
) -> Result<Tally, Broken> {
    let nothing = Capabilities::default();
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while let Some(length) = next_line(&mut lines, &mut line).map_err(Broken::Input)? {
        tally.lines += 1;
        let question = if length > LINE_BYTES_MAX {
            Err(format!("the line has {length} bytes, at most {LINE_BYTES_MAX} are read"))
        } else {
            str::from_utf8(&line).map_err(|_| "the line is not UTF-8".to_owned())
        };
        let answer = match question {
            Ok(question) => {
                let asking = component.call_explain(&nothing, question);
                match runtime.block_on(asking) {
                    Ok(answer) => answer.value,
                    Err(error) => {
                        tally.unanswered += 1;
                        refusal(&chain(&error))
                    }
                }
            }
            Err(message) => refusal(&message),
        };
        writeln!(out, "{answer}").map_err(Broken::Output)?;
        // Whoever waits for an answer before asking on gets it.
        if !lines.buffer().contains(&b'\n') {
            out.flush().map_err(Broken::Output)?;
        }
    }
    out.flush().map_err(Broken::Output)?;
    Ok(tally)
}

fn refusal(message: &str) -> String {
    json!({"error": {"message": message, "pointer": ""}}).to_string()
}

/// Reads one line without its line feed, and keeps of it what is not too long. Answers how long it is; none at the end.
fn next_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<usize>> {
    line.clear();
    let (mut length, mut has_begun) = (0_usize, false);
    loop {
        let bytes = match lines.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes.is_empty() {
            return Ok(has_begun.then_some(length));
        }
        has_begun = true;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let piece = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        length = length.saturating_add(piece.len());
        if length <= LINE_BYTES_MAX {
            line.extend_from_slice(piece);
        }
        let used = piece.len() + usize::from(end.is_some());
        lines.consume(used);
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &[u8]) -> Vec<usize> {
        // A small buffer, so that lines go over its end.
        let mut lines = BufReader::with_capacity(3, text);
        let mut line = Vec::new();
        let mut lengths = Vec::new();
        while let Some(length) = next_line(&mut lines, &mut line).unwrap() {
            assert_eq!(line.len(), length.min(line.len()));
            lengths.push(length);
        }
        lengths
    }

    #[test]
    fn a_line_ends_with_a_line_feed_or_at_the_end() {
        assert_eq!(lengths(b""), Vec::<usize>::new());
        assert_eq!(lengths(b"\n"), [0]);
        assert_eq!(lengths(b"abcd\r\n\nx"), [5, 0, 1]);
        assert_eq!(lengths(b"abc\nabc\n"), [3, 3]);
    }

    #[test]
    fn a_line_that_is_too_long_is_not_kept() {
        let text = [vec![b'x'; LINE_BYTES_MAX + 1], b"\ny\n".to_vec()].concat();
        let mut lines = BufReader::new(text.as_slice());
        let mut line = Vec::new();
        assert_eq!(next_line(&mut lines, &mut line).unwrap(), Some(LINE_BYTES_MAX + 1));
        assert!(line.len() <= LINE_BYTES_MAX);
        assert_eq!(next_line(&mut lines, &mut line).unwrap(), Some(1));
        assert_eq!(line, b"y");
    }
}
