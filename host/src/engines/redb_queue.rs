//! Tasks in the embedded database.
//!
//! An entry of the queue has an id that is never used again. Beside the entries stand two indexes, of the unfinished
//! names and of the times they fall due; a call changes all of them in one transaction. Which entries are held is
//! known to this process only, so that a task whose process died is free at the next start.

mod tables;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use redb::{ReadableTable, ReadableTableMetadata};
use stocktake_capabilities::{TASK_INPUT_BYTES_MAX, TASK_NAME_BYTES_MAX, TASKS_MAX};

use self::tables::{Entry, Tables};
use super::embedded::EmbeddedDatabase;
use crate::queue::{Backlog, Call, DeadLetter, Lease, QueueError, Task, TaskQueue};

/// How many dead letters are kept: enough for an operator to see what went wrong.
pub const DEAD_LETTERS_MAX: u64 = 10_000;

/// How much of a reason for giving up is kept.
pub const REASON_BYTES_MAX: usize = 4096;

/// The queue of tasks in the embedded database.
#[derive(Debug)]
pub struct RedbQueue {
    database: EmbeddedDatabase,
    held: Mutex<BTreeSet<u64>>,
    dead_letters_max: u64,
}

impl RedbQueue {
    /// Makes the tables where there are none. One queue per database: each knows its own leases only.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    pub fn new(database: EmbeddedDatabase) -> Result<Self, QueueError> {
        let queue = Self { database, held: Mutex::default(), dead_letters_max: DEAD_LETTERS_MAX };
        queue.change(|_| Ok(()))?;
        Ok(queue)
    }

    /// Does `work` in one durable transaction. Nothing of it happens if it fails.
    fn change<T>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, redb::Error>,
    ) -> Result<T, QueueError> {
        let run = || {
            let transaction = self.database.write()?;
            let done = work(&mut Tables::open(&transaction)?)?;
            transaction.commit()?;
            Ok(done)
        };
        self.guarded(run)
    }

    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, QueueError> {
        self.database.guarded(work).map_err(|error| QueueError::Engine(error.into()))
    }

    /// As [`RedbQueue::change`], for the entry of a lease that is held. Frees it when the change is durable.
    fn settle(
        &self,
        lease: &Lease,
        work: impl FnOnce(&mut Tables<'_>, Entry) -> Result<(), redb::Error>,
    ) -> Result<(), QueueError> {
        if !self.held().contains(&lease.id) {
            return Err(not_held(lease));
        }
        let is_found = self.change(|tables| {
            let Some(entry) = tables.entry(lease.id)? else { return Ok(false) };
            work(tables, entry)?;
            Ok(true)
        })?;
        // Only now: whoever takes a task looks at the held ones first and at the database then.
        self.held().remove(&lease.id);
        if is_found { Ok(()) } else { Err(not_held(lease)) }
    }

    fn held(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first entry that nobody holds, by due time, if it is due by `until`.
    ///
    /// Held entries are passed over; there are at most as many as workers.
    fn first_free(
        &self,
        held: &BTreeSet<u64>,
        until: u64,
    ) -> Result<Option<(u64, Entry)>, redb::Error> {
        let transaction = self.database.read()?;
        let due = transaction.open_table(tables::DUE)?;
        for found in due.range(..=(until, u64::MAX))? {
            let (_, id) = found?.0.value();
            if !held.contains(&id) {
                let entries = transaction.open_table(tables::ENTRIES)?;
                let entry = entries.get(id)?.map(|entry| Entry::from_row(entry.value()));
                return Ok(entry.map(|entry| (id, entry)));
            }
        }
        Ok(None)
    }
}

impl TaskQueue for RedbQueue {
    fn enqueue(&self, tasks: &[Task], now: SystemTime) -> Result<(), QueueError> {
        check(tasks)?;
        if tasks.is_empty() {
            return Ok(());
        }
        self.change(|tables| tables.add_all(tasks, nanoseconds(now)))
    }

    fn take(&self, now: SystemTime) -> Result<Option<Lease>, QueueError> {
        let mut held = self.held();
        let found = self.guarded(|| self.first_free(&held, nanoseconds(now)))?;
        Ok(found.map(|(id, entry)| {
            held.insert(id);
            let call = entry.give_up_reason.map_or(Call::Handle, Call::GiveUp);
            Lease { id, task: entry.task, call, attempt: entry.attempts.saturating_add(1) }
        }))
    }

    fn finish(
        &self,
        lease: &Lease,
        follow_ups: &[Task],
        now: SystemTime,
    ) -> Result<(), QueueError> {
        check(follow_ups)?;
        self.settle(lease, |tables, entry| {
            tables.remove(lease.id, &entry)?;
            tables.add_all(follow_ups, nanoseconds(now))
        })
    }

    fn retry(&self, lease: &Lease, due: SystemTime) -> Result<(), QueueError> {
        self.settle(lease, |tables, mut entry| {
            tables.remove(lease.id, &entry)?;
            entry.attempts = entry.attempts.saturating_add(1);
            entry.due = nanoseconds(due);
            tables.insert(lease.id, &entry)
        })
    }

    fn hand_back(&self, lease: &Lease) -> Result<(), QueueError> {
        if self.held().remove(&lease.id) { Ok(()) } else { Err(not_held(lease)) }
    }

    fn give_up(&self, lease: &Lease, reason: &str, now: SystemTime) -> Result<(), QueueError> {
        let reason = reason.get(..reason.floor_char_boundary(REASON_BYTES_MAX)).unwrap_or(reason);
        let now = nanoseconds(now);
        self.settle(lease, |tables, entry| {
            tables.remove(lease.id, &entry)?;
            let attempts = entry.attempts.saturating_add(1);
            tables.bury(&entry.task, reason, attempts, now, self.dead_letters_max)?;
            if entry.give_up_reason.is_none() {
                let give_up_reason = Some(reason.to_owned());
                tables.add(&Entry { task: entry.task, give_up_reason, attempts: 0, due: now })?;
            }
            Ok(())
        })
    }

    fn backlog(&self) -> Result<Backlog, QueueError> {
        let held = self.held();
        let count = || Ok(self.database.read()?.open_table(tables::ENTRIES)?.len()?);
        let unfinished = self.guarded(count)?;
        let next = self.guarded(|| self.first_free(&held, u64::MAX))?;
        Ok(Backlog { unfinished, next_due: next.map(|(_, entry)| time(entry.due)) })
    }

    fn dead_letters(&self) -> Result<Vec<DeadLetter>, QueueError> {
        let read = || {
            let letters = self.database.read()?.open_table(tables::DEAD_LETTERS)?;
            let mut found = Vec::new();
            for letter in letters.iter()? {
                found.push(tables::dead_letter(letter?.1.value()));
            }
            Ok(found)
        };
        self.guarded(read)
    }
}

fn check(tasks: &[Task]) -> Result<(), QueueError> {
    let refuse = |task: &Task, why: String| {
        // The name itself may be what is too long.
        Err(QueueError::InvalidTask { name: task.name.chars().take(100).collect(), why })
    };
    for (index, task) in tasks.iter().enumerate() {
        let (name_bytes, input_bytes) = (task.name.len(), task.input.len());
        if index >= TASKS_MAX {
            let why = format!("a call may hold {TASKS_MAX} tasks, this one has {}", tasks.len());
            return refuse(task, why);
        }
        if !(1..=TASK_NAME_BYTES_MAX).contains(&name_bytes) {
            let why = format!("its name has {name_bytes} bytes; use 1 to {TASK_NAME_BYTES_MAX}");
            return refuse(task, why);
        }
        if input_bytes > TASK_INPUT_BYTES_MAX {
            let why =
                format!("its input has {input_bytes} bytes; use at most {TASK_INPUT_BYTES_MAX}");
            return refuse(task, why);
        }
    }
    Ok(())
}

/// Nanoseconds since 1970, up to the year 2554; what lies before or behind is held at that end.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn time(nanoseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

fn not_held(lease: &Lease) -> QueueError {
    QueueError::Engine(anyhow::anyhow!(
        "the task `{}` is not held under this lease",
        lease.task.name
    ))
}
