//! What is left to do when the host has given a task up, and when a run has ended.

use stocktake_capabilities::{Condition, Failure, Objects, State, Task, Uploads};
use stocktake_core::run::{
    PartCounts, RunCounts, RunRecord, RunStatus, errors_key, parts_prefix, record_key,
};
use stocktake_core::timestamp::Millis;

use crate::Capabilities;
use crate::history;
use crate::layout::Layout;
use crate::plan::{configuration, folder_key};
use crate::records::{
    UploadRecord, checkpoints_prefix, delete, delete_all, each, end_run, first_parts_key, get,
    list, put, uploads_prefix,
};
use crate::seal;
use crate::task::{Work, failure};

/// Ends the run that a task belongs to as failed. Its other tasks find that out and end quietly.
///
/// A run whose report is there all the same is complete: the answer to the last write may have been lost each time.
/// Data files that were written stay; without a manifest they are not part of any report.
///
/// # Errors
/// [`Failure::Retry`] where `state` or the store does not answer.
pub fn give_up<O: Objects, U: Uploads, S: State>(
    task: &Task,
    reason: &str,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    // Nothing can be ended for a task that does not say which run it belongs to.
    let Ok(work) = Work::read(task) else { return Ok(Vec::new()) };
    if let Work::Plan(input) = &work {
        // A plan may have been given up before it came to write the record.
        let record = RunRecord::begin(input.clone(), now);
        let is_new = put(has.state, &record_key(&input.run), &record, Condition::Absent)?;
        if is_new && let Ok(configuration) = configuration(input) {
            history::note(has.state, configuration.id.as_str(), &record)?;
        }
    }
    if seal::end_if_sealed(work.run(), now, has)? {
        return tidy(work.run(), has).map(|()| Vec::new());
    }
    let counts = counts(has.state, work.run())?;
    end_run(has.state, work.run(), now, |record| {
        record.status = RunStatus::Failed;
        record.reason = Some(reason.to_owned());
        record.counts = counts;
    })?;
    tidy(work.run(), has)?;
    Ok(Vec::new())
}

/// What the finished parts of a run came to. One whose record cannot be read is left out: it may be why the run ends.
fn counts(state: &impl State, run: &str) -> Result<RunCounts, Failure> {
    let mut parts = Vec::new();
    each(state, &parts_prefix(run), |item| {
        parts.extend(serde_json::from_slice::<PartCounts>(&item.value));
        Ok(())
    })?;
    Ok(RunCounts::of(parts))
}

/// Removes what a run that has ended needs no longer: its parts, unfinished uploads and claimed folder. Then forgets
/// runs of its configuration that are old enough.
///
/// Every task that finds its run ended does this, as other tasks may have been at work while an earlier one did.
pub(crate) fn tidy<O, U: Uploads, S: State>(
    run: &str,
    has: Capabilities<'_, O, U, S>,
) -> Result<(), Failure> {
    for (key, note) in list::<UploadRecord>(has.state, &uploads_prefix(run))? {
        // A part that is still at work may have finished the upload; then there is nothing to abort.
        match has.uploads.abort_all(&note.bucket, &note.key) {
            Err(error) if error.is_transient() => {
                return Err(failure(&format!("aborting the upload of `{}`", note.key), &error));
            }
            // Nobody here can do more about it; a lifecycle rule of the bucket can.
            Ok(()) | Err(_) => {}
        }
        delete(has.state, &key)?;
    }
    delete_all(has.state, &parts_prefix(run))?;
    delete_all(has.state, &checkpoints_prefix(run))?;
    delete(has.state, &first_parts_key(run))?;
    delete(has.state, &errors_key(run))?;
    let Some((record, _)) = get::<RunRecord>(has.state, &record_key(run))? else { return Ok(()) };
    let Ok(configuration) = configuration(&record.plan) else { return Ok(()) };
    let folder =
        Layout::new(&record.plan.bucket, &configuration).folder(Millis(record.report_millis));
    let key = folder_key(configuration.destination.bucket.as_str(), &folder);
    // Where reports of a day share a folder, another run may have claimed it.
    match get::<String>(has.state, &key)? {
        Some((holder, _)) if holder == run => delete(has.state, &key)?,
        _ => {}
    }
    history::prune(has.state, &record.plan.bucket, configuration.id.as_str(), run)
}
