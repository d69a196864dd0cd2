//! Writing files so that they become visible all at once, and durable.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::sync::PoisonError;

use rustix::fs::{AtFlags, FileType, Mode, RenameFlags};
use rustix::io::Errno;
use stocktake_capabilities::{
    Encryption, Error, Precondition, PutOptions, PutOutcome, etags, limits,
};

use super::DirectoryStore;
use super::folder::{self, FOLDER_MODE, RESERVED};
use super::read::{io_error, open_file};
use super::staging;

/// What one step of reading or copying a content moves.
const COPY_BYTES: usize = 1 << 20;

/// The mode of the reserved folder: nobody else needs to see unfinished contents.
const RESERVED_MODE: Mode = Mode::from_raw_mode(0o700);

/// A file that is written and durable, and that no key names yet. It is removed unless it becomes visible.
pub(super) struct Staged<'a> {
    folder: &'a OwnedFd,
    name: String,
    is_temporary: bool,
    /// A temporary file is locked while it is open.
    locked: Option<File>,
}

impl DirectoryStore {
    pub(super) fn put_file(
        &self,
        bucket: &OwnedFd,
        key: &str,
        body: &[u8],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        check_write(key, options)?;
        limits::check_body(body)?;
        let reserved = reserved(bucket)?;
        let staged = Staged::write(&reserved, |file| file.write_all(body))?;
        self.publish(bucket, key, staged, &options.precondition, etags::of_content(body))
    }

    /// Makes a staged file visible, if the precondition holds.
    pub(super) fn publish(
        &self,
        bucket: &OwnedFd,
        key: &str,
        mut staged: Staged<'_>,
        precondition: &Precondition,
        etag: String,
    ) -> Result<PutOutcome, Error> {
        let (path, name) = folder::split(key);
        let publishing = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let parent = match precondition {
            Precondition::IfMatch(_) => folder::descend(bucket, path),
            Precondition::None | Precondition::IfNoneMatch => make_folders(bucket, path),
        };
        let parent = match parent {
            Ok(parent) => parent,
            Err(Errno::NOENT) if matches!(precondition, Precondition::IfMatch(_)) => {
                return Ok(PutOutcome::PreconditionFailed);
            }
            Err(Errno::NOTDIR | Errno::LOOP | Errno::EXIST) => return Err(blocked(key, path)),
            Err(errno) => return Err(folder::error(errno, "making the folders of a key")),
        };
        let exists = is_file_there(&parent, key, name)?;
        let holds = match precondition {
            Precondition::None => true,
            Precondition::IfNoneMatch => !exists,
            Precondition::IfMatch(wanted) => {
                exists && file_etag(&parent, name)? == Some(wanted.clone())
            }
        };
        let is_done = holds && {
            let is_new_only = matches!(precondition, Precondition::IfNoneMatch);
            let renamed = rename(&staged, &parent, name, is_new_only);
            renamed.map_err(|errno| folder::error(errno, "making an object visible"))?
        };
        drop(publishing);
        if !is_done {
            return Ok(PutOutcome::PreconditionFailed);
        }
        staged.is_temporary = false;
        sync(&parent)?;
        Ok(PutOutcome::Stored(etag))
    }
}

