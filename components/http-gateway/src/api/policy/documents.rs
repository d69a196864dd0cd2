//! Documents and principals in a request.

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{Document, DocumentKind, Principal};
use stocktake_policy::{Node, principal_named};

use super::read::{Place, Reader};

/// The most documents of one list: more than any provider attaches to one principal.
const DOCUMENTS_MAX: usize = 100;

/// The most principals of one list, each of which costs some ten decisions.
const PRINCIPALS_MAX: usize = 100;

/// What a document may be.
pub(super) const KINDS: [(&str, DocumentKind); 9] = [
    ("bucket-policy", DocumentKind::BucketPolicy),
    ("identity-policy", DocumentKind::IdentityPolicy),
    ("org-policy", DocumentKind::OrgPolicy),
    ("cam-policy", DocumentKind::CamPolicy),
    ("trust-policy", DocumentKind::TrustPolicy),
    ("key-policy", DocumentKind::KeyPolicy),
    ("inventory-config", DocumentKind::InventoryConfig),
    ("logging-config", DocumentKind::LoggingConfig),
    ("audit-settings", DocumentKind::AuditSettings),
];

/// The policies of a principal of its own in a dialect.
pub(super) fn own_kind(dialect: Dialect) -> DocumentKind {
    match dialect {
        Dialect::Cos => DocumentKind::CamPolicy,
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => DocumentKind::IdentityPolicy,
    }
}

/// A document with its name and kind, which follow from its place where they are left out.
pub(super) fn document(
    reader: &mut Reader,
    place: &Place<'_>,
    name: &str,
    kind: DocumentKind,
) -> Document {
    reader.members(place, &["name", "kind", "text"], &["text"]);
    let text = place.get("text").map(|place| content(place.node)).unwrap_or_default();
    let kind = reader.word(place, "kind", &KINDS, kind);
    let given = place.given("name");
    let name = given.as_ref().map_or_else(|| name.to_owned(), |given| reader.text(given));
    if !reader.names.insert(name.clone()) {
        let pointer = given.as_ref().unwrap_or(place);
        let message = "another document has this name";
        reader.report(&pointer.pointer, message, Some(pointer.node), "a name of its own");
    }
    Document { name, kind, text }
}

/// The text of a document, which may stand there as JSON too.
pub(super) fn content(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        tree => tree.to_string(),
    }
}

/// Documents of which there may be several; none where they are left out, which says that they are not known.
pub(super) fn list(
    reader: &mut Reader,
    place: &Place<'_>,
    member: &str,
    kind: DocumentKind,
) -> Option<Vec<Document>> {
    let place = place.given(member)?;
    let items = reader.items(&place, DOCUMENTS_MAX);
    let items = items.iter().enumerate();
    Some(items.map(|(at, it)| document(reader, it, &format!("{member}-{at}"), kind)).collect())
}

/// The policy of a bucket: left out it is not known, null and an empty list say that there is none.
pub(super) fn of_bucket(
    reader: &mut Reader,
    place: &Place<'_>,
    member: &str,
) -> Option<Vec<Document>> {
    let place = place.get(member)?;
    let items = match place.node {
        Node::Null => Vec::new(),
        Node::List(_) => reader.items(&place, 1),
        _ => vec![place],
    };
    let kind = DocumentKind::BucketPolicy;
    Some(items.iter().map(|it| document(reader, it, member, kind)).collect())
}

/// A principal: a name from which all follows, or its parts. Null is nobody in particular.
pub(super) fn principal(reader: &mut Reader, place: &Place<'_>, dialect: Dialect) -> Principal {
    match place.node {
        Node::Null => Principal::default(),
        Node::Object(_) => {
            reader.members(place, &["arns", "short-forms", "account", "service"], &[]);
            let mut texts = |name: &str| -> Vec<String> {
                let Some(place) = place.given(name) else { return Vec::new() };
                let items = reader.items(&place, PRINCIPALS_MAX);
                items.iter().map(|it| reader.text(it)).collect()
            };
            let (arns, short_forms) = (texts("arns"), texts("short-forms"));
            let account = reader.maybe_text(place, "account");
            let service = reader.maybe_text(place, "service");
            Principal { arns, short_forms, account, service }
        }
        Node::Text(_) => principal_named(&reader.text(place), dialect),
        _ => {
            reader.wrong(place, "an ARN, a host name, or an object");
            Principal::default()
        }
    }
}

/// Principals of a list.
pub(super) fn principals(
    reader: &mut Reader,
    place: &Place<'_>,
    member: &str,
    dialect: Dialect,
) -> Vec<Principal> {
    let Some(place) = place.given(member) else { return Vec::new() };
    let items = reader.items(&place, PRINCIPALS_MAX);
    items.iter().map(|it| principal(reader, it, dialect)).collect()
}
