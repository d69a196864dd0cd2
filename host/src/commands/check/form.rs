//! What kind of document one is, and whose rules it is judged by.
//!
//! The strict dialects judge by their own rules, whatever they are given. In `any`, a document is judged by the rules of
//! the provider whose form it has.

use serde_json::Value;
use stocktake_core::finding::Dialect;
use stocktake_core::provider::{
    self, is_organization_policy, member, principals, statements, texts,
};

use super::Read;
use crate::engine::policy::DocumentKind;

/// What a document is, or is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Word {
    Bucket,
    Source,
    Destination,
    Identity,
    Organization,
    Cam,
    Trust,
    Role,
    Key,
    Inventory,
    Logging,
    Audit,
}

pub(in crate::commands) const WORDS: [(&str, Word); 12] = [
    ("bucket", Word::Bucket),
    ("source", Word::Source),
    ("destination", Word::Destination),
    ("identity", Word::Identity),
    ("organization", Word::Organization),
    ("cam", Word::Cam),
    ("trust", Word::Trust),
    ("role", Word::Role),
    ("key", Word::Key),
    ("inventory", Word::Inventory),
    ("logging", Word::Logging),
    ("audit", Word::Audit),
];

/// Members that inventory configurations have and policies have not.
const INVENTORY_MEMBERS: [&str; 4] =
    ["Destination", "IncludedObjectVersions", "IsEnabled", "Schedule"];

/// The kind of a document, and whose rules it is judged by.
///
/// A policy that names nobody is taken for one of a principal, unless it is said to be attached to a bucket.
pub(super) fn of(read: &Read, asked: Dialect, has_bucket: bool) -> (DocumentKind, Dialect) {
    let tree = read.tree();
    let form = if asked == Dialect::Any { provider::of_document(tree) } else { asked };
    let kind = match read.word {
        Some(word) => kind_of_word(word, form, tree),
        None if read.is_xml() => kind_of_xml(&read.source.text),
        None => kind(tree, form, has_bucket),
    };
    let is_policy = !matches!(
        kind,
        DocumentKind::InventoryConfig | DocumentKind::LoggingConfig | DocumentKind::AuditSettings
    );
    let form = match kind {
        DocumentKind::OrgPolicy | DocumentKind::AuditSettings if asked == Dialect::Any => {
            Dialect::Coreweave
        }
        _ => form,
    };
    (kind, if is_policy || asked != Dialect::Any || form != Dialect::Aws { form } else { asked })
}

fn kind_of_word(word: Word, dialect: Dialect, tree: &Value) -> DocumentKind {
    match word {
        Word::Bucket | Word::Source | Word::Destination => DocumentKind::BucketPolicy,
        Word::Identity if dialect == Dialect::Cos => DocumentKind::CamPolicy,
        Word::Identity => DocumentKind::IdentityPolicy,
        Word::Organization => DocumentKind::OrgPolicy,
        Word::Role if takes_roles(tree) => DocumentKind::TrustPolicy,
        Word::Cam | Word::Role => DocumentKind::CamPolicy,
        Word::Trust => DocumentKind::TrustPolicy,
        Word::Key => DocumentKind::KeyPolicy,
        Word::Inventory => DocumentKind::InventoryConfig,
        Word::Logging => DocumentKind::LoggingConfig,
        Word::Audit => DocumentKind::AuditSettings,
    }
}

fn kind_of_xml(text: &str) -> DocumentKind {
    if text.contains("<BucketLoggingStatus") {
        DocumentKind::LoggingConfig
    } else {
        DocumentKind::InventoryConfig
    }
}

fn kind(tree: &Value, dialect: Dialect, has_bucket: bool) -> DocumentKind {
    let has = |name: &&str| tree.get(name).is_some();
    if ["LoggingEnabled", "TargetBucket"].iter().any(has) {
        return DocumentKind::LoggingConfig;
    }
    if INVENTORY_MEMBERS.iter().any(has) {
        return DocumentKind::InventoryConfig;
    }
    if is_organization_policy(tree) {
        return DocumentKind::OrgPolicy;
    }
    let names_anybody = principals(tree).next().is_some();
    // What cannot be read is most likely what the command is for.
    if statements(tree).is_empty() || (has_bucket && !names_anybody) {
        return DocumentKind::BucketPolicy;
    }
    match (names_anybody, dialect) {
        (true, _) if takes_roles(tree) => DocumentKind::TrustPolicy,
        (true, _) if is_for_keys(tree) => DocumentKind::KeyPolicy,
        (true, _) | (false, Dialect::Coreweave) => DocumentKind::BucketPolicy,
        (false, Dialect::Cos) => DocumentKind::CamPolicy,
        (false, Dialect::Any | Dialect::Aws) => DocumentKind::IdentityPolicy,
    }
}

