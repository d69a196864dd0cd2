//! The description of the JSON API against what the router does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::api::{HERE, ready};
use super::world::{RUN, request};
use crate::api::ROUTES;
use crate::{OPENAPI, Response};

/// A method and a path.
type Call = (String, String);

fn description() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

/// Every call that the description has.
fn described(description: &Value) -> BTreeSet<Call> {
    let paths = description["paths"].as_object().unwrap();
    let calls = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        let methods = methods.filter(|method| *method != "parameters");
        methods.map(|method| (method.to_ascii_uppercase(), path.clone()))
    });
    calls.collect()
}

#[test]
fn the_description_and_the_router_have_the_same_calls() {
    let known: BTreeSet<Call> = ROUTES
        .iter()
        .map(|route| (route.method.to_owned(), format!("/v1/{}", route.path)))
        .collect();
    assert_eq!(described(&description()), known);
}

/// Resolves a reference within the description.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => description.pointer(place.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

/// Whether a value is of one of a schema's types.
fn is_typed(types: &Value, value: &Value) -> bool {
    let is = |word: &str| match word {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    match types {
        Value::String(word) => is(word),
        Value::Array(words) => words.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// Why a value is not what a schema says, as far as the description uses schemas. Members must be known.
fn misfit(description: &Value, schema: &Value, value: &Value) -> Option<String> {
    let schema = resolved(description, schema);
    let none = Vec::new();
    let list = |name: &str| schema[name].as_array().unwrap_or(&none);
    let is_one = |name: &str, known: bool| known || schema.get(name).is_none();
    if !is_typed(&schema["type"], value)
        || !is_one("const", schema["const"] == *value)
        || !is_one("enum", list("enum").contains(value))
    {
        return Some(format!("{value} is not {schema}"));
    }
    let alternatives = list("oneOf");
    if !alternatives.is_empty() {
        let all: Option<Vec<String>> =
            alternatives.iter().map(|schema| misfit(description, schema, value)).collect();
        return all.map(|all| all.join("; "));
    }
    let missing = list("required").iter().filter_map(Value::as_str);
    let missing = missing.filter(|member| value.get(member).is_none()).map(str::to_owned).next();
    if let Some(member) = missing {
        return Some(format!("{value} lacks {member}"));
    }
    if let (Some(known), Some(members)) = (schema["properties"].as_object(), value.as_object()) {
        return members.iter().find_map(|(name, member)| match known.get(name) {
            Some(schema) => misfit(description, schema, member),
            None => Some(format!("{value} has {name}")),
        });
    }
    let items = value.as_array().filter(|_| schema.get("items").is_some());
    items
        .and_then(|items| items.iter().find_map(|item| misfit(description, &schema["items"], item)))
}

/// Makes sure that an answer is among those that the description has for its call.
#[track_caller]
fn check(description: &Value, (method, path): &Call, answer: &Response) {
    let operation = &description["paths"][path][method.to_ascii_lowercase()];
    let described = resolved(description, &operation["responses"][answer.status.to_string()]);
    let (_, content_type) =
        answer.headers.iter().find(|(name, _)| *name == "content-type").unwrap();
    let schema = &described["content"][content_type]["schema"];
    assert!(schema.is_object(), "{method} {path} {} {content_type}", answer.status);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(misfit(description, schema, &body), None, "{method} {path}");
}

/// What the description shows of a request's body, if it has one in JSON.
fn example(description: &Value, (method, path): &Call) -> Option<String> {
    let operation = &description["paths"][path][method.to_ascii_lowercase()];
    let content = &operation["requestBody"]["content"]["application/json"];
    let body = content.get("example")?;
    assert_eq!(misfit(description, &content["schema"], body), None, "{method} {path}");
    Some(body.to_string())
}

#[test]
fn every_call_answers_as_described() {
    let description = description();
    let world = ready();
    assert_eq!(world.answer(&format!("POST {HERE}/runs"), "").status, 202);
    for call in described(&description) {
        let path = call.1.replace("{id}", "docs-daily").replace("{run}", RUN);
        for (bucket, is_there) in [("orbit-raw", true), ("absent", false)] {
            let line = format!("{} {}", call.0, path.replace("{bucket}", bucket));
            let body = example(&description, &call).unwrap_or_default();
            let answer = world.answer(&line, &body);
            check(&description, &call, &answer);
            assert_eq!(answer.status < 300, is_there || path == call.1, "{line}");
        }
        let answer = world.raw(&request(&format!("{} {path}", call.0), ""));
        let operation = &description["paths"][&call.1][call.0.to_ascii_lowercase()];
        let is_public = operation["security"] == Value::Array(Vec::new());
        assert_eq!(answer.status == 403, !is_public, "{call:?}");
        check(&description, &call, &answer);
    }
}

#[test]
fn what_cannot_be_judged_is_answered_as_described() {
    let description = description();
    let world = ready();
    let calls = described(&description);
    let calls: Vec<Call> =
        calls.into_iter().filter(|(_, path)| path.contains("/policy/")).collect();
    assert_eq!(calls.len(), 4);
    for call in calls {
        for body in ["", "[]", "{}"] {
            let answer = world.answer(&format!("{} {}", call.0, call.1), body);
            assert_eq!(answer.status, 400, "{call:?}");
            check(&description, &call, &answer);
        }
    }
}
