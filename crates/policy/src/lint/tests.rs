use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use stocktake_core::finding::Dialect::{self, Aws, Coreweave, Cos};
use stocktake_core::finding::{Level, VALUE_CHARS_MAX};

use super::*;
use crate::DocumentKind::{
    BucketPolicy, CamPolicy, IdentityPolicy, KeyPolicy, OrgPolicy, TrustPolicy,
};
use crate::rules::{RULES, Rule};

mod cases;
mod properties;
mod work;

use cases::{CASES, Case};

/// A statement that nothing is wrong with.
fn sound(kind: DocumentKind, dialect: Dialect) -> Json {
    let mut statement = match (dialect, kind) {
        (Coreweave, OrgPolicy) => {
            json!({"name": "s", "effect": "Allow", "actions": ["s3:GetObject"],
            "resources": ["orbit/*"], "principals": ["coreweave/u1"]})
        }
        (Cos, TrustPolicy) => json!({"effect": "allow", "action": "name/sts:AssumeRole",
            "principal": {"service": "cos.cloud.tencent.com"}}),
        (Cos, _) => json!({"effect": "allow", "action": "name/cos:GetObject",
            "principal": {"qcs": ["qcs::cam::uin/1:uin/2"]},
            "resource": "qcs::cos:ap-guangzhou:uid/125:orbit-125/*"}),
        (_, KeyPolicy) => {
            json!({"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*",
            "Principal": {"Service": "s3.amazonaws.com"}})
        }
        (Coreweave, _) => json!({"Effect": "Allow", "Action": "s3:GetObject",
            "Principal": {"CW": "arn:aws:iam::0f3a9c:coreweave/u1"}, "Resource": "arn:aws:s3:::orbit/*"}),
        (_, _) => json!({"Effect": "Allow", "Action": "s3:GetObject",
            "Principal": {"AWS": "arn:aws:iam::111122223333:user/u1"}, "Resource": "arn:aws:s3:::orbit/*"}),
    };
    if matches!(kind, IdentityPolicy | CamPolicy) {
        let members = statement.as_object_mut().unwrap();
        members.remove("Principal");
        members.remove("principal");
    }
    statement
}

/// The document of a case: a whole one, or what differs from a sound statement, where null takes a member away.
fn document(kind: DocumentKind, dialect: Dialect, text: &str) -> Document {
    let name = "p".to_owned();
    if let Some(whole) = text.strip_prefix('!') {
        return Document { name, kind, text: whole.to_owned() };
    }
    let mut statement = sound(kind, dialect);
    let members = statement.as_object_mut().unwrap();
    let differences: Json = serde_json::from_str(text).unwrap_or_else(|_| panic!("{text}"));
    for (name, value) in differences.as_object().unwrap() {
        match value {
            Json::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    let whole = match (dialect, kind) {
        (Coreweave, OrgPolicy) => {
            json!({"version": "v1alpha1", "name": "p", "statements": [statement]})
        }
        (Cos, _) => json!({"version": "2.0", "statement": [statement]}),
        _ => json!({"Version": "2012-10-17", "Statement": [statement]}),
    };
    Document { name, kind, text: whole.to_string() }
}

fn options() -> Options {
    Options { bucket: Some("orbit".to_owned()), ..Options::default() }
}

fn options_of(dialect: Dialect) -> Options {
    let bucket = if dialect == Cos { "orbit-125" } else { "orbit" };
    Options { bucket: Some(bucket.to_owned()), ..options() }
}

/// The codes, levels and pointers that a document is told.
fn told(document: &Document, dialect: Dialect) -> Vec<(String, Level, String)> {
    let findings = lint(document, dialect, &options_of(dialect));
    findings.into_iter().map(|it| (it.code.into_owned(), it.level, it.pointer)).collect()
}

#[test]
fn every_rule_fires_and_nearly_fires() {
    for Case { code, level, dialect, kind, pointer, fires, near } in CASES {
        let found = told(&document(*kind, *dialect, fires), *dialect);
        let expected = ((*code).to_owned(), *level, (*pointer).to_owned());
        assert!(found.contains(&expected), "{code} {level:?} {pointer} of {fires}: {found:?}");
        let found = told(&document(*kind, *dialect, near), *dialect);
        assert!(!found.iter().any(|(it, ..)| it == code), "no {code} of {near}: {found:?}");
    }
}

/// Rules about one document alone; the others need a delivery, or two policies.
fn is_of_one_document(rule: &Rule) -> bool {
    let number: u32 = rule.code.trim_start_matches(char::is_alphabetic).parse().unwrap();
    rule.code.starts_with("PC") && (number < 200 || (220..230).contains(&number))
}

#[test]
fn every_rule_has_a_case_in_every_dialect_that_has_it() {
    let cases: BTreeSet<(&str, Dialect)> =
        CASES.iter().map(|case| (case.code, case.dialect)).collect();
    for rule in RULES.iter().filter(|rule| is_of_one_document(rule)) {
        for dialect in [Aws, Coreweave, Cos] {
            let is_there = rule.level(dialect).is_some();
            // In the bucket policies of the other two it would be `PC125`, and so on.
            assert_eq!(
                cases.contains(&(rule.code, dialect)),
                is_there,
                "{} {dialect:?}",
                rule.code
            );
        }
    }
}

#[test]
fn sound_documents_are_told_nothing() {
    for (kind, dialect) in [
        (BucketPolicy, Aws),
        (IdentityPolicy, Aws),
        (KeyPolicy, Aws),
        (BucketPolicy, Coreweave),
        (OrgPolicy, Coreweave),
        (BucketPolicy, Cos),
        (CamPolicy, Cos),
        (TrustPolicy, Cos),
    ] {
        assert_eq!(told(&document(kind, dialect, "{}"), dialect), [], "{kind:?} {dialect:?}");
    }
}