impl<'a> Staged<'a> {
    /// Writes a temporary file.
    pub(super) fn write(
        folder: &'a OwnedFd,
        write_content: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<Self, Error> {
        let (file, name) = staging::create(folder)?;
        let mut staged = Self { folder, name, is_temporary: true, locked: None };
        let file = staged.locked.insert(file);
        write_content(file)
            .and_then(|()| file.sync_all())
            .map_err(|error| io_error(&error, "writing an object"))?;
        Ok(staged)
    }

    /// A file that is there already and stays if it does not become visible.
    pub(super) fn existing(folder: &'a OwnedFd, name: String) -> Self {
        Self { folder, name, is_temporary: false, locked: None }
    }

    /// Gives the file its name in the folder that it stands in, replacing another one.
    pub(super) fn keep_as(mut self, name: &str) -> Result<(), Error> {
        rustix::fs::renameat(self.folder, &self.name, self.folder, name)
            .map_err(|errno| folder::error(errno, "keeping a part"))?;
        self.is_temporary = false;
        sync(self.folder)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if self.is_temporary
            && let Err(errno) = rustix::fs::unlinkat(self.folder, &self.name, AtFlags::empty())
        {
            tracing::warn!(name = self.name, %errno, "a temporary file is left behind");
        }
    }
}

/// Refuses what a folder cannot hold.
pub(super) fn check_write(key: &str, options: &PutOptions) -> Result<(), Error> {
    folder::check_key(key)?;
    match &options.encryption {
        Encryption::BucketDefault => Ok(()),
        Encryption::SseS3 | Encryption::SseKms(_) | Encryption::SseCos => Err(Error::Unsupported(
            "a directory does not encrypt; ask for no encryption".to_owned(),
        )),
    }
}

/// The reserved folder of a bucket. Writes make it; reads never need it.
pub(super) fn reserved(bucket: &OwnedFd) -> Result<OwnedFd, Error> {
    folder::open_or_make(bucket, RESERVED.as_bytes(), RESERVED_MODE).map_err(|errno| match errno {
        Errno::NOTDIR | Errno::LOOP => {
            Error::Other(format!("`{RESERVED}` in the bucket is no folder; remove it"))
        }
        other => folder::error(other, "opening the reserved folder"),
    })
}

/// Makes the entries of a folder durable.
pub(super) fn sync(folder: &OwnedFd) -> Result<(), Error> {
    rustix::fs::fsync(folder).map_err(|errno| folder::error(errno, "making a write durable"))
}

/// 32 hex digits that do not repeat; whoever needs certainty creates exclusively.
pub(super) fn random_hex() -> String {
    let half = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}", half(), half())
}

/// Makes missing folders, each durable before the next one stands in it.
fn make_folders(bucket: &OwnedFd, path: &str) -> Result<OwnedFd, Errno> {
    let mut folder = folder::descend(bucket, "")?;
    for component in path.split_terminator('/') {
        folder = folder::open_or_make(&folder, component.as_bytes(), FOLDER_MODE)?;
    }
    Ok(folder)
}

/// Whether an object is replaced. Only a file may be.
fn is_file_there(parent: &OwnedFd, key: &str, name: &str) -> Result<bool, Error> {
    let stat = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(false),
        Err(errno) => return Err(folder::error(errno, "looking for an object")),
    };
    let what = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => return Ok(true),
        FileType::Directory => "a folder; name a file in it",
        FileType::Symlink => "a symbolic link, and those are not followed; use another key",
        _ => "neither file nor folder; use another key",
    };
    Err(Error::InvalidArgument(format!(
        "a directory cannot hold the key {key:.200?}: it is {what}"
    )))
}

fn blocked(key: &str, path: &str) -> Error {
    Error::InvalidArgument(format!(
        "a directory cannot hold the key {key:.200?}: a part of {path:.200?} is a file or a link, not a folder; \
         use another key"
    ))
}

/// Renames; false if something bears the name already and nothing may be replaced.
fn rename(
    staged: &Staged<'_>,
    parent: &OwnedFd,
    name: &str,
    is_new_only: bool,
) -> Result<bool, Errno> {
    if !is_new_only {
        return rustix::fs::renameat(staged.folder, &staged.name, parent, name).map(|()| true);
    }
    let flags = RenameFlags::NOREPLACE;
    let mut renamed = rustix::fs::renameat_with(staged.folder, &staged.name, parent, name, flags);
    if matches!(renamed, Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)) {
        // File systems without that flag have hard links, which refuse an existing name too.
        renamed = rustix::fs::linkat(staged.folder, &staged.name, parent, name, AtFlags::empty());
        if renamed.is_ok() {
            rustix::fs::unlinkat(staged.folder, &staged.name, AtFlags::empty())?;
        }
    }
    match renamed {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(errno) => Err(errno),
    }
}

fn file_etag(parent: &OwnedFd, name: &str) -> Result<Option<String>, Error> {
    let opened = open_file(parent, name);
    let opened = opened.map_err(|errno| folder::error(errno, "comparing an object"))?;
    let Some((mut file, _)) = opened else { return Ok(None) };
    let mut tag = etags::Running::new();
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some(tag.finish())),
            Ok(read) => tag.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_error(&error, "comparing an object")),
        }
    }
}
