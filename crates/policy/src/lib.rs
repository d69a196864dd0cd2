//! Parses S3 access policies and decides requests by them, offline.
//!
//! [`parse()`] turns a document of one of three dialects into one model and tells everything that is wrong with its form;
//! [`PolicySet`] holds the documents that bear on a request, parsed once; [`PolicySet::decide`] and [`evaluate()`] answer
//! a [`Verdict`]; [`explain_line`] does the same for one line of JSON.
//!
//! [`lint()`] tells everything that is wrong with one document; [`preflight()`] whether a delivery would work, and what to
//! change; [`compare()`] who gains and loses what where a bucket's policy is replaced. What they are asked and what they
//! answer are types of [`stocktake_core::policy`], which others use without the rules.
//!
//! What a provider documents is followed; what none documents is decided here, on the side of *unknown* or *denied*,
//! and named in [`Verdict::assumed`]. Nothing here knows of permission boundaries, service or resource control
//! policies, session policies, access control lists, Block Public Access or access points.

pub mod actions;
mod batch;
mod compare;
mod condition;
mod configuration;
mod evaluate;
mod fold;
mod limits;
mod lint;
pub mod model;
mod nearest;
mod parse;
mod patch;
mod pattern;
mod preflight;
mod principal;
mod rules;
mod sink;
mod tree;

#[cfg(test)]
mod guides;

pub use batch::explain_line;
pub use compare::{PRINCIPALS_MAX, compare};
pub use evaluate::{PolicySet, evaluate};
pub use limits::{CONTEXT_VALUES_MAX, DOCUMENT_BYTES_MAX, REQUEST_TEXT_BYTES_MAX};
pub use lint::lint;
pub use parse::{BUCKET_POLICY_BYTES_MAX, parse};
pub use preflight::{REPORT_BYTES_MAX, preflight};
pub use principal::principal_named;
pub use stocktake_core::policy::{
    BucketRole, Change, Comparison, ContextEntry, Decision, Delivery, Document, DocumentKind,
    DocumentPatch, JudgedRequest, MatchOutcome, Options, PermissionChange, Policies,
    PreflightReport, Principal, Replacement, Request, TraceStep, Verdict,
};
pub use tree::{DEPTH_MAX, Node};
