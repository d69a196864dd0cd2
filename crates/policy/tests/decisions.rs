//! Decisions as data: every file in `tests/decisions` holds groups of cases.
//!
//! A group has a `base`, which is a question as `explain_line` takes it, and `cases`, each with what it shows (`case`),
//! how the question differs (`patch`, a JSON merge patch, RFC 7396) and what is answered (`decision`, and members of
//! `because` as far as they are given). A member that a patch sets to null is left out of the question.

use std::fs;
use std::path::Path;

use serde_json::Value;
use stocktake_policy::explain_line;

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
    merge(&mut question, &case["patch"]);
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

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        if !patch.is_null() {
            *target = patch.clone();
        }
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let target = target.as_object_mut().unwrap();
    for (name, value) in members {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}
