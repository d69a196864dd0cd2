//! The same component files run in another host, with capabilities that others wrote, and give the same bytes.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use stocktake_capabilities::Error;
use stocktake_capabilities::memory::MemoryState;
use stocktake_core::run::{RunLimits, RunRecord};
use stocktake_core::timestamp::Millis;
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::{Dialect, PutOutcome, Syntax};
use stocktake_tests::harness::artefacts::{component, component_file, root};
use stocktake_tests::harness::files::{assert_same, snapshot};
use stocktake_tests::harness::runs::{hosted, plan, runtime, store, timeless};
use stocktake_tests::harness::{DESTINATION, python, tree};

const NOW: Millis = Millis(1_794_099_600_000);

#[test]
fn a_csv_report_has_the_same_bytes_in_python() {
    check_report("hostile_keys", "CSV", RunLimits::default());
}

#[test]
fn a_parquet_report_has_the_same_bytes_in_python() {
    check_report("hostile_keys", "Parquet", RunLimits::default());
}

#[test]
fn a_report_of_many_files_has_the_same_bytes_in_python() {
    let limits = RunLimits {
        file_rows_max: 300,
        first_file_rows: 50,
        ranges: 3,
        page_entries: 100,
        ..RunLimits::default()
    };
    check_report("names_that_are_no_text_among_ranges", "CSV", limits);
}

#[track_caller]
fn check_report(case: &str, format: &str, limits: RunLimits) {
    let case = root().join("tests/cases/report-writer").join(case);
    let read = |name: &str| fs::read_to_string(case.join(name)).unwrap();
    let plan = plan(&read("configuration.json").replace("FORMAT", format), limits);
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    tree::write(&path("source"), &tree::parse(&read("tree.txt")));
    fs::write(path("plan.json"), serde_json::to_vec(&plan).unwrap()).unwrap();
    for folder in ["ours", "theirs"] {
        fs::create_dir(path(folder)).unwrap();
    }
    let printed = python::run(
        "host.py",
        [
            "--component".as_ref(),
            component_file("report-writer").as_os_str(),
            "report".as_ref(),
            "--plan".as_ref(),
            path("plan.json").as_os_str(),
            "--tree".as_ref(),
            path("source").as_os_str(),
            "--destination".as_ref(),
            path("theirs").as_os_str(),
            "--destination-bucket".as_ref(),
            DESTINATION.as_ref(),
            "--now".as_ref(),
            (NOW.0 / 1000).to_string().as_ref(),
        ],
    );
    let Some(printed) = printed else { return };
    let theirs: Value = serde_json::from_str(&printed).unwrap();
    let theirs: RunRecord = serde_json::from_value(theirs["record"].clone()).unwrap();
    let ours = hosted(store(&path("ours"), &path("source")), &plan, NOW);
    assert_eq!(timeless(&ours), timeless(&theirs), "the records of our host and of Python");
    let ours = snapshot(&path("ours").join(DESTINATION));
    assert!(ours.len() > 3, "{ours:?}");
    assert_same(&ours, &snapshot(&path("theirs")), "our host and Python");
}

#[test]
fn configurations_are_judged_and_kept_the_same_in_python() {
    let calls = calls();
    let scratch = tempfile::tempdir().unwrap();
    let script = scratch.path().join("calls.jsonl");
    let lines: Vec<String> = calls.iter().map(Value::to_string).collect();
    fs::write(&script, lines.join("\n")).unwrap();
    let printed = python::run(
        "host.py",
        [
            "--component".as_ref(),
            component_file("inventory-config").as_os_str(),
            "inventory".as_ref(),
            "--calls".as_ref(),
            script.as_os_str(),
        ],
    );
    let Some(printed) = printed else { return };
    let ours = answers(&calls);
    let theirs: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ours.len(), theirs.len());
    for ((call, ours), theirs) in calls.iter().zip(&ours).zip(&theirs) {
        assert_eq!(ours, theirs, "{call}");
    }
}

