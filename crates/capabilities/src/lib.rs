//! The capabilities of `stocktake:host` as plain Rust: one trait for each WIT interface, with the same names.
//!
//! Functions are written against these traits, so the same logic runs natively and as a component. Engines of the
//! host implement them, and so does [`memory`], the double that the tests use. Every implementation keeps the same
//! promises; they stand on the trait methods, and the conformance suite in `tests/` checks them.
//!
//! Nothing here knows about WIT, WASI, files, networks or the time of day.

mod buckets;
mod entries;
mod error;
pub mod etags;
mod identities;
pub mod limits;
pub mod memory;
mod objects;
mod queue;
mod state;
mod uploads;

pub use buckets::{BUCKETS_PAGE_MAX, Bucket, BucketCreation, BucketPage, Buckets, CreationOutcome};
pub use entries::{Entries, Entry, NO_TIME, Texts};
pub use error::Error;
pub use identities::{Identities, Identity};
pub use objects::{
    DetailKinds, Grant, LIST_ENTRIES_MAX, ListOptions, ObjectDetail, ObjectRef, Objects, Page,
    READ_BYTES_MAX,
};
pub use queue::{Failure, Queue, TASK_INPUT_BYTES_MAX, TASK_NAME_BYTES_MAX, TASKS_MAX, Task};
pub use state::{Condition, Item, ItemPage, STATE_VALUE_BYTES_MAX, State, StateOutcome};
pub use uploads::{
    Encryption, PUT_BYTES_MAX, Part, Precondition, PutOptions, PutOutcome, Uploads,
    WRITE_PART_BYTES_MIN,
};

use serde::{Deserialize, Serialize};

/// A point in time, counted from 1970-01-01T00:00:00Z without leap seconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Instant {
    /// Whole seconds since the epoch; negative before it.
    pub seconds: i64,
    /// Nanoseconds within the second, below 1,000,000,000.
    pub nanoseconds: u32,
}

impl Instant {
    /// So many milliseconds since the epoch.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        let within = u32::try_from(millis.rem_euclid(1000)).unwrap_or_default();
        Self { seconds: millis.div_euclid(1000), nanoseconds: within * 1_000_000 }
    }

    /// In milliseconds since the epoch; what is finer is cut off. Never [`NO_TIME`]: what is too early or too late for
    /// the type is the first or the last time that it holds.
    #[must_use]
    pub fn millis(self) -> i64 {
        let within = i64::from(self.nanoseconds / 1_000_000);
        self.seconds.saturating_mul(1000).saturating_add(within).max(NO_TIME + 1)
    }
}
