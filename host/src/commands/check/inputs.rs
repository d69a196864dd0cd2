//! The files of the command line.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use stocktake_core::finding::Dialect;

use super::super::CommandError;
use super::super::excerpt::{Source, visible};
use super::outcome::Checked;
use crate::engine::policy::DocumentKind;

/// The most bytes of a file that are read at all.
///
/// Components judge 256 KiB and say how large a document is that has more; this bounds what they are handed to say it of.
const FILE_BYTES_MAX: usize = 2 << 20;

/// What a document is, or is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Word {
    Bucket,
    Source,
    Destination,
    Identity,
    Organization,
    Cam,
    Trust,
    Role,
    Key,
    Inventory,
    Logging,
    Audit,
}

const WORDS: [(&str, Word); 12] = [
    ("bucket", Word::Bucket),
    ("source", Word::Source),
    ("destination", Word::Destination),
    ("identity", Word::Identity),
    ("organization", Word::Organization),
    ("cam", Word::Cam),
    ("trust", Word::Trust),
    ("role", Word::Role),
    ("key", Word::Key),
    ("inventory", Word::Inventory),
    ("logging", Word::Logging),
    ("audit", Word::Audit),
];

/// A file as it stands on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Input {
    /// What it is said to be.
    pub(super) word: Option<Word>,
    /// Where it is; none says that there is no document of this kind.
    pub(super) path: Option<PathBuf>,
}

impl Input {
    /// Reads `FILE`, `KIND=FILE` or `KIND=`.
    pub(in crate::commands) fn parse(text: &OsStr) -> Self {
        let bytes = text.as_bytes();
        let known = WORDS.iter().find_map(|(word, meant)| {
            Some((*meant, bytes.strip_prefix(word.as_bytes())?.strip_prefix(b"=")?))
        });
        match known {
            Some((word, b"")) => Self { word: Some(word), path: None },
            Some((word, path)) => {
                Self { word: Some(word), path: Some(OsStr::from_bytes(path).into()) }
            }
            None => Self { word: None, path: Some(text.into()) },
        }
    }

    pub(super) fn file(path: &Path) -> Self {
        Self { word: None, path: Some(path.to_owned()) }
    }
}

/// A document that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) word: Option<Word>,
    pub(super) source: Source,
    /// None for standard input.
    path: Option<PathBuf>,
}

impl Read {
    #[cfg(test)]
    pub(super) fn of(word: Option<Word>, source: Source) -> Self {
        Self { word, source, path: None }
    }

    pub(super) fn is_xml(&self) -> bool {
        self.source.text.trim_start().starts_with('<')
    }

    pub(super) fn checked(self, kind: DocumentKind, dialect: Dialect) -> Checked {
        Checked { source: self.source, path: self.path, kind, dialect }
    }
}

/// Reads all files, each once.
///
/// # Errors
/// [`CommandError::Usage`] that tells of every file that cannot be read.
pub(super) fn read_all<'a>(
    inputs: impl IntoIterator<Item = &'a Input>,
) -> Result<Vec<Read>, CommandError> {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    let mut seen: Vec<(Option<Word>, &Path)> = Vec::new();
    for input in inputs {
        let Some(path) = input.path.as_deref() else { continue };
        if seen.contains(&(input.word, path)) {
            continue;
        }
        if path == Path::new("-") && seen.iter().any(|(_, seen)| *seen == path) {
            wrong.push("stdin can be read once only; leave out one `-`".to_owned());
            continue;
        }
        seen.push((input.word, path));
        match read(path) {
            Ok((name, text, path)) => {
                all.push(Read { word: input.word, source: Source::new(name, text), path });
            }
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() { Ok(all) } else { Err(CommandError::Usage(wrong.join("\nstocktake: "))) }
}

/// The name, text and place of a document; the error is a sentence for its user.
fn read(path: &Path) -> Result<(String, String, Option<PathBuf>), String> {
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "<stdin>".to_owned() } else { path.to_string_lossy().into_owned() };
    let shown = visible(&name);
    let max = FILE_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = if is_stdin {
        std::io::stdin().lock().take(max).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(max).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(path, &shown, &error))?;
    if bytes.len() > FILE_BYTES_MAX {
        let mib = FILE_BYTES_MAX >> 20;
        return Err(format!(
            "`{shown}` has more than {mib} MiB, so it is no policy or configuration"
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text, (!is_stdin).then(|| path.to_owned()))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..at).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let remedy = if error.as_bytes().starts_with(&[0xff, 0xfe])
                || error.as_bytes().starts_with(&[0xfe, 0xff])
            {
                "it seems to be UTF-16; save it as UTF-8"
            } else {
                "save it as UTF-8"
            };
            Err(format!("`{shown}` is not UTF-8 at byte {at}, in line {line}; {remedy}"))
        }
    }
}

fn unreadable(path: &Path, shown: &str, error: &std::io::Error) -> String {
    let remedy = match error.kind() {
        std::io::ErrorKind::NotFound => {
            let is_word = path.as_os_str().as_bytes().contains(&b'=');
            let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            return if is_word {
                let words = words.join("`, `");
                format!("there is no file `{shown}`; the words before `=` are `{words}`")
            } else {
                format!("there is no file `{shown}`; name one, or `-` for stdin")
            };
        }
        std::io::ErrorKind::IsADirectory => "it is a folder; name the files in it",
        std::io::ErrorKind::PermissionDenied => "you may not read it",
        _ => return format!("`{shown}` cannot be read: {error}"),
    };
    format!("`{shown}` cannot be read: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_before_the_file_says_what_it_is() {
        let parse = |text: &str| Input::parse(OsStr::new(text));
        let input = |word, path: Option<&str>| Input { word, path: path.map(PathBuf::from) };
        assert_eq!(parse("p.json"), input(None, Some("p.json")));
        assert_eq!(parse("key=p.json"), input(Some(Word::Key), Some("p.json")));
        assert_eq!(parse("source="), input(Some(Word::Source), None));
        assert_eq!(parse("./key=p.json"), input(None, Some("./key=p.json")));
        assert_eq!(parse("kind=p.json"), input(None, Some("kind=p.json")));
        assert_eq!(parse("bucket=a=b"), input(Some(Word::Bucket), Some("a=b")));
        assert_eq!(parse("buckets=a"), input(None, Some("buckets=a")));
    }
}
