//! Whether reports could be delivered, asked when a configuration is put.

use expect_test::expect;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, PUT};
use super::policy::{ALL_S3, DESTINATION, ORC, aws_user, coreweave_user};
use super::world::{World, request, shown};

pub(super) const AWS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*","Condition":{"StringEquals":{"aws:SourceAccount":"210987654321","s3:x-amz-acl":"bucket-owner-full-control"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::orbit-raw"}}}]}"#;

#[test]
fn a_destination_is_looked_at_as_its_provider_does() {
    let other_source = AWS.replace(":::orbit-raw", ":::orbit-other");
    let narrow =
        DESTINATION.replace("orbit-reports/*", "orbit-reports/inventory/orbit-raw/docs-daily/*");
    let wrong = DESTINATION.replace("orbit-reports/*", "orbit-reports/inv/*");
    let refused = "400 IllegalInventoryConfigurationException";
    for (dialect, policy, expected) in [
        (Dialect::Aws, None, "200"),
        (Dialect::Aws, Some(other_source.as_str()), "200"),
        (Dialect::Coreweave, None, refused),
        (Dialect::Coreweave, Some(DESTINATION), "200"),
        (Dialect::Coreweave, Some(narrow.as_str()), "200"),
        (Dialect::Coreweave, Some(wrong.as_str()), refused),
        (Dialect::Any, None, "200"),
        (Dialect::Any, Some(AWS), "200"),
        (Dialect::Any, Some(other_source.as_str()), refused),
        (Dialect::Any, Some(DESTINATION), "200"),
        (Dialect::Any, Some(wrong.as_str()), refused),
        (Dialect::Any, Some("{ }"), "200"),
    ] {
        let world = World::new(dialect);
        if let Some(policy) = policy {
            world.store.set_policy("orbit-reports", policy).unwrap();
        }
        let document = if dialect == Dialect::Aws { CLI } else { ORC };
        assert_eq!(world.brief(PUT, document), expected, "{dialect:?} {policy:?}");
    }
    let absent = ORC.replace("orbit-reports", "orbit-absent");
    assert_eq!(World::new(Dialect::Any).brief(PUT, &absent), "200");
    assert_eq!(World::new(Dialect::Coreweave).brief(PUT, &absent), refused);
}

#[test]
fn a_refusal_tells_the_finding_and_changes_nothing() {
    let world = World::new(Dialect::Coreweave).with_identity("AKUSER", coreweave_user(&[ALL_S3]));
    let before = format!("{:?}", world.state);
    let put = |document: &str| shown(&world.raw(&world.signed("AKUSER", request(PUT, document))));
    expect![[r#"
        400
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>IllegalInventoryConfigurationException</Code><Message>The inventory service cannot write to the destination bucket: orbit-reports has no policy that lets it write</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&put(ORC));
    let wrong = DESTINATION.replace("orbit-reports/*", "orbit-reports/inv/*");
    world.store.set_policy("orbit-reports", &wrong).unwrap();
    expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC302","dialect":"coreweave","level":"warning","message":"nobody who shall read what is delivered may get it","pointer":""},{"code":"PC201","dialect":"coreweave","level":"error","message":"`arn:aws:iam::static:role/static/inventory` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inventory/orbit-raw/docs-daily/data/`: of statement 0 `Resource` does not hold; the write is probed when the configuration is put, which is then refused","pointer":"/Statement/0/Resource","suggestion":"{\"Action\":[\"s3:PutObject\",\"s3:AbortMultipartUpload\"],\"Effect\":\"Allow\",\"Principal\":{\"CW\":\"arn:aws:iam::static:role/static/inventory\"},\"Resource\":\"arn:aws:s3:::orbit-reports/inventory/*\",\"Sid\":\"StocktakeDelivery\"}"},{"code":"PC101","dialect":"coreweave","level":"warning","message":"there is no action `s3:ListObjects`","pointer":"/Statement/1/Action/3","suggestion":"\"s3:ListBucket\""}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>IllegalInventoryConfigurationException</Code><Message>The inventory service cannot write to the destination bucket: by its policy, PC201 at /Statement/0/Resource: `arn:aws:iam::static:role/static/inventory` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inventory/orbit-raw/docs-daily/data/`: of statement 0 `Resource` does not hold; the write is probed when the configuration is put, which is then refused</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&put(ORC));
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*"}]}"#;
    world.store.set_policy("orbit-reports", deny).unwrap();
    expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC201","dialect":"coreweave","level":"error","message":"`arn:aws:iam::static:role/static/inventory` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inventory/orbit-raw/docs-daily/data/`: statement 0 `Shut` denies it; the write is probed when the configuration is put, which is then refused","pointer":"/Statement/0"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>IllegalInventoryConfigurationException</Code><Message>The inventory service cannot write to the destination bucket: by its policy, PC201 at /Statement/0: `arn:aws:iam::static:role/static/inventory` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inventory/orbit-raw/docs-daily/data/`: statement 0 `Shut` denies it; the write is probed when the configuration is put, which is then refused</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&put(ORC));
    assert_eq!(format!("{:?}", world.state), before);
}

