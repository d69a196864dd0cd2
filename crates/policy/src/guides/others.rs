//! Those of Amazon S3 and of Tencent Cloud COS.

use super::*;

fn k3_csv() -> String {
    k3("k3", "CSV", "Daily", "Current", "inventory/harbor-data")
}

#[test]
fn a1_managing_is_granted_on_objects_only() {
    let p1a = changed(P1, |it| statement(it, 0)["Principal"] = json!({"AWS": ADMIN}));
    let found = lint(&document("p", BucketPolicy, &p1a), Aws, &Options::default());
    for place in [2, 4] {
        let finding = must(&found, &format!("PC110 E /Statement/0/Action/{place}"));
        let resources = &mended(&p1a, finding)["Statement"][0]["Resource"];
        assert_eq!(*resources, json!(["arn:aws:s3:::harbor-data/*", "arn:aws:s3:::harbor-data"]));
    }
    must_not(&found, &["PC110 E /Statement/0/Action/0", "PC110 E /Statement/0/Action/1"]);
    let delivery = Delivery {
        source_policy: policy("source", &p1a),
        identity: Some(Vec::new()),
        managers: vec![principal_named(ADMIN, Aws)],
        ..aws(P6, &[&k3_csv()])
    };
    let report = judged(&delivery, Aws);
    assert_eq!(report.manage[0].request.action, "s3:PutInventoryConfiguration");
    assert_eq!(report.manage[0].verdict.decision, Decision::ImplicitDeny);
    assert_eq!(
        report.manage[0].verdict.because.as_ref().unwrap().element.as_deref(),
        Some("Resource")
    );
}

#[test]
fn a2_actions_of_another_provider() {
    let p1a = changed(P1, |it| statement(it, 0)["Principal"] = json!({"AWS": ADMIN}));
    let found = lint(&document("p", BucketPolicy, &p1a), Aws, &Options::default());
    for (place, meant) in [(3, "s3:GetInventoryConfiguration"), (5, "s3:PutInventoryConfiguration")]
    {
        let finding = must(&found, &format!("PC101 E /Statement/0/Action/{place}"));
        assert_eq!(finding.suggestion, Some(json!(meant).to_string()));
        assert_eq!(mended(&p1a, finding)["Statement"][0]["Action"][place], meant);
    }
    let of_coreweave = lint(&document("p", BucketPolicy, P1), Coreweave, &Options::default());
    must_not(&of_coreweave, &["PC101"]);
}

#[test]
fn c1_the_bucket_as_principal() {
    let p6 = changed(P6, |it| {
        statement(it, 0)["Principal"] = json!({"AWS": "arn:aws:s3:::harbor-data"});
    });
    let report = judged(&aws(&p6, &[&k3_csv()]), Aws);
    let wrong = must(&report.findings, "PC122 E /Statement/0/Principal/AWS");
    for words in ["service", "aws:SourceArn"] {
        assert!(wrong.message.contains(words), "{}", wrong.message);
    }
    must(&report.findings, "PC201 E");
}

#[test]
fn c2_the_policies_of_the_manager() {
    let managers = vec![principal_named(ADMIN, Aws)];
    let delivery = Delivery { managers, ..aws(P6, &[&k3_csv()]) };
    let report = judged(&delivery, Aws);
    must(&report.findings, "PC305 W");
    must_not(&report.findings, &["PC305 E"]);
    assert_eq!(report.manage[0].verdict.missing, ["document:identity-policies"]);
    let none = Delivery { identity: Some(Vec::new()), ..delivery.clone() };
    must(&judged(&none, Aws).findings, "PC305 E");
    let allow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action":
        ["s3:PutInventoryConfiguration", "s3:GetInventoryConfiguration"], "Resource": "arn:aws:s3:::harbor-data"}]});
    let identity = Some(vec![document("own", IdentityPolicy, &allow.to_string())]);
    must_not(&judged(&Delivery { identity, ..delivery }, Aws).findings, &["PC305"]);
}

