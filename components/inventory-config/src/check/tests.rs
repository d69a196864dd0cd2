//! `check`, rule by rule, and for documents that nobody would write by mistake.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use stocktake_core::column::OPTIONAL_FIELDS;
use stocktake_core::finding::Level;

use super::*;
use crate::{DEPTH_MAX, FINDINGS_MAX};

mod any;
mod coreweave;
mod cos;
mod equal;
mod examples;
mod hostile;
mod names;
mod ours;
mod syntaxes;
mod values;

/// The configuration of the walkthrough in Amazon's user guide, in its JSON form.
pub(super) const USABLE: &str = r#"{"Destination":{"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::ledger-inventory","Format":"CSV","Prefix":"inventory/ledger-archive","Encryption":{"SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}}}},"IsEnabled":true,"Filter":{"Prefix":"docs/"},"Id":"ledger-audit","IncludedObjectVersions":"Current","OptionalFields":["Size","LastModifiedDate","ETag"],"Schedule":{"Frequency":"Daily"}}"#;

/// A document with every part that Tencent COS has, in JSON.
pub(crate) const COS_DOCUMENT: &str = cos::FULL;

/// The least that a configuration says.
const LEAST: &str = r#"{"Id":"a","IsEnabled":false,"IncludedObjectVersions":"All","Schedule":{"Frequency":"Weekly"},"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::abc","Format":"Parquet"}}}"#;

/// Judges by the rules of Amazon S3, and holds the judgement to what is promised of every one.
#[track_caller]
pub(super) fn judged(document: &[u8], syntax: Syntax) -> Judgement {
    judged_as(Dialect::Aws, document, syntax)
}

/// Judges, and holds the judgement to what is promised of every one.
#[track_caller]
fn judged_as(dialect: Dialect, document: &[u8], syntax: Syntax) -> Judgement {
    let judgement = check(document, syntax, dialect);
    let is_refused = judgement.findings.iter().any(|finding| finding.level == Level::Error);
    assert_eq!(judgement.configuration.is_none(), is_refused, "{judgement:?}");
    assert!(judgement.findings.len() <= FINDINGS_MAX + 1);
    for finding in &judgement.findings {
        let texts = [&finding.value, &finding.allowed, &finding.suggestion, &finding.patch];
        for text in texts.into_iter().flatten().chain([&finding.message]) {
            assert!(!text.chars().any(char::is_control), "{finding:?}");
        }
        assert!(finding.value.as_ref().is_none_or(|value| value.chars().count() <= 200));
        assert!(finding.message.chars().count() <= 250, "{finding:?}");
    }
    if let Some(configuration) = &judgement.configuration {
        let json = configuration.to_document();
        let again = check(json.as_bytes(), Syntax::Json, dialect);
        let is_note = |finding: &Finding| finding.level == Level::Info && dialect == Dialect::Any;
        assert!(again.findings.iter().all(is_note), "{json} {:?}", again.findings);
        let Some(again) = again.configuration else { panic!("{json}") };
        // An alias that is answered by its other name decides about the form when it is put, and not again.
        assert_eq!(again, Configuration { form: again.form, ..configuration.clone() });
        assert!(again.form == configuration.form || dialect == Dialect::Any, "{json}");
        let kept = configuration.to_json();
        assert_eq!(Configuration::from_json(&kept).ok().as_ref(), Some(configuration), "{kept}");
    }
    judgement
}

/// Findings as lines: code, pointer, message, then value, what is allowed and the suggestion.
pub(crate) fn lines(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let Finding { code, pointer, message, value, allowed, suggestion, .. } = finding;
        let pointer = crate::quote::whole(pointer);
        writeln!(out, "{code} {}: {message}", pointer.trim_matches('"')).unwrap();
        for (label, text) in [("value", value), ("allowed", allowed), ("instead", suggestion)] {
            if let Some(text) = text {
                writeln!(out, "    {label} {text}").unwrap();
            }
        }
    }
    out
}

/// Findings with their level and whose rules they break, without what is allowed.
fn brief(findings: &[Finding]) -> String {
    let mut out = String::new();
    for Finding { code, level, dialect, pointer, message, value, .. } in findings {
        let value = value.as_deref().unwrap_or("nothing");
        writeln!(out, "{level:?} {dialect:?} {code} {pointer}: {message}; found {value}").unwrap();
    }
    out
}

