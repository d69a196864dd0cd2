//! What is asked.

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{
    BucketRole, ContextEntry, Delivery, Document, DocumentKind, Options, Policies, Principal,
    Replacement, Request,
};
use stocktake_policy::{CONTEXT_VALUES_MAX, Node};

use super::dialect::{Clues, of_question};
use super::documents::{content, document, list, of_bucket, own_kind, principal, principals};
use super::read::{Place, Reader, child};

/// The most documents that a principal or an organization has.
const OWN_MAX: usize = 100;

/// The most keys of a context: all that there are, three times over.
const CONTEXT_MAX: usize = 1000;

const ROLES: [(&str, BucketRole); 3] = [
    ("source", BucketRole::Source),
    ("destination", BucketRole::Destination),
    ("audit", BucketRole::Audit),
];

pub(super) struct Linting {
    pub(super) document: Document,
    pub(super) dialect: Dialect,
    pub(super) options: Options,
}

pub(super) struct Evaluating {
    pub(super) request: Request,
    pub(super) policies: Policies,
    pub(super) dialect: Dialect,
    pub(super) options: Options,
}

pub(super) struct Delivering {
    pub(super) delivery: Delivery,
    pub(super) dialect: Dialect,
    pub(super) options: Options,
}

pub(super) struct Comparing {
    pub(super) replacement: Replacement,
    pub(super) dialect: Dialect,
    pub(super) options: Options,
}

pub(super) fn lint(reader: &mut Reader, root: &Place<'_>, server: Dialect) -> Linting {
    reader.members(root, &["document", "dialect", "options"], &["document"]);
    let kind = DocumentKind::BucketPolicy;
    let found = root.get("document").map(|place| document(reader, &place, "document", kind));
    let none = || Document { name: String::new(), kind, text: String::new() };
    let clues = |root: &Place<'_>| Clues::read(Some(root.clone()), &["document"], &[], "");
    Linting {
        document: found.unwrap_or_else(none),
        dialect: of_question(reader, root, server, clues),
        options: options(reader, root),
    }
}

/// The object that `stocktake explain --batch` takes as a line; what else it has is the caller's own.
pub(super) fn evaluate(reader: &mut Reader, root: &Place<'_>, server: Dialect) -> Evaluating {
    reader.members(root, &[], &["policies", "request"]);
    let dialect = of_question(reader, root, server, |root| {
        let own = ["organization", "identity"];
        let policies = Clues::read(root.get("policies"), &["resource", "bucket"], &own, "");
        let request = Clues::read(root.get("request"), &[], &[], "principal");
        Clues { principal: request.principal, ..policies }
    });
    let policies = root.get("policies").map(|place| policies(reader, &place, dialect));
    let request = root.get("request").map(|place| request(reader, &place, dialect));
    let none = || Request {
        principal: Principal::default(),
        action: String::new(),
        resource: String::new(),
        resource_account: None,
        context: Vec::new(),
        context_complete: true,
    };
    Evaluating {
        request: request.unwrap_or_else(none),
        policies: policies.unwrap_or_default(),
        dialect,
        options: options(reader, root),
    }
}

/// Documents as they stand in a line, by themselves.
fn policies(reader: &mut Reader, place: &Place<'_>, dialect: Dialect) -> Policies {
    reader.members(place, &["identity", "resource", "bucket", "organization"], &[]);
    let named =
        |name: String, kind, it: &Place<'_>| Document { name, kind, text: content(it.node) };
    let mut own = |member: &str, kind| -> Option<Vec<Document>> {
        let items = reader.items(&place.given(member)?, OWN_MAX);
        let items = items.iter().enumerate();
        Some(items.map(|(at, it)| named(format!("{member}-{at}"), kind, it)).collect())
    };
    let identity = own("identity", own_kind(dialect));
    let organization = own("organization", DocumentKind::OrgPolicy);
    let bucket = place.get("resource").or_else(|| place.get("bucket"));
    let bucket = bucket.map(|place| match place.node {
        Node::Null => Vec::new(),
        Node::List(_) => reader.items(&place, 1),
        _ => vec![place],
    });
    let kind = DocumentKind::BucketPolicy;
    let bucket = bucket
        .map(|items| items.iter().map(|it| named("bucket-policy".to_owned(), kind, it)).collect());
    Policies { identity, bucket, organization }
}

fn request(reader: &mut Reader, place: &Place<'_>, dialect: Dialect) -> Request {
    let known =
        ["principal", "action", "resource", "resource-account", "context", "context-complete"];
    reader.members(place, &known, &["principal", "action", "resource"]);
    let who = place.get("principal").map(|place| principal(reader, &place, dialect));
    Request {
        principal: who.unwrap_or_default(),
        action: reader.required_text(place, "action"),
        resource: reader.required_text(place, "resource"),
        resource_account: reader.maybe_text(place, "resource-account"),
        context: context(reader, place.given("context")),
        context_complete: reader.flag(place, "context-complete", true),
    }
}

