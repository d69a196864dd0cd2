//! The entries of a page, column by column.
//!
//! A page has a thousand entries, and a listing a million pages' worth of them. Kept by column, a page crosses into a
//! component as a dozen copies of memory and not as three texts for each entry, and columns are what reports are
//! written by. A column is either empty, as no entry of the page has a value, or has one value for each entry.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Instant;

/// In a column of times, that there is none.
pub const NO_TIME: i64 = i64::MIN;

/// Texts, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// All of them, joined.
    pub joined: String,
    /// Where each one ends in [`Texts::joined`], in bytes; ascending.
    pub ends: Vec<u32>,
}

impl Texts {
    /// Appends one.
    pub fn push(&mut self, text: &str) {
        self.joined.push_str(text);
        // A page has at most a thousand texts of at most some KiB.
        self.ends.push(u32::try_from(self.joined.len()).unwrap_or(u32::MAX));
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The one of this index; empty where there is none.
    #[must_use]
    pub fn get(&self, index: usize) -> &str {
        let end_at = |index: usize| self.ends.get(index).map_or(0, |end| *end as usize);
        let begin = index.checked_sub(1).map_or(0, end_at);
        self.joined.get(begin..end_at(index)).unwrap_or_default()
    }

    /// Those of a range of indexes, which has to be within what there is.
    pub fn range(&self, indexes: Range<usize>) -> impl Iterator<Item = &str> {
        let mut begin = self.begin(indexes.start) as usize;
        self.ends.get(indexes).unwrap_or_default().iter().map(move |end| {
            let text = self.joined.get(begin..*end as usize).unwrap_or_default();
            begin = *end as usize;
            text
        })
    }

    /// Where the one of this index begins in [`Texts::joined`], in bytes.
    #[must_use]
    pub fn begin(&self, index: usize) -> u32 {
        index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.range(0..self.len())
    }

    /// Appends a value that may be missing to a column of `rows` values, which is empty if all of them are missing.
    fn push_sparse(&mut self, rows: usize, value: Option<&str>) {
        let value = value.unwrap_or_default();
        if value.is_empty() && self.ends.is_empty() {
            return;
        }
        if self.ends.len() < rows {
            self.ends.resize(rows, 0);
        }
        self.push(value);
    }
}

/// Entries of a listing, column by column.
///
/// In columns of texts an empty text means that there is no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// The keys, exactly as stored; never empty.
    pub keys: Texts,
    /// Sizes of the contents in bytes; zero for a delete marker.
    pub sizes_bytes: Vec<u64>,
    /// When each version was written, in milliseconds since the epoch; [`NO_TIME`] where the store does not tell.
    pub last_modified_millis: Vec<i64>,
    /// Entity tags, without quotes.
    pub etags: Texts,
    /// The store's own words.
    pub storage_classes: Texts,
    /// None for the null version and for stores without versions.
    pub version_ids: Texts,
    /// Whether a plain GET finds this version. Empty where it finds every one.
    pub are_latest: Vec<bool>,
    /// Whether this is a delete marker. Empty where none is.
    pub are_delete_markers: Vec<bool>,
    /// Canonical ids of the owners.
    pub owner_ids: Texts,
    /// Such as `CRC64NVME`; several are joined by commas.
    pub checksum_algorithms: Texts,
}

/// One object, one version of it, or one delete marker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry<T = String> {
    /// The key, exactly as stored.
    pub key: T,
    /// Size of the content in bytes; zero for a delete marker.
    pub size_bytes: u64,
    /// When this version was written. [`Entries`] keep it to the millisecond.
    pub last_modified: Option<Instant>,
    /// Without quotes. None where the store has none at hand.
    pub etag: Option<T>,
    /// The store's own word.
    pub storage_class: Option<T>,
    /// None for the null version and for stores without versions.
    pub version_id: Option<T>,
    /// Whether a plain GET finds this version.
    pub is_latest: bool,
    /// Whether this is a delete marker.
    pub is_delete_marker: bool,
    /// Canonical id of the owner.
    pub owner_id: Option<T>,
    /// Such as `CRC64NVME`; several are joined by commas.
    pub checksum_algorithms: Option<T>,
}

