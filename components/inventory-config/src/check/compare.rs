//! What the strict dialects would say about a document that is judged as `any`.

use std::collections::BTreeSet;

use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::form::Form;

use crate::rules::{Api, CF100};
use crate::sink::{DOCUMENT, FINDINGS_MAX};

/// Parts of a document that say nothing about how its reports look.
const FORMLESS: [&str; 2] = ["/Filter", "/Schedule"];

/// Adds what the strict dialects would refuse, as findings of level `info`, and answers which form the report has.
///
/// A document is compared with the dialects of the API whose kind of destination it has: no document is for both, and
/// that the others refuse it goes without saying. What `any` itself refuses at a place is not said again.
pub(super) fn with_strict(
    findings: &mut Vec<Finding>,
    api: Api,
    judge: impl Fn(Dialect) -> Vec<Finding>,
) -> Form {
    let forms: &[Form] = match api {
        Api::S3 => &[Form::Aws, Form::Coreweave],
        Api::Cos => &[Form::Cos],
    };
    let refusals: Vec<(Form, Vec<Finding>)> =
        forms.iter().map(|form| (*form, errors(judge(form.dialect())))).collect();
    let form = form(&refusals, forms);
    let refused: BTreeSet<String> = findings
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| finding.pointer.clone())
        .collect();
    let notes = refusals.into_iter().flat_map(|(_, refusals)| refusals);
    for finding in notes.filter(|finding| !refused.contains(&finding.pointer)) {
        match findings.len() {
            0..FINDINGS_MAX => findings.push(note(finding)),
            FINDINGS_MAX => findings.push(too_many()),
            _ => break,
        }
    }
    form
}

/// The first form whose dialect takes the whole document; else the first whose dialect takes all that says how a report
/// looks; else the first.
fn form(refusals: &[(Form, Vec<Finding>)], forms: &[Form]) -> Form {
    let is_formless = |finding: &Finding| {
        FORMLESS.iter().any(|part| {
            let below = finding.pointer.strip_prefix(part);
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        })
    };
    let whole = refusals.iter().find(|(_, refusals)| refusals.is_empty());
    let looks = || refusals.iter().find(|(_, refusals)| refusals.iter().all(is_formless));
    let found = whole.or_else(looks).map(|(form, _)| *form);
    found.or_else(|| forms.first().copied()).unwrap_or_default()
}

fn errors(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|finding| finding.level == Level::Error).collect()
}

fn note(finding: Finding) -> Finding {
    let name = match finding.dialect {
        Dialect::Any => "any",
        Dialect::Aws => "aws",
        Dialect::Coreweave => "coreweave",
        Dialect::Cos => "cos",
    };
    let message = format!("`{name}` would refuse this: {}", finding.message);
    Finding { level: Level::Info, message, ..finding }
}

fn too_many() -> Finding {
    Finding {
        code: CF100.code.into(),
        level: Level::Info,
        dialect: Dialect::Any,
        document: DOCUMENT.to_owned(),
        pointer: String::new(),
        message: format!("there are more than {FINDINGS_MAX} findings"),
        value: None,
        allowed: Some("what the strict dialects take".to_owned()),
        suggestion: None,
        patch: None,
    }
}
