//! Collects findings, and puts them into document order.

use std::cmp::Ordering;

use stocktake_core::finding::{Dialect, Finding, VALUE_CHARS_MAX};

use crate::rules::{PC001, Rule};
use crate::tree::Node;

/// The most findings of one document: more than anybody reads, and little enough to answer with.
const FINDINGS_MAX: usize = 1000;

pub(crate) struct Sink<'a> {
    document: &'a str,
    dialect: Dialect,
    findings: Vec<Finding>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(document: &'a str, dialect: Dialect) -> Self {
        Self { document, dialect, findings: Vec::new() }
    }

    /// Reports a breach of a rule, if the dialect has that rule.
    pub(crate) fn report(
        &mut self,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        value: Option<&Node>,
    ) {
        let Some(level) = rule.level(self.dialect) else { return };
        match self.findings.len().cmp(&FINDINGS_MAX) {
            Ordering::Less => {}
            // One more tells that there are more.
            Ordering::Equal => {
                let message = format!("there are more than {FINDINGS_MAX} findings");
                self.push(PC001, stocktake_core::finding::Level::Error, "", message, None);
                return;
            }
            Ordering::Greater => return,
        }
        self.push(rule, level, pointer, message.into(), value);
    }

    fn push(
        &mut self,
        rule: &'static Rule,
        level: stocktake_core::finding::Level,
        pointer: &str,
        message: String,
        value: Option<&Node>,
    ) {
        self.findings.push(Finding {
            code: rule.code.into(),
            level,
            dialect: self.dialect,
            document: self.document.to_owned(),
            pointer: pointer.to_owned(),
            message,
            value: value.map(|node| node.quote(VALUE_CHARS_MAX)),
            allowed: None,
            suggestion: None,
            patch: None,
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
    let key = |segment: &str| match segment.parse::<u64>() {
        Ok(number) => (0, number, String::new()),
        Err(_) => (1, 0, segment.to_owned()),
    };
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
