//! Cancelling runs.

use stocktake_capabilities::{Condition, Error, State};
use stocktake_core::run::{RunStatus, record_key};
use stocktake_core::timestamp::Millis;

use super::read::{get_run, progress, record};
use super::{ATTEMPTS_MAX, Run, lost, shown, write};

/// How a cancellation ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The run is cancelled; its status as a JSON object.
    Cancelled(String),
    /// The run had ended by then, or its manifest is being written; its status as a JSON object. Nothing has changed.
    Ended(String),
    /// There is no such run of this configuration.
    NoSuchRun,
}

/// Cancels a run.
///
/// Its tasks find that out, end, and remove what they left behind; until then the run has ended all the same.
///
/// # Errors
/// [`Error::InvalidArgument`] for names that break the rules; [`Error::Unavailable`] where others keep changing the
/// record; what `state` answers. After an error the run may be cancelled or not.
pub fn cancel(state: &impl State, run: Run<'_>, now: Millis) -> Result<CancelOutcome, Error> {
    let key = record_key(run.run);
    for _ in 0..ATTEMPTS_MAX {
        let Some((mut record, revision)) = record(state, run)? else {
            return Ok(CancelOutcome::NoSuchRun);
        };
        if record.status != RunStatus::Running || record.is_sealing {
            let shown = get_run(state, run, now)?;
            return Ok(shown.map_or(CancelOutcome::NoSuchRun, CancelOutcome::Ended));
        }
        let (counts, errors) = progress(state, run.run)?;
        record.status = RunStatus::Cancelled;
        record.reason = Some("it was cancelled".to_owned());
        record.ended_millis = Some(now.0);
        record.errors = errors;
        record.counts = counts;
        if write(state, &key, &record, Condition::Unchanged(revision))? {
            return Ok(CancelOutcome::Cancelled(shown::json(run.id, &record, now)));
        }
    }
    Err(lost(&key))
}