#[test]
fn c3_two_reports_of_one_destination() {
    let k4 = k3("k4", "Parquet", "Weekly", "All", "inventory-parquet/harbor-data");
    let report = judged(&aws(P6, &[&k3_csv(), &k4]), Aws);
    let wide = must(&report.findings, "PC210 I /Statement/0/Resource");
    assert_eq!(
        mended(P6, wide)["Statement"][0]["Resource"],
        json!([
            "arn:aws:s3:::harbor-reports/inventory/harbor-data/*",
            "arn:aws:s3:::harbor-reports/inventory-parquet/harbor-data/*"
        ])
    );
    must_not(&report.findings, &["PC201"]);
}

#[test]
fn c4_the_regions_of_both() {
    let delivery = aws(P6, &[&k3_csv()]);
    must_not(&judged(&delivery, Aws).findings, &["PC211"]);
    let other = Delivery { destination_region: Some("eu-west-1".to_owned()), ..delivery.clone() };
    must(&judged(&other, Aws).findings, "PC211 E");
    let unknown = Delivery { source_region: None, destination_region: None, ..delivery };
    must(&judged(&unknown, Aws).findings, "PC211 I");
    must_not(&judged(&unknown, Aws).findings, &["PC211 E"]);
}

#[test]
fn c5_a_key_without_a_policy() {
    let encrypted = changed(&k3_csv(), |it| {
        let key = json!({"SSEKMS": {"KeyId": "arn:aws:kms:us-east-1:111122223333:key/1"}});
        bucket_of(it)["Encryption"] = key;
    });
    must(&judged(&aws(P6, &[&encrypted]), Aws).findings, "PC208 E");
    let none = Delivery { key: Some(Vec::new()), ..aws(P6, &[&encrypted]) };
    must(&judged(&none, Aws).findings, "PC208 E");
    let plain = judged(&aws(P6, &[&k3_csv()]), Aws);
    must_not(&plain.findings, &["PC208"]);
    must_not_be(&plain.findings, 'E');
}

#[test]
fn d1_tencent_without_its_role() {
    let configuration = json!({"Id": "daily", "IsEnabled": "True", "IncludedObjectVersions": "All",
        "Destination": {"COSBucketDestination": {"Bucket": "qcs::cos:ap-guangzhou::tide-reports-1250000001",
            "Format": "CSV", "Prefix": "inv", "AccountId": "100000000001"}}, "Schedule": {"Frequency": "Daily"}});
    let delivery = Delivery {
        source: "tide-1250000001".to_owned(),
        source_account: Some("100000000001".to_owned()),
        destination_account: Some("100000000001".to_owned()),
        destination_policy: Some(Vec::new()),
        role: Some(Vec::new()),
        ..aws(P6, &[&configuration.to_string()])
    };
    let report = judged(&delivery, Cos);
    let missing = must(&report.findings, "PC209 E");
    assert!(missing.message.contains("COS_QcsRole"), "{}", missing.message);
    assert!(report.writes.iter().all(|it| it.verdict.decision != Decision::Allowed));
    must_not(&report.findings, &["CF"]);
}

#[test]
fn d2_the_grant_of_another_source() {
    let p6 = changed(P6, |it| {
        statement(it, 0)["Condition"]["ArnLike"]["aws:SourceArn"] =
            json!("arn:aws:s3:::harbor-other");
    });
    let report = judged(&aws(&p6, &[&k3_csv()]), Aws);
    must(&report.findings, "PC201 E /Statement/0/Condition/ArnLike/aws:SourceArn");
    must(&report.findings, "PC206 E /Statement/0/Condition/ArnLike/aws:SourceArn");
    assert_eq!(
        report.writes[0].verdict.because.as_ref().unwrap().element.as_deref(),
        Some("Condition")
    );
}

#[test]
fn d3_a_denial_on_a_key_that_services_lack() {
    let p6 = changed(P6, |it| {
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": "arn:aws:s3:::harbor-reports/*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}});
        it["Statement"].as_array_mut().unwrap().push(deny);
    });
    let report = judged(&aws(&p6, &[&k3_csv()]), Aws);
    must(&report.findings, "PC136 E /Statement/1/Condition/StringNotEquals/aws:PrincipalOrgID");
    must(&report.findings, "PC201 E /Statement/1");
    assert!(report.writes.iter().all(|it| it.verdict.decision == Decision::ExplicitDeny));
}
