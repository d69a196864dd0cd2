//! What a run remembers in `state`, beside its record: finished parts, unfinished uploads, claimed folders.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stocktake_capabilities::{
    Condition, Failure, Item, STATE_VALUE_BYTES_MAX, State, StateOutcome,
};
use stocktake_core::run::{
    FileCounts, PartCounts, RunRecord, RunStatus, errors_key, parts_prefix, record_key,
};
use stocktake_core::timestamp::Millis;

use crate::stretches::Stretch;
use crate::task::{Range, failure, range_id};

/// How often a lost race is tried again before the task itself is: each loss means that another one won.
const RACES_MAX: u32 = 16;

/// A finished part: what of its range was listed, and the file that it wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    /// What was listed. It ends before the range that was asked for where the file was full.
    pub(crate) range: Range,
    /// None where the range holds no object that the filter admits.
    pub(crate) file: Option<FileRecord>,
    /// The sum of the sizes of the objects in the file.
    pub(crate) object_bytes: u64,
    /// How many entries were listed below the prefix, whatever the filter says about them.
    #[serde(default)]
    pub(crate) listed_entries: u64,
    /// The sum of their sizes.
    #[serde(default)]
    pub(crate) listed_bytes: u64,
    /// Names that can be no object key.
    pub(crate) unlisted: u64,
    /// What is left of the range that was asked for. Kept, as a part that runs again must ask for the same parts. None
    /// where nothing is left, and until it is known.
    pub(crate) rest: Option<Rest>,
    /// Whether the listing waited for the store, so that more ranges side by side are faster.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_slow: bool,
}

/// What a part left of its range: the keys behind its own, cut into ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rest {
    /// Where the ranges end, ascending, but for the last one.
    pub(crate) ends: Vec<String>,
    /// Where the last one ends.
    pub(crate) until: Option<String>,
    /// How many rows their files may have.
    pub(crate) rows_max: u64,
}

impl PartRecord {
    /// Leaves out, until the record fits into `state`, what only makes a run faster: how rows are spread, then cuts.
    ///
    /// What stays are five keys at most. Those of folders have up to 8 KiB, and JSON takes six bytes for a control
    /// character: 240 of the 256 KiB.
    pub(crate) fn fitted(mut self) -> Self {
        if self.is_too_large()
            && let Some(file) = &mut self.file
        {
            file.stretches.clear();
        }
        if self.is_too_large()
            && let Some(rest) = &mut self.rest
        {
            rest.ends.clear();
        }
        self
    }

    fn is_too_large(&self) -> bool {
        serde_json::to_vec(self).is_ok_and(|bytes| bytes.len() > STATE_VALUE_BYTES_MAX)
    }

    /// Notes the pace of the store.
    pub(crate) fn slow_if(self, is_slow: bool) -> Self {
        Self { is_slow, ..self }.fitted()
    }

    /// What of it counts. Others read the same off its record.
    pub(crate) fn counts(&self) -> PartCounts {
        let file = |file: &FileRecord| FileCounts { rows: file.rows, size_bytes: file.size_bytes };
        PartCounts {
            file: self.file.as_ref().map(file),
            object_bytes: self.object_bytes,
            listed_entries: self.listed_entries,
            listed_bytes: self.listed_bytes,
            unlisted: self.unlisted,
        }
    }
}

/// A data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) key: String,
    pub(crate) size_bytes: u64,
    pub(crate) md5: String,
    pub(crate) rows: u64,
    pub(crate) first_key: String,
    pub(crate) last_key: String,
    /// How its rows are spread over its keys.
    pub(crate) stretches: Vec<Stretch>,
}

/// Where the parts that a run began with are kept, as a plan that runs again must ask for the same ones.
pub(crate) fn first_parts_key(run: &str) -> String {
    format!("runs/{run}/first-parts")
}

pub(crate) fn part_key(run: &str, after: Option<&str>) -> String {
    format!("{}{}", parts_prefix(run), range_id(after))
}

pub(crate) fn uploads_prefix(run: &str) -> String {
    format!("runs/{run}/uploads/")
}

/// Where it is noted that a data file may have an unfinished upload, so that a task that runs again can abort it.
pub(crate) fn upload_key(run: &str, after: Option<&str>) -> String {
    format!("{}{}", uploads_prefix(run), range_id(after))
}

/// What the keys begin with under which a run keeps responses of a slow store.
pub(crate) fn checkpoints_prefix(run: &str) -> String {
    format!("runs/{run}/checkpoints/")
}

/// The same of one task: what it does, and for which range.
pub(crate) fn checkpoint_prefix(run: &str, doing: &str, after: Option<&str>) -> String {
    format!("{}{doing}/{}/", checkpoints_prefix(run), range_id(after))
}

/// An object that an upload was begun for, or is about to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// Reads a record.
pub(crate) fn get<T: DeserializeOwned>(
    state: &impl State,
    key: &str,
) -> Result<Option<(T, u64)>, Failure> {
    let item = state.get(key).map_err(|error| failure(&format!("reading `{key}`"), &error))?;
    item.map(|item| Ok((decode(&item)?, item.revision))).transpose()
}

/// Writes a record; false where the condition did not hold.
pub(crate) fn put(
    state: &impl State,
    key: &str,
    value: &impl Serialize,
    condition: Condition,
) -> Result<bool, Failure> {
    let bytes = serde_json::to_vec(value)
        .map_err(|error| Failure::Reject(format!("writing `{key}`: {error}")))?;
    let outcome = state
        .put(key, &bytes, condition)
        .map_err(|error| failure(&format!("writing `{key}`"), &error))?;
    Ok(outcome != StateOutcome::Conflict)
}

