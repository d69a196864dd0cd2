//! What the areas have in common: members by name, and values by type. All of it is CF100.

use std::ops::RangeInclusive;

use stocktake_core::finding::Dialect;

use super::CF100;
use crate::nearest::nearest;
use crate::quote;
use crate::sink::{Sink, child};
use crate::tree::{Node, Problem, Remedy, Value};

/// A member that an object may have.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) need: Need,
    /// What it may hold, in words.
    pub(super) expected: fn(Dialect) -> String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// The members that say which API a document is for.
pub(super) const DESTINATIONS: [&str; 2] = ["S3BucketDestination", "COSBucketDestination"];

/// Where the judgement stands: a member, its place and its value.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) name: &'static str,
    pub(super) expected: fn(Dialect) -> String,
    pub(super) dialect: Dialect,
    pub(super) pointer: &'a str,
    pub(super) node: &'a Node,
}

/// Visits the known members of an object, each once, in document order. Reports unknown, repeated and missing ones.
pub(super) fn members(
    sink: &mut Sink,
    pointer: &str,
    node: &Node,
    known: &'static [Member],
    mut visit: impl FnMut(&mut Sink, At<'_>),
) {
    visit_members(sink, pointer, node, known, &mut visit);
}

/// [`members`], once for all callers, as components are downloaded.
fn visit_members(
    sink: &mut Sink,
    pointer: &str,
    node: &Node,
    known: &'static [Member],
    visit: &mut dyn FnMut(&mut Sink, At<'_>),
) {
    let Value::Object(given) = &node.value else {
        let found = node.value.kind();
        let problem = Problem::new(format!("{} is {found}, not an object", subject(pointer)));
        report(sink, pointer, problem.value(quote::value(node)).allowed(names(known)));
        below(sink, pointer, node);
        return;
    };
    let (present, absent): (Vec<&Member>, Vec<&Member>) =
        known.iter().partition(|member| given.iter().any(|(name, _)| name == member.name));
    let mut seen: Vec<&str> = Vec::new();
    for (name, node) in given {
        if sink.is_full() {
            return;
        }
        let pointer = &child(pointer, name);
        let Some(member) = present.iter().find(|member| member.name == name) else {
            let meant = nearest(name, absent.iter().map(|member| member.name));
            // The destination of another API is not a slip of the pen.
            let meant = meant.filter(|_| !DESTINATIONS.contains(&name.as_str()));
            report(sink, pointer, unknown(name, meant, known));
            own(sink, pointer, node);
            below(sink, pointer, node);
            continue;
        };
        if seen.contains(&member.name) {
            let problem = Problem::new(format!("`{name}` is given more than once"));
            let problem = problem.value(quote::value(node)).allowed(format!("one `{name}`"));
            report(sink, pointer, problem);
            continue;
        }
        seen.push(member.name);
        own(sink, pointer, node);
        let (name, expected, dialect) = (member.name, member.expected, sink.dialect());
        visit(sink, At { name, expected, dialect, pointer, node });
    }
    let missing = absent.into_iter().filter(|member| member.need == Need::Required);
    for Member { name, expected, .. } in missing {
        let allowed = expected(sink.dialect());
        let problem = Problem::new(format!("`{name}` is missing")).allowed(allowed);
        report(sink, &child(pointer, name), problem);
    }
}

/// Reports what is wrong with the way a value itself is written.
pub(super) fn own(sink: &mut Sink, pointer: &str, node: &Node) {
    for problem in &node.problems {
        report(sink, pointer, problem.clone());
    }
}

/// Reports the first that is wrong with the way the parts of a value are written that no rule looks at.
///
/// The value as a whole has a finding already, so the rest adds nothing but length.
pub(super) fn below(sink: &mut Sink, pointer: &str, node: &Node) {
    if let Some((path, problem)) = first_below(node) {
        report(sink, &format!("{pointer}{path}"), problem.clone());
    }
}

/// The first problem of a part, and the way to it.
fn first_below(node: &Node) -> Option<(String, &Problem)> {
    let (name, (path, problem)) = match &node.value {
        Value::Object(members) => members
            .iter()
            .find_map(|(name, node)| first_at(node).map(|found| (name.clone(), found)))?,
        Value::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, node)| first_at(node).map(|found| (i.to_string(), found)))?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => return None,
    };
    Some((child("", &name) + &path, problem))
}

fn first_at(node: &Node) -> Option<(String, &Problem)> {
    match node.problems.first() {
        Some(problem) => Some((String::new(), problem)),
        None => first_below(node),
    }
}

