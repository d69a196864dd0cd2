//! Judging policies.

use stocktake_core::finding::{Dialect, Finding};
use stocktake_policy::{
    Comparison, Delivery, Document, Options, Policies, PreflightReport, Replacement, Request,
    Verdict,
};

/// `stocktake:functions/policy-check`. Reads nothing, and the same question always gets the same answer.
///
/// The types are those of `stocktake-policy`, whose functions nobody here calls: a component of its own does, and what is
/// not called is not part of this one. The dialect is never [`Dialect::Any`].
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
    fn compare(
        &self,
        replacement: &Replacement<'_>,
        dialect: Dialect,
        options: &Options,
    ) -> Comparison;
}
