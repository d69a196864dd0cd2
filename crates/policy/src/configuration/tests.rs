use serde_json::{Value as Json, json};
use stocktake_core::finding::Dialect::{self, Any, Aws, Coreweave, Cos};

use super::*;
use crate::DocumentKind::{AuditSettings, InventoryConfig, LoggingConfig};
use crate::patch::tests::apply;

fn sound(dialect: Dialect) -> Json {
    let bucket = json!({"Bucket": "arn:aws:s3:::orbit-reports", "Format": "CSV", "Prefix": "inv"});
    let destination = match dialect {
        Cos => {
            json!({"COSBucketDestination": {"Bucket": "qcs::cos:ap-tokyo::orbit-125", "Format": "CSV"}})
        }
        _ => json!({"S3BucketDestination": bucket}),
    };
    json!({"Id": "daily", "IsEnabled": true, "Destination": destination, "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"}, "Filter": {"Prefix": "docs/"}})
}

fn found(kind: DocumentKind, dialect: Dialect, text: &str) -> Vec<Finding> {
    let document = Document { name: "k".to_owned(), kind, text: text.to_owned() };
    lint(&document, dialect, &Options::default())
}

fn lines(findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        format!("{} {} {}", it.code, format!("{:?}", it.level).get(..1).unwrap(), it.pointer)
    };
    findings.iter().map(line).collect()
}

/// What is told of a sound configuration in which one value is another; none where null takes a member away.
fn with(dialect: Dialect, pointer: &str, value: Json) -> (String, Vec<Finding>) {
    let mut document = sound(dialect);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Json::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    let text = document.to_string();
    let findings = found(InventoryConfig, dialect, &text);
    (text, findings)
}

const BUCKET: &str = "/Destination/S3BucketDestination/Bucket";
const FORMAT: &str = "/Destination/S3BucketDestination/Format";
const ENCRYPTION: &str = "/Destination/S3BucketDestination/Encryption";
const COS_BUCKET: &str = "/Destination/COSBucketDestination/Bucket";
const COS_FORMAT: &str = "/Destination/COSBucketDestination/Format";
const VERSIONS: &str = "/IncludedObjectVersions";

