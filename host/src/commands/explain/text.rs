//! A verdict for people: the answer, the statement that decides, and the others in short.

use std::ops::Range;

use super::super::excerpt::{Occurrence, Source, visible};
use super::documents::Documents;
use crate::engine::policy::{Decision, MatchOutcome, Request, TraceStep, Verdict};

/// The most other statements that are listed.
const OTHERS_MAX: usize = 100;

/// Where documents of all dialects have their statements.
const STATEMENTS: [&str; 4] = ["/Statement", "/statement", "/statements", "/policy/statements"];

pub(super) fn lines(verdict: &Verdict, request: &Request, documents: &Documents) -> Vec<String> {
    let mut lines = vec![visible(&answer(verdict, request))];
    match &verdict.because {
        Some(step) => lines.extend(deciding(verdict, step, documents)),
        None if verdict.decision == Decision::Allowed => {
            lines.push("  because   no statement stands against it".to_owned());
        }
        None => {}
    }
    let lists = [("missing", &verdict.missing), ("assumed", &verdict.assumed)];
    for (label, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        lines.push(visible(&format!("  {label:<9} {}", list.join(", "))));
    }
    for finding in &verdict.findings {
        let place = [&finding.document, " ", &finding.pointer].concat();
        let line = format!("  {:<9} {}: {}", finding.code, place.trim_end(), finding.message);
        lines.push(visible(&line));
    }
    lines.extend(others(verdict, documents));
    lines
}

fn answer(verdict: &Verdict, request: &Request) -> String {
    let principal = &request.principal;
    let mut names = principal.arns.iter().chain(&principal.service).chain(&principal.short_forms);
    let who = names.next().map_or("anybody", String::as_str);
    let what = format!("{} on {}", request.action, request.resource);
    match verdict.decision {
        Decision::Allowed => format!("allowed: {who} may {what}"),
        Decision::ExplicitDeny => format!("denied: a statement denies {who} {what}"),
        Decision::ImplicitDeny => format!("denied: no statement allows {who} {what}"),
        Decision::Indeterminate => {
            format!("indeterminate: whether {who} may {what} hangs on what is missing")
        }
        Decision::InvalidDocument => {
            format!("no answer: a document is not valid, so whether {who} may {what} is open")
        }
    }
}

/// The statement that decides, or comes closest, with the lines that matter of it.
fn deciding(verdict: &Verdict, step: &TraceStep, documents: &Documents) -> Vec<String> {
    let role = if step.outcome == MatchOutcome::No { "closest" } else { "because" };
    let gate = verdict.gate.as_ref().map(|gate| format!(", gate {gate}")).unwrap_or_default();
    let source = documents.source(&step.document);
    let mut lines = vec![
        visible(&format!("  {role:<9} {}{gate}", named(step, source))),
        visible(&format!("            {}", why(step))),
    ];
    if let Some(source) = source {
        let span = match &step.pointer {
            Some(pointer) => Some(source.locate(pointer, Occurrence::First).span),
            None => source.extent(&place(step, Some(source))),
        };
        lines.extend(span.into_iter().flat_map(|span| excerpt(source, &span)));
    }
    lines
}

/// Lines of a document with their numbers. What is within one line is underlined.
fn excerpt(source: &Source, span: &Range<usize>) -> Vec<String> {
    let window = source.window(span);
    let mut lines = Vec::new();
    let mut start = 0;
    for (number, line) in (window.first_line..).zip(window.text.split('\n')) {
        lines.push(format!("      {number:>5} | {line}").trim_end().to_owned());
        let within = window.span.start >= start && window.span.end <= start + line.len();
        let marked = line
            .get(window.span.start.saturating_sub(start)..window.span.end.saturating_sub(start));
        if let (true, Some(marked)) = (within, marked) {
            let before = line.get(..window.span.start - start).unwrap_or_default();
            let blank: String =
                before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let mark = "^".repeat(marked.chars().count().max(1));
            lines.push(format!("            | {blank}{mark}"));
        }
        start += line.len() + 1;
    }
    lines
}

fn others(verdict: &Verdict, documents: &Documents) -> Vec<String> {
    let is_deciding = |step: &TraceStep| {
        let same = |it: &TraceStep| it.document == step.document && it.index == step.index;
        verdict.because.as_ref().is_some_and(same)
    };
    let steps: Vec<&TraceStep> = verdict.trace.iter().filter(|step| !is_deciding(step)).collect();
    if steps.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["other statements:".to_owned()];
    for step in steps.iter().take(OTHERS_MAX) {
        let source = documents.source(&step.document);
        lines.push(visible(&format!("  {}: {}", named(step, source), why(step))));
    }
    if steps.len() > OTHERS_MAX {
        lines.push(format!("  and {} more", steps.len() - OTHERS_MAX));
    }
    lines
}

fn named(step: &TraceStep, source: Option<&Source>) -> String {
    let sid = step.sid.as_ref().map(|sid| format!(" `{sid}`")).unwrap_or_default();
    format!("{} {}{sid} {}", step.document, place(step, source), step.effect())
}

/// A JSON pointer to a statement.
fn place(step: &TraceStep, source: Option<&Source>) -> String {
    let exists = |pointer: &String| source.is_some_and(|it| it.extent(pointer).is_some());
    let items = STATEMENTS.iter().map(|list| format!("{list}/{}", step.index));
    let alone = STATEMENTS.iter().map(|list| (*list).to_owned());
    items.chain(alone).find(exists).unwrap_or_else(|| format!("statement {}", step.index))
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