impl Entries {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Appends one.
    pub fn push<T: AsRef<str>>(&mut self, entry: &Entry<T>) {
        fn text<T: AsRef<str>>(value: Option<&T>) -> Option<&str> {
            value.map(AsRef::as_ref)
        }
        let rows = self.len();
        self.keys.push(entry.key.as_ref());
        self.sizes_bytes.push(entry.size_bytes);
        let millis = entry.last_modified.map_or(NO_TIME, Instant::millis);
        push_sparse(&mut self.last_modified_millis, rows, millis, NO_TIME);
        push_sparse(&mut self.are_latest, rows, entry.is_latest, true);
        push_sparse(&mut self.are_delete_markers, rows, entry.is_delete_marker, false);
        self.etags.push_sparse(rows, text(entry.etag.as_ref()));
        self.storage_classes.push_sparse(rows, text(entry.storage_class.as_ref()));
        self.version_ids.push_sparse(rows, text(entry.version_id.as_ref()));
        self.owner_ids.push_sparse(rows, text(entry.owner_id.as_ref()));
        self.checksum_algorithms.push_sparse(rows, text(entry.checksum_algorithms.as_ref()));
    }

    /// The one of this index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Entry<&str>> {
        fn value(column: &Texts, index: usize) -> Option<&str> {
            Some(column.get(index)).filter(|text| !text.is_empty())
        }
        Some(Entry {
            size_bytes: *self.sizes_bytes.get(index)?,
            key: self.keys.get(index),
            last_modified: self.last_modified(index),
            etag: value(&self.etags, index),
            storage_class: value(&self.storage_classes, index),
            version_id: value(&self.version_ids, index),
            is_latest: self.are_latest.get(index).copied().unwrap_or(true),
            is_delete_marker: self.are_delete_markers.get(index).copied().unwrap_or(false),
            owner_id: value(&self.owner_ids, index),
            checksum_algorithms: value(&self.checksum_algorithms, index),
        })
    }

    /// When the one of this index was written, to the millisecond; none where the store does not tell.
    #[must_use]
    pub fn last_modified(&self, index: usize) -> Option<Instant> {
        let millis = self.last_modified_millis.get(index).filter(|millis| **millis != NO_TIME);
        millis.copied().map(Instant::from_millis)
    }

    /// The first one.
    #[must_use]
    pub fn first(&self) -> Option<Entry<&str>> {
        self.get(0)
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Option<Entry<&str>> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Entry<&str>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Whether every column is empty or has a value for each entry, and every text is where its end says.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let rows = self.len();
        let fits = |values: usize| values == 0 || values == rows;
        let texts = [
            &self.keys,
            &self.etags,
            &self.storage_classes,
            &self.version_ids,
            &self.owner_ids,
            &self.checksum_algorithms,
        ];
        let is_joined = |column: &Texts| {
            column.ends.is_sorted()
                && column.ends.iter().all(|end| column.joined.is_char_boundary(*end as usize))
        };
        self.sizes_bytes.len() == rows
            && fits(self.last_modified_millis.len())
            && fits(self.are_latest.len())
            && fits(self.are_delete_markers.len())
            && texts.into_iter().all(|column| fits(column.len()) && is_joined(column))
    }
}

impl<T: AsRef<str>> FromIterator<Entry<T>> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry<T>>>(entries: I) -> Self {
        let mut made = Self::default();
        entries.into_iter().for_each(|entry| made.push(&entry));
        made
    }
}

