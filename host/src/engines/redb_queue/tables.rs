//! The tables of the queue, and changes that keep them in step.

use redb::{ReadableTable, ReadableTableMetadata, Table, TableDefinition, WriteTransaction};

use crate::queue::{DeadLetter, Task};

/// Id to entry.
pub(super) const ENTRIES: TableDefinition<u64, Row<'static>> =
    TableDefinition::new("queue-entries");

/// Due time in nanoseconds since 1970, and id.
pub(super) const DUE: TableDefinition<(u64, u64), ()> = TableDefinition::new("queue-due");

/// Number of burial to dead letter.
pub(super) const DEAD_LETTERS: TableDefinition<u64, LetterRow<'static>> =
    TableDefinition::new("queue-dead-letters");

/// Name of an unfinished task to the id of its entry.
const NAMES: TableDefinition<&str, u64> = TableDefinition::new("queue-names");

/// The last id that was given, of entries and of dead letters together.
const LAST_ID: TableDefinition<(), u64> = TableDefinition::new("queue-last-id");

/// Due, attempts, delay, name, component, kind, reason of giving up, input.
type Row<'a> = (u64, u32, u32, &'a str, &'a str, &'a str, Option<&'a str>, &'a [u8]);

/// Time of burial, attempts, delay, name, component, kind, reason, input.
type LetterRow<'a> = (u64, u32, u32, &'a str, &'a str, &'a str, &'a str, &'a [u8]);

/// An unfinished task.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) task: Task,
    /// Present if giving up is what is to be done.
    pub(super) give_up_reason: Option<String>,
    /// How often it was tried already.
    pub(super) attempts: u32,
    /// In nanoseconds since 1970.
    pub(super) due: u64,
}

/// The tables in a write transaction.
pub(super) struct Tables<'t> {
    entries: Table<'t, u64, Row<'static>>,
    due: Table<'t, (u64, u64), ()>,
    names: Table<'t, &'static str, u64>,
    dead_letters: Table<'t, u64, LetterRow<'static>>,
    last_id: Table<'t, (), u64>,
}

impl Entry {
    pub(super) fn from_row(row: Row<'_>) -> Self {
        let (due, attempts, delay_ms, name, component, kind, give_up_reason, input) = row;
        let task = task(name, component, kind, input, delay_ms);
        Self { task, give_up_reason: give_up_reason.map(str::to_owned), attempts, due }
    }
}

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self {
            entries: transaction.open_table(ENTRIES)?,
            due: transaction.open_table(DUE)?,
            names: transaction.open_table(NAMES)?,
            dead_letters: transaction.open_table(DEAD_LETTERS)?,
            last_id: transaction.open_table(LAST_ID)?,
        })
    }

    pub(super) fn entry(&self, id: u64) -> Result<Option<Entry>, redb::Error> {
        Ok(self.entries.get(id)?.map(|row| Entry::from_row(row.value())))
    }

    /// Adds tasks whose name is not unfinished.
    pub(super) fn add_all(&mut self, tasks: &[Task], now: u64) -> Result<(), redb::Error> {
        for task in tasks {
            if self.names.get(task.name.as_str())?.is_some() {
                continue;
            }
            let due = now.saturating_add(u64::from(task.delay_ms) * 1_000_000);
            let entry = Entry { task: task.clone(), give_up_reason: None, attempts: 0, due };
            self.add(&entry)?;
        }
        Ok(())
    }

    /// Adds an entry under a new id.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), redb::Error> {
        let id = self.next_id()?;
        self.insert(id, entry)
    }

    /// Writes an entry under this id.
    pub(super) fn insert(&mut self, id: u64, entry: &Entry) -> Result<(), redb::Error> {
        let Entry { task, give_up_reason, attempts, due } = entry;
        let row: Row<'_> = (
            *due,
            *attempts,
            task.delay_ms,
            &task.name,
            &task.component,
            &task.kind,
            give_up_reason.as_deref(),
            &task.input,
        );
        self.entries.insert(id, row)?;
        self.due.insert((*due, id), ())?;
        self.names.insert(task.name.as_str(), id)?;
        Ok(())
    }

    /// Removes an entry as it was read.
    pub(super) fn remove(&mut self, id: u64, entry: &Entry) -> Result<(), redb::Error> {
        self.entries.remove(id)?;
        self.due.remove((entry.due, id))?;
        self.names.remove(entry.task.name.as_str())?;
        Ok(())
    }

    /// Keeps a dead letter, and drops the oldest beyond `letters_max`.
    pub(super) fn bury(
        &mut self,
        task: &Task,
        reason: &str,
        attempts: u32,
        now: u64,
        letters_max: u64,
    ) -> Result<(), redb::Error> {
        let id = self.next_id()?;
        let row: LetterRow<'_> = (
            now,
            attempts,
            task.delay_ms,
            &task.name,
            &task.component,
            &task.kind,
            reason,
            &task.input,
        );
        self.dead_letters.insert(id, row)?;
        while self.dead_letters.len()? > letters_max {
            self.dead_letters.pop_first()?;
        }
        Ok(())
    }

    fn next_id(&mut self) -> Result<u64, redb::Error> {
        let id = self.last_id.get(())?.map_or(0, |last| last.value()) + 1;
        self.last_id.insert((), id)?;
        Ok(id)
    }
}

/// Reads a dead letter.
pub(super) fn dead_letter(row: LetterRow<'_>) -> DeadLetter {
    let (at, attempts, delay_ms, name, component, kind, reason, input) = row;
    let task = task(name, component, kind, input, delay_ms);
    DeadLetter { task, reason: reason.to_owned(), attempts, at: super::time(at) }
}

fn task(name: &str, component: &str, kind: &str, input: &[u8], delay_ms: u32) -> Task {
    Task {
        name: name.to_owned(),
        component: component.to_owned(),
        kind: kind.to_owned(),
        input: input.to_vec(),
        delay_ms,
    }
}
