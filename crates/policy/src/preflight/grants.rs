//! Grants to the writer: whether they are bound to the source and to the reports.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use stocktake_core::finding::Level;
use stocktake_core::policy::{Decision, DocumentKind, JudgedRequest};

use crate::condition::{Operator, Set};
use crate::fold;
use crate::lint::{covers_some, is_named, name_part};
use crate::model::{Policy, Statement};
use crate::patch::{add, at, replace};
use crate::rules::{PC205, PC206, PC207, PC210, PC401};
use crate::sink::Draft;
use crate::tree::{Node, child, inline};

use super::Bench;
use super::who::Writer;

/// Judges the statements of the destination's policy that name the writer.
pub(super) fn check(bench: &mut Bench<'_>, writes: &[JudgedRequest]) {
    let policies = bench.destination.clone().unwrap_or_default();
    let jobs: Vec<Writer> = bench.jobs.iter().map(|job| job.writer).collect();
    let is_all_allowed = writes.iter().all(|it| it.verdict.decision == Decision::Allowed);
    for policy in &policies {
        let Some(root) = &policy.tree else { continue };
        for statement in policy.statements.iter().filter(|statement| statement.allows) {
            if !is_all_allowed && is_meant(statement, &jobs) {
                bound(bench, policy, root, statement);
            }
            let mut entries = statement.principals.iter().flat_map(|element| &element.entries);
            let by = jobs.iter().find(|by| entries.clone().any(|it| it.text == by.name()));
            let mut actions = statement.actions.iter().flat_map(|element| &element.entries);
            let is_write = actions.any(|entry| is_named(&entry.value, "PutObject"));
            let Some(by) = by.filter(|_| entries.next().is_some() && is_write) else { continue };
            if matches!(by, Writer::AwsInventory | Writer::AwsLogs) {
                unbound(bench, policy, root, statement);
            }
            if *by == Writer::AwsInventory && !has_key(statement, "s3:x-amz-acl") {
                let wanted = [("StringEquals", "s3:x-amz-acl", json!("bucket-owner-full-control"))];
                let message =
                    "without a condition on `s3:x-amz-acl` the writer might own what it writes";
                let draft = Draft::new(PC207, &statement.pointer, message);
                bench.report(&policy.name, draft.patch(tested(root, statement, &wanted)));
            }
            wide(bench, policy, statement);
        }
    }
    of_role(bench);
    protection(bench, &policies);
}

/// Judges the policies of the role that writes in Tencent Cloud.
fn of_role(bench: &mut Bench<'_>) {
    if !bench.jobs.iter().any(|job| job.writer == Writer::CosRole) {
        return;
    }
    for policy in bench.role.clone().unwrap_or_default() {
        if policy.kind == DocumentKind::TrustPolicy {
            continue;
        }
        for statement in policy.statements.iter().filter(|statement| statement.allows) {
            let mut actions = statement.actions.iter().flat_map(|element| &element.entries);
            if actions.any(|entry| is_named(&entry.value, "PutObject")) {
                wide(bench, &policy, statement);
            }
        }
    }
}

/// Whether a statement is for a writer of AWS, or names what is taken for one.
fn is_meant(statement: &Statement, jobs: &[Writer]) -> bool {
    let mut texts =
        statement.principals.iter().flat_map(|it| &it.entries).map(|it| it.text.as_str());
    let jobs = jobs.iter().filter(|by| matches!(by, Writer::AwsInventory | Writer::AwsLogs));
    let mut names = jobs.flat_map(|by| [Some(by.name()), by.other()]).flatten().peekable();
    names.peek().is_some()
        && texts
            .any(|text| text.starts_with("arn:aws:s3:::") || names.clone().any(|name| name == text))
}

fn has_key(statement: &Statement, key: &str) -> bool {
    statement.conditions.iter().any(|condition| fold::same(&condition.key, key))
}

/// Adds tests to a statement.
fn tested(root: &Node, statement: &Statement, tests: &[(&str, &str, Json)]) -> Vec<Json> {
    let base = format!("{}/Condition", statement.pointer);
    let mut new = serde_json::Map::new();
    let mut operations = Vec::new();
    let condition = at(root, &base);
    for (operator, key, value) in tests {
        let place = child(&base, operator);
        if condition.is_some() && at(root, &place).is_some() {
            operations.push(add(&child(&place, key), value.clone()));
        } else if condition.is_some() {
            operations.push(add(&place, json!({*key: value})));
        } else {
            new.insert((*operator).to_owned(), json!({*key: value}));
        }
    }
    if !new.is_empty() {
        operations.push(add(&base, Json::Object(new)));
    }
    operations
}

/// Tells of a grant to a service that is for every source.
fn unbound(bench: &mut Bench<'_>, policy: &Policy, root: &Node, statement: &Statement) {
    let delivery = bench.delivery;
    let Some(arn) = source_arn(bench) else { return };
    if !has_key(statement, "aws:SourceArn") && !has_key(statement, "aws:SourceAccount") {
        let mut wanted = vec![("ArnLike", "aws:SourceArn", json!(arn))];
        if let Some(account) = &delivery.source_account {
            wanted.push(("StringEquals", "aws:SourceAccount", json!(account)));
        }
        let message = "the service writes here for whoever asks it to: neither `aws:SourceArn` nor \
                       `aws:SourceAccount` is tested";
        let draft = Draft::new(PC205, &statement.pointer, message);
        bench.report(&policy.name, draft.patch(tested(root, statement, &wanted)));
    }
}

