//! From text to the model, with everything that is wrong with its form.
//!
//! Sources: "Grammar of the IAM JSON policy language" in the AWS IAM user guide and "Policies and permissions in Amazon
//! S3"; "About bucket access policies" and "About organization access policies" of `CoreWeave` AI Object Storage;
//! "Access Policy Language Overview" of Tencent Cloud COS.

mod elements;
mod grammar;
mod statement;

use std::collections::BTreeSet;
use std::sync::Arc;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{Document, DocumentKind};

use crate::fold;
use crate::limits::{DOCUMENT_BYTES_MAX, NAME_BYTES_MAX};
use crate::model::{Policy, Statement};
use crate::rules::{PC001, PC002, PC003, PC004, PC009, PC010};
use crate::sink::Sink;
use crate::tree::{DEPTH_MAX, Node, child, inline};
use grammar::{Grammar, Name};
use statement::Reader;

/// The most bytes of a bucket policy, white space not counted.
///
/// Amazon S3 and Tencent Cloud COS document 20 KB, and neither says whether white space counts.
pub const BUCKET_POLICY_BYTES_MAX: usize = 20 * 1024;

/// Reads a document. Whatever it holds, this answers a policy, with findings where its form is wrong.
///
/// # Examples
/// ```
/// use stocktake_core::finding::Dialect;
/// use stocktake_policy::{Document, DocumentKind, parse};
///
/// let text = r#"{"Statement": {"Effect": "allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
/// let kind = DocumentKind::BucketPolicy;
/// let document = Document { name: "policy".to_owned(), kind, text: text.to_owned() };
/// let policy = parse(&document, Dialect::Aws);
/// assert!(policy.is_invalid());
/// assert_eq!(policy.findings[0].code, "PC005");
/// assert_eq!(policy.findings[0].pointer, "/Statement/Effect");
/// ```
#[must_use]
pub fn parse(document: &Document, dialect: Dialect) -> Policy {
    let read = if document.text.len() > DOCUMENT_BYTES_MAX {
        let found = document.text.len();
        Err(format!("the document has {found} bytes, at most {DOCUMENT_BYTES_MAX} are read"))
    } else {
        Node::read(&document.text, DEPTH_MAX)
            .map_err(|reason| format!("the document is not JSON: {}", inline(&reason)))
    };
    match read {
        Ok(tree) => {
            let bytes = bytes_without_space(&document.text);
            parse_tree(&document.name, document.kind, dialect, tree, bytes)
        }
        Err(reason) => unreadable(&document.name, document.kind, dialect, reason),
    }
}

/// A document that is no policy at all.
fn unreadable(name: &str, kind: DocumentKind, dialect: Dialect, reason: String) -> Policy {
    let mut sink = Sink::new(name, dialect);
    sink.report(PC001, "", reason, None);
    let findings = sink.finish();
    let (version, statements, tree) = (None, Vec::new(), None);
    Policy { name: Arc::from(name), kind, dialect, version, statements, tree, findings }
}

/// Reads a document that is a tree already, and would be of so many bytes as text.
pub(crate) fn parse_tree(
    name: &str,
    kind: DocumentKind,
    dialect: Dialect,
    tree: Node,
    bytes: usize,
) -> Policy {
    let grammar = Grammar::of(kind, dialect);
    let mut sink = Sink::new(name, dialect);
    if tree.depth() > DEPTH_MAX {
        let message = format!("the document is nested deeper than {DEPTH_MAX} levels");
        sink.report(PC001, "", message, None);
    }
    if kind == DocumentKind::BucketPolicy && bytes > BUCKET_POLICY_BYTES_MAX {
        let message = format!(
            "the policy has {bytes} bytes without white space, \
             at most {BUCKET_POLICY_BYTES_MAX} are allowed"
        );
        sink.report(PC001, "", message, None);
    }
    if let Some(bytes) = longest_name(&tree).filter(|bytes| *bytes > NAME_BYTES_MAX) {
        let message = format!("a name has {bytes} bytes, at most {NAME_BYTES_MAX} are read");
        sink.report(PC001, "", message, None);
        let findings = sink.finish();
        let (version, statements, tree) = (None, Vec::new(), None);
        return Policy {
            name: Arc::from(name),
            kind,
            dialect,
            version,
            statements,
            tree,
            findings,
        };
    }
    repeated(&tree, "", &mut sink);
    let (version, statements) = top(grammar, &tree, &mut sink);
    let findings = sink.finish();
    Policy { name: Arc::from(name), kind, dialect, version, statements, tree: Some(tree), findings }
}

