//! Folders opened component by component, which keys can be paths in them, and what their errors mean.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use stocktake_capabilities::Error;

/// Where writes stand until they become visible, in each bucket. Nothing in it is an object.
pub(super) const RESERVED: &str = ".stocktake-uploads";

/// The most bytes of a key, so that a cursor (one byte and a key) fits into the 8 KiB of a continuation.
pub(super) const KEY_BYTES_MAX: usize = (8 << 10) - 1;

/// The most bytes of one component of a key: what a file name can have.
pub(super) const COMPONENT_BYTES_MAX: usize = 255;

/// The mode of folders that a key asks for, before the process's umask.
pub(super) const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);

#[cfg(test)]
thread_local! {
    /// How many folders this thread has opened.
    pub(super) static OPENED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Which folder it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

/// The identity of an open folder.
pub(super) fn identity(folder: impl AsFd) -> Result<Identity, Errno> {
    let stat = rustix::fs::fstat(folder)?;
    Ok(Identity { device: stat.st_dev, inode: stat.st_ino })
}

/// Opens the folder above, if it is the expected one: a folder that was moved is below another one.
pub(super) fn open_above(folder: impl AsFd, expected: Identity) -> Result<OwnedFd, Errno> {
    let above = open(folder, b"..")?;
    if identity(&above)? == expected { Ok(above) } else { Err(Errno::NOENT) }
}

/// Opens a folder by one name, never through a link.
pub(super) fn open(parent: impl AsFd, name: &[u8]) -> Result<OwnedFd, Errno> {
    #[cfg(test)]
    OPENED.set(OPENED.get() + 1);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

/// Opens a folder, or makes it, durably.
pub(super) fn open_or_make(parent: impl AsFd, name: &[u8], mode: Mode) -> Result<OwnedFd, Errno> {
    match open(&parent, name) {
        Err(Errno::NOENT) => {}
        opened => return opened,
    }
    match rustix::fs::mkdirat(&parent, name, mode) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    rustix::fs::fsync(&parent)?;
    open(&parent, name)
}

/// Opens the folder of this path, relative to the bucket. Empty is the bucket itself; a last `/` is allowed.
///
/// The components must be ones that [`key_problem`] finds nothing wrong with.
pub(super) fn descend(bucket: &OwnedFd, path: &str) -> Result<OwnedFd, Errno> {
    match descend_far(bucket, path)? {
        Reached::Whole(folder) => Ok(folder),
        Reached::Part { errno, .. } => Err(errno),
    }
}

/// How far a path could be followed.
pub(super) enum Reached {
    /// To its end.
    Whole(OwnedFd),
    /// To this folder, the path of which has so many bytes, with its last `/`.
    Part { folder: OwnedFd, path_bytes: usize, errno: Errno },
}

/// Opens the folder of this path as [`descend`] does, or the deepest one on the way to it that there is.
pub(super) fn descend_far(bucket: &OwnedFd, path: &str) -> Result<Reached, Errno> {
    let mut folder = rustix::io::fcntl_dupfd_cloexec(bucket, 0)?;
    let mut path_bytes = 0;
    for component in path.split_terminator('/') {
        match open(&folder, component.as_bytes()) {
            Ok(next) => folder = next,
            Err(errno) => return Ok(Reached::Part { folder, path_bytes, errno }),
        }
        path_bytes += component.len() + 1;
    }
    Ok(Reached::Whole(folder))
}

/// The path of the folder, with its last `/`, and the name in it.
pub(super) fn split(key: &str) -> (&str, &str) {
    key.split_at(key.rfind('/').map_or(0, |slash| slash + 1))
}

/// Refuses a key that cannot be the path of a file.
pub(super) fn check_key(key: &str) -> Result<(), Error> {
    match key_problem(key) {
        None => Ok(()),
        Some(problem) => Err(Error::InvalidArgument(format!(
            "a directory cannot hold the key {key:.200?}: {problem}"
        ))),
    }
}

/// What is wrong with a key, in words.
pub(super) fn key_problem(key: &str) -> Option<&'static str> {
    const {
        assert!(COMPONENT_BYTES_MAX == 255 && KEY_BYTES_MAX == 8191);
    }
    if key.is_empty() {
        return Some("it is empty; name the file");
    }
    if key.len() > KEY_BYTES_MAX {
        return Some("it is longer than 8,191 bytes; shorten it");
    }
    if key.ends_with('/') {
        return Some("it ends with `/`, and folders are no objects; name a file in it");
    }
    if key.contains('\0') {
        return Some("it holds a NUL; leave it out");
    }
    if split_first(key) == RESERVED {
        return Some("unfinished uploads stand in `.stocktake-uploads`; use another folder");
    }
    key.split('/').find_map(component_problem)
}

/// Whether a path with a last `/` (or an empty one) can be the folder of a key.
pub(super) fn is_folder_path(path: &str) -> bool {
    !path.contains('\0')
        && split_first(path) != RESERVED
        && path.split_terminator('/').all(|component| component_problem(component).is_none())
}

/// Folds what the system said into what the caller can do about it. `doing` goes into logs and texts.
pub(super) fn error(errno: Errno, doing: &str) -> Error {
    match errno {
        Errno::ACCESS | Errno::PERM | Errno::ROFS => {
            tracing::debug!(%errno, doing, "the file system denied access");
            Error::AccessDenied
        }
        Errno::NOENT
        | Errno::NOSPC
        | Errno::DQUOT
        | Errno::MFILE
        | Errno::NFILE
        | Errno::NOMEM
        | Errno::IO
        | Errno::STALE
        | Errno::NOTCONN => Error::Unavailable(format!("{doing}: {errno}")),
        Errno::NAMETOOLONG | Errno::INVAL | Errno::ILSEQ => Error::InvalidArgument(format!(
            "{doing}: {errno}; the file system cannot hold this name, use another key"
        )),
        _ => Error::Other(format!("{doing}: {errno}")),
    }
}

fn split_first(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

fn component_problem(component: &str) -> Option<&'static str> {
    match component {
        "" => Some("`/` stands at its beginning or twice in a row; drop it"),
        "." | ".." => Some("`.` and `..` mean folders; use other names"),
        long if long.len() > COMPONENT_BYTES_MAX => {
            Some("a name between two `/` is longer than 255 bytes; shorten it")
        }
        _ => None,
    }
}
