//! Those of `CoreWeave` AI Object Storage.

use super::*;

/// The policy that lets the writer alone into the source.
fn p3() -> String {
    changed(P2, |it| {
        it["Statement"].as_array_mut().unwrap().pop();
        statement(it, 0)["Resource"] = json!(["arn:aws:s3:::harbor-data/*"]);
    })
}

fn k2() -> String {
    changed(K1, |it| bucket_of(it)["Bucket"] = json!("arn:aws:s3:::harbor-data"))
}

#[test]
fn a1_managing_is_granted_on_objects_only() {
    let found = lint(&document("p", BucketPolicy, P1), Coreweave, &Options::default());
    for place in 2..=5 {
        let finding = must(&found, &format!("PC110 W /Statement/0/Action/{place}"));
        let resources = &mended(P1, finding)["Statement"][0]["Resource"];
        assert_eq!(*resources, json!(["arn:aws:s3:::harbor-data/*", "arn:aws:s3:::harbor-data"]));
    }
    must_not(&found, &["PC110 W /Statement/0/Action/0", "PC110 W /Statement/0/Action/1", "PC101"]);
    let delivery = Delivery { source_policy: policy("source", P1), ..coreweave(P2, K1) };
    let report = judged(&delivery, Coreweave);
    must(&report.findings, "PC305 W /Statement/0/Resource");
    assert_eq!(report.manage[0].request.action, "s3:PutInventoryConfiguration");
    assert_eq!(report.manage[0].verdict.decision, Decision::Indeterminate);
}

