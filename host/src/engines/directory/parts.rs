//! Uploads in parts: a folder for each upload in the reserved folder, a file for each part, named by its number.
//!
//! An upload's id is random digits and the MD5 of its key, so that it serves no other key and leads nowhere else.
//! The joined object has the MD5 of its content as entity tag, like any other object here: a file could not tell
//! later which parts it came from.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, Mode};
use rustix::io::Errno;
use stocktake_capabilities::{Error, PUT_BYTES_MAX, Part, PutOptions, PutOutcome, etags, limits};

use super::DirectoryStore;
use super::folder::{self, RESERVED};
use super::read::{io_error, open_file};
use super::write::{Staged, check_write, random_hex, reserved, sync};

/// 32 random digits and 32 of the key's MD5.
const UPLOAD_ID_BYTES: usize = 64;

/// Begins an upload.
pub(super) fn begin(bucket: &OwnedFd, key: &str, options: &PutOptions) -> Result<String, Error> {
    check_write(key, options)?;
    let reserved = reserved(bucket)?;
    loop {
        let id = format!("{}{}", random_hex(), etags::of_content(key.as_bytes()));
        match rustix::fs::mkdirat(&reserved, &id, Mode::from_raw_mode(0o700)) {
            Ok(()) => {
                sync(&reserved)?;
                return Ok(id);
            }
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(folder::error(errno, "beginning an upload")),
        }
    }
}

/// Writes one part.
pub(super) fn write(
    bucket: &OwnedFd,
    key: &str,
    id: &str,
    number: u32,
    body: &[u8],
) -> Result<Part, Error> {
    limits::check_part_number(number)?;
    limits::check_body(body)?;
    let upload = open_upload(bucket, key, id)?;
    let staged = Staged::write(&upload, |file| file.write_all(body))?;
    staged.keep_as(&number.to_string())?;
    Ok(Part { number, etag: etags::of_content(body) })
}

impl DirectoryStore {
    /// Joins parts into the object `key` of an `upload`.
    pub(super) fn join_parts(
        &self,
        bucket: &OwnedFd,
        (key, id): (&str, &str),
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        check_write(key, options)?;
        let upload = open_upload(bucket, key, id)?;
        limits::check_parts(parts)?;
        let (staged, etag) = match parts {
            [only] => {
                read_part(&upload, only)?;
                (Staged::existing(&upload, only.number.to_string()), only.etag.clone())
            }
            several => join(&upload, several)?,
        };
        let outcome = self.publish(bucket, key, staged, &options.precondition, etag)?;
        if matches!(outcome, PutOutcome::Stored(_))
            && let Err(errno) = remove(bucket, &upload, id)
        {
            tracing::warn!(upload = id, %errno, "parts of a finished upload are left behind");
        }
        Ok(outcome)
    }
}

/// Removes an upload, if it exists.
pub(super) fn abort(bucket: &OwnedFd, key: &str, id: &str) -> Result<(), Error> {
    match open_upload(bucket, key, id) {
        Ok(upload) => {
            remove(bucket, &upload, id).map_err(|errno| folder::error(errno, "dropping an upload"))
        }
        Err(Error::NoSuchObject) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes every upload of this key.
pub(super) fn abort_all(bucket: &OwnedFd, key: &str) -> Result<(), Error> {
    let failed = |errno| folder::error(errno, "looking for unfinished uploads");
    let reserved = match folder::open(bucket, RESERVED.as_bytes()) {
        Ok(reserved) => reserved,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(failed(errno)),
    };
    for entry in Dir::read_from(&reserved).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if let Ok(id) = entry.file_name().to_str() {
            // What is no upload of this key is unknown, and so no error.
            abort(bucket, key, id)?;
        }
    }
    Ok(())
}

fn open_upload(bucket: &OwnedFd, key: &str, id: &str) -> Result<OwnedFd, Error> {
    let is_hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if id.len() != UPLOAD_ID_BYTES || !is_hex || !id.ends_with(&etags::of_content(key.as_bytes())) {
        return Err(Error::NoSuchObject);
    }
    let opened = folder::open(bucket, RESERVED.as_bytes())
        .and_then(|reserved| folder::open(&reserved, id.as_bytes()));
    opened.map_err(|errno| match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Error::NoSuchObject,
        other => folder::error(other, "opening an upload"),
    })
}

fn join<'a>(upload: &'a OwnedFd, parts: &[Part]) -> Result<(Staged<'a>, String), Error> {
    let mut tag = etags::Running::new();
    let mut refused = None;
    let staged = Staged::write(upload, |file| {
        for (index, part) in parts.iter().enumerate() {
            let checked = read_part(upload, part).and_then(|body| {
                if index + 1 < parts.len() {
                    limits::check_joined_part(part.number, body.len() as u64)?;
                }
                Ok(body)
            });
            match checked {
                Ok(body) => {
                    tag.update(&body);
                    file.write_all(&body)?;
                }
                Err(error) => {
                    refused = Some(error);
                    return Ok(());
                }
            }
        }
        Ok(())
    })?;
    match refused {
        None => Ok((staged, tag.finish())),
        Some(error) => Err(error),
    }
}

/// The content of a part, if it is the one that was written under this entity tag.
fn read_part(upload: &OwnedFd, part: &Part) -> Result<Vec<u8>, Error> {
    let number = part.number;
    let unknown =
        || Error::InvalidArgument(format!("part {number} was not written with that entity tag"));
    let file = match open_file(upload, &number.to_string()) {
        Ok(Some((file, size_bytes))) if size_bytes <= PUT_BYTES_MAX as u64 => file,
        Ok(_) | Err(Errno::NOENT) => return Err(unknown()),
        Err(errno) => return Err(folder::error(errno, "reading a part")),
    };
    let mut body = Vec::new();
    file.take(PUT_BYTES_MAX as u64)
        .read_to_end(&mut body)
        .map_err(|error| io_error(&error, "reading a part"))?;
    if etags::of_content(&body) == part.etag { Ok(body) } else { Err(unknown()) }
}

fn remove(bucket: &OwnedFd, upload: &OwnedFd, id: &str) -> Result<(), Errno> {
    for entry in Dir::read_from(upload)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_bytes() != b"." && name.to_bytes() != b".." {
            ignore_missing(rustix::fs::unlinkat(upload, name, AtFlags::empty()))?;
        }
    }
    let reserved = folder::open(bucket, RESERVED.as_bytes())?;
    ignore_missing(rustix::fs::unlinkat(&reserved, id, AtFlags::REMOVEDIR))
}

fn ignore_missing(done: Result<(), Errno>) -> Result<(), Errno> {
    match done {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}