/// Reads text, and whatever `verify` makes of it; its error says what is wrong.
pub(super) fn text<T>(
    sink: &mut Sink,
    at: At<'_>,
    verify: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let problem = match &at.node.value {
        Value::Text(text) => match verify(text) {
            Ok(value) => return Some(value),
            Err(message) => at.problem(message),
        },
        // Digits without quotes.
        Value::Number(number) => {
            let text = number.to_string();
            let suggestion = verify(&text).is_ok().then(|| quote::whole(&text));
            at.wrong_type("text").replace(suggestion)
        }
        _ => at.wrong_type("text"),
    };
    report(sink, at.pointer, problem);
    below(sink, at.pointer, at.node);
    None
}

/// Reads a whole number.
pub(super) fn number(sink: &mut Sink, at: At<'_>, range: RangeInclusive<u64>) -> Option<u64> {
    let problem = match &at.node.value {
        Value::Number(number) => match number.as_u64() {
            Some(found) if range.contains(&found) => return Some(found),
            _ => at.problem(format!("`{}` is no whole number within its limits", at.name)),
        },
        // Digits in quotes.
        Value::Text(text) => {
            let meant = text.parse().ok().filter(|found| range.contains(found));
            at.wrong_type("a number").replace(meant.map(|number| number.to_string()))
        }
        _ => at.wrong_type("a number"),
    };
    report(sink, at.pointer, problem);
    below(sink, at.pointer, at.node);
    None
}

/// Visits the items of a list, in order.
pub(super) fn list(
    sink: &mut Sink,
    at: At<'_>,
    items: &[Node],
    mut visit: impl FnMut(&mut Sink, At<'_>),
) {
    for (i, node) in items.iter().enumerate() {
        if sink.is_full() {
            return;
        }
        let pointer = &child(at.pointer, &i.to_string());
        own(sink, pointer, node);
        visit(sink, At { pointer, node, ..at });
    }
}

/// Whether an object has a member of this name.
pub(super) fn has(node: &Node, name: &str) -> bool {
    matches!(&node.value, Value::Object(given) if given.iter().any(|(given, _)| given == name))
}

/// Reads one of a list of words.
pub(super) fn word<T: Copy>(
    sink: &mut Sink,
    at: At<'_>,
    all: &[T],
    spelling: fn(T) -> &'static str,
) -> Option<T> {
    let problem = match &at.node.value {
        Value::Text(text) => {
            let found = all.iter().copied().find(|case| spelling(*case) == text);
            if found.is_some() {
                return found;
            }
            let meant = nearest(text, all.iter().map(|case| spelling(*case)));
            at.problem(format!("`{}` has no such choice", at.name)).replace(meant.map(quote::whole))
        }
        _ => at.wrong_type("text"),
    };
    report(sink, at.pointer, problem);
    below(sink, at.pointer, at.node);
    None
}

/// A choice of words in a sentence.
pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str> + Clone) -> String {
    let is_choice = words.clone().nth(1).is_some();
    format!("{}{}", if is_choice { "one of " } else { "" }, listed(words))
}

pub(super) fn report(sink: &mut Sink, pointer: &str, problem: Problem) {
    sink.report(CF100, pointer, problem);
}

impl At<'_> {
    /// A problem with this value.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(message).value(quote::value(self.node)).allowed((self.expected)(self.dialect))
    }

    pub(super) fn wrong_type(&self, expected: &str) -> Problem {
        self.problem(format!("`{}` is {}, not {expected}", self.name, self.node.value.kind()))
    }
}

fn unknown(name: &str, meant: Option<&'static str>, known: &'static [Member]) -> Problem {
    let mut problem = Problem::new(format!("unknown member `{}`", quote::inline(name)))
        .value(quote::text(name))
        .allowed(names(known));
    if let Some(meant) = meant {
        problem.suggestion = Some(quote::whole(meant));
        problem.remedy = Remedy::Rename(meant);
    }
    problem
}

/// An object with these members, in words.
pub(super) fn names(known: &'static [Member]) -> String {
    match known {
        [] => "an object without members".to_owned(),
        [one] => format!("an object with the member `{}`", one.name),
        _ => {
            format!("an object with members of {}", listed(known.iter().map(|member| member.name)))
        }
    }
}

/// Words in a sentence.
pub(super) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// What a pointer points at, by its last part.
fn subject(pointer: &str) -> String {
    match pointer.rsplit_once('/') {
        None => "the document".to_owned(),
        Some((list, item)) if item.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("item {item} of {}", subject(list))
        }
        Some((_, name)) => format!("`{name}`"),
    }
}
