//! Judging policies by the JSON API.

use expect_test::expect;
use serde_json::{Value, json};
use stocktake_capabilities::State as _;
use stocktake_core::finding::Dialect;

use super::policy::{DESTINATION, SOURCE};
use super::world::{World, brief, moment, request};
use crate::body_limit;

fn ask(dialect: Dialect, call: &str, question: &Value) -> String {
    let world = World::new(dialect);
    let answer = world.ask(&format!("POST /v1/stocktake/policy/{call}"), &question.to_string());
    assert_eq!(world.state.list("", None).unwrap().items, [], "{call}");
    answer
}

fn answer(call: &str, question: &Value) -> Value {
    let world = World::new(Dialect::Any);
    let line = format!("POST /v1/stocktake/policy/{call}");
    let answer = world.answer(&line, &question.to_string());
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

const USER: &str = "arn:aws:iam::111122223333:user/inv-admin";

fn aws_policy(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "One", "Effect": "Allow",
        "Action": action, "Resource": "arn:aws:s3:::orbit-raw/*"}]})
}

#[test]
fn a_document_is_linted() {
    let policy: Value =
        serde_json::from_str(&SOURCE.replace("s3:PutObject\"", "s3:Nothing\"")).unwrap();
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"dialect":"coreweave","usable":true,"findings":[{"code":"PC101","level":"warning","dialect":"coreweave","document":"document","pointer":"/Statement/0/Action/1","message":"there is no action `s3:Nothing`","value":"\"s3:Nothing\"","allowed":null,"suggestion":null,"patch":null},{"code":"PC110","level":"warning","dialect":"coreweave","document":"document","pointer":"/Statement/0/Action/2","message":"`s3:PutInventoryConfiguration` applies to buckets, but the statement lists objects only","value":"\"s3:PutInventoryConfiguration\"","allowed":null,"suggestion":null,"patch":"[{\"op\":\"add\",\"path\":\"/Statement/0/Resource/-\",\"value\":\"arn:aws:s3:::orbit-raw\"}]"},{"code":"PC110","level":"warning","dialect":"coreweave","document":"document","pointer":"/Statement/0/Action/3","message":"`s3:ListInventoryConfigurations` applies to buckets, but the statement lists objects only","value":"\"s3:ListInventoryConfigurations\"","allowed":null,"suggestion":null,"patch":"[{\"op\":\"add\",\"path\":\"/Statement/0/Resource/-\",\"value\":\"arn:aws:s3:::orbit-raw\"}]"},{"code":"PC110","level":"warning","dialect":"coreweave","document":"document","pointer":"/Statement/0/Action/4","message":"`s3:GetInventoryConfiguration` applies to buckets, but the statement lists objects only","value":"\"s3:GetInventoryConfiguration\"","allowed":null,"suggestion":null,"patch":"[{\"op\":\"add\",\"path\":\"/Statement/0/Resource/-\",\"value\":\"arn:aws:s3:::orbit-raw\"}]"},{"code":"PC110","level":"warning","dialect":"coreweave","document":"document","pointer":"/Statement/0/Action/5","message":"`s3:DeleteInventoryConfiguration` applies to buckets, but the statement lists objects only","value":"\"s3:DeleteInventoryConfiguration\"","allowed":null,"suggestion":null,"patch":"[{\"op\":\"add\",\"path\":\"/Statement/0/Resource/-\",\"value\":\"arn:aws:s3:::orbit-raw\"}]"}]}
    "#]].assert_eq(&ask(
        Dialect::Any,
        "lint",
        &json!({"document": {"text": policy}, "options": {"bucket": "orbit-raw"}}),
    ));
    let as_text = json!({"document": {"name": "mine", "kind": "identity-policy", "text": aws_policy("s3:GetObjects").to_string()}, "dialect": "aws"});
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"dialect":"aws","usable":false,"findings":[{"code":"PC101","level":"error","dialect":"aws","document":"mine","pointer":"/Statement/0/Action","message":"there is no action `s3:GetObjects`","value":"\"s3:GetObjects\"","allowed":null,"suggestion":"\"s3:GetObject\"","patch":"[{\"op\":\"replace\",\"path\":\"/Statement/0/Action\",\"value\":\"s3:GetObject\"}]"}]}
    "#]].assert_eq(&ask(Dialect::Cos, "lint", &as_text));
}

