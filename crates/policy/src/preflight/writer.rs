//! Whether the writer may write every key.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use stocktake_core::finding::Level;
use stocktake_core::policy::{
    Decision, Document, DocumentKind, JudgedRequest, Request, TraceStep, Verdict,
};

use crate::evaluate::PolicySet;
use crate::lint::{absent_for_services, denies_services, is_of_absent};
use crate::model::Policy;
use crate::parse::parse;
use crate::patch::{add, replace};
use crate::rules::{PC122, PC201, PC202, PC212};
use crate::sink::Draft;
use crate::tree::{Node, inline};

use super::job::{Job, context};
use super::who::Writer;
use super::{Bench, needs};

/// Judges every write of every job.
pub(super) fn check(bench: &mut Bench<'_>) -> Vec<JudgedRequest> {
    let jobs = bench.jobs.clone();
    let mut all = Vec::new();
    for job in &jobs {
        let role: Option<Vec<Arc<Policy>>> = bench.role.as_ref().map(|policies| {
            let attached = policies.iter().filter(|it| it.kind != DocumentKind::TrustPolicy);
            attached.cloned().collect()
        });
        let identity = if job.writer == Writer::CosRole { role } else { Some(Vec::new()) };
        let set = bench.set(bench.destination.as_ref(), identity.as_ref());
        let mut writes = Vec::new();
        for key in &job.keys {
            for action in job.writer.actions() {
                writes.push(decide(bench, &set, job, action, &job.arn(key)));
            }
        }
        told(bench, job, &writes);
        match job.writer {
            Writer::CwInventory => needs::abort(bench, &set, job),
            Writer::CwAudit => writes.push(needs::listing(bench, &set, job)),
            Writer::AwsInventory => needs::encryption(bench, job),
            Writer::CosRole => needs::role_of(bench, job, &writes),
            Writer::AwsLogs => {}
        }
        needs::regions(bench, job);
        let skips = |it: &JudgedRequest| {
            it.verdict.assumed.iter().any(|tag| tag == "cw-service-skips-org-gate")
        };
        if writes.iter().any(skips) {
            let message = "the organization's policies are taken not to bind the writer, \
                           which the provider does not document";
            let document = bench.destination_name();
            bench.report(&document, Draft::new(PC212, "", message));
        }
        all.extend(writes);
    }
    all
}

pub(super) fn decide(
    bench: &Bench<'_>,
    set: &PolicySet,
    job: &Job,
    action: &str,
    resource: &str,
) -> JudgedRequest {
    let request = Request {
        principal: job.writer.principal(bench),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: bench.delivery.destination_account.clone(),
        context: context(bench, job),
        context_complete: false,
    };
    let verdict = set.verdict(&request);
    JudgedRequest { request, verdict }
}

/// The statement that decides or comes close. One that is for others does neither.
pub(super) fn closest(verdict: &Verdict) -> Option<&TraceStep> {
    let is_for_others = |step: &&TraceStep| {
        verdict.decision == Decision::ImplicitDeny
            && matches!(step.element.as_deref(), Some("Principal" | "NotPrincipal"))
    };
    verdict.because.as_ref().filter(|step| !is_for_others(step))
}

/// Why something is not allowed, in words.
pub(crate) fn because(verdict: &Verdict) -> String {
    match (closest(verdict), verdict.decision) {
        (_, Decision::InvalidDocument) => "a policy cannot be read".to_owned(),
        (Some(step), Decision::ExplicitDeny) => {
            let sid = step.sid.as_deref().map(|sid| format!(" `{}`", inline(sid)));
            format!("statement {}{} denies it", step.index, sid.unwrap_or_default())
        }
        (Some(step), decision) => {
            let sid = step.sid.as_deref().map(|sid| format!(" `{}`", inline(sid)));
            let element = step.element.as_deref().unwrap_or("no element");
            let how =
                if decision == Decision::Indeterminate { "may not hold" } else { "does not hold" };
            let missing = if verdict.missing.is_empty() {
                String::new()
            } else {
                format!("; not known: {}", inline(&verdict.missing.join(", ")))
            };
            format!(
                "of statement {}{} `{element}` {how}{missing}",
                step.index,
                sid.unwrap_or_default()
            )
        }
        (None, Decision::Indeterminate) => {
            format!("not known: {}", inline(&verdict.missing.join(", ")))
        }
        (None, _) => "no statement allows it".to_owned(),
    }
}