#[test]
fn a3_listing_by_the_name_of_an_operation() {
    let report = judged(&coreweave(P2, K1), Coreweave);
    let unknown = must(&report.findings, "PC101 W /Statement/1/Action/3");
    assert_eq!(unknown.suggestion.as_deref(), Some(r#""s3:ListBucket""#));
    let half = must(&report.findings, "PC310 W /Statement/1/Action");
    assert!(half.message.contains(USER), "{}", half.message);
    must_not(&report.findings, &["PC302"]);
}

#[test]
fn a4_the_first_grant_to_the_writer_locks_the_source() {
    let p3 = p3();
    let states = [Some(P1), Some(p3.as_str())];
    let comparison = compared(Coreweave, "harbor-data", BucketRole::Source, states, &[USER]);
    assert!(comparison.locks_out);
    assert!(must(&comparison.findings, "PC301 E").message.contains(USER));
    let dropped = must(&comparison.findings, "PC303 W");
    for action in [
        "s3:GetObject",
        "s3:PutObject",
        "s3:PutInventoryConfiguration",
        "s3:ListInventoryConfigurations",
        "s3:GetInventoryConfiguration",
        "s3:DeleteInventoryConfiguration",
    ] {
        assert!(dropped.message.contains(action), "{}", dropped.message);
    }
    let managing = must(&comparison.findings, "PC305 E /Statement/0");
    assert!(managing.message.contains("`bucket`"), "{}", managing.message);
    let kept = |action: &str| {
        comparison.changes.iter().any(|it| it.action == action && it.change == Change::Lost)
    };
    assert!(!kept("s3:PutBucketPolicy") && kept("s3:GetObject"));
    let none = compared(Coreweave, "harbor-data", BucketRole::Source, [None, Some(&p3)], &[USER]);
    assert!(must(&none.findings, "PC301 E").message.contains("all of 0f3a9c"));
}

#[test]
fn a5_the_first_policy_ends_what_everybody_had() {
    let comparison =
        compared(Coreweave, "harbor-data", BucketRole::Source, [None, Some(P1)], &[USER]);
    assert!(must(&comparison.findings, "PC301 E").message.contains("all of 0f3a9c"));
    for action in ["s3:GetObject", "s3:PutObject"] {
        let kept = comparison.changes.iter().find(|it| it.who == USER && it.action == action);
        assert_eq!(kept.unwrap().change, Change::Kept);
    }
    must_not(&comparison.findings, &["PC303"]);
}

#[test]
fn a6_the_writer_cannot_abort() {
    let report = judged(&coreweave(P2, K1), Coreweave);
    let finding = must(&report.findings, "PC203 W /Statement/0/Action");
    let actions = &mended(P2, finding)["Statement"][0]["Action"];
    assert_eq!(*actions, json!(["s3:PutObject", "s3:AbortMultipartUpload"]));
    must_not(&report.findings, &["PC201"]);
}

#[test]
fn a7_the_grant_is_wider_than_the_reports() {
    let report = judged(&coreweave(P2, K1), Coreweave);
    let wide = must(&report.findings, "PC210 I /Statement/0/Resource/0");
    let resource = &mended(P2, wide)["Statement"][0]["Resource"];
    assert_eq!(*resource, json!("arn:aws:s3:::harbor-reports/inventory/*"));
    let p3 = p3();
    let report = judged(&coreweave(&p3, &k2()), Coreweave);
    let wide = must(&report.findings, "PC210 W /Statement/0/Resource/0");
    let resource = &mended(&p3, wide)["Statement"][0]["Resource"];
    assert_eq!(*resource, json!("arn:aws:s3:::harbor-data/inventory/*"));
}

#[test]
fn a8_everything_is_granted_and_the_organization_decides() {
    let p4 = changed(P2, |it| statement(it, 1)["Action"] = json!("s3:*"));
    let delivery = coreweave(&p4, K1);
    let report = judged(&delivery, Coreweave);
    must(&report.findings, "PC220 S /Statement/1/Action");
    must_not(&report.findings, &["PC225", "PC226", "PC305"]);
    assert_eq!(report.manage.len(), 4);
    for judged in &report.manage {
        assert_eq!(judged.verdict.decision, Decision::Allowed);
        assert_eq!(judged.verdict.gate.as_deref(), Some("organization"));
    }
    let none = O1.replace("Allow", "Deny");
    for organization in [vec![], vec![document("o1", OrgPolicy, &none)]] {
        let delivery = Delivery { organization: Some(organization), ..delivery.clone() };
        let found = judged(&delivery, Coreweave).findings;
        assert!(lines(&found).iter().any(|it| it.starts_with("PC305 E")), "{:?}", lines(&found));
    }
}

#[test]
fn a9_the_latest_versions_are_called_current() {
    let latest = changed(K1, |it| it["IncludedObjectVersions"] = json!("Latest"));
    for (dialect, line) in [(Aws, "CF120 E"), (Coreweave, "CF120 W")] {
        let found = lint(&document("k", InventoryConfig, &latest), dialect, &Options::default());
        let finding = must(&found, &format!("{line} /IncludedObjectVersions"));
        assert_eq!(mended(&latest, finding)["IncludedObjectVersions"], "Current");
        must(
            &judged(&coreweave(P2, &latest), Coreweave).findings,
            "CF120 W /IncludedObjectVersions",
        );
    }
}

#[test]
fn a10_the_destination_by_its_name() {
    let bare = changed(K1, |it| bucket_of(it)["Bucket"] = json!("harbor-reports"));
    let place = "/Destination/S3BucketDestination/Bucket";
    for (dialect, line) in [(Aws, "CF110 E"), (Coreweave, "CF110 W")] {
        let found = lint(&document("k", InventoryConfig, &bare), dialect, &Options::default());
        let finding = must(&found, &format!("{line} {place}"));
        let patched = mended(&bare, finding);
        assert_eq!(patched.pointer(place).unwrap(), "arn:aws:s3:::harbor-reports");
    }
    // What is meant is judged all the same.
    let report = judged(&coreweave(P2, &bare), Coreweave);
    assert_eq!(report.writes.len(), 6);
    must_not(&report.findings, &["PC201"]);
}

#[test]
fn a11_terraform_knows_what_amazon_has() {
    let tabs = changed(K1, |it| bucket_of(it)["Format"] = json!("TSV"));
    let tool = |tool: &str| Options { tool: Some(tool.to_owned()), ..Options::default() };
    let found = lint(&document("k", InventoryConfig, &tabs), Coreweave, &tool("terraform-aws"));
    must(&found, "CF121 W /Destination/S3BucketDestination/Format");
    must(&found, "CF121 W /OptionalFields/0");
    assert_eq!(found.iter().filter(|it| it.code == "CF121").count(), 2);
    must_not(&found, &["CF100"]);
    let report = preflight(&coreweave(P2, &tabs), Coreweave, &tool("terraform-aws"));
    assert_eq!(report.findings.iter().filter(|it| it.code == "CF121").count(), 2);
    must_not(&lint(&document("k", InventoryConfig, &tabs), Coreweave, &tool("boto3")), &["CF"]);
}

#[test]
fn a12_reports_that_list_themselves() {
    let all = changed(&k2(), |it| drop(it.as_object_mut().unwrap().remove("Filter")));
    must(&judged(&coreweave(&p3(), &all), Coreweave).findings, "CF130 W");
    must_not(&judged(&coreweave(&p3(), &k2()), Coreweave).findings, &["CF130"]);
}

#[test]
fn a13_the_writer_has_no_statement() {
    let p2 = changed(P2, |it| drop(it["Statement"].as_array_mut().unwrap().remove(0)));
    let report = judged(&coreweave(&p2, K1), Coreweave);
    let refused = must(&report.findings, "PC201 E");
    for words in ["no statement", "probed when the configuration is put"] {
        assert!(refused.message.contains(words), "{}", refused.message);
    }
    must_not(&report.findings, &["PC202"]);
    let patched = mended(&p2, refused);
    assert_eq!(patched["Statement"].as_array().unwrap().len(), 2);
    let after = judged(&coreweave(&patched.to_string(), K1), Coreweave);
    must_not(&after.findings, &["PC201", "PC203", "PC210"]);
}

#[test]
fn b1_the_audit_bucket_for_its_writer_alone() {
    let states = [None, Some(P5)];
    let comparison =
        compared(Coreweave, "cw-0f3a9c-audit-logs", BucketRole::Audit, states, &[USER]);
    must(&comparison.findings, "PC301 E");
    must(&comparison.findings, "PC302 W");
}

fn audit(destination: &str, settings: &str) -> Delivery {
    let configurations = vec![document("settings", AuditSettings, settings)];
    Delivery { configurations, ..coreweave(destination, "{}") }
}

#[test]
fn b2_the_writer_of_the_other_job() {
    let p5 = changed(P5, |it| statement(it, 0)["Principal"]["CW"] = json!([INVENTORY]));
    let report = judged(&audit(&p5, "{}"), Coreweave);
    let wrong = must(&report.findings, "PC122 E /Statement/0/Principal/CW/0");
    assert_eq!(mended(&p5, wrong)["Statement"][0]["Principal"]["CW"], json!([AUDIT]));
    must(&report.findings, "PC201 E");
    must(&report.findings, "PC204 E");
    let p2 = changed(P2, |it| statement(it, 0)["Principal"]["CW"] = json!(AUDIT));
    let report = judged(&coreweave(&p2, K1), Coreweave);
    let wrong = must(&report.findings, "PC122 E /Statement/0/Principal/CW");
    assert_eq!(mended(&p2, wrong)["Statement"][0]["Principal"]["CW"], json!(INVENTORY));
    must(&report.findings, "PC201 E");
}

#[test]
fn b3_listing_and_writing_on_bucket_and_objects() {
    must_not(&lint(&document("p", BucketPolicy, P5), Coreweave, &Options::default()), &["PC110"]);
}

#[test]
fn b4_older_buckets_stay_unlogged() {
    let settings = json!({"settings": {"controlPlaneAuditLoggingEnabled": true, "bucketAuditLoggingEnabled": true},
        "buckets": [{"bucketName": "harbor-data", "settings": {"auditLoggingEnabled": false}},
            {"bucketName": "harbor-reports", "settings": {"auditLoggingEnabled": true}},
            {"bucketName": "cw-0f3a9c-audit-logs", "settings": {"auditLoggingEnabled": false}}]})
    .to_string();
    let found = lint(&document("s", AuditSettings, &settings), Coreweave, &Options::default());
    let unlogged = must(&found, "CF210 W /buckets/0/settings/auditLoggingEnabled");
    assert!(unlogged.message.contains("harbor-data"), "{}", unlogged.message);
    let patched = mended(&settings, unlogged).to_string();
    must_not(
        &lint(&document("s", AuditSettings, &patched), Coreweave, &Options::default()),
        &["CF"],
    );
    must_not(&found, &["CF111", "CF210 W /buckets/1", "CF210 W /buckets/2"]);
    must(
        &judged(&audit(P5, &settings), Coreweave).findings,
        "CF210 W /buckets/0/settings/auditLoggingEnabled",
    );
    let off = changed(&settings, |it| it["settings"]["bucketAuditLoggingEnabled"] = json!(false));
    must_not(&lint(&document("s", AuditSettings, &off), Coreweave, &Options::default()), &["CF"]);
}

#[test]
fn b5_audit_logs_may_be_deleted() {
    let report = judged(&audit(P5, "{}"), Coreweave);
    must(&report.findings, "PC401 I");
    must_not_be(&report.findings, 'E');
}

#[test]
fn d4_a_tight_policy() {
    let tight = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"CW": INVENTORY}, "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
            "Resource": "arn:aws:s3:::harbor-reports/inventory/*"},
        {"Effect": "Allow", "Principal": {"CW": USER}, "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::harbor-reports"},
        {"Effect": "Allow", "Principal": {"CW": USER}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::harbor-reports/inventory/*"}]})
    .to_string();
    let report = judged(&coreweave(&tight, K1), Coreweave);
    must(&report.findings, "PC212 I");
    must(&report.findings, "PC401 I");
    must_not(&report.findings, &["PC301", "PC302", "PC310"]);
    must_not_be(&report.findings, 'E');
}
