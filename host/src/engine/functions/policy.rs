//! Calls of `stocktake:functions/policy-check`, in plain types.
//!
//! The component reaches nothing, so whatever [`Capabilities`] a call is given, the same question has the same answer.

mod convert;

use stocktake_core::finding::{Dialect, Finding};

use super::super::component::{CallError, Component, Invoked};
use super::super::export::Export;
use super::{call, policy_check};
use crate::capabilities::Capabilities;

pub use stocktake_core::policy::{
    BucketRole, Change, Comparison, ContextEntry, Decision, Delivery, Document, DocumentKind,
    DocumentPatch, JudgedRequest, MatchOutcome, Options, PermissionChange, Policies,
    PreflightReport, Principal, Replacement, Request, TraceStep, Verdict,
};

/// A call comes to no answer with a [`CallError`].
#[expect(clippy::missing_errors_doc, reason = "all of them fail as the block's comment says")]
impl Component {
    /// Calls `policy-check.lint`: everything wrong with one document, in document order.
    pub async fn call_lint(
        &self,
        capabilities: &Capabilities,
        document: &Document,
        dialect: Dialect,
        options: &Options,
    ) -> Result<Invoked<Vec<Finding>>, CallError> {
        let document = policy_check::Document::from(document);
        let (dialect, options) = (super::dialect(dialect), policy_check::Options::from(options));
        let invoked = call!(
            self,
            capabilities,
            PolicyCheck,
            policy_check,
            call_lint(&document, dialect, &options)
        );
        Ok(invoked.map(super::findings))
    }

    /// Calls `policy-check.principal-named`: the principal that one ARN, host name or short form names.
    pub async fn call_principal_named(
        &self,
        capabilities: &Capabilities,
        name: &str,
        dialect: Dialect,
    ) -> Result<Invoked<Principal>, CallError> {
        let (name, dialect) = (name.to_owned(), super::dialect(dialect));
        let invoked = call!(
            self,
            capabilities,
            PolicyCheck,
            policy_check,
            call_principal_named(&name, dialect)
        );
        Ok(invoked.map(Into::into))
    }

    /// Calls `policy-check.evaluate`: decides one request.
    pub async fn call_evaluate(
        &self,
        capabilities: &Capabilities,
        request: &Request,
        policies: &Policies,
        dialect: Dialect,
        options: &Options,
    ) -> Result<Invoked<Verdict>, CallError> {
        let (request, policies) = (request.into(), policies.into());
        let (dialect, options) = (super::dialect(dialect), policy_check::Options::from(options));
        let invoked = call!(
            self,
            capabilities,
            PolicyCheck,
            policy_check,
            call_evaluate(&request, &policies, dialect, &options)
        );
        Ok(invoked.map(Into::into))
    }

    /// Calls `policy-check.preflight`: whether a delivery would work.
    pub async fn call_preflight(
        &self,
        capabilities: &Capabilities,
        delivery: &Delivery,
        dialect: Dialect,
        options: &Options,
    ) -> Result<Invoked<PreflightReport>, CallError> {
        let delivery = policy_check::Delivery::from(delivery);
        let (dialect, options) = (super::dialect(dialect), policy_check::Options::from(options));
        let invoked = call!(
            self,
            capabilities,
            PolicyCheck,
            policy_check,
            call_preflight(&delivery, dialect, &options)
        );
        Ok(invoked.map(Into::into))
    }

    /// Calls `policy-check.compare`: who gains and loses what where a bucket's policy is replaced.
    pub async fn call_compare(
        &self,
        capabilities: &Capabilities,
        replacement: &Replacement,
        dialect: Dialect,
        options: &Options,
    ) -> Result<Invoked<Comparison>, CallError> {
        let convert::Replacement { bucket, role, before, after, organization, principals } =
            replacement.into();
        let (dialect, options) = (super::dialect(dialect), policy_check::Options::from(options));
        let invoked = call!(
            self,
            capabilities,
            PolicyCheck,
            policy_check,
            call_compare(
                &bucket,
                role,
                before.as_ref(),
                after.as_ref(),
                organization.as_deref(),
                &principals,
                dialect,
                &options
            )
        );
        Ok(invoked.map(Into::into))
    }

    /// Calls `policy-check.explain`: answers one question as a line of JSON with another.
    pub async fn call_explain(
        &self,
        capabilities: &Capabilities,
        question: &str,
    ) -> Result<Invoked<String>, CallError> {
        let question = question.to_owned();
        let invoked = call!(self, capabilities, PolicyCheck, policy_check, call_explain(&question));
        Ok(invoked)
    }
}
