//! Judging policies with `stocktake-policy`.

use stocktake_core::finding::{Dialect, Finding};
use stocktake_policy::{
    ContextEntry, Decision as Decided, Document, DocumentKind, Options, Policies,
    Principal as Asker, Request, TraceStep, evaluate, parse,
};

use super::question::{Authorizer, Decision, Principal, Question, Ruling};

/// Judges policies natively.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyEngine;

impl Authorizer for PolicyEngine {
    fn decide(&self, question: &Question) -> Ruling {
        let Question { principal, dialect, .. } = question;
        let Principal { arns, short_forms, account, service } = principal.clone();
        let context = question.context.iter().cloned();
        let request = Request {
            principal: Asker { arns, short_forms, account, service },
            action: question.action.clone(),
            resource: question.resource.clone(),
            resource_account: question.resource_account.clone(),
            context: context.map(|(key, values)| ContextEntry { key, values }).collect(),
            context_complete: false,
        };
        let (kind, is_organization) = match dialect {
            Dialect::Any | Dialect::Aws => (DocumentKind::IdentityPolicy, false),
            Dialect::Coreweave => (DocumentKind::OrgPolicy, true),
            Dialect::Cos => (DocumentKind::CamPolicy, false),
        };
        let own = question.own.iter().enumerate();
        let own = own.map(|(index, text)| document(format!("own-policy-{index}"), kind, text));
        let (own, none) = (Some(own.collect()), Some(Vec::new()));
        let bucket = question.bucket.iter().map(|text| bucket_policy(text)).collect();
        let (identity, organization) = if is_organization { (none, own) } else { (own, none) };
        let policies = Policies { identity, bucket: Some(bucket), organization };
        let options = Options { bucket: question.bucket_name.clone(), ..Options::default() };
        let verdict = evaluate(&request, &policies, *dialect, &options);
        let gate = verdict.gate.map(|gate| format!("gate {gate}"));
        let because = verdict.because.as_ref().map(statement);
        let findings = verdict.findings.first().map(|finding| finding.message.clone());
        let findings = findings.filter(|_| verdict.decision == Decided::InvalidDocument);
        let reasons: Vec<String> = [gate, because, findings].into_iter().flatten().collect();
        Ruling {
            decision: match verdict.decision {
                Decided::Allowed => Decision::Allowed,
                Decided::ExplicitDeny => Decision::ExplicitDeny,
                Decided::ImplicitDeny => Decision::ImplicitDeny,
                Decided::Indeterminate => Decision::Indeterminate,
                Decided::InvalidDocument => Decision::InvalidDocument,
            },
            missing: verdict.missing,
            reason: reasons.join(", "),
        }
    }

    fn lint(&self, policy: &str, _: &str, dialect: Dialect) -> Vec<Finding> {
        parse(&bucket_policy(policy), dialect).findings
    }
}

fn bucket_policy(text: &str) -> Document {
    document("bucket-policy".to_owned(), DocumentKind::BucketPolicy, text)
}

fn document(name: String, kind: DocumentKind, text: &str) -> Document {
    Document { name, kind, text: text.to_owned() }
}

fn statement(step: &TraceStep) -> String {
    let TraceStep { document, index, element, .. } = step;
    match element {
        Some(element) => format!("statement {index} of {document} at {element}"),
        None => format!("statement {index} of {document}"),
    }
}
