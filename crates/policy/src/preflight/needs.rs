//! What a writer needs besides the writes themselves.

use std::sync::Arc;

use stocktake_core::finding::Level;
use stocktake_core::policy::{Decision, DocumentKind, JudgedRequest, Verdict};

use crate::evaluate::PolicySet;
use crate::model::{Policy, Statement};
use crate::patch::{at, extend};
use crate::principal::principal_named;
use crate::rules::{PC203, PC204, PC208, PC209, PC211};
use crate::sink::Draft;
use crate::tree::inline;

use super::Bench;
use super::job::Job;
use super::who::Writer;
use super::writer::{because, decide, would_allow};

/// The first statement that lets a principal do something, with its document.
fn granting<'b>(bench: &'b Bench<'_>, verdict: &Verdict) -> Option<(&'b Policy, &'b Statement)> {
    let step = verdict.because.as_ref()?;
    let policy = bench.destination.iter().flatten().find(|it| it.name == step.document)?;
    let statement = policy.statements.iter().find(|it| it.index == step.index)?;
    Some((policy, statement))
}

/// Whether the writer may abort what it has begun; parts that stay behind cost and are not seen.
pub(super) fn abort(bench: &mut Bench<'_>, set: &PolicySet, job: &Job) {
    let Some(key) = job.keys.get(1) else { return };
    let write = decide(bench, set, job, "s3:PutObject", &job.arn(key));
    let abort = decide(bench, set, job, "s3:AbortMultipartUpload", &job.arn(key));
    if write.verdict.decision != Decision::Allowed || abort.verdict.decision == Decision::Allowed {
        return;
    }
    let message =
        "the writer may not do `s3:AbortMultipartUpload`, so parts of broken uploads stay";
    let draft = match granting(bench, &write.verdict) {
        Some((policy, statement)) => {
            let Some(element) = statement.actions.first() else { return };
            let root = policy.tree.as_ref();
            let more = ["s3:AbortMultipartUpload".to_owned()];
            let is_denied = !would_allow(bench, job, std::slice::from_ref(&abort));
            let patch = root.map(|root| extend(root, &element.pointer, &more)).unwrap_or_default();
            let patch = if is_denied || element.is_negated { Vec::new() } else { patch };
            let draft = Draft::new(PC203, &element.pointer, message).patch(patch);
            match root.and_then(|root| at(root, &element.pointer)) {
                Some(value) => draft.value(value),
                None => draft,
            }
        }
        None => Draft::new(PC203, "", message),
    };
    let document = write.verdict.because.as_ref().map(|step| step.document.clone());
    bench.report(&document.unwrap_or_else(|| bench.destination_name()), draft);
}

/// Whether the writer of audit logs may list their bucket.
pub(super) fn listing(bench: &mut Bench<'_>, set: &PolicySet, job: &Job) -> JudgedRequest {
    let list = decide(bench, set, job, "s3:ListBucket", &job.bucket_arn());
    if list.verdict.decision == Decision::Allowed {
        return list;
    }
    let message = format!(
        "`{}` may not do `s3:ListBucket` on `{}`: {}",
        job.writer.name(),
        job.bucket_arn(),
        because(&list.verdict)
    );
    let key = job.keys.first().map(|key| job.arn(key)).unwrap_or_default();
    let write = decide(bench, set, job, "s3:PutObject", &key);
    let mut document = bench.destination_name();
    let mut draft = Draft::new(PC204, "", message.clone());
    let is_denied = !would_allow(bench, job, std::slice::from_ref(&list));
    if write.verdict.decision == Decision::Allowed
        && let Some((policy, statement)) = granting(bench, &write.verdict)
        && let (Some(actions), Some(resources)) =
            (statement.actions.first(), statement.resources.first())
        && let Some(root) = &policy.tree
    {
        document = policy.name.clone();
        let has_action =
            actions.entries.iter().any(|entry| crate::lint::is_named(&entry.value, "ListBucket"));
        let mut patch = Vec::new();
        if !has_action {
            patch.extend(extend(root, &actions.pointer, &["s3:ListBucket".to_owned()]));
        }
        if !resources.entries.iter().any(|entry| entry.text == job.bucket_arn()) {
            patch.extend(extend(root, &resources.pointer, &[job.bucket_arn()]));
        }
        let is_open = actions.is_negated || resources.is_negated || is_denied;
        let place = if has_action { &resources.pointer } else { &actions.pointer };
        draft = Draft::new(PC204, place, message).patch(if is_open { Vec::new() } else { patch });
    }
    bench.report(&document, draft);
    list
}

