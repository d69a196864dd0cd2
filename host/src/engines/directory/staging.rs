//! Temporary files: written out of sight, held by a lock, removed when nobody holds them any more.
//!
//! A process that is killed leaves its temporary files behind, and the system takes its locks away. So whoever can
//! lock such a file knows that it is an orphan.

use std::fs::File;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use stocktake_capabilities::Error;

use super::folder;
use super::write::random_hex;

/// What the name of a temporary file begins with.
const PREFIX: &str = "new-";

/// Creates a temporary file and locks it. The lock lasts as long as the file is open.
pub(super) fn create(folder: &OwnedFd) -> Result<(File, String), Error> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    loop {
        let name = format!("{PREFIX}{}", random_hex());
        let file = match rustix::fs::openat(folder, &name, flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => file,
            Err(Errno::EXIST) => continue,
            Err(errno) => return Err(folder::error(errno, "creating a temporary file")),
        };
        // Until it is locked, a sweep may take it for an orphan; then another one is made.
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) if is_linked(&file) => return Ok((File::from(file), name)),
            Ok(()) | Err(Errno::WOULDBLOCK) => {}
            Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => {
                return Ok((File::from(file), name));
            }
            Err(errno) => return Err(folder::error(errno, "locking a temporary file")),
        }
    }
}

/// Removes the orphans of a reserved folder.
pub(super) fn sweep(reserved: &OwnedFd) -> Result<(), Errno> {
    let mut entries = Dir::read_from(reserved)?;
    while let Some(entry) = entries.read() {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_bytes().starts_with(PREFIX.as_bytes()) {
            continue;
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let Ok(file) = rustix::fs::openat(reserved, name, flags, Mode::empty()) else { continue };
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            rustix::fs::unlinkat(reserved, name, AtFlags::empty())?;
            tracing::info!(name = %name.to_string_lossy(), "removed what a killed process left");
        }
    }
    Ok(())
}

fn is_linked(file: &OwnedFd) -> bool {
    rustix::fs::fstat(file).is_ok_and(|stat| stat.st_nlink > 0)
}
