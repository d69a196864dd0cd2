//! One statement.

use std::sync::Arc;

use crate::actions;
use crate::condition::Operator;
use crate::model::{
    ActionEntry, ActionPattern, Condition, ConditionValue, Element, Entry, PrincipalEntry,
    ResourceEntry, Statement,
};
use crate::pattern::{Pattern, Variables, Wildcards};
use crate::rules::{PC001, PC003, PC004, PC005, PC009};
use crate::sink::Sink;
use crate::tree::{Node, child, inline};

use super::elements;
use super::grammar::{Grammar, Name};

/// What all statements of a document are read with.
pub(super) struct Reader<'d> {
    pub(super) grammar: Grammar,
    /// Whether `${key}` is a variable: where the version says so.
    pub(super) has_variables: bool,
    /// A principal that stands outside of the statements, and where.
    pub(super) shared: Option<(String, &'d Node)>,
}

/// An element of a statement, and where it is.
type Place<'d> = Option<(String, &'d Node)>;

impl Reader<'_> {
    /// Reads one statement; none if it is no object.
    pub(super) fn read(
        &self,
        index: usize,
        node: &Node,
        pointer: &str,
        sink: &mut Sink<'_>,
    ) -> Option<Statement> {
        let Node::Object(members) = node else {
            let message = format!("a statement is an object, this is {}", node.kind());
            sink.report(PC004, pointer, message, Some(node));
            return None;
        };
        for (name, value) in members {
            if self.grammar.statement(name).is_none() {
                let message = format!("a statement has no element `{}`", inline(name));
                sink.report(PC003, &child(pointer, name), message, Some(value));
            }
        }
        let find = |wanted: Name| -> Place<'_> {
            let mut found =
                members.iter().filter(|(name, _)| self.grammar.statement(name) == Some(wanted));
            found.next().map(|(name, value)| (child(pointer, name), value))
        };
        let allows = self.effect(find(Name::Effect), pointer, sink);
        let principals = if self.grammar.has_principals() {
            let shared = self.shared.clone();
            let places = [find(Name::Principal).or(shared), find(Name::NotPrincipal)];
            self.principals(places, pointer, sink)
        } else {
            Vec::new()
        };
        let places = [find(Name::Action), find(Name::NotAction)];
        let actions =
            self.lists(["Action", "NotAction"], places, pointer, sink, |text| self.action(text));
        let places = [find(Name::Resource), find(Name::NotResource)];
        let resources = if self.grammar.requires_resource() || places.iter().any(Option::is_some) {
            self.lists(["Resource", "NotResource"], places, pointer, sink, |text| {
                self.resource(text)
            })
        } else {
            Vec::new()
        };
        let conditions = self.conditions(find(Name::Condition), sink);
        let sid = find(Name::Sid).and_then(|(_, value)| value.scalar()).map(Arc::from);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let pointer = Arc::from(pointer);
        Some(Statement { index, sid, allows, pointer, principals, actions, resources, conditions })
    }

    fn effect(&self, place: Place<'_>, statement: &str, sink: &mut Sink<'_>) -> bool {
        let Some((pointer, value)) = place else {
            let message = format!("`{}` is missing", self.grammar.name(Name::Effect));
            sink.report(PC004, statement, message, None);
            return false;
        };
        let effect = match value {
            Node::Text(text) if text.is_empty() => {
                let message = format!("`{}` is empty", self.grammar.name(Name::Effect));
                sink.report(PC004, &pointer, message, Some(value));
                return false;
            }
            Node::Text(text) => self.grammar.effect(text),
            _ => None,
        };
        if effect.is_none() {
            let message = format!("{} is no effect", value.quote(60));
            sink.report(PC005, &pointer, message, Some(value));
        }
        effect.unwrap_or_default()
    }

    fn principals(
        &self,
        [named, excepted]: [Place<'_>; 2],
        statement: &str,
        sink: &mut Sink<'_>,
    ) -> Vec<Element<PrincipalEntry>> {
        if self.grammar.requires_principal() && named.is_none() && excepted.is_none() {
            let message = format!("`{}` is missing", self.grammar.name(Name::Principal));
            sink.report(PC004, statement, message, None);
        }
        let mut found = Vec::new();
        for (name, is_negated, place) in
            [("Principal", false, named), ("NotPrincipal", true, excepted)]
        {
            let Some((pointer, value)) = place else { continue };
            let entries = elements::principals(self.grammar, value, &pointer, sink);
            if entries.is_empty() && self.grammar.requires_principal() {
                sink.report(PC004, &pointer, format!("`{name}` names nobody"), Some(value));
            }
            found.push(Element { name, is_negated, pointer: Arc::from(pointer), entries });
        }
        found
    }

    /// A list and its negation, of which a statement has one.
    fn lists<T>(
        &self,
        names: [&'static str; 2],
        places: [Place<'_>; 2],
        statement: &str,
        sink: &mut Sink<'_>,
        read: impl Fn(&str) -> T,
    ) -> Vec<Element<T>> {
        if places.iter().all(Option::is_none) {
            let wanted = if names[0] == "Action" { Name::Action } else { Name::Resource };
            let message = format!("`{}` is missing", self.grammar.name(wanted));
            sink.report(PC004, statement, message, None);
        }
        let mut found = Vec::new();
        for ((name, is_negated), place) in names.into_iter().zip([false, true]).zip(places) {
            let Some((pointer, value)) = place else { continue };
            let texts = elements::texts(value, &pointer, sink);
            if texts.iter().all(|(_, text)| text.is_empty()) {
                sink.report(PC004, &pointer, format!("`{name}` is empty"), Some(value));
            }
            let entry =
                |(suffix, text): (String, String)| Entry { suffix, value: read(&text), text };
            let entries = texts.into_iter().map(entry).collect();
            found.push(Element { name, is_negated, pointer: Arc::from(pointer), entries });
        }
        found
    }

    fn action(&self, text: &str) -> ActionEntry {
        let text = actions::bare(self.grammar.dialect, text);
        if text == "*" {
            return ActionEntry::Every;
        }
        match text.split_once(':') {
            Some((service, name)) if !service.contains(['*', '?']) && !service.is_empty() => {
                let pattern = Pattern::new(name, Wildcards::Active, Variables::Nowhere);
                ActionEntry::Named(service.to_owned(), ActionPattern(pattern))
            }
            _ => ActionEntry::None,
        }
    }

    fn resource(&self, text: &str) -> ResourceEntry {
        let variables =
            if self.has_variables { Variables::BehindFifthColon } else { Variables::Nowhere };
        ResourceEntry(Pattern::new(text, Wildcards::Active, variables))
    }

    fn conditions(&self, place: Place<'_>, sink: &mut Sink<'_>) -> Vec<Condition> {
        let Some((pointer, value)) = place else { return Vec::new() };
        let operators = match value {
            Node::Object(operators) => operators,
            Node::Null => {
                sink.report(PC009, &pointer, "null is read as no condition", Some(value));
                return Vec::new();
            }
            Node::List(items) if items.is_empty() => {
                sink.report(PC009, &pointer, "an empty list is read as no condition", Some(value));
                return Vec::new();
            }
            other => {
                let message = format!("a condition is an object, this is {}", other.kind());
                sink.report(PC001, &pointer, message, Some(value));
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        if operators.is_empty() {
            sink.report(PC009, &pointer, "an empty object is no condition", Some(value));
        }
        for (operator_text, tests) in operators {
            let place = child(&pointer, operator_text);
            let Node::Object(keys) = tests else {
                let message = format!("an operator's keys are an object, this is {}", tests.kind());
                sink.report(PC001, &place, message, Some(tests));
                continue;
            };
            if keys.is_empty() {
                sink.report(PC009, &place, "an operator without keys tests nothing", Some(tests));
            }
            let text: Arc<str> = Arc::from(operator_text.as_str());
            let operator = Operator::parse(operator_text, self.grammar.dialect);
            for (key, values) in keys {
                let place = child(&place, key);
                let values = elements::scalars(values, &place, sink).into_iter().map(|text| {
                    let pattern = Operator::pattern(operator, &text, self.has_variables);
                    ConditionValue { text, pattern }
                });
                found.push(Condition {
                    operator_text: text.clone(),
                    operator,
                    key: key.clone(),
                    values: values.collect(),
                    pointer: Arc::from(place),
                });
            }
        }
        found
    }
}
