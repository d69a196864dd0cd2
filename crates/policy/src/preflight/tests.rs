use serde_json::{Value as Json, json};
use stocktake_core::finding::Dialect::{self, Aws, Coreweave, Cos};
use stocktake_core::finding::Level;
use stocktake_core::policy::{Decision, DocumentPatch, JudgedRequest};

use super::*;
use crate::DocumentKind;
use crate::guides::{O1, P1, P2, P5, P6, document};
use crate::patch::tests::apply;
use crate::principal_named;

mod bounds;
mod properties;
mod services;

fn configuration(id: &str, bucket: &str, prefix: &str, format: &str) -> Json {
    json!({"Id": id, "IsEnabled": true, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": format!("arn:aws:s3:::{bucket}"), "Format": format,
            "Prefix": prefix}}, "Filter": {"Prefix": "documents/"}})
}

#[expect(clippy::unnecessary_wraps, reason = "what a delivery takes")]
fn bucket(text: &str) -> Option<Vec<Document>> {
    Some(vec![document("destination", DocumentKind::BucketPolicy, text)])
}

fn coreweave() -> Delivery {
    let user = principal_named("arn:aws:iam::0f3a9c:coreweave/uq7m2", Coreweave);
    let mut k1 = configuration("daily", "harbor-reports", "inventory/", "ORC");
    k1["OptionalFields"] = json!(["LastAccessedDate"]);
    Delivery {
        configurations: vec![document("k1", DocumentKind::InventoryConfig, &k1.to_string())],
        source: "harbor-data".to_owned(),
        source_account: Some("0f3a9c".to_owned()),
        destination_account: Some("0f3a9c".to_owned()),
        source_region: Some("us-east-04a".to_owned()),
        destination_region: Some("us-east-04a".to_owned()),
        source_policy: Some(Vec::new()),
        organization: Some(vec![document("o1", DocumentKind::OrgPolicy, O1)]),
        managers: vec![user.clone()],
        readers: vec![user],
        at_seconds: 1_762_563_600,
        ..Delivery::default()
    }
}

fn aws() -> Delivery {
    let k3 = configuration("k3", "harbor-reports", "inventory/harbor-data", "CSV");
    Delivery {
        configurations: vec![document("k3", DocumentKind::InventoryConfig, &k3.to_string())],
        source_account: Some("111122223333".to_owned()),
        destination_account: Some("111122223333".to_owned()),
        organization: None,
        managers: Vec::new(),
        readers: Vec::new(),
        destination_policy: bucket(P6),
        ..coreweave()
    }
}

fn told(delivery: &Delivery, dialect: Dialect) -> Vec<(String, Level, String)> {
    let report = preflight(delivery, dialect, &Options::default());
    report.findings.iter().map(|it| (it.code.to_string(), it.level, it.pointer.clone())).collect()
}

/// That findings are told, and others not: `PC201 E /pointer`, and a code alone.
#[track_caller]
fn check(delivery: &Delivery, dialect: Dialect, must: &[&str], must_not: &[&str]) {
    let found: Vec<String> = told(delivery, dialect)
        .into_iter()
        .map(|(code, level, pointer)| {
            let level = format!("{level:?}");
            format!("{code} {} {pointer}", level.get(..1).unwrap())
        })
        .collect();
    for must in must {
        assert!(found.iter().any(|it| it == must), "{must}: {found:#?}");
    }
    for code in must_not {
        assert!(!found.iter().any(|it| it.contains(code)), "no {code}: {found:#?}");
    }
}

fn patch_of(delivery: &Delivery, dialect: Dialect, code: &str) -> String {
    let report = preflight(delivery, dialect, &Options::default());
    let mut found = report.findings.into_iter().filter(|it| it.code == code);
    found.find_map(|it| it.patch).unwrap()
}

/// A policy after a change of its JSON.
fn changed(text: &str, change: impl Fn(&mut Json)) -> String {
    let mut value: Json = serde_json::from_str(text).unwrap();
    change(&mut value);
    value.to_string()
}

