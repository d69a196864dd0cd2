//! Findings as SARIF, which code hosts display.
//!
//! Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS; and "SARIF support for code
//! scanning" of GitHub, which names what it reads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stocktake_core::finding::{Finding, Level};

use super::super::excerpt::{Edit, Source};
use super::outcome::{Outcome, occurrence};
use super::rules::documented;

/// How severe a risk is, of 10. From 7 on GitHub calls it high: what grants everything, or grants it to everybody.
const SECURITY_SEVERITY: &str = "7.0";

/// Where the schema is, as it names itself.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// Everything that was found, as one log with one run.
pub(super) fn log(outcome: &Outcome) -> Value {
    let mut codes: BTreeMap<&str, Level> = BTreeMap::new();
    for finding in &outcome.findings {
        let level = codes.entry(&finding.code).or_insert(finding.level);
        // Where dialects differ, the gravest: the order of levels is that of gravity.
        *level = (*level).min(finding.level);
    }
    let indices: BTreeMap<&str, usize> = codes.keys().copied().zip(0..).collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = outcome
        .findings
        .iter()
        .map(|finding| result(outcome, finding, &indices, &mut seen))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stocktake",
                "version": version,
                "semanticVersion": version,
                "rules": codes.iter().map(|(code, level)| rule(code, *level)).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "artifacts": outcome.documents.iter().map(|document| json!({
                "location": {"uri": uri(document.path.as_deref())},
                "length": document.source.text.len(),
            })).collect::<Vec<_>>(),
            "results": results,
        }],
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning | Level::Security => "warning",
        Level::Info => "note",
    }
}

fn rule(code: &str, default: Level) -> Value {
    let documented = documented(code);
    let title = documented.as_ref().map_or(code, |documented| documented.title);
    let mut rule = json!({
        "id": code,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": level(default)},
    });
    if let (Some(documented), Some(rule)) = (&documented, rule.as_object_mut()) {
        // A `helpUri` would have to be absolute.
        let (text, place) = (documented.text, &documented.place);
        let help = json!({
            "text": format!("{text}\n\nSee {place}"),
            "markdown": format!("{text}\n\nSee [{place}]({place})."),
        });
        rule.insert("help".to_owned(), help);
    }
    if let (Level::Security, Some(rule)) = (default, rule.as_object_mut()) {
        let properties = json!({"tags": ["security"], "security-severity": SECURITY_SEVERITY});
        rule.insert("properties".to_owned(), properties);
    }
    rule
}

fn result(
    outcome: &Outcome,
    finding: &Finding,
    indices: &BTreeMap<&str, usize>,
    seen: &mut BTreeMap<String, usize>,
) -> Value {
    // What is wrong with a policy that is not there is shown where the first document is.
    let document = outcome.document(&finding.document);
    let shown = document.or_else(|| outcome.documents.first());
    let uri = uri(shown.and_then(|document| document.path.as_deref()));
    let mut physical = json!({"artifactLocation": {"uri": uri}});
    if let (Some(document), Some(physical)) = (document, physical.as_object_mut()) {
        let located = document.source.locate(&finding.pointer, occurrence(finding));
        physical.insert("region".to_owned(), region(&document.source, &located.span));
    }
    let mut message = finding.message.clone();
    if document.is_none() {
        message = format!("{}: {message}", finding.document);
    }
    if let Some(allowed) = &finding.allowed {
        message = format!("{message}; allowed: {allowed}");
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": indices.get(&*finding.code),
        "level": level(finding.level),
        "message": {"text": message},
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{"fullyQualifiedName": finding.pointer}],
        }],
        "partialFingerprints": {"stocktake/v1": fingerprint(finding, &uri, seen)},
    });
    let Some(members) = result.as_object_mut() else { return result };
    if finding.level == Level::Security {
        let properties = json!({"tags": ["security"], "security-severity": SECURITY_SEVERITY});
        members.insert("properties".to_owned(), properties);
    }
    let edited = document.zip(finding.patch.as_deref());
    if let Some((document, edits)) =
        edited.and_then(|(document, patch)| Some((document, document.source.edits(patch)?)))
    {
        let replacement = |edit: Edit| {
            json!({
                "deletedRegion": region(&document.source, &edit.range),
                "insertedContent": {"text": edit.text},
            })
        };
        let replacements: Vec<Value> = edits.into_iter().map(replacement).collect();
        let change = json!({"artifactLocation": {"uri": uri}, "replacements": replacements});
        let fix = json!({"description": {"text": "write it so"}, "artifactChanges": [change]});
        members.insert("fixes".to_owned(), json!([fix]));
    }
    result
}

/// What stays the same while lines move: the rule, the file, the place in it, and which of several there.
fn fingerprint(finding: &Finding, uri: &str, seen: &mut BTreeMap<String, usize>) -> String {
    let parts = [&*finding.code, uri, &finding.document, &finding.pointer];
    let place = parts.join("\0");
    let number = seen.entry(place.clone()).or_default();
    *number += 1;
    crate::hex(&Sha256::digest(format!("{place}\0{number}").as_bytes()))
}

fn region(source: &Source, span: &Range<usize>) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.utf16_column,
        "endLine": end.line,
        "endColumn": end.utf16_column,
    })
}

/// A file as code hosts look it up: relative to where the command ran, unless it was named by its full path.
fn uri(path: Option<&Path>) -> String {
    let Some(path) = path else { return "stdin".to_owned() };
    let path = path.strip_prefix(".").unwrap_or(path);
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push('%');
            uri.push_str(&crate::hex(&[*byte]).to_uppercase());
        }
    }
    uri
}

#[cfg(test)]
mod tests;
