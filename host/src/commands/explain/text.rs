//! A verdict for people: the answer, the statement that decides, and the others in short.

use std::fmt::Write as _;

use serde_json::Value;
use stocktake_core::quote::cut;

use super::documents::Documents;
use crate::engine::policy::{Decision, MatchOutcome, Request, TraceStep, Verdict};

/// The most characters of a statement that are shown: more than any that is written by hand.
const STATEMENT_CHARS_MAX: usize = 2000;

/// The most other statements that are listed.
const OTHERS_MAX: usize = 100;

pub(super) fn lines(verdict: &Verdict, request: &Request, documents: &Documents) -> Vec<String> {
    let mut lines = vec![answer(verdict, request)];
    match &verdict.because {
        Some(step) => lines.extend(deciding(verdict, step, documents)),
        None if verdict.decision == Decision::Allowed => {
            lines.push("  no statement is needed for it".to_owned());
        }
        None => {}
    }
    let lists = [("missing", &verdict.missing), ("assumed", &verdict.assumed)];
    for (label, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        lines.push(format!("  {label:<9} {}", list.join(", ")));
    }
    for finding in &verdict.findings {
        let (document, pointer) = (&finding.document, &finding.pointer);
        lines.push(format!("  {}      {document} {pointer}: {}", finding.code, finding.message));
    }
    let is_other = |step: &&TraceStep| {
        let same = |it: &TraceStep| it.document == step.document && it.index == step.index;
        !verdict.because.as_ref().is_some_and(same)
    };
    let others: Vec<&TraceStep> = verdict.trace.iter().filter(is_other).collect();
    if !others.is_empty() {
        lines.push("other statements:".to_owned());
        let shown = others.iter().take(OTHERS_MAX);
        lines.extend(shown.map(|step| format!("  {}: {}", named(step, documents), why(step))));
        if let Some(more) = others.len().checked_sub(OTHERS_MAX).filter(|more| *more > 0) {
            lines.push(format!("  and {more} more"));
        }
    }
    lines.iter().map(|line| printable(line)).collect()
}

fn answer(verdict: &Verdict, request: &Request) -> String {
    let principal = &request.principal;
    let mut names = principal.arns.iter().chain(&principal.service).chain(&principal.short_forms);
    let who = names.next().map_or("anybody", String::as_str);
    let Request { action, resource, .. } = request;
    match verdict.decision {
        Decision::Allowed => format!("allowed: {who} may {action} on {resource}"),
        Decision::ExplicitDeny => {
            format!("denied: a statement denies {who} {action} on {resource}")
        }
        Decision::ImplicitDeny => {
            format!("denied: no statement allows {who} {action} on {resource}")
        }
        Decision::Indeterminate => {
            format!(
                "indeterminate: whether {who} may {action} on {resource} hangs on what is missing"
            )
        }
        Decision::InvalidDocument => {
            format!("no answer: whether {who} may {action} on {resource} is not judged")
        }
    }
}

/// The statement that decides, or comes closest.
fn deciding(verdict: &Verdict, step: &TraceStep, documents: &Documents) -> Vec<String> {
    let role = if step.outcome == MatchOutcome::No { "closest" } else { "because" };
    let gate = verdict.gate.as_ref().map(|gate| format!(", gate {gate}")).unwrap_or_default();
    let mut lines = vec![
        format!("  {role:<9} {}{gate}", named(step, documents)),
        format!("            {}", why(step)),
    ];
    lines.extend(statement(step, documents).map(|(_, text)| format!("            {text}")));
    lines
}

fn named(step: &TraceStep, documents: &Documents) -> String {
    let effect = if step.allows { "Allow" } else { "Deny" };
    let sid = step.sid.as_ref().map(|sid| format!(" `{sid}`")).unwrap_or_default();
    let place = statement(step, documents)
        .map_or_else(|| format!("statement {}", step.index), |(pointer, _)| pointer);
    format!("{} {place}{sid} {effect}", step.document)
}

fn why(step: &TraceStep) -> String {
    let via = if step.via_account { ", by naming the account alone" } else { "" };
    let place = match (&step.element, &step.pointer) {
        (Some(element), Some(pointer)) => format!("`{element}` at {pointer}"),
        (Some(element), None) => format!("`{element}`"),
        (None, _) => "the statement".to_owned(),
    };
    match step.outcome {
        MatchOutcome::Match => format!("it applies{via}"),
        MatchOutcome::No => format!("{place} does not match"),
        MatchOutcome::Unknown => format!("whether {place} matches is unknown"),
    }
}

/// Where a statement is, and its JSON.
fn statement(step: &TraceStep, documents: &Documents) -> Option<(String, String)> {
    let tree: Value = serde_json::from_str(documents.text(&step.document)?).ok()?;
    let lists = ["/Statement", "/statement", "/statements", "/policy/statements"];
    let (place, list) = lists.iter().find_map(|place| Some((place, tree.pointer(place)?)))?;
    let (pointer, statement) = match list {
        Value::Array(items) => {
            (format!("{place}/{}", step.index), items.get(usize::try_from(step.index).ok()?)?)
        }
        one => ((*place).to_owned(), one),
    };
    Some((pointer, cut(STATEMENT_CHARS_MAX, |out| write!(out, "{statement}"))))
}

/// Names are the user's own text, and a hostile one could steer the terminal.
fn printable(text: &str) -> String {
    let escaped =
        |c: char| if c.is_control() { c.escape_default().collect() } else { c.to_string() };
    text.chars().map(escaped).collect()
}
