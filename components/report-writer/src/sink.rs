//! Writing one object of unknown size, in bounded memory.
//!
//! A small object goes out in one `put`; a larger one as an upload in parts. Unless it is finished nothing of it is
//! visible.

use md5::{Digest as _, Md5};
use stocktake_capabilities::{Error, PUT_BYTES_MAX, Part, PutOptions, PutOutcome, Uploads};

use crate::task::hex;

/// What a buffer begins with: most files of a report are at least this large.
const BUFFER_BYTES_MIN: usize = 64 << 10;

/// An object that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) size_bytes: u64,
    pub(crate) md5: String,
}

/// Takes the bytes of one object. It is visible after [`ObjectSink::finish`], and not before.
pub(crate) struct ObjectSink<'a, U> {
    uploads: &'a U,
    place: Place<'a>,
    note_upload: &'a dyn Fn() -> Result<(), Error>,
    buffer: Vec<u8>,
    md5: Md5,
    size_bytes: u64,
    begun: Option<Begun>,
}

/// Which object is written, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) options: &'a PutOptions,
}

struct Begun {
    upload: String,
    parts: Vec<Part>,
}

impl<'a, U: Uploads> ObjectSink<'a, U> {
    /// `note_upload` is called before an upload in parts begins: a killed process leaves one whose id nobody knows.
    pub(crate) fn new(
        uploads: &'a U,
        place: Place<'a>,
        note_upload: &'a dyn Fn() -> Result<(), Error>,
    ) -> Self {
        Self {
            uploads,
            place,
            note_upload,
            buffer: Vec::new(),
            md5: Md5::new(),
            size_bytes: 0,
            begun: None,
        }
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            if self.buffer.len() == PUT_BYTES_MAX {
                // A full buffer goes out only when there is more, so that the last part is never empty.
                self.write_part()?;
            }
            let (taken, rest) = bytes.split_at(bytes.len().min(PUT_BYTES_MAX - self.buffer.len()));
            self.reserve(taken.len());
            self.buffer.extend_from_slice(taken);
            self.md5.update(taken);
            self.size_bytes += taken.len() as u64;
            bytes = rest;
        }
        Ok(())
    }

    /// Makes the object visible.
    pub(crate) fn finish(mut self) -> Result<Written, Error> {
        let Place { bucket, key, options } = self.place;
        let outcome = if self.begun.is_some() {
            if !self.buffer.is_empty() {
                self.write_part()?;
            }
            let Some(begun) = self.begun else { return Err(lost()) };
            let ended = self.uploads.complete(bucket, key, &begun.upload, &begun.parts, options);
            ended.map_err(|error| vanished(error, key))?
        } else {
            self.uploads.put(bucket, key, &self.buffer, options)?
        };
        match outcome {
            PutOutcome::Stored(_) => {
                Ok(Written { size_bytes: self.size_bytes, md5: hex(&self.md5.finalize()) })
            }
            PutOutcome::PreconditionFailed => Err(lost()),
        }
    }

    /// Makes room for `more` bytes. A vector on its own would double beyond the limit.
    fn reserve(&mut self, more: usize) {
        let needed = self.buffer.len() + more;
        if needed > self.buffer.capacity() {
            let wanted =
                needed.max(self.buffer.capacity() * 2).clamp(BUFFER_BYTES_MIN, PUT_BYTES_MAX);
            self.buffer.reserve_exact(wanted - self.buffer.len());
        }
    }

    fn write_part(&mut self) -> Result<(), Error> {
        let Place { bucket, key, options } = self.place;
        let begun = match &mut self.begun {
            Some(begun) => begun,
            none => {
                (self.note_upload)()?;
                let upload = self.uploads.begin(bucket, key, options)?;
                none.insert(Begun { upload, parts: Vec::new() })
            }
        };
        let number = u32::try_from(begun.parts.len() + 1).unwrap_or(u32::MAX);
        let part = self.uploads.write_part(bucket, key, &begun.upload, number, &self.buffer);
        let part = part.map_err(|error| vanished(error, key))?;
        begun.parts.push(part);
        self.buffer.clear();
        Ok(())
    }
}

/// An upload that was begun and is gone was ended by somebody: another attempt, a rule of the bucket, or a completion
/// whose answer was lost. Written anew, it is there.
fn vanished(error: Error, key: &str) -> Error {
    match error {
        Error::NoSuchObject => Error::Unavailable(format!("the upload of `{key}` is gone")),
        error => error,
    }
}

/// The sinks of this crate write unconditionally, so a failed precondition is the store's mistake.
fn lost() -> Error {
    Error::Other("the store refused an unconditional write as conditional".to_owned())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use stocktake_capabilities::memory::MemoryStore;
    use stocktake_capabilities::{Instant, ObjectRef, Objects as _};

    use super::*;

    /// Writes so many bytes in pieces and answers how many uploads were begun.
    #[track_caller]
    fn check(size: usize, piece: usize) -> usize {
        let store = MemoryStore::new(Instant::default()).with_bucket("reports");
        let noted = RefCell::new(0);
        let note = || {
            *noted.borrow_mut() += 1;
            Ok(())
        };
        let content: Vec<u8> = (0..=250).cycle().take(size).collect();
        let options = PutOptions::default();
        let place = Place { bucket: "reports", key: "a/b", options: &options };
        let mut sink = ObjectSink::new(&store, place, &note);
        for piece in content.chunks(piece) {
            sink.write(piece).unwrap();
        }
        let object = ObjectRef { key: "a/b".to_owned(), version_id: None };
        assert!(store.read_range("reports", &object, 0, 1).is_err(), "visible too early");
        let written = sink.finish().unwrap();
        assert_eq!(written.size_bytes, size as u64);
        assert_eq!(written.md5, hex(&Md5::digest(&content)));
        let mut read = Vec::new();
        while read.len() < size {
            read.extend(store.read_range("reports", &object, read.len() as u64, 4 << 20).unwrap());
        }
        assert!(read == content);
        noted.into_inner()
    }

    #[test]
    fn small_objects_need_no_upload() {
        assert_eq!(check(0, 1), 0);
        assert_eq!(check(1, 1), 0);
        assert_eq!(check(PUT_BYTES_MAX, 1 << 20), 0);
    }

    #[test]
    fn large_objects_go_out_in_parts() {
        assert_eq!(check(PUT_BYTES_MAX + 1, 1 << 20), 1);
        assert_eq!(check(2 * PUT_BYTES_MAX, 3 << 20), 1);
        assert_eq!(check(2 * PUT_BYTES_MAX + 7, 10 << 20), 1);
    }
}
