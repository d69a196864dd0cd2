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
use crate::data_file::{DataFile, Shape};
use crate::details::Details;
use crate::give_up::tidy;
use crate::layout::Layout;
use crate::plan::{configuration, list_options, put_options};
use crate::ranges::{parts_of_rest, rest_of};
use crate::records::{
    PartRecord, Rest, UploadRecord, delete, get, part_key, put, running, upload_key,
};
use crate::sink::{ObjectSink, Place};
use crate::task::{PartInput, Range, failure, part_task, seal_task};

/// After how many pages a part looks again whether its run has ended. Eight pages of 1,000 entries take well below a
/// second without details, and a look at `state` costs less than a hundredth of them. With details pages take longer,
/// but then an invocation's deadline ends it.
pub(crate) const PAGES_PER_LOOK: u64 = 8;

/// Lists a range until its end or until the file is full, and asks for what is left.
///
/// A part that runs again after its record was written answers from the record. A part whose run has ended, failed or
/// cancelled, writes nothing more and tidies up.
pub(crate) fn part<O: Objects, U: Uploads, S: State>(
    input: &PartInput,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    let ended = || tidy(&input.run, has).map(|()| Vec::new());
    let Some((run, _)) = running(has.state, &input.run)? else { return ended() };
    let key = part_key(&input.run, input.range.after.as_deref());
    let record = if let Some((record, _)) = get::<PartRecord>(has.state, &key)? {
        record
    } else {
        let configuration = configuration(&run.plan)?;
        let (mut record, following) = match write_part(input, &run, &configuration, has) {
            Ok(Some(written)) => written,
            Ok(None) => return ended(),
            // Another task may have tidied the upload away while this one wrote.
            Err(_) if running(has.state, &input.run)?.is_none() => return ended(),
            Err(failure) => return Err(failure),
        };
        if record.range.until != input.range.until {
            let options = list_options(&run.plan, &configuration);
            record.rest = Some(rest(input, &record, &run, options, following, has.objects)?);
        }
        let record = record.fitted();
        put(has.state, &key, &record, Condition::Always)?;
        record
    };
    match parts_of_rest(&input.run, &record) {
        Some(parts) => Ok(parts.iter().map(part_task).collect()),
        None => Ok(vec![seal_task(&input.run, &input.range)]),
    }
}

/// What is left of the range that was asked for, whose listing goes on with `following`.
fn rest(
    input: &PartInput,
    record: &PartRecord,
    run: &RunRecord,
    options: ListOptions,
    following: Option<Following>,
    objects: &impl Objects,
) -> Result<Rest, Failure> {
    let source = run.plan.bucket.as_str();
    let options = ListOptions { until: input.range.until.clone(), ..options };
    let mut beyond = Beyond::new(objects, source, &options, following);
    let first_after = |after: &str| beyond.first_after(after);
    rest_of(input, record, &options.prefix, run.plan.limits, first_after)
        .map_err(|error| failure(&format!("listing source bucket `{source}`"), &error))
}

/// Writes the data file of a range; none if the run ended meanwhile.
fn write_part<O: Objects, U: Uploads, S: State>(
    input: &PartInput,
    run: &RunRecord,
    configuration: &Configuration,
    has: Capabilities<'_, O, U, S>,
) -> Result<Option<(PartRecord, Option<Following>)>, Failure> {
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
    let details = Details::new(has.objects, &run.plan.bucket, &columns, &configuration.filter);
    let writer = Writer::new(format, &schema, Vec::new())
        .map_err(|error| Failure::Reject(error.to_string()))?;
    let mut file = DataFile::new(shape, &key, details, writer, sink);
    let Some(listed) = list_into(&mut file, &input.range, run, configuration, has)? else {
        return Ok(None);
    };
    let range = Range { after: input.range.after.clone(), until: listed.until };
    let record = file.finish(range, listed.unlisted)?;
    delete(has.state, &note_key)?;
    Ok(Some((record, listed.following)))
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

/// Lists the range into the file, until the range's end or until the file is full. A filter may leave it empty. None if
/// the run ended meanwhile.
fn list_into<O: Objects, U: Uploads, S: State>(
    file: &mut DataFile<'_, O, U>,
    range: &Range,
    run: &RunRecord,
    configuration: &Configuration,
    has: Capabilities<'_, O, U, S>,
) -> Result<Option<Listed>, Failure> {
    let source = run.plan.bucket.as_str();
    let mut options = ListOptions {
        start_after: range.after.clone(),
        until: range.until.clone(),
        ..list_options(&run.plan, configuration)
    };
    // Of a page that is filtered nobody knows how much of it fits, so it is taken as a whole.
    let is_exact = !options.versions && configuration.filter.is_prefix_only();
    let (mut cursor, mut unlisted) = (None, 0_u64);
    for page_number in 0_u64.. {
        if page_number > 0
            && page_number.is_multiple_of(PAGES_PER_LOOK)
            && running(has.state, &run.plan.run)?.is_none()
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
        let page = has
            .objects
            .list_page(source, &options, cursor.as_deref())
            .map_err(|error| failure(&format!("listing source bucket `{source}`"), &error))?;
        unlisted = unlisted.saturating_add(u64::from(page.unlisted));
        file.append(&page.entries)?;
        if page.next.is_none() {
            file.write_pending()?;
            return Ok(Some(Listed { until: range.until.clone(), unlisted, following: None }));
        }
        if file.is_full()
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