/// The buckets that a policy names in its resources, wildcards left out.
pub(super) fn buckets(tree: &Value) -> Vec<String> {
    let resources = statements(tree).iter().flat_map(|statement| {
        ["resource", "notresource", "resources"].iter().filter_map(|name| member(statement, name))
    });
    let mut buckets: Vec<String> = Vec::new();
    for resource in resources.flat_map(texts) {
        let last = resource.rsplit(':').next().unwrap_or_default();
        let bucket = last.split('/').next().unwrap_or_default();
        let is_name = !bucket.is_empty() && !bucket.contains(['*', '?', '$']);
        if is_name && !buckets.iter().any(|known| known == bucket) {
            buckets.push(bucket.to_owned());
        }
    }
    buckets
}

fn actions(tree: &Value) -> Vec<&str> {
    let actions = statements(tree).iter().filter_map(|statement| member(statement, "action"));
    actions.flat_map(texts).collect()
}

/// Whether it is about who may take a role.
fn takes_roles(tree: &Value) -> bool {
    actions(tree).iter().any(|action| action.to_ascii_lowercase().contains("sts:assumerole"))
}

fn is_for_keys(tree: &Value) -> bool {
    let actions = actions(tree);
    !actions.is_empty() && actions.iter().all(|action| action.starts_with("kms:"))
}

#[cfg(test)]
mod tests {
    use super::super::super::excerpt::Source;
    use super::*;
    use Dialect::{Any, Aws, Coreweave, Cos};
    use DocumentKind::{
        BucketPolicy, CamPolicy, IdentityPolicy, InventoryConfig, KeyPolicy, LoggingConfig,
        OrgPolicy, TrustPolicy,
    };

    #[track_caller]
    fn check(text: &str, word: Option<Word>, asked: Dialect, expected: (DocumentKind, Dialect)) {
        let read = Read::new(word, Source::new("p".to_owned(), text.to_owned()), None);
        assert_eq!(of(&read, asked, false), expected, "{text}");
    }

    #[test]
    fn the_content_tells_what_a_document_is() {
        for (text, expected) in [
            (r#"{"Statement":[{"Principal":"*"}]}"#, (BucketPolicy, Aws)),
            (r#"{"Statement":{"Action":"s3:*"}}"#, (IdentityPolicy, Aws)),
            (r#"{"Statement":{"Principal":{"CW":"*"}}}"#, (BucketPolicy, Coreweave)),
            (
                r#"{"Statement":{"Principal":{"AWS":["1","arn:aws:iam::f3:coreweave/u"]}}}"#,
                (BucketPolicy, Coreweave),
            ),
            (r#"{"policy":{"statements":[]}}"#, (OrgPolicy, Coreweave)),
            (r#"{"version":"2.0","statement":[{"action":"*"}]}"#, (CamPolicy, Cos)),
            (r#"{"statement":[{"principal":{"qcs":["x"]}}]}"#, (BucketPolicy, Cos)),
            (
                r#"{"Statement":[{}],"version":"2.0","Principal":{"qcs":["x"]}}"#,
                (BucketPolicy, Cos),
            ),
            (
                r#"{"statement":{"action":"name/sts:AssumeRole","principal":{"service":"x"}}}"#,
                (TrustPolicy, Cos),
            ),
            (r#"{"Statement":{"Action":["kms:Decrypt"],"Principal":"*"}}"#, (KeyPolicy, Aws)),
            (r#"{"Id":"a","Schedule":{}}"#, (InventoryConfig, Any)),
            (r#"{"Destination":{"COSBucketDestination":{}}}"#, (InventoryConfig, Cos)),
            ("<InventoryConfiguration/>", (InventoryConfig, Any)),
            (r#"{"LoggingEnabled":{}}"#, (LoggingConfig, Any)),
            ("{}", (BucketPolicy, Aws)),
            ("no JSON", (BucketPolicy, Aws)),
        ] {
            check(text, None, Any, expected);
        }
    }

    #[test]
    fn a_word_and_a_dialect_go_before_it() {
        let cam = r#"{"version":"2.0","statement":[{"action":"*"}]}"#;
        check(cam, Some(Word::Identity), Any, (CamPolicy, Cos));
        check(cam, Some(Word::Bucket), Any, (BucketPolicy, Cos));
        check("{}", Some(Word::Organization), Any, (OrgPolicy, Coreweave));
        check("{}", Some(Word::Organization), Aws, (OrgPolicy, Aws));
        check(r#"{"Statement":[{"Action":"s3:*"}]}"#, None, Coreweave, (BucketPolicy, Coreweave));
        check(r#"{"Statement":{"Principal":{"CW":"*"}}}"#, None, Aws, (BucketPolicy, Aws));
    }

    #[test]
    fn buckets_are_named_by_resources() {
        let text = r#"{"Statement":[{"Resource":["arn:aws:s3:::a","arn:aws:s3:::a/*","arn:aws:s3:::b*/x"]},
            {"NotResource":"arn:aws-cn:s3:::c/${x}"}]}"#;
        let buckets = |text: &str| buckets(&serde_json::from_str(text).unwrap());
        assert_eq!(buckets(text), ["a", "c"]);
        let cam = r#"{"statement":[{"resource":["qcs::cos:r:uid/1:d-1/*","*"]}]}"#;
        assert_eq!(buckets(cam), ["d-1"]);
    }
}
