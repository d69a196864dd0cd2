//! The optional fields of a report.

use stocktake_core::column::{OPTIONAL_FIELDS, OptionalField, optional_field};
use stocktake_core::finding::Dialect;

use super::walk::{At, Member, Need, below, list, members, one_of, report};
use crate::nearest::nearest;
use crate::quote;
use crate::sink::Sink;
use crate::tree::{Node, Value};

/// In JSON of Tencent COS the list is a member of its own, named like the elements in XML.
const FIELD: &[Member] = &[Member { name: "Field", need: Need::Optional, expected: lists }];

/// Reads the list of fields: in the order given, each once.
pub(super) fn judge(sink: &mut Sink, at: At<'_>) -> Vec<&'static OptionalField> {
    let mut found: Vec<&OptionalField> = Vec::new();
    match (&at.node.value, at.dialect) {
        (Value::List(items), Dialect::Any | Dialect::Aws | Dialect::Coreweave) => {
            fields(sink, at, items, &mut found);
        }
        (Value::Object(_), Dialect::Any | Dialect::Cos) => {
            members(sink, at.pointer, at.node, FIELD, |sink, at| match &at.node.value {
                Value::List(items) => fields(sink, at, items, &mut found),
                _ => not_a_list(sink, at, "a list"),
            });
        }
        (_, Dialect::Cos) => not_a_list(sink, at, "an object with the member `Field`"),
        _ => not_a_list(sink, at, "a list"),
    }
    found
}

fn fields(sink: &mut Sink, at: At<'_>, items: &[Node], found: &mut Vec<&'static OptionalField>) {
    if items.is_empty() && at.dialect == Dialect::Coreweave {
        let allowed = format!("no `OptionalFields`, or a list with at least {}", known(at.dialect));
        report(sink, at.pointer, at.problem("`OptionalFields` is empty").allowed(allowed));
    }
    list(sink, at, items, |sink, at| match field(sink, at) {
        Some(field) if !found.contains(&field) => found.push(field),
        Some(_) | None => {}
    });
}

fn not_a_list(sink: &mut Sink, at: At<'_>, expected: &str) {
    let allowed = match at.dialect {
        Dialect::Cos if at.name != "Field" => lists_in_member(at.dialect),
        _ => lists(at.dialect),
    };
    report(sink, at.pointer, at.wrong_type(expected).allowed(allowed));
    below(sink, at.pointer, at.node);
}

fn field(sink: &mut Sink, at: At<'_>) -> Option<&'static OptionalField> {
    let at = At { expected: known, ..at };
    let problem = match &at.node.value {
        Value::Text(name) => {
            let found = optional_field(name, at.dialect);
            if found.is_some() {
                return found;
            }
            let message = match (optional_field(name, Dialect::Any), provider(at.dialect)) {
                (Some(other), Some(provider)) => {
                    format!("{provider} has no field `{}`", other.name)
                }
                _ => "unknown optional field".to_owned(),
            };
            let meant = nearest(name, names(at.dialect));
            at.problem(message).replace(meant.map(quote::whole))
        }
        other => at.problem(format!("an optional field is {}, not text", other.kind())),
    };
    report(sink, at.pointer, problem);
    below(sink, at.pointer, at.node);
    None
}

fn provider(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Any => None,
        Dialect::Aws => Some("Amazon S3"),
        Dialect::Coreweave => Some("CoreWeave"),
        Dialect::Cos => Some("Tencent COS"),
    }
}

fn names(dialect: Dialect) -> impl Iterator<Item = &'static str> + Clone {
    let known = OPTIONAL_FIELDS.iter().filter(move |field| field.dialects.contains(&dialect));
    known.map(|field| field.name)
}

pub(super) fn known(dialect: Dialect) -> String {
    one_of(names(dialect))
}

fn lists(dialect: Dialect) -> String {
    format!("a list: {}", known(dialect))
}

fn lists_in_member(dialect: Dialect) -> String {
    format!("an object whose member `Field` is {}", lists(dialect))
}
