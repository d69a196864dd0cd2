use serde_json::{Value, json};

use super::*;

const TEXT: &str = r#"{
  "Version": "2008-10-17",
  "Statement": [
    {
      "Action": [
        "s3:GetObject",
        "s3:PutObject"
      ],
      "Resource": "arn:aws:s3:::b/*"
    }
  ]
}
"#;

#[track_caller]
fn check(text: &str, patch: &Value, expected: &str) {
    let mut changed = text.to_owned();
    for edit in of_patch(text, &patch.to_string()).unwrap().into_iter().rev() {
        changed.replace_range(edit.range, &edit.text);
    }
    assert_eq!(changed, expected);
    let [mut patched, found] =
        [text, &changed].map(|text| serde_json::from_str::<Value>(text).unwrap());
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
    json_patch::patch(&mut patched, &patch).unwrap();
    assert_eq!(found, patched, "the patch itself says otherwise");
}

#[test]
fn a_value_is_replaced_and_nothing_else() {
    let patch = json!([{"op": "replace", "path": "/Version", "value": "2012-10-17"}]);
    check(TEXT, &patch, &TEXT.replace("2008", "2012"));
    let list = json!(["arn:aws:s3:::b/*", "arn:aws:s3:::b"]);
    let patch = json!([{"op": "replace", "path": "/Statement/0/Resource", "value": list}]);
    let expected = r#""Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]"#;
    check(TEXT, &patch, &TEXT.replace(r#""Resource": "arn:aws:s3:::b/*""#, expected));
    check(
        r#"{"a":"b"}"#,
        &json!([{"op": "replace", "path": "/a", "value": [1, 2]}]),
        r#"{"a":[1,2]}"#,
    );
}

#[test]
fn a_list_grows_in_the_way_it_is_written() {
    let patch = json!([{"op": "add", "path": "/Statement/0/Action/-", "value": "s3:ListBucket"}]);
    let expected = "\"s3:PutObject\",\n        \"s3:ListBucket\"\n";
    check(TEXT, &patch, &TEXT.replace("\"s3:PutObject\"\n", expected));
    let list = json!(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]);
    let patch = json!([{"op": "replace", "path": "/Statement/0/Action", "value": list}]);
    check(TEXT, &patch, &TEXT.replace("\"s3:PutObject\"\n", expected));
    let add = |at: &str| json!([{"op": "add", "path": at, "value": 0}]);
    check("[1]", &add("/-"), "[1, 0]");
    check("[1]", &add("/0"), "[0, 1]");
    check("[1]", &add("/1"), "[1, 0]");
    check("[ ]", &add("/-"), "[0]");
    check("[1,2]", &add("/1"), "[1,0,2]");
    check("{\"a\":[\n1\n]}", &add("/a/-"), "{\"a\":[\n1,\n0\n]}");
}

#[test]
fn members_come_and_go_with_their_commas() {
    let add = |at: &str| json!([{"op": "add", "path": at, "value": {"b": [1, "x"]}}]);
    check("{}", &add("/a"), r#"{"a": {"b": [1, "x"]}}"#);
    check(r#"{"a":1}"#, &add("/a~1b"), r#"{"a":1,"a/b":{"b":[1,"x"]}}"#);
    check(
        "{\n  \"z\": 1\n}",
        &add("/a"),
        "{\n  \"z\": 1,\n  \"a\": {\n    \"b\": [\n      1,\n      \"x\"\n    ]\n  }\n}",
    );
    check(r#"{"a": 1}"#, &add("/a"), r#"{"a": {"b": [1, "x"]}}"#);
    let remove = |at: &str| json!([{"op": "remove", "path": at}]);
    check(r#"{"a": 1, "b": 2, "c": 3}"#, &remove("/a"), r#"{"b": 2, "c": 3}"#);
    check(r#"{"a": 1, "b": 2, "c": 3}"#, &remove("/b"), r#"{"a": 1, "c": 3}"#);
    check(r#"{"a": 1, "b": 2, "c": 3}"#, &remove("/c"), r#"{"a": 1, "b": 2}"#);
    check("[ 1 ]", &remove("/0"), "[  ]");
}

#[test]
fn a_name_is_changed_where_it_stands() {
    let patch = json!([{"op": "move", "from": "/a", "path": "/b"}]);
    check(r#"{"a": [1,  2], "c": 3}"#, &patch, r#"{"b": [1,  2], "c": 3}"#);
    let patch = json!([{"op": "move", "from": "/a/0", "path": "/c"}]);
    check(r#"{"a": [1,  2], "c": 3}"#, &patch, r#"{"a": [2], "c": 1}"#);
}

#[test]
fn several_operations_are_several_changes_of_the_text_as_it_was() {
    let patch = json!([
        {"op": "replace", "path": "/y", "value": "long enough to move what is behind"},
        {"op": "replace", "path": "/a/0", "value": "ü"},
        {"op": "add", "path": "/a/-", "value": "ö"},
        {"op": "replace", "path": "/x", "value": 3},
    ]);
    let text = r#"{"x": 1234567, "a": ["ä", "b"], "y": 2}"#;
    let new = r#"{"x": 3, "a": ["ü", "b", "ö"], "y": "long enough to move what is behind"}"#;
    check(text, &patch, new);
    let edits = of_patch(text, &patch.to_string()).unwrap();
    let places: Vec<&str> = edits.iter().map(|edit| &text[edit.range.clone()]).collect();
    assert_eq!(places, ["1234567", "\"ä\"", "", "2"]);
}

#[test]
fn operations_on_one_place_are_one_change() {
    let patch = json!([
        {"op": "add", "path": "/a/-", "value": "ü"},
        {"op": "add", "path": "/a/-", "value": "ö"},
        {"op": "remove", "path": "/a/0"},
    ]);
    check(
        r#"{"x": 1, "a": ["ä", "b"], "y": 2}"#,
        &patch,
        r#"{"x": 1, "a": ["b", "ü", "ö"], "y": 2}"#,
    );
    let patch = json!([{"op": "remove", "path": "/0"}, {"op": "remove", "path": "/0"}]);
    check(r#"["ä", 1, "ä"]"#, &patch, r#"["ä"]"#);
    let replace = |at: &str, value: Value| json!({"op": "replace", "path": at, "value": value});
    let patch = json!([replace("/x", json!({"y": 1, "z": 2})), replace("/x/y", json!("in it"))]);
    check(r#"{"x": 0, "w": 3}"#, &patch, r#"{"x": {"y": "in it", "z": 2}, "w": 3}"#);
    // Of the letters, the first bytes are the same.
    let patch = json!([replace("/0", json!("ö")), replace("/0", json!("ü"))]);
    check(r#"["ä"]"#, &patch, r#"["ü"]"#);
}

#[test]
fn what_does_not_fit_changes_nothing() {
    for patch in [
        json!([]),
        json!([{"op": "replace", "path": "/none", "value": 1}]),
        json!([{"op": "add", "path": "/Statement/9", "value": 1}]),
        json!([{"op": "add", "path": "/Version/x", "value": 1}]),
        json!([{"op": "add", "path": "", "value": 1}]),
        json!([{"op": "remove", "path": ""}]),
        json!([{"op": "copy", "from": "/Version", "path": "/Id"}]),
        json!({"op": "remove", "path": "/Version"}),
    ] {
        assert_eq!(of_patch(TEXT, &patch.to_string()), None, "{patch}");
    }
    assert_eq!(of_patch("no JSON", r#"[{"op": "remove", "path": "/a"}]"#), None);
}
