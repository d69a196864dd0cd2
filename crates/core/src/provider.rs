//! Of which provider a policy or a principal is, by its form.
//!
//! Each provider has rules of its own and says nowhere in a document that they are meant, so it is told by what only one
//! of them writes. Nothing here says whether a document is valid, nor what kind of policy it is.
//!
//! Sources: "Grammar of the IAM JSON policy language" and "IAM identifiers" in the AWS IAM user guide; "About bucket
//! access policies" and "About organization access policies" of `CoreWeave` AI Object Storage; "Access Policy Language
//! Overview" of Tencent Cloud COS.

use serde_json::Value;

use crate::finding::Dialect;

/// Of which provider a document is, be it a policy or an inventory configuration. Never answers [`Dialect::Any`].
///
/// The first of these that holds decides:
/// 1. It is an organization access policy, as [`is_organization_policy`] says: `CoreWeave`.
/// 2. A member `statement` in lower case, the version `2.0` (of `version` or `Version`), a `COSBucketDestination`, or a
///    member `principal` in lower case beside the statements: Tencent Cloud. AWS's names are capitalised, and case
///    matters to it, while samples of Tencent Cloud capitalise `Statement` too, and so it tells nothing.
/// 3. Whom the document names, in `Principal` or `NotPrincipal` whatever their case, in its order: by the kind of
///    principal, `CW` or `qcs`, else by the first name that is not AWS's, as [`of_principal`] says.
/// 4. Otherwise AWS, also of what is no policy at all.
///
/// # Examples
/// ```
/// use serde_json::json;
/// use stocktake_core::finding::Dialect;
/// use stocktake_core::provider::of_document;
///
/// assert_eq!(of_document(&json!({"Statement": {"Principal": {"CW": "*"}}})), Dialect::Coreweave);
/// assert_eq!(of_document(&json!({"Statement": {"Sid": "CW", "Principal": "*"}})), Dialect::Aws);
/// ```
#[must_use]
pub fn of_document(tree: &Value) -> Dialect {
    if is_organization_policy(tree) {
        return Dialect::Coreweave;
    }
    let is_version = |name| tree.get(name).is_some_and(|version| version == "2.0");
    let is_cos = ["statement", "principal"].iter().any(|name| tree.get(name).is_some())
        || ["version", "Version"].into_iter().any(is_version)
        || tree.pointer("/Destination/COSBucketDestination").is_some();
    if is_cos {
        return Dialect::Cos;
    }
    of_first(principals(tree).map(of_principals))
}

/// The same of a text. One that cannot be read is none's, and defaults to AWS.
#[must_use]
pub fn of_text(text: &str) -> Dialect {
    serde_json::from_str(text).map_or(Dialect::Aws, |tree| of_document(&tree))
}

/// Of which provider a principal is, by its name. Never answers [`Dialect::Any`].
///
/// - Names in `qcs:` are Tencent Cloud's.
/// - `CoreWeave`'s are the short form `coreweave/ID`, and the ARNs of IAM, `arn:aws:iam::OWNER:NAME`, that AWS cannot have:
///   those of `static` or `coreweave`, which are the services, `user/KEY` of nobody, and of any owner `coreweave/ID`,
///   `saml/GROUP` and `static/NAME`. AWS's own SAML providers are `saml-provider/NAME`, and a path in the name of a user or
///   role may hold `:saml/`, so it is what the name begins with that counts.
/// - All else is AWS's. So is `role/NAME`, the short form that `CoreWeave` has for a SAML group: it may as well be short for
///   a role of AWS, and bucket policies do not use it.
///
/// # Examples
/// ```
/// use stocktake_core::finding::Dialect;
/// use stocktake_core::provider::of_principal;
///
/// assert_eq!(of_principal("arn:aws:iam::0f3a9c:saml/staff"), Dialect::Coreweave);
/// assert_eq!(of_principal("arn:aws:iam::111122223333:saml-provider/staff"), Dialect::Aws);
/// ```
#[must_use]
pub fn of_principal(name: &str) -> Dialect {
    if name.starts_with("qcs:") {
        return Dialect::Cos;
    }
    let is_coreweave = name.starts_with("coreweave/")
        || name.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':')).is_some_and(
            |(owner, name)| match owner {
                "static" | "coreweave" => true,
                "" if name.starts_with("user/") => true,
                _ => ["coreweave/", "saml/", "static/"].iter().any(|kind| name.starts_with(kind)),
            },
        );
    if is_coreweave { Dialect::Coreweave } else { Dialect::Aws }
}

/// The provider of several documents and names that are to be judged together: that of the first which is not AWS's, as
/// AWS is also the answer where nothing tells.
#[must_use]
pub fn of_first(found: impl IntoIterator<Item = Dialect>) -> Dialect {
    found.into_iter().find(|found| *found != Dialect::Aws).unwrap_or(Dialect::Aws)
}

