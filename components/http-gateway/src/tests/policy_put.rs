//! What refuses a bucket's policy when it is put, and what is merely told.

use expect_test::expect;
use stocktake_capabilities::Identity;
use stocktake_core::finding::Dialect;
use stocktake_core::policy::BucketRole;

use super::inventory::{CLI, PUT};
use super::policy::{ALL_S3, DESTINATION, ORC, SOURCE, aws_user, coreweave_user};
use super::world::{World, brief, request, shown};

const POLICY: &str = "PUT /orbit-raw?policy";

/// A policy of one statement for the bucket and its objects.
fn statement(effect: &str, principal: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{principal},"Action":{action},"Resource":["arn:aws:s3:::orbit-raw","arn:aws:s3:::orbit-raw/*"]}}]}}"#
    )
}

/// The answer to a policy that is put with a header, as text.
fn put_with(world: &World, id: &str, policy: &str, header: (&str, &str)) -> String {
    let mut asked = request(POLICY, policy);
    asked.head.headers.push((header.0.to_owned(), header.1.as_bytes().to_vec()));
    shown(&world.raw(&world.signed(id, asked)))
}

#[test]
fn an_error_in_a_policy_refuses_it() {
    let world = World::new(Dialect::Aws);
    let wrong = statement("Allow", r#""*""#, r#"["s3:GetObject","s3:ListObjects"]"#);
    expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC101","dialect":"aws","level":"error","message":"there is no action `s3:ListObjects`","pointer":"/Statement/0/Action/1","suggestion":"\"s3:ListBucket\""},{"code":"PC221","dialect":"aws","level":"security","message":"everybody is let in, whoever they are and wherever from","pointer":"/Statement/0/Principal"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code><Message>PC101 at /Statement/0/Action/1: there is no action `s3:ListObjects`</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask(POLICY, &wrong));
    let wrong = statement("Allow", r#"{"CW":"*"}"#, r#"["s3:GetObject","s3:ListObjects"]"#);
    expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC101","dialect":"aws","level":"error","message":"there is no action `s3:ListObjects`","pointer":"/Statement/0/Action/1","suggestion":"\"s3:ListBucket\""},{"code":"PC120","dialect":"aws","level":"error","message":"`CW` is no kind of principal","pointer":"/Statement/0/Principal/CW"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code><Message>PC101 at /Statement/0/Action/1: there is no action `s3:ListObjects`; and 1 more</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask(POLICY, &wrong));
    let wrong = DESTINATION.replace("2012-10-17", "2020-01-01");
    expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC101","dialect":"coreweave","level":"warning","message":"there is no action `s3:ListObjects`","pointer":"/Statement/1/Action/3","suggestion":"\"s3:ListBucket\""},{"code":"PC006","dialect":"coreweave","level":"error","message":"the version is \"2020-01-01\"","pointer":"/Version","suggestion":"\"2012-10-17\""}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code><Message>PC006 at /Version: the version is &quot;2020-01-01&quot;</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&World::new(Dialect::Any).ask("PUT /orbit-reports?policy", &wrong));
    assert_eq!(world.brief("GET /orbit-raw?policy", ""), "404 NoSuchBucketPolicy");
}

