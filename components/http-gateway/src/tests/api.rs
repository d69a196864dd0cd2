//! The JSON API.

use expect_test::expect;
use serde_json::Value;
use stocktake_capabilities::State as _;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, PUT};
use super::world::{RUN, World, brief, moment, request, shown};
use crate::{OPENAPI, body_limit};

pub(super) const HERE: &str = "/v1/stocktake/inventory/orbit-raw/docs-daily";

pub(super) fn ready() -> World {
    let world = World::new(Dialect::Any);
    assert_eq!(world.brief(PUT, CLI), "200");
    world
}

#[test]
fn anybody_may_ask_for_health_and_description() {
    let world = World::new(Dialect::Any);
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"status":"ok"}
    "#]]
    .assert_eq(&shown(&world.raw(&request("GET /v1/stocktake/health", ""))));
    let answer = world.raw(&request("GET /v1/stocktake/openapi.json", ""));
    assert_eq!((answer.status, answer.body.as_slice()), (200, OPENAPI.as_bytes()));
    let answer = world.raw(&request("HEAD /v1/stocktake/openapi.json", ""));
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
}

#[test]
fn runs_are_begun_shown_and_cancelled() {
    let mut world = ready();
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"bucket":"orbit-raw","id":"docs-daily","configuration":{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"CSV","Prefix":"inv","Encryption":{"SSES3":{}}}},"IsEnabled":true,"Filter":{"Prefix":"docs/"},"Id":"docs-daily","IncludedObjectVersions":"All","OptionalFields":["Size","ETag"],"Schedule":{"Frequency":"Daily"}},"next_run":"2026-11-08T01:00:00.000Z","latest_run":null}
    "#]].assert_eq(&world.ask(&format!("GET {HERE}"), ""));
    expect![[r#"
        202
        content-type: application/json
        location: /v1/stocktake/inventory/orbit-raw/docs-daily/runs/0123456789abcdef0123456789abcdef
        x-amz-request-id: 4442587FB7D0A2F9

        {"run":"0123456789abcdef0123456789abcdef"}
    "#]]
    .assert_eq(&world.ask(&format!("POST {HERE}/runs"), ""));
    assert_eq!(world.tasks.0.borrow().len(), 1);
    world.run_id = RUN.replace('0', "f");
    expect![[r#"
        409
        content-type: application/problem+json
        x-amz-request-id: 4442587FB7D0A2F9

        {"code":"RunInProgress","detail":"A run of this configuration is unfinished.","request_id":"4442587FB7D0A2F9","run":"0123456789abcdef0123456789abcdef","status":409,"title":"Conflict","type":"about:blank"}
    "#]]
    .assert_eq(&world.ask(&format!("POST {HERE}/runs"), ""));
    assert_eq!(world.tasks.0.borrow().len(), 1);
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"runs":[{"run":"0123456789abcdef0123456789abcdef","bucket":"orbit-raw","id":"docs-daily","trigger":"on-demand","state":"running","begun":"2026-11-07T12:00:00.000Z","scanned":0,"written":0,"rate":0,"files":0,"report_bytes":0,"bytes":0,"unlisted":0,"errors":0,"report":"partial"}],"next":null}
    "#]]
    .assert_eq(&world.ask(&format!("GET {HERE}/runs"), ""));
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"run":"0123456789abcdef0123456789abcdef","bucket":"orbit-raw","id":"docs-daily","trigger":"on-demand","state":"running","begun":"2026-11-07T12:00:00.000Z","scanned":0,"written":0,"rate":0,"files":0,"report_bytes":0,"bytes":0,"unlisted":0,"errors":0,"report":"partial"}
    "#]]
    .assert_eq(&world.ask(&format!("GET {HERE}/runs/{RUN}"), ""));
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"run":"0123456789abcdef0123456789abcdef","bucket":"orbit-raw","id":"docs-daily","trigger":"on-demand","state":"cancelled","reason":"it was cancelled","begun":"2026-11-07T12:00:00.000Z","ended":"2026-11-07T12:00:00.000Z","scanned":0,"written":0,"rate":0,"files":0,"report_bytes":0,"bytes":0,"unlisted":0,"errors":0,"report":"partial"}
    "#]]
    .assert_eq(&world.ask(&format!("DELETE {HERE}/runs/{RUN}"), ""));
}

