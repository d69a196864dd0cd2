//! An S3 endpoint as a store: [`Objects`](stocktake_capabilities::Objects),
//! [`Uploads`](stocktake_capabilities::Uploads), [`Buckets`](stocktake_capabilities::Buckets) and
//! [`BucketCreation`](stocktake_capabilities::BucketCreation) on AWS's SDK.
//!
//! - [`S3Endpoint`] says where a store is; keys come from where AWS's tools take them.
//! - [`S3Store`] is the store. Its methods block, so they are called from threads that may.
//!
//! Every promise of the capabilities holds for stores that do what Amazon documents for S3. Where a store cannot do a
//! thing, the error says which call it refused and what to do instead. An answer is taken whole or not at all: the SDK
//! sends requests, and what comes back is bounded and read here.

mod ahead;
mod answers;
mod buckets;
mod connect;
mod endpoint;
mod failure;
mod head;
mod listing;
mod names;
mod objects;
mod requests;
mod retries;
#[cfg(test)]
mod tests;
mod uploads;
mod whole;

pub use connect::{BucketError, ConnectError, S3Keys, S3Store};
pub use endpoint::{EndpointError, Etags, S3Endpoint};
