//! What an element says, in the shape that it has in JSON.

use serde_json::Number;

use super::{Element, ROOT, SPACE, is_space};
use crate::quote;
use crate::tree::{Node, Problem, Value};

/// Elements that hold elements. Empty ones are objects without members; all others are empty text.
const CONTAINERS: &[&str] = &[
    ROOT,
    "Destination",
    "S3BucketDestination",
    "COSBucketDestination",
    "Encryption",
    "SSE-S3",
    "SSES3",
    "SSE-KMS",
    "SSEKMS",
    "SSE-COS",
    "SSECOS",
    "Filter",
    "And",
    "Tag",
    "Period",
    "Schedule",
];

/// Elements that hold whole numbers.
const NUMBERS: &[&str] =
    &["MonthlyDate", "StartTime", "EndTime", "ObjectSizeGreaterThan", "ObjectSizeLessThan"];

/// Names that XML and JSON spell differently.
const RENAMED: &[(&str, &str)] =
    &[("SSE-S3", "SSES3"), ("SSE-KMS", "SSEKMS"), ("SSE-COS", "SSECOS")];

/// Gives a finished element the shape that it has in JSON.
pub(super) fn shape(element: Element) -> (String, Node) {
    let Element { name, children, text, mut problems } = element;
    let is_list = name == "OptionalFields";
    let value = if children.is_empty() {
        match name.as_str() {
            "IsEnabled" if text == "true" => Value::Bool(true),
            "IsEnabled" if text == "false" => Value::Bool(false),
            _ if is_list && is_space(&text) => Value::List(Vec::new()),
            number if NUMBERS.contains(&number) => whole_number(text),
            container if CONTAINERS.contains(&container) && is_space(&text) => {
                Value::Object(Vec::new())
            }
            _ => Value::Text(text),
        }
    } else {
        if !is_space(&text) {
            let problem = Problem::new("there is text between the elements");
            problems.push(problem.value(quote::text(text.trim_matches(SPACE))).allowed("elements"));
        }
        match name.as_str() {
            "OptionalFields" => Value::List(items(children, &mut problems)),
            "Encryption" => Value::Object(children.into_iter().map(rename).collect()),
            "Filter" | "And" => Value::Object(grouped(children)),
            _ => Value::Object(children),
        }
    };
    (name, Node { value, problems })
}

/// Digits as a number; the limits of numbers are a matter of the rules.
fn whole_number(text: String) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Value::Text(text);
    }
    let number = text.parse::<u64>().map(Number::from);
    let number = number.or_else(|_| text.parse::<i64>().map(Number::from));
    number.map_or(Value::Text(text), Value::Number)
}

/// Makes lists of elements that stand side by side: of tags always, of storage classes where there are several.
fn grouped(children: Vec<(String, Node)>) -> Vec<(String, Node)> {
    let mut members: Vec<(String, Node)> = Vec::new();
    let (mut tags, mut classes) = (None, None);
    for (name, node) in children {
        let (place, node) = match name.as_str() {
            "Tag" => (&mut tags, Value::List(vec![node]).into()),
            "StorageClass" => (&mut classes, node),
            _ => {
                members.push((name, node));
                continue;
            }
        };
        if let Some((_, first)) = place.and_then(|place: usize| members.get_mut(place)) {
            append(first, node);
        } else {
            *place = Some(members.len());
            members.push((name, node));
        }
    }
    members
}

/// Makes one list of two values, each a list or the only item of one.
fn append(first: &mut Node, second: Node) {
    let items = |node: Node| match node.value {
        Value::List(items) if node.problems.is_empty() => items,
        _ => vec![node],
    };
    let mut all = items(std::mem::replace(first, Value::Null.into()));
    all.extend(items(second));
    first.value = Value::List(all);
}

/// Gives a list of fields the shape that it has in JSON of Tencent COS: an object whose one member is the list.
pub(super) fn name_fields(node: &mut Node) {
    if let Value::List(items) = &mut node.value {
        let list = Value::List(std::mem::take(items));
        node.value = Value::Object(vec![("Field".to_owned(), list.into())]);
    }
}

/// The items of a list of `Field` elements.
fn items(children: Vec<(String, Node)>, problems: &mut Vec<Problem>) -> Vec<Node> {
    let mut items = Vec::new();
    for (name, node) in children {
        if name == "Field" {
            items.push(node);
        } else {
            let message = format!("unknown element `{}` in the list", quote::inline(&name));
            problems.push(Problem::new(message).value(quote::text(&name)).allowed("`Field`"));
        }
    }
    items
}

/// Gives a kind of encryption the name that it has in JSON.
fn rename((name, mut node): (String, Node)) -> (String, Node) {
    for (xml, json) in RENAMED {
        if name == *xml {
            return ((*json).to_owned(), node);
        }
        if name == *json {
            let mut problem = Problem::new(format!("`{json}` is the name in JSON"))
                .value(quote::text(json))
                .allowed(format!("`{xml}`"));
            problem.suggestion = Some(quote::text(xml));
            node.problems.push(problem);
        }
    }
    (name, node)
}