impl Entry<&str> {
    /// A copy that owns its texts.
    #[must_use]
    pub fn to_owned(&self) -> Entry {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Entry {
            key: self.key.to_owned(),
            size_bytes: self.size_bytes,
            last_modified: self.last_modified,
            etag: owned(self.etag),
            storage_class: owned(self.storage_class),
            version_id: owned(self.version_id),
            is_latest: self.is_latest,
            is_delete_marker: self.is_delete_marker,
            owner_id: owned(self.owner_id),
            checksum_algorithms: owned(self.checksum_algorithms),
        }
    }
}

/// Appends to a column of `rows` values, which is empty as long as all of them are the usual one.
fn push_sparse<T: Copy + PartialEq>(column: &mut Vec<T>, rows: usize, value: T, usual: T) {
    if value != usual || !column.is_empty() {
        column.resize(rows, usual);
        column.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(
        key: &'static str,
        etag: Option<&'static str>,
        is_latest: bool,
    ) -> Entry<&'static str> {
        Entry { key, etag, is_latest, size_bytes: 7, ..Entry::default() }
    }

    #[test]
    fn what_was_pushed_is_there_whatever_the_first_ones_lack() {
        let given = [
            entry("a", None, true),
            entry("é/", Some("x"), true),
            entry("日", None, false),
            Entry { last_modified: Some(Instant::default()), ..entry("z", Some("y"), true) },
            entry("zz", None, true),
        ];
        let entries: Entries = given.iter().cloned().collect();
        assert!(entries.is_well_formed(), "{entries:?}");
        assert_eq!(entries.iter().collect::<Vec<_>>(), given);
        assert_eq!(entries.last().as_ref(), given.last());
        assert_eq!(entries.keys.range(1..3).collect::<Vec<_>>(), ["é/", "日"]);
        assert_eq!(entries.etags.range(0..4).collect::<Vec<_>>(), ["", "x", "", "y"]);
        assert_eq!(entries.last_modified_millis, [NO_TIME, NO_TIME, NO_TIME, 0, NO_TIME]);
        assert!(entries.are_delete_markers.is_empty() && entries.owner_ids.is_empty());
    }

    #[test]
    fn times_are_kept_to_the_millisecond_and_none_is_taken_for_missing() {
        let kept = |seconds, nanoseconds| {
            let last_modified = Some(Instant { seconds, nanoseconds });
            let entries: Entries =
                [Entry { last_modified, ..entry("a", None, true) }].into_iter().collect();
            entries.last_modified(0).map(|time| (time.seconds, time.nanoseconds))
        };
        assert_eq!(kept(1_700_000_000, 123_456_789), Some((1_700_000_000, 123_000_000)));
        assert_eq!(kept(-1, 999_999_999), Some((-1, 999_000_000)));
        assert!(kept(i64::MIN, 0).is_some_and(|(seconds, _)| seconds < 0));
        assert!(kept(i64::MAX, 0).is_some_and(|(seconds, _)| seconds > 0));
        let without: Entries = [entry("a", None, true)].into_iter().collect();
        assert!(without.last_modified_millis.is_empty() && without.last_modified(0).is_none());
    }

    #[test]
    fn ill_formed_columns_are_noticed_and_harmless() {
        let good: Entries =
            [entry("é", Some("x"), true), entry("z", None, true)].into_iter().collect();
        let broken: [fn(&mut Entries); 7] = [
            |entries| entries.sizes_bytes.truncate(1),
            |entries| entries.etags.ends.truncate(1),
            |entries| entries.keys.ends = vec![1, 3],
            |entries| entries.keys.ends = vec![3, 2],
            |entries| entries.keys.ends = vec![2, 9],
            |entries| entries.are_latest = vec![true],
            |entries| entries.last_modified_millis = vec![0],
        ];
        for damage in broken {
            let mut entries = good.clone();
            damage(&mut entries);
            assert!(!entries.is_well_formed(), "{entries:?}");
            assert!(entries.iter().count() <= 2);
            assert!(entries.keys.range(0..9).count() <= 2);
        }
    }
}
