//! Collects findings, and puts them into document order.

use std::cmp::Ordering;

use serde_json::Value as Json;
use stocktake_core::finding::{Dialect, Finding, Level, VALUE_CHARS_MAX};

use crate::rules::{PC001, Rule};
use crate::tree::Node;

/// The most findings of one document: more than anybody reads, and little enough to answer with.
pub(crate) const FINDINGS_MAX: usize = 1000;

/// The longest patch, in bytes: a hundred resources of usual length. There is one for each finding, and each may hold what
/// the document has once.
const PATCH_BYTES_MAX: usize = 16 << 10;

pub(crate) struct Sink<'a> {
    document: &'a str,
    dialect: Dialect,
    findings: Vec<Finding>,
}

/// A finding in the making.
pub(crate) struct Draft {
    rule: &'static Rule,
    level: Option<Level>,
    pointer: String,
    message: String,
    value: Option<String>,
    allowed: Option<String>,
    suggestion: Option<String>,
    patch: Option<String>,
}

impl Draft {
    pub(crate) fn new(rule: &'static Rule, pointer: &str, message: impl Into<String>) -> Self {
        let (pointer, message) = (pointer.to_owned(), message.into());
        let (level, value, allowed, suggestion, patch) = (None, None, None, None, None);
        Self { rule, level, pointer, message, value, allowed, suggestion, patch }
    }

    /// Another level than the rule's own.
    pub(crate) fn level(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }

    /// The value that is wrong.
    pub(crate) fn value(self, value: &Node) -> Self {
        Self { value: Some(value.quote(VALUE_CHARS_MAX)), ..self }
    }

    /// What would be allowed, in words.
    pub(crate) fn allowed(self, words: impl Into<String>) -> Self {
        Self { allowed: Some(words.into()), ..self }
    }

    /// A value that would do.
    pub(crate) fn suggest(self, value: &Json) -> Self {
        Self { suggestion: Some(value.to_string()), ..self }
    }

    /// The operations of a patch that mends it; none where there are none, or they are longer than [`PATCH_BYTES_MAX`].
    pub(crate) fn patch(self, operations: Vec<Json>) -> Self {
        let patch = (!operations.is_empty()).then(|| Json::Array(operations).to_string());
        let patch = patch.filter(|patch| patch.len() <= PATCH_BYTES_MAX);
        Self { patch, ..self }
    }
}

impl<'a> Sink<'a> {
    pub(crate) fn new(document: &'a str, dialect: Dialect) -> Self {
        Self { document, dialect, findings: Vec::new() }
    }

    /// Goes on from findings that were made before.
    pub(crate) fn resume(document: &'a str, dialect: Dialect, findings: Vec<Finding>) -> Self {
        Self { document, dialect, findings }
    }

    /// Adds findings that were made before, which are no more than are told of a document.
    pub(crate) fn extend(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    /// Reports a breach of a rule, if the dialect has that rule.
    pub(crate) fn report(
        &mut self,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        value: Option<&Node>,
    ) {
        let draft = Draft::new(rule, pointer, message);
        self.add(match value {
            Some(value) => draft.value(value),
            None => draft,
        });
    }

    /// Likewise, with what could be done about it.
    pub(crate) fn add(&mut self, draft: Draft) {
        let Some(level) = draft.rule.level(self.dialect) else { return };
        match self.findings.len().cmp(&FINDINGS_MAX) {
            Ordering::Less => self.push(draft.level.unwrap_or(level), draft),
            // One more tells that there are more.
            Ordering::Equal => {
                let message = format!("there are more than {FINDINGS_MAX} findings");
                self.push(Level::Error, Draft::new(PC001, "", message));
            }
            Ordering::Greater => {}
        }
    }

    /// Whether nothing that is added any more is told.
    pub(crate) fn is_full(&self) -> bool {
        self.findings.len() > FINDINGS_MAX
    }

    /// Adds what has to be told, however much has been.
    pub(crate) fn add_last(&mut self, draft: Draft) {
        let Some(level) = draft.rule.level(self.dialect) else { return };
        self.push(draft.level.unwrap_or(level), draft);
    }

    fn push(&mut self, level: Level, draft: Draft) {
        self.findings.push(Finding {
            code: draft.rule.code.into(),
            level,
            dialect: self.dialect,
            document: self.document.to_owned(),
            pointer: draft.pointer,
            message: draft.message,
            value: draft.value,
            allowed: draft.allowed,
            suggestion: draft.suggestion,
            patch: draft.patch,
        });
    }

    /// All findings by pointer, segment by segment and numbers by value, then by code and message.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by(|one, other| {
            by_segment(&one.pointer, &other.pointer)
                .then_with(|| one.code.cmp(&other.code))
                .then_with(|| one.message.cmp(&other.message))
        });
        self.findings
    }
}

/// The order of pointers: a parent before its children, `/2` before `/10`.
pub(crate) fn by_segment(one: &str, other: &str) -> Ordering {
    fn key(segment: &str) -> (u8, u64, &str) {
        match segment.parse::<u64>() {
            Ok(number) => (0, number, ""),
            Err(_) => (1, 0, segment),
        }
    }
    one.split('/').map(key).cmp(other.split('/').map(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_ordered_by_segment_and_number() {
        let mut pointers = ["/a/10", "/a/2/b", "", "/a", "/a/2", "/a-b"];
        pointers.sort_by(|one, other| by_segment(one, other));
        assert_eq!(pointers, ["", "/a", "/a/2", "/a/2/b", "/a/10", "/a-b"]);
    }
}
