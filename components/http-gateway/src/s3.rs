//! The S3 API: what it answers, and in which words.

mod buckets;
mod creation;
mod error;
mod inventory;
mod location;
mod lockout;
mod once;
mod policy;
mod refusal;
mod routes;
mod xml;

pub(crate) use buckets::exists;
pub(crate) use error::{About, Code, Error};
pub(crate) use inventory::no_such_configuration;
use refusal::refused;
pub(crate) use routes::{Limit, bucket, limit, service};

/// The namespace of S3's API.
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
