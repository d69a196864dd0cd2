//! The runs of configurations: begun, shown and cancelled. `report-writer` does their work.
//!
//! A run has one record, which says how it stands, and a place in the history of its configuration. Whoever changes a
//! record does so only if it is as it was read, so a run that was cancelled is not complete a moment later.

mod cancel;
mod once;
mod read;
mod shown;

use serde::de::DeserializeOwned;
use stocktake_capabilities::{Condition, Error, Item, State, StateOutcome, Task};
use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::run::{
    LIMITS_KEY, PLAN, PlanInput, REPORT_WRITER, RunLimits, RunRecord, RunStatus, history_key,
    on_demand_key, once_key, record_key, start_key,
};
use stocktake_core::timestamp::Millis;

use crate::check::{Judgement, Syntax, judge};
use crate::rules::{Occasion, Request};
use crate::store::{bucket_name, key};

pub use cancel::{CancelOutcome, cancel};
pub use read::{PAGE_RUNS_MAX, RunPage, get_run, list_runs, next_run};

/// How often a write that lost a race looks again. Each loss means that another one has changed the same record.
const ATTEMPTS_MAX: usize = 16;

/// The hex digits of a run's id.
const RUN_ID_DIGITS: usize = 32;

/// Which run is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// The bucket that it lists.
    pub bucket: &'a str,
    /// The id of its configuration.
    pub id: &'a str,
    /// Its own id: 32 lower-case hex digits.
    pub run: &'a str,
}

/// A run that is to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRun<'a> {
    /// Which one. Its id is unique for all time.
    pub run: Run<'a>,
    /// When it is.
    pub now: Millis,
}

/// How a start ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartOutcome {
    /// The run begins as soon as these tasks are enqueued. Where nobody does so, the next tick of the clock asks for them.
    Started(Vec<Task>),
    /// The document is not usable. Nothing has changed.
    Refused(Vec<Finding>),
    /// There is no configuration of this id.
    NoSuchConfiguration,
    /// A run of this configuration is unfinished, this one.
    AlreadyRunning(String),
    /// A one-time run of this id was begun earlier on the same day, or a stored configuration has this id.
    Duplicate,
}

/// What a run would begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewOutcome {
    /// This configuration, in its JSON form.
    Usable(String),
    /// The document is not usable.
    Refused(Vec<Finding>),
    /// There is no configuration of this id.
    NoSuchConfiguration,
}

/// What [`start`] would run, and with a document what [`start_once`] would. Changes nothing.
///
/// # Errors
/// [`Error::InvalidArgument`] for a bucket name or id that breaks the rules; what `state` answers.
pub fn preview(
    state: &impl State,
    bucket: &str,
    id: &str,
    document: Option<(&[u8], Syntax)>,
    dialect: Dialect,
) -> Result<PreviewOutcome, Error> {
    let Some((document, syntax)) = document else {
        let stored = stored(state, bucket, id)?;
        return Ok(stored.map_or(PreviewOutcome::NoSuchConfiguration, PreviewOutcome::Usable));
    };
    let request = Request { bucket: &bucket_name(bucket)?, id, occasion: Occasion::Once };
    let Judgement { findings, configuration } = judge(document, syntax, dialect, Some(request));
    Ok(configuration.map_or(PreviewOutcome::Refused(findings), |usable| {
        PreviewOutcome::Usable(usable.to_json())
    }))
}

/// A stored configuration as it is kept.
fn stored(state: &impl State, bucket: &str, id: &str) -> Result<Option<String>, Error> {
    let Some(item) = state.get(&key(bucket, id)?)? else { return Ok(None) };
    let text = String::from_utf8(item.value);
    text.map(Some)
        .map_err(|_| Error::Other(format!("the record `{}` is not UTF-8; put it anew", item.key)))
}

/// Begins a run of a stored configuration, enabled or not.
///
/// Of starts at the same time one begins a run. A start that is repeated with the same run's id is the same start.
///
/// # Errors
/// [`Error::InvalidArgument`] for names and ids that break the rules; [`Error::Unavailable`] where others keep winning;
/// what `state` answers. After an error the run may begin or not.
pub fn start(state: &impl State, new: NewRun<'_>) -> Result<StartOutcome, Error> {
    require_run_id(new.run.run)?;
    let Some(configuration) = stored(state, new.run.bucket, new.run.id)? else {
        return Ok(StartOutcome::NoSuchConfiguration);
    };
    begin(state, new, configuration, Occasion::Schedule)
}

/// Begins a run of a document that is not kept: the one-time inventory of Tencent COS, which has neither `IsEnabled` nor
/// `Schedule`.
///
/// Sources: "POST Bucket inventory" in the API documentation of Tencent Cloud Object Storage.
///
/// # Errors
/// As [`start`]; [`Error::Throttled`] where a bucket has had 1,000 ids of one-time runs on this day.
pub fn start_once(
    state: &impl State,
    new: NewRun<'_>,
    document: &[u8],
    syntax: Syntax,
    dialect: Dialect,
) -> Result<StartOutcome, Error> {
    require_run_id(new.run.run)?;
    let Run { bucket, id, .. } = new.run;
    let request = Request { bucket: &bucket_name(bucket)?, id, occasion: Occasion::Once };
    let Judgement { findings, configuration } = judge(document, syntax, dialect, Some(request));
    let Some(configuration) = configuration else { return Ok(StartOutcome::Refused(findings)) };
    if state.get(&key(bucket, id)?)?.is_some() {
        return Ok(StartOutcome::Duplicate);
    }
    if state.get(&once_key(bucket, id))?.is_none() {
        once::make_room(state, bucket, new.now)?;
    }
    begin(state, new, configuration.to_json(), Occasion::Once)
}

