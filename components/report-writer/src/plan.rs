//! Task `plan`: beginning a run.

use stocktake_capabilities::{
    Condition, Encryption, Failure, ListOptions, Objects, PutOptions, State, Task, Uploads,
};
use stocktake_core::configuration::{Configuration, ReportEncryption, Versions};
use stocktake_core::run::{PlanInput, RunRecord, RunStatus, record_key, start_key};
use stocktake_core::timestamp::Millis;

use crate::Capabilities;
use crate::cron::mark_filled;
use crate::delivery;
use crate::give_up::tidy;
use crate::history;
use crate::layout::Layout;
use crate::ranges::{first_key, first_parts};
use crate::records::{delete, first_parts_key, get, put};
use crate::task::{PartInput, failure, part_task};

/// How many minutes after the scan's start a report's folder may be named, when earlier ones are taken: one day.
const FOLDER_MINUTES_MAX: i64 = 24 * 60;

/// Begins a run: writes its record, and asks for a part per range.
///
/// A plan that runs again finds its record and keeps the report's time and its parts. One whose run has ended, cancelled
/// before it began, only fills its slot.
pub(crate) fn plan<O: Objects, U: Uploads, S: State>(
    input: &PlanInput,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    let configuration = configuration(input)?;
    let id = configuration.id.as_str();
    let record = begun(input, &configuration, now, has)?;
    history::note(has.state, id, &record)?;
    if let Some(slot) = input.slot_millis {
        mark_filled(has.state, &input.bucket, id, Millis(slot))?;
    }
    delete(has.state, &start_key(&input.run))?;
    if record.status != RunStatus::Running {
        tidy(&input.run, has)?;
        return Ok(Vec::new());
    }
    delivery::check(has.state, input, &configuration, now)?;
    let options = list_options(input, &configuration);
    let first_parts_key = first_parts_key(&input.run);
    let known: Option<(Vec<PartInput>, u64)> = get(has.state, &first_parts_key)?;
    let parts = if let Some((parts, _)) = known {
        parts
    } else {
        let parts = first_parts(input, id, &options.prefix, has.state)?;
        put(has.state, &first_parts_key, &parts, Condition::Always)?;
        parts
    };
    Ok(parts.iter().map(part_task).collect())
}

/// The run's record, with the time of its report claimed if it is running.
fn begun<O: Objects, U, S: State>(
    input: &PlanInput,
    configuration: &Configuration,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<RunRecord, Failure> {
    let key = record_key(&input.run);
    // Whoever started the run may have written the record, without a look at buckets.
    let (mut record, condition) = match get::<RunRecord>(has.state, &key)? {
        Some((record, revision)) => (record, Condition::Unchanged(revision)),
        None => (RunRecord::begin(input.clone(), now), Condition::Absent),
    };
    if record.status == RunStatus::Running && record.report_millis == 0 {
        record.report_millis = free_minute(input, configuration, now, has)?.0;
        if !put(has.state, &key, &record, condition)? {
            let reason = format!("lost the race for `{key}`");
            return Err(Failure::Retry { reason, after_ms: Some(0) });
        }
    }
    Ok(record)
}

/// The configuration that a run keeps.
pub(crate) fn configuration(input: &PlanInput) -> Result<Configuration, Failure> {
    Configuration::from_json(&input.configuration)
        .map_err(|error| Failure::Reject(format!("the configuration cannot be read: {error}")))
}

/// How every object of a report is stored.
pub(crate) fn put_options(configuration: &Configuration) -> PutOptions {
    PutOptions {
        // The policies that S3 tells users to attach to the destination demand this ACL.
        bucket_owner_full_control: true,
        encryption: match &configuration.destination.encryption {
            None => Encryption::BucketDefault,
            // Both are keys that the store keeps, and the same word of the API.
            Some(ReportEncryption::SseS3 | ReportEncryption::SseCos) => Encryption::SseS3,
            Some(ReportEncryption::SseKms(key_id)) => Encryption::SseKms(key_id.clone()),
        },
        ..PutOptions::default()
    }
}

/// What to list of the source.
pub(crate) fn list_options(plan: &PlanInput, configuration: &Configuration) -> ListOptions {
    ListOptions {
        prefix: configuration.filter.prefix.clone().unwrap_or_default(),
        start_after: None,
        until: None,
        versions: configuration.versions == Versions::All,
        max_entries: plan.limits.page_entries,
    }
}

/// The state key by which a run claims a report's folder.
pub(crate) fn folder_key(bucket: &str, folder: &str) -> String {
    format!("folders/{bucket}/{folder}")
}

/// Claims a folder for a run. False where another run has it.
pub(crate) fn claim(state: &impl State, key: &str, run: &str) -> Result<bool, Failure> {
    if put(state, key, &run, Condition::Absent)? {
        return Ok(true);
    }
    let holder: Option<(String, u64)> = get(state, key)?;
    Ok(holder.is_some_and(|(holder, _)| holder == run))
}

/// The first minute from now on whose folder neither a finished report nor another run has taken. Where reports of a day
/// share a folder, it is this minute; the seal claims their folder for as long as it writes.
fn free_minute<O: Objects, U, S: State>(
    input: &PlanInput,
    configuration: &Configuration,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<Millis, Failure> {
    let layout = Layout::new(&input.bucket, configuration);
    let bucket = configuration.destination.bucket.as_str();
    let start = now.floor_to_minute();
    for minutes in 0..FOLDER_MINUTES_MAX {
        let minute = start.plus_minutes(minutes);
        if Millis::parse_rfc3339(&minute.rfc3339()).is_none() {
            return Err(Failure::Reject(format!(
                "no report folder is free in `{bucket}` up to the last minute of 9999; a report cannot be named beyond the year 9999"
            )));
        }
        let folder = layout.folder(minute);
        let options = ListOptions { prefix: folder.clone(), ..ListOptions::default() };
        let found = first_key(has.objects, bucket, &options, None).map_err(|error| {
            failure(&format!("looking into destination bucket `{bucket}`"), &error)
        })?;
        if layout.is_daily() {
            return Ok(minute);
        }
        if found.is_none() && claim(has.state, &folder_key(bucket, &folder), &input.run)? {
            return Ok(minute);
        }
    }
    Err(Failure::Reject(format!("every report folder of the next day is taken in `{bucket}`")))
}
