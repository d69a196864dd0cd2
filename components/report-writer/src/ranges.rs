//! Which ranges of keys a run lists side by side.
//!
//! A run begins with ranges that held equally many rows in the previous report of its configuration. Without one it
//! begins with a single range, and what a first, short file leaves of it is cut. A range that turns out to be long is
//! cut again, so that none keeps a run waiting. Each file may be larger than the one before it in its range: a small
//! bucket gives one file, and a large one not many.
//!
//! Where cuts are follows from the keys alone and not from how fast anything is.

use stocktake_capabilities::{Condition, Error, Failure, ListOptions, Objects, State};
use stocktake_core::run::{PlanInput, RunLimits, stretches_key};

use crate::cut::{KeySpace, cut};
use crate::records::{PartRecord, Rest, get, put};
use crate::stretches::{Stretch, joined};
use crate::task::{PartInput, Range};

/// How many times the rows of a file the next file of its range may have.
const FILE_GROWTH: u64 = 5;

/// Into how many ranges the rest of a range is cut that was cut before.
const CUT_AGAIN: u32 = 2;

/// How many times as many ranges a slow store gets: with four to begin with, 32 after the second cut. More at once would
/// make small files of a bucket that turns out to be small.
const SLOW_FACTOR: u32 = 2;

/// How many stretches of keys are remembered of a report. Keys of 1 KiB that JSON has to escape take 6 KiB each, and a
/// record of `state` has 256.
pub(crate) const STRETCHES_MAX: usize = 32;

/// Remembers how the keys of a finished report are spread.
pub(crate) fn remember(
    state: &impl State,
    bucket: &str,
    id: &str,
    parts: &[PartRecord],
) -> Result<(), Failure> {
    let files = parts.iter().filter_map(|part| part.file.as_ref());
    let stretches = files.flat_map(|file| file.stretches.iter().cloned()).collect();
    let stretches = joined(stretches, STRETCHES_MAX);
    put(state, &stretches_key(bucket, id), &stretches, Condition::Always).map(|_| ())
}

/// The parts that a run begins with.
pub(crate) fn first_parts(
    input: &PlanInput,
    id: &str,
    prefix: &str,
    state: &impl State,
) -> Result<Vec<PartInput>, Failure> {
    let known: Option<(Vec<Stretch>, u64)> = get(state, &stretches_key(&input.bucket, id))?;
    let mut stretches = known.map(|(stretches, _)| stretches).unwrap_or_default();
    stretches.retain(|stretch| stretch.until.starts_with(prefix));
    let limits = input.limits;
    let rows: u64 = stretches.iter().map(|stretch| stretch.rows).sum();
    // As many as there were first files in it.
    let wanted = u64::from(limits.ranges).min(rows / limits.first_file_rows.max(1)).max(1);
    let stretches = joined(stretches, usize::try_from(wanted).unwrap_or(usize::MAX));
    let rows_max = match stretches.iter().map(|stretch| stretch.rows).max() {
        // With room for a bucket that has grown.
        Some(most) => (most + most / 4).max(limits.first_file_rows),
        None => limits.first_file_rows,
    };
    let ends = stretches.into_iter().map(|stretch| stretch.until).collect::<Vec<_>>();
    // The last range has no end, as there may be new keys.
    let ends = ends.split_last().map_or(&[][..], |(_, ends)| ends);
    Ok(parts(&input.run, Range { after: None, until: None }, ends, rows_within(rows_max, limits)))
}

/// What a file left of its range, and where that is cut.
///
/// `first_after` answers the first key of the rest that is greater than its argument.
pub(crate) fn rest_of(
    before: &PartInput,
    written: &PartRecord,
    prefix: &str,
    limits: RunLimits,
    mut first_after: impl FnMut(&str) -> Result<Option<String>, Error>,
) -> Result<Rest, Error> {
    let is_first = before.range.after.is_none() && before.range.until.is_none();
    let ranges = match (is_first, written.is_slow) {
        _ if limits.ranges <= 1 => 1,
        (true, false) => limits.ranges,
        (true, true) => limits.ranges.saturating_mul(SLOW_FACTOR),
        (false, false) => CUT_AGAIN,
        (false, true) => CUT_AGAIN * SLOW_FACTOR,
    };
    let mut ends = Vec::new();
    if ranges > 1
        && (written.is_slow || before.rows_max < limits.file_rows_max)
        && let Some(after) = &written.range.until
        && let Some(first) = first_after(after)?
    {
        // A filter may have left nothing of what was listed; then the last key of that is known.
        let neighbour = written.file.as_ref().map_or(after, |file| &file.first_key);
        let space = KeySpace { prefix, first: &first, neighbour };
        ends = cut(space, ranges, written.is_slow, first_after)?;
    }
    let rows_max = rows_within(before.rows_max.saturating_mul(FILE_GROWTH), limits);
    Ok(Rest { ends, until: before.range.until.clone(), rows_max })
}

/// The parts that list what a part left; none where it reached its end.
pub(crate) fn parts_of_rest(run: &str, written: &PartRecord) -> Option<Vec<PartInput>> {
    let Rest { ends, until, rows_max } = written.rest.as_ref()?;
    let range = Range { after: written.range.until.clone(), until: until.clone() };
    Some(parts(run, range, ends, *rows_max))
}

fn rows_within(rows: u64, limits: RunLimits) -> u64 {
    rows.clamp(1, limits.file_rows_max.max(1))
}

/// One part for each range up to one of `ends`, and one for what lies behind them.
fn parts(run: &str, range: Range, ends: &[String], rows_max: u64) -> Vec<PartInput> {
    let untils = ends.iter().cloned().map(Some).chain([range.until]);
    let mut after = range.after;
    let part = |until: Option<String>| {
        let range = Range { after: std::mem::replace(&mut after, until.clone()), until };
        PartInput { run: run.to_owned(), range, rows_max }
    };
    untils.map(part).collect()
}

/// How many pages without an entry may follow each other. Stores have some where objects were deleted; one that says
/// again and again that there is more, and lists nothing, would be asked for ever.
pub(crate) const EMPTY_PAGES_MAX: u32 = 1_000;

/// A listing that does not come to an end.
pub(crate) fn endless() -> Error {
    Error::Unsupported(format!(
        "the listing does not end: {EMPTY_PAGES_MAX} pages without an entry, and each says that there is more"
    ))
}

/// The first key of a listing after this one.
pub(crate) fn first_key(
    objects: &impl Objects,
    bucket: &str,
    options: &ListOptions,
    after: Option<&str>,
) -> Result<Option<String>, Error> {
    let options =
        ListOptions { start_after: after.map(str::to_owned), max_entries: 1, ..options.clone() };
    let mut cursor = None;
    for _ in 0..=EMPTY_PAGES_MAX {
        let page = objects.list_page(bucket, &options, cursor.as_deref())?;
        if let Some(entry) = page.entries.first() {
            return Ok(Some(entry.key.to_owned()));
        }
        let Some(next) = page.next else { return Ok(None) };
        cursor = Some(next);
    }
    Err(endless())
}