/// A history of many, page by page.
#[test]
fn a_page_has_a_hundred_runs() {
    let mut world = ready();
    for number in 0..101 {
        world.run_id = format!("{number:032}");
        assert!(world.brief(&format!("POST {HERE}/runs"), "").starts_with("202 "));
        let line = format!("DELETE {HERE}/runs/{}", world.run_id);
        assert!(world.brief(&line, "").starts_with("200 "));
    }
    let page = |line: &str| -> (usize, Option<String>) {
        let body: Value = serde_json::from_slice(&world.answer(line, "").body).unwrap();
        let next = body["next"].as_str().map(|next| next.replace('/', "%2F"));
        (body["runs"].as_array().unwrap().len(), next)
    };
    let (first, next) = page(&format!("GET {HERE}/runs"));
    assert_eq!(first, 100);
    let next = format!("GET {HERE}/runs?cursor={}", next.unwrap());
    assert_eq!(page(&next), (1, None));
}

#[test]
fn a_refusal_is_a_problem() {
    let mut world = ready();
    let ended = world.run_id.replace('0', "f");
    world.run_id.clone_from(&ended);
    assert!(world.brief(&format!("POST {HERE}/runs"), "").starts_with("202 "));
    assert!(world.brief(&format!("DELETE {HERE}/runs/{ended}"), "").starts_with("200 "));
    for (line, expected) in [
        (format!("GET {HERE}x"), "404 NoSuchConfiguration"),
        (
            "POST /v1/stocktake/inventory/orbit-raw/absent/runs".to_owned(),
            "404 NoSuchConfiguration",
        ),
        ("GET /v1/stocktake/inventory/absent/a".to_owned(), "404 NoSuchBucket"),
        ("GET /v1/stocktake/inventory/Upper/a".to_owned(), "400 InvalidBucketName"),
        ("GET /v1/stocktake/inventory/orbit-raw/a%20b".to_owned(), "400 InvalidConfigurationId"),
        ("GET /v1/stocktake/inventory/orbit-raw/".to_owned(), "400 InvalidConfigurationId"),
        (format!("GET {HERE}/runs?cursor=other"), "400 InvalidArgument"),
        (format!("GET {HERE}/runs/{RUN}"), "404 NoSuchRun"),
        (format!("DELETE {HERE}/runs/{RUN}"), "404 NoSuchRun"),
        (format!("GET {HERE}/runs/latest"), "404 NoSuchRun"),
        (format!("DELETE {HERE}/runs/{ended}"), "409 RunEnded"),
        (format!("DELETE {HERE}"), "405 MethodNotAllowed"),
        (format!("PATCH {HERE}/runs/{RUN}"), "405 MethodNotAllowed"),
        ("GET /v1/stocktake".to_owned(), "404 NotFound"),
        ("GET /v1/other".to_owned(), "404 NotFound"),
        ("GET /v1/stocktake/health/".to_owned(), "404 NotFound"),
        ("POST /v1/stocktake/inventory/validate?dialect=s3".to_owned(), "400 InvalidArgument"),
    ] {
        assert_eq!(world.brief(&line, ""), expected, "{line}");
    }
    expect![[r#"
        409
        content-type: application/problem+json
        x-amz-request-id: 4442587FB7D0A2F9

        {"code":"RunEnded","detail":"The run had ended before it could be cancelled.","request_id":"4442587FB7D0A2F9","run":"f123456789abcdeff123456789abcdef","status":409,"title":"Conflict","type":"about:blank"}
    "#]].assert_eq(&world.ask(&format!("DELETE {HERE}/runs/{ended}"), ""));
}

#[test]
fn documents_are_judged_without_being_kept() {
    let world = World::new(Dialect::Any);
    let line = "POST /v1/stocktake/inventory/validate";
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"usable":true,"findings":[],"configuration":{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"CSV","Prefix":"inv","Encryption":{"SSES3":{}}}},"IsEnabled":true,"Filter":{"Prefix":"docs/"},"Id":"docs-daily","IncludedObjectVersions":"All","OptionalFields":["Size","ETag"],"Schedule":{"Frequency":"Daily"}}}
    "#]].assert_eq(&world.ask(&format!("{line}?dialect=aws"), CLI));
    expect![[r#"
        200
        content-type: application/json
        x-amz-request-id: 4442587FB7D0A2F9

        {"usable":false,"findings":[{"code":"CF100","level":"error","dialect":"coreweave","document":"inventory-configuration","pointer":"/Id","message":"`Id` holds other characters","value":"\"a b\"","allowed":"1 to 64 characters of `A-Z a-z 0-9 . _ -`","suggestion":null,"patch":null},{"code":"CF100","level":"error","dialect":"coreweave","document":"inventory-configuration","pointer":"/Destination","message":"`Destination` is missing","value":null,"allowed":"an object with the member `S3BucketDestination`","suggestion":null,"patch":null},{"code":"CF100","level":"error","dialect":"coreweave","document":"inventory-configuration","pointer":"/IsEnabled","message":"`IsEnabled` is missing","value":null,"allowed":"`true` or `false`","suggestion":null,"patch":null},{"code":"CF100","level":"error","dialect":"coreweave","document":"inventory-configuration","pointer":"/IncludedObjectVersions","message":"`IncludedObjectVersions` is missing","value":null,"allowed":"one of `All`, `Current`, `Latest`","suggestion":null,"patch":null},{"code":"CF100","level":"error","dialect":"coreweave","document":"inventory-configuration","pointer":"/Schedule","message":"`Schedule` is missing","value":null,"allowed":"an object with the member `Frequency`","suggestion":null,"patch":null}],"configuration":null}
    "#]].assert_eq(&world.ask(&format!("{line}?dialect=coreweave"), "{\"Id\":\"a b\"}"));
    assert_eq!(world.state.list("", None).unwrap().items, []);
}

