//! What is left to do when the host has given a task up, and when a run has ended.

use stocktake_capabilities::{Condition, Failure, State, Task, Uploads};
use stocktake_core::run::{RunRecord, RunStatus, record_key};
use stocktake_core::timestamp::Millis;

use crate::Capabilities;
use crate::layout::Layout;
use crate::plan::{configuration, folder_key};
use crate::records::{
    UploadRecord, delete, each, end_run, first_parts_key, get, list, parts_prefix, put,
    uploads_prefix,
};
use crate::task::Work;

/// Ends the run that a task belongs to as failed. Its other tasks find that out and end quietly.
///
/// Data files that were written stay; without a manifest they are not part of any report.
///
/// # Errors
/// [`Failure::Retry`] where `state` does not answer.
pub fn give_up<O, U: Uploads, S: State>(
    task: &Task,
    reason: &str,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    // Nothing can be ended for a task that does not say which run it belongs to.
    let Ok(work) = Work::read(task) else { return Ok(Vec::new()) };
    let failed = |record: &mut RunRecord| {
        record.status = RunStatus::Failed;
        record.reason = Some(reason.to_owned());
    };
    if let Work::Plan(input) = &work {
        // A plan may have been given up before it came to write the record.
        let record = RunRecord::begin(input.clone(), 0);
        put(has.state, &record_key(&input.run), &record, Condition::Absent)?;
    }
    end_run(has.state, work.run(), failed)?;
    tidy(work.run(), has)?;
    Ok(Vec::new())
}

/// Removes what a run that has ended needs no longer: its parts, unfinished uploads and claimed folder.
pub(crate) fn tidy<O, U: Uploads, S: State>(
    run: &str,
    has: Capabilities<'_, O, U, S>,
) -> Result<(), Failure> {
    for (key, note) in list::<UploadRecord>(has.state, &uploads_prefix(run))? {
        // A part that is still at work may have finished the upload; then there is nothing to abort.
        let _ = has.uploads.abort_all(&note.bucket, &note.key);
        delete(has.state, &key)?;
    }
    let mut parts = Vec::new();
    each(has.state, &parts_prefix(run), |item| {
        parts.push(item.key.clone());
        Ok(())
    })?;
    parts.iter().try_for_each(|key| delete(has.state, key))?;
    delete(has.state, &first_parts_key(run))?;
    let Some((record, _)) = get::<RunRecord>(has.state, &record_key(run))? else { return Ok(()) };
    let Ok(configuration) = configuration(&record.plan) else { return Ok(()) };
    let folder =
        Layout::new(&record.plan.bucket, &configuration).folder(Millis(record.report_millis));
    let key = folder_key(configuration.destination.bucket.as_str(), &folder);
    // Where reports of a day share a folder, another run may have claimed it.
    match get::<String>(has.state, &key)? {
        Some((holder, _)) if holder == run => delete(has.state, &key),
        _ => Ok(()),
    }
}
