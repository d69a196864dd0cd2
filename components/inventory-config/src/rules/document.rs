//! The configuration itself: identity, schedule, versions, filter and fields.

use stocktake_core::column::{OPTIONAL_FIELDS, OptionalField, optional_field};
use stocktake_core::configuration::{
    ConfigurationId, Frequency, ID_CHARS_MAX, KEY_BYTES_MAX, Versions,
};
use stocktake_core::finding::Dialect;

use super::draft::{Draft, Given, Request};
use super::walk::{At, Member, Need, below, members, one_of, own, report, text, word};
use super::{CF120, destination, overlap};
use crate::nearest::nearest;
use crate::quote;
use crate::sink::{Sink, child};
use crate::tree::{Node, Problem, Value};

/// Where the tools of AWS put a configuration when they print it.
const WRAPPER: &str = "InventoryConfiguration";

const MEMBERS: &[Member] = &[
    Member { name: "Destination", need: Need::Required, expected: destination::expected },
    Member { name: "IsEnabled", need: Need::Required, expected: flags },
    Member { name: "Filter", need: Need::Optional, expected: filters },
    Member { name: "Id", need: Need::Required, expected: ids },
    Member { name: "IncludedObjectVersions", need: Need::Required, expected: versions },
    Member { name: "OptionalFields", need: Need::Optional, expected: fields },
    Member { name: "Schedule", need: Need::Required, expected: schedules },
];

const FILTER: &[Member] = &[Member { name: "Prefix", need: Need::Required, expected: prefixes }];

const SCHEDULE: &[Member] =
    &[Member { name: "Frequency", need: Need::Required, expected: frequencies }];

/// Judges a document, and for a request also whether the two fit.
pub(crate) fn judge(sink: &mut Sink, root: &Node, request: Option<Request<'_>>) -> Draft {
    let mut draft = Draft::default();
    own(sink, "", root);
    let (pointer, node) = unwrapped(sink, root);
    members(sink, &pointer, node, MEMBERS, |sink, at| member(sink, at, &mut draft, request));
    if let Some(request) = request {
        overlap::judge(sink, &draft, request);
    }
    draft
}

fn member(sink: &mut Sink, at: At<'_>, draft: &mut Draft, request: Option<Request<'_>>) {
    match at.name {
        "Destination" => destination::judge(sink, at, draft),
        "IsEnabled" => draft.is_enabled = flag(sink, at),
        "Filter" => {
            draft.filter_prefix = Given::Broken;
            members(sink, at.pointer, at.node, FILTER, |sink, at| {
                draft.filter_prefix = Given::judged(text(sink, at, prefix));
            });
        }
        "Id" => draft.id = id(sink, at, request),
        "IncludedObjectVersions" => draft.versions = included(sink, at),
        "OptionalFields" => draft.optional_fields = optional_fields(sink, at),
        "Schedule" => members(sink, at.pointer, at.node, SCHEDULE, |sink, at| {
            draft.frequency = word(sink, at, Frequency::ALL, Frequency::word);
        }),
        _ => {}
    }
}

/// Looks into an answer of `get-bucket-inventory-configuration`, which is no configuration but holds one.
fn unwrapped<'a>(sink: &mut Sink, root: &'a Node) -> (String, &'a Node) {
    if let Value::Object(members) = &root.value
        && let [(name, inner)] = members.as_slice()
        && name == WRAPPER
    {
        let pointer = child("", name);
        let problem = Problem::new(format!("the configuration is wrapped in `{WRAPPER}`"));
        report(sink, &pointer, problem.allowed(format!("what `{WRAPPER}` holds, alone")));
        own(sink, &pointer, inner);
        return (pointer, inner);
    }
    (String::new(), root)
}

fn id(sink: &mut Sink, at: At<'_>, request: Option<Request<'_>>) -> Option<ConfigurationId> {
    let id = text(sink, at, |text| {
        ConfigurationId::parse(text).ok_or_else(|| match text.chars().count() {
            1..=ID_CHARS_MAX => "`Id` holds other characters".to_owned(),
            found => format!("`Id` has {found} characters"),
        })
    })?;
    if let Some(request) = request
        && request.id != id.as_str()
    {
        let problem = at.problem("`Id` is not the id of the request (IdMismatch)");
        let asked = ConfigurationId::parse(request.id).map(|id| quote::whole(id.as_str()));
        let allowed = format!("`{}`", quote::inline(request.id));
        report(sink, at.pointer, problem.allowed(allowed).replace(asked));
        return None;
    }
    Some(id)
}

