//! JSON patches (RFC 6902) as changes of the text, which keep everything else as its author wrote it.

use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;

use super::places::{Node, Places, unescaped};

/// One change of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Edit {
    /// What goes, in bytes.
    pub(in crate::commands) range: Range<usize>,
    /// What comes in its place.
    pub(in crate::commands) text: String,
}

#[derive(Debug, Deserialize)]
struct Operation {
    op: String,
    path: String,
    from: Option<String>,
    value: Option<Value>,
}

/// The changes that do what all operations do, each in bytes of the text as it is, none touching another; none where an
/// operation does not fit the text.
pub(super) fn of_patch(text: &str, patch: &str) -> Option<Vec<Edit>> {
    let operations: Vec<Operation> = serde_json::from_str(patch).ok()?;
    let mut new = text.to_owned();
    let mut edits = Some(Vec::new());
    for operation in &operations {
        for edit in of_operation(&new, operation)? {
            new.replace_range(edit.range.clone(), &edit.text);
            edits = edits.and_then(|edits| with(edits, edit));
        }
    }
    let edits = edits.or_else(|| Some(vec![difference(text, &new)?]))?;
    (!edits.is_empty()).then_some(edits)
}

/// One change more, which was made when the others had been; none where it touches what they brought.
fn with(mut edits: Vec<Edit>, new: Edit) -> Option<Vec<Edit>> {
    let (mut grown, mut shrunk) = (0, 0);
    let mut place = 0;
    for edit in &edits {
        let start = edit.range.start + grown - shrunk;
        let end = start + edit.text.len();
        if new.range.end < start {
            break;
        }
        if new.range.start <= end {
            return None;
        }
        grown += edit.text.len();
        shrunk += edit.range.len();
        place += 1;
    }
    let back = |offset: usize| (offset + shrunk).checked_sub(grown);
    let range = back(new.range.start)?..back(new.range.end)?;
    edits.insert(place, Edit { range, text: new.text });
    Some(edits)
}

/// The shortest range that tells two texts apart.
fn difference(old: &str, new: &str) -> Option<Edit> {
    let same = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let start = old.floor_char_boundary(same);
    let (old_rest, new_rest) = (old.get(start..)?, new.get(start..)?);
    let same = old_rest.bytes().rev().zip(new_rest.bytes().rev()).take_while(|(a, b)| a == b);
    let behind = old_rest.len() - same.count();
    let behind = old_rest.len() - old_rest.ceil_char_boundary(behind);
    let text = new_rest.get(..new_rest.len() - behind)?.to_owned();
    Some(Edit { range: start..old.len() - behind, text })
}

/// What one operation changes, in the order in which it is to be done.
fn of_operation(text: &str, operation: &Operation) -> Option<Vec<Edit>> {
    let places = Places::of_json(text)?;
    let document = Document { text, places: &places };
    let path = operation.path.as_str();
    match (operation.op.as_str(), &operation.value) {
        ("replace", Some(value)) => Some(vec![document.replace(path, value)?]),
        ("add", Some(value)) => Some(vec![document.add(path, value)?]),
        ("remove", _) => Some(vec![document.remove(path)?]),
        ("move", _) => document.moved(operation.from.as_deref()?, path),
        ("test", _) => Some(Vec::new()),
        _ => None,
    }
}

struct Document<'a> {
    text: &'a str,
    places: &'a Places,
}

