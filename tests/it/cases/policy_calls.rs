//! Cases of `policy-check`: calls of its functions, natively and through the component.
//!
//! A folder has documents, `calls.json` with the calls, and `expected.txt` with their answers. A document is named by its
//! file; one that is made for the case is an object with its `name` and `pieces`: texts, and pairs of a text and how
//! often it is repeated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use expect_test::expect_file;
use serde::Serialize;
use serde_json::Value;
use stocktake_core::policy::{
    BucketRole, ContextEntry, Delivery, Document, DocumentKind, Options, Policies, Principal,
    Replacement, Request,
};
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::{Component, Dialect};
use stocktake_tests::harness::artefacts::component;
use stocktake_tests::harness::runs::runtime;

/// The most characters of an answer's line in `expected.txt`; a longer one is cut, since it was compared whole.
const LINE_CHARS_MAX: usize = 1000;

/// Likewise the most lines of an answer.
const LINES_MAX: usize = 60;

type Texts = BTreeMap<String, String>;

#[track_caller]
pub(super) fn check_calls(case: &Path) {
    let texts = texts(case);
    let calls: Vec<Value> = serde_json::from_str(&texts["calls.json"]).unwrap();
    let component = component("policy-check");
    let mut shown = String::new();
    for call in &calls {
        let _ = writeln!(shown, "# {}", call["call"].as_str().unwrap());
        let answer = answer(&component, call, &texts);
        for line in answer.iter().take(LINES_MAX) {
            let cut: String = line.chars().take(LINE_CHARS_MAX).collect();
            let mark = if cut.len() < line.len() { "…" } else { "" };
            let _ = writeln!(shown, "{cut}{mark}");
        }
        if answer.len() > LINES_MAX {
            let _ = writeln!(shown, "and {} more lines", answer.len() - LINES_MAX);
        }
    }
    expect_file![case.join("expected.txt")].assert_eq(&shown);
}

fn texts(case: &Path) -> Texts {
    let entries = fs::read_dir(case).unwrap().map(|entry| entry.unwrap());
    let texts: Texts = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            (name, text)
        })
        .collect();
    let calls = &texts["calls.json"];
    for name in texts.keys().filter(|name| !["calls.json", "expected.txt"].contains(&name.as_str()))
    {
        assert!(calls.contains(&format!("\"{name}\"")), "`{name}` is named by no call");
    }
    texts
}

/// Both answers of one call are compared, and one is shown.
fn answer(component: &Component, call: &Value, texts: &Texts) -> Vec<String> {
    let (dialect, nothing) = (dialect(&call["dialect"]), Capabilities::default());
    let options = options(&call["options"]);
    let runtime = runtime();
    match call["call"].as_str().unwrap() {
        "lint" => {
            let kind = call["kind"].as_str().unwrap();
            let document = document(&call["document"], kind, texts);
            let native = policy_check::lint(&document, dialect, &options);
            let asking = component.call_lint(&nothing, &document, dialect, &options);
            let found = runtime.block_on(asking).unwrap().value;
            assert_eq!(native, found, "native and component");
            lines(&found)
        }
        "evaluate" => {
            let (request, policies) = (request(call), policies(call, texts));
            let native = policy_check::evaluate(&request, &policies, dialect, &options);
            let asking = component.call_evaluate(&nothing, &request, &policies, dialect, &options);
            let verdict = runtime.block_on(asking).unwrap().value;
            assert_eq!(native, verdict, "native and component");
            lines(&[verdict])
        }
        "preflight" => {
            let delivery = delivery(call, texts);
            let native = policy_check::preflight(&delivery, dialect, &options);
            let asking = component.call_preflight(&nothing, &delivery, dialect, &options);
            let report = runtime.block_on(asking).unwrap().value;
            assert_eq!(native, report, "native and component");
            let judged =
                [("write", &report.writes), ("manage", &report.manage), ("read", &report.read)];
            let judged = judged.iter().flat_map(|(word, judged)| {
                judged.iter().map(move |it| {
                    let (action, resource) = (&it.request.action, &it.request.resource);
                    format!("{word} {action} {resource}: {:?}", it.verdict.decision)
                })
            });
            judged.chain(lines(&report.findings)).chain(lines(&report.patches)).collect()
        }
        "compare" => compared(component, call, texts),
        "explain" => {
            let question = match &call["question"] {
                Value::Array(pieces) => joined(pieces),
                question => question.to_string(),
            };
            let native = policy_check::explain(&question);
            let asking = component.call_explain(&nothing, &question);
            let found = runtime.block_on(asking).unwrap().value;
            assert_eq!(native, found, "native and component");
            vec![found]
        }
        other => panic!("there is no call `{other}`"),
    }
}

fn compared(component: &Component, call: &Value, texts: &Texts) -> Vec<String> {
    let dialect = dialect(&call["dialect"]);
    let options = options(&call["options"]);
    let replacement = Replacement {
        bucket: text_of(&call["bucket"]).unwrap(),
        role: role(call["role"].as_str().unwrap()),
        before: one(&call["before"], texts),
        after: one(&call["after"], texts),
        organization: list(&call["organization"], "org-policy", texts),
        principals: principals(&call["principals"]),
    };
    let native = policy_check::compare(&replacement, dialect, &options);
    let nothing = Capabilities::default();
    let asking = component.call_compare(&nothing, &replacement, dialect, &options);
    let comparison = runtime().block_on(asking).unwrap().value;
    assert_eq!(native, comparison, "native and component");
    let locks_out = format!("locks out: {}", comparison.locks_out);
    let changes = comparison.changes.iter();
    let changes = changes.map(|it| format!("{} {}: {:?}", it.who, it.action, it.change));
    changes.chain(lines(&comparison.findings)).chain([locks_out]).collect()
}

