//! Whose rules a question is judged by.

use stocktake_core::finding::Dialect;
use stocktake_policy::Node;

use super::documents::content;
use super::read::{Place, Reader};
use crate::access::of_request;

const DIALECTS: [(&str, Dialect); 4] = [
    ("any", Dialect::Any),
    ("aws", Dialect::Aws),
    ("coreweave", Dialect::Coreweave),
    ("cos", Dialect::Cos),
];

/// The dialect that a question names, else that of the server. `any` is the one whose form the documents have: that of a
/// bucket first, else those of principals, else the name of the principal. Never answers [`Dialect::Any`].
pub(super) fn of_question(
    reader: &mut Reader,
    root: &Place<'_>,
    server: Dialect,
    clues: impl FnOnce(&Place<'_>) -> Clues,
) -> Dialect {
    match reader.word(root, "dialect", &DIALECTS, server) {
        Dialect::Any => {
            let Clues { of_buckets, own, principal } = clues(root);
            let bucket = of_buckets.first().map(String::as_str);
            of_request(Dialect::Any, bucket, &own, &principal)
        }
        dialect => dialect,
    }
}

/// What tells whose rules apply.
#[derive(Default)]
pub(super) struct Clues {
    pub(super) of_buckets: Vec<String>,
    pub(super) own: Vec<String>,
    pub(super) principal: String,
}

impl Clues {
    pub(super) fn read(
        place: Option<Place<'_>>,
        of_buckets: &[&str],
        own: &[&str],
        principals: &str,
    ) -> Self {
        let Some(place) = place else { return Self::default() };
        let all = |names: &[&str]| names.iter().flat_map(|name| texts(&place, name)).collect();
        let principal = place.get(principals).map(|it| principal(it.node)).unwrap_or_default();
        Self { of_buckets: all(of_buckets), own: all(own), principal }
    }
}

/// The texts of one document or several, be they by themselves or with a name and a kind.
fn texts(place: &Place<'_>, name: &str) -> Vec<String> {
    let Some(Place { node, .. }) = place.given(name) else { return Vec::new() };
    let nodes = match node {
        Node::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    nodes.iter().map(|node| content(node.member("text").unwrap_or(node))).collect()
}

/// The name of a principal, or of the first of several.
fn principal(node: &Node) -> String {
    match node {
        Node::Text(name) => name.clone(),
        Node::List(items) => items.first().map(principal).unwrap_or_default(),
        node => node.member("arns").map(principal).unwrap_or_default(),
    }
}
