//! Everything that is wrong with one document, whoever asks for what.
//!
//! Sources: "Policies and permissions in Amazon S3", "Actions, resources, and condition keys for Amazon S3" and the "IAM
//! JSON policy elements reference" of AWS; "About bucket access policies" and "About organization access policies" of
//! `CoreWeave` AI Object Storage; "Access Policy Language Overview" and "Conditions" of Tencent Cloud.

mod action;
mod condition;
mod context;
mod form;
mod grant;
mod principal;
mod redundant;
mod resource;
mod work;

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{Document, DocumentKind, Options};

use crate::configuration;
use crate::model::{Policy, PrincipalEntry, Statement};
use crate::parse::parse;
use crate::rules::PC001;
use crate::sink::{Draft, Sink};
use crate::tree::Node;
use work::{Index, STEPS_MAX, Work};

pub(crate) use action::name_part;
pub(crate) use context::{
    ABSENT_FOR_SERVICES, absent_for_services, denies_services, is_named, is_of_absent,
};
pub(crate) use resource::covers_some;

/// The most searches for a name that was probably meant, in one document: each compares with all known names.
pub(crate) const SEARCHES_MAX: usize = 32;

/// Finds everything wrong with one policy or configuration, in document order. [`Dialect::Any`] is judged as [`Dialect::Aws`].
///
/// # Examples
/// ```
/// use stocktake_core::finding::Dialect;
/// use stocktake_policy::{Document, DocumentKind, Options, lint};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
///     "Principal": {"AWS": "111111111111"}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::orbit/*"}]}"#;
/// let document =
///     Document { name: "p".to_owned(), kind: DocumentKind::BucketPolicy, text: text.to_owned() };
/// let findings = lint(&document, Dialect::Aws, &Options::default());
/// assert_eq!(findings[0].code, "PC110");
/// assert_eq!(
///     findings[0].patch.as_deref(),
///     Some(r#"[{"op":"replace","path":"/Statement/0/Resource","value":["arn:aws:s3:::orbit/*","arn:aws:s3:::orbit"]}]"#),
/// );
/// ```
#[must_use]
pub fn lint(document: &Document, dialect: Dialect, options: &Options) -> Vec<Finding> {
    if configuration::is_one(document.kind) {
        return configuration::lint(document, dialect, options);
    }
    lint_policy(&parse(document, dialect), options)
}

/// Likewise, for a policy that is parsed already; its own findings are among the answer.
pub(crate) fn lint_policy(policy: &Policy, options: &Options) -> Vec<Finding> {
    judged(policy, options).0
}

/// The findings of a policy, and how many steps they took.
fn judged(policy: &Policy, options: &Options) -> (Vec<Finding>, usize) {
    let Some(root) = &policy.tree else { return (policy.findings.clone(), 0) };
    let sink = Sink::resume(&policy.name, policy.dialect, policy.findings.clone());
    let index = Index::new(root);
    let (work, searches_left) = (Work::new(), SEARCHES_MAX);
    let mut lint = Lint { policy, root, index, work, grants: None, options, sink, searches_left };
    lint.judge();
    let Lint { sink, work, .. } = lint;
    let mut findings = sink.finish();
    spare_denials(policy, &mut findings);
    (findings, work.spent())
}

/// Rules whose remedy lets a statement match what it did not match before.
const WIDENING: &[&str] = &["PC101", "PC110", "PC113", "PC122", "PC123", "PC130"];

/// Takes patches away that would make a statement deny more: that may be meant, but it is not for a machine to do.
fn spare_denials(policy: &Policy, findings: &mut [Finding]) {
    let denials: Vec<String> = policy
        .statements
        .iter()
        .filter(|statement| !statement.allows)
        .map(|statement| format!("{}/", statement.pointer))
        .collect();
    let is_service = |statement: &&Statement| {
        let mut entries = statement.principals.iter().flat_map(|element| &element.entries);
        entries.any(|entry| entry.value == PrincipalEntry::Service)
    };
    let grants: Vec<String> = policy
        .statements
        .iter()
        .filter(is_service)
        .map(|statement| format!("{}/", statement.pointer))
        .collect();
    // To grant a service more is not enough where it is denied anyway.
    let denies_services = denies_services(policy);
    for finding in findings.iter_mut().filter(|finding| WIDENING.contains(&finding.code.as_ref())) {
        let lets_in = denies_services
            && (finding.code == "PC122"
                || grants.iter().any(|grant| finding.pointer.starts_with(grant.as_str())));
        if lets_in || denials.iter().any(|denial| finding.pointer.starts_with(denial.as_str())) {
            finding.patch = None;
        }
    }
}

/// One document being judged.
struct Lint<'a> {
    policy: &'a Policy,
    root: &'a Node,
    index: Index<'a>,
    work: Work,
    /// What lets services in, once somebody has asked.
    grants: Option<Vec<context::Grant<'a>>>,
    options: &'a Options,
    sink: Sink<'a>,
    searches_left: usize,
}

impl<'a> Lint<'a> {
    fn judge(&mut self) {
        form::check(self);
        for statement in &self.policy.statements {
            for check in [
                principal::check,
                action::check,
                resource::check,
                condition::check,
                context::check,
                grant::check,
                redundant::check,
            ] {
                if self.is_done() {
                    break;
                }
                check(self, statement);
            }
        }
        if !self.is_done() {
            redundant::check_statements(self);
        }
        if self.work.is_spent() {
            let message = format!(
                "judging the document takes more than {STEPS_MAX} steps; write fewer or shorter patterns"
            );
            self.sink.add_last(Draft::new(PC001, "", message));
        }
    }

    /// Whether nothing more can be told, or is to be looked for.
    fn is_done(&self) -> bool {
        self.sink.is_full() || self.work.is_spent()
    }

    /// The node at a pointer.
    fn at(&self, pointer: &str) -> Option<&'a Node> {
        self.index.at(pointer, &self.work)
    }

    fn is(&self, kind: DocumentKind) -> bool {
        self.policy.kind == kind
    }

    fn is_aws(&self) -> bool {
        matches!(self.policy.dialect, Dialect::Any | Dialect::Aws)
    }

    /// Whether it is attached to a principal, which it thus does not name.
    fn is_of_principal(&self) -> bool {
        self.is(DocumentKind::IdentityPolicy) || self.is(DocumentKind::CamPolicy)
    }

    /// Where the policy itself begins: one of an organization may be wrapped.
    fn base(&self) -> &'static str {
        let is_wrapped = self.is(DocumentKind::OrgPolicy)
            && self.policy.dialect == Dialect::Coreweave
            && self.root.member("statements").is_none()
            && self.root.member("policy").is_some();
        if is_wrapped { "/policy" } else { "" }
    }
}

/// What stands at a pointer, to be quoted.
fn quoted<'n>(lint: &Lint<'n>, pointer: &str) -> &'n Node {
    lint.at(pointer).unwrap_or(&Node::Null)
}

#[cfg(test)]
mod tests;