/// Whether the key lets the writer encrypt.
pub(super) fn encryption(bench: &mut Bench<'_>, job: &Job) {
    let Some(key) = &job.kms_key else { return };
    let set = PolicySet::new(
        bench.dialect,
        bench.options.clone(),
        [None, Some(Vec::new()), bench.key.clone()],
    );
    let resource =
        if key.starts_with("arn:") { key.clone() } else { format!("arn:aws:kms:::key/{key}") };
    let judged = decide(bench, &set, job, "kms:GenerateDataKey", &resource);
    if judged.verdict.decision == Decision::Allowed {
        return;
    }
    let first = bench.key.as_ref().and_then(|policies| policies.first());
    let document = first.map_or_else(|| Arc::from("key-policy"), |policy| policy.name.clone());
    let message = format!(
        "the key `{}` does not let `{}` do `kms:GenerateDataKey`: {}",
        inline(key),
        job.writer.name(),
        because(&judged.verdict)
    );
    bench.report(&document, Draft::new(PC208, "", message));
}

/// Whether Tencent Cloud's role is there, may be taken by COS, and may write.
pub(super) fn role_of(bench: &mut Bench<'_>, job: &Job, writes: &[JudgedRequest]) {
    let trust: Option<Vec<Arc<Policy>>> = bench.role.as_ref().map(|policies| {
        let trust = policies.iter().filter(|it| it.kind == DocumentKind::TrustPolicy);
        trust.cloned().collect()
    });
    let set = PolicySet::new(
        bench.dialect,
        bench.options.clone(),
        [None, Some(Vec::new()), trust.clone()],
    );
    let mut request = decide(bench, &set, job, "name/sts:AssumeRole", "*").request;
    request.principal = principal_named("cos.cloud.tencent.com", bench.dialect);
    let verdict = set.verdict(&request);
    let document = trust
        .as_ref()
        .and_then(|policies| policies.first())
        .map_or_else(|| Arc::from("role"), |policy| policy.name.clone());
    let advice = "reports are written by a role named `COS_QcsRole`; the console makes it, who uses the API must do so";
    if verdict.decision != Decision::Allowed {
        let message =
            format!("{advice}: `cos.cloud.tencent.com` may not take it, {}", because(&verdict));
        bench.report(&document, Draft::new(PC209, "", message));
        return;
    }
    let refused = writes.iter().find(|it| it.verdict.decision == Decision::ImplicitDeny);
    if let Some(refused) = refused {
        let message = format!("{advice}: it may not do `{}`", refused.request.action);
        bench.report(&document, Draft::new(PC209, "", message));
    }
}

/// Whether the buckets may deliver to each other.
pub(super) fn regions(bench: &mut Bench<'_>, job: &Job) {
    let delivery = bench.delivery;
    if job.writer == Writer::CwAudit {
        return;
    }
    let document = job.document.clone();
    match (&delivery.source_region, &delivery.destination_region) {
        (Some(one), Some(other)) if one != other => {
            let message = format!(
                "source and destination must be in one region, they are in `{}` and `{}`",
                inline(one),
                inline(other)
            );
            bench.report(&document, Draft::new(PC211, "", message));
        }
        (Some(_), Some(_)) => {}
        _ => {
            let message = "source and destination must be in one region, which is not told";
            bench.report(&document, Draft::new(PC211, "", message).level(Level::Info));
        }
    }
    if let (Writer::AwsLogs, Some(one), Some(other)) =
        (job.writer, &delivery.source_account, &delivery.destination_account)
        && one != other
    {
        let message = format!(
            "access logs are delivered within one account, not from `{}` to `{}`",
            inline(one),
            inline(other)
        );
        bench.report(&document, Draft::new(PC211, "", message));
    }
}
