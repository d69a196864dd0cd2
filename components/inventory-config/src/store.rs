//! Keeping configurations in `state`.
//!
//! A record holds the JSON form of one configuration under `inventory/BUCKET/ID`, together with the form of its reports,
//! which the dialect of the PUT has decided. It is judged before it is written, so a record is usable as it stands.
//! Answers show the document alone.

use stocktake_capabilities::{Condition, Error, Item, State, StateOutcome};
use stocktake_core::bucket::BucketName;
use stocktake_core::configuration::{ConfigurationId, document_of};
use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::run::{configuration_key, stretches_key};

use crate::check::{Judgement, Syntax, judge};
use crate::rules::{Occasion, Request};

/// The most configurations of one bucket; the limit of Amazon S3.
pub const CONFIGURATIONS_MAX: usize = 1000;

/// The most configurations of one page; as many as Amazon S3 lists.
pub const PAGE_CONFIGURATIONS_MAX: usize = 100;

/// How often a write that lost a race looks again. Each loss means that another write of the same id succeeded.
const ATTEMPTS_MAX: usize = 16;

/// What every continuation begins with: the version of its form.
const CONTINUATION_MARK: &str = "1";

/// A record as it was when a change was judged by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The record.
    pub key: String,
    /// Its revision; none where there was no such record.
    pub revision: Option<u64>,
}

/// How a write ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// The configuration is stored and durable. The findings are below level `error`.
    Stored(Vec<Finding>),
    /// The document is not usable. Nothing has changed.
    Refused(Vec<Finding>),
    /// The bucket has [`CONFIGURATIONS_MAX`] and this would be one more. Nothing has changed.
    TooMany,
    /// A record is not as it was seen any more. The change is taken back.
    Overtaken,
}

/// How a deletion ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// The configuration is gone.
    Deleted,
    /// There was none of this id.
    NoSuchConfiguration,
    /// A record is not as it was seen any more. The change is taken back.
    Overtaken,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigurationPage {
    /// In their JSON form, ascending by id bytes; at most [`PAGE_CONFIGURATIONS_MAX`].
    pub configurations: Vec<String>,
    /// Present exactly when there is more. Opaque.
    pub next: Option<String>,
}

/// Judges a document and stores it under its bucket and id, in place of the one that was there.
///
/// `id` is the id of the request; a document with another one is refused. `seen` are the records by which the change was
/// allowed. They are read behind the write, and where one has changed the write is taken back: one that is answered as
/// stored took effect while all of them were as they were seen. Until it is taken back it can be read, and stays where
/// the process dies in between.
///
/// # Limits
/// [`CONFIGURATIONS_MAX`]. Of writes that add configurations to a full bucket at the same time none may succeed, though
/// there is room for some; and the limit can be passed by a process that dies between its write and the recount behind
/// it, or whose new configuration is replaced in between. Replacing never fails for the limit.
///
/// # Errors
/// [`Error::InvalidArgument`] for a bucket name that breaks the rules; [`Error::Unavailable`] where other writes of the
/// same id keep winning; what `state` answers. After an error the configuration may be stored or not.
pub fn put(
    state: &impl State,
    bucket: &str,
    id: &str,
    document: &[u8],
    syntax: Syntax,
    dialect: Dialect,
    seen: &[Seen],
) -> Result<PutOutcome, Error> {
    let bucket = &bucket_name(bucket)?;
    let request = Request { bucket, id, occasion: Occasion::Schedule };
    let Judgement { findings, configuration } = judge(document, syntax, dialect, Some(request));
    let Some(configuration) = configuration else { return Ok(PutOutcome::Refused(findings)) };
    let (key, value) = (configuration_key(bucket.as_str(), id), configuration.to_json());
    for _ in 0..ATTEMPTS_MAX {
        let replaced = state.get(&key)?;
        let condition = match &replaced {
            Some(item) => Condition::Unchanged(item.revision),
            None if count(state, bucket)? >= CONFIGURATIONS_MAX => return Ok(PutOutcome::TooMany),
            None => Condition::Absent,
        };
        let revision = match state.put(&key, value.as_bytes(), condition)? {
            StateOutcome::Done(revision) => revision,
            StateOutcome::Conflict => continue,
        };
        // Others may have added theirs since the count. Whoever finds the bucket overfull takes its own back; a record
        // that was replaced meanwhile belongs to somebody else.
        if condition == Condition::Absent
            && count(state, bucket)? > CONFIGURATIONS_MAX
            && matches!(state.delete(&key, Condition::Unchanged(revision))?, StateOutcome::Done(_))
        {
            return Ok(PutOutcome::TooMany);
        }
        if !is_as_seen(state, seen)? {
            // Where somebody else has written meanwhile, that stands.
            match replaced {
                Some(item) => state.put(&key, &item.value, Condition::Unchanged(revision))?,
                None => state.delete(&key, Condition::Unchanged(revision))?,
            };
            return Ok(PutOutcome::Overtaken);
        }
        return Ok(PutOutcome::Stored(findings));
    }
    Err(Error::Unavailable(format!("`{key}` was changed {ATTEMPTS_MAX} times meanwhile")))
}