#[test]
fn amazon_s3_does_not_look_and_its_users_are_told() {
    let world = World::new(Dialect::Aws);
    expect![[r#"
        200
        x-stocktake-findings: [{"code":"PC201","dialect":"aws","level":"error","message":"`s3.amazonaws.com` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inv/orbit-raw/docs-daily/data/`: no statement allows it","pointer":"","suggestion":"{\"Action\":\"s3:PutObject\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:::orbit-raw\"},\"StringEquals\":{\"aws:SourceAccount\":\"210987654321\",\"s3:x-amz-acl\":\"bucket-owner-full-control\"}},\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Resource\":\"arn:aws:s3:::orbit-reports/inv/*\",\"Sid\":\"StocktakeDelivery\"}"}]
        x-amz-request-id: 4442587FB7D0A2F9


    "#]].assert_eq(&world.ask(PUT, CLI));
    let other_source = AWS.replace(":::orbit-raw", ":::orbit-other");
    world.store.set_policy("orbit-reports", &other_source).unwrap();
    expect![[r#"
        200
        x-stocktake-findings: [{"code":"PC201","dialect":"aws","level":"error","message":"`s3.amazonaws.com` may not do `s3:PutObject` on `arn:aws:s3:::orbit-reports/inv/orbit-raw/docs-daily/data/`: of statement 0 `Condition` does not hold","pointer":"/Statement/0/Condition/ArnLike/aws:SourceArn","suggestion":"{\"Action\":\"s3:PutObject\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:::orbit-raw\"},\"StringEquals\":{\"aws:SourceAccount\":\"210987654321\",\"s3:x-amz-acl\":\"bucket-owner-full-control\"}},\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Resource\":\"arn:aws:s3:::orbit-reports/inv/*\",\"Sid\":\"StocktakeDelivery\"}"},{"code":"PC206","dialect":"aws","level":"error","message":"the grant is for another source; this one is `arn:aws:s3:::orbit-raw`","pointer":"/Statement/0/Condition/ArnLike/aws:SourceArn","suggestion":"\"arn:aws:s3:::orbit-raw\""}]
        x-amz-request-id: 4442587FB7D0A2F9


    "#]].assert_eq(&world.ask(PUT, CLI));
    world.store.set_policy("orbit-reports", AWS).unwrap();
    expect![[r#"
        200
        x-amz-request-id: 4442587FB7D0A2F9


    "#]]
    .assert_eq(&world.ask(PUT, CLI));
    // Who may put it and may neither get nor list it is told that too.
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutInventoryConfiguration","Resource":"arn:aws:s3:::orbit-raw"}]}"#;
    let world = world.with_identity("AKONE", aws_user(&[own]));
    expect![[r#"
        200
        x-stocktake-findings: [{"code":"PC305","dialect":"aws","level":"error","message":"`arn:aws:iam::210987654321:user/ann` may not do `s3:GetInventoryConfiguration` on `arn:aws:s3:::orbit-raw`, by the gate `identity`: of statement 0 `Action` does not hold","pointer":"/Statement/0/Action"}]
        x-amz-request-id: 4442587FB7D0A2F9


    "#]].assert_eq(&shown(&world.raw(&world.signed("AKONE", request(PUT, CLI)))));
}

#[test]
fn any_looks_where_there_is_a_policy() {
    let world = World::new(Dialect::Any).with_identity("AKUSER", coreweave_user(&[ALL_S3]));
    let put = || shown(&world.raw(&world.signed("AKUSER", request(PUT, ORC))));
    let without = put();
    assert!(!without.contains("PC"), "{without}");
    world.store.set_policy("orbit-reports", DESTINATION).unwrap();
    expect![[r#"
        200
        x-stocktake-findings: [{"code":"CF100","dialect":"aws","level":"info","message":"`aws` would refuse this: Amazon S3 has no field `LastAccessedDate`","pointer":"/OptionalFields/0"},{"code":"PC203","dialect":"coreweave","level":"warning","message":"the writer may not do `s3:AbortMultipartUpload`, so parts of broken uploads stay","pointer":"/Statement/0/Action"},{"code":"PC310","dialect":"coreweave","level":"warning","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may do `s3:GetObject` and not `s3:ListBucket`: of statement 1 `Action` does not hold","pointer":"/Statement/1/Action"},{"code":"PC101","dialect":"coreweave","level":"warning","message":"there is no action `s3:ListObjects`","pointer":"/Statement/1/Action/3","suggestion":"\"s3:ListBucket\""}]
        x-amz-request-id: 4442587FB7D0A2F9


    "#]].assert_eq(&put());
}

#[test]
fn reports_into_the_bucket_that_is_listed_have_one_policy() {
    let world = World::new(Dialect::Coreweave).with_identity("AKUSER", coreweave_user(&[ALL_S3]));
    let both = DESTINATION
        .replace("orbit-reports", "orbit-raw")
        .replace(r#""s3:ListObjects""#, r#""s3:ListObjects","s3:PutInventoryConfiguration""#);
    world.store.set_policy("orbit-raw", &both).unwrap();
    let document = ORC.replace("orbit-reports", "orbit-raw");
    expect![[r#"
        200
        x-stocktake-findings: [{"code":"PC203","dialect":"coreweave","level":"warning","message":"the writer may not do `s3:AbortMultipartUpload`, so parts of broken uploads stay","pointer":"/Statement/0/Action"},{"code":"PC210","dialect":"coreweave","level":"warning","message":"the writer writes to arn:aws:s3:::orbit-raw/inventory/* alone","pointer":"/Statement/0/Resource/0","suggestion":"\"arn:aws:s3:::orbit-raw/inventory/*\""},{"code":"PC305","dialect":"coreweave","level":"error","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:DeleteInventoryConfiguration` on `arn:aws:s3:::orbit-raw`, by the gate `bucket`: of statement 1 `Action` does not hold","pointer":"/Statement/1/Action"},{"code":"PC305","dialect":"coreweave","level":"error","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:GetInventoryConfiguration` on `arn:aws:s3:::orbit-raw`, by the gate `bucket`: of statement 1 `Action` does not hold","pointer":"/Statement/1/Action"},{"code":"PC305","dialect":"coreweave","level":"error","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:ListInventoryConfigurations` on `arn:aws:s3:::orbit-raw`, by the gate `bucket`: of statement 1 `Action` does not hold","pointer":"/Statement/1/Action"},{"code":"PC310","dialect":"coreweave","level":"warning","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may do `s3:GetObject` and not `s3:ListBucket`: of statement 1 `Action` does not hold","pointer":"/Statement/1/Action"},{"code":"PC101","dialect":"coreweave","level":"warning","message":"there is no action `s3:ListObjects`","pointer":"/Statement/1/Action/3","suggestion":"\"s3:ListBucket\""}]
        x-amz-request-id: 4442587FB7D0A2F9


    "#]].assert_eq(&shown(&world.raw(&world.signed("AKUSER", request(PUT, &document)))));
}

/// What keeps a configuration from being put keeps it from being run: as it is stored, as a document, by either API.
#[test]
fn a_run_passes_what_a_configuration_passes() {
    let refused = "400 IllegalInventoryConfigurationException";
    let once = ORC
        .replace("<IsEnabled>true</IsEnabled>", "")
        .replace("<Schedule><Frequency>Daily</Frequency></Schedule>", "");
    let wrong = DESTINATION.replace("orbit-reports/*", "orbit-reports/inv/*");
    for dialect in [Dialect::Any, Dialect::Coreweave] {
        let world = World::new(dialect);
        world.store.set_policy("orbit-reports", DESTINATION).unwrap();
        assert_eq!(world.brief(PUT, ORC), "200");
        world.store.set_policy("orbit-reports", &wrong).unwrap();
        assert_eq!(world.brief(PUT, ORC), refused);
        let before = format!("{:?}", world.state);
        let post = "POST /orbit-raw?inventory&id=docs-daily";
        let runs = "POST /v1/stocktake/inventory/orbit-raw/docs-daily/runs";
        let other = once.replace("docs-daily", "other");
        let mut ways = vec![(runs.to_owned(), ""), (runs.replace("docs-daily", "other"), &other)];
        if dialect == Dialect::Any {
            ways.extend([(post.to_owned(), ""), (post.replace("docs-daily", "other"), &other)]);
        }
        for (line, body) in ways {
            assert_eq!(world.brief(&line, body), refused, "{dialect:?} {line} {body}");
        }
        assert_eq!(format!("{:?}", world.state), before);
        assert!(world.tasks.0.borrow().is_empty());
        world.store.set_policy("orbit-reports", DESTINATION).unwrap();
        assert!(world.brief(runs, "").starts_with("202 "));
    }
}