/// Calls of `inventory-config`, each an array of the function and its arguments.
fn calls() -> Vec<Value> {
    let folder = root().join("tests/cases/inventory-config");
    let mut calls = Vec::new();
    let mut cases: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let (document, syntax) = document(&case);
        let dialect = fs::read_to_string(case.join("dialect")).unwrap();
        calls.push(json!(["validate", document, syntax, dialect.trim()]));
    }
    let (usable, _) = document(&root().join("tests/cases/inventory-config/the_least_of_json"));
    // More than a page.
    for number in (0..103).rev() {
        let id = format!("id-{number:03}");
        let document = usable.replace("\"a\"", &format!("{id:?}"));
        calls.push(json!(["put", "orbit-raw", id, document, "json", "aws", []]));
    }
    calls.push(json!(["put", "orbit-raw", "other", usable, "json", "aws", []]));
    calls.push(json!([
        "put",
        "orbit-raw",
        "a",
        usable.replace("Weekly", "Daily"),
        "json",
        "aws",
        []
    ]));
    calls.push(json!(["put", "No Bucket", "a", usable, "json", "aws", []]));
    for id in ["a", "absent", "no id"] {
        calls.push(json!(["get", "orbit-raw", id]));
    }
    for id in ["a", "a", "id-050"] {
        calls.push(json!(["delete", "orbit-raw", id, []]));
    }
    for cursor in [Value::Null, json!("1/orbit-raw/id-098"), json!("none of ours")] {
        calls.push(json!(["list", "orbit-raw", cursor]));
    }
    calls.push(json!(["list", "empty-bucket", null]));
    calls
}

fn document(case: &Path) -> (String, &'static str) {
    match fs::read_to_string(case.join("document.json")) {
        Ok(json) => (json, "json"),
        Err(_) => (fs::read_to_string(case.join("document.xml")).unwrap(), "xml"),
    }
}

/// What our host answers, in the form that the script prints.
fn answers(calls: &[Value]) -> Vec<Value> {
    let component = component("inventory-config");
    let state = Arc::new(MemoryState::default());
    let capabilities = Capabilities { state: Some(state), ..Capabilities::default() };
    let runtime = runtime();
    let mut answers = Vec::new();
    for call in calls {
        let text = |at: usize| call[at].as_str().unwrap();
        let answer = match text(0) {
            "validate" => {
                let (syntax, dialect) = words(text(2), text(3));
                let judging =
                    component.call_validate(&capabilities, text(1).as_bytes(), syntax, dialect);
                let judged = runtime.block_on(judging).unwrap().value;
                json!({ "findings": judged.findings, "configuration": judged.configuration })
            }
            "put" => {
                let (syntax, dialect) = words(text(4), text(5));
                let (place, document) = ((text(1), text(2)), text(3).as_bytes());
                let putting = component.call_put(&capabilities, place, document, syntax, dialect);
                let outcome = runtime.block_on(putting).unwrap().value;
                tagged(outcome.map(|outcome| match outcome {
                    PutOutcome::Stored(findings) => json!({ "stored": findings }),
                    PutOutcome::Refused(findings) => json!({ "refused": findings }),
                    PutOutcome::TooMany => json!({ "too-many": null }),
                }))
            }
            "get" => {
                let getting = component.call_get(&capabilities, text(1), text(2));
                untagged(runtime.block_on(getting).unwrap().value.map(|found| json!(found)))
            }
            "list" => {
                let listing = component.call_list(&capabilities, text(1), call[2].as_str());
                untagged(runtime.block_on(listing).unwrap().value.map(
                    |page| json!({ "configurations": page.configurations, "next": page.next }),
                ))
            }
            "delete" => {
                let deleting = component.call_delete(&capabilities, text(1), text(2));
                let outcome = runtime.block_on(deleting).unwrap().value;
                let word = |found| if found { "deleted" } else { "no-such-configuration" };
                untagged(outcome.map(|found| json!(word(found))))
            }
            other => panic!("no function: {other}"),
        };
        answers.push(answer);
    }
    answers
}

fn words(syntax: &str, dialect: &str) -> (Syntax, Dialect) {
    let syntax = if syntax == "xml" { Syntax::Xml } else { Syntax::Json };
    let dialect = match dialect {
        "any" => Dialect::Any,
        "aws" => Dialect::Aws,
        "coreweave" => Dialect::Coreweave,
        "cos" => Dialect::Cos,
        other => panic!("no dialect: {other}"),
    };
    (syntax, dialect)
}

/// A result both of whose sides are variants: wasmtime-py says which side it is.
fn tagged(result: Result<Value, Error>) -> Value {
    match result {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "err": case(&error) }),
    }
}

/// A result whose sides cannot be mistaken for each other: wasmtime-py gives the value alone.
fn untagged(result: Result<Value, Error>) -> Value {
    result.unwrap_or_else(|error| case(&error))
}

fn case(error: &Error) -> Value {
    match error {
        Error::InvalidArgument(text) => json!({ "invalid-argument": text }),
        other => panic!("nothing here should answer that: {other}"),
    }
}
