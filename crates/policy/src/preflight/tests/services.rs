use super::*;

#[test]
fn a_service_writes_not_a_bucket() {
    let arn = json!({"AWS": "arn:aws:s3:::harbor-data"});
    let policy = changed(P6, |it| it["Statement"][0]["Principal"] = arn.clone());
    let delivery = Delivery { destination_policy: bucket(&policy), ..aws() };
    check(&delivery, Aws, &["PC122 E /Statement/0/Principal/AWS", "PC201 E "], &[]);
    let mended = apply(&policy, &patch_of(&delivery, Aws, "PC122"));
    check(
        &Delivery { destination_policy: bucket(&mended), ..delivery },
        Aws,
        &[],
        &["PC122", "PC201"],
    );
}

#[test]
fn a_manager_of_aws_needs_policies_of_its_own() {
    let managers = vec![principal_named("arn:aws:iam::111122223333:user/inv-admin", Aws)];
    let delivery = Delivery { managers, ..aws() };
    check(&delivery, Aws, &["PC305 W "], &["PC305 E"]);
    let report = preflight(&delivery, Aws, &Options::default());
    assert_eq!(report.manage[0].verdict.missing, ["document:identity-policies"]);
    let none = Delivery { identity: Some(Vec::new()), ..delivery.clone() };
    check(&none, Aws, &["PC305 E "], &["PC305 W"]);
    let allow = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:PutInventoryConfiguration",
        "s3:GetInventoryConfiguration"], "Resource": "arn:aws:s3:::harbor-data"}]}"#;
    let identity = Some(vec![document("identity", DocumentKind::IdentityPolicy, allow)]);
    check(&Delivery { identity, ..delivery }, Aws, &[], &["PC305"]);
}

#[test]
fn configurations_of_one_destination_are_judged_together() {
    let mut delivery = aws();
    let k4 = configuration("k4", "harbor-reports", "inventory-parquet/harbor-data", "Parquet");
    delivery.configurations.push(document("k4", DocumentKind::InventoryConfig, &k4.to_string()));
    check(&delivery, Aws, &["PC210 I /Statement/0/Resource"], &["PC201", "PC205", "PC207"]);
    assert_eq!(
        patch_of(&delivery, Aws, "PC210"),
        r#"[{"op":"replace","path":"/Statement/0/Resource","value":["arn:aws:s3:::harbor-reports/inventory/harbor-data/*","arn:aws:s3:::harbor-reports/inventory-parquet/harbor-data/*"]}]"#
    );
}

#[test]
fn both_buckets_are_in_one_region() {
    check(&aws(), Aws, &[], &["PC211"]);
    let other = Delivery { destination_region: Some("eu-west-1".to_owned()), ..aws() };
    check(&other, Aws, &["PC211 E "], &[]);
    check(&Delivery { source_region: None, ..aws() }, Aws, &["PC211 I "], &["PC211 E"]);
}

#[test]
fn the_key_must_let_the_service_encrypt() {
    let mut k3 = configuration("k3", "harbor-reports", "inventory/harbor-data", "CSV");
    let key = "arn:aws:kms:us-east-1:111122223333:key/1";
    k3["Destination"]["S3BucketDestination"]["Encryption"] = json!({"SSEKMS": {"KeyId": key}});
    let configurations = vec![document("k3", DocumentKind::InventoryConfig, &k3.to_string())];
    let delivery = Delivery { configurations, key: Some(Vec::new()), ..aws() };
    check(&delivery, Aws, &["PC208 E "], &["PC201"]);
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service":
        "s3.amazonaws.com"}, "Action": "kms:GenerateDataKey", "Resource": "*"}]}"#;
    let key = Some(vec![document("key", DocumentKind::KeyPolicy, policy)]);
    check(&Delivery { key, ..delivery }, Aws, &[], &["PC208"]);
    check(&aws(), Aws, &[], &["PC208"]);
}

#[test]
fn grants_are_for_the_source() {
    let other = json!("arn:aws:s3:::harbor-other");
    let policy = changed(P6, |it| {
        it["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"] = other.clone();
    });
    let delivery = Delivery { destination_policy: bucket(&policy), ..aws() };
    let place = "/Statement/0/Condition/ArnLike/aws:SourceArn";
    check(&delivery, Aws, &[&format!("PC201 E {place}"), &format!("PC206 E {place}")], &["PC205"]);
    let policy =
        changed(P6, |it| drop(it["Statement"][0].as_object_mut().unwrap().remove("Condition")));
    let open = Delivery { destination_policy: bucket(&policy), ..aws() };
    check(&open, Aws, &["PC205 S /Statement/0", "PC207 W /Statement/0"], &["PC201", "PC206"]);
    let report = preflight(&open, Aws, &Options::default());
    for code in ["PC205", "PC207"] {
        let mended = apply(&policy, &patch_of(&open, Aws, code));
        check(
            &Delivery { destination_policy: bucket(&mended), ..aws() },
            Aws,
            &[],
            &[code, "PC201"],
        );
    }
    assert_eq!(report.patches.len(), 1);
}

