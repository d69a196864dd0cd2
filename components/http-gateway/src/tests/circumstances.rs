//! What policies may ask about a caller and a request.

use stocktake_capabilities::Identity;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, PUT};
use super::policy::{ALL_S3, aws_user, coreweave_user};
use super::world::World;

/// The status of a call by somebody, where a bucket has a policy.
fn status(
    dialect: Dialect,
    who: Identity,
    policy: Option<&str>,
    (line, body): (&str, &str),
) -> String {
    let world = World::new(dialect).with_identity("AKONE", who);
    if let Some(policy) = policy {
        world.store.set_policy("orbit-raw", policy).unwrap();
    }
    world.brief_by("AKONE", line, body).split(' ').next().unwrap_or_default().to_owned()
}

const HEAD: (&str, &str) = ("HEAD /orbit-raw", "");

#[test]
fn the_fields_of_a_configuration() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutInventoryConfiguration","Resource":"*","Condition":{"ForAllValues:StringEquals":{"s3:InventoryAccessibleOptionalFields":["Size","StorageClass"]}}}]}"#;
    let ask = |body: &str| status(Dialect::Aws, aws_user(&[policy]), None, (PUT, body));
    assert_eq!(ask(CLI), "403");
    assert_eq!(ask(&CLI.replace("ETag", "StorageClass")), "200");
}

#[test]
fn the_organization_of_a_caller() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CW":"*"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::orbit-raw","Condition":{"StringEquals":{"cw:PrincipalOrgID":"f3a9c1"}}}]}"#;
    let ask = |account: &str| {
        let who = Identity { account: account.to_owned(), ..coreweave_user(&[ALL_S3]) };
        let principal = who.principal.replace("f3a9c1", account);
        status(Dialect::Coreweave, Identity { principal, ..who }, Some(policy), HEAD)
    };
    assert_eq!(ask("f3a9c1"), "200");
    assert_eq!(ask("0f3a9c"), "403");
}

#[test]
fn the_groups_of_a_caller() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::f3a9c1:saml/analysts"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::orbit-raw"}]}"#;
    let by_key = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CW":"*"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::orbit-raw","Condition":{"ForAnyValue:StringEquals":{"iam:f3a9c1:groups":"analysts"}}}]}"#;
    let by_role = ALL_S3.replace(r#""principals":["*"]"#, r#""principals":["role/analysts"]"#);
    let ask = |own: &str, roles: &[&str], policy| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let who = Identity { roles, ..coreweave_user(&[own]) };
        status(Dialect::Coreweave, who, policy, HEAD)
    };
    for (own, policy) in [(ALL_S3, Some(policy)), (ALL_S3, Some(by_key)), (by_role.as_str(), None)]
    {
        assert_eq!(ask(own, &["others", "analysts"], policy), "200", "{own} {policy:?}");
        assert_eq!(ask(own, &["others"], policy), "403", "{own} {policy:?}");
        assert_eq!(ask(own, &[], policy), "403", "{own} {policy:?}");
    }
}

#[test]
fn the_name_of_a_caller() {
    for (name, expected) in [("coreweave/u-7c21", "200"), ("coreweave/u-other", "403")] {
        let own = ALL_S3.replace(r#""principals":["*"]"#, &format!(r#""principals":["{name}"]"#));
        let answer = status(Dialect::Coreweave, coreweave_user(&[&own]), None, HEAD);
        assert_eq!(answer, expected, "{name}");
    }
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::orbit-${aws:username}"}]}"#;
    for (name, expected) in [("raw", "200"), ("team/raw", "200"), ("*", "403"), ("other", "403")] {
        let principal = format!("arn:aws:iam::210987654321:user/{name}");
        let who = Identity { principal, ..aws_user(&[own]) };
        assert_eq!(status(Dialect::Aws, who, None, HEAD), expected, "{name}");
    }
}

#[test]
fn the_time_and_the_owner() {
    for (key, value, expected) in [
        (r#""DateLessThan":{"aws:CurrentTime""#, "2026-11-07T12:00:01Z", "200"),
        (r#""DateLessThan":{"aws:CurrentTime""#, "2026-11-07T12:00:00Z", "403"),
        (r#""NumericLessThanEquals":{"aws:EpochTime""#, "1794052800", "200"),
        (r#""StringEquals":{"aws:ResourceAccount""#, "210987654321", "200"),
        (r#""StringEquals":{"aws:ResourceAccount""#, "111111111111", "403"),
        (r#""StringEquals":{"aws:RequestedRegion""#, "us-east-1", "200"),
        (r#""StringNotEquals":{"aws:SourceVpce""#, "vpce-1", "200"),
        // What nobody here knows decides for nobody.
        (r#""IpAddress":{"aws:SourceIp""#, "0.0.0.0/0", "403"),
    ] {
        let own = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{{key}:"{value}"}}}}}}]}}"#
        );
        let answer = status(Dialect::Aws, aws_user(&[&own]), None, HEAD);
        assert_eq!(answer, expected, "{key} {value}");
    }
}

#[test]
fn the_address_of_a_client() {
    let aws = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#;
    let cos = r#"{"version":"2.0","statement":[{"effect":"allow","action":["*"],"resource":["*"],"condition":{"ip_equal":{"qcs:ip":"10.0.0.0/8"}}}]}"#;
    for (dialect, policy, bucket) in
        [(Dialect::Aws, aws, "orbit-raw"), (Dialect::Cos, cos, "orbit-raw-1")]
    {
        let world = World::new(dialect)
            .with_bucket("orbit-raw-1")
            .with_identity("AKONE", aws_user(&[policy]));
        for (address, expected) in
            [(Some("10.1.2.3"), 200), (Some("11.1.2.3"), 403), (Some("::1"), 403), (None, 403)]
        {
            let mut asked = super::world::request(&format!("HEAD /{bucket}"), "");
            asked.head.address = address.map(|address| address.parse().unwrap());
            let answer = world.raw(&world.signed("AKONE", asked));
            assert_eq!(answer.status, expected, "{dialect:?} {address:?}");
        }
    }
}
