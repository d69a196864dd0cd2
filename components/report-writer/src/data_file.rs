//! One data file in the making: entries in, an object in the destination out.
//!
//! Entries that the filter does not admit are left out: by what the listing tells at once, by tags when they have been
//! asked for. Rows ascend by key bytes and, within a key, by version id with the null version first, whatever order the
//! store lists versions in. A file ends between two keys, never between versions of one.

use stocktake_capabilities::{
    Entries, Entry, Error, Failure, LIST_ENTRIES_MAX, ObjectDetail, Objects, Uploads,
};
use stocktake_core::configuration::{Candidate, Filter};
use stocktake_core::timestamp::Millis;
use stocktake_formats::Writer;

use crate::details::Details;
use crate::extent::Extent;
use crate::records::{FileRecord, PartRecord};
use crate::rows::{Rows, Source, fill};
use crate::sink::ObjectSink;
use crate::stretches::Stretches;
use crate::task::{Range, failure};

/// The most versions of one key that are sorted together; further ones follow in runs of as many. At 300 bytes each
/// they take 6 MiB.
const KEY_VERSIONS_MAX: usize = 20_000;

/// The most entries that are listed for each row that a file may have. A filter that admits fewer gives smaller files,
/// as otherwise one part would list for as long as it takes to find rows.
const LISTED_PER_ROW: u64 = 10;

/// The most entries that are listed for one file, unless it may have more rows: what the largest file of the default
/// limits takes without a filter, so that a filter makes no part work for longer.
const LISTED_MAX: u64 = 1_000_000;

/// The most objects that are asked about for one file. S3 serves 5,500 such requests a second for a prefix
/// ("Performance design patterns" in the Amazon S3 user guide), so that they take some 20 seconds of an invocation at best.
const DETAILS_MAX: u64 = 100_000;

/// What a file is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) has_versions: bool,
    /// After how many rows the file is full. With versions or a filter it may get a page more than that.
    pub(crate) rows_max: u64,
    pub(crate) filter: &'a Filter,
}

/// A data file in the making.
pub(crate) struct DataFile<'a, O, U> {
    shape: Shape<'a>,
    key: &'a str,
    details: Details<'a, O>,
    writer: Writer<Vec<u8>>,
    sink: ObjectSink<'a, U>,
    extent: Extent,
    /// Versions of the last key, as the next page may hold more of them.
    pending: Entries,
    first_key: Option<String>,
    last_key: Option<String>,
    stretches: Stretches,
    object_bytes: u64,
}