fn flag(sink: &mut Sink, at: At<'_>) -> Option<bool> {
    let meant = match &at.node.value {
        Value::Bool(value) => return Some(*value),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some("true".to_owned()),
            "false" => Some("false".to_owned()),
            _ => None,
        },
        _ => None,
    };
    report(sink, at.pointer, at.wrong_type("a boolean").replace(meant));
    below(sink, at.pointer, at.node);
    None
}

fn included(sink: &mut Sink, at: At<'_>) -> Option<Versions> {
    match &at.node.value {
        Value::Text(text) if text.eq_ignore_ascii_case("latest") => {
            let problem = at.problem("the choice that lists the latest versions is `Current`");
            sink.report(CF120, at.pointer, problem.replace(Some(quote::whole("Current"))));
            None
        }
        _ => word(sink, at, Versions::ALL, Versions::word),
    }
}

/// Reads the list of fields: in the order given, each once.
fn optional_fields(sink: &mut Sink, at: At<'_>) -> Vec<&'static OptionalField> {
    let mut found: Vec<&OptionalField> = Vec::new();
    let Value::List(items) = &at.node.value else {
        report(sink, at.pointer, at.wrong_type("a list").allowed(format!("a list: {}", fields())));
        below(sink, at.pointer, at.node);
        return found;
    };
    for (i, node) in items.iter().enumerate() {
        if sink.is_full() {
            break;
        }
        let pointer = &child(at.pointer, &i.to_string());
        own(sink, pointer, node);
        match field(sink, At { pointer, node, ..at }) {
            Some(field) if !found.contains(&field) => found.push(field),
            Some(_) | None => {}
        }
    }
    found
}

fn field(sink: &mut Sink, at: At<'_>) -> Option<&'static OptionalField> {
    let problem = match &at.node.value {
        Value::Text(name) => {
            let found = optional_field(name, Dialect::Aws);
            if found.is_some() {
                return found;
            }
            let message = match optional_field(name, Dialect::Any) {
                Some(other) => format!("Amazon S3 has no field `{}`", other.name),
                None => "unknown optional field".to_owned(),
            };
            let known = || aws_fields().map(|field| field.name);
            at.problem(message).replace(nearest(name, known()).map(quote::whole))
        }
        other => at.problem(format!("an optional field is {}, not text", other.kind())),
    };
    report(sink, at.pointer, problem);
    below(sink, at.pointer, at.node);
    None
}

fn prefix(text: &str) -> Result<String, String> {
    free_text("Prefix", text, KEY_BYTES_MAX)
}

/// Accepts what can travel in XML, up to a length.
pub(super) fn free_text(name: &str, text: &str, bytes_max: usize) -> Result<String, String> {
    if text.len() > bytes_max {
        return Err(format!("`{name}` has {} bytes", text.len()));
    }
    match text.chars().find(|c| !is_xml(*c)) {
        Some(found) => {
            Err(format!("`{name}` holds U+{:04X}, which XML cannot carry", u32::from(found)))
        }
        None => Ok(text.to_owned()),
    }
}

/// Whether XML 1.0 allows a character ("Characters", production 2).
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn aws_fields() -> impl Iterator<Item = &'static OptionalField> + Clone {
    OPTIONAL_FIELDS.iter().filter(|field| field.dialects.contains(&Dialect::Aws))
}

fn flags() -> String {
    "`true` or `false`".to_owned()
}

fn filters() -> String {
    "an object with the member `Prefix`".to_owned()
}

fn ids() -> String {
    format!("1 to {ID_CHARS_MAX} characters of `A-Z a-z 0-9 . _ -`")
}

fn versions() -> String {
    one_of(Versions::ALL.iter().map(|case| case.word()))
}

fn fields() -> String {
    one_of(aws_fields().map(|field| field.name))
}

fn schedules() -> String {
    "an object with the member `Frequency`".to_owned()
}

fn frequencies() -> String {
    one_of(Frequency::ALL.iter().map(|case| case.word()))
}

fn prefixes() -> String {
    format!("text that XML can carry, at most {KEY_BYTES_MAX} bytes")
}
