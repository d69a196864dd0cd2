//! Parts that change nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::model::{Element, Statement};
use crate::patch::remove;
use crate::pattern::{Expanded, Pattern, Single, Symbol, Variables, Wildcards, glob_while};
use crate::rules::PC227;
use crate::sink::Draft;
use crate::tree::{Node, inline};

use super::{Lint, quoted};

/// The most patterns of a list that its other items are compared with; a longer list is compared for equal items alone.
const PATTERNS_MAX: usize = 32;

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    for element in &statement.actions {
        let is_cos = lint.policy.dialect == stocktake_core::finding::Dialect::Cos;
        list(
            lint,
            element,
            |text| if is_cos { text.to_owned() } else { text.to_ascii_lowercase() },
        );
    }
    for element in &statement.resources {
        list(lint, element, str::to_owned);
    }
}

fn list<T>(lint: &mut Lint<'_>, element: &Element<T>, key: impl Fn(&str) -> String) {
    if element.entries.len() < 2 {
        return;
    }
    let texts: Vec<String> = element.entries.iter().map(|entry| key(&entry.text)).collect();
    let open = texts.iter().filter(|text| text.contains('*') && !text.contains("${"));
    let mut patterns: Vec<(&String, Vec<Symbol>)> = Vec::new();
    for text in open.take(PATTERNS_MAX) {
        let pattern = Pattern::new(text, Wildcards::Active, Variables::Nowhere);
        if let Expanded::Symbols(symbols) = pattern.expand(0, |_| Single::None) {
            patterns.push((text, symbols.into_owned()));
        }
    }
    let mut seen = BTreeSet::new();
    for (entry, text) in element.entries.iter().zip(&texts) {
        if lint.is_done() {
            return;
        }
        let message = if seen.insert(text) {
            let covers = |(pattern, symbols): &&(&String, Vec<Symbol>)| {
                // What a `?` takes is one character, and a wildcard in the text may be more.
                *pattern != text
                    && !(pattern.contains('?') && text.contains('*'))
                    && !text.contains("${")
                    && glob_while(symbols, text, || lint.work.spend(1))
            };
            let Some((pattern, _)) = patterns.iter().find(covers) else { continue };
            format!("`{}` is covered by `{}`", inline(&entry.text), inline(pattern))
        } else {
            format!("`{}` is listed twice", inline(&entry.text))
        };
        let pointer = format!("{}{}", element.pointer, entry.suffix);
        let draft = Draft::new(PC227, &pointer, message).value(quoted(lint, &pointer));
        lint.sink.add(draft.patch(vec![remove(&pointer)]));
    }
}

/// Statements that say the same.
pub(super) fn check_statements(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    let mut seen: BTreeMap<u64, Vec<(&Statement, Members<'_>)>> = BTreeMap::new();
    for statement in &policy.statements {
        let Some(Node::Object(members)) = lint.at(&statement.pointer) else { continue };
        let mut members: Members<'_> = members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "Sid" | "sid" | "name"))
            .collect();
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut hasher = DefaultHasher::new();
        for (name, value) in &members {
            name.hash(&mut hasher);
            value.hash(&mut hasher);
        }
        let alike = seen.entry(hasher.finish()).or_default();
        if let Some((first, _)) = alike.iter().find(|(_, other)| *other == members) {
            let message = format!("the statement says the same as that at `{}`", first.pointer);
            let draft = Draft::new(PC227, &statement.pointer, message);
            lint.sink.add(draft.patch(vec![remove(&statement.pointer)]));
        } else {
            alike.push((statement, members));
        }
    }
}

/// The members of a statement that bear on what it says.
type Members<'n> = Vec<&'n (String, Node)>;