/// Whether a document is an organization access policy of `CoreWeave`, which has `statements`, or stands in `policy`.
#[must_use]
pub fn is_organization_policy(tree: &Value) -> bool {
    ["statements", "policy"].iter().any(|name| tree.get(name).is_some())
}

/// The statements of a policy, where one by itself counts as a list of it. What stands in `policy` is not looked at.
#[must_use]
pub fn statements(tree: &Value) -> &[Value] {
    match member(tree, "statement").or_else(|| tree.get("statements")) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
}

/// Whom a policy names and whom it excepts: every `Principal` and `NotPrincipal` of its statements, whatever the case, and
/// those that stand beside them, as in samples of Tencent Cloud.
pub fn principals(tree: &Value) -> impl Iterator<Item = &Value> {
    let is_principal = |name: &str| {
        name.eq_ignore_ascii_case("principal") || name.eq_ignore_ascii_case("notprincipal")
    };
    let objects = statements(tree).iter().chain([tree]).filter_map(Value::as_object);
    let members = objects.flatten().filter(move |(name, _)| is_principal(name));
    members.map(|(_, value)| value)
}

/// A member of an object by its name in lower case, whatever the case that it is written in; the first of several.
#[must_use]
pub fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_object()?.iter();
    members.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A text, or all texts of a list.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    items.iter().filter_map(Value::as_str)
}