/// Whether all of these records are as they were seen.
fn is_as_seen(state: &impl State, seen: &[Seen]) -> Result<bool, Error> {
    for Seen { key, revision } in seen {
        if state.get(key)?.map(|item| item.revision) != *revision {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The stored configuration in its JSON form, none if there is no such id.
///
/// # Errors
/// [`Error::InvalidArgument`] for a bucket name or id that breaks the rules; what `state` answers.
pub fn get(state: &impl State, bucket: &str, id: &str) -> Result<Option<String>, Error> {
    let item = state.get(&key(bucket, id)?)?;
    item.map(document).transpose()
}

/// Lists the configurations of a bucket, from the beginning or from where the page with this `next` ended.
///
/// Configurations that exist during the whole listing appear exactly once.
///
/// # Errors
/// [`Error::InvalidArgument`] for a bucket name that breaks the rules, or a cursor that was not the `next` of a page of
/// this bucket; what `state` answers.
pub fn list(
    state: &impl State,
    bucket: &str,
    cursor: Option<&str>,
) -> Result<ConfigurationPage, Error> {
    let bucket = &bucket_name(bucket)?;
    let after = match cursor {
        Some(cursor) => Some(configuration_key(bucket.as_str(), position(bucket, cursor)?)),
        None => None,
    };
    let mut page = ConfigurationPage::default();
    let mut last = String::new();
    each(state, bucket, |item| {
        if after.as_ref().is_some_and(|after| item.key <= *after) {
            return Ok(true);
        }
        if page.configurations.len() == PAGE_CONFIGURATIONS_MAX {
            let id = last.strip_prefix(&folder(bucket)).unwrap_or_default();
            page.next = Some(format!("{CONTINUATION_MARK}/{bucket}/{id}"));
            return Ok(false);
        }
        last.clone_from(&item.key);
        page.configurations.push(document(item)?);
        Ok(true)
    })?;
    Ok(page)
}

/// Deletes a configuration, and what is remembered of the keys of its reports. `seen` is as for [`put`].
///
/// # Errors
/// As [`get`]; [`Error::Unavailable`] where other writes of the same id keep winning.
pub fn delete(
    state: &impl State,
    bucket: &str,
    id: &str,
    seen: &[Seen],
) -> Result<DeleteOutcome, Error> {
    let key = key(bucket, id)?;
    for _ in 0..ATTEMPTS_MAX {
        let item = state.get(&key)?;
        if let Some(item) = &item
            && state.delete(&key, Condition::Unchanged(item.revision))? == StateOutcome::Conflict
        {
            continue;
        }
        if !is_as_seen(state, seen)? {
            if let Some(item) = item {
                // Where somebody else has written meanwhile, that stands.
                state.put(&key, &item.value, Condition::Absent)?;
            }
            return Ok(DeleteOutcome::Overtaken);
        }
        // One that is not there is gone already.
        state.delete(&stretches_key(bucket, id), Condition::Always)?;
        let outcome = DeleteOutcome::NoSuchConfiguration;
        return Ok(item.map_or(outcome, |_| DeleteOutcome::Deleted));
    }
    Err(Error::Unavailable(format!("`{key}` was changed {ATTEMPTS_MAX} times meanwhile")))
}

fn count(state: &impl State, bucket: &BucketName) -> Result<usize, Error> {
    let mut count = 0;
    each(state, bucket, |_| {
        count += 1;
        Ok(true)
    })?;
    Ok(count)
}

/// Visits the records of a bucket in ascending order, until `visit` answers false.
fn each(
    state: &impl State,
    bucket: &BucketName,
    mut visit: impl FnMut(Item) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut cursor = None;
    loop {
        let page = state.list(&folder(bucket), cursor.as_deref())?;
        for item in page.items {
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

/// What the keys of a bucket's records begin with. No bucket name holds a slash, so no other bucket's do.
fn folder(bucket: &BucketName) -> String {
    configuration_key(bucket.as_str(), "")
}

/// The key of a configuration, if its bucket and id can be any.
pub(crate) fn key(bucket: &str, id: &str) -> Result<String, Error> {
    let bucket = bucket_name(bucket)?;
    let id = ConfigurationId::parse(id).ok_or_else(|| {
        Error::InvalidArgument(format!("the id {id:?}; use 1 to 64 of `A-Z a-z 0-9 . _ -`"))
    })?;
    Ok(configuration_key(bucket.as_str(), id.as_str()))
}

pub(crate) fn bucket_name(text: &str) -> Result<BucketName, Error> {
    BucketName::parse_in(text, Dialect::Any)
        .map_err(|error| Error::InvalidArgument(format!("the bucket name {text:?}: {error}")))
}

/// The id that a continuation stands behind.
fn position<'a>(bucket: &BucketName, cursor: &'a str) -> Result<&'a str, Error> {
    let parts: Vec<&str> = cursor.split('/').collect();
    match parts.as_slice() {
        [CONTINUATION_MARK, of, id]
            if *of == bucket.as_str() && ConfigurationId::parse(id).is_some() =>
        {
            Ok(id)
        }
        _ => Err(Error::InvalidArgument(
            "the continuation is of another listing; begin without one".to_owned(),
        )),
    }
}

/// What a record says, without what is kept beside the document.
fn document(item: Item) -> Result<String, Error> {
    let text = String::from_utf8(item.value).map_err(|_| {
        Error::Other(format!("the record `{}` is not UTF-8; put it anew", item.key))
    })?;
    Ok(document_of(&text).into_owned())
}

#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "as expect-test writes snapshots")]
mod tests;
