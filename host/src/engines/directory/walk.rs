//! A walk over the objects of one bucket, in the order of keys, from a certain key on.
//!
//! It opens only folders that can hold what it looks for, and it can be set aside between two pages.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, Stat};
use rustix::io::Errno;
use stocktake_capabilities::{Entry, Error, Instant, ListOptions};

use super::folder::{self, Identity, Reached};
use super::names::{Kind, Names, Scope};

/// How many folders a walk keeps open: enough for usual trees, few enough for a hundred walks at once.
///
/// Those above them are opened again on the way back, each from the one below it: from the bucket it would take as many
/// steps as the folder is deep, for each folder of a deep tree.
const FOLDERS_OPEN_MAX: usize = 8;

/// What a walk comes upon.
#[derive(Debug)]
pub(super) enum Found {
    /// An object.
    Object(Entry),
    /// A name that no key can say.
    Unlisted,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Walk {
    /// The key of the deepest folder, with its last `/`.
    path: String,
    levels: Vec<Level>,
    /// The last key that is wanted.
    until: Option<String>,
    names_max: usize,
}

#[derive(Debug)]
struct Level {
    folder: Option<Dir>,
    /// Which folder it is, once it was closed.
    closed: Option<Identity>,
    scope: Scope,
    names: Names,
}

impl Walk {
    /// Begins with the first key of the options that is greater than `after`.
    pub(super) fn begin(
        bucket: &OwnedFd,
        options: &ListOptions,
        after: &str,
        names_max: usize,
    ) -> Result<Self, Error> {
        let prefix = options.prefix.as_str();
        let until = options.until.clone();
        let mut walk = Self { path: String::new(), levels: Vec::new(), until, names_max };
        let (path, stem) = folder::split(prefix);
        let is_past = after > prefix && !after.starts_with(prefix);
        if is_past || !folder::is_folder_path(path) {
            return Ok(walk);
        }
        path.clone_into(&mut walk.path);
        let folder = match folder::descend(bucket, path) {
            Ok(folder) => folder,
            Err(errno) if is_gone(errno) => return Ok(walk),
            Err(errno) => return Err(denied_or(errno, path)),
        };
        let after = after.strip_prefix(path).unwrap_or_default();
        let scope = Scope { stem: stem.into(), after: after.into(), path_bytes: path.len() };
        walk.push(folder, scope)?;
        Ok(walk)
    }

    /// Whether there is anything ahead. It may still be gone when [`Walk::next`] looks at it.
    pub(super) fn has_next(&mut self, bucket: &OwnedFd) -> Result<bool, Error> {
        while let Some(level) = self.levels.last_mut() {
            let next = level.names.peek();
            if next.is_some_and(|(_, text)| is_beyond(self.until.as_deref(), &self.path, text)) {
                // All that is left comes later still.
                self.levels.clear();
                break;
            }
            match next {
                Some((Kind::File | Kind::Unlisted, _)) => return Ok(true),
                Some((Kind::Folder, _)) => self.descend(bucket)?,
                None if level.names.has_more() => self.read_on(bucket)?,
                None => self.leave(),
            }
        }
        Ok(false)
    }

    /// What comes next.
    pub(super) fn next(&mut self, bucket: &OwnedFd) -> Result<Option<Found>, Error> {
        while self.has_next(bucket)? {
            if self.pass_unlisted() {
                return Ok(Some(Found::Unlisted));
            }
            let Some(folder) = self.folder(bucket)? else { continue };
            let Some(level) = self.levels.last_mut() else { break };
            let Some((_, name)) = level.names.peek() else { continue };
            let stat = stat(&folder, name);
            let entry = match stat {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => {
                    Some(entry(&self.path, name, &stat))
                }
                Ok(_) => None,
                Err(errno) if is_gone(errno) => None,
                Err(errno) => return Err(denied_or(errno, &self.path)),
            };
            level.names.advance();
            level.folder = Some(folder);
            if let Some(entry) = entry {
                return Ok(Some(Found::Object(entry)));
            }
        }
        Ok(None)
    }

    /// Closes what can be opened again.
    pub(super) fn set_aside(&mut self) {
        let above = self.levels.len().saturating_sub(1);
        self.levels.iter_mut().take(above).for_each(Level::close);
    }

    /// How much memory the walk takes.
    pub(super) fn bytes(&self) -> usize {
        let level =
            |level: &Level| size_of::<Level>() + level.names.bytes() + level.scope.after.capacity();
        self.levels.iter().map(level).sum()
    }

    /// Goes on if no key can say the name that is next.
    fn pass_unlisted(&mut self) -> bool {
        let Some(level) = self.levels.last_mut() else { return false };
        let Some((Kind::Unlisted, name)) = level.names.peek() else { return false };
        let name = name.escape_ascii();
        tracing::warn!(folder = ?self.path, %name, "this name can be no object key");
        level.names.advance();
        true
    }

    fn push(&mut self, folder: OwnedFd, scope: Scope) -> Result<(), Error> {
        let mut folder = Dir::new(folder).map_err(|errno| denied_or(errno, &self.path))?;
        let names = match Names::read(&mut folder, &scope, self.names_max) {
            Ok(names) => names,
            // A folder that is removed while it is open has no names.
            Err(Errno::NOENT) => Names::default(),
            Err(errno) => return Err(denied_or(errno, &self.path)),
        };
        self.levels.push(Level { folder: Some(folder), closed: None, scope, names });
        if let Some(above) = self.levels.len().checked_sub(FOLDERS_OPEN_MAX + 1)
            && let Some(level) = self.levels.get_mut(above)
        {
            level.close();
        }
        Ok(())
    }