/// Every record below a prefix, in key order.
pub(crate) fn list<T: DeserializeOwned>(
    state: &impl State,
    prefix: &str,
) -> Result<Vec<(String, T)>, Failure> {
    let mut records = Vec::new();
    each(state, prefix, |item| {
        records.push((item.key.clone(), decode(item)?));
        Ok(())
    })?;
    Ok(records)
}

/// Visits every record below a prefix, in key order.
pub(crate) fn each(
    state: &impl State,
    prefix: &str,
    mut visit: impl FnMut(&Item) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut cursor = None;
    loop {
        let page = state
            .list(prefix, cursor.as_deref())
            .map_err(|error| failure(&format!("listing `{prefix}`"), &error))?;
        page.items.iter().try_for_each(&mut visit)?;
        let Some(next) = page.next else { return Ok(()) };
        cursor = Some(next);
    }
}

/// Deletes a record; one that is not there is gone already.
pub(crate) fn delete(state: &impl State, key: &str) -> Result<(), Failure> {
    state
        .delete(key, Condition::Always)
        .map(|_| ())
        .map_err(|error| failure(&format!("deleting `{key}`"), &error))
}

/// Deletes every record below a prefix.
pub(crate) fn delete_all(state: &impl State, prefix: &str) -> Result<(), Failure> {
    let mut keys = Vec::new();
    each(state, prefix, |item| {
        keys.push(item.key.clone());
        Ok(())
    })?;
    keys.iter().try_for_each(|key| delete(state, key))
}

/// Ends a run that is still running, now. Answers whether it was.
pub(crate) fn end_run(
    state: &impl State,
    run: &str,
    now: Millis,
    change: impl Fn(&mut RunRecord),
) -> Result<bool, Failure> {
    let errors: Option<(u64, u64)> = get(state, &errors_key(run))?;
    change_run(state, run, |record| {
        record.ended_millis = Some(now.0);
        record.errors = errors.map_or(0, |(errors, _)| errors);
        change(record);
    })
}

/// Changes the record of a run that is still running. Answers whether it was.
pub(crate) fn change_run(
    state: &impl State,
    run: &str,
    change: impl Fn(&mut RunRecord),
) -> Result<bool, Failure> {
    let key = record_key(run);
    for _ in 0..RACES_MAX {
        let Some((mut record, revision)) = running(state, run)? else { return Ok(false) };
        change(&mut record);
        if put(state, &key, &record, Condition::Unchanged(revision))? {
            return Ok(true);
        }
    }
    Err(Failure::Retry { reason: format!("lost the race for `{key}`"), after_ms: None })
}

/// The record of a run, if it is still running.
pub(crate) fn running(state: &impl State, run: &str) -> Result<Option<(RunRecord, u64)>, Failure> {
    let record: Option<(RunRecord, u64)> = get(state, &record_key(run))?;
    Ok(record.filter(|(record, _)| record.status == RunStatus::Running))
}

/// Counts an attempt that failed. A count that cannot be written is not worth another failure.
pub(crate) fn count_error(state: &impl State, run: &str) {
    let count = || -> Result<bool, Failure> {
        if running(state, run)?.is_none() {
            return Ok(true);
        }
        let key = errors_key(run);
        let known: Option<(u64, u64)> = get(state, &key)?;
        let (errors, condition) = known.map_or((0, Condition::Absent), |(errors, revision)| {
            (errors, Condition::Unchanged(revision))
        });
        put(state, &key, &errors.saturating_add(1), condition)
    };
    for _ in 0..RACES_MAX {
        if !matches!(count(), Ok(false)) {
            return;
        }
    }
}

fn decode<T: DeserializeOwned>(item: &Item) -> Result<T, Failure> {
    serde_json::from_slice(&item.value).map_err(|error| {
        Failure::Reject(format!("the record `{}` cannot be read: {error}", item.key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record all of whose keys have this length and are escaped.
    fn record(key_bytes: usize) -> PartRecord {
        let key = |number: u32| format!("{number:04}{}", "\u{1}".repeat(key_bytes - 4));
        let stretch = |number| Stretch { until: key(number), rows: 1 };
        let file = FileRecord {
            key: "k".repeat(1024),
            size_bytes: u64::MAX,
            md5: "0".repeat(32),
            rows: u64::MAX,
            first_key: key(1),
            last_key: key(2),
            stretches: (0..16).map(stretch).collect(),
        };
        let rest =
            Rest { ends: (3..6).map(key).collect(), until: Some(key(6)), rows_max: u64::MAX };
        PartRecord {
            range: Range { after: Some(key(0)), until: Some(key(2)) },
            file: Some(file),
            object_bytes: u64::MAX,
            listed_entries: u64::MAX,
            listed_bytes: u64::MAX,
            unlisted: u64::MAX,
            rest: Some(rest),
            is_slow: true,
        }
    }

    /// How many stretches and cuts stay in a record that fits.
    #[track_caller]
    fn fitted(key_bytes: usize) -> (usize, usize) {
        let record = record(key_bytes);
        let fitted = record.clone().fitted();
        let bytes = serde_json::to_vec(&fitted).unwrap().len();
        assert!(bytes <= STATE_VALUE_BYTES_MAX, "{bytes}");
        let (file, rest) = (fitted.file.as_ref().unwrap(), fitted.rest.as_ref().unwrap());
        assert_eq!((fitted.range, &rest.until), (record.range, &record.rest.unwrap().until));
        (file.stretches.len(), rest.ends.len())
    }

    #[test]
    fn a_record_of_long_keys_that_are_escaped_fits() {
        assert_eq!(fitted(1024), (16, 3));
        assert_eq!(fitted(4096), (0, 3));
        assert_eq!(fitted(8191), (0, 0));
    }
}
