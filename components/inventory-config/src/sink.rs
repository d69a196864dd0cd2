//! Collects findings, in the order in which they are met.

use stocktake_core::finding::{Dialect, Finding};

use crate::quote;
use crate::rules::{CF100, Rule};
use crate::tree::{Problem, Remedy};

/// The name of the input that findings are about.
pub const DOCUMENT: &str = "inventory-configuration";

/// The most findings of one document: more than anybody reads, and little enough to answer with.
pub const FINDINGS_MAX: usize = 1000;

pub(crate) struct Sink {
    dialect: Dialect,
    findings: Vec<Finding>,
    is_full: bool,
}

impl Sink {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, findings: Vec::new(), is_full: false }
    }

    /// Whose rules the document is judged by.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Reports a problem at a place, behind all that were reported before.
    pub(crate) fn report(&mut self, rule: &'static Rule, pointer: &str, problem: Problem) {
        self.insert(self.findings.len(), rule, pointer, problem);
    }

    /// How many findings there are: what [`Sink::insert`] takes to report at this place of the document later.
    pub(crate) fn mark(&self) -> usize {
        self.findings.len()
    }

    /// Reports a problem that belongs between findings that are there already.
    pub(crate) fn insert(
        &mut self,
        at: usize,
        rule: &'static Rule,
        pointer: &str,
        problem: Problem,
    ) {
        if self.findings.len() >= FINDINGS_MAX {
            self.is_full = true;
            return;
        }
        let finding = self.finding(rule, pointer, problem);
        self.findings.insert(at.min(self.findings.len()), finding);
    }

    /// Whether there are more findings than are told, so that looking for further ones is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// All findings, and one more that says so where there were too many.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        if self.is_full {
            let problem = Problem::new(format!("there are more than {FINDINGS_MAX} findings"))
                .allowed("none at all; repair these first");
            let finding = self.finding(CF100, "", problem);
            self.findings.push(finding);
        }
        self.findings
    }

    fn finding(&self, rule: &'static Rule, pointer: &str, problem: Problem) -> Finding {
        let patch = patch(pointer, &problem);
        Finding {
            code: rule.code.into(),
            level: rule.level,
            dialect: self.dialect,
            document: DOCUMENT.to_owned(),
            pointer: pointer.to_owned(),
            message: problem.message,
            value: problem.value,
            allowed: problem.allowed,
            suggestion: problem.suggestion,
            patch,
        }
    }
}

/// The pointer of a member or item.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn patch(pointer: &str, problem: &Problem) -> Option<String> {
    match (problem.remedy, &problem.suggestion) {
        (Remedy::Replace, Some(json)) => {
            let path = quote::whole(pointer);
            Some(format!(r#"[{{"op":"replace","path":{path},"value":{json}}}]"#))
        }
        (Remedy::Rename(name), _) => {
            let from = quote::whole(pointer);
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            let path = quote::whole(&child(parent, name));
            Some(format!(r#"[{{"op":"move","from":{from},"path":{path}}}]"#))
        }
        (Remedy::Replace | Remedy::None, _) => None,
    }
}