/// Of which provider those are whom one element names.
fn of_principals(element: &Value) -> Dialect {
    let Value::Object(kinds) = element else { return of_first(texts(element).map(of_principal)) };
    // Kinds first: a name below `qcs` is Tencent Cloud's whatever it looks like.
    let of_kinds = kinds.keys().map(|kind| match kind.as_str() {
        "CW" => Dialect::Coreweave,
        "qcs" => Dialect::Cos,
        _ => Dialect::Aws,
    });
    let of_names = kinds.values().flat_map(texts).map(of_principal);
    of_first(of_kinds.chain(of_names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{Aws, Coreweave, Cos};

    #[track_caller]
    fn check(cases: &[(&str, Dialect)]) {
        for (text, expected) in cases {
            let tree: Value = serde_json::from_str(text).unwrap();
            assert_eq!(of_document(&tree), *expected, "{text}");
        }
    }

    #[test]
    fn an_organization_policy_has_statements_or_stands_in_policy() {
        check(&[
            (r#"{"policy":{"statements":[]}}"#, Coreweave),
            (r#"{"policy":{"version":"v1alpha1"}}"#, Coreweave),
            (r#"{"version":"v1alpha1","statements":[]}"#, Coreweave),
            // It is told before anything else is.
            (r#"{"version":"2.0","statements":[]}"#, Coreweave),
            (r#"{"Version":"2012-10-17","Policy":"{}"}"#, Aws),
        ]);
    }

    #[test]
    fn tencent_cloud_is_told_by_lower_case_version_and_destination() {
        check(&[
            (r#"{"version":"2.0","statement":[]}"#, Cos),
            (r#"{"version":"2.0","statement":[{"action":"*"}]}"#, Cos),
            (r#"{"statement":[{"principal":{"qcs":["x"]}}]}"#, Cos),
            (r#"{"statement":{"action":"name/sts:AssumeRole","principal":{"service":"x"}}}"#, Cos),
            (r#"{"statement":[{"principal":{"AWS":"1"}}]}"#, Cos),
            (r#"{"version":"2.0"}"#, Cos),
            (r#"{"Version":"2.0","Statement":[{}]}"#, Cos),
            (r#"{"version":"3","Version":"2.0","Statement":[{}]}"#, Cos),
            (r#"{"Statement":[{}],"version":"2.0","Principal":{"qcs":["x"]}}"#, Cos),
            (r#"{"version":"2.0","Statement":{"Principal":{"CW":"*"}}}"#, Cos),
            (r#"{"Statement":[{}],"principal":{"AWS":"1"}}"#, Cos),
            (r#"{"Destination":{"COSBucketDestination":{}}}"#, Cos),
            (r#"{"Destination":{"S3BucketDestination":{}}}"#, Aws),
            (r#"{"version":"1.0","Statement":[{}]}"#, Aws),
            (r#"{"Statement":[{"action":"*","principal":{"AWS":"1"}}]}"#, Aws),
        ]);
    }

    #[test]
    fn a_policy_is_of_whom_it_names() {
        check(&[
            (r#"{"Statement":{"Principal":{"CW":"*"}}}"#, Coreweave),
            (r#"{"Statement":[{},{"NotPrincipal":{"CW":"*"}}]}"#, Coreweave),
            (r#"{"Statement":[{"principal":{"CW":"*"}}]}"#, Coreweave),
            (
                r#"{"Statement":{"Principal":{"AWS":["1","arn:aws:iam::f3:coreweave/u"]}}}"#,
                Coreweave,
            ),
            (
                r#"{"Statement":[{},{"Principal":{"AWS":"arn:aws:iam::f3:coreweave/u"}}]}"#,
                Coreweave,
            ),
            (r#"{"Statement":{"Principal":"coreweave/u"}}"#, Coreweave),
            (r#"{"Statement":[{"Principal":{"qcs":["qcs::cam::uin/1:uin/2"]}}]}"#, Cos),
            (r#"{"Statement":[{}],"Principal":{"qcs":["x"]}}"#, Cos),
            (r#"{"Statement":[{}],"NotPrincipal":{"QCS":"qcs::cam::uin/1:uin/2"}}"#, Cos),
            (r#"{"Statement":[{"Principal":["*","qcs::cam::anyone:anyone"]}]}"#, Cos),
            // Within an element kinds tell before names do, and elements stand in order.
            (r#"{"Statement":{"Principal":{"AWS":"coreweave/u","qcs":"x"}}}"#, Cos),
            (
                r#"{"Statement":[{"Principal":{"AWS":"coreweave/u"}},{"Principal":{"qcs":"x"}}]}"#,
                Coreweave,
            ),
            (r#"{"Statement":[{"Principal":"*"},{"Principal":{"CW":"*"}}]}"#, Coreweave),
        ]);
    }

    #[test]
    fn all_else_is_of_aws() {
        check(&[
            (r#"{"Version":"2012-10-17","Statement":[]}"#, Aws),
            (r#"{"Statement":{"Principal":"*"}}"#, Aws),
            (r#"{"Statement":[{"Principal":"*"}]}"#, Aws),
            (r#"{"Statement":{"Action":"s3:*"}}"#, Aws),
            (r#"{"Statement":{"Principal":{"AWS":["1","arn:aws:iam::1:user/a"]}}}"#, Aws),
            // What stands elsewhere names nobody.
            (r#"{"Statement":{"Sid":"CW","Condition":{"StringEquals":{"CW":"qcs::"}}}}"#, Aws),
            (r#"{"Statement":{"Principal":{"AWS":"CW"},"Action":{"qcs":"x"}}}"#, Aws),
            (r#"{"Statement":null}"#, Aws),
            (r#"{"Statement":["CW",1],"Principal":7}"#, Aws),
            ("{}", Aws),
            ("[]", Aws),
            (r#""CW""#, Aws),
            ("null", Aws),
        ]);
    }

    #[test]
    fn one_statement_counts_as_a_list_of_it() {
        for (text, expected) in [
            (r#"{"Statement":[{},{}]}"#, 2),
            (r#"{"STATEMENT":{}}"#, 1),
            (r#"{"statements":[{}]}"#, 1),
            (r#"{"Statement":null}"#, 0),
            ("{}", 0),
            ("[{}]", 0),
        ] {
            let tree: Value = serde_json::from_str(text).unwrap();
            assert_eq!(statements(&tree).len(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_tells_whose_principal_it_is() {
        for (name, expected) in [
            ("qcs::cam::uin/1:uin/2", Cos),
            ("qcs::cam::anonymous:anonymous", Cos),
            ("qcs:0:cam::uin/1:uin/2", Cos),
            ("coreweave/uq7m2", Coreweave),
            ("arn:aws:iam::0f3a9c:coreweave/uq7m2", Coreweave),
            ("arn:aws:iam::111122223333:coreweave/u", Coreweave),
            ("arn:aws:iam::0f3a9c:saml/staff:all", Coreweave),
            ("arn:aws:iam:::user/ACCESSKEYID", Coreweave),
            ("arn:aws:iam::static:role/static/inventory", Coreweave),
            ("arn:aws:iam::coreweave:static/audit-logs", Coreweave),
            ("arn:aws:iam::coreweave:role/static/x", Coreweave),
            ("arn:aws:iam::0f3a9c:static/audit-logs", Coreweave),
            ("arn:aws:iam::static:", Coreweave),
            ("arn:aws:iam::123456789012:saml-provider/staff", Aws),
            ("arn:aws:iam::123456789012:user/a:saml/b", Aws),
            ("arn:aws:iam::123456789012:role/a:coreweave/b", Aws),
            ("arn:aws:iam::123456789012:role/static/inventory", Aws),
            ("arn:aws:iam::123456789012:role/coreweave/a", Aws),
            ("arn:aws:iam::123456789012:user/a", Aws),
            ("arn:aws:iam::123456789012:root", Aws),
            ("arn:aws:sts::123456789012:assumed-role/saml/s", Aws),
            ("arn:aws:iam::coreweave", Aws),
            ("arn:aws:iam:f3:coreweave/u", Aws),
            ("s3.amazonaws.com", Aws),
            ("role/staff", Aws),
            ("123456789012", Aws),
            ("*", Aws),
            ("", Aws),
        ] {
            assert_eq!(of_principal(name), expected, "{name}");
        }
    }

    #[test]
    fn the_first_that_is_not_of_aws_tells() {
        assert_eq!(of_first([Aws, Cos, Coreweave]), Cos);
        assert_eq!(of_first([Aws, Aws]), Aws);
        assert_eq!(of_first([]), Aws);
    }
}
