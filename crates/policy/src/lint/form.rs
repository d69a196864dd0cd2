//! Versions, ids, and which elements stand together.

use std::collections::{BTreeMap, BTreeSet};

use stocktake_core::finding::{Dialect, Level};
use stocktake_core::policy::DocumentKind;

use crate::model::Element;
use crate::patch::{add, remove, replace};
use crate::rules::{PC006, PC007, PC008, PC137};
use crate::sink::Draft;
use crate::tree::{Node, child, inline};

use super::{Lint, quoted};

pub(super) fn check(lint: &mut Lint<'_>) {
    version(lint);
    pairs(lint);
    sids(lint);
    if lint.policy.dialect == Dialect::Coreweave {
        let policy = lint.policy;
        for statement in &policy.statements {
            for condition in &statement.conditions {
                texts(lint, &condition.pointer);
            }
        }
    }
}

/// The version says which grammar a document has.
fn version(lint: &mut Lint<'_>) {
    let dialect = lint.policy.dialect;
    let is_organization = lint.is(DocumentKind::OrgPolicy) && dialect == Dialect::Coreweave;
    let (name, wanted) = match dialect {
        Dialect::Cos => ("version", "2.0"),
        Dialect::Coreweave if is_organization => ("version", "v1alpha1"),
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => ("Version", "2012-10-17"),
    };
    let found = lint.policy.version.as_deref();
    if found == Some(wanted) {
        return;
    }
    let Some(Node::Object(members)) = lint.at(lint.base()) else { return };
    let is_name = |text: &str| match dialect {
        Dialect::Cos => text.eq_ignore_ascii_case(name),
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => text == name,
    };
    let draft = match members.iter().find(|(member, _)| is_name(member)) {
        None => {
            let pointer = child(lint.base(), name);
            Draft::new(PC006, lint.base(), format!("`{name}` is missing"))
                .patch(vec![add(&pointer, wanted)])
        }
        Some((member, value)) => {
            let pointer = child(lint.base(), member);
            let message = format!("the version is {}", value.quote(60));
            let draft = Draft::new(PC006, &pointer, message).value(value);
            draft.patch(vec![replace(&pointer, wanted)])
        }
    };
    let level = match (dialect, found) {
        _ if is_organization => Level::Error,
        (Dialect::Any | Dialect::Aws, None)
        | (Dialect::Any | Dialect::Aws | Dialect::Coreweave, Some("2008-10-17")) => Level::Warning,
        _ => Level::Error,
    };
    lint.sink.add(draft.level(level).allowed(format!("`{wanted}`")).suggest(&wanted.into()));
}

/// An element and its negation exclude each other, and some documents have no place for one.
fn pairs(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in &policy.statements {
        both(lint, &statement.principals);
        both(lint, &statement.actions);
        both(lint, &statement.resources);
        if !lint.is_of_principal() {
            continue;
        }
        let Some(Node::Object(members)) = lint.at(&statement.pointer) else { continue };
        for (name, value) in members {
            if matches!(name.to_ascii_lowercase().as_str(), "principal" | "notprincipal") {
                let pointer = child(&statement.pointer, name);
                let message =
                    format!("`{name}` stands in a policy that is attached to the principal");
                let draft = Draft::new(PC007, &pointer, message).value(value);
                lint.sink.add(draft.patch(vec![remove(&pointer)]));
            }
        }
    }
}

fn both<T>(lint: &mut Lint<'_>, elements: &[Element<T>]) {
    for element in elements.iter().filter(|element| element.is_negated) {
        let name = element.name;
        let message = if lint.policy.dialect == Dialect::Coreweave {
            format!("`{name}` is not supported")
        } else if elements.len() > 1 {
            format!("`{name}` stands beside what it negates")
        } else {
            continue;
        };
        lint.sink.report(PC007, &element.pointer, message, lint.at(&element.pointer));
    }
}

/// Ids are letters and digits, and each is there once.
fn sids(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    if policy.dialect == Dialect::Cos || lint.is(DocumentKind::OrgPolicy) {
        return;
    }
    let level = if lint.is(DocumentKind::IdentityPolicy) { Level::Error } else { Level::Warning };
    let mut before = BTreeSet::new();
    let mut numbers = BTreeMap::new();
    let sids = policy.statements.iter().filter_map(|statement| statement.sid.as_deref());
    let mut kept: BTreeSet<String> = sids.map(str::to_owned).collect();

    for statement in &policy.statements {
        let Some(sid) = statement.sid.as_deref() else { continue };
        let pointer = child(&statement.pointer, "Sid");
        let is_plain = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_first = before.insert(sid);
        let message = match (is_plain, is_first) {
            (true, true) => continue,
            (false, _) => format!("`{}` has more than letters and digits", inline(sid)),
            (true, false) => format!("`{}` is the id of two statements", inline(sid)),
        };
        let plain: String = sid.chars().filter(char::is_ascii_alphanumeric).collect();
        // The numbers that were tried for the same text before are taken.
        let tried = numbers.entry(plain.clone()).or_insert(0_usize);
        let mut free = if *tried == 0 { plain.clone() } else { format!("{plain}{tried}") };
        while kept.contains(&free) {
            *tried += 1;
            free = format!("{plain}{tried}");
        }
        kept.insert(free.clone());
        let draft = Draft::new(PC008, &pointer, message).value(quoted(lint, &pointer));
        let draft = draft.level(level).suggest(&free.as_str().into());
        lint.sink.add(draft.patch(vec![replace(&pointer, free)]));
    }
}

/// Values of conditions are texts.
fn texts(lint: &mut Lint<'_>, pointer: &str) {
    let found = lint.at(pointer);
    let mut one = |pointer: &str, node: &Node| {
        if !matches!(node, Node::Bool(_) | Node::Number(_)) {
            return;
        }
        let text = node.scalar().unwrap_or_default();
        let message = format!("a value is {}, where text is expected", node.kind());
        let draft = Draft::new(PC137, pointer, message).value(node);
        let draft = draft.suggest(&text.as_str().into());
        lint.sink.add(draft.patch(vec![replace(pointer, text)]));
    };
    match found {
        Some(Node::List(items)) => {
            for (i, item) in items.iter().enumerate() {
                one(&format!("{pointer}/{i}"), item);
            }
        }
        Some(node) => one(pointer, node),
        None => {}
    }
}
