//! Whole requests through the router, with the real functions behind it.

mod access;
mod api;
mod buckets;
mod checksums;
mod circumstances;
mod delivery;
mod description;
mod functions;
mod hostile;
mod inventory;
mod judging;
mod malice;
mod once;
mod policy;
mod policy_put;
mod races;
mod refusals;
mod roundtrip;
mod world;
