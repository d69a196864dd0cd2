//! What the tests share: the suites that implementations of the capabilities must pass, and the harness that runs
//! reports natively, through the host, as a program and in other hosts.
//!
//! The suites know no particular implementation.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::must_use_candidate,
    reason = "everything here is a test, and a failed one panics"
)]

pub mod conformance;
pub mod harness;
