//! Task `part`: listing one range into one sorted data file.

use stocktake_capabilities::{
    Condition, Error, Failure, ListOptions, Objects, State, Task, Uploads,
};
use stocktake_core::configuration::{Configuration, Versions};
use stocktake_core::run::RunRecord;
use stocktake_formats::{Schema, Writer, extension};

use crate::Capabilities;
use crate::accounts::Accounts;
use crate::beyond::{Beyond, Following};
use crate::checkpoint::{Checkpoint, checkpoint};
use crate::data_file::{DataFile, Shape};
use crate::details::Details;
use crate::give_up::tidy;
use crate::layout::Layout;
use crate::plan::{configuration, list_options, put_options};
use crate::ranges::{EMPTY_PAGES_MAX, endless, parts_of_rest, rest_of};
use crate::records::{
    PartRecord, Rest, UploadRecord, delete, get, part_key, put, running, upload_key,
};
use crate::sink::{ObjectSink, Place};
use crate::task::{PartInput, Range, failure, part_task, seal_task};

/// After how many pages a part looks again whether its run has ended. Eight pages of 1,000 entries take well below a
/// second without details, and a look at `state` costs less than a hundredth of them. With details pages take longer,
/// but then the time limit of the call ends it.
pub(crate) const PAGES_PER_LOOK: u64 = 8;

/// Lists a range until its end or until the file is full, and asks for what is left.
///
/// A part that runs again after its record was written answers from the record. A part whose run has ended, failed or
/// cancelled, writes nothing more and tidies up. One whose time is up asks for itself, and goes on from its checkpoint.
pub(crate) fn part<O: Objects, U: Uploads, S: State>(
    input: &PartInput,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    let ended = || tidy(&input.run, has).map(|()| Vec::new());
    let Some((run, _)) = running(has.state, &input.run)? else { return ended() };
    let key = part_key(&input.run, input.range.after.as_deref());
    let (mut record, following) = if let Some((record, _)) = get::<PartRecord>(has.state, &key)? {
        (record, None)
    } else {
        let configuration = configuration(&run.plan)?;
        match write_part(input, &run, &configuration, has) {
            Ok(Written::Whole(record, following)) => (*record, following),
            Ok(Written::Stopped) => return Ok(vec![part_task(input)]),
            Ok(Written::Ended) => return ended(),
            // Another task may have tidied the upload away while this one wrote.
            Err(_) if running(has.state, &input.run)?.is_none() => return ended(),
            Err(failure) => return Err(failure),
        }
    };
    if record.rest.is_none() && record.range.until != input.range.until {
        let Some(rest) = rest(input, &record, &run, following, has)? else {
            return Ok(vec![part_task(input)]);
        };
        record.rest = Some(rest);
        record = record.fitted();
        put(has.state, &key, &record, Condition::Always)?;
    }
    match parts_of_rest(&input.run, &record) {
        Some(parts) => Ok(parts.iter().map(part_task).collect()),
        None => Ok(vec![seal_task(&input.run, &input.range)]),
    }
}

/// What is left of the range that was asked for, whose listing goes on with `following`. None if the time is up.
fn rest<O: Objects, U, S: State>(
    input: &PartInput,
    record: &PartRecord,
    run: &RunRecord,
    following: Option<Following>,
    has: Capabilities<'_, O, U, S>,
) -> Result<Option<Rest>, Failure> {
    let source = run.plan.bucket.as_str();
    let configuration = configuration(&run.plan)?;
    let options = list_options(&run.plan, &configuration);
    let options = ListOptions { until: input.range.until.clone(), ..options };
    let checkpoint = checkpoint(run, "cut", input.range.after.as_deref(), has)?;
    let mut beyond = Beyond::new(&checkpoint, source, &options, following);
    let first_after = |after: &str| beyond.first_after(after);
    let rest = rest_of(input, record, &options.prefix, run.plan.limits, first_after);
    if checkpoint.is_stopped() {
        return Ok(None);
    }
    let rest =
        rest.map_err(|error| failure(&format!("listing source bucket `{source}`"), &error))?;
    checkpoint.forget()?;
    Ok(Some(rest))
}

/// How writing a data file went.
enum Written {
    /// It is written, and the listing goes on as told.
    Whole(Box<PartRecord>, Option<Following>),
    /// The time of the call is up.
    Stopped,
    /// The run has ended meanwhile.
    Ended,
}

