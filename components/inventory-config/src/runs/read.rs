//! Looking at runs.

use stocktake_capabilities::{Error, Item, State};
use stocktake_core::configuration::Configuration;
use stocktake_core::run::{
    FIRST_REPORT_KEY, PartCounts, RunCounts, RunRecord, RunStatus, errors_key, history_prefix,
    parts_prefix, record_key, schedule_key,
};
use stocktake_core::schedule::{FirstReport, Scheduled, Timetable};
use stocktake_core::timestamp::Millis;

use super::{Run, decode, is_run_id, read, shown};
use crate::store::key;

/// The most runs of one page.
pub const PAGE_RUNS_MAX: usize = 100;

/// What every continuation begins with: the version of its form.
const CONTINUATION_MARK: &str = "1";

/// One page of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunPage {
    /// As JSON objects, the newest first; at most [`PAGE_RUNS_MAX`].
    pub runs: Vec<String>,
    /// Present exactly when there is more. Opaque.
    pub next: Option<String>,
}

/// Lists the runs of a configuration, also of one that was deleted, from the newest or from where the page with this
/// `next` ended.
///
/// # Errors
/// [`Error::InvalidArgument`] for names that break the rules, or a cursor that was not the `next` of a page of the same
/// configuration; what `state` answers.
pub fn list_runs(
    state: &impl State,
    (bucket, id): (&str, &str),
    cursor: Option<&str>,
    now: Millis,
) -> Result<RunPage, Error> {
    key(bucket, id)?;
    let prefix = history_prefix(bucket, id);
    let mark = format!("{CONTINUATION_MARK}/{bucket}/{id}/");
    let after = match cursor.map(|cursor| cursor.strip_prefix(&mark)) {
        None => None,
        Some(Some(place)) => Some(format!("{prefix}{place}")),
        Some(None) => {
            let why = "the continuation is of another listing; begin without one";
            return Err(Error::InvalidArgument(why.to_owned()));
        }
    };
    let mut page = RunPage::default();
    let mut last = String::new();
    each(state, &prefix, |item| {
        if after.as_ref().is_some_and(|after| item.key <= *after) {
            return Ok(true);
        }
        if page.runs.len() == PAGE_RUNS_MAX {
            let place = last.strip_prefix(&prefix).unwrap_or_default();
            page.next = Some(format!("{mark}{place}"));
            return Ok(false);
        }
        let run: String = decode(item)?;
        // A record that is not there was forgotten meanwhile, as its run was among the oldest.
        if let Some((record, _)) = read(state, &record_key(&run))? {
            last.clone_from(&item.key);
            page.runs.push(show(state, id, record, now)?);
        }
        Ok(true)
    })?;
    Ok(page)
}

/// One run as a JSON object; none if there is no such run of this configuration.
///
/// # Errors
/// [`Error::InvalidArgument`] for names that break the rules; what `state` answers.
pub fn get_run(state: &impl State, run: Run<'_>, now: Millis) -> Result<Option<String>, Error> {
    let found = record(state, run)?;
    found.map(|(record, _)| show(state, run.id, record, now)).transpose()
}

/// When the next scheduled run of a configuration begins, `now` where one is due; none where the configuration is
/// disabled or there is none of this id.
///
/// # Errors
/// As [`get_run`].
pub fn next_run(
    state: &impl State,
    bucket: &str,
    id: &str,
    now: Millis,
) -> Result<Option<Millis>, Error> {
    let key = key(bucket, id)?;
    let Some(item) = state.get(&key)? else { return Ok(None) };
    let configuration = Configuration::from_json(&String::from_utf8_lossy(&item.value))
        .map_err(|error| Error::Other(format!("the record `{key}` cannot be read: {error}")))?;
    if !configuration.is_enabled {
        return Ok(None);
    }
    let first: Option<(FirstReport, u64)> = read(state, FIRST_REPORT_KEY)?;
    let first = first.map(|(first, _)| first).unwrap_or_default();
    let Configuration { frequency, monthly_date, .. } = configuration;
    let known: Option<(Scheduled, u64)> = read(state, &schedule_key(bucket, id))?;
    let scheduled = known.map_or_else(|| Scheduled::since(now), |(known, _)| known);
    let timetable = Timetable { frequency, monthly_date, first };
    Ok(Some(scheduled.seen(first, now).next(timetable, now)))
}

/// The record of a run, if it is one of this configuration.
pub(super) fn record(
    state: &impl State,
    Run { bucket, id, run }: Run<'_>,
) -> Result<Option<(RunRecord, u64)>, Error> {
    key(bucket, id)?;
    if !is_run_id(run) {
        return Ok(None);
    }
    let found: Option<(RunRecord, u64)> = read(state, &record_key(run))?;
    Ok(found.filter(|(record, _)| {
        let configuration = Configuration::from_json(&record.plan.configuration);
        record.plan.bucket == bucket
            && configuration.is_ok_and(|configuration| configuration.id.as_str() == id)
    }))
}

/// A run of a configuration that has not ended, if there is one.
pub(super) fn running(state: &impl State, bucket: &str, id: &str) -> Result<Option<String>, Error> {
    let mut found = None;
    each(state, &history_prefix(bucket, id), |item| {
        let run: String = decode(item)?;
        let record: Option<(RunRecord, u64)> = read(state, &record_key(&run))?;
        if record.is_some_and(|(record, _)| record.status == RunStatus::Running) {
            found = Some(run);
        }
        Ok(found.is_none())
    })?;
    Ok(found)
}

/// What the finished parts of a run come to, and how many attempts have failed.
pub(super) fn progress(state: &impl State, run: &str) -> Result<(RunCounts, u64), Error> {
    let mut parts: Vec<PartCounts> = Vec::new();
    each(state, &parts_prefix(run), |item| {
        parts.push(decode(item)?);
        Ok(true)
    })?;
    let errors: Option<(u64, u64)> = read(state, &errors_key(run))?;
    Ok((RunCounts::of(parts), errors.map_or(0, |(errors, _)| errors)))
}

/// A run for people and machines. Of one that is running, the counts are those of its finished parts.
fn show(state: &impl State, id: &str, mut record: RunRecord, now: Millis) -> Result<String, Error> {
    if record.status == RunStatus::Running {
        let (counts, errors) = progress(state, &record.plan.run)?;
        // A run that has ended meanwhile has its counts in the record, and its parts may be gone.
        match read::<RunRecord>(state, &record_key(&record.plan.run))? {
            Some((later, _)) if later.status != RunStatus::Running => record = later,
            _ => (record.counts, record.errors) = (counts, errors),
        }
    }
    Ok(shown::json(id, &record, now))
}

/// Visits the records below a prefix in ascending order, until `visit` answers false.
pub(super) fn each(
    state: &impl State,
    prefix: &str,
    mut visit: impl FnMut(&Item) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut cursor = None;
    loop {
        let page = state.list(prefix, cursor.as_deref())?;
        for item in &page.items {
            if !visit(item)? {
                return Ok(());
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}
