//! Why a capability could not do its work.

/// Each case is named by what the caller can do about it.
///
/// A lost race is no error: calls that can lose one answer so in their result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The same call fails until somebody creates the bucket.
    #[error("the bucket does not exist")]
    NoSuchBucket,
    /// There is no such object, version or upload.
    #[error("the object does not exist")]
    NoSuchObject,
    /// The same call fails until somebody grants the permission.
    #[error("the store denied access")]
    AccessDenied,
    /// Try again after this many seconds, or at leisure where the store gave none.
    #[error("the store asks for a slower pace")]
    Throttled(Option<u32>),
    /// The call may or may not have taken effect; it is safe to repeat.
    #[error("no answer came in time")]
    Timeout,
    /// Out of reach or out of room at the moment. Try again later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The same call never succeeds.
    #[error("invalid argument: {0}")]
    InvalidArgument(String),
    /// This store cannot do that at all.
    #[error("not supported by this store: {0}")]
    Unsupported(String),
    /// For logs; do not branch on it.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Whether the same call may succeed later without anybody's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled(_) | Self::Timeout | Self::Unavailable(_) | Self::Other(_) => true,
            Self::NoSuchBucket
            | Self::NoSuchObject
            | Self::AccessDenied
            | Self::InvalidArgument(_)
            | Self::Unsupported(_) => false,
        }
    }
}
