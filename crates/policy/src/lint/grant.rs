//! Grants that are wider than they should be.

use stocktake_core::finding::{Dialect, Level};
use stocktake_core::policy::DocumentKind;

use crate::condition::{Operator, Set, Test};
use crate::fold;
use crate::model::{ActionEntry, Condition, Entry, PrincipalEntry, Statement};
use crate::principal::is_coreweave_writer;
use crate::rules::{PC220, PC221, PC222, PC223, PC224, PC225, PC226};
use crate::sink::Draft;
use crate::tree::inline;

use super::context::is_named;
use super::{Lint, quoted};

/// Keys that tell who asks, or from where; a test of one restricts who is let in.
const WHO: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:userid",
    "aws:username",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "qcs:ip",
    "qcs:vpc",
];

/// What changes who may do what.
const PERMISSIONS: &[&str] = &["PutBucketPolicy", "PutBucketAcl"];

/// What takes away what was written.
const DELETES: &[&str] = &["DeleteObject", "DeleteObjectVersion", "DeleteBucket"];

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    excepted(lint, statement);
    if !statement.allows {
        return;
    }
    let everyone =
        statement.principals.iter().filter(|element| !element.is_negated).find_map(|element| {
            let found =
                element.entries.iter().find(|entry| entry.value == PrincipalEntry::Everyone);
            found.map(|entry| format!("{}{}", element.pointer, entry.suffix))
        });
    let is_resource_policy = lint.is(DocumentKind::BucketPolicy);
    if let Some(pointer) = everyone.as_ref().filter(|_| is_resource_policy) {
        public(lint, statement, pointer);
    }
    let writes =
        statement.principals.iter().flat_map(|element| &element.entries).any(|entry| {
            entry.value == PrincipalEntry::Service || is_coreweave_writer(&entry.text)
        });
    for element in statement.actions.iter().filter(|element| !element.is_negated) {
        for entry in &element.entries {
            let pointer = format!("{}{}", element.pointer, entry.suffix);
            action(lint, entry, &pointer, everyone.is_some(), writes);
        }
    }
}

/// Whether an entry grants everything of S3.
fn is_everything(entry: &ActionEntry) -> bool {
    is_named(entry, "\u{1}\u{2}")
}

/// Whether an entry lets something be deleted.
fn is_delete(entry: &ActionEntry) -> bool {
    DELETES.iter().any(|name| is_named(entry, name))
}

fn action(
    lint: &mut Lint<'_>,
    entry: &Entry<ActionEntry>,
    pointer: &str,
    is_public: bool,
    is_writer: bool,
) {
    let text = inline(&entry.text);
    let value = quoted(lint, pointer);
    if lint.is(DocumentKind::TrustPolicy) || lint.is(DocumentKind::KeyPolicy) {
        return;
    }
    if is_everything(&entry.value) {
        let message = format!("`{text}` grants everything");
        lint.sink.report(PC220, pointer, message, Some(value));
        return;
    }
    let is_wide = entry.text.contains(['*', '?']) || is_public || is_writer;
    if is_wide && let Some(name) = PERMISSIONS.iter().find(|name| is_named(&entry.value, name)) {
        let message = format!("`{text}` grants `{name}`, and with it everything");
        lint.sink.report(PC225, pointer, message, Some(value));
    }
    if is_writer && is_delete(&entry.value) {
        let message = format!("`{text}` lets the writer delete what is delivered");
        lint.sink.report(PC226, pointer, message, Some(value));
    }
}

/// Whether a test lets only some pass.
fn restricts(condition: &Condition) -> bool {
    let Some(operator) = condition.operator else { return false };
    let is_positive = !operator.is_negated()
        && !operator.if_exists
        && operator.set != Set::All
        && operator.test != Test::Null;
    let is_open = |text: &str| matches!(text, "*" | "0.0.0.0/0" | "::/0");
    is_positive
        && WHO.iter().any(|key| fold::same(key, &condition.key))
        && !condition.values.iter().any(|value| is_open(&value.text))
}

/// Everyone, and nothing that tells them apart.
fn public(lint: &mut Lint<'_>, statement: &Statement, pointer: &str) {
    let value = quoted(lint, pointer);
    if lint.policy.dialect == Dialect::Coreweave {
        let is_bound = statement.conditions.iter().any(|condition| {
            let is_positive = |operator: Operator| {
                !operator.is_negated() && !operator.if_exists && operator.set != Set::All
            };
            fold::same(&condition.key, "cw:PrincipalOrgID")
                && condition.operator.is_some_and(is_positive)
        });
        if !is_bound {
            let message = "everybody of every organization is let in";
            let draft = Draft::new(PC224, pointer, message).value(value);
            lint.sink.add(draft.allowed("a condition on `cw:PrincipalOrgID`"));
        }
    } else if !statement.conditions.iter().any(restricts) {
        let message = "everybody is let in, whoever they are and wherever from";
        let draft = Draft::new(PC221, pointer, message).value(value);
        lint.sink.add(draft.allowed("principals, or a condition on who asks or from where"));
    }
}

/// Elements that name everything but what they list.
fn excepted(lint: &mut Lint<'_>, statement: &Statement) {
    for element in statement.principals.iter().filter(|element| element.is_negated) {
        let value = lint.at(&element.pointer);
        let names_account =
            element.entries.iter().any(|entry| matches!(entry.value, PrincipalEntry::Account(_)));
        if statement.allows {
            let message = "everybody but those listed is let in, anonymous requests too";
            lint.sink.report(PC222, &element.pointer, message, value);
        } else if !names_account {
            let message = "the account of those listed is denied too, and with it they are";
            let draft = Draft::new(PC222, &element.pointer, message).level(Level::Warning);
            lint.sink.add(match value {
                Some(value) => draft.value(value),
                None => draft,
            });
        }
    }
    if !statement.allows {
        return;
    }
    let actions = statement.actions.iter().map(|it| (it.name, it.is_negated, &it.pointer));
    let resources = statement.resources.iter().map(|it| (it.name, it.is_negated, &it.pointer));
    for (name, _, pointer) in actions.chain(resources).filter(|(_, is_negated, _)| *is_negated) {
        let message = format!("`{name}` grants everything but what it lists");
        lint.sink.report(PC223, pointer, message, lint.at(pointer));
    }
}
