//! Reading buckets.

use serde::{Deserialize, Serialize};

use crate::{Entries, Error, Instant};

/// The most entries of one page; S3's own limit.
pub const LIST_ENTRIES_MAX: u32 = 1000;

/// The most bytes that one read answers: small enough to copy into an instance, large enough to amortise a request.
pub const READ_BYTES_MAX: u32 = 8 << 20;

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// Only keys that begin so. Empty lists everything.
    pub prefix: String,
    /// Only keys greater than this one, by bytes. It need not exist.
    pub start_after: Option<String>,
    /// Only keys up to and with this one, by bytes. It need not exist.
    pub until: Option<String>,
    /// Every version and delete marker, or only what a plain GET would find.
    pub versions: bool,
    /// 1 to [`LIST_ENTRIES_MAX`].
    pub max_entries: u32,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Ascending by key bytes; versions of one key in the store's own order, newest first.
    pub entries: Entries,
    /// Present exactly when there is more.
    pub next: Option<String>,
    /// Names in this page's range that can be no object key.
    pub unlisted: u32,
}

/// Names one object, or one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// The key, exactly as stored.
    pub key: String,
    /// None means the latest version.
    pub version_id: Option<String>,
}

/// Which details to fetch. Each one may cost a request per object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetailKinds {
    /// What a HEAD request tells.
    pub head: bool,
    /// The tags.
    pub tags: bool,
    /// The access control list.
    pub acl: bool,
}

/// One line of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Canonical id of the grantee; none for a group.
    pub canonical_id: Option<String>,
    /// URI of the group; none for a user.
    pub uri: Option<String>,
    /// Such as `READ`.
    pub permission: String,
}

/// What is known of one object beyond its listing; none where it was not asked for or not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDetail {
    /// Size of the content in bytes.
    pub size_bytes: Option<u64>,
    /// When this version was written.
    pub last_modified: Option<Instant>,
    /// Without quotes.
    pub etag: Option<String>,
    /// The media type.
    pub content_type: Option<String>,
    /// `SSE-S3`, `SSE-KMS`, `DSSE-KMS`, `SSE-C` or `NOT-SSE`.
    pub encryption_status: Option<String>,
    /// Whether a bucket key is used for SSE-KMS.
    pub bucket_key_enabled: Option<bool>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `REPLICA`.
    pub replication_status: Option<String>,
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub object_lock_mode: Option<String>,
    /// Until when object lock holds.
    pub object_lock_retain_until: Option<Instant>,
    /// Whether a legal hold is on.
    pub object_lock_legal_hold: Option<bool>,
    /// `ARCHIVE` or `DEEP_ARCHIVE`.
    pub access_tier: Option<String>,
    /// When a lifecycle rule will expire it.
    pub expires_at: Option<Instant>,
    /// The CRC-64 that COS keeps, in decimal.
    pub crc64: Option<String>,
    /// Sorted by name, without the vendor's prefix.
    pub user_metadata: Vec<(String, String)>,
    /// Sorted by key.
    pub tags: Option<Vec<(String, String)>>,
    /// In the store's order.
    pub acl: Option<Vec<Grant>>,
}

/// The reading half of a store: `stocktake:host/objects`.
pub trait Objects {
    /// Lists one page. `cursor` is the `next` of the page before, with the same bucket and options.
    ///
    /// Objects that exist during the whole listing appear exactly once.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::InvalidArgument`] for `max_entries` out of range or a foreign cursor;
    /// [`Error::Unsupported`] for versions where the store cannot list them.
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error>;

    /// Fetches details of up to [`LIST_ENTRIES_MAX`] objects, in order; none for an object that is gone.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::InvalidArgument`] for a larger batch.
    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error>;

    /// Reads up to `length_bytes` of an object; fewer only at its end, none beyond it.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchObject`]; [`Error::InvalidArgument`] above [`READ_BYTES_MAX`].
    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error>;

    /// The bucket's policy as JSON text, none where it has none.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`].
    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error>;
}