    /// Enters the folder that is next.
    fn descend(&mut self, bucket: &OwnedFd) -> Result<(), Error> {
        let Some(parent) = self.folder(bucket)? else { return Ok(()) };
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        let Some((_, text)) = level.names.peek() else { return Ok(()) };
        let name = text.strip_suffix(b"/").unwrap_or(text);
        let opened = parent.fd().and_then(|parent| folder::open(parent, name));
        // What the walk begins after is needed no more above: all of it would be kept once for each level.
        let after = level.scope.after.strip_prefix(text).unwrap_or_default().to_vec();
        level.scope.after = Vec::new();
        let parent_path_bytes = self.path.len();
        self.path.push_str(std::str::from_utf8(text).unwrap_or_default());
        level.names.advance();
        level.folder = Some(parent);
        match opened {
            Ok(folder) => {
                let scope = Scope { stem: Vec::new(), after, path_bytes: self.path.len() };
                self.push(folder, scope)
            }
            Err(errno) if is_gone(errno) => {
                self.path.truncate(parent_path_bytes);
                Ok(())
            }
            Err(errno) => Err(denied_or(errno, &self.path)),
        }
    }

    fn read_on(&mut self, bucket: &OwnedFd) -> Result<(), Error> {
        let Some(mut folder) = self.folder(bucket)? else { return Ok(()) };
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        let names = level.names.read_on(&mut folder, &level.scope, self.names_max);
        level.names = names.map_err(|errno| denied_or(errno, &self.path))?;
        level.folder = Some(folder);
        Ok(())
    }

    fn leave(&mut self) {
        let left = self.levels.pop().and_then(|level| level.folder);
        let Some(level) = self.levels.last_mut() else {
            self.path.clear();
            return;
        };
        self.path.truncate(level.scope.path_bytes);
        if let (None, Some(left), Some(identity)) = (&level.folder, left, level.closed) {
            // Where this fails, it is opened from the bucket when it is needed.
            let above = left.fd().and_then(|left| folder::open_above(left, identity));
            level.folder = above.and_then(Dir::new).ok();
        }
    }

    /// Takes the deepest folder out of its level, or opens it again. Returns none if it is gone, and leaves what has gone
    /// with it.
    fn folder(&mut self, bucket: &OwnedFd) -> Result<Option<Dir>, Error> {
        let Some(level) = self.levels.last_mut() else { return Ok(None) };
        if let Some(folder) = level.folder.take() {
            return Ok(Some(folder));
        }
        let (folder, path_bytes) = match folder::descend_far(bucket, &self.path) {
            Ok(Reached::Whole(folder)) => (folder, self.path.len()),
            Ok(Reached::Part { folder, path_bytes, errno }) if is_gone(errno) => {
                (folder, path_bytes)
            }
            Ok(Reached::Part { errno, .. }) | Err(errno) => {
                return Err(denied_or(errno, &self.path));
            }
        };
        let folder = Dir::new(folder).map_err(|errno| denied_or(errno, &self.path))?;
        if path_bytes == self.path.len() {
            return Ok(Some(folder));
        }
        // Every folder below the one that is still there has gone with it.
        self.levels.retain(|level| level.scope.path_bytes <= path_bytes);
        match self.levels.last_mut() {
            Some(level) if level.scope.path_bytes == path_bytes => {
                self.path.truncate(path_bytes);
                level.folder = Some(folder);
            }
            // The folder that the walk began in is gone.
            _ => self.levels.clear(),
        }
        Ok(None)
    }
}

impl Level {
    /// Closes the folder. It can be opened again from one below it.
    fn close(&mut self) {
        if let Some(folder) = self.folder.take() {
            self.closed = folder.fd().and_then(folder::identity).ok();
        }
    }
}

/// Whether a name, as it sorts, and all keys below it are greater than the last key that is wanted.
fn is_beyond(until: Option<&str>, path: &str, text: &[u8]) -> bool {
    until.is_some_and(|until| match until.strip_prefix(path) {
        Some(rest) => text > rest.as_bytes(),
        None => path > until,
    })
}

/// What has been removed or replaced since its name was read. A link is not followed, so it counts as such.
fn is_gone(errno: Errno) -> bool {
    matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
}

fn denied_or(errno: Errno, path: &str) -> Error {
    tracing::warn!(folder = ?path, %errno, "a folder cannot be listed");
    folder::error(errno, "listing a folder")
}

fn stat(folder: &Dir, name: &[u8]) -> Result<Stat, Errno> {
    rustix::fs::statat(folder.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)
}

fn entry(path: &str, name: &[u8], stat: &Stat) -> Entry {
    let name = std::str::from_utf8(name).unwrap_or_default();
    let mut key = String::with_capacity(path.len() + name.len());
    key.push_str(path);
    key.push_str(name);
    Entry {
        key,
        size_bytes: size_bytes(stat),
        last_modified: Some(last_modified(stat)),
        is_latest: true,
        ..Entry::default()
    }
}

/// The size of a file.
pub(super) fn size_bytes(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}

/// When the content of a file was last written.
pub(super) fn last_modified(stat: &Stat) -> Instant {
    Instant {
        seconds: stat.st_mtime,
        nanoseconds: u32::try_from(stat.st_mtime_nsec).unwrap_or_default(),
    }
}