#[test]
fn a_body_has_a_limit() {
    let world = World::new(Dialect::Any);
    let limit = |line: &str| {
        let asked = request(line, "");
        body_limit(&asked.head, &world.settings, &moment()).unwrap()
    };
    for (line, expected) in [
        ("GET /orbit-raw?inventory", 0),
        ("DELETE /orbit-raw?inventory&id=a", 0),
        ("PUT /orbit-raw?inventory&id=a", 256 << 10),
        ("POST /orbit-raw?inventory&id=a", 256 << 10),
        ("PUT /orbit-raw?policy", 256 << 10),
        ("PUT /orbit-raw", 8 << 10),
        ("PUT /orbit-raw/key", 8 << 10),
        ("POST /v1/stocktake/inventory/validate", 256 << 10),
        ("POST /v1/stocktake/inventory/orbit-raw/a/runs", 256 << 10),
        ("GET /v1/stocktake/health", 0),
    ] {
        assert_eq!(limit(line), expected, "{line}");
    }
    let mut asked = request("PUT /orbit-raw?inventory&id=a", "");
    asked.head.headers.push(("Content-Length".to_owned(), b"262145".to_vec()));
    let refused = body_limit(&asked.head, &world.settings, &moment()).unwrap_err();
    expect![[r#"
        400
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MaxMessageLengthExceeded</Code><Message>Your request was too big.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&shown(&refused));
    let long = "x".repeat((256 << 10) + 1);
    assert_eq!(world.brief(PUT, &long), "400 MaxMessageLengthExceeded");
    assert_eq!(world.brief("PUT /orbit-raw?policy", &long), "400 PolicyTooLarge");
    // Nobody needs to be known for that.
    assert_eq!(
        super::world::brief(&world.raw(&request(PUT, &long))),
        "400 MaxMessageLengthExceeded"
    );
    assert_eq!(world.brief("GET /v1/stocktake/health", "x"), "400 MaxMessageLengthExceeded");
    let aws = World::new(Dialect::Aws);
    assert_eq!(aws.brief("PUT /orbit-raw?policy", &"x".repeat(20 << 10)), "400 MalformedPolicy");
    let long = "x".repeat((20 << 10) + 1);
    assert_eq!(aws.brief("PUT /orbit-raw?policy", &long), "400 PolicyTooLarge");
}

/// A policy may let anybody do something with a bucket. Nobody has let anybody have documents judged.
#[test]
fn documents_are_judged_for_those_who_are_known() {
    let mut world = World::new(Dialect::Any);
    world.settings.allows_anonymous = true;
    let line = "POST /v1/stocktake/inventory/validate";
    assert_eq!(brief(&world.raw(&request(line, CLI))), "403 AccessDenied");
    assert!(world.brief(line, CLI).starts_with("200 "));
}