#[test]
fn members_that_are_given_twice_are_found_in_documents_too() {
    let body =
        r#"{"document":{"text":{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}}}"#;
    let world = World::new(Dialect::Aws);
    let answer = world.answer("POST /v1/stocktake/policy/lint", body);
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let mut found = answer["findings"].as_array().unwrap().iter();
    let twice = found.find(|it| it["code"] == "PC002").unwrap();
    assert_eq!((&twice["pointer"], &answer["usable"]), (&json!("/Version"), &json!(false)));
}

#[test]
fn a_request_is_decided() {
    let question = |action: &str| {
        json!({"dialect": "aws", "policies": {"identity": [aws_policy("s3:GetObject")], "resource": null},
            "request": {"principal": USER, "action": action, "resource": "arn:aws:s3:::orbit-raw/a",
                "resource-account": 111_122_223_333_u64, "context": {"aws:TagKeys": ["a", "b"], "aws:SourceVpc": null}},
            "note": "others are the caller's own"})
    };
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"dialect":"aws","decision":"allowed","gate":"identity","because":{"document":"identity-0","index":0,"sid":"One","effect":"Allow","outcome":"match","via":"direct","element":null,"pointer":null},"missing":[],"assumed":[],"trace":[{"document":"identity-0","index":0,"sid":"One","effect":"Allow","outcome":"match","via":"direct","element":null,"pointer":null}],"findings":[]}
    "#]].assert_eq(&ask(Dialect::Cos, "evaluate", &question("s3:GetObject")));
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"dialect":"aws","decision":"implicit-deny","gate":"identity","because":{"document":"identity-0","index":0,"sid":"One","effect":"Allow","outcome":"no","via":"direct","element":"Action","pointer":"/Statement/0/Action"},"missing":[],"assumed":[],"trace":[{"document":"identity-0","index":0,"sid":"One","effect":"Allow","outcome":"no","via":"direct","element":"Action","pointer":"/Statement/0/Action"}],"findings":[]}
    "#]].assert_eq(&ask(Dialect::Cos, "evaluate", &question("s3:PutObject")));
}

/// The same question to the batch mode of the command has the same answer.
#[test]
fn a_decision_is_that_of_a_line() {
    let policies = [
        json!({"identity": [aws_policy("s3:*")], "resource": null}),
        json!({"identity": [aws_policy("s3:*").to_string()]}),
        json!({"identity": [], "resource": {"Statement": 1}}),
        json!({"resource": []}),
    ];
    for policies in policies {
        let question = json!({"dialect": "aws", "policies": policies, "request": {"principal": USER,
            "action": "s3:GetObject", "resource": "arn:aws:s3:::orbit-raw/a", "resource-account": "111122223333"}});
        let line: Value =
            serde_json::from_str(&stocktake_policy::explain_line(&question.to_string())).unwrap();
        let answer = answer("evaluate", &question);
        assert_eq!(answer["decision"], line["decision"], "{question}");
        let because = line["because"].as_object().unwrap();
        assert_eq!(answer["gate"], because["gate"]);
        for member in ["missing", "assumed"] {
            assert_eq!(answer[member], because[member], "{question}");
        }
        if let Value::Object(step) = &answer["because"] {
            for (member, value) in step {
                assert_eq!(value, &because[member], "{question}");
            }
        }
    }
}

