//! Reading single objects.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use stocktake_capabilities::{DetailKinds, Error, ObjectDetail, ObjectRef, limits};

use super::folder;
use super::walk::{last_modified, size_bytes};

/// Size and time of each object, if they are asked for. A folder keeps no more.
pub(super) fn head_many(
    bucket: &OwnedFd,
    refs: &[ObjectRef],
    kinds: DetailKinds,
) -> Result<Vec<Option<ObjectDetail>>, Error> {
    limits::check_batch(refs.len())?;
    // Batches come from listings, so the folder is mostly that of the object before.
    let mut last: Option<(&str, OwnedFd)> = None;
    let mut details = Vec::with_capacity(refs.len());
    for object in refs {
        if !can_exist(object) {
            details.push(None);
            continue;
        }
        let (path, name) = folder::split(&object.key);
        let parent = match last.take().filter(|(before, _)| *before == path) {
            Some((_, parent)) => Ok(parent),
            None => folder::descend(bucket, path),
        };
        let detail = match parent {
            Ok(parent) => {
                let detail = head(&parent, name, kinds)?;
                last = Some((path, parent));
                detail
            }
            Err(errno) => gone(errno)?,
        };
        details.push(detail);
    }
    Ok(details)
}

/// Reads a range of a file.
pub(super) fn read_range(
    bucket: &OwnedFd,
    object: &ObjectRef,
    offset_bytes: u64,
    length_bytes: u32,
) -> Result<Vec<u8>, Error> {
    limits::check_read(length_bytes)?;
    if !can_exist(object) {
        return Err(Error::NoSuchObject);
    }
    let (path, name) = folder::split(&object.key);
    let opened = folder::descend(bucket, path).and_then(|parent| open_file(&parent, name));
    let Some((file, size_bytes)) = opened.or_else(gone)? else { return Err(Error::NoSuchObject) };
    let left = size_bytes.saturating_sub(offset_bytes).min(u64::from(length_bytes));
    let mut content = vec![0; usize::try_from(left).unwrap_or_default()];
    let mut filled = 0;
    while let Some(rest) = content.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset_bytes + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_error(&error, "reading an object")),
        }
    }
    content.truncate(filled);
    Ok(content)
}

/// Opens a regular file and tells its size. Anything else counts as missing, and opening it has no effect.
pub(super) fn open_file(parent: &OwnedFd, name: &str) -> Result<Option<(File, u64)>, Errno> {
    // A pipe that nobody writes to would block without NONBLOCK.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(parent, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    Ok(is_file.then(|| (File::from(file), size_bytes(&stat))))
}

/// Folds an error of the standard library.
pub(super) fn io_error(error: &std::io::Error, doing: &str) -> Error {
    match error.raw_os_error() {
        Some(code) => folder::error(Errno::from_raw_os_error(code), doing),
        None => Error::Other(format!("{doing}: {error}")),
    }
}

fn head(parent: &OwnedFd, name: &str, kinds: DetailKinds) -> Result<Option<ObjectDetail>, Error> {
    let stat = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => stat,
        Ok(_) => return Ok(None),
        Err(errno) => return gone(errno),
    };
    let mut detail = ObjectDetail::default();
    if kinds.head {
        detail.size_bytes = Some(size_bytes(&stat));
        detail.last_modified = Some(last_modified(&stat));
    }
    Ok(Some(detail))
}

/// Whether a file could be this object. One that has no name here does not exist.
fn can_exist(object: &ObjectRef) -> bool {
    object.version_id.is_none() && folder::key_problem(&object.key).is_none()
}

/// None where the file is missing, which a link and a pipe without a reader are too.
fn gone<T>(errno: Errno) -> Result<Option<T>, Error> {
    match errno {
        Errno::NOENT
        | Errno::NOTDIR
        | Errno::LOOP
        | Errno::NXIO
        | Errno::NODEV
        | Errno::NAMETOOLONG => Ok(None),
        other => Err(folder::error(other, "reading an object")),
    }
}
