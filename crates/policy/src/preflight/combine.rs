//! One patch for each document.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use stocktake_core::finding::{Finding, Level};
use stocktake_core::policy::DocumentPatch;

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
        let mut taken = Taken::default();
        for level in [Level::Error, Level::Warning, Level::Security, Level::Info] {
            let of_level = |it: &&Finding| it.document == document && it.level == level;
            for finding in findings.iter().filter(of_level) {
                let patch = finding.patch.as_deref();
                let operations = patch.and_then(|it| serde_json::from_str::<Vec<Json>>(it).ok());
                taken.take(operations.unwrap_or_default());
            }
        }
        let patch = Json::Array(taken.operations).to_string();
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

/// The places that an operation concerns.
fn places(operation: &Json) -> impl Iterator<Item = &str> {
    [text(operation, "path"), text(operation, "from")].into_iter().filter(|it| !it.is_empty())
}

/// Operations that concern places apart from each other.
#[derive(Default)]
struct Taken {
    operations: Vec<Json>,
    places: BTreeSet<String>,
    appended: BTreeSet<String>,
}

impl Taken {
    /// Takes the operations of one patch, if all of them fit.
    fn take(&mut self, operations: Vec<Json>) {
        if !operations.iter().all(|it| self.fits(it)) {
            return;
        }
        for operation in operations {
            self.places.extend(places(&operation).map(str::to_owned));
            if text(&operation, "path").ends_with("/-") {
                self.appended.insert(operation.to_string());
            }
            self.operations.push(operation);
        }
    }

    fn fits(&self, operation: &Json) -> bool {
        !moves_items(operation)
            && places(operation).all(|place| self.is_apart(place))
            && !self.appended.contains(&operation.to_string())
    }

    /// Whether a place is none of those that are taken, is in none of them and has none of them in it. Several values may
    /// be appended to one list.
    fn is_apart(&self, place: &str) -> bool {
        let mut outer = place;
        while let Some((parent, _)) = outer.rsplit_once('/') {
            if self.places.contains(parent) {
                return false;
            }
            outer = parent;
        }
        if place.ends_with("/-") {
            return true;
        }
        let below = format!("{place}/");
        let mut next = self.places.range(below.clone()..);
        !self.places.contains(place) && !next.next().is_some_and(|it| it.starts_with(&below))
    }
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