#[test]
fn any_goes_by_the_form_of_the_documents() {
    let destination: Value = serde_json::from_str(DESTINATION).unwrap();
    let source = json!({"text": SOURCE});
    for (call, question, expected) in [
        ("lint", json!({"document": source}), "coreweave"),
        ("lint", json!({"document": {"text": aws_policy("s3:GetObject")}}), "aws"),
        (
            "evaluate",
            json!({"policies": {"resource": destination}, "request": {"principal": null, "action": "s3:GetObject", "resource": "arn:aws:s3:::orbit-reports/a"}}),
            "coreweave",
        ),
        (
            "evaluate",
            json!({"policies": {}, "request": {"principal": "qcs::cam::uin/1:uin/2", "action": "name/cos:GetObject", "resource": "*"}}),
            "cos",
        ),
        (
            "preflight",
            json!({"delivery": {"configurations": [], "source": "a", "destination-policy": {"text": DESTINATION}}}),
            "coreweave",
        ),
        ("preflight", json!({"delivery": {"configurations": [], "source": "a"}}), "aws"),
        ("compare", json!({"bucket": "a", "before": source}), "coreweave"),
        ("compare", json!({"bucket": "a"}), "aws"),
        ("compare", json!({"bucket": "a", "dialect": "cos", "after": source}), "cos"),
    ] {
        assert_eq!(answer(call, &question)["dialect"], expected, "{call} {question}");
    }
}

