//! Decisions as data: every file in `tests/decisions` holds groups of cases.
//!
//! A group has a `base`, which is a question as `explain_line` takes it, and `cases`, each with what it shows (`case`),
//! how the question differs (`patch`, a JSON merge patch, RFC 7396) and what is answered (`decision`, and members of
//! `because` as far as they are given). A member that a patch sets to null is left out of the question.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

#[test]
fn every_case_is_decided_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let groups: Vec<Value> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for group in &groups {
            for case in group["cases"].as_array().unwrap() {
                cases += 1;
                if let Err(difference) = check(&group["base"], case) {
                    let name = file.file_name().unwrap().to_string_lossy();
                    wrong.push(format!("{name}: {}: {difference}", case["case"]));
                }
            }
        }
    }
    assert!(cases > 150, "only {cases} cases are there");
    assert!(wrong.is_empty(), "{} of {cases} cases:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(base: &Value, case: &Value) -> Result<(), String> {
    for member in case.as_object().unwrap().keys() {
        assert!(["case", "patch", "decision", "because"].contains(&member.as_str()), "{member}");
    }
    let mut question = base.clone();
    json_patch::merge(&mut question, &case["patch"]);
    let answer: Value = serde_json::from_str(&explain_line(&question.to_string())).unwrap();
    let mut expected = vec![("decision".to_owned(), &case["decision"], &answer["decision"])];
    if let Some(because) = case["because"].as_object() {
        let members = because.iter();
        expected
            .extend(members.map(|(name, value)| (name.clone(), value, &answer["because"][name])));
    }
    match expected.into_iter().find(|(_, wanted, found)| wanted != found) {
        Some((name, wanted, _)) => Err(format!("{name} is not {wanted}: {answer}")),
        None => Ok(()),
    }
}

#[track_caller]
fn refused(line: &str, pointer: &str, message: &str) {
    let answer: Value = serde_json::from_str(&explain_line(line)).unwrap();
    assert_eq!(answer["error"]["pointer"], pointer, "{answer}");
    assert_eq!(answer["error"]["message"], message, "{answer}");
}

#[test]
fn tells_what_is_wrong_with_a_line() {
    refused("", "", "the line is not JSON: EOF while parsing a value at line 1 column 0");
    refused("[]", "", "a question is an object, this is a list");
    refused("{}", "", "`dialect` is missing");
    refused(r#"{"dialect":"gcs"}"#, "/dialect", "`gcs` is no dialect");
    refused(r#"{"dialect":1}"#, "/dialect", "text is expected, this is a number");
    refused(r#"{"dialect":"aws"}"#, "/policies", "an object is expected, this is null");
    refused(
        r#"{"dialect":"aws","policies":{"identity":{}},"request":{}}"#,
        "/policies/identity",
        "a list of documents is expected",
    );
    refused(
        r#"{"dialect":"aws","policies":{"idenity":[]},"request":{}}"#,
        "/policies/idenity",
        "there is no member `idenity`",
    );
    let rest =
        |request: &str| format!(r#"{{"dialect":"aws","policies":{{}},"request":{request}}}"#);
    refused(&rest("{}"), "/request", "`principal` is missing");
    refused(&rest(r#"{"a\u001b":1}"#), "/request/a\u{1b}", "there is no member `a\\u001b`");
    refused(
        &rest(r#"{"principal":"*","principal":"*"}"#),
        "/request/principal",
        "the member is given twice",
    );
    refused(
        &rest(r#"{"principal":"*","action":"a","resource":"r","context":{"a/b":{}}}"#),
        "/request/context/a~1b",
        "a text or a list of texts is expected",
    );
    let asked = |resource: &str, value: Value| {
        let context = json!({ "k": value });
        rest(
            &json!({"principal": "*", "action": "a", "resource": resource, "context": context})
                .to_string(),
        )
    };
    let long = "x".repeat(REQUEST_TEXT_BYTES_MAX + 1);
    refused(&asked(&long, json!("v")), "/request/resource", "8193 bytes, at most 8192 are read");
    refused(&asked("r", json!([long])), "/request/context/k", "8193 bytes, at most 8192 are read");
    refused(
        &asked("r", json!(vec!["v"; CONTEXT_VALUES_MAX + 1])),
        "/request/context/k",
        "1001 values, at most 1000 are read",
    );
    let most = asked(&long[1..], json!(vec!["v"; CONTEXT_VALUES_MAX]));
    assert!(explain_line(&most).ends_with(r#""decision":"indeterminate"}"#));
    let long = " ".repeat(LINE_BYTES_MAX + 1);
    refused(&long, "", &format!("the line has more than {LINE_BYTES_MAX} bytes"));
}

#[test]
fn a_document_may_have_all_its_levels_within_a_line() {
    let nested = |levels: usize| {
        let value = "[".repeat(levels - 2) + &"]".repeat(levels - 2);
        let policy = format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","X":{value}}}}}"#
        );
        explain_line(&format!(
            r#"{{"dialect":"aws","policies":{{"identity":[{policy}],"resource":null}},
            "request":{{"principal":"arn:aws:iam::1:user/u","action":"s3:A","resource":"arn:aws:s3:::b",
            "resource-account":"1"}}}}"#
        ))
    };
    assert!(nested(DEPTH_MAX).ends_with(r#""decision":"allowed"}"#), "{}", nested(DEPTH_MAX));
    for levels in [DEPTH_MAX + 1, DEPTH_MAX + 2, 60] {
        let answer = nested(levels);
        assert!(answer.contains("PC001") && answer.contains("invalid-document"), "{answer}");
    }
    // Beyond its own limit the JSON reader refuses the line.
    assert!(nested(100_000).starts_with(r#"{"error""#) || nested(100_000).contains("PC001"));
}

proptest! {
    #[test]
    fn answers_json_whatever_the_line(line in ".{0,200}") {
        prop_assert!(serde_json::from_str::<Value>(&explain_line(&line)).is_ok());
    }

    #[test]
    fn answers_json_whatever_the_documents(
        policy in r#"[{}\[\]",:$*?a-c]{0,40}"#,
        principal in "[a-z:/*0-9]{0,20}",
        action in "[a-z:*?]{0,8}",
    ) {
        for dialect in ["aws", "coreweave", "cos"] {
            let line = json!({
                "dialect": dialect,
                "policies": {"identity": [policy], "resource": policy, "organization": [policy]},
                "request": {"principal": principal, "action": action, "resource": policy},
            });
            let answer: Value = serde_json::from_str(&explain_line(&line.to_string())).unwrap();
            prop_assert!(answer["decision"].is_string(), "{}", answer);
        }
    }
}
