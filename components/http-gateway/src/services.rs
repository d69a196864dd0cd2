//! What answering a request needs from outside.

use stocktake_capabilities::{BucketCreation, Buckets, Identities, Instant, Objects, Queue, State};

use crate::functions::{InventoryConfig, InventoryRuns, PolicyCheck};

/// Everything that is behind the gateway: one part for each import of its world.
#[derive(Clone, Copy)]
pub struct Services<'a> {
    /// Buckets' own policies are read here, and nothing else.
    pub objects: &'a dyn Objects,
    /// Which buckets there are.
    pub buckets: &'a dyn Buckets,
    /// Making buckets.
    pub bucket_creation: &'a dyn BucketCreation,
    /// Where policies that were put are kept.
    pub state: &'a dyn State,
    /// Where the tasks of a new run go.
    pub queue: &'a dyn Queue,
    /// Who is calling.
    pub identities: &'a dyn Identities,
    /// Judging and keeping configurations.
    pub inventory_config: &'a dyn InventoryConfig,
    /// Runs of configurations.
    pub inventory_runs: &'a dyn InventoryRuns,
    /// Judging policies: what callers may do, and what is wrong.
    pub policy_check: &'a dyn PolicyCheck,
}

/// What differs between two answers to the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time of day.
    pub now: Instant,
    /// The id of this request, which its answer shows: letters and digits.
    pub request_id: String,
    /// The id of the run that this request may begin: 32 lower-case hex digits, unique for all time.
    pub run_id: String,
}