/// The short form by which an organization names its users follows from the name, once it is known whose name it is.
#[test]
fn any_reads_principals_as_the_documents_do() {
    let one = super::policy::ALL_S3
        .replace(r#""principals":["*"]"#, r#""principals":["coreweave/u-7c21"]"#);
    let question = |user: &str| {
        json!({"policies": {"organization": [one], "resource": null}, "request": {
            "principal": format!("arn:aws:iam::f3a9c1:coreweave/{user}"), "action": "s3:GetObject",
            "resource": "arn:aws:s3:::orbit-raw/a"}})
    };
    assert_eq!(answer("evaluate", &question("u-7c21"))["decision"], "allowed");
    assert_eq!(answer("evaluate", &question("u-other"))["decision"], "implicit-deny");
}

#[test]
fn a_delivery_is_judged() {
    let config = json!({"Id": "daily", "IsEnabled": true, "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"}, "Destination": {"S3BucketDestination": {
        "Bucket": "arn:aws:s3:::orbit-reports", "Format": "ORC", "Prefix": "inventory/"}}});
    let judged = answer(
        "preflight",
        &json!({"dialect": "coreweave", "delivery": {
        "configurations": [{"text": config}], "source": "orbit-raw", "source-policy": null,
        "destination-policy": {"text": DESTINATION}, "organization": [{"text": super::policy::ALL_S3}],
        "managers": ["arn:aws:iam::f3a9c1:coreweave/u-7c21"],
        "readers": [{"arns": ["arn:aws:iam::f3a9c1:coreweave/u-7c21"], "short-forms": ["coreweave/u-7c21"], "account": "f3a9c1"}]}}),
    );
    let codes = |judged: &Value| -> Vec<String> {
        let codes = judged["findings"].as_array().unwrap().iter();
        codes.map(|it| format!("{} {}", it["code"], it["document"]).replace('"', "")).collect()
    };
    expect!["PC211 configurations-0, PC212 destination-policy, PC401 destination-policy, PC203 destination-policy, PC210 destination-policy, PC310 destination-policy, PC101 destination-policy, PC220 organization-0"].assert_eq(&codes(&judged).join(", "));
    let writes = judged["writes"].as_array().unwrap();
    let keys: Vec<&str> =
        writes.iter().filter_map(|it| it["request"]["resource"].as_str()).collect();
    // Named after the time of the request.
    expect![[r#"
        arn:aws:s3:::orbit-reports/inventory/orbit-raw/daily/data/
        arn:aws:s3:::orbit-reports/inventory/orbit-raw/daily/data/5f2c8a3e-6b1d-4e0f-9a7c-2d4b8e6f1a3c.orc
        arn:aws:s3:::orbit-reports/inventory/orbit-raw/daily/2026-11-07T12-00Z/manifest.json
        arn:aws:s3:::orbit-reports/inventory/orbit-raw/daily/2026-11-07T12-00Z/manifest.checksum
        arn:aws:s3:::orbit-reports/inventory/orbit-raw/daily/hive/dt=2026-11-07-12-00/symlink.txt
        arn:aws:s3:::orbit-reports/inventory/manifest.json"#]].assert_eq(&keys.join("\n"));
    assert!(writes.iter().all(|it| it["verdict"]["decision"] == "allowed"));
    assert_eq!(judged["manage"].as_array().unwrap().len(), 4);
    assert_eq!(judged["patches"][0]["document"], "destination-policy");
    let patch: Value =
        serde_json::from_str(judged["patches"][0]["patch"].as_str().unwrap()).unwrap();
    assert_eq!(patch[0]["op"], "replace");
}

#[test]
fn a_replacement_is_compared() {
    let writer = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CW":"arn:aws:iam::static:role/static/inventory"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-raw/*"}]}"#;
    let question = json!({"dialect": "coreweave", "bucket": "orbit-raw", "role": "source",
        "before": {"text": SOURCE}, "after": {"text": writer}, "organization": [{"text": super::policy::ALL_S3}],
        "principals": ["arn:aws:iam::f3a9c1:coreweave/u-7c21"]});
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"dialect":"coreweave","changes":[{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:ListBucket","change":"kept"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:GetObject","change":"lost"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:PutObject","change":"lost"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:DeleteObject","change":"kept"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:PutInventoryConfiguration","change":"uncertain"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:GetInventoryConfiguration","change":"uncertain"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:PutBucketPolicy","change":"kept"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:ListInventoryConfigurations","change":"uncertain"},{"who":"arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:DeleteInventoryConfiguration","change":"uncertain"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:ListBucket","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:GetObject","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:PutObject","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:DeleteObject","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:PutInventoryConfiguration","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:GetInventoryConfiguration","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:PutBucketPolicy","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:ListInventoryConfigurations","change":"kept"},{"who":"all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21","action":"s3:DeleteInventoryConfiguration","change":"kept"}],"findings":[{"code":"PC301","level":"error","dialect":"coreweave","document":"after","pointer":"","message":"arn:aws:iam::f3a9c1:coreweave/u-7c21 would lose s3:GetObject, s3:PutObject; `s3:PutBucketPolicy` stays with those to whom the organization gives it","value":null,"allowed":null,"suggestion":null,"patch":null},{"code":"PC303","level":"warning","dialect":"coreweave","document":"after","pointer":"","message":"the policy until now grants s3:GetObject, s3:PutObject, s3:PutInventoryConfiguration, s3:ListInventoryConfigurations, s3:GetInventoryConfiguration, s3:DeleteInventoryConfiguration to arn:aws:iam::f3a9c1:coreweave/u-7c21, this one does not","value":null,"allowed":null,"suggestion":null,"patch":"[{\"op\":\"add\",\"path\":\"/Statement/-\",\"value\":{\"Action\":[\"s3:GetObject\",\"s3:PutObject\",\"s3:PutInventoryConfiguration\",\"s3:ListInventoryConfigurations\",\"s3:GetInventoryConfiguration\",\"s3:DeleteInventoryConfiguration\"],\"Effect\":\"Allow\",\"Principal\":{\"CW\":[\"arn:aws:iam::f3a9c1:coreweave/u-7c21\"]},\"Resource\":[\"arn:aws:s3:::orbit-raw/*\"]}}]"},{"code":"PC305","level":"error","dialect":"coreweave","document":"after","pointer":"/Statement/0","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:DeleteInventoryConfiguration`, by the gate `bucket`: no statement allows it","value":null,"allowed":null,"suggestion":null,"patch":null},{"code":"PC305","level":"error","dialect":"coreweave","document":"after","pointer":"/Statement/0","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:GetInventoryConfiguration`, by the gate `bucket`: no statement allows it","value":null,"allowed":null,"suggestion":null,"patch":null},{"code":"PC305","level":"error","dialect":"coreweave","document":"after","pointer":"/Statement/0","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:ListInventoryConfigurations`, by the gate `bucket`: no statement allows it","value":null,"allowed":null,"suggestion":null,"patch":null},{"code":"PC305","level":"error","dialect":"coreweave","document":"after","pointer":"/Statement/0","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:PutInventoryConfiguration`, by the gate `bucket`: no statement allows it","value":null,"allowed":null,"suggestion":null,"patch":null}],"locks-out":true}
    "#]].assert_eq(&ask(Dialect::Any, "compare", &question));
}

