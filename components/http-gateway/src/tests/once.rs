//! POST of an inventory: a run at once.

use expect_test::expect;
use stocktake_capabilities::State as _;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, COS, PUT};
use super::world::{RUN, World, request, shown};

const POST: &str = "POST /orbit-raw-1?inventory&id=m1";

/// A document of Tencent COS without what a single run has not.
fn once() -> String {
    COS.replace("<IsEnabled>true</IsEnabled>", "").replace(
        "<Schedule><Frequency>Monthly</Frequency><MonthlyDate>1</MonthlyDate></Schedule>",
        "",
    )
}

#[test]
fn a_document_is_run_and_not_kept() {
    let mut world = World::new(Dialect::Cos).with_bucket("orbit-raw-1");
    expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><PostInventoryResult><JobId>0123456789abcdef0123456789abcdef</JobId></PostInventoryResult>
    "#]].assert_eq(&world.ask(POST, &once()));
    let tasks = world.tasks.0.take();
    assert_eq!(tasks.len(), 1);
    assert!(String::from_utf8_lossy(&tasks[0].input).contains(RUN));
    assert_eq!(world.state.list("inventory/", None).unwrap().items, []);
    world.run_id = RUN.replace('0', "f");
    expect![[r#"
        409
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>DuplicateInventory</Code><Message>An inventory job with this ID already exists.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask(POST, &once()));
    assert_eq!(
        world.brief(&POST.replace("POST", "PUT").replace("m1", "m2"), &COS.replace("m1", "m2")),
        "200"
    );
    let stored = once().replace("m1", "m2");
    assert_eq!(world.brief(&POST.replace("m1", "m2"), &stored), "409 DuplicateInventory");
    assert!(world.tasks.0.borrow().is_empty());
}

#[test]
fn a_document_that_is_not_usable_is_refused_as_for_put() {
    let world = World::new(Dialect::Cos).with_bucket("orbit-raw-1");
    for (line, body, expected) in [
        (POST, COS.to_owned(), "400 MalformedXML"),
        (POST, String::new(), "400 MalformedXML"),
        (POST, once().replace("<Id>m1</Id>", ""), "400 MalformedXML"),
        (POST, once().replace("qcs::", "qcs:"), "400 InvalidS3DestinationBucket"),
        (POST, once().replace("<Id>m1<", "<Id>m2<"), "400 IdMismatch"),
        ("POST /orbit-raw-1?inventory", once(), "400 InvalidConfigurationId"),
        ("POST /orbit-raw-2?inventory&id=m1", once(), "404 NoSuchBucket"),
    ] {
        assert_eq!(world.brief(line, &body), expected, "{line} {body}");
    }
    assert!(world.tasks.0.borrow().is_empty());
}

#[test]
fn without_a_body_the_stored_one_is_run() {
    let line = "POST /orbit-raw?inventory&id=docs-daily";
    let mut world = World::new(Dialect::Any);
    assert_eq!(world.brief(line, ""), "404 NoSuchConfiguration");
    assert_eq!(world.brief(PUT, CLI), "200");
    expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><PostInventoryResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><JobId>0123456789abcdef0123456789abcdef</JobId></PostInventoryResult>
    "#]].assert_eq(&world.ask(line, ""));
    assert_eq!(world.tasks.0.borrow().len(), 1);
    world.run_id = RUN.replace('0', "f");
    assert_eq!(world.brief(line, ""), "409 DuplicateInventory");
}

#[test]
fn others_have_no_such_call() {
    let line = "POST /orbit-raw?inventory&id=docs-daily";
    for dialect in [Dialect::Aws, Dialect::Coreweave] {
        let world = World::new(dialect);
        let answer = world.raw(&world.signed("AKADMIN", request(line, "")));
        assert_eq!(answer.headers[1], ("allow", "DELETE, GET, PUT".to_owned()));
        assert!(shown(&answer).contains("<Code>MethodNotAllowed</Code>"));
    }
}

#[test]
fn the_json_api_runs_a_document_once_in_both_syntaxes() {
    let json = r#"{"Id":"m1","IncludedObjectVersions":"Current","Destination":{"COSBucketDestination":{"Bucket":"qcs::cos:ap-tokyo::reports-1259999999","Format":"CSV"}}}"#;
    let line = "POST /v1/stocktake/inventory/orbit-raw-1/m1/runs";
    for (document, dialect) in
        [(json.to_owned(), Dialect::Cos), (json.to_owned(), Dialect::Any), (once(), Dialect::Cos)]
    {
        let mut world = World::new(dialect).with_bucket("orbit-raw-1");
        let begun = format!(r#"202 {{"run":"{RUN}"}}"#);
        assert_eq!(world.brief(line, &document), begun, "{document}");
        let tasks = world.tasks.0.take();
        assert_eq!(tasks.len(), 1);
        assert!(String::from_utf8_lossy(&tasks[0].input).contains(r#""is_once":true"#));
        assert_eq!(world.state.list("inventory/", None).unwrap().items, []);
        world.run_id = RUN.replace('0', "f");
        assert_eq!(world.brief(line, &document), "409 RunInProgress");
        let other = line.replace("/m1/", "/m2/");
        assert_eq!(world.brief(&other, &document), "422 UnusableConfiguration");
    }
    let world = World::new(Dialect::Aws).with_bucket("orbit-raw-1");
    assert_eq!(world.brief(line, json), "422 UnusableConfiguration");
    assert!(world.brief(&format!("{line}?dialect=cos"), json).starts_with("202 "));
}
