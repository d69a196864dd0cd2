//! Answers HTTP requests: the inventory and policy calls of the S3 API, and a JSON API of our own.
//!
//! [`respond`] is a plain function from a request to its answer. Who is calling is verified here, with identities from
//! the host; what they may do is decided by the policies of both sides. Everything else is done by the functions behind
//! [`Services`]. A request that is refused changes nothing.
//!
//! Nothing here knows about WIT, WASI, sockets or the time of day: the binding hands over the time, the ids, and bodies
//! of at most [`body_limit`] bytes.

mod access;
mod address;
mod api;
mod body;
mod checksum;
mod client;
mod findings;
mod functions;
mod http;
mod policies;
mod preflight;
mod query;
mod router;
mod runs;
mod s3;
mod services;
mod settings;
mod usage;

pub use api::OPENAPI;
pub use body::{POLICY_BYTES_MAX, body_limit};
pub use functions::{
    CancelOutcome, ConfigurationPage, DeleteOutcome, InventoryConfig, InventoryRuns, Judgement,
    PolicyCheck, PreviewOutcome, PutOutcome, RunPage, Seen, StartOutcome, Syntax,
};
pub use http::{Head, Request, Response};
pub use router::respond;
pub use services::{Moment, Services};
pub use settings::{Settings, SettingsError};

#[cfg(target_family = "wasm")]
mod component;
#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "as expect-test writes snapshots")]
#[expect(clippy::too_many_lines, reason = "snapshots are data")]
mod tests;
