//! Parses S3 access policies and decides requests by them, offline.
//!
//! [`parse()`] turns a document of one of three dialects into one model and tells everything that is wrong with its form;
//! [`PolicySet`] holds the documents that bear on a request, parsed once; [`PolicySet::decide`] and [`evaluate()`] answer
//! a [`Verdict`]; [`explain_line`] does the same for one line of JSON.
//!
//! What a provider documents is followed; what none documents is decided here, on the side of *unknown* or *denied*,
//! and named in [`Verdict::assumed`]. Nothing here knows of permission boundaries, service or resource control
//! policies, session policies, access control lists, Block Public Access or access points.

pub mod actions;
mod batch;
mod condition;
mod evaluate;
mod fold;
mod input;
pub mod model;
mod parse;
mod pattern;
mod principal;
mod rules;
mod sink;
mod tree;
mod verdict;

pub use batch::explain_line;
pub use evaluate::{PolicySet, evaluate};
pub use input::{CONTEXT_VALUES_MAX, REQUEST_TEXT_BYTES_MAX};
pub use input::{
    ContextEntry, DOCUMENT_BYTES_MAX, Document, DocumentKind, Options, Policies, Principal, Request,
};
pub use parse::{BUCKET_POLICY_BYTES_MAX, parse};
pub use tree::{DEPTH_MAX, Node};
pub use verdict::{Decision, MatchOutcome, TraceStep, Verdict};
