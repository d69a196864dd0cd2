//! Bucket policies, and what callers may do.

use stocktake_capabilities::Identity;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, COS, PUT};
use super::world::{RUN, World, brief, request};

/// The policies of `CoreWeave`'s guide to inventory.
pub(super) const SOURCE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CW":["arn:aws:iam::f3a9c1:coreweave/u-7c21"]},"Action":["s3:GetObject","s3:PutObject","s3:PutInventoryConfiguration","s3:ListInventoryConfigurations","s3:GetInventoryConfiguration","s3:DeleteInventoryConfiguration"],"Resource":["arn:aws:s3:::orbit-raw/*"]}]}"#;
pub(super) const DESTINATION: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CW":"arn:aws:iam::static:role/static/inventory"},"Action":"s3:PutObject","Resource":["arn:aws:s3:::orbit-reports/*"]},{"Effect":"Allow","Principal":{"CW":["arn:aws:iam::f3a9c1:coreweave/u-7c21"]},"Action":["s3:GetObject","s3:PutObject","s3:DeleteObject","s3:ListObjects"],"Resource":["arn:aws:s3:::orbit-reports","arn:aws:s3:::orbit-reports/*"]}]}"#;

/// An organization access policy that allows all of S3.
pub(super) const ALL_S3: &str = r#"{"policy":{"version":"v1alpha1","name":"all-s3","statements":[{"name":"all","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}}"#;

/// What the guide puts.
pub(super) const ORC: &str = r#"<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Format>ORC</Format><Prefix>inventory/</Prefix></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>LastAccessedDate</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>"#;

const EVERY_CALL: [&str; 4] = [
    PUT,
    "GET /orbit-raw?inventory&id=docs-daily",
    "GET /orbit-raw?inventory",
    "DELETE /orbit-raw?inventory&id=docs-daily",
];

pub(super) fn coreweave_user(policies: &[&str]) -> Identity {
    Identity {
        principal: "arn:aws:iam::f3a9c1:coreweave/u-7c21".to_owned(),
        account: "f3a9c1".to_owned(),
        secret: "user-secret".to_owned(),
        policies: policies.iter().map(|text| (*text).to_owned()).collect(),
        ..Identity::default()
    }
}

pub(super) fn aws_user(policies: &[&str]) -> Identity {
    Identity {
        principal: "arn:aws:iam::210987654321:user/ann".to_owned(),
        account: "210987654321".to_owned(),
        ..coreweave_user(policies)
    }
}

/// The status of every call on configurations, in order.
fn statuses(world: &World, id: &str, document: &str) -> String {
    let answers = EVERY_CALL.map(|line| {
        let body = if line.starts_with("PUT") { document } else { "" };
        world.brief_by(id, line, body).split(' ').next().unwrap_or_default().to_owned()
    });
    answers.join(" ")
}

#[test]
fn a_policy_is_kept_as_it_was_given() {
    let world = World::new(Dialect::Any);
    let text = format!("{{\n \"Id\": \"é\",{}", DESTINATION.trim_start_matches('{'));
    let (get, put) = ("GET /orbit-reports?policy", "PUT /orbit-reports?policy");
    assert_eq!(world.brief(get, ""), "404 NoSuchBucketPolicy");
    assert_eq!(world.brief(put, &text), "204");
    let mine = World { state: world.state.clone(), ..World::new(Dialect::Coreweave) };
    let mine = mine.with_identity("AKUSER", coreweave_user(&[ALL_S3]));
    // Silent about reading the policy itself, so nobody may.
    assert_eq!(mine.brief_by("AKUSER", get, ""), "403 AccessDenied");
    assert_eq!(world.brief(get, ""), "403 AccessDenied");
    let stored = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::orbit-reports/*"}} "#;
    assert_eq!(world.brief(put, stored), "204");
    let answer = world.answer(get, "");
    assert_eq!(answer.body, stored.as_bytes());
    assert_eq!(answer.headers[0], ("content-type", "application/json".to_owned()));
    assert_eq!(world.brief("DELETE /orbit-reports?policy", ""), "204");
    assert_eq!(world.brief("DELETE /orbit-reports?policy", ""), "204");
    assert_eq!(world.brief(get, ""), "404 NoSuchBucketPolicy");
    // What the store itself says holds where nothing was put.
    world.store.set_policy("orbit-reports", "{ }").unwrap();
    assert_eq!(world.brief(get, ""), "403 AccessDenied");
    world.store.set_policy("orbit-reports", stored).unwrap();
    assert_eq!(world.answer(get, "").body, stored.as_bytes());
}

#[test]
fn a_policy_that_cannot_be_judged_is_refused() {
    for dialect in [Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos] {
        let world = World::new(dialect).with_bucket("orbit-reports-1");
        for body in [
            "",
            " {}",
            "[]",
            "{",
            "{} {}",
            "{}",
            r#"{"Version":"2012-10-17"}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"allow!","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#,
            r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}"#,
        ] {
            let answer = world.brief("PUT /orbit-reports-1?policy", body);
            assert_eq!(answer, "400 MalformedPolicy", "{dialect:?} {body}");
        }
    }
}

#[test]
fn the_guide_of_coreweave_can_be_followed() {
    for dialect in [Dialect::Coreweave, Dialect::Any] {
        let world = World::new(dialect).with_identity("AKUSER", coreweave_user(&[ALL_S3]));
        let user = |line: &str, body: &str| world.brief_by("AKUSER", line, body);
        assert_eq!(user("PUT /orbit-raw?policy", SOURCE), "204");
        if dialect == Dialect::Coreweave {
            let refused = "400 IllegalInventoryConfigurationException";
            assert_eq!(user(PUT, ORC), refused);
        }
        assert_eq!(user("PUT /orbit-reports?policy", DESTINATION), "204");
        assert_eq!(statuses(&world, "AKUSER", ORC), "200 200 200 204");
        assert_eq!(user(EVERY_CALL[3], ""), "404 NoSuchConfiguration");
        assert_eq!(user("HEAD /orbit-reports", ""), "200");
        assert_eq!(user("HEAD /orbit-raw", ""), "403");
        assert_eq!(user("GET /", "").split(' ').next(), Some("200"));
    }
}

#[test]
fn each_permission_of_coreweave_is_one_of_its_own() {
    for (action, expected) in [
        ("s3:PutInventoryConfiguration", "200 403 403 403"),
        ("s3:GetInventoryConfiguration", "403 200 403 403"),
        ("s3:ListInventoryConfigurations", "403 403 200 403"),
        ("s3:DeleteInventoryConfiguration", "403 403 403 204"),
    ] {
        let world = World::new(Dialect::Coreweave)
            .with_identity("AKALL", coreweave_user(&[ALL_S3]))
            .with_identity("AKONE", coreweave_user(&[&ALL_S3.replace("s3:*", action)]));
        assert_eq!(world.brief_by("AKALL", "PUT /orbit-reports?policy", DESTINATION), "204");
        assert_eq!(world.brief_by("AKALL", PUT, ORC), "200");
        assert_eq!(statuses(&world, "AKONE", ORC), expected, "{action}");
    }
}

#[test]
fn amazon_s3_has_two_permissions() {
    let policy = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:s3:::orbit-raw"}}]}}"#
        )
    };
    for (action, expected) in [
        ("s3:PutInventoryConfiguration", "200 403 403 204"),
        ("s3:GetInventoryConfiguration", "403 200 200 403"),
        ("s3:GetObject", "403 403 403 403"),
        ("s3:*", "200 200 200 204"),
    ] {
        let world = World::new(Dialect::Aws).with_identity("AKONE", aws_user(&[&policy(action)]));
        assert_eq!(world.brief(PUT, CLI), "200");
        assert_eq!(statuses(&world, "AKONE", CLI), expected, "{action}");
    }
}

#[test]
fn whoever_may_only_read_begins_and_ends_no_run() {
    let runs = "/v1/stocktake/inventory/orbit-raw/docs-daily/runs";
    let run = format!("{runs}/{RUN}");
    for (action, expected) in [
        ("s3:GetInventoryConfiguration", "403 200 200 200 403"),
        ("s3:PutInventoryConfiguration", "202 403 403 403 200"),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:s3:::orbit-raw"}}]}}"#
        );
        let world = World::new(Dialect::Aws).with_identity("AKONE", aws_user(&[&policy]));
        assert_eq!(world.brief(PUT, CLI), "200");
        assert!(world.brief(&format!("POST {runs}"), "").starts_with("202"));
        let lines = [
            format!("POST {runs}"),
            format!("GET {}", runs.trim_end_matches("/runs")),
            format!("GET {runs}"),
            format!("GET {run}"),
            format!("DELETE {run}"),
        ];
        let answers = lines.map(|line| {
            world.brief_by("AKONE", &line, "").split(' ').next().unwrap_or_default().to_owned()
        });
        assert_eq!(answers.join(" "), expected, "{action}");
    }
}

#[test]
fn cos_has_permissions_with_names_of_its_own() {
    let policy = |action: &str| {
        format!(
            r#"{{"version":"2.0","statement":[{{"effect":"allow","action":["name/cos:{action}"],"resource":["qcs::cos:ap-tokyo:uid/1:orbit-raw-1/*"]}}]}}"#
        )
    };
    for (action, expected) in [
        ("PutBucketInventory", "200 403 403 403"),
        ("GetBucketInventory", "403 200 200 403"),
        ("DeleteBucketInventory", "403 403 403 204"),
        ("PostBucketInventory", "403 403 403 403"),
        ("*", "200 200 200 204"),
    ] {
        let user = Identity {
            principal: "qcs::cam::uin/100000000001:uin/100000000002".to_owned(),
            account: "100000000001".to_owned(),
            ..coreweave_user(&[&policy(action)])
        };
        let root = Identity { administrator: true, policies: Vec::new(), ..user.clone() };
        let mut world = World::new(Dialect::Cos)
            .with_bucket("orbit-raw-1")
            .with_identity("AKROOT", root)
            .with_identity("AKONE", user);
        world.settings.region = "ap-tokyo".to_owned();
        let line =
            |line: &str| line.replace("orbit-raw", "orbit-raw-1").replace("docs-daily", "m1");
        assert_eq!(world.brief_by("AKROOT", &line(PUT), COS), "200");
        let answers = EVERY_CALL.map(|call| {
            let body = if call.starts_with("PUT") { COS } else { "" };
            world.brief_by("AKONE", &line(call), body).split(' ').next().unwrap().to_owned()
        });
        assert_eq!(answers.join(" "), expected, "{action}");
    }
}

#[test]
fn what_denies_holds_for_administrators_too() {
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::orbit-raw","arn:aws:s3:::orbit-raw/*"]}]}"#;
    let world = World::new(Dialect::Aws).with_identity(
        "AKROOT",
        Identity {
            principal: "arn:aws:iam::210987654321:root".to_owned(),
            administrator: true,
            ..aws_user(&[])
        },
    );
    assert_eq!(world.brief_by("AKROOT", "PUT /orbit-raw?policy", deny), "204");
    assert_eq!(world.brief("PUT /orbit-raw?policy", deny), "403 AccessDenied");
    assert_eq!(world.brief(PUT, CLI), "403 AccessDenied");
    // The account itself can repair a policy that has locked everybody out.
    assert_eq!(world.brief_by("AKROOT", PUT, CLI), "403 AccessDenied");
    assert_eq!(world.brief_by("AKROOT", "DELETE /orbit-raw?policy", ""), "204");
    assert_eq!(world.brief(PUT, CLI), "200");
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:PutInventoryConfiguration","Resource":"*"}]}"#;
    let world = World::new(Dialect::Aws)
        .with_identity("AKONE", Identity { administrator: true, ..aws_user(&[own]) });
    assert_eq!(statuses(&world, "AKONE", CLI), "403 404 200 403");
}

#[test]
fn a_policy_of_coreweave_can_always_be_replaced() {
    let world = World::new(Dialect::Coreweave).with_identity("AKUSER", coreweave_user(&[ALL_S3]));
    let only = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CW":"arn:aws:iam::coreweave:static/audit-logs"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-raw/*"}]}"#;
    assert_eq!(world.brief_by("AKUSER", "PUT /orbit-raw?policy", only), "204");
    assert_eq!(world.brief_by("AKUSER", PUT, ORC), "403 AccessDenied");
    assert_eq!(world.brief_by("AKUSER", "PUT /orbit-raw?policy", SOURCE), "204");
}

#[test]
fn accounts_are_kept_apart_where_the_owner_is_set() {
    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let mut world = World::new(Dialect::Aws).with_identity("AKONE", aws_user(&[allow]));
    assert_eq!(statuses(&world, "AKONE", CLI), "200 200 200 204");
    world.settings.account = Some("111111111111".to_owned());
    assert_eq!(statuses(&world, "AKONE", CLI), "403 403 403 403");
    let shared = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"s3:*","Resource":"arn:aws:s3:::orbit-raw"}]}"#;
    world.store.set_policy("orbit-raw", shared).unwrap();
    assert_eq!(statuses(&world, "AKONE", CLI), "200 200 200 204");
}

#[test]
fn anonymous_requests_need_a_setting_and_a_policy() {
    let open = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::orbit-raw"}]}"#;
    let mut world = World::new(Dialect::Aws);
    let asked = request("HEAD /orbit-raw", "");
    assert_eq!(world.raw(&asked).status, 403);
    world.settings.allows_anonymous = true;
    assert_eq!(world.raw(&asked).status, 403);
    world.store.set_policy("orbit-raw", open).unwrap();
    assert_eq!(world.raw(&asked).status, 200);
    assert_eq!(brief(&world.raw(&request("GET /orbit-raw?policy", ""))), "403 AccessDenied");
    world.settings.allows_anonymous = false;
    assert_eq!(world.raw(&asked).status, 403);
}

#[test]
fn the_transport_counts_where_it_is_known() {
    let secure = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::orbit-raw","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let world = World::new(Dialect::Aws);
    world.store.set_policy("orbit-raw", secure).unwrap();
    for (is_secure, expected) in [(Some(true), 200), (Some(false), 403), (None, 403)] {
        let mut asked = request("HEAD /orbit-raw", "");
        asked.head.is_secure = is_secure;
        assert_eq!(world.raw(&world.signed("AKADMIN", asked)).status, expected, "{is_secure:?}");
    }
}
