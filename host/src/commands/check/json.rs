//! Findings for programs: one JSON document.

use serde::Serialize;
use serde_json::{Value, json};
use stocktake_core::finding::{Dialect, Finding, Level};

use super::outcome::{Outcome, occurrence};
use crate::engine::policy::{DocumentKind, DocumentPatch, JudgedRequest};

/// What is printed. Members are only ever added.
#[derive(Debug, Serialize)]
pub(super) struct Printed<'a> {
    /// What was judged, in the order in which it was given.
    documents: Vec<Judged<'a>>,
    /// In the order of the documents.
    findings: Vec<Placed<'a>>,
    /// How many there are of each level.
    counts: Value,
    #[serde(flatten)]
    preflight: Option<Preflight<'a>>,
}

#[derive(Debug, Serialize)]
struct Judged<'a> {
    document: &'a str,
    kind: DocumentKind,
    dialect: Dialect,
}

/// A finding, and where it is in the text: from 1, columns in characters. Null where there is no such document.
#[derive(Debug, Serialize)]
struct Placed<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Preflight<'a> {
    writes: &'a [JudgedRequest],
    manage: &'a [JudgedRequest],
    read: &'a [JudgedRequest],
    patches: &'a [DocumentPatch],
}

pub(super) fn printed(outcome: &Outcome) -> Printed<'_> {
    let documents = outcome.documents.iter().map(|checked| Judged {
        document: &checked.source.name,
        kind: checked.kind,
        dialect: checked.dialect,
    });
    let of = |level| outcome.findings.iter().filter(|finding| finding.level == level).count();
    Printed {
        documents: documents.collect(),
        findings: outcome.findings.iter().map(|finding| placed(outcome, finding)).collect(),
        counts: json!({
            "error": of(Level::Error), "warning": of(Level::Warning),
            "security": of(Level::Security), "info": of(Level::Info),
        }),
        preflight: outcome.preflight.as_ref().map(|report| Preflight {
            writes: &report.writes,
            manage: &report.manage,
            read: &report.read,
            patches: &report.patches,
        }),
    }
}

fn placed<'a>(outcome: &Outcome, finding: &'a Finding) -> Placed<'a> {
    let place = outcome.source(&finding.document).map(|source| {
        let located = source.locate(&finding.pointer, occurrence(finding));
        source.position(located.span.start)
    });
    Placed { finding, line: place.map(|place| place.line), column: place.map(|place| place.column) }
}