impl<'a, O: Objects, U: Uploads> DataFile<'a, O, U> {
    /// Begins the file that will be stored under this key.
    pub(crate) fn new(
        shape: Shape<'a>,
        key: &'a str,
        details: Details<'a, O>,
        writer: Writer<Vec<u8>>,
        sink: ObjectSink<'a, U>,
    ) -> Self {
        Self {
            shape,
            key,
            details,
            writer,
            sink,
            extent: Extent::default(),
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

    /// Whether the file is to end as soon as it can: it has its rows, or enough was done for them.
    pub(crate) fn is_full(&self) -> bool {
        let rows_max = self.shape.rows_max;
        let listed_max = rows_max.saturating_mul(LISTED_PER_ROW).min(LISTED_MAX).max(rows_max);
        self.rows_left() == 0
            || self.extent.entries >= listed_max
            || self.details.count() >= rows_max.min(DETAILS_MAX)
    }

    /// The last key that was listed, if all of its versions were, and those that are admitted are in the file.
    pub(crate) fn complete_key(&self) -> Option<&str> {
        self.extent.complete()
    }

    /// Appends a page. Entries of one key may go on in the next page.
    pub(crate) fn append(&mut self, page: &Entries) -> Result<(), Failure> {
        self.extent.note(page, self.shape.has_versions);
        if self.shape.filter.is_prefix_only() {
            return self.append_admitted(page, page);
        }
        let admits =
            |entry: &Entry<&str>| self.shape.filter.admits_but_for_tags(&candidate(entry, None));
        let admitted = page.iter().filter(admits).collect();
        self.append_admitted(&admitted, page)
    }

    /// Appends what was held back, as nothing more of its key will come.
    pub(crate) fn write_pending(&mut self) -> Result<(), Failure> {
        let pending = std::mem::take(&mut self.pending);
        self.write_sorted(pending.iter().collect())
    }

    /// Makes the file visible, if it has rows.
    pub(crate) fn finish(mut self, range: Range, unlisted: u64) -> Result<PartRecord, Failure> {
        let mut record = PartRecord {
            range,
            file: None,
            object_bytes: self.object_bytes,
            listed_entries: self.extent.entries,
            listed_bytes: self.extent.bytes,
            unlisted,
            rest: None,
            is_slow: false,
        };
        let rows = self.writer.rows();
        let (Some(first_key), Some(last_key)) = (self.first_key, self.last_key) else {
            return Ok(record);
        };
        let written = (|| -> Result<_, Error> {
            let bytes = self.writer.finish().map_err(|error| broken(&error))?;
            self.sink.write(&bytes)?;
            drop(bytes);
            self.sink.finish()
        })();
        let written =
            written.map_err(|error| failure(&format!("writing `{}`", self.key), &error))?;
        record.file = Some(FileRecord {
            key: self.key.to_owned(),
            size_bytes: written.size_bytes,
            md5: written.md5,
            rows,
            stretches: self.stretches.finish(&last_key),
            first_key,
            last_key,
        });
        Ok(record)
    }

    /// Appends the admitted entries of a page.
    fn append_admitted(&mut self, admitted: &Entries, page: &Entries) -> Result<(), Failure> {
        let Some(open) = page.len().checked_sub(1).map(|last| page.keys.get(last)) else {
            return Ok(());
        };
        if !self.shape.has_versions {
            return self.write(admitted);
        }
        let pending = std::mem::take(&mut self.pending);
        let mut ready: Vec<Entry<&str>> = pending.iter().chain(admitted.iter()).collect();
        let complete = ready.partition_point(|entry| entry.key < open);
        self.pending = ready.drain(complete..).collect();
        self.write_sorted(ready)?;
        if self.pending.len() > KEY_VERSIONS_MAX {
            self.extent.commit_to_open();
            self.write_pending()?;
        }
        Ok(())
    }

    fn write_sorted(&mut self, mut entries: Vec<Entry<&str>>) -> Result<(), Failure> {
        entries.sort_by_key(|entry| (entry.key, entry.version_id));
        self.write(&entries.into_iter().collect())
    }

    /// Writes entries, with details where they are wanted. Those are in memory for one batch of entries at a time.
    fn write(&mut self, entries: &Entries) -> Result<(), Failure> {
        if !self.details.are_wanted() {
            return self.write_rows(entries, &[]);
        }
        let batch_entries = LIST_ENTRIES_MAX as usize;
        if entries.len() <= batch_entries {
            return self.write_described(entries);
        }
        let mut left = entries.iter();
        loop {
            let batch: Entries = left.by_ref().take(batch_entries).collect();
            if batch.is_empty() {
                return Ok(());
            }
            self.write_described(&batch)?;
        }
    }

    fn write_described(&mut self, entries: &Entries) -> Result<(), Failure> {
        let details = self.details.of(entries)?;
        if !self.shape.filter.needs_tags() {
            return self.write_rows(entries, &details);
        }
        let (mut admitted, mut admitted_details) = (Entries::default(), Vec::new());
        for (entry, detail) in entries.iter().zip(details) {
            let tags = detail.as_ref().and_then(|detail| detail.tags.as_deref());
            if self.shape.filter.admits(&candidate(&entry, tags)) {
                admitted.push(&entry);
                admitted_details.push(detail);
            }
        }
        self.write_rows(&admitted, &admitted_details)
    }

    fn write_rows(
        &mut self,
        entries: &Entries,
        details: &[Option<ObjectDetail>],
    ) -> Result<(), Failure> {
        let Some(last) = entries.last() else { return Ok(()) };
        if self.first_key.is_none() {
            self.first_key = entries.first().map(|first| first.key.to_owned());
        }
        self.last_key = Some(last.key.to_owned());
        self.stretches.add(entries.len() as u64, last.key);
        self.object_bytes = entries
            .sizes_bytes
            .iter()
            .fold(self.object_bytes, |sum, bytes| sum.saturating_add(*bytes));
        let source = self.shape.source;
        let page = Rows { entries, details, lacks_acls: self.details.lack_acls() };
        let written = (|| -> Result<_, Error> {
            self.writer
                .push(entries.len(), |column, rows, values| {
                    fill(source, column, page, rows, values)
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

/// What a filter looks at.
fn candidate<'a>(entry: &Entry<&'a str>, tags: Option<&'a [(String, String)]>) -> Candidate<'a> {
    let is_object = !entry.is_delete_marker;
    let time = entry.last_modified;
    Candidate {
        key: entry.key,
        size: is_object.then_some(entry.size_bytes),
        last_modified: time.map(|time| Millis::from_parts(time.seconds, time.nanoseconds)),
        storage_class: entry.storage_class.filter(|_| is_object),
        tags,
    }
}

/// An encoder fails for entries that no store should answer, and will again.
fn broken(error: &stocktake_formats::Error) -> Error {
    Error::InvalidArgument(error.to_string())
}
