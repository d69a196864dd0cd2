//! Which call of S3 a request is.

use stocktake_core::bucket::BucketName;
use stocktake_core::finding::Dialect;

use super::{Code, Error, buckets, inventory, location, once, policy};
use crate::access::Access;
use crate::http::Response;
use crate::query::Query;

/// How large the body of a call may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Configuration,
    Policy,
    Small,
}

/// How large the body of this call on a bucket may be.
pub(crate) fn limit(method: &str, query: &Query) -> Limit {
    match (method, Subresource::of(query)) {
        ("PUT" | "POST", Some(Subresource::Inventory)) => Limit::Configuration,
        ("PUT", Some(Subresource::Policy)) => Limit::Policy,
        _ => Limit::Small,
    }
}

/// Answers a request to the list of buckets.
pub(crate) fn service(access: Access<'_>, query: &Query) -> Result<Response, Error> {
    match access.head.method.as_str() {
        "GET" => buckets::list(access, query),
        _ => Err(Error::not_allowed("GET")),
    }
}

/// Answers a request to a bucket.
pub(crate) fn bucket(
    access: Access<'_>,
    name: &str,
    query: &Query,
    body: &[u8],
) -> Result<Response, Error> {
    // What no provider has as a name would not be found either, and has no business in keys of records.
    if BucketName::parse_in(name, Dialect::Any).is_err() {
        return Err(Code::InvalidBucketName.into());
    }
    let method = access.head.method.as_str();
    match Subresource::of(query) {
        Some(Subresource::Inventory) => match (method, query.has("id")) {
            ("PUT", _) => inventory::put(access, name, query, body),
            ("GET", true) => inventory::get(access, name, query),
            ("GET", false) => inventory::list(access, name, query),
            ("DELETE", _) => inventory::delete(access, name, query),
            ("POST", _) if once::is_offered(access.settings.dialect) => {
                once::post(access, name, query, body)
            }
            _ if once::is_offered(access.settings.dialect) => {
                Err(Error::not_allowed("DELETE, GET, POST, PUT"))
            }
            _ => Err(Error::not_allowed("DELETE, GET, PUT")),
        },
        Some(Subresource::Policy) => match method {
            "PUT" => policy::put(access, name, body),
            "GET" => policy::get(access, name),
            "DELETE" => policy::delete(access, name),
            _ => Err(Error::not_allowed("DELETE, GET, PUT")),
        },
        Some(Subresource::Location) => match method {
            "GET" => location::get(access, name),
            _ => Err(Error::not_allowed("GET")),
        },
        // Known to S3, and none of ours.
        Some(Subresource::Other) => Err(Code::NotImplemented.into()),
        None => match method {
            "PUT" => buckets::create(access, name, body),
            "HEAD" => buckets::head(access, name),
            "GET" | "DELETE" | "POST" => Err(Code::NotImplemented.into()),
            _ => Err(Error::not_allowed("DELETE, GET, HEAD, POST, PUT")),
        },
    }
}

/// What of a bucket a request is about. Parameters that S3 does not know, such as `x-id`, say nothing.
enum Subresource {
    Inventory,
    Policy,
    Location,
    Other,
}

/// Parts of a bucket that S3 has and that are not offered here. Source: "Operations" in the Amazon S3 API reference.
const OTHERS: &[&str] = &[
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "lifecycle",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "session",
    "tagging",
    "uploads",
    "versioning",
    "versions",
    "website",
];

impl Subresource {
    fn of(query: &Query) -> Option<Self> {
        if query.has("inventory") {
            return Some(Self::Inventory);
        }
        if query.has("policy") {
            return Some(Self::Policy);
        }
        if query.has("location") {
            return Some(Self::Location);
        }
        OTHERS.iter().any(|name| query.has(name)).then_some(Self::Other)
    }
}
