//! Decides a request: judges every statement, then lets the gates of the dialect vote.
//!
//! Sources: "Policy evaluation logic" and "Cross-account policy evaluation logic" in the AWS IAM user guide; "About
//! policies" of `CoreWeave` AI Object Storage; "Access Policy Evaluation Process" of Tencent Cloud COS.

mod asked;
mod judge;
mod ruling;

use std::sync::Arc;

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{Decision, Document, Options, Policies, Request, Verdict};

use crate::model::Policy;
use crate::parse::parse;
use asked::Asked;
use judge::{Gate, Judged};

/// The documents that bear on requests, parsed once.
#[derive(Clone, Debug)]
pub struct PolicySet {
    dialect: Dialect,
    options: Options,
    organization: Option<Vec<Arc<Policy>>>,
    identity: Option<Vec<Arc<Policy>>>,
    bucket: Option<Vec<Arc<Policy>>>,
    is_invalid: bool,
}

/// Decides one request. [`Dialect::Any`] is decided as [`Dialect::Aws`].
///
/// Where several requests meet the same documents, [`PolicySet`] parses them once.
///
/// # Examples
/// ```
/// use stocktake_core::finding::Dialect;
/// use stocktake_policy::{Decision, Options, Policies, Request, evaluate, principal_named};
///
/// let request = Request {
///     principal: principal_named("arn:aws:iam::111111111111:user/u1", Dialect::Aws),
///     action: "s3:GetObject".to_owned(),
///     resource: "arn:aws:s3:::b/k".to_owned(),
///     resource_account: Some("111111111111".to_owned()),
///     context: Vec::new(),
///     context_complete: true,
/// };
/// let none = Policies { identity: Some(vec![]), bucket: Some(vec![]), organization: None };
/// let verdict = evaluate(&request, &none, Dialect::Aws, &Options::default());
/// assert_eq!(verdict.decision, Decision::ImplicitDeny);
/// let unknown = Policies { identity: None, ..none };
/// let verdict = evaluate(&request, &unknown, Dialect::Aws, &Options::default());
/// assert_eq!(verdict.decision, Decision::Indeterminate);
/// assert_eq!(verdict.missing, ["document:identity-policies"]);
/// ```
#[must_use]
pub fn evaluate(
    request: &Request,
    policies: &Policies,
    dialect: Dialect,
    options: &Options,
) -> Verdict {
    PolicySet::parse(policies, dialect, options).decide(request)
}

impl PolicySet {
    /// Parses the documents that count in a dialect: those of the organization do in coreweave alone, where those of the
    /// principal do not.
    #[must_use]
    pub fn parse(policies: &Policies, dialect: Dialect, options: &Options) -> Self {
        let all = |documents: &Option<Vec<Document>>| -> Option<Vec<Arc<Policy>>> {
            let documents = documents.as_ref()?.iter();
            Some(documents.map(|document| Arc::new(parse(document, dialect))).collect())
        };
        let (identity, organization) = match dialect {
            Dialect::Coreweave => (None, all(&policies.organization)),
            Dialect::Any | Dialect::Aws | Dialect::Cos => (all(&policies.identity), None),
        };
        Self::new(dialect, options.clone(), [organization, identity, all(&policies.bucket)])
    }

    /// From parsed documents: those of the organization, of the principal, and of the bucket.
    pub(crate) fn new(
        dialect: Dialect,
        options: Options,
        documents: [Option<Vec<Arc<Policy>>>; 3],
    ) -> Self {
        let is_invalid = documents.iter().flatten().flatten().any(|policy| policy.is_invalid());
        let [organization, identity, bucket] = documents;
        Self { dialect, options, organization, identity, bucket, is_invalid }
    }

    /// Decides one request.
    #[must_use]
    pub fn decide(&self, request: &Request) -> Verdict {
        Verdict { findings: self.findings(), ..self.verdict(request) }
    }

    /// Likewise, without what is wrong with the documents.
    pub(crate) fn verdict(&self, request: &Request) -> Verdict {
        if self.is_invalid {
            return Verdict {
                decision: Decision::InvalidDocument,
                gate: None,
                because: None,
                missing: Vec::new(),
                assumed: Vec::new(),
                trace: Vec::new(),
                findings: Vec::new(),
            };
        }
        let asked = Asked::new(request, self.dialect, &self.options);
        let judged = self.judge(&asked);
        let supplied = [&self.organization, &self.identity, &self.bucket].map(Option::is_some);
        let has_bucket_policy = self.bucket.as_ref().is_none_or(|policies| !policies.is_empty());
        let ruling = ruling::rule(&asked, &judged, supplied, has_bucket_policy);
        ruling.verdict(judged)
    }

    fn judge(&self, asked: &Asked<'_>) -> Vec<Judged> {
        let gates = [
            (Gate::Organization, &self.organization),
            (Gate::Identity, &self.identity),
            (Gate::Bucket, &self.bucket),
        ];
        let policies = gates.into_iter().flat_map(|(gate, policies)| {
            policies.iter().flatten().map(move |policy| (gate, policy))
        });
        let statements = policies.clone().map(|(_, policy)| policy.statements.len()).sum();
        let mut judged = Vec::with_capacity(statements);
        for (gate, policy) in policies {
            let steps = policy.statements.iter();
            judged.extend(steps.map(|statement| judge::judge(asked, gate, policy, statement)));
        }
        judged
    }

    fn findings(&self) -> Vec<Finding> {
        let documents = [&self.organization, &self.identity, &self.bucket];
        let policies = documents.into_iter().flatten().flatten();
        policies.flat_map(|policy| policy.findings.iter().cloned()).collect()
    }
}
