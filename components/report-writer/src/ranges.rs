//! Which ranges of keys a run lists side by side.
//!
//! A run begins where the files of the previous report of its configuration ended. Without one it begins with a single
//! range, and what a first, short file leaves of it is cut. A range that turns out to be long is cut again, so that
//! none keeps a run waiting. Each file may be larger than the one before it in its range: a small bucket gives one
//! file, and a large one not many.
//!
//! Where cuts are follows from the keys alone and not from how fast anything is.

use serde::{Deserialize, Serialize};
use stocktake_capabilities::{Condition, Error, Failure, ListOptions, Objects, State};
use stocktake_core::run::{PlanInput, RunLimits};

use crate::cut::{KeySpace, cut};
use crate::records::{FileRecord, PartRecord, get, put};
use crate::task::{PartInput, Range};

/// How many times the rows of a file the next file of its range may have.
const FILE_GROWTH: u64 = 5;

/// Into how many ranges the rest of a range is cut that was cut before.
const CUT_AGAIN: u32 = 2;

/// How many stretches of keys are remembered of a report: a state record of a hundred KiB at most.
const STRETCHES_MAX: usize = 64;

/// Some keys of the previous report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stretch {
    /// The last key.
    pub(crate) until: String,
    /// How many rows up to that key, from the stretch before on.
    pub(crate) rows: u64,
}

/// The state key of what is remembered of the previous report of a configuration.
fn stretches_key(bucket: &str, id: &str) -> String {
    format!("stretches/{bucket}/{id}")
}

/// Remembers how the keys of a finished report are spread.
pub(crate) fn remember(
    state: &impl State,
    bucket: &str,
    id: &str,
    parts: &[PartRecord],
) -> Result<(), Failure> {
    let files = parts.iter().filter_map(|part| part.file.as_ref());
    let stretches = files
        .map(|FileRecord { last_key, rows, .. }| Stretch { until: last_key.clone(), rows: *rows });
    let stretches = joined(stretches.collect(), STRETCHES_MAX);
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
    Ok(parts(&input.run, Range { after: None, until: None }, ends, limits, rows_max))
}

/// The parts that list what a file left of its range.
///
/// `first_after` answers the first key of the rest that is greater than its argument.
pub(crate) fn further_parts(
    before: &PartInput,
    written: &PartRecord,
    prefix: &str,
    limits: RunLimits,
    mut first_after: impl FnMut(&str) -> Result<Option<String>, Error>,
) -> Result<Vec<PartInput>, Error> {
    let rest = Range { after: written.range.until.clone(), until: before.range.until.clone() };
    let is_first = before.range.after.is_none() && before.range.until.is_none();
    let ranges = if is_first { limits.ranges } else { CUT_AGAIN.min(limits.ranges) };
    let mut ends = Vec::new();
    if ranges > 1
        && before.rows_max < limits.file_rows_max
        && let (Some(file), Some(after)) = (&written.file, &rest.after)
        && let Some(first) = first_after(after)?
    {
        let space = KeySpace { prefix, first: &first, neighbour: &file.first_key };
        ends = cut(space, ranges, first_after)?;
    }
    let rows_max = before.rows_max.saturating_mul(FILE_GROWTH);
    Ok(parts(&before.run, rest, &ends, limits, rows_max))
}

/// One part for each range up to one of `ends`, and one for what lies behind them.
fn parts(
    run: &str,
    range: Range,
    ends: &[String],
    limits: RunLimits,
    rows_max: u64,
) -> Vec<PartInput> {
    let rows_max = rows_max.clamp(1, limits.file_rows_max.max(1));
    let untils = ends.iter().cloned().map(Some).chain([range.until]);
    let mut after = range.after;
    let part = |until: Option<String>| {
        let range = Range { after: std::mem::replace(&mut after, until.clone()), until };
        PartInput { run: run.to_owned(), range, rows_max }
    };
    untils.map(part).collect()
}

/// Joins neighbours until there are at most `wanted` stretches of about as many rows each.
fn joined(stretches: Vec<Stretch>, wanted: usize) -> Vec<Stretch> {
    let total: u128 = stretches.iter().map(|stretch| u128::from(stretch.rows)).sum();
    let (mut joined, mut seen, mut rows) = (Vec::new(), 0_u128, 0_u64);
    let last = stretches.len().saturating_sub(1);
    for (index, stretch) in stretches.into_iter().enumerate() {
        seen += u128::from(stretch.rows);
        rows += stretch.rows;
        if index == last || seen * wanted as u128 >= total * (joined.len() as u128 + 1) {
            joined.push(Stretch { until: stretch.until, rows: std::mem::take(&mut rows) });
        }
    }
    joined
}

/// The first key that a listing answers, after this one.
pub(crate) fn first_key(
    objects: &impl Objects,
    bucket: &str,
    options: &ListOptions,
    after: Option<&str>,
) -> Result<Option<String>, Error> {
    let options =
        ListOptions { start_after: after.map(str::to_owned), max_entries: 1, ..options.clone() };
    let mut cursor = None;
    loop {
        let page = objects.list_page(bucket, &options, cursor.as_deref())?;
        if let Some(entry) = page.entries.first() {
            return Ok(Some(entry.key.to_owned()));
        }
        let Some(next) = page.next else { return Ok(None) };
        cursor = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(rows: &[u64]) -> Vec<Stretch> {
        rows.iter()
            .zip('a'..)
            .map(|(rows, key)| Stretch { until: key.into(), rows: *rows })
            .collect()
    }

    #[track_caller]
    fn check_joined(rows: &[u64], wanted: usize, expected: &[(&str, u64)]) {
        let joined = joined(stretches(rows), wanted);
        let joined: Vec<_> =
            joined.iter().map(|stretch| (stretch.until.as_str(), stretch.rows)).collect();
        assert_eq!(joined, expected);
    }

    #[test]
    fn neighbours_are_joined_evenly() {
        check_joined(&[], 4, &[]);
        check_joined(&[5], 4, &[("a", 5)]);
        check_joined(&[1, 2], 4, &[("a", 1), ("b", 2)]);
        check_joined(&[1, 1, 1, 1, 1, 1], 3, &[("b", 2), ("d", 2), ("f", 2)]);
        check_joined(&[1, 1, 10, 1, 1], 2, &[("c", 12), ("e", 2)]);
        check_joined(&[10, 1, 1], 1, &[("c", 12)]);
        check_joined(&[0, 0], 4, &[("a", 0), ("b", 0)]);
    }
}
