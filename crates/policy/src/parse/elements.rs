//! Lists of texts, principals and values.

use stocktake_core::finding::Dialect;
use stocktake_core::policy::DocumentKind;

use crate::model::{Entry, PrincipalEntry};
use crate::principal::{self, Arn};
use crate::rules::{PC001, PC009};
use crate::sink::Sink;
use crate::tree::{Node, child};

use super::grammar::Grammar;

/// The texts of a list, or the one that stands in its place, each with what follows the list's pointer.
pub(super) fn texts(value: &Node, pointer: &str, sink: &mut Sink<'_>) -> Vec<(String, String)> {
    let mut text_of = |node: &Node, suffix: String| match node {
        Node::Text(text) => Some((suffix, text.clone())),
        other => {
            let message = format!("text is expected, this is {}", other.kind());
            sink.report(PC009, &format!("{pointer}{suffix}"), message, Some(other));
            other.scalar().map(|text| (suffix, text))
        }
    };
    match value {
        Node::List(items) => {
            let items = items.iter().enumerate();
            items.filter_map(|(i, item)| text_of(item, format!("/{i}"))).collect()
        }
        Node::Null => Vec::new(),
        one => text_of(one, String::new()).into_iter().collect(),
    }
}

/// The values of a condition as texts; numbers and booleans are read as they are written.
pub(super) fn scalars(value: &Node, pointer: &str, sink: &mut Sink<'_>) -> Vec<String> {
    let mut text_of = |node: &Node, place: &str| {
        let text = node.scalar();
        if text.is_none() {
            let message = format!("a condition compares with texts, this is {}", node.kind());
            sink.report(PC001, place, message, Some(node));
        }
        text
    };
    match value {
        Node::List(items) if items.is_empty() => {
            sink.report(PC009, pointer, "an empty list equals no value", Some(value));
            Vec::new()
        }
        Node::List(items) => {
            let items = items.iter().enumerate();
            items.filter_map(|(i, item)| text_of(item, &format!("{pointer}/{i}"))).collect()
        }
        one => text_of(one, pointer).into_iter().collect(),
    }
}

/// Whom the value of `Principal` names.
pub(super) fn principals(
    grammar: Grammar,
    value: &Node,
    pointer: &str,
    sink: &mut Sink<'_>,
) -> Vec<Entry<PrincipalEntry>> {
    let bare = |text: &str| match grammar.dialect {
        Dialect::Coreweave if grammar.kind == DocumentKind::OrgPolicy => short_form(text),
        Dialect::Cos => tencent(text),
        _ if text == "*" => PrincipalEntry::Everyone,
        _ => PrincipalEntry::Nobody,
    };
    let Node::Object(members) = value else {
        let texts = texts(value, pointer, sink).into_iter().filter(|(_, text)| !text.is_empty());
        return texts.map(|(suffix, text)| Entry { suffix, value: bare(&text), text }).collect();
    };
    let mut found = Vec::new();
    if members.is_empty() {
        sink.report(PC009, pointer, "an empty object names nobody", Some(value));
    }
    for (key, values) in members {
        let place = child(pointer, key);
        let prefix = place.get(pointer.len()..).unwrap_or_default();
        if matches!(values, Node::List(items) if items.is_empty()) {
            sink.report(PC009, &place, "an empty list names nobody", Some(values));
        }
        for (suffix, text) in texts(values, &place, sink) {
            let value = keyed(grammar.dialect, key, &text);
            found.push(Entry { suffix: format!("{prefix}{suffix}"), value, text });
        }
    }
    found
}

/// Whom a text below a key of `Principal` names.
fn keyed(dialect: Dialect, key: &str, text: &str) -> PrincipalEntry {
    match (dialect, key) {
        (Dialect::Cos, key) if key.eq_ignore_ascii_case("qcs") => tencent(text),
        (Dialect::Cos, key) if key.eq_ignore_ascii_case("service") => PrincipalEntry::Service,
        (Dialect::Cos, _) => PrincipalEntry::Nobody,
        (Dialect::Coreweave, "CW" | "AWS") => coreweave(text),
        (Dialect::Any | Dialect::Aws, "AWS") => aws(text),
        (_, "Service") => PrincipalEntry::Service,
        (_, "Federated" | "CanonicalUser") => PrincipalEntry::Exactly,
        _ => PrincipalEntry::Nobody,
    }
}

fn aws(text: &str) -> PrincipalEntry {
    if text == "*" {
        return PrincipalEntry::Everyone;
    }
    if text.is_empty() || text.contains(['*', '?']) {
        return PrincipalEntry::Nobody;
    }
    if principal::is_account(text) {
        return PrincipalEntry::Account(text.to_owned());
    }
    let Some(arn) = Arn::parse(text) else { return PrincipalEntry::Exactly };
    match arn.root_of() {
        Some("") => PrincipalEntry::Nobody,
        Some(account) => PrincipalEntry::Account(account.to_owned()),
        None if arn.role().is_some() => PrincipalEntry::Role,
        None => PrincipalEntry::Exactly,
    }
}

fn coreweave(text: &str) -> PrincipalEntry {
    match text {
        "*" => PrincipalEntry::Everyone,
        text if text.contains(['*', '?']) || !text.starts_with("arn:") => PrincipalEntry::Nobody,
        _ => PrincipalEntry::Exactly,
    }
}

fn short_form(text: &str) -> PrincipalEntry {
    if text == "*" {
        return PrincipalEntry::Everyone;
    }
    if text.starts_with("arn:") {
        return PrincipalEntry::Nobody;
    }
    match text.strip_suffix('*') {
        Some(prefix) if !prefix.contains(['*', '?']) => PrincipalEntry::Prefix(prefix.to_owned()),
        _ => PrincipalEntry::Exactly,
    }
}

fn tencent(text: &str) -> PrincipalEntry {
    if text == "*" || principal::is_public(text) {
        return PrincipalEntry::Everyone;
    }
    if text.contains(['*', '?']) {
        return PrincipalEntry::Nobody;
    }
    match principal::cos_root(text) {
        Some(owner) => PrincipalEntry::Account(owner.to_owned()),
        None => PrincipalEntry::Exactly,
    }
}