/// Judges in a dialect, compares, and answers what would be kept.
#[track_caller]
fn told(dialect: Dialect, syntax: Syntax, document: &str, expected: &Expect) -> String {
    let Judgement { findings, configuration } = judged_as(dialect, document.as_bytes(), syntax);
    expected.assert_eq(&brief(&findings));
    configuration.map(|usable| usable.to_json()).unwrap_or_default()
}

#[track_caller]
fn json(document: &str, expected: &Expect) {
    expected.assert_eq(&lines(&judged(document.as_bytes(), Syntax::Json).findings));
}

/// A usable document with one text in place of another, which must be there.
#[track_caller]
pub(super) fn with(from: &str, to: &str) -> String {
    assert!(USABLE.contains(from), "{from}");
    USABLE.replacen(from, to, 1)
}

/// Replaces, judges, compares; then applies the patches and sees their findings gone.
#[track_caller]
fn changed(from: &str, to: &str, expected: &Expect) {
    let document = with(from, to);
    json(&document, expected);
    let before = judged(document.as_bytes(), Syntax::Json).findings;
    for finding in &before {
        let Some(patch) = &finding.patch else { continue };
        let after = patched(&document, patch);
        let after = judged(after.as_bytes(), Syntax::Json).findings;
        assert!(after.len() < before.len(), "{patch} leaves {}", lines(&after));
        assert!(!after.contains(finding), "{patch} leaves {}", lines(&after));
    }
}

/// Applies a JSON patch of one operation, `replace` or `move` within an object (RFC 6902).
fn patched(document: &str, patch: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(document).unwrap();
    let patch: serde_json::Value = serde_json::from_str(patch).unwrap();
    let operation = &patch[0];
    let target = operation["path"].as_str().unwrap();
    match operation["op"].as_str().unwrap() {
        "replace" => *document.pointer_mut(target).unwrap() = operation["value"].clone(),
        "move" => {
            let (parent, from) = operation["from"].as_str().unwrap().rsplit_once('/').unwrap();
            let object = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            let value = object.remove(from).unwrap();
            object.insert(target.rsplit_once('/').unwrap().1.to_owned(), value);
        }
        other => panic!("{other}"),
    }
    document.to_string()
}

#[test]
fn accepts_what_the_guides_say() {
    for document in [
        USABLE,
        LEAST,
        // From the walkthrough, second part.
        r#"{"Id":"ledger-weekly","IsEnabled":true,"Destination":{"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::ledger-inventory","Format":"Parquet","Prefix":"inventory-parquet/ledger-archive"}},"Schedule":{"Frequency":"Weekly"},"IncludedObjectVersions":"All","OptionalFields":["Size","LastModifiedDate","StorageClass","EncryptionStatus"]}"#,
    ] {
        json(document, &expect![[""]]);
    }
    let usable = judged(USABLE.as_bytes(), Syntax::Json).configuration.unwrap();
    assert_eq!(usable.to_json(), USABLE);
}

#[test]
fn accepts_every_choice_of_the_api() {
    for format in ["CSV", "ORC", "Parquet"] {
        json(&with("\"CSV\"", &format!("\"{format}\"")), &expect![[""]]);
    }
    for field in OPTIONAL_FIELDS.iter().filter(|field| field.dialects.contains(&Dialect::Aws)) {
        json(&with("LastModifiedDate", field.name), &expect![[""]]);
    }
    json(
        &with(
            r#"{"SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}}"#,
            r#"{"SSES3":{}}"#,
        ),
        &expect![[""]],
    );
    json(&with("docs/", ""), &expect![[""]]);
}

