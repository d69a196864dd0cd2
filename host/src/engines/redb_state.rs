//! Records in the embedded database.
//!
//! Revisions come from one counter that never goes back, so a record that was deleted and written again has a new one.

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use stocktake_capabilities::{Condition, Error, Item, ItemPage, State, StateOutcome, limits};

use super::embedded::{EmbeddedDatabase, EmbeddedError};

/// Key to revision and value.
const RECORDS: TableDefinition<&str, (u64, &[u8])> = TableDefinition::new("state-records");

/// The revision of the last write.
const REVISION: TableDefinition<(), u64> = TableDefinition::new("state-revision");

/// What every cursor begins with; the last key of the page follows.
const CURSOR_MARK: char = '1';

/// Records in the embedded database.
#[derive(Clone, Debug)]
pub struct RedbState {
    database: EmbeddedDatabase,
}

impl RedbState {
    /// Makes the tables where there are none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn new(database: EmbeddedDatabase) -> Result<Self, Error> {
        let prepare = || {
            let transaction = database.write()?;
            transaction.open_table(RECORDS)?;
            transaction.open_table(REVISION)?;
            Ok(transaction.commit()?)
        };
        database.guarded(prepare).map_err(|error| unavailable(&error))?;
        Ok(Self { database })
    }

    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, Error> {
        self.database.guarded(work).map_err(|error| unavailable(&error))
    }

    fn find(&self, key: &str) -> Result<Option<Item>, redb::Error> {
        let records = self.database.read()?.open_table(RECORDS)?;
        Ok(records.get(key)?.map(|found| item(key, found.value())))
    }

    fn write(&self, key: &str, value: &[u8], condition: Condition) -> Changed {
        self.change(key, condition, |transaction, _| {
            let mut counter = transaction.open_table(REVISION)?;
            let revision = counter.get(())?.map_or(0, |last| last.value()) + 1;
            counter.insert((), revision)?;
            transaction.open_table(RECORDS)?.insert(key, (revision, value))?;
            Ok(StateOutcome::Done(revision))
        })
    }

    fn remove(&self, key: &str, condition: Condition) -> Changed {
        self.change(key, condition, |transaction, found| {
            let Some(revision) = found else { return Ok(StateOutcome::Conflict) };
            transaction.open_table(RECORDS)?.remove(key)?;
            Ok(StateOutcome::Done(revision))
        })
    }

    /// Makes a change in one step if the condition holds for the revision that is there.
    fn change(
        &self,
        key: &str,
        condition: Condition,
        apply: impl FnOnce(&WriteTransaction, Option<u64>) -> Changed,
    ) -> Changed {
        let transaction = self.database.write()?;
        let found = transaction.open_table(RECORDS)?.get(key)?.map(|found| found.value().0);
        let holds = match condition {
            Condition::Always => true,
            Condition::Absent => found.is_none(),
            Condition::Unchanged(revision) => found == Some(revision),
        };
        let outcome = if holds { apply(&transaction, found)? } else { StateOutcome::Conflict };
        match outcome {
            StateOutcome::Done(_) => transaction.commit()?,
            StateOutcome::Conflict => transaction.abort()?,
        }
        Ok(outcome)
    }

    fn page(&self, prefix: &str, last_key: Option<&str>) -> Result<ItemPage, redb::Error> {
        let records = self.database.read()?.open_table(RECORDS)?;
        let (mut page, mut bytes) = (ItemPage::default(), 0);
        for record in records.range(last_key.unwrap_or(prefix)..)? {
            let (key, record) = record?;
            let key = key.value();
            if last_key == Some(key) {
                continue;
            }
            if !key.starts_with(prefix) {
                break;
            }
            let is_full = page.items.len() >= limits::STATE_LIST_ITEMS_MAX;
            if is_full || bytes >= limits::STATE_LIST_BYTES_MAX {
                page.next = page.items.last().map(|last| format!("{CURSOR_MARK}{}", last.key));
                break;
            }
            let item = item(key, record.value());
            bytes += item.key.len() + item.value.len();
            page.items.push(item);
        }
        Ok(page)
    }
}

impl State for RedbState {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        limits::check_state_key(key)?;
        self.guarded(|| self.find(key))
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        limits::check_state_key(key)?;
        limits::check_state_value(value)?;
        self.guarded(|| self.write(key, value, condition))
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        limits::check_state_key(key)?;
        self.guarded(|| self.remove(key, condition))
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        let last_key = cursor.map(|cursor| {
            let key = cursor.strip_prefix(CURSOR_MARK).filter(|key| key.starts_with(prefix));
            key.ok_or_else(|| {
                let text = "the cursor is of another listing; begin without one";
                Error::InvalidArgument(text.to_owned())
            })
        });
        let last_key = last_key.transpose()?;
        self.guarded(|| self.page(prefix, last_key))
    }
}

type Changed = Result<StateOutcome, redb::Error>;

fn item(key: &str, (revision, value): (u64, &[u8])) -> Item {
    Item { key: key.to_owned(), value: value.to_vec(), revision }
}

fn unavailable(error: &EmbeddedError) -> Error {
    let error = crate::chain(error);
    tracing::error!(error, "the embedded database failed");
    Error::Unavailable(format!("the database of records: {error}"))
}