#[test]
fn a_manager_needs_the_bucket_itself() {
    let source_policy = Some(vec![document("source", DocumentKind::BucketPolicy, P1)]);
    let delivery = Delivery { source_policy, destination_policy: bucket(P2), ..coreweave() };
    let must = [
        "PC110 W /Statement/0/Action/2",
        "PC110 W /Statement/0/Action/3",
        "PC110 W /Statement/0/Action/4",
        "PC110 W /Statement/0/Action/5",
        "PC305 W /Statement/0/Resource",
    ];
    check(
        &delivery,
        Coreweave,
        &must,
        &["PC110 W /Statement/0/Action/0", "PC110 W /Statement/0/Action/1", "PC305 E"],
    );
    let arn = json!({"AWS": "arn:aws:iam::111122223333:user/inv-admin"});
    let p1a = changed(P1, |it| it["Statement"][0]["Principal"] = arn.clone());
    let delivery = Delivery {
        source_policy: Some(vec![document("source", DocumentKind::BucketPolicy, &p1a)]),
        identity: Some(Vec::new()),
        managers: vec![principal_named("arn:aws:iam::111122223333:user/inv-admin", Aws)],
        ..aws()
    };
    let must = [
        "PC110 E /Statement/0/Action/2",
        "PC110 E /Statement/0/Action/4",
        "PC101 E /Statement/0/Action/3",
        "PC101 E /Statement/0/Action/5",
        "PC305 E /Statement/0/Resource",
    ];
    check(&delivery, Aws, &must, &[]);
    let report = preflight(&delivery, Aws, &Options::default());
    assert_eq!(
        report.manage[0].verdict.because.as_ref().unwrap().element.as_deref(),
        Some("Resource")
    );
}

#[test]
fn the_example_of_the_inventory_guide() {
    let delivery = Delivery { destination_policy: bucket(P2), ..coreweave() };
    let must = [
        "PC101 W /Statement/1/Action/3",
        "PC310 W /Statement/1/Action",
        "PC203 W /Statement/0/Action",
        "PC210 I /Statement/0/Resource/0",
        "PC212 I ",
    ];
    check(&delivery, Coreweave, &must, &["PC302", "PC201", "PC202", "PC305"]);
    assert_eq!(
        patch_of(&delivery, Coreweave, "PC203"),
        r#"[{"op":"replace","path":"/Statement/0/Action","value":["s3:PutObject","s3:AbortMultipartUpload"]}]"#
    );
    assert_eq!(
        patch_of(&delivery, Coreweave, "PC210"),
        r#"[{"op":"replace","path":"/Statement/0/Resource","value":"arn:aws:s3:::harbor-reports/inventory/*"}]"#
    );
    let report = preflight(&delivery, Coreweave, &Options::default());
    assert_eq!(report.patches.len(), 1);
    let mended = apply(P2, &report.patches[0].patch);
    let again = Delivery { destination_policy: bucket(&mended), ..delivery };
    check(&again, Coreweave, &[], &["PC101", "PC203", "PC210", "PC310"]);
}

#[test]
fn reports_beside_the_data_are_a_wider_grant() {
    let p3 = changed(P2, |it| {
        it["Statement"].as_array_mut().unwrap().pop();
        it["Statement"][0]["Resource"] = json!(["arn:aws:s3:::harbor-data/*"]);
    });
    let k2 = configuration("daily", "harbor-data", "inventory/", "ORC");
    let configurations = vec![document("k2", DocumentKind::InventoryConfig, &k2.to_string())];
    let delivery = Delivery { configurations, destination_policy: bucket(&p3), ..coreweave() };
    check(&delivery, Coreweave, &["PC210 W /Statement/0/Resource/0"], &["CF130", "PC201"]);
    let mut k2 = k2;
    k2.as_object_mut().unwrap().remove("Filter");
    let configurations = vec![document("k2", DocumentKind::InventoryConfig, &k2.to_string())];
    check(&Delivery { configurations, ..delivery }, Coreweave, &["CF130 W "], &[]);
}

#[test]
fn without_a_policy_the_organization_decides() {
    let p4 = changed(P2, |it| it["Statement"][1]["Action"] = json!("s3:*"));
    let delivery = Delivery { destination_policy: bucket(&p4), ..coreweave() };
    check(&delivery, Coreweave, &["PC220 S /Statement/1/Action"], &["PC225", "PC226", "PC305"]);
    let report = preflight(&delivery, Coreweave, &Options::default());
    assert_eq!(report.manage.len(), 4);
    assert!(report.manage.iter().all(|it| it.verdict.decision == Decision::Allowed));
    let delivery = Delivery { organization: Some(Vec::new()), ..delivery };
    check(&delivery, Coreweave, &["PC305 E "], &[]);
}

#[test]
fn without_its_statement_the_writer_is_refused() {
    let policy = changed(P2, |it| drop(it["Statement"].as_array_mut().unwrap().remove(0)));
    let delivery = Delivery { destination_policy: bucket(&policy), ..coreweave() };
    check(&delivery, Coreweave, &["PC201 E "], &["PC202"]);
    let mended = apply(&policy, &patch_of(&delivery, Coreweave, "PC201"));
    let again = Delivery { destination_policy: bucket(&mended), ..delivery };
    check(&again, Coreweave, &[], &["PC201", "PC203", "PC210"]);
}

