//! Runs the same work natively, in the host's library, as the program and in Python, and takes reports apart.
//!
//! Nothing here waits longer than [`PATIENCE`]: what hangs is killed, and its test fails with what it said so far.

pub mod artefacts;
pub mod bench;
pub mod ceph;
pub mod files;
pub mod http;
pub mod process;
pub mod proxy;
pub mod python;
pub mod random;
pub mod report;
pub mod runs;
pub mod sample;
pub mod slow_store;
pub mod tree;

use std::time::Duration;

/// The longest that anything here takes: minutes on a machine that does much else, seconds on any other.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// The bucket that is listed.
pub const SOURCE: &str = "orbit-raw";

/// The bucket that reports go to.
pub const DESTINATION: &str = "orbit-reports";
