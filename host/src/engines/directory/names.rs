//! The names of one folder, in the order of keys.
//!
//! A folder sorts as its name and `/`, because that is how its keys go on: `a-b`, `a.b`, `a/b`, `a0`. Nothing here
//! knows where in a bucket the folder is, except for how long the keys are by then.

use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::folder::{KEY_BYTES_MAX, RESERVED};

/// How many names of a folder are kept when there are twice as many: some 12 MB of usual names.
///
/// So fewer than 524,288 names take one pass. A folder with more is read again for each further so many. Reading one
/// costs a fraction of a microsecond per name, so ten million names in one folder add some minutes to a whole
/// listing; as one sorted block they would take half a gigabyte.
pub(super) const NAMES_PER_PASS: usize = 262_144;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An object, by its name.
    File,
    /// More names, by the name and `/`.
    Folder,
    /// No key can say this name.
    Unlisted,
}

/// Which names are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// What each name begins with.
    pub(super) stem: Vec<u8>,
    /// What each text is greater than, or, for a folder, a beginning of. Empty lets all pass.
    pub(super) after: Vec<u8>,
    /// How long the key of the folder itself is.
    pub(super) path_bytes: usize,
}

/// Names of one folder, ascending, from a certain one on.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<u8>,
    sorted: Vec<Name>,
    position: usize,
    has_more: bool,
}

/// The text is a name as it sorts: that of a folder ends with `/`.
#[derive(Clone, Copy, Debug)]
struct Name {
    /// The first bytes of the text as a number, so that most comparisons touch no text.
    head: u64,
    start: u32,
    length: u16,
    kind: Kind,
}

impl Names {
    /// Reads a folder: the smallest names in scope, fewer than twice `names_max`.
    pub(super) fn read(folder: &mut Dir, scope: &Scope, names_max: usize) -> Result<Self, Errno> {
        Self::read_behind(folder, scope, names_max, None)
    }

    /// Whether the folder had more names than are held.
    pub(super) fn has_more(&self) -> bool {
        self.has_more
    }

    /// Reads the folder again, for the names behind the last one held.
    pub(super) fn read_on(
        &self,
        folder: &mut Dir,
        scope: &Scope,
        names_max: usize,
    ) -> Result<Self, Errno> {
        folder.rewind();
        let last = self.sorted.last().map(|name| self.text(name));
        Self::read_behind(folder, scope, names_max, last)
    }

    /// The name that is next.
    pub(super) fn peek(&self) -> Option<(Kind, &[u8])> {
        self.sorted.get(self.position).map(|name| (name.kind, self.text(name)))
    }

    /// Goes on to the name behind the next one.
    pub(super) fn advance(&mut self) {
        self.position += 1;
    }

    /// How much memory the names take.
    pub(super) fn bytes(&self) -> usize {
        self.texts.capacity() + self.sorted.capacity() * size_of::<Name>()
    }

    fn read_behind(
        folder: &mut Dir,
        scope: &Scope,
        names_max: usize,
        last: Option<&[u8]>,
    ) -> Result<Self, Errno> {
        let mut names = Self::default();
        let mut greatest: Option<Vec<u8>> = None;
        let mut text = Vec::with_capacity(256);
        while let Some(entry) = folder.read() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !name.starts_with(&scope.stem) || is_skipped(name, scope) {
                continue;
            }
            let Some(is_folder) = is_folder(folder, name, entry.file_type())? else { continue };
            text.clear();
            text.extend_from_slice(name);
            if is_folder {
                text.push(b'/');
            }
            let is_ahead = text.as_slice() > scope.after.as_slice()
                || (is_folder && scope.after.starts_with(&text));
            if !is_ahead || last.is_some_and(|last| text.as_slice() <= last) {
                continue;
            }
            if greatest.as_ref().is_some_and(|greatest| text > *greatest) {
                continue;
            }
            names.push(&text, kind(&text, is_folder, scope));
            if names.sorted.len() >= names_max.saturating_mul(2) {
                names.keep_smallest(names_max);
                greatest = names.sorted.last().map(|name| names.text(name).to_vec());
            }
        }
        names.sort();
        Ok(names)
    }

    fn push(&mut self, text: &[u8], kind: Kind) {
        // A pass ends long before 4 GiB of texts, and a name of the file system is at most a few hundred bytes.
        let (Ok(start), Ok(length)) = (self.texts.len().try_into(), text.len().try_into()) else {
            return;
        };
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(text) {
            *to = *from;
        }
        self.texts.extend_from_slice(text);
        self.sorted.push(Name { head: u64::from_be_bytes(head), start, length, kind });
    }

    /// Drops all but the smallest names; afterwards the greatest one of them is the last.
    fn keep_smallest(&mut self, names_max: usize) {
        if self.sorted.len() <= names_max || names_max == 0 {
            return;
        }
        self.has_more = true;
        let texts = &self.texts;
        self.sorted.select_nth_unstable_by(names_max - 1, |one, other| compare(texts, one, other));
        self.sorted.truncate(names_max);
        let mut kept = Self { has_more: true, ..Self::default() };
        kept.sorted.reserve_exact(names_max);
        for name in &self.sorted {
            kept.push(self.text(name), name.kind);
        }
        *self = kept;
    }

    fn sort(&mut self) {
        let texts = &self.texts;
        self.sorted.sort_unstable_by(|one, other| compare(texts, one, other));
        // A folder that changes while it is read may show a name twice.
        self.sorted.dedup_by(|one, other| compare(texts, one, other).is_eq());
    }

    fn text(&self, name: &Name) -> &[u8] {
        text_of(&self.texts, name)
    }
}

fn compare(texts: &[u8], one: &Name, other: &Name) -> std::cmp::Ordering {
    one.head.cmp(&other.head).then_with(|| text_of(texts, one).cmp(text_of(texts, other)))
}

fn text_of<'a>(texts: &'a [u8], name: &Name) -> &'a [u8] {
    let start = name.start as usize;
    texts.get(start..start + usize::from(name.length)).unwrap_or_default()
}

fn is_skipped(name: &[u8], scope: &Scope) -> bool {
    name == b"." || name == b".." || (scope.path_bytes == 0 && name == RESERVED.as_bytes())
}

/// None for what is neither a file nor a folder, and for what is gone.
fn is_folder(folder: &Dir, name: &[u8], told: FileType) -> Result<Option<bool>, Errno> {
    let found = match told {
        FileType::Unknown => {
            match rustix::fs::statat(folder.fd()?, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(errno),
            }
        }
        told => told,
    };
    match found {
        FileType::RegularFile => Ok(Some(false)),
        FileType::Directory => Ok(Some(true)),
        other => {
            tracing::debug!(name = %name.escape_ascii(), kind = ?other, "neither file nor folder");
            Ok(None)
        }
    }
}

fn kind(text: &[u8], is_folder: bool, scope: &Scope) -> Kind {
    // The shortest key below a folder has one byte more.
    let key_bytes = scope.path_bytes + text.len() + usize::from(is_folder);
    if key_bytes > KEY_BYTES_MAX || std::str::from_utf8(text).is_err() {
        Kind::Unlisted
    } else if is_folder {
        Kind::Folder
    } else {
        Kind::File
    }
}
