//! Whom a bucket is for, and what they do with it.

use std::sync::Arc;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{Document, DocumentKind};

use crate::model::Policy;
use crate::preflight::named;

/// What a permission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    List,
    Get,
    Put,
    Delete,
    /// To manage configurations.
    Manage,
    /// To put the policy itself.
    SetPolicy,
}

/// A permission that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) name: &'static str,
    pub(super) is_on_objects: bool,
    pub(super) of: Use,
}

const fn on_bucket(name: &'static str, of: Use) -> Action {
    Action { name, is_on_objects: false, of }
}

const fn on_objects(name: &'static str, of: Use) -> Action {
    Action { name, is_on_objects: true, of }
}

const AWS: &[Action] = &[
    on_bucket("s3:ListBucket", Use::List),
    on_objects("s3:GetObject", Use::Get),
    on_objects("s3:PutObject", Use::Put),
    on_objects("s3:DeleteObject", Use::Delete),
    on_bucket("s3:PutInventoryConfiguration", Use::Manage),
    on_bucket("s3:GetInventoryConfiguration", Use::Manage),
    on_bucket("s3:PutBucketPolicy", Use::SetPolicy),
];

const COREWEAVE: &[Action] = &[
    on_bucket("s3:ListInventoryConfigurations", Use::Manage),
    on_bucket("s3:DeleteInventoryConfiguration", Use::Manage),
];

const COS: &[Action] = &[
    on_bucket("name/cos:GetBucket", Use::List),
    on_objects("name/cos:GetObject", Use::Get),
    on_objects("name/cos:PutObject", Use::Put),
    on_objects("name/cos:DeleteObject", Use::Delete),
    on_bucket("name/cos:PutBucketInventory", Use::Manage),
    on_bucket("name/cos:GetBucketInventory", Use::Manage),
    on_bucket("name/cos:DeleteBucketInventory", Use::Manage),
];

/// What is compared, in order.
pub(super) fn actions(dialect: Dialect) -> Vec<Action> {
    match dialect {
        Dialect::Any | Dialect::Aws => AWS.to_vec(),
        Dialect::Coreweave => AWS.iter().chain(COREWEAVE).copied().collect(),
        Dialect::Cos => COS.to_vec(),
    }
}

/// A resource that stands for the bucket or for its objects.
pub(super) fn resource(dialect: Dialect, bucket: &str, is_on_objects: bool) -> String {
    let key = if is_on_objects { "/stocktake-sample" } else { "" };
    if dialect == Dialect::Cos {
        let appid = bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
        return format!("qcs::cos::uid/{appid}:{bucket}{key}");
    }
    format!("arn:aws:s3:::{bucket}{key}")
}

/// What an organization is taken to allow whose policies are not told.
pub(super) fn open_organization() -> Document {
    let text = r#"{"version": "v1alpha1", "name": "assumed", "statements": [{"name": "assumed", "effect": "Allow",
        "actions": ["s3:*"], "resources": ["*"], "principals": ["*"]}]}"#;
    Document {
        name: "org-policies".to_owned(),
        kind: DocumentKind::OrgPolicy,
        text: text.to_owned(),
    }
}

/// The accounts of those whom the policies name.
pub(super) fn accounts(policies: &[Option<Arc<Policy>>]) -> Vec<String> {
    let policies = policies.iter().flatten();
    let people = policies.flat_map(|policy| named(std::iter::once(&**policy), policy.dialect));
    people.filter_map(|principal| principal.account).collect()
}

/// An id that no other has.
pub(super) fn unnamed(names: &[&str]) -> String {
    let mut id = "anybody".to_owned();
    while names.iter().any(|name| name.contains(&id)) {
        id.push('-');
    }
    id
}
