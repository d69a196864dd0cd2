use proptest::prelude::*;
use stocktake_core::finding::Dialect::{self, Aws, Coreweave, Cos};
use stocktake_core::finding::VALUE_CHARS_MAX;

use super::*;
use crate::DocumentKind::{BucketPolicy, CamPolicy, IdentityPolicy, OrgPolicy, TrustPolicy};
use crate::model::PrincipalEntry;

fn policy(kind: DocumentKind, dialect: Dialect, text: &str) -> Policy {
    parse(&Document { name: "p".to_owned(), kind, text: text.to_owned() }, dialect)
}

/// The findings of a document, each as its code and pointer.
fn found(kind: DocumentKind, dialect: Dialect, text: &str) -> String {
    let policy = policy(kind, dialect, text);
    let lines =
        policy.findings.iter().map(|finding| format!("{} {}", finding.code, finding.pointer));
    lines.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn aws(text: &str, expected: &str) {
    assert_eq!(found(BucketPolicy, Aws, text), expected, "{text}");
}

#[test]
fn tells_all_that_is_wrong_in_document_order() {
    let text = r#"{"Vrsion": 1, "Statement": [
        {"Effect": "allow", "Principal": "*", "Action": [], "Resource": "*", "Why": 1, "Why": 2},
        {"Sid": "x", "Principal": {"AWS": []}, "NotAction": 5, "Condition": {"Bool": {"k": {}, "K": [null]}}},
        7
    ], "Id": "x"}"#;
    aws(
        text,
        "PC004 /Statement/0/Action, PC005 /Statement/0/Effect, PC002 /Statement/0/Why, \
         PC003 /Statement/0/Why, PC003 /Statement/0/Why, PC004 /Statement/1, PC004 /Statement/1, \
         PC002 /Statement/1/Condition/Bool/K, PC001 /Statement/1/Condition/Bool/K/0, \
         PC001 /Statement/1/Condition/Bool/k, PC009 /Statement/1/NotAction, \
         PC004 /Statement/1/Principal, PC009 /Statement/1/Principal/AWS, PC004 /Statement/2, PC003 /Vrsion",
    );
}

#[test]
fn a_sound_policy_has_no_findings() {
    let statement = r#""Effect": "Deny", "Action": "s3:*", "Resource": ["a", "b"]"#;
    aws(&format!(r#"{{"Id": "x", "Statement": {{"Principal": "*", {statement}}}}}"#), "");
    let identity = format!(r#"{{"Version": "2012-10-17", "Statement": [{{{statement}}}]}}"#);
    assert_eq!(found(IdentityPolicy, Aws, &identity), "");
    let with_id = identity.replace(r#"{"Version""#, r#"{"Id": "x", "Version""#);
    assert_eq!(found(IdentityPolicy, Aws, &with_id), "PC003 /Id");
    // A policy without a principal is for nobody, which is not said of its form in these dialects.
    assert_eq!(found(BucketPolicy, Coreweave, &identity), "");
    let cam =
        r#"{"version": "2.0", "statement": [{"effect": "allow", "action": "*", "resource": "*"}]}"#;
    assert_eq!(found(CamPolicy, Cos, cam), "");
    let trust = r#"{"version": "2.0", "statement": {"effect": "allow", "action": "name/sts:AssumeRole",
        "principal": {"service": "cos.cloud.tencent.com"}}}"#;
    assert_eq!(found(TrustPolicy, Cos, trust), "");
    assert_eq!(found(BucketPolicy, Cos, trust), "PC004 /statement");
}

#[test]
fn names_of_tencent_cloud_may_be_capitalised_and_are_told() {
    let text = r#"{"version": "2.0", "Principal": {"qcs": ["*"]},
        "Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}"#;
    assert_eq!(found(BucketPolicy, Cos, text), "PC010 ");
    let policy = policy(BucketPolicy, Cos, text);
    let element = &policy.statements[0].principals[0];
    assert_eq!(&*element.pointer, "/Principal");
    assert_eq!(element.entries[0].suffix, "/qcs/0");
    assert_eq!(element.entries[0].value, PrincipalEntry::Everyone);
}

#[test]
fn an_organization_policy_is_bare_or_wrapped() {
    let bare = r#"{"version": "v1alpha1", "name": "n", "statements": [{"name": "n", "effect": "Allow",
        "actions": ["s3:*"], "resources": ["*"], "principals": ["role/x"]}]}"#;
    assert_eq!(found(OrgPolicy, Coreweave, bare), "");
    let wrapped = format!(r#"{{"policy": {bare}}}"#);
    assert_eq!(found(OrgPolicy, Coreweave, &wrapped), "");
    let read = policy(OrgPolicy, Coreweave, &wrapped);
    assert_eq!(&*read.statements[0].actions[0].pointer, "/policy/statements/0/actions");
    let other = bare.replace(r#""effect": "Allow""#, r#""Effect": "Allow""#);
    assert_eq!(
        found(OrgPolicy, Coreweave, &other),
        "PC004 /statements/0, PC003 /statements/0/Effect"
    );
    let single = bare.replace(['[', ']'], "");
    assert_eq!(found(OrgPolicy, Coreweave, &single), "PC009 /statements");
}

#[test]
fn entries_keep_their_places_and_texts() {
    let text = r#"{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["1", "2"], "a/b": "x"},
        "Action": "s3:*", "Resource": ["a", "b"], "Condition": {"Bool": {"aws:x/y": true}}}]}"#;
    let policy = policy(BucketPolicy, Aws, text);
    let statement = &policy.statements[0];
    let tree = serde_json::from_str::<serde_json::Value>(text).unwrap();
    let places = statement.principals[0].entries.iter().map(|entry| {
        (format!("{}{}", statement.principals[0].pointer, entry.suffix), entry.text.clone())
    });
    let resources = statement.resources[0].entries.iter().map(|entry| {
        (format!("{}{}", statement.resources[0].pointer, entry.suffix), entry.text.clone())
    });
    let all: Vec<_> = places.chain(resources).collect();
    assert_eq!(all.len(), 5);
    for (pointer, text) in all {
        assert_eq!(tree.pointer(&pointer), Some(&text.into()), "{pointer}");
    }
    let condition = &statement.conditions[0];
    assert_eq!(tree.pointer(&condition.pointer), Some(&true.into()));
    assert_eq!(condition.values[0].text, "true");
}