impl Document<'_> {
    fn replace(&self, path: &str, value: &Value) -> Option<Edit> {
        let node = self.places.exactly(path)?;
        let old: Value = serde_json::from_str(self.text.get(node.value.clone())?).ok()?;
        if let (Value::Array(old), Value::Array(new)) = (&old, value)
            && let Some(more) = new.strip_prefix(old.as_slice())
            && let (Some(last), false) = (node.children.last(), more.is_empty())
        {
            let separator = self.separator(node)?;
            let at = self.places.get(*last)?.value.end;
            let text = more.iter().map(|value| format!("{separator}{}", self.written(value, at)));
            return Some(Edit { range: at..at, text: text.collect() });
        }
        Some(Edit { range: node.value.clone(), text: self.written(value, node.value.start) })
    }

    fn add(&self, path: &str, value: &Value) -> Option<Edit> {
        let (parent, last) = path.rsplit_once('/')?;
        let parent = self.places.exactly(parent)?;
        let name = unescaped(last);
        if parent.is_list && last != "-" {
            let index: usize = last.parse().ok()?;
            if let Some(next) = parent.children.get(index) {
                let at = self.places.get(*next)?.value.start;
                let text = format!("{}{}", self.written(value, at), self.separator(parent)?);
                return Some(Edit { range: at..at, text });
            }
            if index != parent.children.len() {
                return None;
            }
        }
        if !parent.is_list {
            if !self.text.get(parent.value.clone())?.starts_with('{') {
                return None;
            }
            let children = parent.children.iter().filter_map(|child| self.places.get(*child));
            if children.into_iter().any(|child| child.member.as_deref() == Some(&*name)) {
                return self.replace(path, value);
            }
        }
        let label = if parent.is_list {
            String::new()
        } else {
            format!("{}:{}", Value::from(&*name), if self.is_spaced() { " " } else { "" })
        };
        let Some(last) = parent.children.last() else {
            let [open, close] = if parent.is_list { ["[", "]"] } else { ["{", "}"] };
            let value = self.written(value, parent.value.start);
            let text = format!("{open}{label}{value}{close}");
            return Some(Edit { range: parent.value.clone(), text });
        };
        let at = self.places.get(*last)?.value.end;
        let text = format!("{}{label}{}", self.separator(parent)?, self.written(value, at));
        Some(Edit { range: at..at, text })
    }

    fn remove(&self, path: &str) -> Option<Edit> {
        let node = self.places.exactly(path)?;
        let (parent, _) = path.rsplit_once('/')?;
        let parent = self.places.exactly(parent)?;
        let children: Vec<&Node> =
            parent.children.iter().filter_map(|child| self.places.get(*child)).collect();
        let at = children.iter().position(|child| child.value == node.value)?;
        let before = at.checked_sub(1).and_then(|before| children.get(before));
        let range = match (children.get(at + 1), before) {
            (Some(next), _) => start(node)..start(next),
            (None, Some(before)) => before.value.end..node.value.end,
            (None, None) => start(node)..node.value.end,
        };
        Some(Edit { range, text: String::new() })
    }

    fn moved(&self, from: &str, to: &str) -> Option<Vec<Edit>> {
        let node = self.places.exactly(from)?;
        let (old_parent, _) = from.rsplit_once('/')?;
        let (new_parent, new) = to.rsplit_once('/')?;
        let is_taken = self.places.exactly(to).is_some();
        if let (Some(name), true, false) = (&node.name, old_parent == new_parent, is_taken) {
            let text = Value::from(&*unescaped(new)).to_string();
            return Some(vec![Edit { range: name.clone(), text }]);
        }
        let value: Value = serde_json::from_str(self.text.get(node.value.clone())?).ok()?;
        let removed = self.remove(from)?;
        let mut rest = self.text.to_owned();
        rest.replace_range(removed.range.clone(), &removed.text);
        let places = Places::of_json(&rest)?;
        let added = Document { text: &rest, places: &places }.add(to, &value)?;
        Some(vec![removed, added])
    }

    /// What stands between the last two members or items, as between all of them; where there is one, what would.
    fn separator(&self, parent: &Node) -> Option<String> {
        let mut last = parent.children.iter().rev().filter_map(|child| self.places.get(*child));
        let node = last.next()?;
        if let Some(before) = last.next() {
            return self.text.get(before.value.end..start(node)).map(str::to_owned);
        }
        let before = self.text.get(parent.value.start + 1..start(node))?;
        Some(match before {
            "" if self.is_spaced() => ", ".to_owned(),
            space => format!(",{space}"),
        })
    }

    /// Whether its author puts a space behind colons.
    fn is_spaced(&self) -> bool {
        !self.text.contains("\":") || self.text.contains("\": ")
    }

    /// A value as its author would have written it there: on lines of its own where it is long and the text has lines.
    fn written(&self, value: &Value, at: usize) -> String {
        let line = self.text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        if matches!(value, Value::Object(_)) && self.text.contains('\n') {
            let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
            return pretty.replace('\n', &format!("\n{indent}"));
        }
        if self.is_spaced() { spaced(value) } else { value.to_string() }
    }
}

/// Where a member or item begins.
fn start(node: &Node) -> usize {
    node.name.as_ref().map_or(node.value.start, |name| name.start)
}

/// JSON on one line, with spaces behind commas and colons.
fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member =
                |(name, value)| format!("{}: {}", Value::from(name as &str), spaced(value));
            let members: Vec<String> =
                members.iter().map(|(name, value)| member((name.as_str(), value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
