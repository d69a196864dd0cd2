//! CF100, before and after.

use expect_test::expect;

use super::*;

#[test]
fn cf100_missing() {
    json(
        "{}",
        &expect![[r#"
        CF100 /Destination: `Destination` is missing
            allowed an object with the member `S3BucketDestination`
        CF100 /IsEnabled: `IsEnabled` is missing
            allowed `true` or `false`
        CF100 /Id: `Id` is missing
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
        CF100 /IncludedObjectVersions: `IncludedObjectVersions` is missing
            allowed one of `All`, `Current`
        CF100 /Schedule: `Schedule` is missing
            allowed an object with the member `Frequency`
    "#]],
    );
    changed(
        r#""SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}"#,
        r#""SSEKMS":{}"#,
        &expect![[r#"
            CF100 /Destination/S3BucketDestination/Encryption/SSEKMS/KeyId: `KeyId` is missing
                allowed the id of a key that you manage, at most 2048 bytes
        "#]],
    );
}

#[test]
fn cf100_unknown_members_and_choices() {
    changed(
        r#""Schedule""#,
        r#""schedule""#,
        &expect![[r#"
        CF100 /schedule: unknown member `schedule`
            value "schedule"
            allowed an object with members of `Destination`, `IsEnabled`, `Filter`, `Id`, `IncludedObjectVersions`, `OptionalFields`, `Schedule`
            instead "Schedule"
        CF100 /Schedule: `Schedule` is missing
            allowed an object with the member `Frequency`
    "#]],
    );
    changed(
        r#""Daily"}"#,
        r#""Weekly","MonthlyDate":1}"#,
        &expect![[r#"
        CF100 /Schedule/MonthlyDate: unknown member `MonthlyDate`
            value "MonthlyDate"
            allowed an object with the member `Frequency`
    "#]],
    );
    changed(
        "\"Daily\"",
        "\"Monthly\"",
        &expect![[r#"
        CF100 /Schedule/Frequency: `Frequency` has no such choice
            value "Monthly"
            allowed one of `Daily`, `Weekly`
    "#]],
    );
    changed(
        "\"CSV\"",
        "\"TSV\"",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Format: `Format` has no such choice
            value "TSV"
            allowed one of `CSV`, `ORC`, `Parquet`
    "#]],
    );
    changed(
        "\"Current\"",
        "\"CURRENT\"",
        &expect![[r#"
        CF100 /IncludedObjectVersions: `IncludedObjectVersions` has no such choice
            value "CURRENT"
            allowed one of `All`, `Current`
            instead "Current"
    "#]],
    );
    changed(
        "ETag",
        "e-tag",
        &expect![[r#"
        CF100 /OptionalFields/2: unknown optional field
            value "e-tag"
            allowed one of `Size`, `LastModifiedDate`, `StorageClass`, `ETag`, `IsMultipartUploaded`, `ReplicationStatus`, `EncryptionStatus`, `ObjectLockRetainUntilDate`, `ObjectLockMode`, `ObjectLockLegalHoldStatus`, `ObjectLockEventHoldStatus`, `ObjectLockEventHoldDuration`, `IntelligentTieringAccessTier`, `BucketKeyStatus`, `ChecksumAlgorithm`, `ObjectAccessControlList`, `ObjectOwner`, `LifecycleExpirationDate`, `IntelligentTieringReferenceDate`
            instead "ETag"
    "#]],
    );
    changed(
        "\"SSEKMS\"",
        "\"SSE-KMS\"",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Encryption: `Encryption` names no kind
            value {"SSE-KMS":{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}}
            allowed exactly one of `SSES3` with `{}` and `SSEKMS` with `KeyId`
        CF100 /Destination/S3BucketDestination/Encryption/SSE-KMS: unknown member `SSE-KMS`
            value "SSE-KMS"
            allowed an object with members of `SSES3`, `SSEKMS`
            instead "SSEKMS"
    "#]],
    );
    changed(
        r#"{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}"#,
        r#"{"KeyId":"k"},"SSES3":{"a/b~c":1}"#,
        &expect![[r#"
            CF100 /Destination/S3BucketDestination/Encryption: `Encryption` names two kinds
                value {"SSEKMS":{"KeyId":"k"},"SSES3":{"a/b~c":1}}
                allowed exactly one of `SSES3` with `{}` and `SSEKMS` with `KeyId`
            CF100 /Destination/S3BucketDestination/Encryption/SSES3/a~1b~0c: unknown member `a/b~c`
                value "a/b~c"
                allowed an object without members
        "#]],
    );
}

#[test]
fn cf100_types() {
    changed(
        "true",
        "\"TRUE\"",
        &expect![[r#"
        CF100 /IsEnabled: `IsEnabled` is text, not a boolean
            value "TRUE"
            allowed `true` or `false`
            instead true
    "#]],
    );
    changed(
        "true",
        "1",
        &expect![[r#"
        CF100 /IsEnabled: `IsEnabled` is a number, not a boolean
            value 1
            allowed `true` or `false`
    "#]],
    );
    changed(
        "\"210987654321\"",
        "210987654321",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/AccountId: `AccountId` is a number, not text
            value 210987654321
            allowed 12 digits in quotes
            instead "210987654321"
    "#]],
    );
    changed(
        r#"{"Frequency":"Daily"}"#,
        "\"Daily\"",
        &expect![[r#"
        CF100 /Schedule: `Schedule` is text, not an object
            value "Daily"
            allowed an object with the member `Frequency`
    "#]],
    );
}

#[test]
fn cf100_types_of_lists_and_objects() {
    changed(
        r#"["Size","LastModifiedDate","ETag"]"#,
        r#"{"Field":["Size"]}"#,
        &expect![[r#"
        CF100 /OptionalFields: `OptionalFields` is an object, not a list
            value {"Field":["Size"]}
            allowed a list: one of `Size`, `LastModifiedDate`, `StorageClass`, `ETag`, `IsMultipartUploaded`, `ReplicationStatus`, `EncryptionStatus`, `ObjectLockRetainUntilDate`, `ObjectLockMode`, `ObjectLockLegalHoldStatus`, `ObjectLockEventHoldStatus`, `ObjectLockEventHoldDuration`, `IntelligentTieringAccessTier`, `BucketKeyStatus`, `ChecksumAlgorithm`, `ObjectAccessControlList`, `ObjectOwner`, `LifecycleExpirationDate`, `IntelligentTieringReferenceDate`
    "#]],
    );
    changed(
        r#"{"Prefix":"docs/"}"#,
        "null",
        &expect![[r#"
        CF100 /Filter: `Filter` is null, not an object
            value null
            allowed an object with the member `Prefix`
    "#]],
    );
    changed(
        "\"ledger-audit\"",
        "[[[]]]",
        &expect![[r#"
        CF100 /Id: `Id` is a list, not text
            value [[[]]]
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
    json(
        "[]",
        &expect![[r#"
        CF100 : the document is a list, not an object
            value []
            allowed an object with members of `Destination`, `IsEnabled`, `Filter`, `Id`, `IncludedObjectVersions`, `OptionalFields`, `Schedule`
    "#]],
    );
}

#[test]
fn cf100_limits_of_texts() {
    changed(
        "ledger-audit",
        "a/b",
        &expect![[r#"
        CF100 /Id: `Id` holds other characters
            value "a/b"
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
    changed(
        "ledger-audit",
        "",
        &expect![[r#"
        CF100 /Id: `Id` has 0 characters
            value ""
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
    changed(
        "210987654321",
        "21098765432x",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/AccountId: `AccountId` does not have 12 digits
            value "21098765432x"
            allowed 12 digits in quotes
    "#]],
    );
    changed(
        "docs/",
        r"docs\u0000",
        &expect![[r#"
            CF100 /Filter/Prefix: `Prefix` holds U+0000, which XML cannot carry
                value "docs\u0000"
                allowed text that XML can carry, at most 1024 bytes
        "#]],
    );
    changed(
        "arn:aws:kms:us-east-1:210987654321:key/k",
        "",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Encryption/SSEKMS/KeyId: `KeyId` is empty
            value ""
            allowed the id of a key that you manage, at most 2048 bytes
    "#]],
    );
    changed(
        "210987654321:key/k",
        "210987654321:alias/aws/s3",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Encryption/SSEKMS/KeyId: `KeyId` names the key that AWS manages, which inventory cannot use
            value "arn:aws:kms:us-east-1:210987654321:alias/aws/s3"
            allowed the id of a key that you manage, at most 2048 bytes
    "#]],
    );
    for (from, bytes_max) in [
        ("ledger-audit", 64),
        ("docs/", 1024),
        ("inventory/ledger-archive", 845),
        ("arn:aws:kms:us-east-1:210987654321:key/k", 2048),
    ] {
        json(&with(from, &"k".repeat(bytes_max)), &expect![[""]]);
        let over = judged(with(from, &"k".repeat(bytes_max + 1)).as_bytes(), Syntax::Json);
        assert_eq!(over.findings.len(), 1, "{from}");
        assert!(over.findings[0].message.contains(&(bytes_max + 1).to_string()), "{over:?}");
    }
}

#[test]
fn cf100_repeated_members() {
    changed(
        r#""IsEnabled":true"#,
        r#""IsEnabled":true,"IsEnabled":false"#,
        &expect![[r#"
        CF100 /IsEnabled: `IsEnabled` is given more than once
            value false
            allowed one `IsEnabled`
    "#]],
    );
    changed(
        r#""SSEKMS":{"#,
        r#""SSES3":{},"SSES3":{},"SSEKMS":{"#,
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Encryption: `Encryption` names two kinds
            value {"SSES3":{},"SSES3":{},"SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}}
            allowed exactly one of `SSES3` with `{}` and `SSEKMS` with `KeyId`
        CF100 /Destination/S3BucketDestination/Encryption/SSES3: `SSES3` is given more than once
            value {}
            allowed one `SSES3`
    "#]],
    );
}

#[test]
fn cf100_an_answer_is_not_a_configuration() {
    json(
        &format!(r#"{{"InventoryConfiguration":{}}}"#, with("\"Daily\"", "\"daily\"")),
        &expect![[r#"
            CF100 /InventoryConfiguration: the configuration is wrapped in `InventoryConfiguration`
                allowed what `InventoryConfiguration` holds, alone
            CF100 /InventoryConfiguration/Schedule/Frequency: `Frequency` has no such choice
                value "daily"
                allowed one of `Daily`, `Weekly`
                instead "Daily"
        "#]],
    );
}
