//! The files of the command line: policies and configurations, with a word before them that says what they are.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::CommandError;
use super::excerpt::{Source, visible};

/// The most bytes of a file that are read at all.
///
/// Components judge 256 KiB and say how large a document is that has more; this bounds what they are handed to say it of.
const FILE_BYTES_MAX: usize = 2 << 20;

/// What a command has as words before `=`, and what they mean.
pub(super) type Words<W> = [(&'static str, W)];

/// A file as it stands on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input<W> {
    /// What it is said to be.
    pub(super) word: Option<W>,
    /// Where it is; none says that there is no document of this kind.
    pub(super) path: Option<PathBuf>,
}

impl<W: Copy> Input<W> {
    /// Reads `FILE`, `KIND=FILE` or `KIND=`.
    pub(super) fn parse(text: &OsStr, words: &Words<W>) -> Self {
        let bytes = text.as_bytes();
        let known = words.iter().find_map(|(word, meant)| {
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
}

/// A document that was read.
#[derive(Debug)]
pub(super) struct Read<W> {
    pub(super) word: Option<W>,
    pub(super) source: Source,
    /// None for standard input.
    pub(super) path: Option<PathBuf>,
    tree: OnceCell<Value>,
}

impl<W> Read<W> {
    pub(super) fn new(word: Option<W>, source: Source, path: Option<PathBuf>) -> Self {
        Self { word, source, path, tree: OnceCell::new() }
    }

    pub(super) fn is_xml(&self) -> bool {
        self.source.text.trim_start().starts_with('<')
    }

    /// The document; null if it is no JSON.
    pub(super) fn tree(&self) -> &Value {
        self.tree.get_or_init(|| serde_json::from_str(&self.source.text).unwrap_or_default())
    }
}

/// Reads all files, each once.
///
/// # Errors
/// [`CommandError::Usage`] that tells of every file that cannot be read.
pub(super) fn read_all<'a, W: Copy + PartialEq + 'a>(
    inputs: impl IntoIterator<Item = &'a Input<W>>,
    words: &Words<W>,
) -> Result<Vec<Read<W>>, CommandError> {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    let mut seen: Vec<(Option<W>, &Path)> = Vec::new();
    for input in inputs {
        let Some(path) = input.path.as_deref() else { continue };
        if seen.contains(&(input.word, path)) {
            continue;
        }
        if is_stdin(path) && seen.iter().any(|(_, seen)| *seen == path) {
            wrong.push("stdin can be read once only; leave out one `-`".to_owned());
            continue;
        }
        seen.push((input.word, path));
        match read(path, words) {
            Ok(source) => {
                let path = (!is_stdin(path)).then(|| path.to_owned());
                all.push(Read::new(input.word, source, path));
            }
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() { Ok(all) } else { Err(CommandError::Usage(wrong.join("\nstocktake: "))) }
}

/// Reads up to so many bytes of a file, or of stdin for `-`, and one more where there are more.
pub(super) fn read_at_most(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let max = bytes_max as u64 + 1;
    let mut bytes = Vec::new();
    if is_stdin(path) {
        io::stdin().lock().take(max).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(max).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// A document; the error is a sentence for its user.
fn read<W>(path: &Path, words: &Words<W>) -> Result<Source, String> {
    let is_stdin = is_stdin(path);
    let name = if is_stdin { "<stdin>".to_owned() } else { path.to_string_lossy().into_owned() };
    let shown = visible(&name);
    let bytes = read_at_most(path, FILE_BYTES_MAX)
        .map_err(|error| unreadable(path, &shown, words, &error))?;
    if bytes.len() > FILE_BYTES_MAX {
        let mib = FILE_BYTES_MAX >> 20;
        return Err(format!(
            "`{shown}` has more than {mib} MiB, so it is no policy or configuration"
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
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

fn unreadable<W>(path: &Path, shown: &str, words: &Words<W>, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => {
            let is_word = path.as_os_str().as_bytes().contains(&b'=');
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            return if is_word {
                let words = words.join("`, `");
                format!("there is no file `{shown}`; the words before `=` are `{words}`")
            } else {
                format!("there is no file `{shown}`; name one, or `-` for stdin")
            };
        }
        io::ErrorKind::IsADirectory => "it is a folder; name the files in it",
        io::ErrorKind::PermissionDenied => "you may not read it",
        _ => return format!("`{shown}` cannot be read: {error}"),
    };
    format!("`{shown}` cannot be read: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_before_the_file_says_what_it_is() {
        let words = [("key", 'k'), ("source", 's'), ("bucket", 'b')];
        let parse = |text: &str| Input::parse(OsStr::new(text), &words);
        let input = |word, path: Option<&str>| Input { word, path: path.map(PathBuf::from) };
        assert_eq!(parse("p.json"), input(None, Some("p.json")));
        assert_eq!(parse("key=p.json"), input(Some('k'), Some("p.json")));
        assert_eq!(parse("source="), input(Some('s'), None));
        assert_eq!(parse("./key=p.json"), input(None, Some("./key=p.json")));
        assert_eq!(parse("kind=p.json"), input(None, Some("kind=p.json")));
        assert_eq!(parse("bucket=a=b"), input(Some('b'), Some("a=b")));
        assert_eq!(parse("buckets=a"), input(None, Some("buckets=a")));
    }
}
