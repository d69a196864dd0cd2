//! The side of a caller: its names, and the policies that are its own.

use stocktake_capabilities::Identity;
use stocktake_core::finding::Dialect;
use stocktake_core::policy::{Document, DocumentKind, Policies, Principal};

use super::authenticate::Caller;

/// What stands for the own side of a caller that it allows everything.
const AWS_ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const COREWEAVE_ADMINISTRATOR: &str = r#"{"policy":{"version":"v1alpha1","name":"administrator","statements":[{"name":"all","effect":"Allow","actions":["s3:*","cwobject:*"],"resources":["*"],"principals":["*"]}]}}"#;
const COS_ADMINISTRATOR: &str =
    r#"{"version":"2.0","statement":[{"effect":"allow","action":["*"],"resource":["*"]}]}"#;

/// What the names of a caller's own policies begin with.
pub(crate) const OWN_POLICY: &str = "own-policy-";

/// A bucket's policy under a name of its own.
pub(crate) fn bucket_policy(name: &str, text: &str) -> Document {
    let (name, text) = (name.to_owned(), text.to_owned());
    Document { name, kind: DocumentKind::BucketPolicy, text }
}

/// Every policy that bears on a request of a caller.
pub(super) fn policies(caller: &Caller, dialect: Dialect, bucket: Option<&str>) -> Policies {
    let (own, none) = (Some(own_policies(caller, dialect)), Some(Vec::new()));
    let (identity, organization) =
        if dialect == Dialect::Coreweave { (none, own) } else { (own, none) };
    let bucket = bucket.map(|text| bucket_policy("bucket-policy", text));
    Policies { identity, bucket: Some(bucket.into_iter().collect()), organization }
}

/// The policies of the caller's own side: in coreweave those of its organization, else those of itself. An
/// administrator's allow everything, whatever else they say.
pub(crate) fn own_policies(caller: &Caller, dialect: Dialect) -> Vec<Document> {
    let Caller::Known(identity) = caller else { return Vec::new() };
    let (kind, all) = match dialect {
        Dialect::Any | Dialect::Aws => (DocumentKind::IdentityPolicy, AWS_ADMINISTRATOR),
        Dialect::Coreweave => (DocumentKind::OrgPolicy, COREWEAVE_ADMINISTRATOR),
        Dialect::Cos => (DocumentKind::CamPolicy, COS_ADMINISTRATOR),
    };
    let own = identity.policies.iter().map(String::as_str);
    let texts = own.chain(identity.administrator.then_some(all)).enumerate();
    let document = |(index, text): (usize, &str)| Document {
        name: format!("{OWN_POLICY}{index}"),
        kind,
        text: text.to_owned(),
    };
    texts.map(document).collect()
}

/// Every name that policies may know a caller by.
pub(crate) fn principal(caller: &Caller) -> Principal {
    let Caller::Known(identity) = caller else { return Principal::default() };
    let Identity { principal, account, roles, .. } = identity;
    let mut arns = vec![principal.clone()];
    let mut short_forms = Vec::new();
    if let Some((_, user)) = principal.split_once(":coreweave/") {
        short_forms.push(format!("coreweave/{user}"));
    }
    for role in roles {
        arns.push(format!("arn:aws:iam::{account}:saml/{role}"));
        short_forms.push(format!("role/{role}"));
    }
    Principal { arns, short_forms, account: Some(account.clone()), service: None }
}