#[test]
fn audit_logs_have_their_own_writer_and_bucket() {
    let settings = document("settings", DocumentKind::AuditSettings, r#"{"enabled": true}"#);
    let audit =
        Delivery { configurations: vec![settings], destination_policy: bucket(P5), ..coreweave() };
    check(&audit, Coreweave, &["PC401 I "], &[" E ", "PC110"]);
    let inventory = json!(["arn:aws:iam::static:role/static/inventory"]);
    let other = changed(P5, |it| it["Statement"][0]["Principal"]["CW"] = inventory.clone());
    let wrong = Delivery { destination_policy: bucket(&other), ..audit };
    let must = ["PC122 E /Statement/0/Principal/CW/0", "PC201 E ", "PC204 E "];
    check(&wrong, Coreweave, &must, &[]);
    let mended = apply(&other, &patch_of(&wrong, Coreweave, "PC122"));
    check(&Delivery { destination_policy: bucket(&mended), ..wrong }, Coreweave, &[], &[" E "]);
    let audit = json!("arn:aws:iam::coreweave:static/audit-logs");
    let other = changed(P2, |it| it["Statement"][0]["Principal"]["CW"] = audit.clone());
    let wrong = Delivery { destination_policy: bucket(&other), ..coreweave() };
    check(&wrong, Coreweave, &["PC122 E /Statement/0/Principal/CW"], &[]);
}

#[test]
fn audit_logs_need_their_bucket_listed() {
    let settings = document("settings", DocumentKind::AuditSettings, "{}");
    let policy = changed(P5, |it| {
        it["Statement"][0]["Resource"] = json!("arn:aws:s3:::cw-0f3a9c-audit-logs/*");
    });
    let delivery = Delivery {
        configurations: vec![settings],
        destination_policy: bucket(&policy),
        ..coreweave()
    };
    check(&delivery, Coreweave, &["PC204 E /Statement/0/Resource"], &["PC201"]);
    let mended = apply(&policy, &patch_of(&delivery, Coreweave, "PC204"));
    check(
        &Delivery { destination_policy: bucket(&mended), ..delivery },
        Coreweave,
        &[],
        &["PC204"],
    );
}

#[test]
fn a_tight_policy_has_no_errors() {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"CW": "arn:aws:iam::static:role/static/inventory"},
         "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": "arn:aws:s3:::harbor-reports/inventory/*"},
        {"Effect": "Allow", "Principal": {"CW": "arn:aws:iam::0f3a9c:coreweave/uq7m2"}, "Action": "s3:ListBucket",
         "Resource": "arn:aws:s3:::harbor-reports"},
        {"Effect": "Allow", "Principal": {"CW": "arn:aws:iam::0f3a9c:coreweave/uq7m2"}, "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::harbor-reports/inventory/*"}]});
    let delivery = Delivery { destination_policy: bucket(&policy.to_string()), ..coreweave() };
    check(
        &delivery,
        Coreweave,
        &["PC212 I ", "PC401 I "],
        &[" E ", "PC302", "PC310", "PC203", "PC210"],
    );
    let nobody =
        changed(&policy.to_string(), |it| drop(it["Statement"].as_array_mut().unwrap().drain(1..)));
    let delivery = Delivery { destination_policy: bucket(&nobody), ..delivery };
    check(&delivery, Coreweave, &["PC302 W "], &["PC310"]);
}

#[test]
fn what_a_configuration_lacks_is_told_and_the_others_are_judged() {
    let mut delivery = aws();
    delivery.configurations.push(document("broken", DocumentKind::InventoryConfig, "{}"));
    let report = preflight(&delivery, Aws, &Options::default());
    let told = report.findings.iter().filter(|it| it.code == "CF100" && it.document == "broken");
    assert_eq!(told.count(), 5);
    assert_eq!(report.writes.len(), 5);
}

#[test]
fn a_statement_that_denies_the_manager_is_told() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::harbor-data"}]}"#;
    let source_policy = Some(vec![document("source", DocumentKind::BucketPolicy, policy)]);
    let delivery = Delivery { source_policy, destination_policy: bucket(P2), ..coreweave() };
    check(&delivery, Coreweave, &["PC304 E /Statement/0", "PC305 E /Statement/0"], &[]);
    check(&Delivery { source_policy: Some(Vec::new()), ..delivery }, Coreweave, &[], &["PC304"]);
}
