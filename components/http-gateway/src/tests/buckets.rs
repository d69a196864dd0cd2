//! Buckets over the S3 API.

use expect_test::expect;
use stocktake_core::finding::Dialect;

use stocktake_capabilities::{BucketCreation, Condition, CreationOutcome, Error, State as _};

use super::world::{World, request, shown};

/// A store in which every name belongs to somebody else already.
struct Taken;

impl BucketCreation for Taken {
    fn create_bucket(&self, _: &str, _: Option<&str>) -> Result<CreationOutcome, Error> {
        Ok(CreationOutcome::Taken)
    }
}

#[test]
fn buckets_are_made_found_and_listed() {
    let world = World::new(Dialect::Any);
    let location = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>US-EAST-04A</LocationConstraint></CreateBucketConfiguration>";
    expect![[r#"
        200
        location: /orbit-new
        x-amz-request-id: 4442587FB7D0A2F9


    "#]]
    .assert_eq(&world.ask("PUT /orbit-new", location));
    expect![[r#"
        200
        x-amz-bucket-region: us-east-1
        x-amz-request-id: 4442587FB7D0A2F9


    "#]]
    .assert_eq(&world.ask("HEAD /orbit-new", ""));
    expect![[r#"
        404
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9


    "#]]
    .assert_eq(&world.ask("HEAD /absent", ""));
    expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>210987654321</ID></Owner><Buckets><Bucket><Name>orbit-new</Name><CreationDate>2026-11-07T12:00:00.000Z</CreationDate></Bucket><Bucket><Name>orbit-raw</Name><CreationDate>2026-11-07T12:00:00.000Z</CreationDate></Bucket><Bucket><Name>orbit-reports</Name><CreationDate>2026-11-07T12:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>
    "#]].assert_eq(&world.ask("GET /", ""));
    expect![[r#"
        409
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>BucketAlreadyOwnedByYou</Code><Message>Your previous request to create the named bucket succeeded and you already own it.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask("PUT /orbit-new", ""));
    expect![[r#"
        409
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>BucketAlreadyExists</Code><Message>The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&shown(&world.raw_with(&world.signed("AKADMIN", request("PUT /taken", "")), &Taken)));
    expect![[r#"
        400
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedXML</Code><Message>The XML you provided was not well-formed or did not validate against our published schema</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&world.ask("PUT /orbit-other", "<a/>"));
}

#[test]
fn a_new_bucket_has_no_policy_of_an_older_one() {
    let world = World::new(Dialect::Any);
    world.state.put("policies/orbit-new", b"{}", Condition::Always).unwrap();
    assert_eq!(world.brief("PUT /orbit-new", ""), "200");
    assert_eq!(world.brief("GET /orbit-new?policy", ""), "404 NoSuchBucketPolicy");
}

/// A store that is asked too much.
struct Busy;

impl BucketCreation for Busy {
    fn create_bucket(&self, _: &str, _: Option<&str>) -> Result<CreationOutcome, Error> {
        Err(Error::Throttled(Some(7)))
    }
}

#[test]
fn a_busy_store_says_when_to_come_again() {
    let world = World::new(Dialect::Any);
    let asked = world.signed("AKADMIN", request("PUT /orbit-new", ""));
    expect![[r#"
        503
        content-type: application/xml
        retry-after: 7
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&shown(&world.raw_with(&asked, &Busy)));
}

#[test]
fn lists_come_in_pages_and_by_prefix() {
    let mut world = World::new(Dialect::Any);
    for name in ["a-1", "a-2", "a-3", "a-4", "a-5"] {
        world = world.with_bucket(name);
    }
    let names = |world: &World, line: &str| {
        let body = String::from_utf8(world.answer(line, "").body).unwrap();
        let part = |tag: &str| -> Vec<String> {
            let tag = format!("<{tag}>");
            let parts = body.split(&tag).skip(1);
            parts.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect()
        };
        format!("{} {}", part("Name").join(" "), part("ContinuationToken").join(" "))
    };
    assert_eq!(names(&world, "GET /?prefix=a-"), "a-1 a-2 a-3 a-4 a-5 ");
    assert_eq!(names(&world, "GET /?max-buckets=2&prefix=a-"), "a-1 a-2 1/a-2");
    assert_eq!(names(&world, "GET /?max-buckets=2&continuation-token=1/a-2"), "a-3 a-4 1/a-4");
    assert_eq!(
        names(&world, "GET /?max-buckets=3&continuation-token=1%2Fa-4"),
        "a-5 orbit-raw orbit-reports "
    );
    // More than the store lists at once.
    for number in 0..1200 {
        world = world.with_bucket(&format!("b-{number:04}"));
    }
    let all = names(&world, "GET /?prefix=b-");
    assert_eq!(all.split_whitespace().count(), 1200);
    assert!(names(&world, "GET /?prefix=b-&max-buckets=1100").ends_with("b-1099 1/b-1099"));
    for query in ["max-buckets=0", "max-buckets=10001", "max-buckets=a", "continuation-token=a"] {
        assert_eq!(world.brief(&format!("GET /?{query}"), ""), "400 InvalidArgument", "{query}");
    }
}

#[test]
fn names_follow_the_rules_of_the_dialect() {
    for (dialect, name, expected) in [
        (Dialect::Aws, "a.b.c", "200"),
        (Dialect::Aws, "sthree-a", "400 InvalidBucketName"),
        (Dialect::Aws, "10.0.0.1", "400 InvalidBucketName"),
        (Dialect::Coreweave, "a.b.c", "400 InvalidBucketName"),
        (Dialect::Coreweave, "cw-f3a9c1-audit-logs", "400 InvalidBucketName"),
        (Dialect::Coreweave, "vip-1", "400 InvalidBucketName"),
        (Dialect::Coreweave, "log-stitcher-ch-1", "400 InvalidBucketName"),
        (Dialect::Coreweave, "int", "400 InvalidBucketName"),
        (Dialect::Coreweave, "integer", "200"),
        (Dialect::Cos, "reports", "400 InvalidBucketName"),
        (Dialect::Cos, "reports-1259999999", "200"),
        (Dialect::Any, "cw-f3a9c1-audit-logs", "200"),
        (Dialect::Any, "Upper", "400 InvalidBucketName"),
        (Dialect::Any, "ab", "400 InvalidBucketName"),
    ] {
        let world = World::new(dialect);
        assert_eq!(world.brief(&format!("PUT /{name}"), ""), expected, "{dialect:?} {name}");
    }
}

#[test]
fn amazon_s3_has_a_location_for_each_endpoint() {
    let body = |name: &str| {
        format!(
            "<CreateBucketConfiguration><LocationConstraint>{name}</LocationConstraint></CreateBucketConfiguration>"
        )
    };
    let mut world = World::new(Dialect::Aws);
    let refused = "400 IllegalLocationConstraintException";
    assert_eq!(world.brief("PUT /bucket-1", &body("eu-west-1")), refused);
    assert_eq!(world.brief("PUT /bucket-1", ""), "200");
    world.settings.region = "eu-west-1".to_owned();
    assert_eq!(world.brief("PUT /bucket-2", ""), refused);
    assert_eq!(world.brief("PUT /bucket-2", &body("eu-west-1")), "200");
}

#[test]
fn what_is_not_offered_is_told_apart() {
    let world = World::new(Dialect::Any);
    for (line, expected) in [
        ("GET /orbit-raw", "501 NotImplemented"),
        ("GET /orbit-raw?list-type=2", "501 NotImplemented"),
        ("GET /orbit-raw?acl", "501 NotImplemented"),
        ("PUT /orbit-raw?versioning", "501 NotImplemented"),
        ("DELETE /orbit-raw", "501 NotImplemented"),
        ("POST /orbit-raw?delete", "501 NotImplemented"),
        ("GET /orbit-raw/key", "501 NotImplemented"),
        ("PUT /orbit-raw/key", "501 NotImplemented"),
        ("PATCH /orbit-raw", "405 MethodNotAllowed"),
        ("POST /", "405 MethodNotAllowed"),
        ("POST /orbit-raw?policy", "405 MethodNotAllowed"),
        ("GET /orbit-raw?inventory&id=%zz", "400 InvalidURI"),
        ("GET /orbit%", "400 InvalidURI"),
        ("GET /Orbit_Raw?policy", "400 InvalidBucketName"),
    ] {
        let expected = expected.to_owned();
        let answer = super::world::brief(&world.raw(&world_request(&world, line)));
        assert_eq!(answer, expected, "{line}");
    }
}

/// A part that is not known would be none, and a PUT without one makes a bucket.
#[test]
fn parts_that_are_not_offered_make_no_bucket() {
    let world = World::new(Dialect::Any);
    for part in "acl cors encryption lifecycle logging notification object-lock ownershipControls \
        publicAccessBlock replication tagging versioning website"
        .split_whitespace()
    {
        let line = format!("PUT /orbit-new?{part}");
        assert_eq!(world.brief(&line, ""), "501 NotImplemented", "{part}");
    }
    assert_eq!(world.brief("HEAD /orbit-new", ""), "404");
    // Others say nothing.
    assert_eq!(world.brief("PUT /orbit-new?x-id=CreateBucket", ""), "200");
}

/// A request that is signed where it can be.
fn world_request(world: &World, line: &str) -> crate::Request {
    if line.contains("%zz") || line.ends_with('%') {
        return request(line, "");
    }
    world.signed("AKADMIN", request(line, ""))
}

#[test]
fn a_bucket_may_be_named_by_the_host() {
    let mut world = World::new(Dialect::Any);
    world.settings.domains = vec!["s3.example.org".to_owned()];
    let mut asked = request("HEAD /", "");
    asked.head.authority = "orbit-raw.s3.example.org:9000".to_owned();
    assert_eq!(world.raw(&world.signed("AKADMIN", asked)).status, 200);
    let mut asked = request("GET /?inventory", "");
    asked.head.authority = "absent.s3.example.org".to_owned();
    let answer = world.raw(&world.signed("AKADMIN", asked));
    assert_eq!(super::world::brief(&answer), "404 NoSuchBucket");
}

#[test]
fn the_location_of_a_bucket_is_the_region_and_empty_in_the_first_one() {
    let mut world = World::new(Dialect::Any).with_identity("AKONE", super::policy::aws_user(&[]));
    expect![[r#"
        200
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>
    "#]].assert_eq(&world.ask("GET /orbit-raw?location", ""));
    assert_eq!(world.brief("GET /absent?location", ""), "404 NoSuchBucket");
    assert_eq!(world.brief("PUT /orbit-raw?location", ""), "405 MethodNotAllowed");
    assert_eq!(world.brief_by("AKONE", "GET /orbit-raw?location", ""), "403 AccessDenied");
    world.settings.region = "eu-west-1".to_owned();
    let body = |world: &World| {
        String::from_utf8(world.answer("GET /orbit-raw?location", "").body).unwrap()
    };
    assert!(body(&world).ends_with("/2006-03-01/\">eu-west-1</LocationConstraint>"));
    world.settings.dialect = Dialect::Cos;
    assert!(body(&world).ends_with("<LocationConstraint>eu-west-1</LocationConstraint>"));
}