/// Such a policy works at the provider, and keeps its service from delivering reports.
#[test]
fn a_denial_that_breaks_deliveries_is_refused() {
    let world = World::new(Dialect::Aws);
    let deny = r#",{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}]}"#;
    let policy = super::delivery::AWS.replace("]}", deny);
    expect![[r#"
        400
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC136","dialect":"aws","level":"error","message":"no service has `aws:PrincipalOrgID`, so this denies what services deliver","pointer":"/Statement/1/Condition/StringNotEquals/aws:PrincipalOrgID"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code><Message>PC136 at /Statement/1/Condition/StringNotEquals/aws:PrincipalOrgID: no service has `aws:PrincipalOrgID`, so this denies what services deliver</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask("PUT /orbit-reports?policy", &policy));
    assert_eq!(world.brief("GET /orbit-reports?policy", ""), "404 NoSuchBucketPolicy");
    let keyed = policy.replace("StringNotEquals", "StringNotEqualsIfExists");
    let spared = keyed.replace("}}}]}", r#"},"Bool":{"aws:PrincipalIsAWSService":"false"}}}]}"#);
    assert_eq!(world.brief("PUT /orbit-reports?policy", &spared), "204");
}

#[test]
fn the_policies_of_a_guide_are_taken_and_told_of() {
    for dialect in [Dialect::Coreweave, Dialect::Any] {
        let world = World::new(dialect).with_identity("AKUSER", coreweave_user(&[ALL_S3]));
        let answer = world.raw(&world.signed("AKUSER", request(POLICY, SOURCE)));
        let codes = codes(&answer);
        assert_eq!((answer.status, codes.as_str()), (204, "PC110 PC301 PC305"), "{dialect:?}");
        // The guide for reports that go into the bucket that is listed: nobody but the writer is left.
        let writer = DESTINATION.replace("orbit-reports", "orbit-raw");
        let end = writer.find(r#",{"Effect""#).unwrap();
        let writer = format!("{}]}}", &writer[..end]);
        let answer = world.raw(&world.signed("AKUSER", request(POLICY, &writer)));
        let told = self::codes(&answer);
        assert_eq!((answer.status, told.as_str()), (409, "PC301 PC303 PC305"), "{dialect:?}");
        let confirmed = put_with(&world, "AKUSER", &writer, ("x-stocktake-confirm", "lockout"));
        assert!(confirmed.starts_with("204\n"), "{dialect:?} {confirmed}");
        assert_eq!(world.brief_by("AKUSER", PUT, ORC), "403 AccessDenied");
        assert_eq!(world.brief_by("AKUSER", POLICY, SOURCE), "204");
    }
}

/// The codes that the header has, each once.
fn codes(answer: &crate::Response) -> String {
    let header = answer.headers.iter().find(|(name, _)| *name == "x-stocktake-findings");
    let found: Vec<serde_json::Value> =
        serde_json::from_str(header.map_or("[]", |(_, value)| value)).unwrap();
    let mut codes: Vec<&str> = found.iter().filter_map(|it| it["code"].as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(" ")
}

#[test]
fn who_could_not_undo_it_must_confirm() {
    let root = Identity {
        principal: "arn:aws:iam::210987654321:root".to_owned(),
        administrator: true,
        ..aws_user(&[])
    };
    let world = World::new(Dialect::Aws).with_identity("AKROOT", root);
    let deny = statement("Deny", r#""*""#, r#""s3:*""#);
    expect![[r#"
        409
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:DeleteObject` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:GetInventoryConfiguration` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:GetObject` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:ListBucket` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:PutBucketPolicy` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:PutInventoryConfiguration` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC304","dialect":"aws","level":"error","message":"the statement denies `s3:PutObject` to `arn:aws:iam::210987654321:user/admin`, who manages or reads the bucket","pointer":"/Statement/0"},{"code":"PC305","dialect":"aws","level":"error","message":"`arn:aws:iam::210987654321:user/admin` may not do `s3:GetInventoryConfiguration`, by the gate `bucket`: statement 0 denies it","pointer":"/Statement/0"},{"code":"PC305","dialect":"aws","level":"error","message":"`arn:aws:iam::210987654321:user/admin` may not do `s3:PutInventoryConfiguration`, by the gate `bucket`: statement 0 denies it","pointer":"/Statement/0"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>PolicyLocksOut</Code><Message>The policy locks out: you could neither change nor delete this policy. To put it all the same, send the header x-stocktake-confirm: lockout, or --confirm-remove-self-bucket-access with the AWS CLI</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask(POLICY, &deny));
    for header in [
        ("x-stocktake-confirm", "yes"),
        ("x-stocktake-confirm", ""),
        ("x-amz-confirm-remove-self-bucket-access", "false"),
    ] {
        assert!(put_with(&world, "AKADMIN", &deny, header).starts_with("409\n"), "{header:?}");
    }
    assert_eq!(world.brief("GET /orbit-raw?policy", ""), "404 NoSuchBucketPolicy");
    for header in
        [("X-Stocktake-Confirm", "lockout"), ("x-amz-confirm-remove-self-bucket-access", "TRUE")]
    {
        assert!(put_with(&world, "AKADMIN", &deny, header).starts_with("204\n"), "{header:?}");
        assert_eq!(world.brief("GET /orbit-raw?policy", ""), "403 AccessDenied");
        assert_eq!(world.brief_by("AKROOT", "DELETE /orbit-raw?policy", ""), "204");
    }
    // What the account itself can always undo needs no word.
    assert_eq!(world.brief_by("AKROOT", POLICY, &deny), "204");
    assert_eq!(world.brief_by("AKROOT", "DELETE /orbit-raw?policy", ""), "204");
    // Nor does what leaves one of the two ways.
    let replace = statement("Deny", r#""*""#, r#""s3:PutBucketPolicy""#);
    assert_eq!(world.brief(POLICY, &replace), "204");
    assert_eq!(world.brief("DELETE /orbit-raw?policy", ""), "204");
}

#[test]
fn a_source_in_use_keeps_those_whom_it_is_for() {
    let user = coreweave_user(&[ALL_S3]);
    let world = World::new(Dialect::Coreweave).with_identity("AKUSER", user);
    assert_eq!(world.brief_by("AKUSER", "PUT /orbit-reports?policy", DESTINATION), "204");
    assert_eq!(world.brief_by("AKUSER", PUT, ORC), "200");
    let before = format!("{:?}", world.state);
    let answer = world.raw(&world.signed("AKUSER", request(POLICY, SOURCE)));
    expect![[r#"
        409
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC301","dialect":"coreweave","level":"error","message":"all of f3a9c1 would lose s3:ListBucket, s3:DeleteObject, s3:GetObject, s3:PutObject; `s3:PutBucketPolicy` stays with those to whom the organization gives it","pointer":""},{"code":"PC305","dialect":"coreweave","level":"warning","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:DeleteInventoryConfiguration`, by the gate `bucket`: of statement 0 `Resource` may not hold; not known: undocumented:bucket-action-on-object-arn","pointer":"/Statement/0"},{"code":"PC305","dialect":"coreweave","level":"warning","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:GetInventoryConfiguration`, by the gate `bucket`: of statement 0 `Resource` may not hold; not known: undocumented:bucket-action-on-object-arn","pointer":"/Statement/0"},{"code":"PC305","dialect":"coreweave","level":"warning","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:ListInventoryConfigurations`, by the gate `bucket`: of statement 0 `Resource` may not hold; not known: undocumented:bucket-action-on-object-arn","pointer":"/Statement/0"},{"code":"PC305","dialect":"coreweave","level":"warning","message":"`arn:aws:iam::f3a9c1:coreweave/u-7c21` may not do `s3:PutInventoryConfiguration`, by the gate `bucket`: of statement 0 `Resource` may not hold; not known: undocumented:bucket-action-on-object-arn","pointer":"/Statement/0"},{"code":"PC110","dialect":"coreweave","level":"warning","message":"`s3:PutInventoryConfiguration` applies to buckets, but the statement lists objects only","pointer":"/Statement/0/Action/2"},{"code":"PC110","dialect":"coreweave","level":"warning","message":"`s3:ListInventoryConfigurations` applies to buckets, but the statement lists objects only","pointer":"/Statement/0/Action/3"},{"code":"PC110","dialect":"coreweave","level":"warning","message":"`s3:GetInventoryConfiguration` applies to buckets, but the statement lists objects only","pointer":"/Statement/0/Action/4"},{"code":"PC110","dialect":"coreweave","level":"warning","message":"`s3:DeleteInventoryConfiguration` applies to buckets, but the statement lists objects only","pointer":"/Statement/0/Action/5"}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>PolicyLocksOut</Code><Message>The policy locks out: reports list this bucket, and arn:aws:iam::f3a9c1:coreweave/u-7c21 would lose s3:ListBucket, s3:DeleteObject; all of f3a9c1 except arn:aws:iam::f3a9c1:coreweave/u-7c21 would lose s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:PutInventoryConfiguration, s3:GetInventoryConfiguration, s3:ListInventoryConfigurations, s3:DeleteInventoryConfiguration. To put it all the same, send the header x-stocktake-confirm: lockout, or --confirm-remove-self-bucket-access with the AWS CLI</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&shown(&answer));
    assert_eq!(format!("{:?}", world.state), before);
    let confirmed = put_with(&world, "AKUSER", SOURCE, ("x-stocktake-confirm", "lockout"));
    assert!(confirmed.starts_with("204\n"), "{confirmed}");
    // What takes nothing more from anybody needs no word.
    assert_eq!(world.brief_by("AKUSER", POLICY, SOURCE), "204");
}

#[test]
fn a_destination_in_use_keeps_its_readers() {
    let user = coreweave_user(&[ALL_S3]);
    let world = World::new(Dialect::Any).with_identity("AKUSER", user);
    assert_eq!(world.brief_by("AKUSER", "PUT /orbit-reports?policy", DESTINATION), "204");
    let end = DESTINATION.find(r#",{"Effect""#).unwrap();
    let writer = format!("{}]}}", &DESTINATION[..end]);
    let put = |policy: &str| {
        world.raw(&world.signed("AKUSER", request("PUT /orbit-reports?policy", policy)))
    };
    // So does the reader of a bucket where no report goes yet.
    assert_eq!(brief(&put(&writer)), "409 PolicyLocksOut");
    assert_eq!(world.brief(PUT, ORC), "200");
    expect![[r#"
        409
        content-type: application/xml
        x-stocktake-findings: [{"code":"PC301","dialect":"coreweave","level":"error","message":"arn:aws:iam::f3a9c1:coreweave/u-7c21 would lose s3:GetObject; `s3:PutBucketPolicy` stays with those to whom the organization gives it","pointer":""},{"code":"PC302","dialect":"coreweave","level":"warning","message":"nobody would be able to get what is delivered","pointer":""},{"code":"PC303","dialect":"coreweave","level":"warning","message":"the policy until now grants s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListObjects to arn:aws:iam::f3a9c1:coreweave/u-7c21, this one does not","pointer":""}]
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>PolicyLocksOut</Code><Message>The policy locks out: reports are delivered to this bucket, and arn:aws:iam::f3a9c1:coreweave/u-7c21 would lose s3:GetObject, s3:PutObject, s3:DeleteObject. To put it all the same, send the header x-stocktake-confirm: lockout, or --confirm-remove-self-bucket-access with the AWS CLI</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&shown(&put(&writer)));
    let fewer = DESTINATION.replace(r#","s3:DeleteObject""#, "");
    assert_eq!(brief(&put(&fewer)), "204");
}

#[test]
fn where_buckets_are_for_nothing_yet_is_found_out() {
    // Nobody delivers to the bucket of another name.
    let world = World::new(Dialect::Aws).with_bucket("orbit-other");
    assert_eq!(world.brief(PUT, CLI), "200");
    let role = |bucket: &str| {
        let functions = super::functions::Functions(&world.state);
        crate::usage::role(&world.services(&functions), bucket).unwrap()
    };
    assert_eq!(role("orbit-raw"), Some(BucketRole::Source));
    assert_eq!(role("orbit-reports"), Some(BucketRole::Destination));
    assert_eq!(role("orbit-other"), None);
}

/// Whoever has an address that was signed in advance, or hands a request on, could add the header.
#[test]
fn what_confirms_must_be_signed() {
    let world = World::new(Dialect::Aws);
    let deny = statement("Deny", r#""*""#, r#""s3:*""#);
    let confirm = ("x-stocktake-confirm".to_owned(), b"lockout".to_vec());
    let mut added = world.signed("AKADMIN", request(POLICY, &deny));
    added.head.headers.push(confirm.clone());
    let mut presigned = world.presigned("AKADMIN", request(POLICY, &deny), 0);
    presigned.head.headers.push(confirm.clone());
    for unsigned in [added, presigned] {
        let answer = shown(&world.raw(&unsigned));
        assert!(answer.starts_with("403\n"), "{answer}");
        assert!(answer.contains("not signed: x-stocktake-confirm"), "{answer}");
    }
    assert_eq!(world.brief("GET /orbit-raw?policy", ""), "404 NoSuchBucketPolicy");
    let mut asked = request(POLICY, &deny);
    asked.head.headers.push(confirm);
    let presigned = world.presigned("AKADMIN", asked, 0);
    assert_eq!(brief(&world.raw(&presigned)), "204");
}
