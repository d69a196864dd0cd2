//! The tests that span packages.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "everything here is a test, and a failed one panics"
)]

mod bench_table;
mod cases;
mod check;
mod commands;
mod conformance;
mod consumers;
mod damage;
mod ending;
mod faults;
mod fuzz;
mod host_environment;
mod http;
mod isolation;
mod limits;
mod log;
mod model;
mod output;
mod policy;
mod portability;
mod runs;
mod s3_store;
mod serve;
mod slow_store;
mod unkillable;
mod worlds;
