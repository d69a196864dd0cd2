//! Keeping bucket policies.
//!
//! A policy that was put is kept in `state`, as it was given. Where none was, the store's own holds.
//!
//! Whoever changes something because a policy allows it says which revision of the policy that was, so that no change
//! takes effect that the policy of its moment does not allow (`docs/decisions/0020-authorization-at-the-time-of-the-write.md`).

use stocktake_capabilities::{Condition, Error, StateOutcome};
use stocktake_core::policy::policy_key;

use crate::functions::Seen;
use crate::services::Services;

/// The policy of a bucket as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    bucket: String,
    policy: Option<String>,
    /// Of the record; none where no policy is kept here.
    revision: Option<u64>,
}

impl Kept {
    /// The bucket.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The policy that holds; none where the bucket has none, or does not exist.
    pub(crate) fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// The record, for whoever is to change something only while it is the same.
    pub(crate) fn seen(&self) -> Seen {
        Seen { key: policy_key(&self.bucket), revision: self.revision }
    }
}

/// The policy that holds for a bucket.
///
/// # Errors
/// What `state` and the store answer.
pub(crate) fn read(services: &Services<'_>, bucket: &str) -> Result<Kept, Error> {
    let kept = |policy, revision| Kept { bucket: bucket.to_owned(), policy, revision };
    if bucket.is_empty() || bucket.chars().any(char::is_control) {
        return Ok(kept(None, None));
    }
    if let Some(item) = services.state.get(&policy_key(bucket))? {
        let text = String::from_utf8(item.value).map_err(|_| {
            Error::Other(format!("the record `{}` is not UTF-8; put the policy anew", item.key))
        })?;
        return Ok(kept(Some(text), Some(item.revision)));
    }
    match services.objects.bucket_policy(bucket) {
        // What has no policies has none, and a name that no bucket can have names none.
        Err(Error::NoSuchBucket | Error::Unsupported(_) | Error::InvalidArgument(_)) => {
            Ok(kept(None, None))
        }
        answer => Ok(kept(answer?, None)),
    }
}

/// The same where a policy that may not be read could say anything, and counts as none.
///
/// # Errors
/// What `state` and the store answer, where the same may succeed later.
pub(crate) fn read_if_allowed(services: &Services<'_>, bucket: &str) -> Result<Kept, Error> {
    match read(services, bucket) {
        Err(error) if !error.is_transient() => {
            Ok(Kept { bucket: bucket.to_owned(), policy: None, revision: None })
        }
        answer => answer,
    }
}

/// Whether the policy that holds is still the one that was read.
///
/// # Errors
/// As [`read_if_allowed`].
pub(crate) fn is_unchanged(services: &Services<'_>, kept: &Kept) -> Result<bool, Error> {
    Ok(read_if_allowed(services, &kept.bucket)? == *kept)
}

/// Keeps a policy in the place of the one that was read. False where that has been replaced meanwhile.
///
/// # Errors
/// What `state` answers.
pub(crate) fn put(services: &Services<'_>, before: &Kept, policy: &str) -> Result<bool, Error> {
    let condition = before.revision.map_or(Condition::Absent, Condition::Unchanged);
    let outcome = services.state.put(&policy_key(&before.bucket), policy.as_bytes(), condition)?;
    Ok(outcome != StateOutcome::Conflict)
}

/// Forgets the policy that was read, if one is kept. False where it has been replaced meanwhile.
///
/// # Errors
/// What `state` answers.
pub(crate) fn delete(services: &Services<'_>, before: &Kept) -> Result<bool, Error> {
    let Some(revision) = before.revision else { return Ok(true) };
    let condition = Condition::Unchanged(revision);
    let outcome = services.state.delete(&policy_key(&before.bucket), condition)?;
    Ok(outcome != StateOutcome::Conflict)
}

/// Forgets whatever policy is kept for a name.
///
/// # Errors
/// What `state` answers.
pub(crate) fn forget(services: &Services<'_>, bucket: &str) -> Result<(), Error> {
    services.state.delete(&policy_key(bucket), Condition::Always).map(|_| ())
}
