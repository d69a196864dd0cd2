//! Managers and readers.

use std::collections::BTreeSet;
use std::sync::Arc;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{ContextEntry, Decision, JudgedRequest, Principal, Request};

use crate::evaluate::PolicySet;
use crate::model::{Policy, PrincipalEntry};
use crate::principal::{is_coreweave_writer, principal_named};
use crate::rules::{PC302, PC304, PC305, PC310};
use crate::sink::Draft;
use crate::tree::inline;

use super::Bench;
use super::job::Job;
use super::who::Writer;
use super::writer::{because, closest, level, statement_pointer};

/// What it takes to put, list, get and delete a configuration.
pub(super) fn manage_actions(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        // Putting deletes, and getting lists.
        Dialect::Any | Dialect::Aws => {
            &["s3:PutInventoryConfiguration", "s3:GetInventoryConfiguration"]
        }
        Dialect::Coreweave => &[
            "s3:PutInventoryConfiguration",
            "s3:ListInventoryConfigurations",
            "s3:GetInventoryConfiguration",
            "s3:DeleteInventoryConfiguration",
        ],
        Dialect::Cos => &[
            "name/cos:PutBucketInventory",
            "name/cos:GetBucketInventory",
            "name/cos:DeleteBucketInventory",
            "name/cos:PostBucketInventory",
        ],
    }
}

/// How a principal is called in messages.
pub(crate) fn name_of(principal: &Principal) -> &str {
    let mut names = principal.arns.iter().chain(&principal.short_forms);
    names.next().or(principal.service.as_ref()).map_or("everybody", String::as_str)
}

/// The ARN of the source, as a policy names it.
fn source_arn(bench: &Bench<'_>) -> String {
    let source = &bench.delivery.source;
    let region = bench.delivery.source_region.as_deref().unwrap_or_default();
    match bench.dialect {
        Dialect::Cos => {
            let appid = source.rsplit_once('-').map_or("", |(_, appid)| appid);
            format!("qcs::cos:{region}:uid/{appid}:{source}")
        }
        _ => format!("arn:aws:s3:::{source}"),
    }
}

fn decide(
    set: &PolicySet,
    principal: &Principal,
    action: &str,
    resource: String,
    account: Option<String>,
    context: Vec<ContextEntry>,
) -> JudgedRequest {
    let request = Request {
        principal: principal.clone(),
        action: action.to_owned(),
        resource,
        resource_account: account,
        context,
        context_complete: false,
    };
    let verdict = set.verdict(&request);
    JudgedRequest { request, verdict }
}

/// Who asks in `CoreWeave` asks as one of the organization.
pub(crate) fn organization_of(dialect: Dialect, principal: &Principal) -> Vec<ContextEntry> {
    let account = principal.account.as_ref().filter(|_| dialect == Dialect::Coreweave);
    let entry = |account: &String| ContextEntry {
        key: "cw:PrincipalOrgID".to_owned(),
        values: vec![account.clone()],
    };
    account.map(entry).into_iter().collect()
}

/// The fields that the configurations ask for, each once: a condition on them looks at the set.
pub(super) fn fields(bench: &Bench<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = bench.jobs.iter().flat_map(|job| &job.fields);
    all.filter(|field| seen.insert(field.as_str())).cloned().collect()
}

/// Who shall read what is delivered: where nobody is told, those whom a policy of `CoreWeave` names.
pub(super) fn readers(bench: &Bench<'_>) -> Vec<Principal> {
    let told = &bench.delivery.readers;
    if told.is_empty() && bench.dialect == Dialect::Coreweave {
        return named(bench.destination.iter().flatten().map(Arc::as_ref), bench.dialect);
    }
    told.clone()
}

/// Judges what managers must be able to do.
pub(super) fn manage(bench: &mut Bench<'_>) -> Vec<JudgedRequest> {
    let is_inventory = |job: &Job| !matches!(job.writer, Writer::AwsLogs | Writer::CwAudit);
    if !bench.jobs.iter().any(is_inventory) {
        return Vec::new();
    }
    let set = bench.set(bench.source.as_ref(), bench.identity.as_ref());
    let fields = fields(bench);
    let mut all = Vec::new();
    for manager in &bench.delivery.managers {
        for action in manage_actions(bench.dialect) {
            let mut context = organization_of(bench.dialect, manager);
            if *action == "s3:PutInventoryConfiguration" {
                let key = "s3:InventoryAccessibleOptionalFields".to_owned();
                context.push(ContextEntry { key, values: fields.clone() });
            }
            let account = bench.delivery.source_account.clone();
            let judged = decide(&set, manager, action, source_arn(bench), account, context);
            refused(bench, manager, &judged);
            all.push(judged);
        }
    }
    all
}