/// The level of what is not allowed.
pub(super) fn level(verdict: &Verdict) -> Level {
    if verdict.decision == Decision::Indeterminate { Level::Warning } else { Level::Error }
}

/// What is not allowed, once for each reason.
fn told(bench: &mut Bench<'_>, job: &Job, writes: &[JudgedRequest]) {
    let refused = writes.iter().filter(|it| it.verdict.decision != Decision::Allowed);
    let mut reasons: BTreeSet<(String, String)> = BTreeSet::new();
    let is_refused = writes.iter().any(|it| it.verdict.decision != Decision::Allowed);
    let is_another = is_refused && wrong_writer(bench, job);
    for JudgedRequest { request, verdict } in refused {
        let reason = because(verdict);
        if !reasons.insert((request.action.clone(), reason.clone())) {
            continue;
        }
        let (document, pointer) = match closest(verdict) {
            Some(step) => (step.document.clone(), step.pointer.clone().unwrap_or_default()),
            None => (bench.destination_name(), Arc::from("")),
        };
        let pointer = match (&verdict.because, verdict.decision) {
            (Some(_), Decision::ExplicitDeny) => statement_pointer(bench, verdict),
            _ => pointer.to_string(),
        };
        if verdict.decision == Decision::ExplicitDeny {
            absent(bench, verdict);
        }
        let probe = if job.writer == Writer::CwInventory {
            "; the write is probed when the configuration is put, which is then refused"
        } else {
            ""
        };
        let message = format!(
            "`{}` may not do `{}` on `{}`: {reason}{probe}",
            job.writer.name(),
            request.action,
            inline(&request.resource)
        );
        let mut draft = Draft::new(PC201, &pointer, message).level(level(verdict));
        if document == bench.destination_name() && verdict.decision == Decision::ImplicitDeny {
            draft = draft.suggest(&statement(bench, job));
            if !is_another && reasons.len() == 1 && would_allow(bench, job, writes) {
                draft = draft.patch(appended(bench, job));
            }
        }
        bench.report(&document, draft);
    }
    let allowed = writes.iter().filter(|it| it.verdict.decision == Decision::Allowed).count();
    if !reasons.is_empty() && allowed > 0 {
        let message = format!(
            "{allowed} of {} writes are allowed and the others are not, so a report would be incomplete",
            writes.len()
        );
        let document = bench.destination_name();
        bench.report(&document, Draft::new(PC202, "", message));
    }
}

/// Tells of a denial that only those escape who have a key that no service has.
fn absent(bench: &mut Bench<'_>, verdict: &Verdict) {
    let Some(step) = &verdict.because else { return };
    let policies = bench.destination.iter().flatten().filter(|it| it.name == step.document);
    let statements = policies.flat_map(|it| &it.statements).filter(|it| it.index == step.index);
    let conditions = statements.flat_map(|it| &it.conditions).filter(|it| is_of_absent(it));
    let found: Vec<Draft> = conditions.map(absent_for_services).collect();
    for draft in found {
        bench.report(&step.document, draft);
    }
}

/// Where the statement of a verdict stands.
pub(super) fn statement_pointer(bench: &Bench<'_>, verdict: &Verdict) -> String {
    let Some(step) = &verdict.because else { return String::new() };
    let lists = [
        &bench.source,
        &bench.destination,
        &bench.organization,
        &bench.identity,
        &bench.role,
        &bench.key,
    ];
    let mut policies = lists.into_iter().flatten().flatten().filter(|it| it.name == step.document);
    let found = policies.find_map(|policy| {
        policy.statements.iter().find(|statement| statement.index == step.index)
    });
    found.map_or_else(String::new, |statement| statement.pointer.to_string())
}

