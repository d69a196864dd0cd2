//! What is answered.

use std::collections::BTreeMap;

use serde::Serialize;
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_policy as policy;

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

/// A decision, whole.
pub(super) fn evaluate(dialect: Dialect, verdict: &policy::Verdict) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        dialect: Dialect,
        #[serde(flatten)]
        verdict: Verdict<'a>,
    }
    text(&Answer { dialect, verdict: verdict.into() })
}

/// Whether a delivery would work.
pub(super) fn preflight(dialect: Dialect, report: &policy::PreflightReport) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        dialect: Dialect,
        writes: Vec<Judged<'a>>,
        manage: Vec<Judged<'a>>,
        read: Vec<Judged<'a>>,
        findings: &'a [Finding],
        patches: Vec<Patch<'a>>,
    }
    #[derive(Serialize)]
    struct Patch<'a> {
        document: &'a str,
        patch: &'a str,
    }
    let patches = report.patches.iter();
    text(&Answer {
        dialect,
        writes: judged(&report.writes),
        manage: judged(&report.manage),
        read: judged(&report.read),
        findings: &report.findings,
        patches: patches.map(|it| Patch { document: &it.document, patch: &it.patch }).collect(),
    })
}

/// What replacing a policy does.
pub(super) fn compare(dialect: Dialect, comparison: &policy::Comparison) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Answer<'a> {
        dialect: Dialect,
        changes: Vec<Permission<'a>>,
        findings: &'a [Finding],
        locks_out: bool,
    }
    #[derive(Serialize)]
    struct Permission<'a> {
        who: &'a str,
        action: &'a str,
        change: &'static str,
    }
    let changes = comparison.changes.iter().map(|it| Permission {
        who: &it.who,
        action: &it.action,
        change: match it.change {
            policy::Change::Lost => "lost",
            policy::Change::Gained => "gained",
            policy::Change::Kept => "kept",
            policy::Change::Uncertain => "uncertain",
        },
    });
    text(&Answer {
        dialect,
        changes: changes.collect(),
        findings: &comparison.findings,
        locks_out: comparison.locks_out,
    })
}

/// A decision with its reasons; its steps have the members that a line of `stocktake explain --batch` has.
#[derive(Serialize)]
struct Verdict<'a> {
    decision: &'static str,
    gate: Option<&'static str>,
    because: Option<Step<'a>>,
    missing: &'a [String],
    assumed: &'a [String],
    trace: Vec<Step<'a>>,
    findings: &'a [Finding],
}

/// How one statement was judged.
#[derive(Serialize)]
struct Step<'a> {
    document: &'a str,
    index: u32,
    sid: Option<&'a str>,
    effect: &'static str,
    outcome: &'static str,
    via: &'static str,
    element: Option<&'static str>,
    pointer: Option<&'a str>,
}

#[derive(Serialize)]
struct Judged<'a> {
    request: Request<'a>,
    verdict: Verdict<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Request<'a> {
    principal: Principal<'a>,
    action: &'a str,
    resource: &'a str,
    resource_account: Option<&'a str>,
    context: BTreeMap<&'a str, &'a [String]>,
    context_complete: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Principal<'a> {
    arns: &'a [String],
    short_forms: &'a [String],
    account: Option<&'a str>,
    service: Option<&'a str>,
}

impl<'a> From<&'a policy::Verdict> for Verdict<'a> {
    fn from(verdict: &'a policy::Verdict) -> Self {
        Self {
            decision: verdict.decision.word(),
            gate: verdict.gate,
            because: verdict.because.as_ref().map(Into::into),
            missing: &verdict.missing,
            assumed: &verdict.assumed,
            trace: verdict.trace.iter().map(Into::into).collect(),
            findings: &verdict.findings,
        }
    }
}

impl<'a> From<&'a policy::TraceStep> for Step<'a> {
    fn from(step: &'a policy::TraceStep) -> Self {
        Self {
            document: &step.document,
            index: step.index,
            sid: step.sid.as_deref(),
            effect: if step.allows { "Allow" } else { "Deny" },
            outcome: step.outcome.word(),
            via: if step.via_account { "account" } else { "direct" },
            element: step.element,
            pointer: step.pointer.as_deref(),
        }
    }
}

fn judged(all: &[policy::JudgedRequest]) -> Vec<Judged<'_>> {
    let all = all.iter();
    all.map(|it| Judged { request: (&it.request).into(), verdict: (&it.verdict).into() }).collect()
}

impl<'a> From<&'a policy::Request> for Request<'a> {
    fn from(request: &'a policy::Request) -> Self {
        let policy::Principal { arns, short_forms, account, service } = &request.principal;
        let entries = request.context.iter();
        Self {
            principal: Principal {
                arns,
                short_forms,
                account: account.as_deref(),
                service: service.as_deref(),
            },
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
