use proptest::prelude::*;

use super::*;

fn is_allowed(judged: &[JudgedRequest]) -> bool {
    judged.iter().all(|it| it.verdict.decision == Decision::Allowed)
}

/// The writes of a delivery are allowed exactly where no finding says otherwise, and patches mend what they are for.
fn is_sound(delivery: &Delivery, dialect: Dialect) {
    let report = preflight(delivery, dialect, &Options::default());
    let tells = |codes: &[&str]| report.findings.iter().any(|it| codes.contains(&it.code.as_ref()));
    assert_eq!(is_allowed(&report.writes), !tells(&["PC201", "PC204"]), "{delivery:#?}");
    assert_eq!(is_allowed(&report.manage), !tells(&["PC305"]), "{delivery:#?}");
    let count =
        |findings: &[Finding], code: &str| findings.iter().filter(|it| it.code == code).count();
    // Where some writes come to be allowed and others not, that is told beside what was told before.
    let errors = |findings: &[Finding]| -> Vec<String> {
        let errors = findings.iter().filter(|it| it.level == Level::Error && it.code != "PC202");
        errors.map(|it| it.code.to_string()).collect()
    };
    let Some([policy]) = delivery.destination_policy.as_deref() else { return };
    let old = errors(&report.findings);
    for finding in report.findings.iter().filter(|it| it.document == policy.name) {
        let Some(patch) = &finding.patch else { continue };
        let mended = Document { text: apply(&policy.text, patch), ..policy.clone() };
        let after = Delivery { destination_policy: Some(vec![mended]), ..delivery.clone() };
        let after = preflight(&after, dialect, &Options::default());
        assert!(
            count(&after.findings, &finding.code) < count(&report.findings, &finding.code),
            "{} {patch} of {}",
            finding.code,
            policy.text
        );
        let new: Vec<String> =
            errors(&after.findings).into_iter().filter(|it| !old.contains(it)).collect();
        assert!(new.is_empty(), "{} {patch} of {} adds {new:?}", finding.code, policy.text);
    }
    for DocumentPatch { document, patch } in &report.patches {
        if *document == policy.name {
            let mended = Document { text: apply(&policy.text, patch), ..policy.clone() };
            let after = Delivery { destination_policy: Some(vec![mended]), ..delivery.clone() };
            let after = preflight(&after, dialect, &Options::default());
            let new: Vec<String> =
                errors(&after.findings).into_iter().filter(|it| !old.contains(it)).collect();
            assert!(new.is_empty(), "together {patch} of {} adds {new:?}", policy.text);
        }
    }
}