/// Notes the run as the latest of its kind, which one of several can do, and then as started.
fn begin(
    state: &impl State,
    new: NewRun<'_>,
    configuration: String,
    occasion: Occasion,
) -> Result<StartOutcome, Error> {
    let Run { bucket, id, run } = new.run;
    let limits: Option<(RunLimits, u64)> = read(state, LIMITS_KEY)?;
    let plan = PlanInput {
        run: run.to_owned(),
        bucket: bucket.to_owned(),
        configuration,
        slot_millis: None,
        is_once: occasion == Occasion::Once,
        limits: limits.map(|(limits, _)| limits).unwrap_or_default(),
    };
    let note_key = match occasion {
        Occasion::Schedule => on_demand_key(bucket, id),
        Occasion::Once => once_key(bucket, id),
    };
    for _ in 0..ATTEMPTS_MAX {
        let noted: Option<(PlanInput, u64)> = read(state, &note_key)?;
        let condition = match &noted {
            Some((_, revision)) => Condition::Unchanged(*revision),
            None => Condition::Absent,
        };
        if let Some((noted, _)) = noted {
            let record: Option<(RunRecord, u64)> = read(state, &record_key(&noted.run))?;
            match record.map(|(record, _)| record) {
                // Whoever noted it died, or has not come to the next step.
                None => {
                    note_started(state, id, &noted, new.now)?;
                    return Ok(outcome(noted, run));
                }
                Some(record) if record.status == RunStatus::Running || noted.run == run => {
                    return Ok(outcome(noted, run));
                }
                Some(record)
                    if occasion == Occasion::Once && same_day(record.begun_millis, new.now) =>
                {
                    return Ok(StartOutcome::Duplicate);
                }
                Some(_) => {}
            }
        }
        if let Some(running) = read::running(state, bucket, id)? {
            return Ok(StartOutcome::AlreadyRunning(running));
        }
        if write(state, &note_key, &plan, condition)? {
            note_started(state, id, &plan, new.now)?;
            return Ok(outcome(plan, run));
        }
    }
    Err(lost(&note_key))
}

/// What a start of `run` comes to, where this plan is noted.
fn outcome(noted: PlanInput, run: &str) -> StartOutcome {
    if noted.run != run {
        return StartOutcome::AlreadyRunning(noted.run);
    }
    StartOutcome::Started(vec![Task {
        name: noted.task_name(),
        component: REPORT_WRITER.to_owned(),
        kind: PLAN.to_owned(),
        // Strings, numbers and structs of them always serialise.
        input: serde_json::to_vec(&noted).unwrap_or_default(),
        delay_ms: 0,
    }])
}

/// Has the clock ask for the run, and shows it from now on.
fn note_started(state: &impl State, id: &str, plan: &PlanInput, now: Millis) -> Result<(), Error> {
    write(state, &start_key(&plan.run), plan, Condition::Always)?;
    let record = RunRecord::begin(plan.clone(), now);
    if write(state, &record_key(&plan.run), &record, Condition::Absent)? {
        let key = history_key(&plan.bucket, id, now, &plan.run);
        write(state, &key, &plan.run, Condition::Always)?;
    }
    Ok(())
}

fn same_day(millis: i64, now: Millis) -> bool {
    Millis(millis).same_day_at_hour(0) == now.same_day_at_hour(0)
}

/// Ids of runs become part of keys in `state`.
fn require_run_id(run: &str) -> Result<(), Error> {
    if is_run_id(run) {
        return Ok(());
    }
    let why = format!("the run's id {run:?}; use {RUN_ID_DIGITS} of `0-9 a-f`");
    Err(Error::InvalidArgument(why))
}

fn is_run_id(text: &str) -> bool {
    text.len() == RUN_ID_DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn read<T: DeserializeOwned>(state: &impl State, key: &str) -> Result<Option<(T, u64)>, Error> {
    let item = state.get(key)?;
    item.map(|item| Ok((decode(&item)?, item.revision))).transpose()
}

fn decode<T: DeserializeOwned>(item: &Item) -> Result<T, Error> {
    serde_json::from_slice(&item.value)
        .map_err(|error| Error::Other(format!("the record `{}` cannot be read: {error}", item.key)))
}

/// Writes a record; false where the condition did not hold.
fn write(
    state: &impl State,
    key: &str,
    value: &impl serde::Serialize,
    condition: Condition,
) -> Result<bool, Error> {
    let bytes = serde_json::to_vec(value)
        .map_err(|error| Error::Other(format!("the record `{key}`: {error}")))?;
    Ok(state.put(key, &bytes, condition)? != StateOutcome::Conflict)
}

fn lost(key: &str) -> Error {
    Error::Unavailable(format!("`{key}` was changed {ATTEMPTS_MAX} times meanwhile"))
}

#[cfg(test)]
mod tests;