fn refused(bench: &mut Bench<'_>, manager: &Principal, judged: &JudgedRequest) {
    let JudgedRequest { request, verdict } = judged;
    if verdict.decision == Decision::Allowed {
        return;
    }
    let (document, pointer) = match closest(verdict) {
        Some(step) => (step.document.clone(), step.pointer.clone().unwrap_or_default()),
        None => (bench.source_name(), Arc::from("")),
    };
    let is_denied = verdict.decision == Decision::ExplicitDeny;
    let pointer = if is_denied { statement_pointer(bench, verdict) } else { pointer.to_string() };
    let message = format!(
        "`{}` may not do `{}` on `{}`, by the gate `{}`: {}",
        inline(name_of(manager)),
        request.action,
        inline(&request.resource),
        verdict.gate.as_deref().unwrap_or("none"),
        because(verdict)
    );
    let draft = Draft::new(PC305, &pointer, message).level(level(verdict));
    bench.report(&document, draft);
    if is_denied {
        let message = format!(
            "the statement denies `{}` to `{}`, who manages the bucket",
            request.action,
            inline(name_of(manager))
        );
        bench.report(&document, Draft::new(PC304, &pointer, message));
    }
}

/// Those whom a policy of `CoreWeave` names and who are no writers.
pub(crate) fn named<'p>(
    policies: impl Iterator<Item = &'p Policy>,
    dialect: Dialect,
) -> Vec<Principal> {
    let (mut texts, mut seen) = (Vec::new(), BTreeSet::new());
    for statement in policies.flat_map(|policy| &policy.statements) {
        for element in statement.principals.iter().filter(|element| !element.is_negated) {
            for entry in &element.entries {
                let is_somebody = match entry.value {
                    PrincipalEntry::Exactly | PrincipalEntry::Role | PrincipalEntry::Account(_) => {
                        true
                    }
                    PrincipalEntry::Everyone
                    | PrincipalEntry::Prefix(_)
                    | PrincipalEntry::Service
                    | PrincipalEntry::Nobody => false,
                };
                if is_somebody
                    && !is_coreweave_writer(&entry.text)
                    && seen.insert(entry.text.as_str())
                {
                    texts.push(entry.text.as_str());
                }
            }
        }
    }
    texts.into_iter().map(|text| principal_named(text, dialect)).collect()
}

/// Judges what readers must be able to do.
pub(super) fn read(bench: &mut Bench<'_>) -> Vec<JudgedRequest> {
    let readers = readers(bench);
    let Some(job) = bench.jobs.first().cloned() else { return Vec::new() };
    let (list, get) = match bench.dialect {
        Dialect::Cos => ("name/cos:GetBucket", "name/cos:GetObject"),
        _ => ("s3:ListBucket", "s3:GetObject"),
    };
    let set = bench.set(bench.destination.as_ref(), bench.identity.as_ref());
    let mut all = Vec::new();
    let mut can_any = readers.is_empty();
    let mut keys: Vec<String> = bench.jobs.iter().flat_map(|job| job.keys.clone()).collect();
    keys.retain(|key| !key.ends_with('/'));
    for reader in &readers {
        let account = bench.delivery.destination_account.clone();
        let mut context = organization_of(bench.dialect, reader);
        let ask = |action, resource, context: &[ContextEntry]| {
            decide(&set, reader, action, resource, account.clone(), context.to_vec())
        };
        let gets: Vec<JudgedRequest> =
            keys.iter().map(|key| ask(get, job.arn(key), &context)).collect();
        context
            .push(ContextEntry { key: "s3:prefix".to_owned(), values: vec![job.prefix.clone()] });
        let lists = ask(list, job.bucket_arn(), &context);
        let is_open = |it: &JudgedRequest| {
            matches!(it.verdict.decision, Decision::Allowed | Decision::Indeterminate)
        };
        let may_get = gets.iter().all(is_open);
        can_any |= may_get;
        let may_list = is_open(&lists);
        if may_get != may_list {
            let failed = if may_list { gets.iter().find(|it| !is_open(it)) } else { Some(&lists) };
            let (can, cannot) = if may_list { (list, get) } else { (get, list) };
            let message = format!(
                "`{}` may do `{can}` and not `{cannot}`: {}",
                inline(name_of(reader)),
                failed.map(|it| because(&it.verdict)).unwrap_or_default()
            );
            let step = failed.and_then(|it| closest(&it.verdict).cloned());
            let document = step.as_ref().map(|step| step.document.clone());
            let document = document.unwrap_or_else(|| bench.destination_name());
            let pointer = step.and_then(|step| step.pointer).unwrap_or_default();
            bench.report(&document, Draft::new(PC310, &pointer, message));
        }
        all.extend(gets);
        all.push(lists);
    }
    if !can_any {
        let document = bench.destination_name();
        let message = "nobody who shall read what is delivered may get it";
        bench.report(&document, Draft::new(PC302, "", message));
    }
    all
}