fn lines(items: &[impl Serialize]) -> Vec<String> {
    items.iter().map(|item| serde_json::to_string(item).unwrap()).collect()
}

fn joined(pieces: &[Value]) -> String {
    let piece = |piece: &Value| match piece {
        Value::String(text) => text.clone(),
        pair => {
            let times = usize::try_from(pair[1].as_u64().unwrap()).unwrap();
            pair[0].as_str().unwrap().repeat(times)
        }
    };
    pieces.iter().map(piece).collect()
}

fn dialect(word: &Value) -> Dialect {
    match word.as_str().unwrap_or("any") {
        "any" => Dialect::Any,
        "aws" => Dialect::Aws,
        "coreweave" => Dialect::Coreweave,
        "cos" => Dialect::Cos,
        other => panic!("no dialect: {other}"),
    }
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn kind(word: &str) -> DocumentKind {
    match word {
        "bucket-policy" => DocumentKind::BucketPolicy,
        "identity-policy" => DocumentKind::IdentityPolicy,
        "org-policy" => DocumentKind::OrgPolicy,
        "cam-policy" => DocumentKind::CamPolicy,
        "trust-policy" => DocumentKind::TrustPolicy,
        "key-policy" => DocumentKind::KeyPolicy,
        "inventory-config" => DocumentKind::InventoryConfig,
        "logging-config" => DocumentKind::LoggingConfig,
        "audit-settings" => DocumentKind::AuditSettings,
        other => panic!("no kind: {other}"),
    }
}

fn role(word: &str) -> BucketRole {
    match word {
        "source" => BucketRole::Source,
        "destination" => BucketRole::Destination,
        "audit" => BucketRole::Audit,
        other => panic!("no role: {other}"),
    }
}

fn options(value: &Value) -> Options {
    Options {
        aws_star_covers_services: value["aws-star-covers-services"].as_bool().unwrap_or(true),
        bucket: text_of(&value["bucket"]),
        tool: text_of(&value["tool"]),
    }
}

fn document(value: &Value, kind: &str, texts: &Texts) -> Document {
    let kind = self::kind(kind);
    match value {
        Value::String(name) => {
            let text = texts.get(name).unwrap_or_else(|| panic!("no file `{name}`"));
            Document { name: name.clone(), kind, text: text.clone() }
        }
        made => Document {
            name: text_of(&made["name"]).unwrap(),
            kind,
            text: joined(made["pieces"].as_array().unwrap()),
        },
    }
}

fn one(value: &Value, texts: &Texts) -> Option<Document> {
    (!value.is_null()).then(|| document(value, "bucket-policy", texts))
}

fn list(value: &Value, kind: &str, texts: &Texts) -> Option<Vec<Document>> {
    let items = value.as_array()?.iter();
    Some(items.map(|item| document(item, kind, texts)).collect())
}

fn all(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text_of).collect()
}

fn principals(value: &Value) -> Vec<Principal> {
    value.as_array().into_iter().flatten().map(principal).collect()
}

fn principal(value: &Value) -> Principal {
    Principal {
        arns: all(&value["arns"]),
        short_forms: all(&value["short-forms"]),
        account: text_of(&value["account"]),
        service: text_of(&value["service"]),
    }
}

fn request(call: &Value) -> Request {
    let request = &call["request"];
    let context = request["context"].as_object().into_iter().flatten();
    let context = context.map(|(key, value)| ContextEntry {
        key: key.clone(),
        values: text_of(value).map_or_else(|| all(value), |value| vec![value]),
    });
    Request {
        principal: principal(&request["principal"]),
        action: text_of(&request["action"]).unwrap(),
        resource: text_of(&request["resource"]).unwrap(),
        resource_account: text_of(&request["resource-account"]),
        context: context.collect(),
        context_complete: request["context-complete"].as_bool().unwrap_or(true),
    }
}

fn identity(call: &Value) -> &'static str {
    if call["dialect"] == "cos" { "cam-policy" } else { "identity-policy" }
}

fn policies(call: &Value, texts: &Texts) -> Policies {
    Policies {
        identity: list(&call["identity"], identity(call), texts),
        bucket: list(&call["bucket"], "bucket-policy", texts),
        organization: list(&call["organization"], "org-policy", texts),
    }
}

fn delivery(call: &Value, texts: &Texts) -> Delivery {
    let configurations = call["configurations"].as_array().unwrap().iter();
    let bucket = |name: &str| list(&call[name], "bucket-policy", texts);
    // Of a role's documents, that of the trust comes last.
    let role = list(&call["role"], "cam-policy", texts).map(|mut role| {
        role.extend(list(&call["trust"], "trust-policy", texts).unwrap_or_default());
        role
    });
    let configuration =
        |it| document(it, call["configuration-kind"].as_str().unwrap_or("inventory-config"), texts);
    Delivery {
        configurations: configurations.map(configuration).collect(),
        source: text_of(&call["source"]).unwrap(),
        source_account: text_of(&call["source-account"]),
        destination_account: text_of(&call["destination-account"]),
        source_region: text_of(&call["source-region"]),
        destination_region: text_of(&call["destination-region"]),
        source_policy: bucket("source-policy"),
        destination_policy: bucket("destination-policy"),
        organization: list(&call["organization"], "org-policy", texts),
        identity: list(&call["identity"], identity(call), texts),
        role,
        key: list(&call["key"], "key-policy", texts),
        managers: principals(&call["managers"]),
        readers: principals(&call["readers"]),
        at_seconds: call["at-seconds"].as_i64().unwrap_or(1_762_563_600),
    }
}
