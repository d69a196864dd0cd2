//! One question as a line of JSON, and its answer as another.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{
    ContextEntry, Decision, Document, DocumentKind, Options, Principal, Request, TraceStep, Verdict,
};

use crate::evaluate::PolicySet;
use crate::limits::{CONTEXT_VALUES_MAX, DOCUMENT_BYTES_MAX, REQUEST_TEXT_BYTES_MAX};
use crate::model::Policy;
use crate::parse::{parse, parse_tree};
use crate::principal::principal_named;
use crate::tree::{DEPTH_MAX, Node, child, inline};

/// The most bytes of a line: a dozen documents of the greatest size, so that no question costs without bound.
const LINE_BYTES_MAX: usize = 12 * DOCUMENT_BYTES_MAX;

/// How many levels of a line there are above a document in it.
const LEVELS_ABOVE: usize = 3;

/// Answers one line of JSON with another, without its line feed.
///
/// The line is an object with `dialect` (`aws`, `coreweave` or `cos`), `policies` and `request`, and maybe `options`;
/// what else it has is the caller's own.
/// `policies` has the lists `identity` and `organization` and the document `resource`; what is left out is unknown, an
/// empty list and a `resource` that is null say that there is none. Documents are JSON values, or texts that hold JSON.
/// `request` has `principal` (an ARN, host name or short form; `*` for nobody in particular), `action`, `resource`, and
/// maybe `resource-account`, `context` (texts, or lists of them) and `context-complete` (true if left out).
///
/// The answer has `decision` and `because`. To a line that is no such question it is `error`, with what is wrong and a
/// pointer to it.
///
/// # Examples
/// ```
/// use stocktake_policy::explain_line;
///
/// let answer = explain_line(
///     r#"{"dialect": "aws", "policies": {"identity": [], "resource": null},
///         "request": {"principal": "arn:aws:iam::111111111111:user/u1", "action": "s3:GetObject",
///                     "resource": "arn:aws:s3:::b/k", "resource-account": "111111111111"}}"#,
/// );
/// assert!(answer.starts_with(r#"{"because":{"#) && answer.ends_with(r#""decision":"implicit-deny"}"#));
/// assert!(explain_line("?").starts_with(r#"{"error":{"#));
/// ```
#[must_use]
pub fn explain_line(line: &str) -> String {
    let answer = match decide(line) {
        Ok(verdict) => answer(&verdict),
        Err(refusal) => json!({"error": {"message": refusal.message, "pointer": refusal.pointer}}),
    };
    answer.to_string()
}

fn decide(line: &str) -> Result<Verdict, Refusal> {
    let question = Question::read(line)?;
    Ok(question.policies.decide(&question.request))
}

fn answer(verdict: &Verdict) -> Value {
    let mut because = verdict.because.as_ref().map(step).unwrap_or_default();
    because.insert("gate".to_owned(), json!(verdict.gate));
    because.insert("missing".to_owned(), json!(verdict.missing));
    because.insert("assumed".to_owned(), json!(verdict.assumed));
    if verdict.decision == Decision::InvalidDocument {
        let fatal = verdict.findings.iter().filter(|finding| crate::rules::is_fatal(&finding.code));
        let findings: Vec<Value> = fatal.map(finding).collect();
        because.insert("findings".to_owned(), json!(findings));
    }
    json!({"decision": verdict.decision, "because": because})
}

fn step(step: &TraceStep) -> Map<String, Value> {
    match serde_json::to_value(step) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "document": finding.document,
        "pointer": finding.pointer,
        "message": finding.message,
    })
}

/// Why a line is no question.
#[derive(Debug)]
struct Refusal {
    pointer: String,
    message: String,
}

fn refuse<T>(pointer: &str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { pointer: pointer.to_owned(), message: message.into() })
}

struct Question {
    policies: PolicySet,
    request: Request,
}

impl Question {
    fn read(line: &str) -> Result<Self, Refusal> {
        if line.len() > LINE_BYTES_MAX {
            return refuse("", format!("the line has more than {LINE_BYTES_MAX} bytes"));
        }
        let line = match Node::read(line.trim(), DEPTH_MAX + LEVELS_ABOVE + 1) {
            Ok(line) => line,
            Err(reason) => return refuse("", format!("the line is not JSON: {}", inline(&reason))),
        };
        if !matches!(line, Node::Object(_)) {
            return refuse("", format!("a question is an object, this is {}", line.kind()));
        }
        let dialect = match text(&line, "", "dialect")? {
            "aws" => Dialect::Aws,
            "coreweave" => Dialect::Coreweave,
            "cos" => Dialect::Cos,
            other => return refuse("/dialect", format!("`{}` is no dialect", inline(other))),
        };
        let options = match line.member("options") {
            None | Some(Node::Null) => Options::default(),
            Some(node) => options(node)?,
        };
        let policies = line.member("policies").unwrap_or(&Node::Null);
        let names = ["identity", "resource", "bucket", "organization"];
        members(policies, "/policies", &names)?;
        let request = line.member("request").unwrap_or(&Node::Null);
        Ok(Self {
            policies: PolicySet::new(dialect, options, documents(policies, dialect)?),
            request: read_request(request, dialect)?,
        })
    }
}

