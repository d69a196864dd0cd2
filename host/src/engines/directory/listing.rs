//! Pages of a listing, and the walks that wait between two of them.
//!
//! A cursor is `1` (the version of this format) and the last key that was answered. That alone is enough to go on,
//! also after a restart; a walk that still waits for it goes on without opening folders again.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use stocktake_capabilities::{Error, ListOptions, Page, limits};

use super::DirectoryStore;
use super::walk::{Found, Walk};

/// What every cursor begins with.
const CURSOR_MARK: char = '1';

/// How many walks wait for their next page at most: some for each task that runs at once.
const PARKED_WALKS_MAX: usize = 64;

/// How much memory the waiting walks may take: twenty passes over large folders.
const PARKED_BYTES_MAX: usize = 256 << 20;

impl DirectoryStore {
    pub(super) fn list(
        &self,
        bucket_name: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        let bucket = self.bucket(bucket_name)?;
        limits::check_list(options)?;
        let last_key = cursor.map(|cursor| last_key(cursor, options)).transpose()?;
        let parked = cursor.and_then(|cursor| self.walks.take(bucket_name, options, cursor));
        let mut walk = if let Some(walk) = parked {
            walk
        } else {
            let after = last_key.or(options.start_after.as_deref()).unwrap_or_default();
            Walk::begin(&bucket, options, after, self.names_max)?
        };
        let entries_max = usize::try_from(options.max_entries).unwrap_or(usize::MAX);
        let mut page = Page::default();
        while page.entries.len() < entries_max {
            match walk.next(&bucket)? {
                Some(Found::Object(entry)) => page.entries.push(&entry),
                Some(Found::Unlisted) => page.unlisted = page.unlisted.saturating_add(1),
                None => return Ok(page),
            }
        }
        if walk.has_next(&bucket)?
            && let Some(last) = page.entries.last()
        {
            let cursor = format!("{CURSOR_MARK}{}", last.key);
            page.next = Some(cursor.clone());
            self.walks.park(bucket_name, options, cursor, walk);
        }
        Ok(page)
    }
}

/// Walks that wait for their next page; those that waited longest go first.
#[derive(Debug, Default)]
pub(super) struct ParkedWalks(Mutex<VecDeque<Parked>>);

#[derive(Debug)]
struct Parked {
    bucket: String,
    options: ListOptions,
    cursor: String,
    walk: Walk,
}

impl ParkedWalks {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take(&self, bucket: &str, options: &ListOptions, cursor: &str) -> Option<Walk> {
        let mut parked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = parked.iter().position(|waiting| {
            waiting.cursor == cursor && waiting.bucket == bucket && waiting.options == *options
        })?;
        parked.remove(index).map(|waiting| waiting.walk)
    }

    fn park(&self, bucket: &str, options: &ListOptions, cursor: String, mut walk: Walk) {
        walk.set_aside();
        let (bucket, options) = (bucket.to_owned(), options.clone());
        let mut parked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parked.push_back(Parked { bucket, options, cursor, walk });
        let mut bytes: usize = parked.iter().map(|waiting| waiting.walk.bytes()).sum();
        while parked.len() > PARKED_WALKS_MAX || bytes > PARKED_BYTES_MAX {
            let Some(oldest) = parked.pop_front() else { break };
            bytes -= oldest.walk.bytes();
        }
    }
}

fn last_key<'a>(cursor: &'a str, options: &ListOptions) -> Result<&'a str, Error> {
    let key = cursor.strip_prefix(CURSOR_MARK).filter(|key| key.starts_with(&options.prefix));
    key.ok_or_else(|| {
        Error::InvalidArgument("the cursor is of another listing; begin without one".to_owned())
    })
}
