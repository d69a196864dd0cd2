//! What the task loop tells its listeners.

use std::time::Duration;

use crate::engine::Usage;
use crate::queue::Lease;

/// Something happened to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The task's name.
    pub task: String,
    /// The component that handles it.
    pub component: String,
    /// What it is to do.
    pub kind: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// What happened.
    pub step: Step,
}

/// What happened to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A worker began with it.
    Started,
    /// It is done, and so many tasks follow.
    Finished {
        /// How many tasks follow.
        follow_ups: usize,
        /// What it cost.
        usage: Usage,
    },
    /// It failed and will be tried again.
    Retried {
        /// Why.
        reason: String,
        /// After this time.
        wait: Duration,
    },
    /// It is in the dead letters.
    GivenUp {
        /// Why.
        reason: String,
    },
    /// It was stopped for the end of the loop, and goes on at the next start.
    HandedBack,
}

impl Event {
    pub(super) fn of(lease: &Lease, step: Step) -> Self {
        Self {
            task: lease.task.name.clone(),
            component: lease.task.component.clone(),
            kind: lease.task.kind.clone(),
            attempt: lease.attempt,
            step,
        }
    }
}
