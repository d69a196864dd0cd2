//! Asking for work to be done later.

use crate::Error;

/// The most bytes of a task's input.
pub const TASK_INPUT_BYTES_MAX: usize = 256 << 10;

/// The most bytes of a task's name.
pub const TASK_NAME_BYTES_MAX: usize = 1024;

/// The most tasks that one call may enqueue or answer.
pub const TASKS_MAX: usize = 1000;

/// A piece of work for a component: `stocktake:host/queue.task`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Unique among the unfinished tasks; 1 to [`TASK_NAME_BYTES_MAX`].
    pub name: String,
    /// The component that handles it, by its configured name.
    pub component: String,
    /// What is to be done: a word that the component knows.
    pub kind: String,
    /// What it is to be done with; at most [`TASK_INPUT_BYTES_MAX`].
    pub input: Vec<u8>,
    /// How many milliseconds it waits at the least.
    pub delay_ms: u32,
}

/// `stocktake:host/queue`, for functions that are not called as tasks themselves.
pub trait Queue {
    /// Enqueues up to [`TASKS_MAX`] tasks, all or none. They are durable when this answers.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a broken limit or an unknown component; [`Error::Unavailable`].
    fn enqueue(&self, tasks: &[Task]) -> Result<(), Error>;
}

/// Why a function could not do its work, named by what the caller should do: `stocktake:functions/types.failure`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Call again later with the same input.
    #[error("{reason}")]
    Retry {
        /// Why it failed. For logs.
        reason: String,
        /// Not before this many milliseconds; none leaves it to the host.
        after_ms: Option<u32>,
    },
    /// Do not call again with this input.
    #[error("{0}")]
    Reject(String),
}