/// The documents of the organization, of the principal and of the bucket, as far as they count in the dialect.
fn documents(policies: &Node, dialect: Dialect) -> Result<[Option<Vec<Arc<Policy>>>; 3], Refusal> {
    let list = |name: &str, kind: DocumentKind| -> Result<Option<Vec<Arc<Policy>>>, Refusal> {
        match policies.member(name) {
            None | Some(Node::Null) => Ok(None),
            Some(Node::List(items)) => {
                let items = items.iter().enumerate();
                let read = |(i, item)| document(&format!("{name}-{i}"), kind, dialect, item);
                Ok(Some(items.map(read).collect()))
            }
            Some(_) => refuse(&format!("/policies/{name}"), "a list of documents is expected"),
        }
    };
    let bucket = |node: &Node| document("bucket-policy", DocumentKind::BucketPolicy, dialect, node);
    let resource = policies.member("resource").or_else(|| policies.member("bucket"));
    let resource = match resource {
        None => None,
        Some(Node::Null) => Some(Vec::new()),
        Some(Node::List(items)) if items.len() <= 1 => Some(items.iter().map(bucket).collect()),
        Some(Node::List(_)) => return refuse("/policies/resource", "a bucket has one policy"),
        Some(node) => Some(vec![bucket(node)]),
    };
    let (organization, identity) = match dialect {
        Dialect::Coreweave => (list("organization", DocumentKind::OrgPolicy)?, None),
        Dialect::Cos => (None, list("identity", DocumentKind::CamPolicy)?),
        Dialect::Any | Dialect::Aws => (None, list("identity", DocumentKind::IdentityPolicy)?),
    };
    Ok([organization, identity, resource])
}

fn document(name: &str, kind: DocumentKind, dialect: Dialect, node: &Node) -> Arc<Policy> {
    Arc::new(match node {
        Node::Text(text) => {
            parse(&Document { name: name.to_owned(), kind, text: text.clone() }, dialect)
        }
        tree => {
            let bytes = tree.to_string().len();
            parse_tree(name, kind, dialect, tree.clone(), bytes)
        }
    })
}

fn options(node: &Node) -> Result<Options, Refusal> {
    members(node, "/options", &["aws-star-covers-services", "bucket", "tool"])?;
    let mut options = Options::default();
    match node.member("aws-star-covers-services") {
        None | Some(Node::Null) => {}
        Some(Node::Bool(value)) => options.aws_star_covers_services = *value,
        Some(_) => return refuse("/options/aws-star-covers-services", "true or false is expected"),
    }
    Ok(options)
}

fn read_request(node: &Node, dialect: Dialect) -> Result<Request, Refusal> {
    let here = "/request";
    let names =
        ["principal", "action", "resource", "resource-account", "context", "context-complete"];
    members(node, here, &names)?;
    let principal = match node.member("principal") {
        Some(Node::Null) => Principal::default(),
        _ => principal_named(text(node, here, "principal")?, dialect),
    };
    let resource_account = match node.member("resource-account") {
        None | Some(Node::Null) => None,
        Some(account) => match account.scalar() {
            Some(account) => Some(account),
            None => return refuse("/request/resource-account", "text is expected"),
        },
    };
    let context_complete = match node.member("context-complete") {
        None | Some(Node::Null) => true,
        Some(Node::Bool(value)) => *value,
        Some(_) => return refuse("/request/context-complete", "true or false is expected"),
    };
    Ok(Request {
        principal,
        action: text(node, here, "action")?.to_owned(),
        resource: text(node, here, "resource")?.to_owned(),
        resource_account,
        context: context(node.member("context"))?,
        context_complete,
    })
}

fn context(node: Option<&Node>) -> Result<Vec<ContextEntry>, Refusal> {
    let entries = match node {
        None | Some(Node::Null) => return Ok(Vec::new()),
        Some(Node::Object(entries)) => entries,
        Some(_) => return refuse("/request/context", "an object of keys is expected"),
    };
    let read = |(key, value): &(String, Node)| {
        let values = match value {
            // A key without a value is known to be absent.
            Node::Null => Some(Vec::new()),
            Node::List(items) => items.iter().map(Node::scalar).collect(),
            one => one.scalar().map(|value| vec![value]),
        };
        let pointer = child("/request/context", key);
        let Some(values) = values else {
            return refuse(&pointer, "a text or a list of texts is expected");
        };
        if values.len() > CONTEXT_VALUES_MAX {
            let found = values.len();
            return refuse(
                &pointer,
                format!("{found} values, at most {CONTEXT_VALUES_MAX} are read"),
            );
        }
        values.iter().try_for_each(|value| short(value, &pointer))?;
        Ok(ContextEntry { key: key.clone(), values })
    };
    entries.iter().map(read).collect()
}

/// Refuses what is no object, and members that are unknown or given twice.
fn members(node: &Node, pointer: &str, known: &[&str]) -> Result<(), Refusal> {
    let Node::Object(members) = node else {
        return refuse(pointer, format!("an object is expected, this is {}", node.kind()));
    };
    for (i, (name, _)) in members.iter().enumerate() {
        let place = child(pointer, name);
        if !known.contains(&name.as_str()) {
            return refuse(&place, format!("there is no member `{}`", inline(name)));
        }
        if members.iter().take(i).any(|(before, _)| before == name) {
            return refuse(&place, "the member is given twice");
        }
    }
    Ok(())
}

/// Refuses a text that is longer than any of a request.
fn short(text: &str, pointer: &str) -> Result<(), Refusal> {
    let found = text.len();
    if found > REQUEST_TEXT_BYTES_MAX {
        return refuse(
            pointer,
            format!("{found} bytes, at most {REQUEST_TEXT_BYTES_MAX} are read"),
        );
    }
    Ok(())
}

fn text<'n>(node: &'n Node, pointer: &str, name: &str) -> Result<&'n str, Refusal> {
    match node.member(name) {
        Some(Node::Text(text)) => short(text, &child(pointer, name)).map(|()| text.as_str()),
        Some(other) => {
            let place = child(pointer, name);
            refuse(&place, format!("text is expected, this is {}", other.kind()))
        }
        None => refuse(pointer, format!("`{name}` is missing")),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
