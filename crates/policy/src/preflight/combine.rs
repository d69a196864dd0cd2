//! One patch for each document.

use serde_json::Value as Json;
use stocktake_core::finding::{Finding, Level};

use super::DocumentPatch;

/// Joins the patches of findings, those of errors first. Each was made for the document as it stands, so that one that
/// concerns a place of another, or would move other items, is left out.
pub(super) fn combine(findings: &[Finding]) -> Vec<DocumentPatch> {
    let mut names: Vec<&str> = Vec::new();
    for finding in findings {
        if !names.contains(&finding.document.as_str()) {
            names.push(&finding.document);
        }
    }
    let patches = names.into_iter().filter_map(|document| {
        let mut taken: Vec<Json> = Vec::new();
        for level in [Level::Error, Level::Warning, Level::Security, Level::Info] {
            let of_level = |it: &&Finding| it.document == document && it.level == level;
            for finding in findings.iter().filter(of_level) {
                let patch = finding.patch.as_deref();
                let Some(operations) =
                    patch.and_then(|it| serde_json::from_str::<Vec<Json>>(it).ok())
                else {
                    continue;
                };
                let fits =
                    |new: &Json| !moves_items(new) && taken.iter().all(|old| is_apart(old, new));
                if operations.iter().all(fits) {
                    taken.extend(operations);
                }
            }
        }
        let patch = Json::Array(taken).to_string();
        (patch != "[]").then(|| DocumentPatch { document: document.to_owned(), patch })
    });
    patches.collect()
}

fn text<'o>(operation: &'o Json, member: &str) -> &'o str {
    operation.get(member).and_then(Json::as_str).unwrap_or_default()
}

/// Whether items behind one that is taken away would get other places.
fn moves_items(operation: &Json) -> bool {
    let last = text(operation, "path").rsplit('/').next().unwrap_or_default();
    text(operation, "op") == "remove" && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether two operations concern different places.
fn is_apart(one: &Json, other: &Json) -> bool {
    let places = |operation: &'_ Json| -> Vec<String> {
        let all = [text(operation, "path"), text(operation, "from")];
        all.into_iter().filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let is_within = |inner: &str, outer: &str| {
        inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    places(one).iter().all(|one| {
        places(other).iter().all(|other| {
            // Several may be appended to one list, unless they are the same.
            let are_appended = one.ends_with("/-") && one == other;
            are_appended || !(is_within(one, other) || is_within(other, one))
        })
    }) && one != other
}

#[cfg(test)]
mod tests {
    use stocktake_core::finding::Dialect;

    use super::*;

    fn finding(level: Level, patch: &str) -> Finding {
        Finding {
            code: "PC000".into(),
            level,
            dialect: Dialect::Aws,
            document: "p".to_owned(),
            pointer: String::new(),
            message: String::new(),
            value: None,
            allowed: None,
            suggestion: None,
            patch: Some(patch.to_owned()),
        }
    }

    #[test]
    fn patches_of_one_place_are_not_joined() {
        let findings = [
            finding(Level::Info, r#"[{"op":"replace","path":"/a","value":1}]"#),
            finding(Level::Error, r#"[{"op":"replace","path":"/a/b","value":2}]"#),
            finding(Level::Warning, r#"[{"op":"add","path":"/c/-","value":3}]"#),
            finding(Level::Warning, r#"[{"op":"add","path":"/c/-","value":3}]"#),
            finding(Level::Security, r#"[{"op":"add","path":"/c/-","value":4}]"#),
            finding(Level::Info, r#"[{"op":"remove","path":"/d/0"}]"#),
            finding(Level::Info, r#"[{"op":"remove","path":"/ab"}]"#),
        ];
        let [joined] = combine(&findings).try_into().unwrap();
        let joined: Json = serde_json::from_str(&joined.patch).unwrap();
        let values: Vec<String> =
            joined.as_array().unwrap().iter().map(|it| it["value"].to_string()).collect();
        assert_eq!(values, ["2", "3", "4", "null"]);
    }
}
