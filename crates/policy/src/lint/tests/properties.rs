use proptest::prelude::*;
use serde_json::Map;
use stocktake_core::finding::Finding;

use super::*;
use crate::patch::at;
use crate::patch::tests::apply;
use crate::sink::by_segment;

fn errors(findings: &[Finding]) -> BTreeSet<(String, String)> {
    let errors = findings.iter().filter(|it| it.level == Level::Error);
    errors.map(|it| (it.code.to_string(), it.pointer.clone())).collect()
}

/// Every patch clears its finding and adds no error.
fn patches_keep_their_promise(document: &Document, dialect: Dialect) {
    let before = lint(document, dialect, &options_of(dialect));
    for finding in &before {
        let Some(patch) = &finding.patch else { continue };
        let text = apply(&document.text, patch);
        let mended = Document { text: text.clone(), ..document.clone() };
        let after = lint(&mended, dialect, &options_of(dialect));
        // What stood behind may now stand there, so pointers are not compared.
        let same = |it: &&Finding| it.code == finding.code && it.value == finding.value;
        assert!(
            after.iter().filter(same).count() < before.iter().filter(same).count(),
            "{} {patch} leaves {text}: {after:?}",
            finding.code
        );
        let mut new = errors(&after);
        let old: BTreeSet<String> = errors(&before).into_iter().map(|(code, _)| code).collect();
        new.retain(|(code, _)| !old.contains(code));
        assert!(new.is_empty(), "{} {patch} of {} adds {new:?}", finding.code, document.text);
    }
}

/// The value of a finding is what its pointer leads to, findings are in order, and they are quoted in part.
fn findings_are_sound(document: &Document, dialect: Dialect) {
    let findings = lint(document, dialect, &options_of(dialect));
    let tree = Node::read(&document.text, 40).ok();
    for finding in &findings {
        let value = finding.value.as_deref().unwrap_or_default();
        assert!(value.chars().count() <= VALUE_CHARS_MAX);
        if let Some(root) = &tree {
            let Some(node) = at(root, &finding.pointer) else {
                panic!("nothing at {} of {}", finding.pointer, document.text)
            };
            let is_twice = finding.code == "PC002" || finding.code == "PC003";
            if finding.value.is_some() && !is_twice {
                assert_eq!(node.quote(VALUE_CHARS_MAX), value, "{finding:?}");
            }
        }
    }
    let in_order = findings.is_sorted_by(|one, other| {
        by_segment(&one.pointer, &other.pointer)
            .then_with(|| one.code.cmp(&other.code))
            .then_with(|| one.message.cmp(&other.message))
            .is_le()
    });
    assert!(in_order, "{findings:?}");
}

#[test]
fn patches_of_the_cases_keep_their_promise() {
    for case in CASES {
        for text in [case.fires, case.near] {
            let document = document(case.kind, case.dialect, text);
            findings_are_sound(&document, case.dialect);
            if Node::read(&document.text, 40).is_ok() && case.code != "PC002" {
                patches_keep_their_promise(&document, case.dialect);
            }
        }
    }
}

fn one_or_many(texts: &'static [&'static str]) -> impl Strategy<Value = Json> {
    prop_oneof![
        prop::sample::select(texts).prop_map(|text| json!(text)),
        prop::collection::vec(prop::sample::select(texts), 1..4).prop_map(|texts| json!(texts)),
    ]
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:getobject",
    "s3:ListBucket",
    "s3:ListObjects",
    "s3:PutObejct",
    "s3:*",
    "*",
    "s3:Get*",
    "s3:ListInventoryConfigurations",
    "s3:DeleteInventoryConfiguration",
    "s3:HeadObject",
    "s3:Nix*",
    "GetObject",
    "s3:ListAllMyBuckets",
    "s3:PutBucketPolicy",
    "cwobject:*",
    "name/cos:getObject",
    "cos:PutObject",
    "s3:Put?bject",
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::orbit",
    "arn:aws:s3:::orbit/*",
    "arn:aws:s3:::orbit/a/b",
    "arn:aws:s3:::orbit:*",
    "orbit",
    "orbit/*",
    "arn:aws:s3::1:orbit",
    "arn:aws:s3*",
    "arn:aws:s3",
    "arn:aws:s3:::orbit/${aws:username}",
    "orbit:*",
    "arn:aws:s3:::orb*",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::${v}",
    "qcs::cos:r:uid/1:orbit-125/*",
    "qcs::cos:r:uid/1:orbit-125:*",
    "arn:aws:sqs:::x",
    "arn:aws:s3:::orbit/${",
    "arn:aws:s3:eu:1:/*",
    "arn:aws:s3:::/*",
];

const PRINCIPALS: &[&str] = &[
    "*",
    "arn:aws:iam::111122223333:user/u",
    "111122223333",
    "arn:aws:s3:::orbit",
    "s3.amazonaws.com",
    "s3.amazonaws.co",
    "arn:aws:iam::coreweave:static/inventory",
    "arn:aws:iam::static:role/static/inventory",
    "coreweave/u",
    "s3",
    "arn:aws:iam::0f3a9c:coreweave/u",
    "arn:aws:iam::0f3a9c:saml/g",
    "role/g",
    "admin",
    "qcs::cam::uin/1:uin/2",
    "cos",
];

