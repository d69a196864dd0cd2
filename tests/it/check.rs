//! `stocktake check`: what it prints for people, programs and code hosts, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::{ExpectFile, expect_file};
use serde_json::{Value, json};
use stocktake_tests::harness::artefacts::{
    COMPONENTS, compiled, component, component_file, program, root,
};
use stocktake_tests::harness::bench::{NOW, text};
use stocktake_tests::harness::process::{Ended, Running};
use stocktake_tests::harness::python;

/// What a delivery in `CoreWeave` takes, in the order of the command line.
const COREWEAVE: [&str; 10] = [
    "--source",
    "harbor-data",
    "--principal",
    "arn:aws:iam::0f3a9c:coreweave/uq7m2",
    "--account",
    "0f3a9c",
    "--now",
    NOW,
    "--source-region=us-east-04a",
    "--destination-region=us-east-04a",
];

/// The same in Amazon S3.
const AWS: [&str; 8] = [
    "--source",
    "harbor-data",
    "--account",
    "111122223333",
    "--now",
    NOW,
    "--source-region=eu-west-1",
    "--destination-region=eu-west-1",
];

fn folder() -> PathBuf {
    root().join("tests/it/check")
}

/// Runs the command in the folder of the policies.
#[track_caller]
fn check(words: &[&str]) -> Ended {
    check_in(&folder(), words, "/dev/null")
}

#[track_caller]
fn check_in(folder: &Path, words: &[&str], stdin: &str) -> Ended {
    for name in COMPONENTS {
        component(name);
    }
    let components = component_file(COMPONENTS[0]);
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" check \"$@\" < \"$INPUT\""]).arg(program()).args(words);
    command.arg("--components").arg(components.parent().unwrap()).arg("--cache").arg(compiled());
    command.env_clear().env("INPUT", stdin).current_dir(folder);
    Running::start(command).ended()
}

/// Compares what is printed, without what the program logs.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "what `expect_file!` makes")]
fn prints(words: &[&str], code: i32, expected: ExpectFile) {
    let ended = check(words);
    assert_eq!((ended.code(), ended.stderr.as_slice()), (Some(code), [].as_slice()), "{ended:?}");
    expected.assert_eq(&ended.stdout);
}

#[test]
fn policies_of_the_guides_are_judged_by_the_rules_of_their_provider() {
    prints(&["policy", "p1.json"], 0, expect_file!["check/p1.txt"]);
    prints(&["policy", "p1_aws.json"], 1, expect_file!["check/p1_aws.txt"]);
    prints(&["policy", "p2.json"], 0, expect_file!["check/p2.txt"]);
    prints(&["policy", "p4.json", "p5.json", "o1.json"], 0, expect_file!["check/p4_p5_o1.txt"]);
    prints(&["policy", "--bucket", "harbor-reports", "p6.json"], 0, expect_file!["check/p6.txt"]);
}

#[test]
fn a_policy_is_compared_with_the_bucket_that_it_is_attached_to() {
    let words = ["policy", "--bucket", "harbor-data", "--dialect", "aws", "p6.json"];
    prints(&words, 1, expect_file!["check/p6_elsewhere.txt"]);
}

