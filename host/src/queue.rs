//! The queue of tasks: what is still to be done, and what was given up.
//!
//! An engine keeps it durable. Ending a task and beginning its follow-up tasks is one step, so a host that is killed
//! at any instant neither loses work nor begins it twice.

use std::time::SystemTime;

pub use stocktake_capabilities::Task;

/// How a task is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `tasks.handle`.
    Handle,
    /// `tasks.give-up`, with the reason.
    GiveUp(String),
}

/// A task that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Names this entry of the queue; never reused.
    pub id: u64,
    /// The task.
    pub task: Task,
    /// How to call it.
    pub call: Call,
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// A task that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The task.
    pub task: Task,
    /// Why.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub at: SystemTime,
}

/// How much is left to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Unfinished tasks, held ones included.
    pub unfinished: u64,
    /// When the next task that nobody holds falls due.
    pub next_due: Option<SystemTime>,
}

/// Why the queue could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// A task breaks a limit of `stocktake:host/queue`.
    #[error("task `{name}` is refused: {why}")]
    InvalidTask {
        /// The task's name.
        name: String,
        /// Which limit, and what is allowed.
        why: String,
    },
    /// The engine failed.
    #[error("the task queue cannot be used")]
    Engine(#[source] anyhow::Error),
}

/// What an engine does for the task loop. Every change is durable when its call answers.
///
/// Leases live as long as the process: what was held when it died is free again at the next start.
pub trait TaskQueue: Send + Sync {
    /// Adds tasks, all or none. A task whose name is unfinished is skipped.
    ///
    /// # Errors
    /// [`QueueError::InvalidTask`], and then nothing is added.
    fn enqueue(&self, tasks: &[Task], now: SystemTime) -> Result<(), QueueError>;

    /// Hands out the task that is due for the longest time and that nobody holds.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    fn take(&self, now: SystemTime) -> Result<Option<Lease>, QueueError>;

    /// Ends a task and adds its follow-up tasks, in one step. A follow-up may bear the ended task's name.
    ///
    /// # Errors
    /// [`QueueError::InvalidTask`], and then the task is still held.
    fn finish(&self, lease: &Lease, follow_ups: &[Task], now: SystemTime)
    -> Result<(), QueueError>;

    /// Lets a task go, to be tried again from `due` on; the attempt counts.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    fn retry(&self, lease: &Lease, due: SystemTime) -> Result<(), QueueError>;

    /// Lets a task go as if it had not been taken; the attempt does not count.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    fn hand_back(&self, lease: &Lease) -> Result<(), QueueError>;

    /// Moves a task to the dead letters and, if it was called by [`Call::Handle`], adds the same task to be called by
    /// [`Call::GiveUp`], in one step. Dead letters are kept to a bounded number; the oldest go first.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    fn give_up(&self, lease: &Lease, reason: &str, now: SystemTime) -> Result<(), QueueError>;

    /// How much is left to do.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    fn backlog(&self) -> Result<Backlog, QueueError>;

    /// The dead letters, oldest first.
    ///
    /// # Errors
    /// [`QueueError::Engine`].
    fn dead_letters(&self) -> Result<Vec<DeadLetter>, QueueError>;
}