const OPERATORS: &[&str] = &[
    "StringEquals",
    "stringequals",
    "StringEqual",
    "StringNotEquals",
    "StringLike",
    "Bool",
    "bool",
    "NumericEquals",
    "ForAllValues:StringEquals",
    "Null",
    "NullIfExists",
    "string_equal",
    "String_Equal",
    "string_like",
    "IpAddress",
];

const KEYS: &[&str] = &[
    "aws:PrincipalOrgID",
    "aws:SourceArn",
    "aws:TagKeys",
    "s3:prefix",
    "s3:x-amz-acl",
    "qcs:ip",
    "cw:PrincipalOrgID",
];

fn statement() -> impl Strategy<Value = (Map<String, Json>, bool)> {
    let value = prop_oneof![
        Just(json!("x*")),
        Just(json!(true)),
        Just(json!(["a", 7])),
        Just(json!("arn:aws:s3:::b"))
    ];
    let condition = (prop::sample::select(OPERATORS), prop::sample::select(KEYS), value)
        .prop_map(|(operator, key, value)| json!({operator: {key: value}}));
    let key = prop::sample::select(&["AWS", "CW", "Service", "qcs", "service", "aws"][..]);
    let principal = (key, one_or_many(PRINCIPALS), any::<bool>())
        .prop_map(|(key, texts, is_bare)| if is_bare { texts } else { json!({key: texts}) });
    let names = (any::<bool>(), any::<bool>(), any::<bool>());
    let sid = prop::option::of(prop::sample::select(&["a", "b", "a-b", "ä"][..]));
    (
        principal,
        one_or_many(ACTIONS),
        one_or_many(RESOURCES),
        prop::option::of(condition),
        names,
        sid,
    )
        .prop_map(
            |(
                principal,
                actions,
                resources,
                condition,
                (allows, is_negated, not_resource),
                sid,
            )| {
                let mut members = Map::new();
                members.insert("Effect".into(), json!(if allows { "Allow" } else { "Deny" }));
                members.insert(
                    if is_negated { "NotPrincipal" } else { "Principal" }.into(),
                    principal,
                );
                members.insert("Action".into(), actions);
                members.insert(
                    if not_resource && is_negated { "NotResource" } else { "Resource" }.into(),
                    resources,
                );
                if let Some(condition) = condition {
                    members.insert("Condition".into(), condition);
                }
                if let Some(sid) = sid {
                    members.insert("Sid".into(), json!(sid));
                }
                (members, allows)
            },
        )
}

/// The same statement as each kind of document writes it.
fn written(
    kind: DocumentKind,
    dialect: Dialect,
    statements: &[(Map<String, Json>, bool)],
    version: Option<&str>,
) -> String {
    let list = |value: &Json| match value {
        Json::Array(_) => value.clone(),
        Json::Object(_) => json!(["*"]),
        one => json!([one]),
    };
    let write = |(members, allows): &(Map<String, Json>, bool)| -> Json {
        let mut out = Map::new();
        for (name, value) in members {
            let (name, value) = match (dialect, kind) {
                (Coreweave, OrgPolicy) => match name.as_str() {
                    "Effect" | "Condition" | "Sid" => continue,
                    name => {
                        (format!("{}s", name.trim_start_matches("Not").to_lowercase()), list(value))
                    }
                },
                (Cos, _) => (name.trim_start_matches("Not").to_lowercase(), value.clone()),
                _ => (name.clone(), value.clone()),
            };
            out.insert(name, value);
        }
        match (dialect, kind) {
            (Coreweave, OrgPolicy) => {
                drop(out.insert("effect".into(), json!(if *allows { "Allow" } else { "Deny" })));
            }
            (Cos, _) => {
                drop(out.insert("effect".into(), json!(if *allows { "allow" } else { "deny" })));
            }
            _ => {}
        }
        Json::Object(out)
    };
    let statements: Vec<Json> = statements.iter().map(write).collect();
    let mut out = match (dialect, kind) {
        (Coreweave, OrgPolicy) => json!({"statements": statements}),
        (Cos, _) => json!({"statement": statements}),
        _ => json!({"Statement": statements}),
    };
    if let Some(version) = version {
        let name = if dialect == Cos || kind == OrgPolicy { "version" } else { "Version" };
        out[name] = json!(version);
    }
    if kind == OrgPolicy && version.is_some() { json!({"policy": out}) } else { out }.to_string()
}

proptest! {
    #[test]
    fn patches_of_any_document_keep_their_promise(
        statements in prop::collection::vec(statement(), 1..4),
        (kind, dialect) in prop::sample::select(&[
            (BucketPolicy, Aws), (IdentityPolicy, Aws), (BucketPolicy, Coreweave), (OrgPolicy, Coreweave),
            (BucketPolicy, Cos), (CamPolicy, Cos),
        ][..]),
        version in prop::option::of(prop::sample::select(&["2012-10-17", "2008-10-17", "2.0", "v1alpha1"][..])),
    ) {
        let text = written(kind, dialect, &statements, version);
        let document = Document { name: "p".to_owned(), kind, text };
        findings_are_sound(&document, dialect);
        patches_keep_their_promise(&document, dialect);
    }

    #[test]
    fn whatever_the_text_there_is_an_answer(text in "[{}\\[\\]\",:a*$S\u{0}]{0,60}") {
        for dialect in [Aws, Coreweave, Cos] {
            findings_are_sound(&Document { name: "p".to_owned(), kind: BucketPolicy, text: text.clone() }, dialect);
        }
    }
}
