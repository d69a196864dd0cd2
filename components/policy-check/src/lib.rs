//! Judges policies before they are applied: what is wrong with them, what they decide, whether a delivery would work, and
//! who loses what where one is replaced.
//!
//! The rules are those of `crates/policy`; here, what a call may hold is bounded, so that no input of strangers takes all
//! memory or time. A breach is a finding of code `PC001`, never an error. Nothing here reads anything, and the world
//! imports nothing; `component.rs` binds it, in wasm builds only.

mod bounds;

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{
    Comparison, Decision, Delivery, Document, Options, Policies, PreflightReport, Principal,
    Replacement, Request, Verdict,
};

pub use stocktake_core::policy::REQUEST;

pub use bounds::{
    BUCKET_BYTES_MAX, COMPARISONS_MAX, CONTEXT_KEYS_MAX, DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX,
    NAMES_MAX, QUESTION_BYTES_MAX, TEXT_BYTES_MAX,
};

/// Finds everything wrong with one document, in document order.
#[must_use]
pub fn lint(document: &Document, dialect: Dialect, options: &Options) -> Vec<Finding> {
    match bounds::lint(document, options) {
        Ok(()) => stocktake_policy::lint(document, dialect, options),
        Err(breach) => vec![breach.finding(dialect)],
    }
}

/// The principal that one ARN, host name or short form names.
#[must_use]
pub fn principal_named(name: &str, dialect: Dialect) -> Principal {
    stocktake_policy::principal_named(name, dialect)
}

/// Decides one request.
#[must_use]
pub fn evaluate(
    request: &Request,
    policies: &Policies,
    dialect: Dialect,
    options: &Options,
) -> Verdict {
    match bounds::evaluate(request, policies, options) {
        Ok(()) => stocktake_policy::evaluate(request, policies, dialect, options),
        Err(breach) => Verdict {
            decision: Decision::InvalidDocument,
            gate: None,
            because: None,
            missing: Vec::new(),
            assumed: Vec::new(),
            trace: Vec::new(),
            findings: vec![breach.finding(dialect)],
        },
    }
}

/// Judges a delivery: every write, and the managers' and readers' own permissions.
#[must_use]
pub fn preflight(delivery: &Delivery, dialect: Dialect, options: &Options) -> PreflightReport {
    match bounds::preflight(delivery, options) {
        Ok(()) => stocktake_policy::preflight(delivery, dialect, options),
        Err(breach) => PreflightReport {
            findings: vec![breach.finding(dialect)],
            ..PreflightReport::default()
        },
    }
}

/// Compares a bucket's policy before and after it is replaced.
#[must_use]
pub fn compare(replacement: &Replacement, dialect: Dialect, options: &Options) -> Comparison {
    match bounds::compare(replacement, options) {
        Ok(()) => stocktake_policy::compare(replacement, dialect, options),
        Err(breach) => {
            Comparison { findings: vec![breach.finding(dialect)], ..Comparison::default() }
        }
    }
}

/// Answers one question as a line of JSON with another, as [`stocktake_policy::explain_line`] does.
#[must_use]
pub fn explain(question: &str) -> String {
    match bounds::question(question) {
        Ok(()) => stocktake_policy::explain_line(question),
        Err(answer) => answer,
    }
}

#[cfg(target_family = "wasm")]
mod component;
