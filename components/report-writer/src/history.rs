//! The history of a configuration: which runs it had, the newest first, and where their records are.

use stocktake_capabilities::{Condition, Failure, State};
use stocktake_core::run::{
    ENDED_RUNS_MAX, PlanInput, RunRecord, RunStatus, history_key, history_prefix, on_demand_key,
    once_key, record_key, start_key,
};
use stocktake_core::timestamp::Millis;

use crate::records::{delete, each, get, put};

/// Puts a run into the history of its configuration. It stands there once, however often this is called.
pub(crate) fn note(state: &impl State, id: &str, record: &RunRecord) -> Result<(), Failure> {
    let PlanInput { run, bucket, .. } = &record.plan;
    let key = history_key(bucket, id, Millis(record.begun_millis), run);
    put(state, &key, run, Condition::Always).map(|_| ())
}

/// Forgets the oldest runs of a configuration beyond [`ENDED_RUNS_MAX`].
///
/// Runs that have not ended stay, and so does the one that has just ended: where the clock has gone back, it may stand
/// behind all others.
pub(crate) fn prune(
    state: &impl State,
    bucket: &str,
    id: &str,
    just_ended: &str,
) -> Result<(), Failure> {
    let mut older = Vec::new();
    let mut place = 0_usize;
    each(state, &history_prefix(bucket, id), |item| {
        place += 1;
        if place > ENDED_RUNS_MAX
            && let Ok(run) = serde_json::from_slice::<String>(&item.value)
            && run != just_ended
        {
            older.push((item.key.clone(), run));
        }
        Ok(())
    })?;
    for (key, run) in older {
        let record: Option<(RunRecord, u64)> = get(state, &record_key(&run))?;
        let has_ended = record.is_none_or(|(record, _)| record.status != RunStatus::Running);
        // The plan of a run that was started and cancelled may not have seen its end yet.
        if has_ended && state_has_no(state, &start_key(&run))? {
            forget(state, bucket, id, &run)?;
            delete(state, &key)?;
        }
    }
    Ok(())
}

/// Forgets a run. Notes that it is the latest of its kind go first, as without its record it would look unfinished.
fn forget(state: &impl State, bucket: &str, id: &str, run: &str) -> Result<(), Failure> {
    for key in [on_demand_key(bucket, id), once_key(bucket, id)] {
        if let Some((noted, revision)) = get::<serde_json::Value>(state, &key)?
            && noted.get("run").is_some_and(|noted| noted == run)
        {
            state
                .delete(&key, Condition::Unchanged(revision))
                .map_err(|error| crate::task::failure(&format!("deleting `{key}`"), &error))?;
        }
    }
    delete(state, &record_key(run))
}

fn state_has_no(state: &impl State, key: &str) -> Result<bool, Failure> {
    Ok(get::<serde_json::Value>(state, key)?.is_none())
}
