//! Lists a bucket and writes an inventory report.
//!
//! A run is a chain of tasks. [`cron()`] finds configurations that are due and asks for a `plan`; the plan cuts the key
//! space into ranges and asks for a `part` each; a part writes one sorted data file and asks for what is left of its
//! range, or for the `seal`, which writes the manifest once the parts cover the whole key space, and its checksum last.
//!
//! Each task may run again after it was killed at any point, so all that it writes has names that follow from the run
//! and the range. Nothing here knows about WIT, files, networks, threads or the time of day.

mod accounts;
mod beyond;
mod checkpoint;
mod cron;
mod cut;
mod data_file;
mod delivery;
mod details;
mod extent;
mod give_up;
mod history;
mod layout;
mod manifest;
mod part;
mod plan;
mod ranges;
mod records;
mod rows;
mod seal;
mod sink;
mod stretches;
mod task;
mod verify;

#[cfg(target_family = "wasm")]
mod component;

use std::time::Duration;

use stocktake_capabilities::{Failure, Objects, State, Task, Uploads};
use stocktake_core::timestamp::Millis;

pub use cron::cron;
pub use give_up::give_up;

/// What a task may use.
pub struct Capabilities<'a, O, U, S> {
    /// Reading the source, and looking for reports in the destination.
    pub objects: &'a O,
    /// Writing the report.
    pub uploads: &'a U,
    /// Progress and schedule.
    pub state: &'a S,
    /// How long this call has been at work. A task that takes too long goes on in another call.
    pub elapsed: &'a dyn Fn() -> Duration,
}

impl<O, U, S> Clone for Capabilities<'_, O, U, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, U, S> Copy for Capabilities<'_, O, U, S> {}

/// The elapsed time of a call without a limit: none passes.
#[must_use]
pub fn unhurried() -> Duration {
    Duration::ZERO
}

/// Does one task of a run and answers what is to be done next.
///
/// # Errors
/// [`Failure::Retry`] where the same task may succeed later, [`Failure::Reject`] where it cannot.
pub fn handle<O: Objects, U: Uploads, S: State>(
    task: &Task,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    let work = task::Work::read(task)?;
    let done = match &work {
        task::Work::Plan(input) => plan::plan(input, now, has),
        task::Work::Part(input) => part::part(input, has),
        task::Work::Seal(input) => seal::seal(task, &input.run, now, has),
    };
    if done.is_err() {
        records::count_error(has.state, work.run());
    }
    done
}

#[cfg(test)]
mod tests;