fn statement(dialect: Dialect) -> impl Strategy<Value = Json> {
    let principals: &[&str] = match dialect {
        Coreweave => &[
            r#""*""#,
            r#"{"CW": "arn:aws:iam::static:role/static/inventory"}"#,
            r#"{"CW": ["arn:aws:iam::coreweave:static/audit-logs"]}"#,
            r#"{"CW": "arn:aws:iam::0f3a9c:coreweave/uq7m2"}"#,
        ],
        _ => &[
            r#""*""#,
            r#"{"Service": "s3.amazonaws.com"}"#,
            r#"{"Service": ["logging.s3.amazonaws.com"]}"#,
            r#"{"AWS": "arn:aws:s3:::harbor-data"}"#,
            r#"{"AWS": "111122223333"}"#,
        ],
    };
    let actions = [
        r#""s3:PutObject""#,
        r#""s3:*""#,
        r#"["s3:PutObject", "s3:ListBucket"]"#,
        r#"["s3:GetObject", "s3:ListObjects"]"#,
        r#""s3:putObject""#,
        r#""s3:PutObejct""#,
    ];
    let resources = [
        r#""arn:aws:s3:::harbor-reports/*""#,
        r#"["arn:aws:s3:::harbor-reports", "arn:aws:s3:::harbor-reports/*"]"#,
        r#"["arn:aws:s3:::harbor-reports/inventory/*"]"#,
        r#""arn:aws:s3:::harbor-data/*""#,
        r#""*""#,
        r#""arn:aws:s3:::harbor-reports:*""#,
        r#""arn:aws:s3:::harbor-reports/inventory/harbor-data/daily/data/*""#,
    ];
    let conditions = [
        "null",
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::harbor-data"}}"#,
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"}}"#,
        r#"{"StringEquals": {"aws:SourceAccount": "111122223333"}}"#,
        r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
        r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
    ];
    let any = |texts: &[&str]| {
        let values: Vec<Json> = texts.iter().map(|it| serde_json::from_str(it).unwrap()).collect();
        prop::sample::select(values)
    };
    (any(principals), any(&actions), any(&resources), any(&conditions), prop::bool::weighted(0.85)).prop_map(
        |(principal, action, resource, condition, allows)| {
            let effect = if allows { "Allow" } else { "Deny" };
            let mut statement =
                json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": resource});
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

fn policy(dialect: Dialect) -> impl Strategy<Value = String> {
    let statements = prop::collection::vec(statement(dialect), 1..4);
    (statements, any::<bool>()).prop_map(|(statements, is_one)| match statements.as_slice() {
        [one] if is_one => json!({"Version": "2012-10-17", "Statement": one}).to_string(),
        all => json!({"Version": "2012-10-17", "Statement": all}).to_string(),
    })
}

/// Statements of Tencent Cloud: of a bucket's policy with principals, of a role or user without.
fn tencent(has_principals: bool) -> impl Strategy<Value = String> {
    let bucket = "qcs::cos:ap-guangzhou:uid/1250000001:tide-reports-1250000001";
    let source = "qcs::cos:ap-guangzhou:uid/1250000001:tide-1250000001";
    let resources = [
        "*".to_owned(),
        format!("{bucket}/*"),
        format!("{bucket}/inv/*"),
        format!("{bucket}/inv/1250000001/tide/*"),
        bucket.to_owned(),
        source.to_owned(),
        format!("{source}/*"),
    ];
    let actions = [
        json!("cos:*"),
        json!("name/cos:PutObject"),
        json!(["name/cos:*Upload*", "cos:UploadPart", "cos:PutObject", "cos:ListParts"]),
        json!(["cos:*BucketInventory", "cos:GetBucket"]),
        json!("name/sts:AssumeRole"),
        json!("cos:GetObject"),
    ];
    let principals = [
        json!({"qcs": ["*"]}),
        json!({"service": "cos.cloud.tencent.com"}),
        json!({"qcs": ["qcs::cam::uin/100000000001:uin/100000000011"]}),
        json!({"qcs": ["qcs::cam::uin/100000000001:uin/100000000001"]}),
    ];
    let conditions = [
        json!(null),
        json!({"ip_equal": {"qcs:ip": "10.0.0.0/8"}}),
        json!({"string_equal_if_exist": {"cos:x": "y"}}),
    ];
    let statement = (
        prop::sample::select(resources.to_vec()),
        prop::sample::select(actions.to_vec()),
        prop::sample::select(principals.to_vec()),
        prop::sample::select(conditions.to_vec()),
        prop::bool::weighted(0.85),
    )
        .prop_map(move |(resource, action, principal, condition, allows)| {
            let effect = if allows { "allow" } else { "deny" };
            let mut statement = json!({"effect": effect, "action": action, "resource": resource});
            if has_principals {
                statement["principal"] = principal;
            }
            if !condition.is_null() {
                statement["condition"] = condition;
            }
            statement
        });
    prop::collection::vec(statement, 1..4)
        .prop_map(|all| json!({"version": "2.0", "statement": all}).to_string())
}

fn is_any_sound(
    delivery: Delivery,
    destination: &str,
    source: Option<String>,
    settings: bool,
    dialect: Dialect,
) {
    let name = |it: String| document("source", DocumentKind::BucketPolicy, &it);
    let mut delivery = Delivery {
        destination_policy: bucket(destination),
        source_policy: source.map(|it| vec![name(it)]),
        ..delivery
    };
    if settings {
        delivery.configurations = vec![document("settings", DocumentKind::AuditSettings, "{}")];
    }
    is_sound(&delivery, dialect);
}

proptest! {
    #[test]
    fn findings_and_verdicts_of_coreweave_agree(
        destination in policy(Coreweave), source in prop::option::of(policy(Coreweave)), settings in any::<bool>(),
    ) {
        let destination = if settings { destination.replace("harbor-reports", "cw-0f3a9c-audit-logs") } else { destination };
        is_any_sound(coreweave(), &destination, source, settings, Coreweave);
    }

    #[test]
    fn findings_and_verdicts_of_aws_agree(destination in policy(Aws), source in prop::option::of(policy(Aws))) {
        is_any_sound(aws(), &destination, source, false, Aws);
    }

    #[test]
    fn findings_and_verdicts_of_tencent_agree(
        destination in tencent(true),
        source in prop::option::of(tencent(true)),
        trust in tencent(true),
        attached in prop::collection::vec(tencent(false), 0..3),
        own in prop::option::of(tencent(false)),
    ) {
        let configuration = json!({"Id": "daily", "IsEnabled": true, "IncludedObjectVersions": "All",
            "Destination": {"COSBucketDestination": {"Bucket": "qcs::cos:ap-guangzhou::tide-reports-1250000001",
                "Format": "CSV", "Prefix": "inv"}}, "Schedule": {"Frequency": "Daily"}});
        let named = |(i, text): (usize, &String)| document(&format!("role-{i}"), DocumentKind::CamPolicy, text);
        let mut role: Vec<Document> = attached.iter().enumerate().map(named).collect();
        role.push(document("trust", DocumentKind::TrustPolicy, &trust));
        let user = principal_named("qcs::cam::uin/100000000001:uin/100000000011", Cos);
        let owner = Some("100000000001".to_owned());
        let delivery = Delivery {
            configurations: vec![document("k", DocumentKind::InventoryConfig, &configuration.to_string())],
            source: "tide-1250000001".to_owned(),
            source_account: owner.clone(),
            destination_account: owner,
            role: Some(role),
            identity: own.map(|text| vec![document("own", DocumentKind::CamPolicy, &text)]),
            managers: vec![user.clone()],
            readers: vec![user],
            source_region: Some("ap-guangzhou".to_owned()),
            destination_region: Some("ap-guangzhou".to_owned()),
            ..Delivery::default()
        };
        is_any_sound(delivery, &destination, source, false, Cos);
    }
}