fn source_arn(bench: &Bench<'_>) -> Option<String> {
    let source = &bench.delivery.source;
    bench.jobs.first().map(|job| format!("{}{source}", job.before))
}

/// Tells of a grant to a service that is for another source.
fn bound(bench: &mut Bench<'_>, policy: &Policy, root: &Node, statement: &Statement) {
    let delivery = bench.delivery;
    let Some(arn) = source_arn(bench) else { return };
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else { continue };
        let known = if fold::same(&condition.key, "aws:SourceArn") {
            Some(arn.clone())
        } else if fold::same(&condition.key, "aws:SourceAccount") {
            delivery.source_account.clone()
        } else {
            None
        };
        let Some(known) = known else { continue };
        let circumstances = One { key: &condition.key, values: [known] };
        let mut missing = Vec::new();
        let truth = crate::condition::holds(condition, &circumstances, &mut missing);
        if truth == crate::condition::Truth::No && is_plain(operator) {
            let [known] = &circumstances.values;
            let message =
                format!("the grant is for another source; this one is `{}`", inline(known));
            let draft = Draft::new(PC206, &condition.pointer, message).suggest(&json!(known));
            bench.report(
                &policy.name,
                match at(root, &condition.pointer) {
                    Some(value) => draft.value(value),
                    None => draft,
                },
            );
        }
    }
}

fn is_plain(operator: Operator) -> bool {
    operator.set == Set::None
}

/// One key with one value.
struct One<'k> {
    key: &'k str,
    values: [String; 1],
}

impl crate::condition::Circumstances for One<'_> {
    fn known(&self, key: &str) -> crate::condition::Known<'_> {
        if fold::same(key, self.key) {
            crate::condition::Known::Set(&self.values)
        } else {
            crate::condition::Known::Unknown
        }
    }
}

/// Whether a grant holds more of the destination than the reports.
fn wide(bench: &mut Bench<'_>, policy: &Policy, statement: &Statement) {
    let Some(job) = bench.jobs.first().cloned() else { return };
    let Some(element) = statement.resources.first().filter(|element| !element.is_negated) else {
        return;
    };
    let mut tight: Vec<String> = Vec::new();
    for job in &bench.jobs {
        if !tight.contains(&job.tight()) {
            tight.push(job.tight());
        }
    }
    let is_wide = |text: &str| {
        let is_here = name_part(text).is_none_or(|part| covers_some(part, &job.bucket));
        let is_bucket = text == job.bucket_arn();
        let mut prefixes = tight.iter().filter_map(|tight| tight.strip_suffix('*'));
        is_here && !is_bucket && !prefixes.any(|prefix| text.starts_with(prefix))
    };
    let (wide, kept): (Vec<_>, Vec<_>) =
        element.entries.iter().partition(|entry| is_wide(&entry.text));
    let acts_on_objects = statement.actions.iter().all(|actions| {
        !actions.is_negated
            && actions.entries.iter().all(|entry| {
                !["ListBucket", "GetBucket"].iter().any(|name| is_named(&entry.value, name))
            })
    });
    let is_for_writer_alone = statement
        .principals
        .iter()
        .all(|principals| principals.entries.iter().all(|entry| entry.text == job.writer.name()));
    let mut all: Vec<String> = kept.iter().map(|entry| entry.text.clone()).collect();
    all.extend(
        tight.iter().filter(|tight| !kept.iter().any(|entry| entry.text == **tight)).cloned(),
    );
    let narrowed = match all.as_slice() {
        [one] => json!(one),
        all => json!(all),
    };
    for entry in wide {
        let pointer = format!("{}{}", element.pointer, entry.suffix);
        let message = format!("the writer writes to {} alone", inline(&tight.join(", ")));
        let draft = Draft::new(PC210, &pointer, message)
            .value(&Node::Text(entry.text.clone()))
            .suggest(&narrowed);
        let draft =
            if job.bucket == bench.delivery.source { draft.level(Level::Warning) } else { draft };
        let patch = vec![replace(&element.pointer, narrowed.clone())];
        bench.report(
            &policy.name,
            draft.patch(if acts_on_objects && is_for_writer_alone { patch } else { Vec::new() }),
        );
    }
}

/// Whether what is delivered is kept from deletion and from plain connections.
fn protection(bench: &mut Bench<'_>, policies: &[Arc<Policy>]) {
    if bench.jobs.is_empty() || bench.destination.is_none() {
        return;
    }
    let mut denies = policies.iter().flat_map(|policy| &policy.statements).filter(|it| !it.allows);
    let is_of_plain_connections = |statement: &Statement| {
        statement.conditions.iter().any(|condition| {
            fold::same(&condition.key, "aws:SecureTransport")
                && condition.values.iter().any(|value| value.text.eq_ignore_ascii_case("false"))
        })
    };
    let is_kept = denies.clone().any(|statement| {
        let mut actions = statement.actions.iter().flat_map(|element| &element.entries);
        !is_of_plain_connections(statement)
            && actions.any(|entry| is_named(&entry.value, "DeleteObject"))
    });
    let is_encrypted = denies.any(is_of_plain_connections);
    let message = match (is_kept, is_encrypted) {
        (true, true) => return,
        (false, true) => "no statement denies that reports are deleted",
        (true, false) => "no statement denies connections without TLS",
        (false, false) => {
            "no statement denies that reports are deleted, or connections without TLS"
        }
    };
    let document = bench.destination_name();
    bench.report(&document, Draft::new(PC401, "", message));
}
