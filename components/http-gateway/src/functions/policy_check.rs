//! Judging policies.

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{
    Comparison, Delivery, Document, Options, Policies, PreflightReport, Replacement, Request,
    Verdict,
};

/// `stocktake:functions/policy-check`. Reads nothing, and the same question always gets the same answer.
///
/// A component of its own judges; of `stocktake-policy`, this one has no more than what reads a question. The dialect is never
/// [`Dialect::Any`].
pub trait PolicyCheck {
    /// Finds everything wrong with one document, in document order.
    fn lint(&self, document: &Document, dialect: Dialect, options: &Options) -> Vec<Finding>;

    /// Decides one request. Documents are parsed anew by every call.
    fn evaluate(
        &self,
        request: &Request,
        policies: &Policies,
        dialect: Dialect,
        options: &Options,
    ) -> Verdict;

    /// Judges a delivery: every write, and the managers' and readers' own permissions.
    fn preflight(
        &self,
        delivery: &Delivery,
        dialect: Dialect,
        options: &Options,
    ) -> PreflightReport;

    /// Compares a bucket's policy before and after it is replaced.
    fn compare(&self, replacement: &Replacement, dialect: Dialect, options: &Options)
    -> Comparison;
}