/// The statement that lets the writer write, and nothing else.
fn statement(bench: &Bench<'_>, job: &Job) -> Json {
    let resource = job.tight();
    match job.writer {
        Writer::AwsInventory | Writer::AwsLogs => {
            let source = format!("{}{}", job.before, bench.delivery.source);
            let mut equals = serde_json::Map::new();
            if let Some(account) = &bench.delivery.source_account {
                equals.insert("aws:SourceAccount".to_owned(), json!(account));
            }
            if job.writer == Writer::AwsInventory {
                equals.insert("s3:x-amz-acl".to_owned(), json!("bucket-owner-full-control"));
            }
            json!({"Sid": "StocktakeDelivery", "Effect": "Allow", "Principal": {"Service": job.writer.name()},
                "Action": "s3:PutObject", "Resource": resource,
                "Condition": {"ArnLike": {"aws:SourceArn": source}, "StringEquals": equals}})
        }
        Writer::CwInventory => {
            json!({"Sid": "StocktakeDelivery", "Effect": "Allow", "Principal": {"CW": job.writer.name()},
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": resource})
        }
        Writer::CwAudit => {
            json!({"Sid": "StocktakeDelivery", "Effect": "Allow", "Principal": {"CW": job.writer.name()},
                "Action": ["s3:ListBucket", "s3:PutObject"], "Resource": [job.bucket_arn(), resource]})
        }
        Writer::CosRole => Json::Null,
    }
}

/// Whether requests would all be allowed if the destination's policy had the statement too.
pub(super) fn would_allow(bench: &Bench<'_>, job: &Job, requests: &[JudgedRequest]) -> bool {
    if bench.destination.iter().flatten().any(|it| denies_services(it)) {
        return false;
    }
    let statement = statement(bench, job);
    let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let document = Document { name: String::new(), kind: DocumentKind::BucketPolicy, text };
    let mut policies = bench.destination.clone().unwrap_or_default();
    policies.push(Arc::new(parse(&document, bench.dialect)));
    let set = bench.set(Some(&policies), Some(&Vec::new()));
    requests.iter().all(|it| set.verdict(&it.request).decision == Decision::Allowed)
}

/// Adds the statement to the destination's policy.
fn appended(bench: &Bench<'_>, job: &Job) -> Vec<Json> {
    let statement = statement(bench, job);
    let Some(policy) = bench.destination.as_ref().and_then(|policies| policies.first()) else {
        return Vec::new();
    };
    let Some(root) = &policy.tree else { return Vec::new() };
    if statement.is_null() || policy.is_invalid() {
        return Vec::new();
    }
    match root.member("Statement") {
        Some(Node::List(_)) => vec![add("/Statement/-", statement)],
        Some(one @ Node::Object(_)) => {
            let Ok(one) = serde_json::from_str::<Json>(&one.to_string()) else { return Vec::new() };
            vec![replace("/Statement", json!([one, statement]))]
        }
        _ => Vec::new(),
    }
}

/// Tells of a grant that names the writer of another job, if there is one.
fn wrong_writer(bench: &mut Bench<'_>, job: &Job) -> bool {
    let (Some(other), name) = (job.writer.other(), job.writer.name()) else { return false };
    let mut found = Vec::new();
    for policy in bench.destination.iter().flatten() {
        for statement in policy.statements.iter().filter(|statement| statement.allows) {
            for element in statement.principals.iter().filter(|element| !element.is_negated) {
                if element.entries.iter().any(|entry| entry.text == name) {
                    continue;
                }
                let entries = element.entries.iter().filter(|entry| entry.text == other);
                found.extend(entries.map(|entry| {
                    (policy.name.clone(), format!("{}{}", element.pointer, entry.suffix))
                }));
            }
        }
    }
    let is_found = !found.is_empty();
    for (document, pointer) in found {
        let message = format!("`{other}` writes something else; these are written by `{name}`");
        let mut patch = vec![replace(&pointer, name)];
        patch.retain(|_| !bench.destination.iter().flatten().any(|it| denies_services(it)));
        let draft = Draft::new(PC122, &pointer, message).value(&Node::Text(other.to_owned()));
        bench.report(&document, draft.suggest(&name.into()).patch(patch));
    }
    is_found
}
