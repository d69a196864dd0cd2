//! Task `plan`: beginning a run.

use stocktake_capabilities::{
    Condition, Encryption, Error, Failure, ListOptions, Objects, PutOptions, State, Task,
};
use stocktake_core::configuration::{Configuration, ReportEncryption, Versions};
use stocktake_core::run::{PlanInput, RunRecord, RunStatus, record_key};
use stocktake_core::timestamp::Millis;
use stocktake_formats::{Schema, Writer};

use crate::Capabilities;
use crate::cron::mark_filled;
use crate::cut::cut;
use crate::layout::Layout;
use crate::records::{get, put};
use crate::task::{Range, failure, part_task};

/// How many minutes after the scan's start a report's folder may be named, when earlier ones are taken: one day.
const FOLDER_MINUTES_MAX: i64 = 24 * 60;

/// Begins a run: writes its record, and asks for a part per range.
///
/// A plan that runs again finds its record and keeps the report's time; its parts were not enqueued before, as a task
/// ends and its follow-up tasks begin in one step.
pub(crate) fn plan<O: Objects, U, S: State>(
    input: &PlanInput,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    let configuration = configuration(input)?;
    let known: Option<(RunRecord, u64)> = get(has.state, &record_key(&input.run))?;
    match known {
        Some((record, _)) if record.status != RunStatus::Running => return Ok(Vec::new()),
        Some(_) => {}
        None => {
            let report_millis = free_minute(input, &configuration, now, has)?.0;
            let record = RunRecord::begin(input.clone(), report_millis);
            put(has.state, &record_key(&input.run), &record, Condition::Absent)?;
        }
    }
    if let Some(slot) = input.slot_millis {
        mark_filled(has.state, &input.bucket, configuration.id.as_str(), Millis(slot))?;
    }
    let ranges = ranges(input, &configuration, has.objects)?;
    Ok(ranges.into_iter().map(|range| part_task(&input.run, range)).collect())
}

/// The configuration that a run keeps, if this writer can do what it asks for.
pub(crate) fn configuration(input: &PlanInput) -> Result<Configuration, Failure> {
    let configuration = Configuration::from_json(&input.configuration)
        .map_err(|error| Failure::Reject(format!("the configuration cannot be read: {error}")))?;
    let format = configuration.destination.format;
    match Writer::new(format, &Schema::new(&configuration.columns()), Vec::new()) {
        Ok(_) => Ok(configuration),
        Err(error) => Err(Failure::Reject(error.to_string())),
    }
}

/// How every object of a report is stored.
pub(crate) fn put_options(configuration: &Configuration) -> PutOptions {
    PutOptions {
        // The policies that S3 tells users to attach to the destination demand this ACL.
        bucket_owner_full_control: true,
        encryption: match &configuration.destination.encryption {
            None => Encryption::BucketDefault,
            Some(ReportEncryption::SseS3) => Encryption::SseS3,
            Some(ReportEncryption::SseKms(key_id)) => Encryption::SseKms(key_id.clone()),
        },
        ..PutOptions::default()
    }
}

/// What to list of the source.
pub(crate) fn list_options(plan: &PlanInput, configuration: &Configuration) -> ListOptions {
    ListOptions {
        prefix: configuration.filter_prefix.clone().unwrap_or_default(),
        start_after: None,
        versions: configuration.versions == Versions::All,
        max_entries: plan.limits.page_entries,
    }
}

/// The state key by which a run claims a report's folder.
pub(crate) fn folder_key(bucket: &str, folder: &str) -> String {
    format!("folders/{bucket}/{folder}")
}

/// The first minute from now on whose folder neither a finished report nor another run has taken.
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
        let folder = layout.folder(minute);
        let options =
            ListOptions { prefix: folder.clone(), max_entries: 1, ..ListOptions::default() };
        let found = first_key(has.objects, bucket, &options, None).map_err(|error| {
            failure(&format!("looking into destination bucket `{bucket}`"), &error)
        })?;
        if found.is_some() {
            continue;
        }
        let key = folder_key(bucket, &folder);
        if put(has.state, &key, &input.run, Condition::Absent)? {
            return Ok(minute);
        }
        let holder: Option<(String, u64)> = get(has.state, &key)?;
        if holder.is_some_and(|(run, _)| run == input.run) {
            return Ok(minute);
        }
    }
    Err(Failure::Reject(format!("every report folder of the next day is taken in `{bucket}`")))
}

/// Cuts the key space. What fits into one page stays one range, so that a small bucket gives one file.
fn ranges(
    input: &PlanInput,
    configuration: &Configuration,
    objects: &impl Objects,
) -> Result<Vec<Range>, Failure> {
    let bucket = input.bucket.as_str();
    let options = list_options(input, configuration);
    let cuts = || -> Result<Vec<Range>, Error> {
        if objects.list_page(bucket, &options, None)?.next.is_none() {
            return Ok(vec![Range { after: None, until: None }]);
        }
        let options = ListOptions { max_entries: 1, ..options.clone() };
        cut(&options.prefix, input.limits.ranges, |after| {
            first_key(objects, bucket, &options, after)
        })
    };
    cuts().map_err(|error| failure(&format!("listing source bucket `{bucket}`"), &error))
}

/// The first key that a listing answers, after this one.
fn first_key(
    objects: &impl Objects,
    bucket: &str,
    options: &ListOptions,
    after: Option<&str>,
) -> Result<Option<String>, Error> {
    let options = ListOptions { start_after: after.map(str::to_owned), ..options.clone() };
    let mut cursor = None;
    loop {
        let page = objects.list_page(bucket, &options, cursor.as_deref())?;
        if let Some(entry) = page.entries.into_iter().next() {
            return Ok(Some(entry.key));
        }
        let Some(next) = page.next else { return Ok(None) };
        cursor = Some(next);
    }
}