#[test]
fn tells_why_a_document_cannot_be_read() {
    let nested = |levels: usize| {
        let value = "[".repeat(levels) + &"]".repeat(levels);
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "X": {value}}}}}"#
        )
    };
    aws(&nested(30), "PC003 /Statement/X");
    aws(&nested(31), "PC001 , PC003 /Statement/X");
    aws(&nested(5000), "PC001 , PC003 /Statement/X");
    let with = |x: &str| nested(0).replace(r#""X": "#, &format!(r#""Sid": {x}"#));
    aws(&with(r#""\ud800""#), "PC001 ");
    aws(&with("\"\0\""), "PC001 ");
    aws(&with("1e999"), "PC001 ");
    aws(&with(r#""\u0000""#), "");
    aws(&with(&"9".repeat(300)), "");
    aws(&format!("\u{feff}{}", with("1")), "PC001 ");
    aws("", "PC001 ");
    aws("null", "PC001 ");
    aws("[]", "PC001 ");
    aws("{} {}", "PC001 ");
    aws(&" ".repeat(DOCUMENT_BYTES_MAX + 1), "PC001 ");
    let read = policy(BucketPolicy, Aws, &" ".repeat(DOCUMENT_BYTES_MAX + 1));
    assert_eq!(read.findings[0].message, "the document has 262145 bytes, at most 262144 are read");
}

#[test]
fn white_space_between_values_does_not_count_as_length() {
    let sized = |length: usize| {
        let empty = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Sid":"\""}}"#;
        empty.replace(r#"\""#, &(r#"\""#.to_owned() + &" ".repeat(length - empty.len())))
    };
    aws(&sized(BUCKET_POLICY_BYTES_MAX), "");
    aws(&sized(BUCKET_POLICY_BYTES_MAX).replace(",\"", " , \n\t\""), "");
    aws(&sized(BUCKET_POLICY_BYTES_MAX + 1), "PC001 ");
    assert_eq!(found(IdentityPolicy, Aws, &sized(BUCKET_POLICY_BYTES_MAX + 1)), "");
}

#[test]
fn what_is_quoted_is_cut_and_harmless() {
    let long = "x\u{1b}".repeat(500);
    let text = serde_json::json!({ long.as_str(): { long.as_str(): 1 }, "Statement": [long] });
    let policy = policy(BucketPolicy, Aws, &text.to_string());
    assert_eq!(policy.findings.len(), 2);
    for finding in &policy.findings {
        assert!(finding.message.chars().count() <= VALUE_CHARS_MAX, "{}", finding.message);
        assert!(!finding.message.contains('\u{1b}'));
        assert!(finding.value.as_ref().unwrap().chars().count() <= VALUE_CHARS_MAX);
    }
}

#[test]
fn many_entries_and_findings_stay_cheap_and_few() {
    let entries = vec!["x"; 10_000];
    let text = serde_json::json!({"Statement": {"Effect": "Allow", "Action": entries, "Resource": entries}});
    let policy = policy(IdentityPolicy, Aws, &text.to_string());
    assert_eq!(policy.statements[0].actions[0].entries.len(), 10_000);
    let wrong = "[".to_owned() + &"1,".repeat(10_000) + "1]";
    let findings = found(IdentityPolicy, Aws, &format!(r#"{{"Statement": {wrong}}}"#));
    assert_eq!(findings.split(", ").count(), 1001);
    assert!(findings.starts_with("PC001 , PC004 /Statement/0, PC004 /Statement/1, "), "{findings}");
}

proptest! {
    #[test]
    fn whatever_is_read_is_printed_and_read_the_same(
        text in r#"(\{|\[|"([a-zé]|\\n|\\\\|\\"|\\u001b){0,3}":?|[0-9]{1,3}|,|\]|\}|true|null){0,12}"#,
    ) {
        if let Ok(tree) = Node::read(&text, DEPTH_MAX) {
            prop_assert_eq!(Node::read(&tree.to_string(), DEPTH_MAX), Ok(tree));
        }
    }

    #[test]
    fn no_text_makes_parsing_panic(text in ".{0,100}") {
        for dialect in [Aws, Coreweave, Cos] {
            for kind in [BucketPolicy, IdentityPolicy, OrgPolicy, CamPolicy, TrustPolicy] {
                let policy = policy(kind, dialect, &text);
                prop_assert!(policy.is_invalid());
            }
        }
    }
}
