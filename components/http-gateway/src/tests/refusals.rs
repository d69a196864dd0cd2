//! Configurations that are refused over the S3 API.

use expect_test::{Expect, expect};
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, PUT};
use super::world::World;

#[track_caller]
fn check(answer: &str, expected: &Expect) {
    expected.assert_eq(answer);
}

#[test]
fn a_refusal_has_the_code_and_the_words_of_s3() {
    let world = World::new(Dialect::Aws);
    check(
        &world.ask(PUT, ""),
        &expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"CF100","dialect":"aws","level":"error","message":"the document is empty","pointer":""}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedXML</Code><Message>The XML you provided was not well-formed or did not validate against our published schema</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask(PUT, &CLI.replace(">docs-daily<", ">other<")),
        &expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"CF100","dialect":"aws","level":"error","message":"`Id` is not the id of the request (IdMismatch)","pointer":"/Id","suggestion":"\"docs-daily\""}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>IdMismatch</Code><Message>Document ID does not match the specified configuration ID.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask("PUT /orbit-raw?inventory", CLI),
        &expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"CF100","dialect":"aws","level":"error","message":"`Id` is not the id of the request (IdMismatch)","pointer":"/Id"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidConfigurationId</Code><Message>The specified configuration id is invalid.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask(PUT, &CLI.replace("arn:aws:s3:::", "")),
        &expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"CF110","dialect":"aws","level":"error","message":"`Bucket` is not the ARN of a bucket","pointer":"/Destination/S3BucketDestination/Bucket","suggestion":"\"arn:aws:s3:::orbit-reports\""}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidS3DestinationBucket</Code><Message>Invalid bucket ARN.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask("GET /absent?inventory&id=a", ""),
        &expect![[r#"
        404
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask("GET /orbit-raw?inventory&continuation-token=x", ""),
        &expect![[r#"
        400
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidArgument</Code><Message>The continuation token provided is incorrect</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask("PATCH /orbit-raw?inventory", ""),
        &expect![[r#"
        405
        content-type: application/xml
        allow: DELETE, GET, PUT
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MethodNotAllowed</Code><Message>The specified method is not allowed against this resource.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    check(
        &world.ask("HEAD /orbit-raw?inventory", ""),
        &expect![[r#"
        405
        content-type: application/xml
        allow: DELETE, GET, PUT
        x-amz-request-id: 4442587FB7D0A2F9


    "#]],
    );
}

/// What is looked for first is told, whatever else is wrong.
#[test]
fn refusals_come_in_the_order_of_s3() {
    let world = World::new(Dialect::Aws);
    let case = |line: &str, changes: &[(&str, &str)]| {
        let mut body = CLI.to_owned();
        for (from, to) in changes {
            assert!(body.contains(from), "{from}");
            body = body.replacen(from, to, 1);
        }
        world.brief(line, &body)
    };
    let (format, bucket) = ((">CSV<", ">csv<"), ("arn:aws:s3:::orbit-reports", "orbit"));
    let (other, illegal) = ((">docs-daily<", ">other<"), (">docs-daily<", ">a/b<"));
    let (absent, unnamed) = ("PUT /absent?inventory&id=docs-daily", "PUT /orbit-raw?inventory");
    let named = "PUT /orbit-raw?inventory&id=a%2Fb";
    for (line, changes, expected) in [
        (absent, &[format, bucket, other][..], "404 NoSuchBucket"),
        (PUT, &[format, bucket, other], "400 MalformedXML"),
        (PUT, &[(">CSV<", "><")], "400 MalformedXML"),
        (PUT, &[("All", "CURRENT")], "400 MalformedXML"),
        (PUT, &[("All", "Latest")], "400 MalformedXML"),
        (PUT, &[(">Size<", ">size<")], "400 MalformedXML"),
        (PUT, &[("<Id>docs-daily</Id>", "")], "400 MalformedXML"),
        (
            PUT,
            &[("<Id>docs-daily</Id>", "<Id>docs-daily</Id><Id>docs-daily</Id>")],
            "400 MalformedXML",
        ),
        (PUT, &[("<Bucket>arn:aws:s3:::orbit-reports</Bucket>", "")], "400 MalformedXML"),
        (PUT, &[bucket, other], "400 IdMismatch"),
        (PUT, &[bucket, illegal], "400 IdMismatch"),
        (named, &[bucket], "400 IdMismatch"),
        (named, &[format, illegal], "400 MalformedXML"),
        (named, &[bucket, illegal], "400 InvalidConfigurationId"),
        (unnamed, &[format], "400 MalformedXML"),
        (unnamed, &[bucket], "400 InvalidConfigurationId"),
        (unnamed, &[illegal], "400 InvalidConfigurationId"),
        ("PUT /orbit-raw?inventory&id=", &[], "400 InvalidConfigurationId"),
        (PUT, &[bucket], "400 InvalidS3DestinationBucket"),
        (PUT, &[("orbit-reports", "Orbit_Reports")], "400 InvalidS3DestinationBucket"),
        (PUT, &[], "200"),
        ("GET /orbit-raw?inventory&id=a%2Fb", &[], "400 MaxMessageLengthExceeded"),
    ] {
        assert_eq!(case(line, changes), expected, "{line} {changes:?}");
    }
    for line in [
        "GET /orbit-raw?inventory&id=",
        "DELETE /orbit-raw?inventory",
        "GET /orbit-raw?inventory&id=a%2Fb",
    ] {
        assert_eq!(world.brief(line, ""), "400 InvalidConfigurationId", "{line}");
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let world = World::new(Dialect::Any);
    assert_eq!(world.brief(PUT, CLI), "200");
    let before = format!("{:?}", world.state);
    for (line, body) in [
        (PUT, CLI.replace(">CSV<", ">csv<")),
        (PUT, CLI.replace(">docs-daily<", ">other<")),
        ("PUT /orbit-raw?inventory&id=other", CLI.to_owned()),
        ("PUT /absent?inventory&id=docs-daily", CLI.to_owned()),
        ("DELETE /orbit-raw?inventory&id=other", String::new()),
        ("PATCH /orbit-raw?inventory&id=docs-daily", String::new()),
        ("PUT /orbit-raw?policy", "{".to_owned()),
        ("PUT /absent?policy", "{}".to_owned()),
    ] {
        assert!(world.brief(line, &body).starts_with('4'), "{line}");
        assert_eq!(format!("{:?}", world.state), before, "{line}");
    }
}
