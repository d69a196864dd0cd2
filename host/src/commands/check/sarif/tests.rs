use std::path::PathBuf;

use stocktake_core::finding::Dialect;

use super::super::outcome::Checked;
use super::*;
use crate::engine::policy::DocumentKind;

const TEXT: &str = "{\n  \"ä😀\": 1, \"Action\": [\"s3:GetObject\"]\n}\n";

fn finding(code: &'static str, level: Level, pointer: &str) -> Finding {
    Finding {
        code: code.into(),
        level,
        dialect: Dialect::Aws,
        document: "p".to_owned(),
        pointer: pointer.to_owned(),
        message: "wrong".to_owned(),
        value: None,
        allowed: None,
        suggestion: None,
        patch: None,
    }
}

fn logged(findings: Vec<Finding>, path: Option<&str>) -> Value {
    let source = Source::new("p".to_owned(), TEXT.to_owned());
    let (kind, path) = (DocumentKind::BucketPolicy, path.map(PathBuf::from));
    let documents = vec![Checked { source, path, kind, dialect: Dialect::Aws }];
    log(&Outcome { documents, findings, preflight: None, dialect: Dialect::Aws })
}

#[test]
fn a_result_is_placed_in_code_units_of_utf_16() {
    let log = logged(vec![finding("CF100", Level::Error, "/Action/0")], Some("./a b/ü.json"));
    let result = &log["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC.json");
    assert_eq!(
        place["region"],
        json!({"startLine": 2, "startColumn": 24, "endLine": 2, "endColumn": 38})
    );
    assert_eq!(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "/Action/0");
    assert_eq!(result["level"], "error");
}

#[test]
fn each_code_is_one_rule_with_its_gravest_level() {
    let found = vec![
        finding("CF120", Level::Warning, ""),
        finding("CF100", Level::Info, ""),
        finding("CF120", Level::Error, ""),
        finding("XX1", Level::Security, ""),
    ];
    let log = logged(found, None);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["CF100", "CF120", "XX1"]);
    assert_eq!(rules[1]["defaultConfiguration"]["level"], "error");
    assert_eq!(rules[1]["shortDescription"]["text"], "`Latest` is not a choice of versions");
    let help = rules[1]["help"]["text"].as_str().unwrap();
    assert!(help.ends_with("See docs/RULES.md#cf120-latest-is-not-a-choice-of-versions"), "{help}");
    assert_eq!(rules[2]["properties"]["security-severity"], SECURITY_SEVERITY);
    assert_eq!(rules[2]["defaultConfiguration"]["level"], "warning");
    let indices = log["runs"][0]["results"].as_array().unwrap();
    let indices: Vec<&Value> = indices.iter().map(|result| &result["ruleIndex"]).collect();
    assert_eq!(indices, [1, 0, 1, 2]);
}

#[test]
fn a_patch_is_a_fix_of_the_text() {
    let patch = r#"[{"op":"add","path":"/Action/-","value":"s3:PutObject"}]"#;
    let one =
        Finding { patch: Some(patch.to_owned()), ..finding("CF100", Level::Error, "/Action") };
    let log = logged(vec![one], None);
    let change = &log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "stdin");
    let replacement = &change["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], ", \"s3:PutObject\"");
    assert_eq!(
        replacement["deletedRegion"],
        json!({"startLine": 2, "startColumn": 38, "endLine": 2, "endColumn": 38})
    );
}

#[test]
fn fingerprints_tell_findings_apart_and_outlive_other_lines() {
    let same = || finding("CF100", Level::Error, "/Action/0");
    let log = logged(vec![same(), same(), finding("CF100", Level::Error, "/Action")], None);
    let prints: Vec<String> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["partialFingerprints"]["stocktake/v1"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(prints.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    let mut moved = same();
    moved.message = "said otherwise".to_owned();
    let again = logged(vec![moved], None);
    assert_eq!(again["runs"][0]["results"][0]["partialFingerprints"]["stocktake/v1"], prints[0]);
}

#[test]
fn what_is_wrong_with_an_absent_document_stands_at_the_first_one() {
    let mut one = finding("CF100", Level::Error, "");
    one.document = "destination-policy".to_owned();
    let log = logged(vec![one], Some("/srv/p.json"));
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["message"]["text"], "destination-policy: wrong");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place, &json!({"artifactLocation": {"uri": "file:///srv/p.json"}}));
}