#[test]
fn sound_configurations_are_told_nothing() {
    for dialect in [Any, Aws, Coreweave, Cos] {
        assert_eq!(lines(&found(InventoryConfig, dialect, &sound(dialect).to_string())), [""; 0]);
    }
    let status = json!({"LoggingEnabled": {"TargetBucket": "orbit-logs", "TargetPrefix": "logs/"}});
    assert_eq!(lines(&found(LoggingConfig, Aws, &status.to_string())), [""; 0]);
    let enabled = status["LoggingEnabled"].to_string();
    assert_eq!(lines(&found(LoggingConfig, Any, &enabled)), [""; 0]);
    for text in ["{}", r#"{"settings": {"newer": 1}}"#] {
        assert_eq!(lines(&found(AuditSettings, Coreweave, text)), [""; 0]);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_value_is_one_of_the_dialect() {
    let arn = |name: &str| json!(format!("arn:aws:s3:::{name}"));
    for (dialect, pointer, value, expected) in [
        (Aws, "/Id", Json::Null, "CF100 E "),
        (Aws, "/Id", json!("a/b"), "CF100 E /Id"),
        (Aws, "/IsEnabled", json!("true"), "CF100 E /IsEnabled"),
        (Cos, "/IsEnabled", json!("True"), ""),
        (Aws, "/Why", json!(1), "CF100 E /Why"),
        (Aws, "/Schedule/Frequency", json!("daily"), "CF100 E /Schedule/Frequency"),
        (Aws, "/Schedule/Frequency", json!("Monthly"), "CF100 E /Schedule/Frequency"),
        (Cos, "/Schedule/Frequency", json!("Monthly"), ""),
        (Aws, "/Schedule", json!("Daily"), "CF100 E /Schedule"),
        (Aws, FORMAT, json!("TSV"), "CF100 E /Destination/S3BucketDestination/Format"),
        (Coreweave, FORMAT, json!("TSV"), ""),
        (Any, FORMAT, json!("JSON"), ""),
        (Cos, COS_FORMAT, json!("ORC"), "CF100 E /Destination/COSBucketDestination/Format"),
        (Aws, "/Filter", json!({"Tag": 1}), "CF100 E /Filter/Tag"),
        (Cos, "/Filter", json!({"And": {"Prefix": "a"}}), ""),
        (Aws, "/OptionalFields", json!(["Size", "LastAccessedDate"]), "CF100 E /OptionalFields/1"),
        (Coreweave, "/OptionalFields", json!(["LastAccessedDate"]), ""),
        (Cos, "/OptionalFields", json!({"Field": ["Etag"]}), "CF100 E /OptionalFields/Field/0"),
        (Aws, "/OptionalFields", json!("Size"), "CF100 E /OptionalFields"),
        (Aws, ENCRYPTION, json!({"SSES3": {}}), ""),
        (
            Aws,
            ENCRYPTION,
            json!({"SSEKMS": {}}),
            "CF100 E /Destination/S3BucketDestination/Encryption/SSEKMS",
        ),
        (Aws, ENCRYPTION, json!({}), "CF100 E /Destination/S3BucketDestination/Encryption"),
        (Coreweave, ENCRYPTION, json!({}), "CF100 E /Destination/S3BucketDestination/Encryption"),
        (Aws, BUCKET, json!(1), "CF100 E /Destination/S3BucketDestination/Bucket"),
        (Aws, BUCKET, json!("orbit"), "CF110 E /Destination/S3BucketDestination/Bucket"),
        (Coreweave, BUCKET, json!("orbit"), "CF110 W /Destination/S3BucketDestination/Bucket"),
        (Any, BUCKET, json!("orbit"), ""),
        (
            Coreweave,
            BUCKET,
            json!("arn:aws:s3:eu::orbit"),
            "CF110 E /Destination/S3BucketDestination/Bucket",
        ),
        (
            Coreweave,
            BUCKET,
            json!("arn:aws:s3::1:orbit"),
            "CF110 E /Destination/S3BucketDestination/Bucket",
        ),
        (Aws, BUCKET, json!("s3://orbit/x"), "CF110 E /Destination/S3BucketDestination/Bucket"),
        (Cos, COS_BUCKET, json!("orbit-125"), "CF110 E /Destination/COSBucketDestination/Bucket"),
        (Aws, BUCKET, arn("Orbit"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (Aws, BUCKET, arn("or.bit"), ""),
        (Aws, BUCKET, arn("cw-x"), ""),
        (Coreweave, BUCKET, arn("or.bit"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (Coreweave, BUCKET, arn("-orbit"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (Coreweave, BUCKET, arn("ab"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (
            Coreweave,
            BUCKET,
            arn(&"a".repeat(64)),
            "CF111 E /Destination/S3BucketDestination/Bucket",
        ),
        (Coreweave, BUCKET, arn("int"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (Coreweave, BUCKET, arn("vip-a"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (Coreweave, BUCKET, arn("xn--a"), "CF111 E /Destination/S3BucketDestination/Bucket"),
        (
            Coreweave,
            BUCKET,
            arn("log-stitcher-ch-a"),
            "CF111 E /Destination/S3BucketDestination/Bucket",
        ),
        (
            Coreweave,
            BUCKET,
            arn("cw-0f3a9c-other"),
            "CF111 E /Destination/S3BucketDestination/Bucket",
        ),
        (Coreweave, BUCKET, arn("cw-0f3a9c-audit-logs"), ""),
        (Aws, VERSIONS, json!("Latest"), "CF120 E /IncludedObjectVersions"),
        (Coreweave, VERSIONS, json!("Latest"), "CF120 W /IncludedObjectVersions"),
        (Coreweave, VERSIONS, json!("Current"), "CF120 I /IncludedObjectVersions"),
        (Aws, VERSIONS, json!("Current"), ""),
        (Any, VERSIONS, json!("Latest"), ""),
        (Cos, VERSIONS, json!("Latest"), "CF100 E /IncludedObjectVersions"),
    ] {
        let (text, findings) = with(dialect, pointer, value);
        let expected: Vec<&str> = [expected].into_iter().filter(|it| !it.is_empty()).collect();
        assert_eq!(lines(&findings), expected, "{text}");
    }
}

#[test]
fn patches_clear_their_findings() {
    for (dialect, pointer, value) in [
        (Aws, BUCKET, json!("orbit")),
        (Coreweave, BUCKET, json!("orbit")),
        (Aws, BUCKET, json!("s3://orbit/x")),
        (Coreweave, BUCKET, json!("arn:aws:s3:eu:1:orbit")),
        (Aws, VERSIONS, json!("Latest")),
        (Aws, VERSIONS, json!("current")),
        (Aws, FORMAT, json!("csv")),
        (Aws, "/Schedule/Frequency", json!("Dayly")),
        (Aws, "/OptionalFields", json!(["ETAG"])),
    ] {
        let (text, findings) = with(dialect, pointer, value);
        let [finding] = findings.as_slice() else { panic!("{text}: {findings:?}") };
        let mended = apply(&text, finding.patch.as_deref().expect(&text));
        assert_eq!(lines(&self::found(InventoryConfig, dialect, &mended)), [""; 0], "{mended}");
    }
}

#[test]
fn terraform_cannot_say_what_amazon_does_not_have() {
    let mut document = sound(Coreweave);
    document["IncludedObjectVersions"] = json!("Latest");
    document["Destination"]["S3BucketDestination"]["Format"] = json!("JSON");
    document["OptionalFields"] = json!(["Size", "LastAccessedDate"]);
    let document =
        Document { name: "k".to_owned(), kind: InventoryConfig, text: document.to_string() };
    let told = |tool: &str, dialect: Dialect| {
        let options = Options { tool: Some(tool.to_owned()), ..Options::default() };
        let found = lint(&document, dialect, &options);
        let found = found.iter().filter(|it| it.code == "CF121");
        found.map(|it| it.pointer.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("terraform-aws", Coreweave), [FORMAT, VERSIONS, "/OptionalFields/1"]);
    assert!(told("awscli", Coreweave).is_empty() && told("terraform-aws", Aws).is_empty());
}

#[test]
fn logs_are_set_up_by_the_name_of_a_bucket() {
    let told = |dialect, text: &str| lines(&found(LoggingConfig, dialect, text));
    let place = "/LoggingEnabled/TargetBucket";
    for (text, expected) in [
        (
            r#"{"LoggingEnabled": {"TargetBucket": "orbit-logs"}}"#,
            "CF100 E /LoggingEnabled".to_owned(),
        ),
        (
            r#"{"LoggingEnabled": {"TargetBucket": "Orbit", "TargetPrefix": ""}}"#,
            format!("CF111 E {place}"),
        ),
        (
            r#"{"LoggingEnabled": {"TargetBucket": "arn:aws:s3:::orbit-logs", "TargetPrefix": ""}}"#,
            format!("CF100 E {place}"),
        ),
        (
            r#"{"LoggingEnabled": {"TargetBucket": "orbit-logs", "TargetPrefix": "", "TargetObjectKeyFormat": {"x": {}}}}"#,
            "CF100 E /LoggingEnabled/TargetObjectKeyFormat/x".to_owned(),
        ),
        (r#"{"Why": 1}"#, "CF100 E ".to_owned()),
    ] {
        assert!(told(Aws, text).contains(&expected), "{text}: {:?}", told(Aws, text));
        assert_eq!(told(Coreweave, text), ["CF100 E "], "{text}");
    }
}

#[test]
fn settings_have_the_shape_of_the_api() {
    let told = |dialect, text: &str| lines(&found(AuditSettings, dialect, text));
    let on = |bucket: &str| {
        format!(r#"{{"settings": {{"bucketAuditLoggingEnabled": true}}, "buckets": [{bucket}]}}"#)
    };
    for (bucket, expected) in [
        (r#"{"bucketName": "orbit", "settings": {"auditLoggingEnabled": true}}"#, ""),
        (r#"{"bucketName": "orbit", "settings": {}}"#, "CF210 W /buckets/0/settings"),
        (
            r#"{"bucketName": "orbit", "settings": {"auditLoggingEnabled": 1}}"#,
            "CF100 E /buckets/0/settings/auditLoggingEnabled",
        ),
        (r#"{"bucketName": "vip-a", "settings": {}}"#, "CF111 E /buckets/0/bucketName"),
        (r#"{"settings": {}}"#, "CF100 E /buckets/0"),
        (r#"{"bucketName": "orbit"}"#, "CF100 E /buckets/0"),
    ] {
        let expected: Vec<&str> = [expected].into_iter().filter(|it| !it.is_empty()).collect();
        assert_eq!(told(Coreweave, &on(bucket)), expected, "{bucket}");
    }
    assert_eq!(told(Coreweave, "[]"), ["CF100 E "]);
    assert_eq!(told(Aws, "{}"), ["CF100 E "]);
    assert_eq!(
        told(Coreweave, r#"{"bucketName": "Orbit", "settings": {}}"#),
        ["CF111 E /bucketName"]
    );
    let twice = r#"{"settings": {}, "Settings": {}}"#;
    assert_eq!(told(Coreweave, twice), ["PC002 E /Settings"]);
}

#[test]
fn what_is_no_document_is_told() {
    let deep = "[".repeat(40) + &"]".repeat(40);
    for text in ["", "[]", "7", "{", deep.as_str(), &" ".repeat(DOCUMENT_BYTES_MAX + 1)] {
        for kind in [InventoryConfig, LoggingConfig, AuditSettings] {
            for dialect in [Any, Aws, Coreweave, Cos] {
                let found = found(kind, dialect, text);
                assert!(found.iter().all(|it| it.code == "CF100"), "{text:.50}");
                assert_eq!(found.len(), 1, "{text:.50} {kind:?} {dialect:?}");
            }
        }
    }
}
