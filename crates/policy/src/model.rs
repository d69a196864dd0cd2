//! A policy of any dialect, taken apart once and kept with its places in the document.

use std::sync::Arc;

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::DocumentKind;

use crate::condition::Operator;
use crate::pattern::Pattern;
use crate::tree::Node;

/// One parsed document.
///
/// - statements stand in document order
/// - what could not be understood is left out of the statements, stays in the tree, and is told in the findings
#[derive(Clone, Debug)]
pub struct Policy {
    /// What findings and verdicts call the document.
    pub name: Arc<str>,
    /// What it is.
    pub kind: DocumentKind,
    /// Whose rules it was read by.
    pub dialect: Dialect,
    /// The text of its `Version`.
    pub version: Option<String>,
    /// What it says.
    pub statements: Vec<Statement>,
    /// The document itself; none where it is no JSON.
    pub tree: Option<Node>,
    /// What is wrong with its form, in document order.
    pub findings: Vec<Finding>,
}

impl Policy {
    /// Whether nothing can be decided by it.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.findings.iter().any(|finding| crate::rules::is_fatal(&finding.code))
    }
}

/// One statement: it applies where all of its elements hold.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its place in the document.
    pub index: u32,
    /// Its id, where it has one.
    pub sid: Option<Arc<str>>,
    /// Whether it allows; otherwise it denies.
    pub allows: bool,
    /// A JSON pointer to it.
    pub pointer: Arc<str>,
    /// `Principal` and `NotPrincipal`, as far as they are there. None that counts in a policy of a principal.
    pub principals: Vec<Element<PrincipalEntry>>,
    /// `Action` and `NotAction`, as far as they are there.
    pub actions: Vec<Element<ActionEntry>>,
    /// `Resource` and `NotResource`, as far as they are there.
    pub resources: Vec<Element<ResourceEntry>>,
    /// Every key of every operator.
    pub conditions: Vec<Condition>,
}

/// A list of a statement, whether it is written as a list or as one text.
#[derive(Clone, Debug)]
pub struct Element<T> {
    /// What AWS calls it.
    pub name: &'static str,
    /// Whether it holds for what is not listed.
    pub is_negated: bool,
    /// A JSON pointer to it.
    pub pointer: Arc<str>,
    /// What is listed.
    pub entries: Vec<Entry<T>>,
}

/// One item of a list.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// What follows the pointer of its list: `/0`, or nothing where one text stands for the list.
    pub suffix: String,
    /// As it is written.
    pub text: String,
    /// As it is understood.
    pub value: T,
}

/// Whom an entry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalEntry {
    /// Everyone.
    Everyone,
    /// Everyone of an account.
    Account(String),
    /// The role of this ARN and its sessions.
    Role,
    /// Whoever has this ARN, id or short form.
    Exactly,
    /// Short forms that begin so.
    Prefix(String),
    /// The service of this host name.
    Service,
    /// Nobody: it has no form that names somebody.
    Nobody,
}

/// Which actions an entry names.
#[derive(Clone, Debug)]
pub enum ActionEntry {
    /// Every action.
    Every,
    /// Those of a service, by a pattern of their names.
    Named(String, ActionPattern),
    /// None: it has no service, or a wildcard there.
    None,
}

/// A pattern of names of actions.
#[derive(Clone, Debug)]
pub struct ActionPattern(pub(crate) Pattern);

/// Which resources an entry names.
#[derive(Clone, Debug)]
pub struct ResourceEntry(pub(crate) Pattern);

/// One test of one context key.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator as it is written.
    pub operator_text: Arc<str>,
    /// How it compares; none for an operator that the dialect does not have.
    pub(crate) operator: Option<Operator>,
    /// The key as it is written.
    pub key: String,
    /// A JSON pointer to the values.
    pub pointer: Arc<str>,
    /// What the key is compared with.
    pub values: Vec<ConditionValue>,
}

/// A value of a condition.
#[derive(Clone, Debug)]
pub struct ConditionValue {
    /// As text, whatever its type.
    pub text: String,
    /// For operators on text.
    pub(crate) pattern: Pattern,
}
