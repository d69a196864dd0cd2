//! Inventory configurations over the S3 API.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use stocktake_core::finding::Dialect;

use super::world::World;
use crate::settings::NotFoundCode;

/// What the AWS CLI sends.
pub(super) const CLI: &str = r#"<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Format>CSV</Format><Prefix>inv</Prefix><Encryption><SSE-S3 /></Encryption></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>"#;

/// What clients of Tencent COS send.
pub(super) const COS: &str = "<InventoryConfiguration><Id>m1</Id><IsEnabled>true</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><Bucket>qcs::cos:ap-tokyo::reports-1259999999</Bucket><Prefix>inv</Prefix><Encryption><SSE-COS></SSE-COS></Encryption></COSBucketDestination></Destination><Schedule><Frequency>Monthly</Frequency><MonthlyDate>1</MonthlyDate></Schedule><Filter><And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And><Period><StartTime>1767225600</StartTime></Period></Filter><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields></InventoryConfiguration>";

pub(super) const PUT: &str = "PUT /orbit-raw?inventory&id=docs-daily";

#[track_caller]
fn check(answer: &str, expected: &Expect) {
    expected.assert_eq(answer);
}

#[test]
fn a_configuration_is_put_read_and_deleted() {
    let world = World::new(Dialect::Aws);
    check(
        &world.ask(PUT, CLI),
        &expect![[r#"
            200
            x-stocktake-findings: [{"code":"PC201","dialect":"aws","level":"error","message":"`s3.amazonaws.com` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inv/orbit-raw/docs-daily/data/`: no statement allows it","pointer":"","suggestion":"{\"Action\":\"s3:PutObject\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:::orbit-raw\"},\"StringEquals\":{\"aws:SourceAccount\":\"210987654321\",\"s3:x-amz-acl\":\"bucket-owner-full-control\"}},\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Resource\":\"arn:aws:s3:::orbit-reports/inv/*\",\"Sid\":\"StocktakeDelivery\"}"}]
            x-amz-request-id: 4442587FB7D0A2F9


        "#]],
    );
    check(
        &world
            .ask("GET /orbit-raw?inventory&id=docs-daily&x-id=GetBucketInventoryConfiguration", ""),
        &expect![[r#"
            200
            content-type: application/xml
            x-amz-request-id: 4442587FB7D0A2F9

            <?xml version="1.0" encoding="UTF-8"?><InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Encryption><SSE-S3></SSE-S3></Encryption><Format>CSV</Format><Prefix>inv</Prefix></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>
        "#]],
    );
    check(
        &world.ask("GET /orbit-raw?inventory", ""),
        &expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><ListInventoryConfigurationsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><InventoryConfiguration><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Encryption><SSE-S3></SSE-S3></Encryption><Format>CSV</Format><Prefix>inv</Prefix></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration><IsTruncated>false</IsTruncated></ListInventoryConfigurationsResult>
    "#]],
    );
    check(
        &world.ask("DELETE /orbit-raw?inventory&id=docs-daily", ""),
        &expect![[r#"
            204
            x-amz-request-id: 4442587FB7D0A2F9


        "#]],
    );
    check(
        &world.ask("DELETE /orbit-raw?inventory&id=docs-daily", ""),
        &expect![[r#"
            404
            content-type: application/xml
            x-amz-request-id: 4442587FB7D0A2F9

            <?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchConfiguration</Code><Message>The specified configuration does not exist.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
        "#]],
    );
    check(
        &world.ask("GET /orbit-raw?inventory", ""),
        &expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><ListInventoryConfigurationsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated></ListInventoryConfigurationsResult>
    "#]],
    );
}

#[test]
fn cos_has_a_form_of_its_own() {
    let mut world = World::new(Dialect::Cos).with_bucket("orbit-raw-1259999999");
    world.settings.region = "ap-tokyo".to_owned();
    check(
        &world.ask("PUT /orbit-raw-1259999999?inventory&id=m1", COS),
        &expect![[r#"
            200
            x-stocktake-findings: [{"code":"PC209","dialect":"cos","level":"error","message":"reports are written by a role named `COS_QcsRole`; the console makes it, who uses the API must do so: `cos.cloud.tencent.com` may not take it, not known: document:bucket-policy","pointer":""}]
            x-amz-request-id: 4442587FB7D0A2F9


        "#]],
    );
    check(
        &world.ask("GET /orbit-raw-1259999999?inventory&id=m1", ""),
        &expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><InventoryConfiguration><Destination><COSBucketDestination><Bucket>qcs::cos:ap-tokyo::reports-1259999999</Bucket><Encryption><SSE-COS></SSE-COS></Encryption><Format>CSV</Format><Prefix>inv</Prefix></COSBucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And><Period><StartTime>1767225600</StartTime></Period></Filter><Id>m1</Id><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields><Schedule><Frequency>Monthly</Frequency><MonthlyDate>1</MonthlyDate></Schedule></InventoryConfiguration>
    "#]],
    );
    check(
        &world.ask("GET /orbit-raw-1259999999?inventory", ""),
        &expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><ListInventoryConfigurationResult><InventoryConfiguration><Destination><COSBucketDestination><Bucket>qcs::cos:ap-tokyo::reports-1259999999</Bucket><Encryption><SSE-COS></SSE-COS></Encryption><Format>CSV</Format><Prefix>inv</Prefix></COSBucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And><Period><StartTime>1767225600</StartTime></Period></Filter><Id>m1</Id><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields><Schedule><Frequency>Monthly</Frequency><MonthlyDate>1</MonthlyDate></Schedule></InventoryConfiguration><IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>
    "#]],
    );
}

/// A list of many, page by page.
#[test]
fn a_page_has_a_hundred_configurations() {
    let world = World::new(Dialect::Any);
    for number in 0..205 {
        let id = format!("n{number:03}");
        let line = format!("PUT /orbit-raw?inventory&id={id}");
        assert_eq!(world.brief(&line, &CLI.replace("docs-daily", &id)), "200");
    }
    let mut told = String::new();
    let mut line = "GET /orbit-raw?inventory".to_owned();
    loop {
        let answer = world.answer(&line, "");
        let body = String::from_utf8(answer.body).unwrap();
        let ids: Vec<&str> =
            body.split("<Id>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        let (_, end) = body.rsplit_once("</InventoryConfiguration>").unwrap();
        writeln!(told, "{} {:?} {:?} {end}", ids.len(), ids.first(), ids.last()).unwrap();
        let Some((_, next)) = end.split_once("<NextContinuationToken>") else { break };
        let next = next.split('<').next().unwrap().replace('/', "%2F");
        line = format!("GET /orbit-raw?inventory&continuation-token={next}");
    }
    check(
        &told,
        &expect![[r#"
        100 Some("n000") Some("n099") <IsTruncated>true</IsTruncated><NextContinuationToken>1/orbit-raw/n099</NextContinuationToken></ListInventoryConfigurationsResult>
        100 Some("n100") Some("n199") <IsTruncated>true</IsTruncated><ContinuationToken>1/orbit-raw/n099</ContinuationToken><NextContinuationToken>1/orbit-raw/n199</NextContinuationToken></ListInventoryConfigurationsResult>
        5 Some("n200") Some("n204") <IsTruncated>false</IsTruncated><ContinuationToken>1/orbit-raw/n199</ContinuationToken></ListInventoryConfigurationsResult>
    "#]],
    );
    for token in ["", "x", "1/other/n001", "1%2Forbit-raw%2Fa%20b"] {
        let line = format!("GET /orbit-raw?inventory&continuation-token={token}");
        assert_eq!(world.brief(&line, ""), "400 InvalidArgument", "{token}");
    }
}

#[test]
fn the_thousand_and_first_configuration_is_one_too_many() {
    let world = World::new(Dialect::Aws);
    for number in 0..1000 {
        let id = format!("n{number}");
        let line = format!("PUT /orbit-raw?inventory&id={id}");
        assert_eq!(world.brief(&line, &CLI.replace("docs-daily", &id)), "200");
    }
    check(
        &world.ask(PUT, CLI),
        &expect![[r#"
        400
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>TooManyConfigurations</Code><Message>You are attempting to create a new configuration but have already reached the 1,000-configuration limit.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
    let again = CLI.replace("docs-daily", "n7").replace("Daily", "Weekly");
    assert_eq!(world.brief("PUT /orbit-raw?inventory&id=n7", &again), "200");
}

#[test]
fn findings_stand_in_a_header() {
    let world = World::new(Dialect::Any);
    let itself = CLI.replace("orbit-reports", "orbit-raw").replace("docs/", "");
    check(
        &world.ask(PUT, &itself),
        &expect![[r#"
        200
        x-stocktake-findings: [{"code":"CF130","dialect":"any","level":"warning","message":"reports go to `inv/orbit-raw/docs-daily/` of the bucket that they list","pointer":"/Destination/S3BucketDestination/Prefix"},{"code":"CF100","dialect":"coreweave","level":"info","message":"`coreweave` would refuse this: unknown member `Encryption`","pointer":"/Destination/S3BucketDestination/Encryption"}]
        x-amz-request-id: 4442587FB7D0A2F9


    "#]],
    );
    check(
        &world.ask(PUT, &CLI.replace(">CSV<", ">cs\u{e9}<")),
        &expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"CF100","dialect":"any","level":"error","message":"`Format` has no such choice","pointer":"/Destination/S3BucketDestination/Format"},{"code":"CF100","dialect":"coreweave","level":"info","message":"`coreweave` would refuse this: unknown member `Encryption`","pointer":"/Destination/S3BucketDestination/Encryption"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedXML</Code><Message>The XML you provided was not well-formed or did not validate against our published schema</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]],
    );
}

#[test]
fn the_code_of_what_is_not_there_can_be_chosen() {
    let mut world = World::new(Dialect::Coreweave);
    let line = "GET /orbit-raw?inventory&id=a";
    assert_eq!(world.brief(line, ""), "404 NoSuchConfiguration");
    world.settings.not_found_code = NotFoundCode::InventoryConfiguration;
    assert_eq!(world.brief(line, ""), "404 NoSuchInventoryConfiguration");
}

#[test]
fn an_empty_window_is_an_argument_that_is_not_valid() {
    let world = World::new(Dialect::Cos).with_bucket("orbit-raw-1");
    let body = COS.replace("</StartTime>", "</StartTime><EndTime>1767225599</EndTime>");
    assert_eq!(world.brief("PUT /orbit-raw-1?inventory&id=m1", &body), "400 InvalidArgument");
}
