//! One data file in the making: entries in, an object in the destination out.
//!
//! Rows ascend by key bytes and, within a key, by version id with the null version first, whatever order the store
//! lists versions in. A file ends between two keys, never between versions of one.

use stocktake_capabilities::{Entries, Entry, Error, Failure, Uploads};
use stocktake_formats::Writer;

use crate::records::{FileRecord, PartRecord};
use crate::rows::fill;
use crate::sink::ObjectSink;
use crate::stretches::Stretches;
use crate::task::{Range, failure};

/// The most versions of one key that are sorted together; further ones follow in runs of as many. At 300 bytes each
/// they take 6 MiB.
const KEY_VERSIONS_MAX: usize = 20_000;

/// What a file is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) source: &'a str,
    pub(crate) has_versions: bool,
    pub(crate) rows_max: u64,
}

/// A data file in the making.
pub(crate) struct DataFile<'a, U> {
    shape: Shape<'a>,
    key: &'a str,
    writer: Writer<Vec<u8>>,
    sink: ObjectSink<'a, U>,
    /// Versions of the last key, as the next page may hold more of them.
    pending: Entries,
    first_key: Option<String>,
    last_key: Option<String>,
    stretches: Stretches,
    object_bytes: u64,
}

impl<'a, U: Uploads> DataFile<'a, U> {
    /// Begins the file that will be stored under this key.
    pub(crate) fn new(
        shape: Shape<'a>,
        key: &'a str,
        writer: Writer<Vec<u8>>,
        sink: ObjectSink<'a, U>,
    ) -> Self {
        Self {
            shape,
            key,
            writer,
            sink,
            pending: Entries::default(),
            first_key: None,
            last_key: None,
            stretches: Stretches::default(),
            object_bytes: 0,
        }
    }

    /// How many rows are wanted until the file is full.
    pub(crate) fn rows_left(&self) -> u64 {
        self.shape.rows_max.saturating_sub(self.writer.rows())
    }

    /// The last key in the file, if all of its versions are known to be in it.
    pub(crate) fn complete_key(&self) -> Option<&str> {
        let last = self.last_key.as_deref()?;
        let is_complete =
            !self.shape.has_versions || self.pending.first().is_some_and(|entry| entry.key != last);
        is_complete.then_some(last)
    }

    /// Appends a page. Entries of one key may go on in the next page.
    pub(crate) fn append(&mut self, entries: &Entries) -> Result<(), Failure> {
        if !self.shape.has_versions {
            return self.write(entries);
        }
        let pending = std::mem::take(&mut self.pending);
        let mut ready: Vec<Entry<&str>> = pending.iter().chain(entries.iter()).collect();
        let last = ready.last().map(|entry| entry.key);
        let complete = ready.partition_point(|entry| Some(entry.key) < last);
        self.pending = ready.drain(complete..).collect();
        self.write_sorted(ready)?;
        if self.pending.len() > KEY_VERSIONS_MAX {
            self.write_pending()?;
        }
        Ok(())
    }

    /// Appends what was held back, as nothing more of its key will come.
    pub(crate) fn write_pending(&mut self) -> Result<(), Failure> {
        let pending = std::mem::take(&mut self.pending);
        self.write_sorted(pending.iter().collect())
    }

    /// Makes the file visible, if it has rows.
    pub(crate) fn finish(mut self, range: Range, unlisted: u64) -> Result<PartRecord, Failure> {
        let rows = self.writer.rows();
        let (Some(first_key), Some(last_key)) = (self.first_key, self.last_key) else {
            return Ok(PartRecord {
                range,
                file: None,
                object_bytes: 0,
                unlisted,
                rest: Vec::new(),
            });
        };
        let written = (|| -> Result<_, Error> {
            let bytes = self.writer.finish().map_err(|error| broken(&error))?;
            self.sink.write(&bytes)?;
            drop(bytes);
            self.sink.finish()
        })();
        let written =
            written.map_err(|error| failure(&format!("writing `{}`", self.key), &error))?;
        let file = FileRecord {
            key: self.key.to_owned(),
            size_bytes: written.size_bytes,
            md5: written.md5,
            rows,
            stretches: self.stretches.finish(&last_key),
            first_key,
            last_key,
        };
        let object_bytes = self.object_bytes;
        Ok(PartRecord { range, file: Some(file), object_bytes, unlisted, rest: Vec::new() })
    }

    fn write_sorted(&mut self, mut entries: Vec<Entry<&str>>) -> Result<(), Failure> {
        entries.sort_by_key(|entry| (entry.key, entry.version_id));
        self.write(&entries.into_iter().collect())
    }

    fn write(&mut self, entries: &Entries) -> Result<(), Failure> {
        let Some(last) = entries.last() else { return Ok(()) };
        if self.first_key.is_none() {
            self.first_key = entries.first().map(|first| first.key.to_owned());
        }
        self.last_key = Some(last.key.to_owned());
        self.stretches.add(entries.len() as u64, last.key);
        self.object_bytes += entries.sizes_bytes.iter().sum::<u64>();
        let source = self.shape.source;
        let written = (|| -> Result<_, Error> {
            self.writer
                .push(entries.len(), |column, rows, values| {
                    fill(source, column, entries, rows, values)
                })
                .map_err(|error| broken(&error))?;
            let bytes = self.writer.sink_mut();
            self.sink.write(bytes)?;
            bytes.clear();
            Ok(())
        })();
        written.map_err(|error| failure(&format!("writing `{}`", self.key), &error))
    }
}

/// An encoder fails for entries that no store should answer, and will again.
fn broken(error: &stocktake_formats::Error) -> Error {
    Error::InvalidArgument(error.to_string())
}
