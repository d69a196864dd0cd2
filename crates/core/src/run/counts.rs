//! How far a run has come: what was scanned, and what was written.

use serde::{Deserialize, Serialize};

/// What the parts of a run came to. Sizes are what a store says, so sums end at the largest number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCounts {
    /// Entries listed below the prefix, whatever the filter says about them: objects, and versions and delete markers
    /// where they are wanted.
    pub listed_entries: u64,
    /// The sum of their sizes.
    pub listed_bytes: u64,
    /// Names in the source that can be no object key.
    pub unlisted: u64,
    /// Rows written.
    pub objects: u64,
    /// The sum of the sizes of the objects in these rows.
    pub bytes: u64,
    /// Data files written.
    pub files: u64,
    /// The sum of their sizes.
    pub report_bytes: u64,
}

/// What counts of a finished part, whose record says more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PartCounts {
    /// Its data file; none where the filter left nothing.
    pub file: Option<FileCounts>,
    /// The sum of the sizes of the objects in the file.
    pub object_bytes: u64,
    /// As [`RunCounts::listed_entries`].
    pub listed_entries: u64,
    /// As [`RunCounts::listed_bytes`].
    pub listed_bytes: u64,
    /// As [`RunCounts::unlisted`].
    pub unlisted: u64,
}

/// What counts of a data file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct FileCounts {
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub size_bytes: u64,
}

/// What the `state` keys of a run's finished parts begin with. The records are there until the run has ended.
#[must_use]
pub fn parts_prefix(run: &str) -> String {
    format!("runs/{run}/parts/")
}

impl RunCounts {
    /// The sums over parts.
    #[must_use]
    pub fn of(parts: impl IntoIterator<Item = PartCounts>) -> Self {
        let mut counts = Self::default();
        parts.into_iter().for_each(|part| counts.add(&part));
        counts
    }

    fn add(&mut self, part: &PartCounts) {
        let grow = |count: &mut u64, more: u64| *count = count.saturating_add(more);
        grow(&mut self.listed_entries, part.listed_entries);
        grow(&mut self.listed_bytes, part.listed_bytes);
        grow(&mut self.unlisted, part.unlisted);
        grow(&mut self.bytes, part.object_bytes);
        if let Some(file) = &part.file {
            grow(&mut self.objects, file.rows);
            grow(&mut self.files, 1);
            grow(&mut self.report_bytes, file.size_bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_sums_no_number_can_hold_end_at_the_largest() {
        let file = Some(FileCounts { rows: 3, size_bytes: 70 });
        let part = PartCounts { file, object_bytes: 9, listed_entries: 5, ..PartCounts::default() };
        let empty = PartCounts { listed_bytes: u64::MAX, unlisted: 1, ..PartCounts::default() };
        let expected = RunCounts {
            listed_entries: 10,
            listed_bytes: u64::MAX,
            unlisted: 2,
            objects: 6,
            bytes: 18,
            files: 2,
            report_bytes: 140,
        };
        assert_eq!(RunCounts::of([part, empty, part, empty]), expected);
        assert_eq!(RunCounts::of([]), RunCounts::default());
    }
}
