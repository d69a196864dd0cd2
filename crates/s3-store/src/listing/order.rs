//! The order of versions and delete markers.
//!
//! S3 answers both in one sequence, newest first within a key. The SDK sorts them into two lists, and their times,
//! which many stores cut to the second, do not always tell how they stood. So the sequence is read off the answer.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;

use super::Found;

/// What one line of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Version,
    DeleteMarker,
}

/// Notes the sequence of one request's answer. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence(Arc<Mutex<Vec<Kind>>>);

impl Sequence {
    pub(super) fn kinds(&self) -> Vec<Kind> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Sequence {
    fn name(&self) -> &'static str {
        "Sequence"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kinds(body);
        Ok(())
    }
}

/// The kinds of all lines of a document. No text in it can look like a tag, since `<` is escaped there.
fn kinds(document: &[u8]) -> Vec<Kind> {
    let tags = document.split(|byte| *byte == b'<');
    tags.filter_map(|tag| {
        if tag.starts_with(b"Version>") {
            Some(Kind::Version)
        } else {
            tag.starts_with(b"DeleteMarker>").then_some(Kind::DeleteMarker)
        }
    })
    .collect()
}

/// Joins both lists in the sequence that they had. Without one, by key and then newest first.
pub(super) fn merged(
    kinds: &[Kind],
    versions: Vec<Option<Found>>,
    markers: Vec<Option<Found>>,
) -> Vec<Option<Found>> {
    let count = |kind| kinds.iter().filter(|one| **one == kind).count();
    if (count(Kind::Version), count(Kind::DeleteMarker)) != (versions.len(), markers.len()) {
        let mut all: Vec<_> = versions.into_iter().chain(markers).collect();
        all.sort_by(|one, other| match (one, other) {
            (Some(one), Some(other)) => {
                let key = one.entry.key.cmp(&other.entry.key);
                let latest = other.entry.is_latest.cmp(&one.entry.is_latest);
                key.then(latest).then(other.entry.last_modified.cmp(&one.entry.last_modified))
            }
            (one, other) => one.is_some().cmp(&other.is_some()),
        });
        return all;
    }
    let (mut versions, mut markers) = (versions.into_iter(), markers.into_iter());
    let next = |kind: &Kind| match kind {
        Kind::Version => versions.next(),
        Kind::DeleteMarker => markers.next(),
    };
    kinds.iter().filter_map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stocktake_capabilities::{Entry, Instant};

    #[expect(
        clippy::unnecessary_wraps,
        reason = "names that are no text are none, in the same list"
    )]
    fn found(key: &str, seconds: i64, is_latest: bool) -> Option<Found> {
        let last_modified = Some(Instant { seconds, nanoseconds: 0 });
        let entry = Entry { key: key.to_owned(), last_modified, is_latest, ..Entry::default() };
        Some(Found { entry, raw_version: None })
    }

    #[test]
    fn the_sequence_is_that_of_the_document() {
        let document = b"<ListVersionsResult><VersionIdMarker>&lt;Version></VersionIdMarker>\
            <DeleteMarker><VersionId>1</VersionId></DeleteMarker><Version><Key>Version></Key></Version></ListVersionsResult>";
        assert_eq!(kinds(document), [Kind::DeleteMarker, Kind::Version]);
        assert_eq!(kinds(b""), []);
    }

    #[test]
    fn lines_of_one_second_stay_in_sequence() {
        let (old, new) = (found("a", 1, false), found("a", 1, true));
        let marker = found("a", 1, false);
        let sequence = [Kind::Version, Kind::DeleteMarker, Kind::Version];
        let all = merged(&sequence, vec![new.clone(), old.clone()], vec![marker.clone()]);
        assert_eq!(all, [new, marker, old]);
    }

    #[test]
    fn without_a_sequence_time_decides() {
        let versions = vec![found("a", 3, false), found("a", 1, false), found("b", 1, true)];
        let markers = vec![found("a", 2, false), found("a", 3, true)];
        let all = merged(&[], versions.clone(), markers.clone());
        let times: Vec<_> = all
            .iter()
            .flatten()
            .map(|one| {
                (
                    one.entry.key.as_str(),
                    one.entry.last_modified.unwrap().seconds,
                    one.entry.is_latest,
                )
            })
            .collect();
        assert_eq!(
            times,
            [("a", 3, true), ("a", 3, false), ("a", 2, false), ("a", 1, false), ("b", 1, true)]
        );
    }
}
