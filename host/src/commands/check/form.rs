//! What a document is, and of which provider, by its form.
//!
//! The strict dialects judge by their own rules, whatever they are given. In `any`, a document is judged by the rules of
//! the provider whose form it has.

use serde_json::Value;
use stocktake_core::finding::Dialect;

use super::inputs::{Read, Word};
use crate::engine::policy::DocumentKind;

/// What `CoreWeave` names principals by.
const COREWEAVE_NAMES: [&str; 5] =
    [":coreweave/", ":saml/", "arn:aws:iam:::user/", "arn:aws:iam::static:", ":static/audit-logs"];

/// Members that inventory configurations have and policies have not.
const INVENTORY_MEMBERS: [&str; 4] =
    ["Destination", "IncludedObjectVersions", "IsEnabled", "Schedule"];

/// The kind of a document, and whose rules it is judged by.
///
/// A policy that names nobody is taken for one of a principal, unless it is said to be attached to a bucket.
pub(super) fn of(read: &Read, asked: Dialect, has_bucket: bool) -> (DocumentKind, Dialect) {
    let tree = serde_json::from_str(&read.source.text).unwrap_or(Value::Null);
    let form = if asked == Dialect::Any { dialect(&tree) } else { asked };
    let kind = match read.word {
        Some(word) => kind_of_word(word, form, &tree),
        None => kind(&read.source.text, &tree, form, has_bucket),
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

fn kind(text: &str, tree: &Value, dialect: Dialect, has_bucket: bool) -> DocumentKind {
    if text.trim_start().starts_with('<') {
        let is_logging = text.contains("<BucketLoggingStatus");
        return if is_logging {
            DocumentKind::LoggingConfig
        } else {
            DocumentKind::InventoryConfig
        };
    }
    let has = |name: &&str| tree.get(name).is_some();
    if ["LoggingEnabled", "TargetBucket"].iter().any(has) {
        return DocumentKind::LoggingConfig;
    }
    if INVENTORY_MEMBERS.iter().any(has) {
        return DocumentKind::InventoryConfig;
    }
    if ["statements", "policy"].iter().any(has) {
        return DocumentKind::OrgPolicy;
    }
    // What cannot be read is most likely what the command is for.
    if statements(tree).is_empty() || (has_bucket && !names_anybody(tree)) {
        return DocumentKind::BucketPolicy;
    }
    match (names_anybody(tree), dialect) {
        (true, _) if takes_roles(tree) => DocumentKind::TrustPolicy,
        (true, _) if is_for_keys(tree) => DocumentKind::KeyPolicy,
        (true, _) | (false, Dialect::Coreweave) => DocumentKind::BucketPolicy,
        (false, Dialect::Cos) => DocumentKind::CamPolicy,
        (false, Dialect::Any | Dialect::Aws) => DocumentKind::IdentityPolicy,
    }
}

/// Of which provider a document is: Amazon S3, unless something in it tells another.
pub(super) fn dialect(tree: &Value) -> Dialect {
    if tree.get("statements").is_some() || tree.get("policy").is_some() {
        return Dialect::Coreweave;
    }
    let version = tree.get("version").or_else(|| tree.get("Version"));
    if tree.get("statement").is_some() || version.is_some_and(|version| version == "2.0") {
        return Dialect::Cos;
    }
    if tree.pointer("/Destination/COSBucketDestination").is_some() {
        return Dialect::Cos;
    }
    let named = statements(tree).iter().filter_map(|statement| member(statement, "principal"));
    let kinds = named.chain(member(tree, "principal")).filter_map(Value::as_object).flatten();
    for (kind, names) in kinds {
        match kind.as_str() {
            "CW" => return Dialect::Coreweave,
            "qcs" => return Dialect::Cos,
            _ => {}
        }
        let found = texts(names).into_iter().map(of_principal).find(|found| *found != Dialect::Aws);
        if let Some(found) = found {
            return found;
        }
    }
    Dialect::Aws
}

/// Of which provider a principal is, by its name.
pub(super) fn of_principal(name: &str) -> Dialect {
    if name.starts_with("qcs::") {
        Dialect::Cos
    } else if name.starts_with("coreweave/")
        || COREWEAVE_NAMES.iter().any(|part| name.contains(part))
    {
        Dialect::Coreweave
    } else {
        Dialect::Aws
    }
}

/// The buckets that a policy names in its resources, wildcards left out.
pub(super) fn buckets(text: &str) -> Vec<String> {
    let tree: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    let resources = statements(&tree).iter().flat_map(|statement| {
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

fn statements(tree: &Value) -> &[Value] {
    match member(tree, "statement").or_else(|| tree.get("statements")) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
}

/// A member whose name may be capitalised.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_object()?.iter();
    members.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A text, or all texts of a list.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn names_anybody(tree: &Value) -> bool {
    let names = |value: &Value| {
        member(value, "principal").is_some() || member(value, "notprincipal").is_some()
    };
    names(tree) || statements(tree).iter().any(names)
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
        let read = Read::of(word, Source::new("p".to_owned(), text.to_owned()));
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
        assert_eq!(buckets(text), ["a", "c"]);
        let cam = r#"{"statement":[{"resource":["qcs::cos:r:uid/1:d-1/*","*"]}]}"#;
        assert_eq!(buckets(cam), ["d-1"]);
    }
}