#[test]
fn keeps_a_field_once_and_an_empty_list_not_at_all() {
    let usable = |fields: &str| {
        let document = with(r#"["Size","LastModifiedDate","ETag"]"#, fields);
        judged(document.as_bytes(), Syntax::Json).configuration.unwrap()
    };
    let names = |fields| -> Vec<_> {
        usable(fields).optional_fields.iter().map(|field| field.name).collect()
    };
    assert_eq!(names(r#"["ETag","Size","ETag"]"#), ["ETag", "Size"]);
    assert!(!usable("[]").to_json().contains("OptionalFields"));
}

#[test]
fn refuses_the_fields_of_other_providers() {
    // The example of another provider's guide, which the AWS CLI sends as it stands.
    json(
        r#"{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"ORC","Prefix":"inventory/"}},"IsEnabled":true,"Filter":{"Prefix":"docs/"},"Id":"docs-daily","IncludedObjectVersions":"All","OptionalFields":["LastAccessedDate"],"Schedule":{"Frequency":"Daily"}}"#,
        &expect![[r#"
            CF100 /OptionalFields/0: Amazon S3 has no field `LastAccessedDate`
                value "LastAccessedDate"
                allowed one of `Size`, `LastModifiedDate`, `StorageClass`, `ETag`, `IsMultipartUploaded`, `ReplicationStatus`, `EncryptionStatus`, `ObjectLockRetainUntilDate`, `ObjectLockMode`, `ObjectLockLegalHoldStatus`, `ObjectLockEventHoldStatus`, `ObjectLockEventHoldDuration`, `IntelligentTieringAccessTier`, `BucketKeyStatus`, `ChecksumAlgorithm`, `ObjectAccessControlList`, `ObjectOwner`, `LifecycleExpirationDate`, `IntelligentTieringReferenceDate`
        "#]],
    );
}

#[test]
fn reports_every_problem_at_once_in_document_order() {
    json(
        r#"{"Schedule":{"Frequency":"Hourly","At":"01:00"},"id":"x","Destination":{"S3BucketDestination":{"Format":"csv","Bucket":"Orbit_Reports","Encryption":{}}},"OptionalFields":["Size","Etag",7],"IsEnabled":"True","Filter":{}}"#,
        &expect![[r#"
            CF100 /Schedule/Frequency: `Frequency` has no such choice
                value "Hourly"
                allowed one of `Daily`, `Weekly`
            CF100 /Schedule/At: unknown member `At`
                value "At"
                allowed an object with the member `Frequency`
            CF100 /id: unknown member `id`
                value "id"
                allowed an object with members of `Destination`, `IsEnabled`, `Filter`, `Id`, `IncludedObjectVersions`, `OptionalFields`, `Schedule`
                instead "Id"
            CF100 /Destination/S3BucketDestination/Format: `Format` has no such choice
                value "csv"
                allowed one of `CSV`, `ORC`, `Parquet`
                instead "CSV"
            CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket
                value "Orbit_Reports"
                allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            CF111 /Destination/S3BucketDestination/Bucket: a bucket name holds a-z, 0-9, `.` and `-` only, not 'O'
                value "Orbit_Reports"
                allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            CF100 /Destination/S3BucketDestination/Encryption: `Encryption` names no kind
                value {}
                allowed exactly one of `SSES3` with `{}` and `SSEKMS` with `KeyId`
            CF100 /OptionalFields/1: unknown optional field
                value "Etag"
                allowed one of `Size`, `LastModifiedDate`, `StorageClass`, `ETag`, `IsMultipartUploaded`, `ReplicationStatus`, `EncryptionStatus`, `ObjectLockRetainUntilDate`, `ObjectLockMode`, `ObjectLockLegalHoldStatus`, `ObjectLockEventHoldStatus`, `ObjectLockEventHoldDuration`, `IntelligentTieringAccessTier`, `BucketKeyStatus`, `ChecksumAlgorithm`, `ObjectAccessControlList`, `ObjectOwner`, `LifecycleExpirationDate`, `IntelligentTieringReferenceDate`
                instead "ETag"
            CF100 /OptionalFields/2: an optional field is a number, not text
                value 7
                allowed one of `Size`, `LastModifiedDate`, `StorageClass`, `ETag`, `IsMultipartUploaded`, `ReplicationStatus`, `EncryptionStatus`, `ObjectLockRetainUntilDate`, `ObjectLockMode`, `ObjectLockLegalHoldStatus`, `ObjectLockEventHoldStatus`, `ObjectLockEventHoldDuration`, `IntelligentTieringAccessTier`, `BucketKeyStatus`, `ChecksumAlgorithm`, `ObjectAccessControlList`, `ObjectOwner`, `LifecycleExpirationDate`, `IntelligentTieringReferenceDate`
            CF100 /IsEnabled: `IsEnabled` is text, not a boolean
                value "True"
                allowed `true` or `false`
                instead true
            CF100 /Filter/Prefix: `Prefix` is missing
                allowed text that XML can carry, at most 1024 bytes
            CF100 /Id: `Id` is missing
                allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
            CF100 /IncludedObjectVersions: `IncludedObjectVersions` is missing
                allowed one of `All`, `Current`
        "#]],
    );
}
