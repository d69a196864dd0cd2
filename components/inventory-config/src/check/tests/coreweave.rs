//! The dialect of `CoreWeave`.

use super::*;

/// The example of the provider's guide, which says `ORC`, an ARN and a slash at the end of the prefix.
pub(super) const GUIDE: &str = r#"{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"ORC","Prefix":"inventory/"}},"IsEnabled":true,"Filter":{"Prefix":"docs/"},"Id":"docs-daily","IncludedObjectVersions":"All","OptionalFields":["LastAccessedDate"],"Schedule":{"Frequency":"Daily"}}"#;

/// What the AWS CLI sends for it.
const GUIDE_XML: &str = r#"<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Format>ORC</Format><Prefix>inventory/</Prefix></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>LastAccessedDate</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>"#;

#[track_caller]
fn coreweave(document: &str, expected: &Expect) -> String {
    told(Dialect::Coreweave, Syntax::Json, document, expected)
}

/// The guide's example with one text in place of another, which must be there.
#[track_caller]
pub(super) fn guide_with(from: &str, to: &str) -> String {
    assert!(GUIDE.contains(from), "{from}");
    GUIDE.replacen(from, to, 1)
}

#[test]
fn keeps_the_guides_example_as_it_is() {
    let kept = format!(r#"{},"Form":"coreweave"}}"#, GUIDE.strip_suffix('}').unwrap());
    assert_eq!(coreweave(GUIDE, &expect![""]), kept);
    assert_eq!(told(Dialect::Coreweave, Syntax::Xml, GUIDE_XML, &expect![""]), kept);
    let disabled = guide_with("true", "false");
    assert_eq!(coreweave(&disabled, &expect![""]), kept.replace("true", "false"));
}

#[test]
fn latest_is_another_word_for_current() {
    for word in ["Latest", "Current"] {
        let kept = coreweave(&guide_with("\"All\"", &format!("\"{word}\"")), &expect![""]);
        assert!(kept.contains(r#""IncludedObjectVersions":"Current""#), "{kept}");
    }
    coreweave(
        &guide_with("\"All\"", "\"LATEST\""),
        &expect![[r#"
            Error Coreweave CF100 /IncludedObjectVersions: `IncludedObjectVersions` has no such choice; found "LATEST"
        "#]],
    );
}

#[test]
fn the_bucket_is_answered_as_it_was_given() {
    let bare = guide_with("arn:aws:s3:::orbit-reports", "orbit-reports");
    assert!(coreweave(&bare, &expect![""]).contains(r#""Bucket":"orbit-reports""#));
    let bare = GUIDE_XML.replace("arn:aws:s3:::orbit-reports", "orbit-reports");
    let kept = told(Dialect::Coreweave, Syntax::Xml, &bare, &expect![""]);
    assert!(kept.contains(r#""Bucket":"orbit-reports""#), "{kept}");
}

#[test]
fn takes_its_own_formats_and_fields_and_no_others() {
    for format in ["CSV", "TSV", "JSON", "ORC", "Parquet"] {
        coreweave(&guide_with("ORC", format), &expect![""]);
    }
    for field in "Size LastModifiedDate LastAccessedDate StorageClass ETag IsMultipartUploaded \
        EncryptionStatus ChecksumAlgorithm"
        .split_whitespace()
    {
        coreweave(&guide_with("LastAccessedDate", field), &expect![""]);
    }
    coreweave(
        &guide_with(r#""LastAccessedDate""#, r#""ObjectOwner","Tag","size""#),
        &expect![[r#"
            Error Coreweave CF100 /OptionalFields/0: CoreWeave has no field `ObjectOwner`; found "ObjectOwner"
            Error Coreweave CF100 /OptionalFields/1: CoreWeave has no field `Tag`; found "Tag"
            Error Coreweave CF100 /OptionalFields/2: unknown optional field; found "size"
        "#]],
    );
    coreweave(
        &guide_with("ORC", "orc"),
        &expect![[r#"
            Error Coreweave CF100 /Destination/S3BucketDestination/Format: `Format` has no such choice; found "orc"
        "#]],
    );
}

#[test]
fn an_empty_list_of_fields_is_refused_and_none_is_not() {
    for (syntax, document) in [
        (Syntax::Json, guide_with(r#"["LastAccessedDate"]"#, "[]")),
        (
            Syntax::Xml,
            GUIDE_XML.replace(
                "<OptionalFields><Field>LastAccessedDate</Field></OptionalFields>",
                "<OptionalFields />",
            ),
        ),
    ] {
        told(
            Dialect::Coreweave,
            syntax,
            &document,
            &expect![[r#"
                Error Coreweave CF100 /OptionalFields: `OptionalFields` is empty; found []
            "#]],
        );
        // The others take it for none at all.
        let kept = told(Dialect::Aws, syntax, &document, &expect![""]);
        assert!(!kept.contains("OptionalFields"), "{kept}");
    }
    coreweave(&guide_with(r#""OptionalFields":["LastAccessedDate"],"#, ""), &expect![""]);
}

#[test]
fn an_account_is_any_text() {
    let owned = |id: &str| guide_with(r#""ORC","#, &format!(r#""ORC","AccountId":"{id}","#));
    assert!(coreweave(&owned("f3a9c1"), &expect![""]).contains(r#""AccountId":"f3a9c1""#));
    coreweave(&owned(&"a".repeat(256)), &expect![""]);
    coreweave(
        &owned(""),
        &expect![[r#"
            Error Coreweave CF100 /Destination/S3BucketDestination/AccountId: `AccountId` is empty; found ""
        "#]],
    );
    let over = judged_as(Dialect::Coreweave, owned(&"a".repeat(257)).as_bytes(), Syntax::Json);
    assert_eq!(over.findings[0].message, "`AccountId` has 257 bytes");
}

#[test]
fn there_is_no_choice_of_encryption() {
    coreweave(
        &guide_with(r#""ORC","#, r#""ORC","Encryption":{"SSES3":{}},"#),
        &expect![[r#"
            Error Coreweave CF100 /Destination/S3BucketDestination/Encryption: unknown member `Encryption`; found "Encryption"
        "#]],
    );
}

#[test]
fn names_follow_the_providers_rules() {
    let named = |name: &str, expected: &Expect| {
        coreweave(&guide_with("arn:aws:s3:::orbit-reports", name), expected);
    };
    named(
        "arn:aws:s3:::cw-f3a9c1-audit-logs",
        &expect![[r#"
            Error Coreweave CF111 /Destination/S3BucketDestination/Bucket: names that begin or end with `cw-` are reserved; found "arn:aws:s3:::cw-f3a9c1-audit-logs"
        "#]],
    );
    named(
        "orbit.reports",
        &expect![[r#"
            Error Coreweave CF111 /Destination/S3BucketDestination/Bucket: a bucket name of this provider holds a-z, 0-9 and `-` only, not '.'; found "orbit.reports"
        "#]],
    );
    named(
        "int",
        &expect![[r#"
            Error Coreweave CF111 /Destination/S3BucketDestination/Bucket: the name `int` is reserved; found "int"
        "#]],
    );
    named(
        "s3://orbit-reports",
        &expect![[r#"
            Error Coreweave CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket; found "s3://orbit-reports"
        "#]],
    );
    named("sthree-reports", &expect![""]);
    let slash = check(
        guide_with("arn:aws:s3:::orbit-reports", "Orbit/x").as_bytes(),
        Syntax::Json,
        Dialect::Coreweave,
    );
    assert_eq!(slash.findings[0].suggestion.as_deref(), Some("\"orbit\""));
}

#[test]
fn refuses_what_others_have() {
    let document = r#"{"Destination":{"COSBucketDestination":{}},"IsEnabled":"True","Filter":{"Prefix":"a","StorageClass":"STANDARD","NameGlob":"*"},"Id":"a","IncludedObjectVersions":"Current","OptionalFields":{"Field":["Size"]},"Schedule":{"Frequency":"Monthly","MonthlyDate":1}}"#;
    coreweave(
        document,
        &expect![[r#"
            Error Coreweave CF100 /Destination/COSBucketDestination: unknown member `COSBucketDestination`; found "COSBucketDestination"
            Error Coreweave CF100 /Destination/S3BucketDestination: `S3BucketDestination` is missing; found nothing
            Error Coreweave CF100 /IsEnabled: `IsEnabled` is text, not a boolean; found "True"
            Error Coreweave CF100 /Filter/StorageClass: unknown member `StorageClass`; found "StorageClass"
            Error Coreweave CF100 /Filter/NameGlob: unknown member `NameGlob`; found "NameGlob"
            Error Coreweave CF100 /OptionalFields: `OptionalFields` is an object, not a list; found {"Field":["Size"]}
            Error Coreweave CF100 /Schedule/Frequency: `Frequency` has no such choice; found "Monthly"
            Error Coreweave CF100 /Schedule/MonthlyDate: unknown member `MonthlyDate`; found "MonthlyDate"
        "#]],
    );
    // The destination of another API is meant as it stands.
    for dialect in [Dialect::Aws, Dialect::Coreweave] {
        let findings = judged_as(dialect, document.as_bytes(), Syntax::Json).findings;
        assert_eq!((findings[0].suggestion.as_deref(), findings[0].patch.as_deref()), (None, None));
    }
}
