//! Trees of files from a description of one line a file.
//!
//! A line holds the size in bytes, the time of the last change in seconds since 1970 with a fraction, and the path. In
//! a path `\n`, `\t`, `\\` and `\xff` stand for bytes, and `{08..12}` for each of the numbers with as many digits. Empty
//! lines and those that begin with `#` are left out.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::artefacts::target;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeFile {
    /// Its path, which need not be UTF-8.
    pub path: Vec<u8>,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Since the epoch.
    pub modified: Duration,
}

/// Reads a description.
#[track_caller]
pub fn parse(text: &str) -> Vec<TreeFile> {
    let mut files = Vec::new();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("three words are wanted: {line}"));
        let size_bytes = word().parse().unwrap();
        let modified = seconds(word());
        for path in expanded(word()) {
            files.push(TreeFile { path: unescaped(&path), size_bytes, modified });
        }
    }
    files
}

/// Makes the files below a folder, which need not exist.
pub fn write(folder: &Path, files: &[TreeFile]) {
    fs::create_dir_all(folder).unwrap();
    for file in files {
        let path = folder.join(OsStr::from_bytes(&file.path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let made = File::create_new(&path).unwrap();
        made.set_len(file.size_bytes).unwrap();
        made.set_modified(SystemTime::UNIX_EPOCH + file.modified).unwrap();
    }
}

/// How many files [`large`] has.
pub const LARGE: u64 = 100_000;

/// A folder with [`LARGE`] files in a thousand folders; made once and kept between runs of the tests. Only read it.
pub fn large() -> PathBuf {
    let folder = target().join("tmp");
    let tree = folder.join("large-tree-1");
    if !tree.is_dir() {
        fs::create_dir_all(&folder).unwrap();
        let making = tempfile::tempdir_in(&folder).unwrap();
        let files: Vec<TreeFile> = (0..LARGE).map(large_file).collect();
        write(&making.path().join("tree"), &files);
        // Of several tests that make it at once the first one wins.
        if fs::rename(making.path().join("tree"), &tree).is_err() {
            assert!(tree.is_dir(), "`{}` cannot be made", tree.display());
        }
    }
    tree
}

fn large_file(number: u64) -> TreeFile {
    // Names of different lengths, some of which need an escape in a report.
    let name = match number % 10 {
        0 => format!("plus+{number}"),
        1 => format!("blank {number:08}"),
        2 => format!("é{number}"),
        _ => format!("object-{number:06}.bin"),
    };
    TreeFile {
        path: format!("{:03}/{name}", number * 7919 % 1000).into_bytes(),
        size_bytes: number % 4099,
        modified: Duration::from_millis(1_700_000_000_000 + number * 977),
    }
}

/// Seconds with at most nine digits of a fraction.
fn seconds(text: &str) -> Duration {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanoseconds = format!("{fraction:0<9}");
    Duration::new(whole.parse().unwrap(), nanoseconds.parse().unwrap())
}

/// A path for each number of its first `{from..to}`, or the path itself.
fn expanded(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (range, after) = rest.split_once('}').unwrap();
    let (from, to) = range.split_once("..").unwrap();
    let (first, last): (u64, u64) = (from.parse().unwrap(), to.parse().unwrap());
    let digits = from.len();
    (first..=last).map(|number| format!("{before}{number:0digits$}{after}")).collect()
}

fn unescaped(path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (byte, length) = match rest.as_bytes()[at + 1] {
            b'n' => (b'\n', 2),
            b't' => (b'\t', 2),
            b'x' => (u8::from_str_radix(&rest[at + 2..at + 4], 16).unwrap(), 4),
            b'\\' => (b'\\', 2),
            other => panic!("`\\{}` is no escape: {path}", char::from(other)),
        };
        bytes.push(byte);
        rest = &rest[at + length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
