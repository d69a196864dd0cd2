//! The functions of `policy-check` as the trait that the logic is written against.

use stocktake_core::{finding, policy};

use super::bindings::stocktake::functions::policy_check as check;
use super::functions::{Functions, findings, same};
use crate::PolicyCheck;

impl PolicyCheck for Functions {
    fn lint(
        &self,
        document: &policy::Document,
        dialect: finding::Dialect,
        options: &policy::Options,
    ) -> Vec<finding::Finding> {
        findings(check::lint(&document.into(), dialect.into(), &options.into()))
    }

    fn evaluate(
        &self,
        request: &policy::Request,
        policies: &policy::Policies,
        dialect: finding::Dialect,
        options: &policy::Options,
    ) -> policy::Verdict {
        let policies = check::Policies {
            identity: documents(policies.identity.as_deref()),
            bucket: documents(policies.bucket.as_deref()),
            organization: documents(policies.organization.as_deref()),
        };
        check::evaluate(&request.into(), &policies, dialect.into(), &options.into()).into()
    }

    fn preflight(
        &self,
        delivery: &policy::Delivery,
        dialect: finding::Dialect,
        options: &policy::Options,
    ) -> policy::PreflightReport {
        check::preflight(&delivery.into(), dialect.into(), &options.into()).into()
    }

    fn compare(
        &self,
        replacement: &policy::Replacement,
        dialect: finding::Dialect,
        options: &policy::Options,
    ) -> policy::Comparison {
        let before = replacement.before.as_ref().map(Into::into);
        let after = replacement.after.as_ref().map(Into::into);
        let organization = documents(replacement.organization.as_deref());
        let principals: Vec<check::Principal> =
            replacement.principals.iter().map(Into::into).collect();
        check::compare(
            &replacement.bucket,
            replacement.role.into(),
            before.as_ref(),
            after.as_ref(),
            organization.as_deref(),
            &principals,
            dialect.into(),
            &options.into(),
        )
        .into()
    }
}

fn documents(documents: Option<&[policy::Document]>) -> Option<Vec<check::Document>> {
    documents.map(|documents| documents.iter().map(Into::into).collect())
}

same!(policy::DocumentKind => check::DocumentKind {
    BucketPolicy, IdentityPolicy, OrgPolicy, CamPolicy, TrustPolicy, KeyPolicy, InventoryConfig, LoggingConfig,
    AuditSettings
});
same!(policy::BucketRole => check::BucketRole { Source, Destination, Audit });
same!(check::Decision => policy::Decision {
    Allowed, ExplicitDeny, ImplicitDeny, Indeterminate, InvalidDocument
});
same!(check::MatchOutcome => policy::MatchOutcome { Match, No, Unknown });
same!(check::Change => policy::Change { Lost, Gained, Kept, Uncertain });

impl From<&policy::Document> for check::Document {
    fn from(document: &policy::Document) -> Self {
        let policy::Document { name, kind, text } = document.clone();
        Self { name, kind: kind.into(), text }
    }
}

impl From<&policy::Options> for check::Options {
    fn from(options: &policy::Options) -> Self {
        let policy::Options { aws_star_covers_services, bucket, tool } = options.clone();
        Self { aws_star_covers_services, bucket, tool }
    }
}

impl From<&policy::Principal> for check::Principal {
    fn from(principal: &policy::Principal) -> Self {
        let policy::Principal { arns, short_forms, account, service } = principal.clone();
        Self { arns, short_forms, account, service }
    }
}

impl From<&policy::Request> for check::Request {
    fn from(request: &policy::Request) -> Self {
        let context = request.context.iter().cloned();
        Self {
            principal: (&request.principal).into(),
            action: request.action.clone(),
            resource: request.resource.clone(),
            resource_account: request.resource_account.clone(),
            context: context
                .map(|policy::ContextEntry { key, values }| check::ContextEntry { key, values })
                .collect(),
            context_complete: request.context_complete,
        }
    }
}

impl From<&policy::Delivery> for check::Delivery {
    fn from(delivery: &policy::Delivery) -> Self {
        Self {
            configurations: delivery.configurations.iter().map(Into::into).collect(),
            source: delivery.source.clone(),
            source_account: delivery.source_account.clone(),
            destination_account: delivery.destination_account.clone(),
            source_region: delivery.source_region.clone(),
            destination_region: delivery.destination_region.clone(),
            source_policy: documents(delivery.source_policy.as_deref()),
            destination_policy: documents(delivery.destination_policy.as_deref()),
            organization: documents(delivery.organization.as_deref()),
            identity: documents(delivery.identity.as_deref()),
            role: documents(delivery.role.as_deref()),
            key: documents(delivery.key.as_deref()),
            managers: delivery.managers.iter().map(Into::into).collect(),
            readers: delivery.readers.iter().map(Into::into).collect(),
            at_seconds: delivery.at_seconds,
        }
    }
}

impl From<check::Request> for policy::Request {
    fn from(request: check::Request) -> Self {
        let check::Principal { arns, short_forms, account, service } = request.principal;
        let context = request.context.into_iter();
        Self {
            principal: policy::Principal { arns, short_forms, account, service },
            action: request.action,
            resource: request.resource,
            resource_account: request.resource_account,
            context: context
                .map(|check::ContextEntry { key, values }| policy::ContextEntry { key, values })
                .collect(),
            context_complete: request.context_complete,
        }
    }
}

impl From<check::TraceStep> for policy::TraceStep {
    fn from(step: check::TraceStep) -> Self {
        Self {
            document: step.document.into(),
            index: step.index,
            sid: step.sid.map(Into::into),
            allows: step.allows,
            outcome: step.outcome.into(),
            via_account: step.via_account,
            element: step.element.map(Into::into),
            pointer: step.pointer.map(Into::into),
        }
    }
}

impl From<check::Verdict> for policy::Verdict {
    fn from(verdict: check::Verdict) -> Self {
        Self {
            decision: verdict.decision.into(),
            gate: verdict.gate.map(Into::into),
            because: verdict.because.map(Into::into),
            missing: verdict.missing,
            assumed: verdict.assumed,
            trace: verdict.trace.into_iter().map(Into::into).collect(),
            findings: findings(verdict.findings),
        }
    }
}

impl From<check::JudgedRequest> for policy::JudgedRequest {
    fn from(judged: check::JudgedRequest) -> Self {
        Self { request: judged.request.into(), verdict: judged.verdict.into() }
    }
}

impl From<check::PreflightReport> for policy::PreflightReport {
    fn from(report: check::PreflightReport) -> Self {
        let all = |judged: Vec<check::JudgedRequest>| judged.into_iter().map(Into::into).collect();
        let patches = report.patches.into_iter();
        Self {
            writes: all(report.writes),
            manage: all(report.manage),
            read: all(report.read),
            findings: findings(report.findings),
            patches: patches
                .map(|check::DocumentPatch { document, patch }| policy::DocumentPatch {
                    document,
                    patch,
                })
                .collect(),
        }
    }
}

impl From<check::Comparison> for policy::Comparison {
    fn from(comparison: check::Comparison) -> Self {
        let changes = comparison.changes.into_iter();
        Self {
            changes: changes
                .map(|check::PermissionChange { who, action, change }| policy::PermissionChange {
                    who,
                    action,
                    change: change.into(),
                })
                .collect(),
            findings: findings(comparison.findings),
            locks_out: comparison.locks_out,
        }
    }
}
