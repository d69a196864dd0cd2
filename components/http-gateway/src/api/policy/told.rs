//! What is answered.

use std::collections::BTreeMap;

use serde::Serialize;
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::policy::{
    self, Comparison, DocumentPatch, JudgedRequest, PreflightReport, Principal, Verdict,
};

/// Everything wrong with a document.
pub(super) fn lint(dialect: Dialect, findings: &[Finding]) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        dialect: Dialect,
        usable: bool,
        findings: &'a [Finding],
    }
    let usable = !findings.iter().any(|finding| finding.level == Level::Error);
    text(&Answer { dialect, usable, findings })
}

/// A decision, whole; its steps have the members that a line of `stocktake explain --batch` has.
pub(super) fn evaluate(dialect: Dialect, verdict: &Verdict) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        dialect: Dialect,
        #[serde(flatten)]
        verdict: &'a Verdict,
    }
    text(&Answer { dialect, verdict })
}

/// Whether a delivery would work.
pub(super) fn preflight(dialect: Dialect, report: &PreflightReport) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        dialect: Dialect,
        writes: Vec<Judged<'a>>,
        manage: Vec<Judged<'a>>,
        read: Vec<Judged<'a>>,
        findings: &'a [Finding],
        patches: &'a [DocumentPatch],
    }
    text(&Answer {
        dialect,
        writes: judged(&report.writes),
        manage: judged(&report.manage),
        read: judged(&report.read),
        findings: &report.findings,
        patches: &report.patches,
    })
}

/// What replacing a policy does.
pub(super) fn compare(dialect: Dialect, comparison: &Comparison) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        dialect: Dialect,
        #[serde(flatten)]
        comparison: &'a Comparison,
    }
    text(&Answer { dialect, comparison })
}

#[derive(Serialize)]
struct Judged<'a> {
    request: Request<'a>,
    verdict: &'a Verdict,
}

/// A request in the form in which one is asked about, with its context as an object of keys.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Request<'a> {
    principal: &'a Principal,
    action: &'a str,
    resource: &'a str,
    resource_account: Option<&'a str>,
    context: BTreeMap<&'a str, &'a [String]>,
    context_complete: bool,
}

fn judged(all: &[JudgedRequest]) -> Vec<Judged<'_>> {
    all.iter().map(|it| Judged { request: (&it.request).into(), verdict: &it.verdict }).collect()
}

impl<'a> From<&'a policy::Request> for Request<'a> {
    fn from(request: &'a policy::Request) -> Self {
        let entries = request.context.iter();
        Self {
            principal: &request.principal,
            action: &request.action,
            resource: &request.resource,
            resource_account: request.resource_account.as_deref(),
            context: entries.map(|it| (it.key.as_str(), it.values.as_slice())).collect(),
            context_complete: request.context_complete,
        }
    }
}

fn text(answer: &impl Serialize) -> String {
    // Texts, numbers and lists of them always serialise.
    serde_json::to_string(answer).unwrap_or_default()
}