/// How many bytes the longest name of a member has.
fn longest_name(node: &Node) -> Option<usize> {
    match node {
        Node::Object(members) => {
            let of_member =
                |(name, value): &(String, Node)| longest_name(value).max(Some(name.len()));
            members.iter().filter_map(of_member).max()
        }
        Node::List(items) => items.iter().filter_map(longest_name).max(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::TooDeep => None,
    }
}

/// How many bytes a text has outside of white space, where what stands within quotes counts.
fn bytes_without_space(text: &str) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let counts = text.bytes().filter(|byte| {
        let was_quoted = is_quoted;
        if is_escaped {
            is_escaped = false;
        } else if *byte == b'"' {
            is_quoted = !is_quoted;
        } else {
            is_escaped = is_quoted && *byte == b'\\';
        }
        was_quoted || !byte.is_ascii_whitespace()
    });
    counts.count()
}

/// A place in a document, of which the pointer is written where it is needed.
#[derive(Clone, Copy)]
enum At<'a> {
    Top(&'a str),
    Member(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Top(pointer) => (*pointer).to_owned(),
            Self::Member(parent, name) => child(&parent.pointer(), name),
            Self::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

/// Members of one object that bear the same name, whatever its case. Parsers differ in which of them they take.
pub(crate) fn repeated(node: &Node, pointer: &str, sink: &mut Sink<'_>) {
    repeated_at(node, At::Top(pointer), sink);
}

/// As many members are compared with each other; of more, names in lower case are kept.
const PAIRS_MAX: usize = 16;

fn repeated_at(node: &Node, at: At<'_>, sink: &mut Sink<'_>) {
    match node {
        Node::Object(members) => {
            let mut names = BTreeSet::new();
            for (i, (name, value)) in members.iter().enumerate() {
                let is_first = if members.len() <= PAIRS_MAX {
                    !members.iter().take(i).any(|(before, _)| fold::same(before, name))
                } else {
                    names.insert(fold::lower(name).collect::<String>())
                };
                let place = At::Member(&at, name);
                if !is_first {
                    let message = format!("`{}` is given twice in one object", inline(name));
                    sink.report(PC002, &place.pointer(), message, Some(value));
                }
                repeated_at(value, place, sink);
            }
        }
        Node::List(items) => {
            for (i, item) in items.iter().enumerate() {
                if matches!(item, Node::Object(_) | Node::List(_)) {
                    repeated_at(item, At::Item(&at, i), sink);
                }
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::TooDeep => {}
    }
}

/// The version and statements of a document.
fn top(grammar: Grammar, tree: &Node, sink: &mut Sink<'_>) -> (Option<String>, Vec<Statement>) {
    let (root, pointer) = match tree.member("policy") {
        Some(inner) if grammar.may_be_wrapped() && tree.member("statements").is_none() => {
            (inner, "/policy")
        }
        _ => (tree, ""),
    };
    let Node::Object(members) = root else {
        sink.report(
            PC001,
            pointer,
            format!("a policy is an object, this is {}", root.kind()),
            Some(root),
        );
        return (None, Vec::new());
    };
    let (mut version, mut statements, mut shared) = (None, None, None);
    let mut is_mixed = false;
    for (name, value) in members {
        let place = child(pointer, name);
        match grammar.top(name) {
            Some(Name::Version) => version = value.scalar(),
            Some(Name::Statement) => statements = statements.or(Some((place, value))),
            Some(Name::Principal) => {
                is_mixed = true;
                shared = shared.or(Some((place, value)));
            }
            Some(_) => {}
            None => {
                let message = format!("a policy has no member `{}`", inline(name));
                sink.report(PC003, &place, message, Some(value));
            }
        }
        is_mixed |= grammar.is_capitalised(name);
    }
    let has_variables = version.as_deref() == Some("2012-10-17");
    let reader = Reader { grammar, has_variables, shared };
    let statements = match statements {
        Some((place, Node::List(items))) if !items.is_empty() => {
            let items = items.iter().enumerate();
            let read = |(i, item)| reader.read(i, item, &format!("{place}/{i}"), sink);
            items.filter_map(read).collect()
        }
        Some((place, statement @ Node::Object(_))) => {
            if grammar.is_list_expected() {
                let message = "one statement stands where a list of them should";
                sink.report(PC009, &place, message, Some(statement));
            }
            reader.read(0, statement, &place, sink).into_iter().collect()
        }
        Some((place, other)) => {
            let message = format!("there is no statement, but {}", other.kind());
            sink.report(PC004, &place, message, Some(other));
            Vec::new()
        }
        None => {
            let message = format!("`{}` is missing", grammar.name(Name::Statement));
            sink.report(PC004, pointer, message, None);
            Vec::new()
        }
    };
    if is_mixed {
        let message = "names are capitalised or the principal stands outside of the statements";
        sink.report(PC010, pointer, message, None);
    }
    (version, statements)
}

#[cfg(test)]
mod tests;
