//! Asking for what a listing does not tell, and only for that.

use stocktake_capabilities::{
    DetailKinds, Entries, Error, Failure, ObjectDetail, ObjectRef, Objects,
};
use stocktake_core::column::{Column, ColumnId};
use stocktake_core::configuration::Filter;

use crate::task::failure;

/// The id by which the null version of a key is asked for. Source: "Working with objects in a versioning-enabled
/// bucket" in the Amazon S3 user guide.
const NULL_VERSION: &str = "null";

/// Asks for the details that a report needs, a batch at a time.
///
/// What the store cannot tell at all is asked for once and then no more.
pub(crate) struct Details<'a, O> {
    objects: &'a O,
    bucket: &'a str,
    wanted: DetailKinds,
    /// What is wanted, but for what the store cannot tell.
    asked: DetailKinds,
    count: u64,
    is_tag_filter: bool,
}

impl<'a, O: Objects> Details<'a, O> {
    /// For a report with these columns and this filter.
    pub(crate) fn new(
        objects: &'a O,
        bucket: &'a str,
        columns: &[&Column],
        filter: &Filter,
    ) -> Self {
        let wanted = kinds(columns, filter);
        let is_tag_filter = filter.needs_tags();
        Self { objects, bucket, wanted, asked: wanted, count: 0, is_tag_filter }
    }

    /// Whether anything is wanted. If not, there is nothing to ask for.
    pub(crate) fn are_wanted(&self) -> bool {
        self.wanted != DetailKinds::default()
    }

    /// Whether access control lists are wanted and the store cannot tell them.
    pub(crate) fn lack_acls(&self) -> bool {
        self.wanted.acl && !self.asked.acl
    }

    /// How many objects were asked about.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Details of each entry, of which there are at most as many as a batch may hold; none for a delete marker, and for
    /// an object that was deleted since it was listed.
    pub(crate) fn of(&mut self, entries: &Entries) -> Result<Vec<Option<ObjectDetail>>, Failure> {
        let objects = entries.iter().filter(|entry| !entry.is_delete_marker);
        let refs = objects.map(|entry| ObjectRef {
            key: entry.key.to_owned(),
            version_id: match entry.version_id {
                // Without an id, the latest version answers.
                None if !entry.is_latest => Some(NULL_VERSION.to_owned()),
                id => id.map(str::to_owned),
            },
        });
        let refs: Vec<ObjectRef> = refs.collect();
        let told = self.ask(&refs)?;
        if told.len() != refs.len() {
            let text = format!("{} answers to {} questions", told.len(), refs.len());
            return Err(self.failure(&Error::Other(text)));
        }
        let is_silent = |detail: &ObjectDetail| detail.tags.is_none();
        if self.is_tag_filter && told.iter().flatten().any(is_silent) {
            return Err(self.no_tags("it answers without tags"));
        }
        let mut told = told.into_iter();
        let details = entries
            .iter()
            .map(|entry| if entry.is_delete_marker { None } else { told.next().flatten() });
        Ok(details.collect())
    }

    fn ask(&mut self, refs: &[ObjectRef]) -> Result<Vec<Option<ObjectDetail>>, Failure> {
        let Some(first) = refs.first() else { return Ok(Vec::new()) };
        self.count = self.count.saturating_add(refs.len() as u64);
        while self.asked != DetailKinds::default() {
            match self.objects.head_many(self.bucket, refs, self.asked) {
                Err(Error::Unsupported(reason)) => self.ask_for_less(first, &reason)?,
                answer => return answer.map_err(|error| self.failure(&error)),
            }
        }
        // Every one is there, as far as anybody knows.
        Ok(vec![Some(ObjectDetail::default()); refs.len()])
    }

    /// Finds out which kinds the store cannot tell, and asks for them no more.
    fn ask_for_less(&mut self, object: &ObjectRef, reason: &str) -> Result<(), Failure> {
        let before = self.asked;
        let can_tell = |kinds: DetailKinds| {
            if before == kinds {
                return Ok(false);
            }
            match self.objects.head_many(self.bucket, std::slice::from_ref(object), kinds) {
                Ok(_) => Ok(true),
                Err(Error::Unsupported(_)) => Ok(false),
                Err(error) => Err(self.failure(&error)),
            }
        };
        let none = DetailKinds::default();
        let after = DetailKinds {
            head: before.head && can_tell(DetailKinds { head: true, ..none })?,
            tags: before.tags && can_tell(DetailKinds { tags: true, ..none })?,
            acl: before.acl && can_tell(DetailKinds { acl: true, ..none })?,
        };
        if self.is_tag_filter && !after.tags {
            return Err(self.no_tags(reason));
        }
        if after == before {
            return Err(self.failure(&Error::Unsupported(reason.to_owned())));
        }
        self.asked = after;
        Ok(())
    }

    fn no_tags(&self, reason: &str) -> Failure {
        Failure::Reject(format!(
            "the filter has tags, and the store of `{}` cannot tell those of objects ({reason}); leave `Tag` out of the filter",
            self.bucket
        ))
    }

    fn failure(&self, error: &Error) -> Failure {
        failure(&format!("asking for details of objects in `{}`", self.bucket), error)
    }
}

/// What columns and a filter need beyond a listing.
fn kinds(columns: &[&Column], filter: &Filter) -> DetailKinds {
    let mut kinds = DetailKinds { tags: filter.needs_tags(), ..DetailKinds::default() };
    for column in columns {
        match column.id {
            ColumnId::ReplicationStatus
            | ColumnId::Crc64
            | ColumnId::CosMeta
            | ColumnId::EncryptionStatus
            | ColumnId::ObjectLockRetainUntilDate
            | ColumnId::ObjectLockMode
            | ColumnId::ObjectLockLegalHoldStatus
            | ColumnId::IntelligentTieringAccessTier
            | ColumnId::BucketKeyStatus
            | ColumnId::LifecycleExpirationDate => kinds.head = true,
            ColumnId::Tag => kinds.tags = true,
            ColumnId::ObjectAccessControlList => kinds.acl = true,
            // A listing tells these, or nobody does.
            ColumnId::Appid
            | ColumnId::Bucket
            | ColumnId::Key
            | ColumnId::VersionId
            | ColumnId::IsLatest
            | ColumnId::IsDeleteMarker
            | ColumnId::Size
            | ColumnId::LastModifiedDate
            | ColumnId::LastAccessedDate
            | ColumnId::ETag
            | ColumnId::StorageClass
            | ColumnId::IsMultipartUploaded
            | ColumnId::ObjectLockEventHoldStatus
            | ColumnId::ObjectLockEventHoldDuration
            | ColumnId::ObjectLockEventHoldDurationUnit
            | ColumnId::ChecksumAlgorithm
            | ColumnId::ObjectOwner
            | ColumnId::IntelligentTieringReferenceDate => {}
        }
    }
    kinds
}
