//! How many one-time runs are remembered. Their ids are free to choose, so nothing else would bound them.

use stocktake_capabilities::{Condition, Error, State, StateOutcome};
use stocktake_core::run::{
    PlanInput, RunRecord, RunStatus, history_prefix, once_prefix, record_key, start_key,
    stretches_key,
};
use stocktake_core::timestamp::Millis;

use super::read::each;
use super::{decode, read, same_day};

/// The most ids of one-time runs that are remembered of a bucket: as many as it may have configurations.
pub(super) const ONCE_MAX: usize = 1000;

/// How many are forgotten at once, so that not every start has to look through all of them.
const FORGOTTEN_MAX: usize = 100;

/// Forgets the oldest one-time runs of a bucket where it has as many as are remembered.
///
/// A run that has not ended stays, and so does one of this day, whose id must not run again.
///
/// # Errors
/// [`Error::Throttled`] where all of them have to stay; what `state` answers.
pub(super) fn make_room(state: &impl State, bucket: &str, now: Millis) -> Result<(), Error> {
    let prefix = once_prefix(bucket);
    let mut noted = Vec::new();
    each(state, &prefix, |item| {
        let PlanInput { run, .. } = decode(item)?;
        noted.push((item.key.clone(), item.revision, run));
        Ok(true)
    })?;
    if noted.len() < ONCE_MAX {
        return Ok(());
    }
    let mut old = Vec::new();
    for (key, revision, run) in noted {
        let Some((record, _)) = read::<RunRecord>(state, &record_key(&run))? else { continue };
        let has_ended = record.status != RunStatus::Running;
        // The plan of a run that was started and cancelled may not have seen its end yet.
        if has_ended
            && !same_day(record.begun_millis, now)
            && state.get(&start_key(&run))?.is_none()
        {
            old.push((record.begun_millis, key, revision));
        }
    }
    if old.is_empty() {
        return Err(Error::Throttled(None));
    }
    old.sort_unstable();
    for (_, key, revision) in old.into_iter().take(FORGOTTEN_MAX) {
        // The note goes first: without its record it would look like a run that has not begun.
        if state.delete(&key, Condition::Unchanged(revision))? != StateOutcome::Conflict {
            forget(state, bucket, key.strip_prefix(&prefix).unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Forgets the ended one-time runs of an id. Those of a stored configuration of the same id stay.
fn forget(state: &impl State, bucket: &str, id: &str) -> Result<(), Error> {
    let mut runs = Vec::new();
    let (mut has_others, prefix) = (false, history_prefix(bucket, id));
    each(state, &prefix, |item| {
        runs.push((item.key.clone(), decode::<String>(item)?));
        Ok(true)
    })?;
    for (key, run) in runs {
        let record: Option<(RunRecord, u64)> = read(state, &record_key(&run))?;
        let is_ours = record
            .is_none_or(|(record, _)| record.plan.is_once && record.status != RunStatus::Running);
        has_others |= !is_ours;
        if is_ours {
            state.delete(&record_key(&run), Condition::Always)?;
            state.delete(&key, Condition::Always)?;
        }
    }
    if !has_others {
        state.delete(&stretches_key(bucket, id), Condition::Always)?;
    }
    Ok(())
}
