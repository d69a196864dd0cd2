//! Finding the configurations that are due.

use std::collections::BTreeSet;

use stocktake_capabilities::{Condition, Failure, State, Task};
use stocktake_core::configuration::Configuration;
use stocktake_core::run::{
    FIRST_REPORT_KEY, LIMITS_KEY, PlanInput, RunLimits, STARTS, schedule_key,
};
use stocktake_core::schedule::{FirstReport, Scheduled, Timetable};
use stocktake_core::timestamp::Millis;

use crate::records::{delete, each, get, put};
use crate::task::{digest, hex, plan_task};

const CONFIGURATIONS: &str = "inventory/";
const SCHEDULES: &str = "schedules/";

/// The most plans that one tick asks for. The rest comes with the next tick; the host takes 1,000 at once.
const PLANS_MAX: usize = 500;

/// Answers a plan for every configuration that is due, and for every run that was started and has not begun.
///
/// Ticks may be missed or repeated: a slot stays due until its plan has marked it as filled, and the name of a plan
/// follows from its slot.
///
/// # Errors
/// [`Failure::Retry`] where `state` does not answer.
pub fn cron(now: Millis, state: &impl State) -> Result<Vec<Task>, Failure> {
    let limits: Option<(RunLimits, u64)> = get(state, LIMITS_KEY)?;
    let limits = limits.map(|(limits, _)| limits).unwrap_or_default();
    let first: Option<(FirstReport, u64)> = get(state, FIRST_REPORT_KEY)?;
    let first = first.map(|(first, _)| first).unwrap_or_default();
    let mut tasks = started(state)?;
    let mut enabled = BTreeSet::new();
    each(state, CONFIGURATIONS, |item| {
        let Some((bucket, id)) = bucket_and_id(CONFIGURATIONS, &item.key) else { return Ok(()) };
        let text = String::from_utf8_lossy(&item.value);
        let Ok(configuration) = Configuration::from_json(&text) else { return Ok(()) };
        if !configuration.is_enabled {
            return Ok(());
        }
        let Configuration { frequency, monthly_date, .. } = configuration;
        let timetable = Timetable { frequency, monthly_date, first };
        let scheduled = scheduled(state, bucket, id, first, now)?;
        enabled.insert((bucket.to_owned(), id.to_owned()));
        if let Some(slot) = scheduled.due(timetable, now)
            && tasks.len() < PLANS_MAX
        {
            tasks.push(plan_task(&slot_plan(bucket, id, &text, slot, limits)));
        }
        Ok(())
    })?;
    forget_others(state, &enabled)?;
    Ok(tasks)
}

/// Remembers that a slot is filled.
pub(crate) fn mark_filled(
    state: &impl State,
    bucket: &str,
    id: &str,
    slot: Millis,
) -> Result<(), Failure> {
    let key = schedule_key(bucket, id);
    let Some((mut scheduled, revision)) = get::<Scheduled>(state, &key)? else {
        // The configuration was deleted or disabled meanwhile.
        return Ok(());
    };
    if !scheduled.fill(slot) || put(state, &key, &scheduled, Condition::Unchanged(revision))? {
        Ok(())
    } else {
        Err(Failure::Retry { reason: format!("lost the race for `{key}`"), after_ms: Some(0) })
    }
}

/// The schedule of a configuration; one that is seen for the first time is scheduled from now on.
fn scheduled(
    state: &impl State,
    bucket: &str,
    id: &str,
    first: FirstReport,
    now: Millis,
) -> Result<Scheduled, Failure> {
    let key = schedule_key(bucket, id);
    let known: Option<(Scheduled, u64)> = get(state, &key)?;
    let Some((known, revision)) = known else {
        let scheduled = Scheduled::since(now);
        put(state, &key, &scheduled, Condition::Absent)?;
        return Ok(scheduled);
    };
    let seen = known.clone().seen(first, now);
    if seen != known {
        // A plan that fills its slot meanwhile wins; the next tick looks again.
        put(state, &key, &seen, Condition::Unchanged(revision))?;
    }
    Ok(seen)
}

/// The plans of runs that were started. Whoever starts one enqueues its plan, too, unless it dies before that.
fn started(state: &impl State) -> Result<Vec<Task>, Failure> {
    let mut tasks = Vec::new();
    each(state, STARTS, |item| {
        if let Ok(plan) = serde_json::from_slice::<PlanInput>(&item.value)
            && tasks.len() < PLANS_MAX
        {
            tasks.push(plan_task(&plan));
        }
        Ok(())
    })?;
    Ok(tasks)
}

/// Drops the schedules of configurations that are gone or disabled, so that one which comes back starts afresh.
fn forget_others(state: &impl State, enabled: &BTreeSet<(String, String)>) -> Result<(), Failure> {
    let mut gone = Vec::new();
    each(state, SCHEDULES, |item| {
        let known = bucket_and_id(SCHEDULES, &item.key)
            .is_some_and(|(bucket, id)| enabled.contains(&(bucket.to_owned(), id.to_owned())));
        if !known {
            gone.push(item.key.clone());
        }
        Ok(())
    })?;
    gone.iter().try_for_each(|key| delete(state, key))
}

fn slot_plan(
    bucket: &str,
    id: &str,
    configuration: &str,
    slot: Millis,
    limits: RunLimits,
) -> PlanInput {
    PlanInput {
        run: hex(&digest(&["slot", bucket, id, &slot.0.to_string()])),
        bucket: bucket.to_owned(),
        configuration: configuration.to_owned(),
        slot_millis: Some(slot.0),
        is_once: false,
        limits,
    }
}

fn bucket_and_id<'a>(prefix: &str, key: &'a str) -> Option<(&'a str, &'a str)> {
    key.strip_prefix(prefix)?.split_once('/')
}
