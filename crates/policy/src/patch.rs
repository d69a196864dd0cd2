//! Operations of JSON patches (RFC 6902).

use serde_json::{Value as Json, json};

use crate::tree::Node;

/// The node at a pointer (RFC 6901).
pub(crate) fn at<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    pointer.split('/').skip(1).try_fold(root, |node, segment| match node {
        Node::List(items) => items.get(segment.parse::<usize>().ok()?),
        node if segment.contains('~') => {
            node.member(&segment.replace("~1", "/").replace("~0", "~"))
        }
        node => node.member(segment),
    })
}

/// Puts another value in the place of the one at a pointer.
pub(crate) fn replace(pointer: &str, value: impl Into<Json>) -> Json {
    json!({"op": "replace", "path": pointer, "value": value.into()})
}

/// Adds a member, or an item where the pointer ends with `/-`.
pub(crate) fn add(pointer: &str, value: impl Into<Json>) -> Json {
    json!({"op": "add", "path": pointer, "value": value.into()})
}

/// Takes a value away.
pub(crate) fn remove(pointer: &str) -> Json {
    json!({"op": "remove", "path": pointer})
}

/// Gives a member another name.
pub(crate) fn rename(from: &str, to: &str) -> Json {
    json!({"op": "move", "from": from, "path": to})
}

/// Adds texts to a list, or to the text that stands in the place of one.
pub(crate) fn extend(root: &Node, pointer: &str, texts: &[String]) -> Vec<Json> {
    extend_at(at(root, pointer), pointer, texts)
}

/// The same where the node at the pointer is known.
pub(crate) fn extend_at(node: Option<&Node>, pointer: &str, texts: &[String]) -> Vec<Json> {
    if texts.is_empty() {
        return Vec::new();
    }
    match node {
        Some(Node::List(_)) => {
            texts.iter().map(|text| add(&format!("{pointer}/-"), text.as_str())).collect()
        }
        Some(Node::Text(old)) => {
            let all: Vec<&str> = [old].into_iter().chain(texts).map(String::as_str).collect();
            vec![replace(pointer, all)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A document after a patch, which must apply.
    #[track_caller]
    pub(crate) fn apply(text: &str, patch: &str) -> String {
        let mut document: Json = serde_json::from_str(text).unwrap();
        let patch: json_patch::Patch = serde_json::from_str(patch).unwrap();
        json_patch::patch(&mut document, &patch).unwrap();
        document.to_string()
    }

    #[test]
    fn extends_lists_and_single_texts() {
        let root = Node::read(r#"{"a/b": "x", "c": ["y"], "d": 5}"#, 8).unwrap();
        let extended = |pointer| Json::Array(extend(&root, pointer, &["z".to_owned()])).to_string();
        assert_eq!(apply(r#"{"a/b": "x"}"#, &extended("/a~1b")), r#"{"a/b":["x","z"]}"#);
        assert_eq!(apply(r#"{"c": ["y"]}"#, &extended("/c")), r#"{"c":["y","z"]}"#);
        assert_eq!(extended("/d"), "[]");
        assert_eq!(at(&root, "/c/0"), Some(&Node::Text("y".to_owned())));
        assert_eq!(at(&root, "/c/1"), None);
    }
}