#[test]
fn everything_that_is_wrong_with_a_question_is_told() {
    expect![[r#"
        400
        content-type: application/problem+json
        x-stocktake-findings: [{"code":"CF100","dialect":"any","level":"error","message":"there is no member `kind`","pointer":"/kind"},{"code":"CF100","dialect":"any","level":"error","message":"`document` is missing","pointer":"/document"},{"code":"CF100","dialect":"any","level":"error","message":"`s3` is no dialect","pointer":"/dialect"},{"code":"CF100","dialect":"any","level":"error","message":"text is expected, this is a list","pointer":"/options/tool"}]
        x-amz-request-id: 4442587FB7D0A2F9

        {"code":"InvalidRequest","detail":"CF100 at /kind: there is no member `kind`; and 3 more","findings":[{"allowed":"document, dialect, options","code":"CF100","dialect":"any","document":"request","level":"error","message":"there is no member `kind`","patch":null,"pointer":"/kind","suggestion":null,"value":"1"},{"allowed":"a value","code":"CF100","dialect":"any","document":"request","level":"error","message":"`document` is missing","patch":null,"pointer":"/document","suggestion":null,"value":null},{"allowed":"one of any, aws, coreweave, cos","code":"CF100","dialect":"any","document":"request","level":"error","message":"`s3` is no dialect","patch":null,"pointer":"/dialect","suggestion":null,"value":"\"s3\""},{"allowed":"text","code":"CF100","dialect":"any","document":"request","level":"error","message":"text is expected, this is a list","patch":null,"pointer":"/options/tool","suggestion":null,"value":"[]"}],"request_id":"4442587FB7D0A2F9","status":400,"title":"Bad Request","type":"about:blank"}
    "#]].assert_eq(&ask(
        Dialect::Any,
        "lint",
        &json!({"dialect": "s3", "kind": 1, "options": {"tool": []}}),
    ));
    let all = |call: &str, question: Value| {
        let world = World::new(Dialect::Any);
        let answer =
            world.answer(&format!("POST /v1/stocktake/policy/{call}"), &question.to_string());
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer["code"], "InvalidRequest", "{question}");
        let found = answer["findings"].as_array().unwrap().iter();
        let found =
            found.map(|it| format!("{}: {}\n", it["pointer"], it["message"]).replace('"', ""));
        found.collect::<String>()
    };
    expect![[r#"
        /policies/other: there is no member `other`
        /policies/identity: a list is expected, this is an object
        /policies/resource: 2 items, at most 1 are read
        /request/principal: an ARN, a host name, or an object is expected, this is a number
        /request/action: text is expected, this is a list
        /request/resource: 8193 bytes, at most 8192 are read
        /request/resource-account: text is expected, this is an object
        /request/context/a~1b/0: text is expected, this is a list
        /request/context/c: text is expected, this is an object
        /request/context-complete: true or false is expected, this is text
    "#]].assert_eq(&all("evaluate", json!({
        "policies": {"identity": {}, "resource": [{}, {}], "other": 1},
        "request": {"principal": 7, "action": [], "resource": "x".repeat(8193), "context": {"a/b": [[]], "c": {}},
            "context-complete": "yes", "resource-account": {}}})));
    expect![[r#"
        /delivery/source: `source` is missing
        /delivery/configurations/0/kind: `policy` is no kind
        /delivery/at-seconds: a whole number of seconds since the epoch is expected, this is a number
        /delivery/source-policy: 2 items, at most 1 are read
        /delivery/source-policy/0: another document has this name
        /delivery/destination-policy: an object is expected, this is text
        /delivery/managers/0/arn: there is no member `arn`
        /delivery/managers/1: an ARN, a host name, or an object is expected, this is a number
        /delivery/readers: a list is expected, this is text
    "#]].assert_eq(&all(
        "preflight",
        json!({"delivery": {
        "configurations": [{"text": {}, "kind": "policy"}, {"name": "source-policy", "text": ""}],
        "source-policy": [{"text": "{}"}, {"text": "{}"}], "destination-policy": "{}",
        "managers": [{"arn": "a"}, 1], "readers": "all", "at-seconds": 1.5}}),
    ));
    expect![[r#"
        /bucket: `bucket` is missing
        /before/text: `text` is missing
        /after/name: text is expected, this is a number
        /role: `any` is no role
    "#]]
    .assert_eq(&all(
        "compare",
        json!({"role": "any", "before": {}, "after": {"text": "{}", "name": 1}}),
    ));
}

#[test]
fn what_is_no_json_or_has_members_twice_is_told() {
    let world = World::new(Dialect::Any);
    for (body, expected) in [
        ("", "the request is not JSON: EOF while parsing a value at line 1 column 0"),
        ("{} {}", "the request is not JSON: trailing characters at line 1 column 4"),
        ("[]", "an object is expected, this is a list"),
        (r#"{"bucket":"a","bucket":"a"}"#, "the member is given twice"),
    ] {
        let answer = world.answer("POST /v1/stocktake/policy/compare", body);
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer["findings"][0]["message"], expected, "{body}");
    }
    let many = format!("{{{}}}", vec![r#""a":1"#; 1000].join(","));
    let answer = world.answer("POST /v1/stocktake/policy/compare", &many);
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["findings"].as_array().unwrap().len(), 100);
}

#[test]
fn whoever_is_known_may_ask_and_nobody_else() {
    let mut world = World::new(Dialect::Aws);
    let line = "POST /v1/stocktake/policy/compare";
    let body = r#"{"bucket":"a"}"#;
    world.settings.allows_anonymous = true;
    assert_eq!(brief(&world.raw(&request(line, body))), "403 AccessDenied");
    let nobody = super::policy::aws_user(&[]);
    let world = world.with_identity("AKNONE", nobody);
    assert!(world.brief_by("AKNONE", line, body).starts_with("200 "));
    assert_eq!(world.brief("GET /v1/stocktake/policy/compare", ""), "405 MethodNotAllowed");
}

#[test]
fn a_question_has_a_limit() {
    let world = World::new(Dialect::Aws);
    let line = "POST /v1/stocktake/policy/lint";
    let limit = body_limit(&request(line, "").head, &world.settings, &moment()).unwrap();
    assert_eq!(limit, 1 << 20);
    let fits = format!("{}{}", r#"{"document":{"text":"{}"}}"#, " ".repeat(limit - 26));
    assert!(world.brief(line, &fits).starts_with("200 "));
    assert_eq!(world.brief(line, &format!("{fits} ")), "400 MaxMessageLengthExceeded");
    // One document is not read beyond its own limit.
    let long = json!({"document": {"text": " ".repeat((256 << 10) + 1)}}).to_string();
    assert!(world.brief(line, &long).contains("PC001"));
}