#[test]
fn a_delivery_is_judged_with_all_that_is_given() {
    let of = |words: &[&'static str]| [&["policy"], words, &COREWEAVE].concat();
    prints(&of(&["--config", "k1.json", "p2.json", "o1.json"]), 0, expect_file!["check/a3.txt"]);
    let words = of(&["--config", "k1.json", "p4.json", "o1.json", "source="]);
    prints(&words, 0, expect_file!["check/a8.txt"]);
    let words = of(&["--config", "k2.json", "p3.json", "o1.json"]);
    prints(&words, 1, expect_file!["check/k2.txt"]);
}

#[test]
fn a_delivery_of_amazon_s3_needs_to_know_the_manager() {
    let of = |words: &[&'static str]| [&["policy"], words, &AWS].concat();
    let manager = "--principal=arn:aws:iam::111122223333:user/inv-admin";
    let words = of(&["--config", "k3.json", "p6.json", manager]);
    prints(&words, 0, expect_file!["check/c2_unknown.txt"]);
    let words = of(&["--config", "k3.json", "p6.json", manager, "identity=", "source="]);
    prints(&words, 1, expect_file!["check/c2_none.txt"]);
}

#[test]
fn a_missing_policy_is_named_and_the_document_that_mends_it() {
    let words = [&["policy", "--config", "k3.json", "destination="], AWS.as_slice()].concat();
    prints(&words, 1, expect_file!["check/no_policy.txt"]);
}

#[test]
fn json_has_the_place_of_each_finding_and_every_verdict() {
    let words =
        [&["policy", "--json", "--config", "k1.json", "p2.json", "o1.json"], COREWEAVE.as_slice()];
    let (once, again) = (check(&words.concat()), check(&words.concat()));
    assert_eq!(once.stdout, again.stdout);
    let told = once.json();
    let documents: Vec<&str> = told["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["kind"].as_str().unwrap())
        .collect();
    assert_eq!(documents, ["inventory-config", "bucket-policy", "org-policy"]);
    let findings = told["findings"].as_array().unwrap();
    let unknown = findings.iter().find(|finding| finding["code"] == "PC101").unwrap();
    assert_eq!(
        (&unknown["document"], &unknown["pointer"], &unknown["line"], &unknown["column"]),
        (&json!("p2.json"), &json!("/Statement/1/Action/3"), &json!(15), &json!(69))
    );
    assert_eq!(unknown["value"], "\"s3:ListObjects\"");
    let writes = told["writes"].as_array().unwrap();
    assert!(writes.iter().any(|write| write["verdict"]["decision"] == "allowed"), "{told}");
    assert_eq!(told["manage"].as_array().unwrap().len(), 4, "{told}");
    assert!(
        told["patches"].as_array().unwrap().iter().any(|it| it["document"] == "p2.json"),
        "{told}"
    );
    let counted: u64 =
        told["counts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, findings.len() as u64);
}

#[test]
fn json_without_a_delivery_has_no_verdicts() {
    let told = check(&["policy", "--format", "json", "p6.json"]).success().json();
    assert_eq!(told.get("writes"), None, "{told}");
    assert_eq!(told["documents"][0]["dialect"], "aws");
}

/// The text after the fix of a result.
fn fixed(text: &str, result: &Value) -> Option<String> {
    let replacements = result["fixes"][0]["artifactChanges"][0]["replacements"].as_array()?;
    let mut fixed = text.to_owned();
    for replacement in replacements.iter().rev() {
        let place = |line: &str, column: &str| {
            let region = &replacement["deletedRegion"];
            let line = usize::try_from(region[line].as_u64()?).ok()?;
            let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            // The policies here are ASCII, whose columns are bytes.
            Some(before + usize::try_from(region[column].as_u64()?).ok()? - 1)
        };
        let range = place("startLine", "startColumn")?..place("endLine", "endColumn")?;
        fixed.replace_range(range, replacement["insertedContent"]["text"].as_str()?);
    }
    Some(fixed)
}

fn errors(results: &[Value]) -> usize {
    results.iter().filter(|result| result["level"] == "error").count()
}

#[test]
fn sarif_has_fixes_that_clear_what_they_are_for() {
    let log = check(&["policy", "--format", "sarif", "p1_aws.json"]).json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let original = fs::read_to_string(folder().join("p1_aws.json")).unwrap();
    let copy = tempfile::tempdir().unwrap();
    assert!(results.len() >= 4, "{log}");
    for result in results {
        let text = fixed(&original, result).unwrap();
        fs::write(copy.path().join("p1_aws.json"), text).unwrap();
        let words = ["policy", "--format", "sarif", "p1_aws.json"];
        let again = check_in(copy.path(), &words, "/dev/null").json();
        let left = again["runs"][0]["results"].as_array().unwrap();
        let print = &result["partialFingerprints"];
        assert!(left.iter().all(|left| left["partialFingerprints"] != *print), "{result}");
        assert!(errors(left) < errors(results), "{result} leads to {left:?}");
    }
}

#[test]
fn sarif_is_read_by_a_reader_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let log = check(&["policy", "--format", "sarif", "p1_aws.json", "p4.json", "p2.json"]);
    let file = folder.path().join("stocktake.sarif");
    fs::write(&file, &log.stdout).unwrap();
    let Some(read) = python::run("read_sarif.py", [&file]) else { return };
    let read: Value = serde_json::from_str(&read).unwrap();
    let results = log.json()["runs"][0]["results"].as_array().unwrap().clone();
    assert_eq!(read["tool"], "stocktake");
    let records = read["records"].as_array().unwrap();
    assert_eq!(records.len(), results.len());
    for (record, result) in records.iter().zip(&results) {
        let place = &result["locations"][0]["physicalLocation"];
        let expected = json!({
            "rule": result["ruleId"], "level": result["level"], "message": result["message"]["text"],
            "file": place["artifactLocation"]["uri"], "line": place["region"]["startLine"],
        });
        assert_eq!(*record, expected);
    }
}

#[test]
fn stdin_is_a_file_too() {
    let input = folder().join("p6.json");
    let ended = check_in(&folder(), &["policy", "-"], text(&input)).success();
    assert!(ended.stdout.ends_with(" in 1 file\n"), "{ended:?}");
    let ended = check_in(&folder(), &["policy", "--json", "-"], text(&input)).success();
    assert_eq!(ended.json()["documents"][0]["document"], "<stdin>");
    let ended = check_in(&folder(), &["policy", "-", "bucket=-"], text(&input));
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert!(ended.stderr[0].contains("stdin can be read once only"), "{ended:?}");
}

#[test]
fn what_cannot_be_read_is_told_in_full_and_nothing_is_checked() {
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("latin.json"), b"{\n  \"Sid\": \"caf\xe9\"}").unwrap();
    fs::write(files.path().join("wide.json"), b"\xff\xfe{\0}\0").unwrap();
    let words = ["policy", "gone.json", "latin.json", "wide.json", ".", "kind=p.json"];
    let ended = check_in(files.path(), &words, "/dev/null");
    assert_eq!((ended.code(), ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert_eq!(
        ended.stderr,
        [
            "stocktake: there is no file `gone.json`; name one, or `-` for stdin",
            "stocktake: `latin.json` is not UTF-8 at byte 15, in line 2; save it as UTF-8",
            "stocktake: `wide.json` is not UTF-8 at byte 0, in line 1; it seems to be UTF-16; save it as UTF-8",
            "stocktake: `.` cannot be read: it is a folder; name the files in it",
            "stocktake: there is no file `kind=p.json`; the words before `=` are `bucket`, `source`, \
             `destination`, `identity`, `organization`, `cam`, `trust`, `role`, `key`, `inventory`, `logging`, `audit`",
        ]
    );
    let ended = check_in(files.path(), &["policy", "--json", "gone.json"], "/dev/null");
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert_eq!(ended.json()["error"]["code"], "usage");
}

#[test]
fn what_is_too_large_is_a_finding_up_to_a_bound() {
    let files = tempfile::tempdir().unwrap();
    let large = format!("{{\"Version\": \"{}\"}}", "x".repeat(300 << 10));
    fs::write(files.path().join("large.json"), &large).unwrap();
    fs::write(files.path().join("huge.json"), " ".repeat(3 << 20)).unwrap();
    let ended = check_in(files.path(), &["policy", "large.json"], "/dev/null");
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let said =
        format!("error[PC001]: the document has {} bytes, at most 262144 are read", large.len());
    assert!(ended.stdout.starts_with(&said), "{ended:?}");
    assert!(ended.stdout.len() < 1_000, "{ended:?}");
    let ended = check_in(files.path(), &["policy", "huge.json"], "/dev/null");
    assert_eq!((ended.code(), ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr[0].contains("has more than 2 MiB"), "{ended:?}");
}

#[test]
fn what_is_no_json_is_shown_where_the_parser_gave_up() {
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("p.json"), "{\n  \"Version\": \"2012-10-17\",\n}\n").unwrap();
    let ended = check_in(files.path(), &["policy", "p.json"], "/dev/null");
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let place = ended.stdout.lines().nth(1).unwrap();
    assert_eq!(place.trim(), "--> p.json:3:1", "{ended:?}");
    let again = files.path().join("twice.json");
    fs::write(&again, "{\"Statement\": [],\n \"Statement\": []}\n").unwrap();
    let ended = check_in(files.path(), &["policy", "--json", "twice.json"], "/dev/null");
    let findings = ended.json()["findings"].as_array().unwrap().clone();
    let twice = findings.iter().find(|finding| finding["code"] == "PC002").unwrap();
    assert_eq!((&twice["line"], &twice["column"]), (&json!(2), &json!(15)), "{twice}");
}

#[test]
fn contradictions_are_usage_errors() {
    for (words, said) in [
        (&["policy"][..], "required arguments were not provided"),
        (&["policy", "--config", "k1.json", "p2.json"], "--source <BUCKET>"),
        (&["policy", "--principal", "x", "p2.json"], "--config"),
        (&["policy", "--json", "--format", "text", "p2.json"], "cannot be used with"),
        (&["policy", "--format", "yaml", "p2.json"], "sarif"),
        (
            &["policy", "--config", "k1.json", "--source", "other", "p5.json"],
            "names neither the source `other` nor the destination `harbor-reports`; \
             write source=p5.json or destination=p5.json",
        ),
        (
            &["policy", "--config", "k1.json", "--source", "x", "p2.json", "destination=p4.json"],
            "the destination bucket has one policy, and `p2.json` and `p4.json` are given",
        ),
    ] {
        let ended = check(words);
        assert_eq!((ended.code(), ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.join("\n").contains(said), "{said} is missing in {ended:?}");
    }
}

#[test]
fn configurations_are_judged_in_either_syntax() {
    prints(&["config", "k3.json"], 0, expect_file!["check/config_k3.txt"]);
    prints(&["config", "k3.xml"], 1, expect_file!["check/config_k3_xml.txt"]);
    let told = check(&["config", "--json", "k3.xml"]).json();
    let finding = &told["findings"][0];
    assert_eq!((&finding["line"], &finding["column"]), (&json!(8), &json!(15)), "{told}");
    // Where it belongs to a delivery, it is judged likewise.
    let words = [&["policy", "--json", "--config", "k3.xml", "p6.json"], AWS.as_slice()].concat();
    let told = check(&words).json();
    let findings = told["findings"].as_array().unwrap();
    let is_same = |it: &&Value| it["code"] == "CF100" && it["document"] == "k3.xml";
    let of_the_file: Vec<&Value> = findings.iter().filter(is_same).collect();
    assert_eq!(of_the_file.len(), 1, "{told}");
    assert_eq!(of_the_file[0]["pointer"], finding["pointer"]);
}