/// Keys and their values: one, a list, or null for a key that is known to be absent.
fn context(reader: &mut Reader, place: Option<Place<'_>>) -> Vec<ContextEntry> {
    let Some(place) = place else { return Vec::new() };
    reader.members(&place, &[], &[]);
    let Node::Object(members) = place.node else { return Vec::new() };
    if members.len() > CONTEXT_MAX {
        let message = format!("{} keys, at most {CONTEXT_MAX} are read", members.len());
        reader.report(&place.pointer, message, None, "fewer keys");
    }
    let read = |(key, node): &'_ (String, Node)| {
        let pointer = child(&place.pointer, key);
        let place = Place { node, pointer };
        let values = match place.node {
            Node::Null => Vec::new(),
            Node::List(_) => {
                let items = reader.items(&place, CONTEXT_VALUES_MAX);
                items.iter().map(|it| reader.scalar(it)).collect()
            }
            _ => vec![reader.scalar(&place)],
        };
        ContextEntry { key: key.clone(), values }
    };
    members.iter().take(CONTEXT_MAX).map(read).collect()
}

pub(super) fn preflight(
    reader: &mut Reader,
    root: &Place<'_>,
    server: Dialect,
    now_seconds: i64,
) -> Delivering {
    reader.members(root, &["delivery", "dialect", "options"], &["delivery"]);
    let dialect = of_question(reader, root, server, |root| {
        let of_buckets = ["destination-policy", "source-policy"];
        let own = ["organization", "identity", "role"];
        Clues::read(root.get("delivery"), &of_buckets, &own, "managers")
    });
    let delivery = root.get("delivery");
    Delivering {
        delivery: delivery
            .map(|place| read_delivery(reader, &place, dialect, now_seconds))
            .unwrap_or_default(),
        dialect,
        options: options(reader, root),
    }
}

fn read_delivery(
    reader: &mut Reader,
    place: &Place<'_>,
    dialect: Dialect,
    now_seconds: i64,
) -> Delivery {
    let known = [
        "configurations",
        "source",
        "source-account",
        "destination-account",
        "source-region",
        "destination-region",
        "source-policy",
        "destination-policy",
        "organization",
        "identity",
        "role",
        "key",
        "managers",
        "readers",
        "at-seconds",
    ];
    reader.members(place, &known, &["configurations", "source"]);
    let configurations = list(reader, place, "configurations", DocumentKind::InventoryConfig);
    let at_seconds = match place.given("at-seconds") {
        None => now_seconds,
        Some(Place { node: Node::Number(number), .. }) if number.is_i64() => {
            number.as_i64().unwrap_or(now_seconds)
        }
        Some(place) => {
            reader.wrong(&place, "a whole number of seconds since the epoch");
            now_seconds
        }
    };
    Delivery {
        configurations: configurations.unwrap_or_default(),
        source: reader.required_text(place, "source"),
        source_account: reader.maybe_text(place, "source-account"),
        destination_account: reader.maybe_text(place, "destination-account"),
        source_region: reader.maybe_text(place, "source-region"),
        destination_region: reader.maybe_text(place, "destination-region"),
        source_policy: of_bucket(reader, place, "source-policy"),
        destination_policy: of_bucket(reader, place, "destination-policy"),
        organization: list(reader, place, "organization", DocumentKind::OrgPolicy),
        identity: list(reader, place, "identity", own_kind(dialect)),
        role: list(reader, place, "role", DocumentKind::CamPolicy),
        key: list(reader, place, "key", DocumentKind::KeyPolicy),
        managers: principals(reader, place, "managers", dialect),
        readers: principals(reader, place, "readers", dialect),
        at_seconds,
    }
}

pub(super) fn compare(reader: &mut Reader, root: &Place<'_>, server: Dialect) -> Comparing {
    let known =
        ["bucket", "role", "before", "after", "organization", "principals", "dialect", "options"];
    reader.members(root, &known, &["bucket"]);
    let dialect = of_question(reader, root, server, |root| {
        Clues::read(Some(root.clone()), &["after", "before"], &["organization"], "principals")
    });
    let mut policy = |member: &str| {
        let place = root.given(member)?;
        Some(document(reader, &place, member, DocumentKind::BucketPolicy))
    };
    let (before, after) = (policy("before"), policy("after"));
    let replacement = Replacement {
        bucket: reader.required_text(root, "bucket"),
        role: reader.word(root, "role", &ROLES, BucketRole::Source),
        before,
        after,
        organization: list(reader, root, "organization", DocumentKind::OrgPolicy),
        principals: principals(reader, root, "principals", dialect),
    };
    Comparing { replacement, dialect, options: options(reader, root) }
}

fn options(reader: &mut Reader, root: &Place<'_>) -> Options {
    let Some(place) = root.given("options") else { return Options::default() };
    reader.members(&place, &["aws-star-covers-services", "bucket", "tool"], &[]);
    Options {
        aws_star_covers_services: reader.flag(&place, "aws-star-covers-services", true),
        bucket: reader.maybe_text(&place, "bucket"),
        tool: reader.maybe_text(&place, "tool"),
    }
}
