//! What all invocations together have done, for whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreCalls;

/// Counts that only grow. They are for people to look at; nothing depends on them.
#[derive(Debug, Default)]
pub struct Counters {
    entries_listed: AtomicU64,
    bytes_uploaded: AtomicU64,
    objects_written: AtomicU64,
    store_calls: StoreCalls,
}

impl Counters {
    /// Entries of all pages that were listed.
    #[must_use]
    pub fn entries_listed(&self) -> u64 {
        self.entries_listed.load(Ordering::Relaxed)
    }

    /// Bytes of all bodies that were stored, as objects or as parts.
    #[must_use]
    pub fn bytes_uploaded(&self) -> u64 {
        self.bytes_uploaded.load(Ordering::Relaxed)
    }

    /// Objects that became visible.
    #[must_use]
    pub fn objects_written(&self) -> u64 {
        self.objects_written.load(Ordering::Relaxed)
    }

    /// Calls of the store that are under way.
    #[must_use]
    pub fn store_calls(&self) -> &StoreCalls {
        &self.store_calls
    }

    pub(super) fn listed(&self, entries: usize) {
        self.entries_listed.fetch_add(entries as u64, Ordering::Relaxed);
    }

    pub(super) fn uploaded(&self, bytes: usize) {
        self.bytes_uploaded.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn wrote(&self) {
        self.objects_written.fetch_add(1, Ordering::Relaxed);
    }
}
