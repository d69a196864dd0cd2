//! Where the host keeps things: folders or an S3 endpoint for objects, one embedded database for records and tasks.
//!
//! Engines implement the traits of `stocktake_capabilities` and [`crate::queue::TaskQueue`]. They know nothing about
//! components, triggers or configuration files.

pub mod directory;
pub mod embedded;
pub mod identities;
pub mod redb_queue;
pub mod redb_state;

pub use directory::{DirectoryError, DirectoryStore, MappedBucket};
pub use embedded::{EmbeddedDatabase, EmbeddedError};
pub use identities::{FixedIdentities, IdentityError};
pub use redb_queue::RedbQueue;
pub use redb_state::RedbState;
pub use stocktake_s3_store::{S3Endpoint, S3Store};
