//! Keeping bucket policies.
//!
//! A policy that was put is kept in `state`, as it was given. Where none was, the store's own holds.

use stocktake_capabilities::{Condition, Error};

use crate::services::Services;

/// The policy that holds for a bucket; none where it has none, or does not exist.
///
/// # Errors
/// What `state` and the store answer.
pub(crate) fn current(services: &Services<'_>, bucket: &str) -> Result<Option<String>, Error> {
    if bucket.is_empty() || bucket.chars().any(char::is_control) {
        return Ok(None);
    }
    if let Some(item) = services.state.get(&key(bucket))? {
        let text = String::from_utf8(item.value);
        return text.map(Some).map_err(|_| {
            Error::Other(format!("the record `{}` is not UTF-8; put the policy anew", item.key))
        });
    }
    match services.objects.bucket_policy(bucket) {
        // What has no policies has none, and a name that no bucket can have names none.
        Err(Error::NoSuchBucket | Error::Unsupported(_) | Error::InvalidArgument(_)) => Ok(None),
        answer => answer,
    }
}

/// Keeps a policy.
///
/// # Errors
/// What `state` answers.
pub(crate) fn put(services: &Services<'_>, bucket: &str, policy: &str) -> Result<(), Error> {
    services.state.put(&key(bucket), policy.as_bytes(), Condition::Always).map(|_| ())
}

/// Forgets a policy that was put, if one was.
///
/// # Errors
/// What `state` answers.
pub(crate) fn delete(services: &Services<'_>, bucket: &str) -> Result<(), Error> {
    services.state.delete(&key(bucket), Condition::Always).map(|_| ())
}

fn key(bucket: &str) -> String {
    format!("policies/{bucket}")
}
