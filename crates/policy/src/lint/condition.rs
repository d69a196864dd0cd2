//! Conditions: operators, values, and whether both fit the key.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use stocktake_core::finding::{Dialect, Level};

use crate::condition::{Operator, Set, Test, fits};
use crate::model::{Condition, Statement};
use crate::nearest::nearest;
use crate::patch::rename;
use crate::rules::{PC130, PC131, PC132, PC133, PC134};
use crate::sink::Draft;
use crate::tree::{Node, child, inline};

use super::{Lint, quoted};

/// Keys of several values, as "AWS global condition context keys" and the pages of services call them.
const MULTIVALUED: &[&str] = &[
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "aws:VpceOrgPaths",
    "s3:InventoryAccessibleOptionalFields",
    "s3:RequestObjectTagKeys",
];

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    let mut before: &str = "";
    let present = present(statement);
    for condition in &statement.conditions {
        if lint.is_done() {
            return;
        }
        if *condition.operator_text != *before {
            operator(lint, condition);
        }
        before = &condition.operator_text;
        let Some(operator) = condition.operator else { continue };
        values(lint, condition, operator);
        let is_present = present.contains(&condition.key.to_ascii_lowercase());
        sets(lint, statement.allows && !is_present, condition, operator);
    }
}

/// Where the operator of a condition stands.
fn operator_pointer(condition: &Condition) -> &str {
    condition.pointer.rsplit_once('/').map_or("", |(pointer, _)| pointer)
}

fn operator(lint: &mut Lint<'_>, condition: &Condition) {
    let dialect = lint.policy.dialect;
    let text: &str = &condition.operator_text;
    let canonical = Operator::canonical(text, dialect);
    if canonical.as_deref() == Some(text) {
        return;
    }
    let pointer = operator_pointer(condition);
    let value = lint.at(pointer);
    let is_known = canonical.is_some();
    let lower = text.to_ascii_lowercase();
    let is_like = dialect == Dialect::Cos && lower.contains("string_") && lower.contains("like");
    let message = match (is_known, is_like) {
        (true, _) => format!("`{}` is documented with other capitals", inline(text)),
        (false, true) => format!("`{}` is not in the reference of operators", inline(text)),
        (false, false) => format!("there is no operator `{}`", inline(text)),
    };
    let meant = canonical.or_else(|| {
        let left = lint.searches_left.checked_sub(1)?;
        lint.searches_left = left;
        nearest(text, Operator::names(dialect)).map(str::to_owned)
    });
    let mut draft = Draft::new(PC130, pointer, message);
    if let Some(value) = value {
        draft = draft.value(value);
    }
    if is_known || is_like {
        draft = draft.level(Level::Warning);
    }
    if let Some(meant) = meant {
        draft = draft.suggest(&meant.as_str().into()).patch(renamed(lint, pointer, &meant));
    }
    lint.sink.add(draft);
}

/// Gives an operator another name, where there is none of that name.
fn renamed(lint: &Lint<'_>, pointer: &str, meant: &str) -> Vec<Json> {
    let Some((parent, _)) = pointer.rsplit_once('/') else { return Vec::new() };
    let to = child(parent, meant);
    if lint.at(&to).is_some() { Vec::new() } else { vec![rename(pointer, &to)] }
}

fn values(lint: &mut Lint<'_>, condition: &Condition, operator: Operator) {
    let is_list = matches!(lint.at(&condition.pointer), Some(Node::List(_)));
    for (i, value) in condition.values.iter().enumerate() {
        let text = value.text.as_str();
        let suffix = if is_list { format!("/{i}") } else { String::new() };
        let pointer = format!("{}{suffix}", condition.pointer);
        let has_variable = text.contains("${");
        let is_plain = matches!(operator.test, Test::Text | Test::TextIgnoringCase);
        if is_plain && !has_variable && text.contains(['*', '?']) {
            let message = format!("`{}` compares wildcards as they stand", condition.operator_text);
            let draft = Draft::new(PC131, &pointer, message).value(quoted(lint, &pointer));
            lint.sink.add(draft.allowed("`StringLike` or `StringNotLike` take wildcards"));
        }
        let may_be_open = operator.test == Test::Arn && text.contains('*');
        if !has_variable && !may_be_open && !fits(operator, text) {
            let message = format!("`{}` never compares with such a value", condition.operator_text);
            let draft = Draft::new(PC132, &pointer, message).value(quoted(lint, &pointer));
            lint.sink.add(draft.allowed(wanted(operator.test)));
        }
    }
}

fn wanted(test: Test) -> &'static str {
    match test {
        Test::Text | Test::TextIgnoringCase | Test::TextLike => "text",
        Test::Number(_) => "a decimal number",
        Test::Date(_) => "a time such as `2026-11-08T01:00:00Z`, or seconds since the epoch",
        Test::Bool | Test::Null => "`true` or `false`",
        Test::Binary => "bytes in base64",
        Test::Ip => "an address such as `203.0.113.0/24`",
        Test::Arn => "six parts with colons between them",
    }
}

fn is_multivalued(key: &str) -> bool {
    MULTIVALUED.iter().any(|known| known.eq_ignore_ascii_case(key))
        || (key.starts_with("iam:") && key.ends_with(":groups"))
}

/// The keys that a statement demands, in lower case.
fn present(statement: &Statement) -> BTreeSet<String> {
    let is_demand = |condition: &&Condition| {
        condition.operator.is_some_and(|operator| operator.test == Test::Null)
            && condition.values.iter().any(|value| value.text.eq_ignore_ascii_case("false"))
    };
    let demands = statement.conditions.iter().filter(is_demand);
    demands.map(|condition| condition.key.to_ascii_lowercase()).collect()
}

/// Keys of one value and of several need different operators. `passes_absent` says that a request without the key is
/// allowed.
fn sets(lint: &mut Lint<'_>, passes_absent: bool, condition: &Condition, operator: Operator) {
    let key = condition.key.as_str();
    let is_multivalued = is_multivalued(key);
    let value = lint.at(&condition.pointer);
    if operator.set == Set::None && is_multivalued && operator.test != Test::Null {
        let message =
            format!("`{}` has several values, which no test of a single one passes", inline(key));
        lint.sink.report(PC134, &condition.pointer, message, value);
    }
    if operator.set != Set::All {
        return;
    }
    let is_of_aws = ["aws:", "s3:", "cw:"].iter().any(|prefix| {
        key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    });
    let message = if passes_absent {
        format!("all values of `{}` pass where it has none", inline(key))
    } else if !is_multivalued && is_of_aws {
        format!("`{}` has one value", inline(key))
    } else {
        return;
    };
    lint.sink.report(PC133, &condition.pointer, message, value);
}
