//! How long a report may be: what is estimated, what it comes to, and what is refused.

use super::*;

/// So many configurations, each with every field that AWS has and none twice.
fn configurations(count: usize) -> Vec<Document> {
    let fields = json!([
        "Size",
        "LastModifiedDate",
        "StorageClass",
        "ETag",
        "IsMultipartUploaded",
        "ReplicationStatus",
        "EncryptionStatus",
        "ObjectLockRetainUntilDate",
        "ObjectLockMode",
        "ObjectLockLegalHoldStatus",
        "IntelligentTieringAccessTier",
        "BucketKeyStatus",
        "ChecksumAlgorithm",
        "ObjectAccessControlList",
        "ObjectOwner"
    ]);
    let one = |i: usize| {
        let mut text = configuration(&format!("c{i}"), "harbor-reports", "inventory", "CSV");
        text["OptionalFields"] = fields.clone();
        document(&format!("c{i}"), DocumentKind::InventoryConfig, &text.to_string())
    };
    (0..count).map(one).collect()
}

fn people(count: usize) -> Vec<crate::Principal> {
    let name = |i| format!("arn:aws:iam::111122223333:user/manager-{i}");
    (0..count).map(|i| principal_named(&name(i), Aws)).collect()
}

/// The bytes of a report as JSON.
fn bytes(report: &PreflightReport) -> usize {
    let all = [&report.writes, &report.manage, &report.read];
    let judged: usize = all.map(|all| serde_json::to_string(all).unwrap().len()).iter().sum();
    judged + serde_json::to_string(&report.findings).unwrap().len()
}

#[test]
fn a_hundred_configurations_and_managers_are_answered() {
    let delivery = Delivery { configurations: configurations(100), managers: people(100), ..aws() };
    let report = preflight(&delivery, Aws, &Options::default());
    assert!(report.is_judged());
    assert_eq!((report.writes.len(), report.manage.len()), (500, 200));
    assert!(bytes(&report) < REPORT_BYTES_MAX, "{}", bytes(&report));
}

#[test]
fn what_would_be_too_long_is_refused_before_it_is_judged() {
    let readers = |count| {
        let (configurations, readers) = (configurations(10), people(count));
        let delivery = Delivery { configurations, readers, ..aws() };
        preflight(&delivery, Aws, &Options::default())
    };
    let fits = readers(40);
    assert!(fits.is_judged() && fits.read.len() == 40 * 41);
    assert!(bytes(&fits) < REPORT_BYTES_MAX, "{}", bytes(&fits));
    let refused = readers(100);
    assert!(!refused.is_judged() && refused.read.is_empty() && refused.writes.is_empty());
    let [finding] = refused.findings.as_slice() else { panic!("{:?}", refused.findings) };
    assert!(finding.message.contains("at most 6291456 are written"), "{}", finding.message);
}

/// Those whom policies name, and the statements that judge them, multiply too.
#[test]
fn many_names_and_statements_are_bounded() {
    let names: Vec<String> =
        (0..3000).map(|i| format!("arn:aws:iam::0f3a9c:coreweave/u{i}")).collect();
    let statement = json!({"Effect": "Allow", "Action": "s3:GetObject",
        "Principal": {"CW": names}, "Resource": "arn:aws:s3:::harbor-reports/*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let destination_policy = bucket(&policy);
    let delivery = Delivery { destination_policy, readers: Vec::new(), ..coreweave() };
    assert!(!preflight(&delivery, Coreweave, &Options::default()).is_judged());
}
