//! Writing objects.

use crate::Error;

/// The most bytes of one `put` or one part: a part in flight must fit into an instance beside its encoder.
pub const PUT_BYTES_MAX: usize = 8 << 20;

/// The least bytes of each part but the last; S3's own limit.
pub const WRITE_PART_BYTES_MIN: usize = 5 << 20;

/// When a write may take effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Always.
    #[default]
    None,
    /// Only if no object of that key exists.
    IfNoneMatch,
    /// Only if the object has this entity tag.
    IfMatch(String),
}

/// Encryption at rest that the store is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Whatever the bucket does by default.
    #[default]
    BucketDefault,
    /// Keys that the store keeps.
    SseS3,
    /// The key of this id in a key service.
    SseKms(String),
    /// Keys that Tencent COS keeps.
    SseCos,
}

/// How an object is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// The media type.
    pub content_type: Option<String>,
    /// Whether to ask for the canned ACL `bucket-owner-full-control`.
    pub bucket_owner_full_control: bool,
    /// Encryption at rest.
    pub encryption: Encryption,
    /// Judged when the write becomes visible.
    pub precondition: Precondition,
}

/// How a write ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// Stored and durable, with this entity tag (no quotes).
    Stored(String),
    /// The precondition did not hold; nothing has changed.
    PreconditionFailed,
}

/// One part that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// 1 to 10,000.
    pub number: u32,
    /// What [`Uploads::write_part`] answered.
    pub etag: String,
}

/// The writing half of a store: `stocktake:host/uploads`.
///
/// An object becomes visible all at once and is durable by then.
pub trait Uploads {
    /// Stores one object of at most [`PUT_BYTES_MAX`].
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::AccessDenied`] where the bucket is read-only; [`Error::InvalidArgument`]
    /// for a larger body or a key that the store cannot hold; [`Error::Unsupported`] for encryption it lacks.
    fn put(
        &self,
        bucket: &str,
        key: &str,
        body: &[u8],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error>;

    /// Begins an upload in parts and answers its id.
    ///
    /// # Errors
    /// As [`Uploads::put`].
    fn begin(&self, bucket: &str, key: &str, options: &PutOptions) -> Result<String, Error>;

    /// Writes one part; one of the same number is replaced.
    ///
    /// # Errors
    /// [`Error::NoSuchObject`] for an unknown upload; [`Error::InvalidArgument`] for a number or size out of range.
    fn write_part(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
        body: &[u8],
    ) -> Result<Part, Error>;

    /// Joins parts, in ascending order, into the object.
    ///
    /// # Errors
    /// [`Error::NoSuchObject`] for an unknown upload; [`Error::InvalidArgument`] for parts that are unknown, out of
    /// order or too small.
    fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error>;

    /// Drops an upload; an unknown one is no error.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`].
    fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<(), Error>;

    /// Drops every unfinished upload of this very key.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Unsupported`] where the store cannot list its uploads.
    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), Error>;
}