/// Writes the data file of a range, and its record.
fn write_part<O: Objects, U: Uploads, S: State>(
    input: &PartInput,
    run: &RunRecord,
    configuration: &Configuration,
    has: Capabilities<'_, O, U, S>,
) -> Result<Written, Failure> {
    let after = input.range.after.as_deref();
    let bucket = configuration.destination.bucket.as_str();
    let format = configuration.destination.format;
    let layout = Layout::new(&run.plan.bucket, configuration);
    let key = layout.data_file(&input.run, after, extension(format));
    let note_key = upload_key(&input.run, after);
    abort_earlier(&note_key, has)?;
    let note_upload = || {
        let note = UploadRecord { bucket: bucket.to_owned(), key: key.clone() };
        let bytes = serde_json::to_vec(&note).map_err(|error| Error::Other(error.to_string()))?;
        has.state.put(&note_key, &bytes, Condition::Always).map(|_| ())
    };
    let options = put_options(configuration);
    let sink =
        ObjectSink::new(has.uploads, Place { bucket, key: &key, options: &options }, &note_upload);
    let columns = configuration.columns();
    let schema = Schema::new(&columns);
    let accounts = Accounts::new(&run.plan.bucket, configuration);
    let shape = Shape {
        source: accounts.source(),
        has_versions: configuration.versions == Versions::All,
        rows_max: input.rows_max.max(1),
        filter: &configuration.filter,
    };
    let source = checkpoint(run, "list", after, has)?;
    let details = Details::new(&source, &run.plan.bucket, &columns, &configuration.filter);
    let writer = Writer::new(format, &schema, Vec::new())
        .map_err(|error| Failure::Reject(error.to_string()))?;
    let mut file = DataFile::new(shape, &key, details, writer, sink);
    let listed = list_into(&mut file, &input.range, run, configuration, (&source, has.state));
    if source.is_stopped() || (listed.is_ok() && source.is_late()) {
        return Ok(Written::Stopped);
    }
    let Some(listed) = listed? else { return Ok(Written::Ended) };
    let range = Range { after: input.range.after.clone(), until: listed.until };
    let record = file.finish(range, listed.unlisted)?.slow_if(source.pace().is_slow());
    put(has.state, &part_key(&input.run, after), &record, Condition::Always)?;
    source.forget()?;
    delete(has.state, &note_key)?;
    Ok(Written::Whole(Box::new(record), listed.following))
}

/// Aborts the upload of an earlier attempt that was killed, so that its parts do not stay in the store.
fn abort_earlier<O, U: Uploads, S: State>(
    note_key: &str,
    has: Capabilities<'_, O, U, S>,
) -> Result<(), Failure> {
    let Some((note, _)) = get::<UploadRecord>(has.state, note_key)? else { return Ok(()) };
    match has.uploads.abort_all(&note.bucket, &note.key) {
        // Where nobody can look for uploads, a lifecycle rule of the bucket has to remove them.
        Ok(()) | Err(Error::Unsupported(_)) => Ok(()),
        Err(error) => Err(failure("aborting the upload of an earlier attempt", &error)),
    }
}

/// How far a listing went.
struct Listed {
    until: Option<String>,
    unlisted: u64,
    /// How the listing goes on; none where it has ended.
    following: Option<Following>,
}

/// Lists the range into the file, until the range's end, or until the file is full or due. A filter may leave it empty.
/// None if the run ended meanwhile.
fn list_into<O: Objects, U: Uploads, S: State>(
    file: &mut DataFile<'_, Checkpoint<'_, O, S>, U>,
    range: &Range,
    run: &RunRecord,
    configuration: &Configuration,
    (source, state): (&Checkpoint<'_, O, S>, &S),
) -> Result<Option<Listed>, Failure> {
    let bucket = run.plan.bucket.as_str();
    let mut options = ListOptions {
        start_after: range.after.clone(),
        until: range.until.clone(),
        ..list_options(&run.plan, configuration)
    };
    // Of a page that is filtered nobody knows how much of it fits, so it is taken as a whole.
    let is_exact = !options.versions && configuration.filter.is_prefix_only();
    let (mut cursor, mut unlisted, mut empty) = (None, 0_u64, 0);
    for page_number in 0_u64.. {
        if page_number > 0
            && page_number.is_multiple_of(PAGES_PER_LOOK)
            && running(state, &run.plan.run)?.is_none()
        {
            return Ok(None);
        }
        let left = u32::try_from(file.rows_left()).unwrap_or(u32::MAX);
        if left < options.max_entries && is_exact {
            // The page that fills the file holds no more than fits, so that the next file begins with a fresh page.
            options.max_entries = left;
            options.start_after = file.complete_key().map(str::to_owned).or(options.start_after);
            cursor = None;
        }
        let failed = |error| failure(&format!("listing source bucket `{bucket}`"), &error);
        let page = source.list_page(bucket, &options, cursor.as_deref()).map_err(failed)?;
        empty = if page.entries.is_empty() { empty + 1 } else { 0 };
        if empty > EMPTY_PAGES_MAX {
            return Err(failed(endless()));
        }
        unlisted = unlisted.saturating_add(u64::from(page.unlisted));
        file.append(&page.entries)?;
        if page.next.is_none() {
            file.write_pending()?;
            return Ok(Some(Listed { until: range.until.clone(), unlisted, following: None }));
        }
        if (file.is_full() || source.is_file_due())
            && let Some(key) = file.complete_key()
        {
            let until = Some(key.to_owned());
            let following = page.next.map(|cursor| Following { options, cursor });
            return Ok(Some(Listed { until, unlisted, following }));
        }
        cursor = page.next;
    }
    Ok(None)
}