#[test]
fn a_denial_of_others_keeps_services_out() {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::harbor-reports/*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}});
    let policy = changed(P6, |it| it["Statement"].as_array_mut().unwrap().push(deny.clone()));
    let delivery = Delivery { destination_policy: bucket(&policy), ..aws() };
    let must = [
        "PC136 E /Statement/1/Condition/StringNotEquals/aws:PrincipalOrgID",
        "PC201 E /Statement/1",
    ];
    check(&delivery, Aws, &must, &[]);
    let report = preflight(&delivery, Aws, &Options::default());
    assert!(report.writes.iter().all(|it| it.verdict.decision == Decision::ExplicitDeny));
}

#[test]
fn part_of_the_keys_is_not_enough() {
    let resource = json!("arn:aws:s3:::harbor-reports/inventory/harbor-data/harbor-data/k3/data/*");
    let policy = changed(P6, |it| it["Statement"][0]["Resource"] = resource.clone());
    let delivery = Delivery { destination_policy: bucket(&policy), ..aws() };
    check(&delivery, Aws, &["PC201 E /Statement/0/Resource", "PC202 E "], &["PC210"]);
}

#[test]
fn access_logs_go_to_the_same_account() {
    let text = r#"{"LoggingEnabled": {"TargetBucket": "harbor-reports", "TargetPrefix": "logs/"}}"#;
    let policy = changed(P6, |it| {
        let statement = &mut it["Statement"][0];
        statement["Principal"]["Service"] = json!("logging.s3.amazonaws.com");
        statement["Condition"]["StringEquals"] = json!({"aws:SourceAccount": "111122223333"});
    });
    let delivery = Delivery {
        configurations: vec![document("logs", DocumentKind::LoggingConfig, text)],
        destination_policy: bucket(&policy),
        ..aws()
    };
    check(
        &delivery,
        Aws,
        &["PC210 I /Statement/0/Resource"],
        &["PC201", "PC207", "PC211", "CF100"],
    );
    let account = Some("444455556666".to_owned());
    check(&Delivery { destination_account: account, ..delivery.clone() }, Aws, &["PC211 E "], &[]);
    let inventory = Delivery { destination_policy: bucket(P6), ..delivery };
    check(&inventory, Aws, &["PC122 E /Statement/0/Principal/Service"], &[]);
}

#[test]
fn tencent_writes_by_a_role() {
    let text = json!({"Id": "daily", "IsEnabled": true, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
        "Destination": {"COSBucketDestination": {"Bucket": "qcs::cos:ap-guangzhou::tide-reports-1250000001",
            "Format": "CSV", "Prefix": "inv", "AccountId": "100000000001"}}});
    let trust = r#"{"version": "2.0", "statement": [{"action": "name/sts:AssumeRole", "effect": "allow",
        "principal": {"service": "cos.cloud.tencent.com"}}]}"#;
    let full = r#"{"version": "2.0", "statement": [{"action": "cos:*", "effect": "allow", "resource": "*"}]}"#;
    let role = vec![
        document("trust", DocumentKind::TrustPolicy, trust),
        document("full", DocumentKind::CamPolicy, full),
    ];
    let region = Some("ap-guangzhou".to_owned());
    let owner = Some("100000000001".to_owned());
    let delivery = Delivery {
        configurations: vec![document("k", DocumentKind::InventoryConfig, &text.to_string())],
        source: "tide-1250000001".to_owned(),
        source_account: owner.clone(),
        destination_account: owner,
        source_region: region.clone(),
        destination_region: region,
        destination_policy: Some(Vec::new()),
        role: Some(Vec::new()),
        at_seconds: 1_762_563_600,
        ..Delivery::default()
    };
    check(&delivery, Cos, &["PC209 E ", "PC201 E "], &["CF100"]);
    let with_role = Delivery { role: Some(role.clone()), ..delivery };
    check(&with_role, Cos, &["PC220 S /statement/0/action"], &[" E "]);
    let report = preflight(&with_role, Cos, &Options::default());
    assert_eq!(report.writes.len(), 6 * 7);
    let deny = r#"{"version": "2.0", "statement": [{"principal": {"qcs": ["*"]}, "effect": "deny",
        "action": "name/cos:PutObject", "resource": "*"}]}"#;
    let denied = Delivery { destination_policy: bucket(deny), ..with_role.clone() };
    check(&denied, Cos, &["PC201 E /statement/0"], &["PC209"]);
    let half = Delivery { role: Some(role[..1].to_vec()), ..with_role };
    check(&half, Cos, &["PC209 E "], &[]);
}
