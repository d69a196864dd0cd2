//! Records in memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Condition, Error, Item, ItemPage, State, StateOutcome, limits};

/// What every cursor begins with; the last key of the page follows.
const CURSOR_MARK: char = '1';

/// Records in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct MemoryState {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    items: BTreeMap<String, Item>,
    writes: u64,
}

impl State for MemoryState {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        limits::check_state_key(key)?;
        Ok(self.lock().items.get(key).cloned())
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        limits::check_state_key(key)?;
        limits::check_state_value(value)?;
        let mut shared = self.lock();
        if !holds(condition, shared.items.get(key)) {
            return Ok(StateOutcome::Conflict);
        }
        shared.writes += 1;
        let revision = shared.writes;
        let item = Item { key: key.to_owned(), value: value.to_vec(), revision };
        shared.items.insert(key.to_owned(), item);
        Ok(StateOutcome::Done(revision))
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        limits::check_state_key(key)?;
        let mut shared = self.lock();
        if !holds(condition, shared.items.get(key)) {
            return Ok(StateOutcome::Conflict);
        }
        Ok(match shared.items.remove(key) {
            Some(deleted) => StateOutcome::Done(deleted.revision),
            None => StateOutcome::Conflict,
        })
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        let from = match cursor {
            None => Bound::Included(prefix),
            Some(cursor) => Bound::Excluded(last_key(cursor, prefix)?),
        };
        let shared = self.lock();
        let mut found = shared
            .items
            .range::<str, _>((from, Bound::Unbounded))
            .map(|(_, item)| item)
            .take_while(|item| item.key.starts_with(prefix))
            .peekable();
        let (mut page, mut bytes) = (ItemPage::default(), 0);
        while page.items.len() < limits::STATE_LIST_ITEMS_MAX
            && bytes < limits::STATE_LIST_BYTES_MAX
        {
            let Some(item) = found.next() else { return Ok(page) };
            bytes += item.key.len() + item.value.len();
            page.items.push(item.clone());
        }
        if found.peek().is_some() {
            page.next = page.items.last().map(|last| format!("{CURSOR_MARK}{}", last.key));
        }
        Ok(page)
    }
}

impl MemoryState {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn holds(condition: Condition, found: Option<&Item>) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Absent => found.is_none(),
        Condition::Unchanged(revision) => found.is_some_and(|item| item.revision == revision),
    }
}

fn last_key<'a>(cursor: &'a str, prefix: &str) -> Result<&'a str, Error> {
    let key = cursor.strip_prefix(CURSOR_MARK).filter(|key| key.starts_with(prefix));
    key.ok_or_else(|| {
        Error::InvalidArgument("the cursor is of another listing; begin without one".to_owned())
    })
}
