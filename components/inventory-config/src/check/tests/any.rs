//! The dialect `any`: what it takes, what it says about the others, and which form a report gets.

use stocktake_core::form::Form;

use super::coreweave::{GUIDE, guide_with};
use super::cos;
use super::*;

#[track_caller]
fn any(document: &str, expected: &Expect) -> Option<Form> {
    let judgement = judged_as(Dialect::Any, document.as_bytes(), Syntax::Json);
    expected.assert_eq(&brief(&judgement.findings));
    judgement.configuration.map(|usable| usable.form)
}

/// What the AWS guide has, with one text in place of another.
#[track_caller]
fn walkthrough(from: &str, to: &str, expected: &Expect) -> Option<Form> {
    any(&with(from, to), expected)
}

#[test]
fn what_every_dialect_of_its_api_takes_has_nothing_said_about_it() {
    let plain = with(
        r#","Encryption":{"SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:210987654321:key/k"}}"#,
        "",
    );
    assert_eq!(any(&plain, &expect![""]), Some(Form::Aws));
    assert_eq!(any(LEAST, &expect![""]), Some(Form::Aws));
    assert_eq!(any(cos::FULL, &expect![""]), Some(Form::Cos));
    let xml = judged_as(Dialect::Any, cos::FULL_XML.as_bytes(), Syntax::Xml);
    assert_eq!(xml.findings, []);
    let json = judged_as(Dialect::Cos, cos::FULL.as_bytes(), Syntax::Json).configuration;
    assert_eq!(xml.configuration, json);
}

#[test]
fn says_what_one_provider_alone_takes() {
    let form = any(
        USABLE,
        &expect![[r#"
            Info Coreweave CF100 /Destination/S3BucketDestination/Encryption: `coreweave` would refuse this: unknown member `Encryption`; found "Encryption"
        "#]],
    );
    assert_eq!(form, Some(Form::Aws));
    let form = any(
        GUIDE,
        &expect![[r#"
            Info Aws CF100 /OptionalFields/0: `aws` would refuse this: Amazon S3 has no field `LastAccessedDate`; found "LastAccessedDate"
        "#]],
    );
    assert_eq!(form, Some(Form::Coreweave));
}

#[test]
fn a_report_has_the_form_of_the_first_that_takes_the_document() {
    let check = |from: &str, to: &str, form: Form| {
        let judgement = judged_as(Dialect::Any, guide_with(from, to).as_bytes(), Syntax::Json);
        let usable = judgement.configuration.unwrap();
        assert_eq!(usable.form, form, "{to}");
        let first = usable.columns()[0].name;
        assert_eq!(first == "BucketName", form == Form::Coreweave, "{to}");
        let kept = usable.to_json();
        assert_eq!(kept.contains("\"Form\":\"coreweave\""), form == Form::Coreweave, "{kept}");
        assert!(!usable.to_document().contains("Form\":\"c"));
    };
    let fields = r#""LastAccessedDate""#;
    check(fields, r#""LastAccessedDate""#, Form::Coreweave);
    check(fields, r#""Size""#, Form::Aws);
    check(r#"["LastAccessedDate"]"#, "[]", Form::Aws);
    let aws = GUIDE.replace("LastAccessedDate", "Size");
    for (from, to, form) in [
        ("ORC", "TSV", Form::Coreweave),
        ("ORC", "JSON", Form::Coreweave),
        ("ORC", "Parquet", Form::Aws),
        ("\"All\"", "\"Latest\"", Form::Coreweave),
        ("arn:aws:s3:::orbit-reports", "orbit-reports", Form::Coreweave),
        // No dialect takes these as a whole.
        (r#""Size""#, r#""ObjectOwner","LastAccessedDate""#, Form::Aws),
        (r#""Size""#, r#""Size","Tag""#, Form::Aws),
    ] {
        let document = aws.replacen(from, to, 1);
        let usable = judged_as(Dialect::Any, document.as_bytes(), Syntax::Json).configuration;
        assert_eq!(usable.map(|usable| usable.form), Some(form), "{to}");
    }
}

#[test]
fn filters_and_schedules_do_not_change_the_form() {
    let monthly = r#"{"Frequency":"Monthly","MonthlyDate":31}"#;
    let form = any(
        &guide_with(r#"{"Frequency":"Daily"}"#, monthly)
            .replace(r#""Prefix":"docs/""#, r#""NameGlob":"*.txt""#),
        &expect![[r#"
            Info Aws CF100 /Filter/NameGlob: `aws` would refuse this: unknown member `NameGlob`; found "NameGlob"
            Info Aws CF100 /Filter/Prefix: `aws` would refuse this: `Prefix` is missing; found nothing
            Info Aws CF100 /OptionalFields/0: `aws` would refuse this: Amazon S3 has no field `LastAccessedDate`; found "LastAccessedDate"
            Info Aws CF100 /Schedule/Frequency: `aws` would refuse this: `Frequency` has no such choice; found "Monthly"
            Info Aws CF100 /Schedule/MonthlyDate: `aws` would refuse this: unknown member `MonthlyDate`; found "MonthlyDate"
            Info Coreweave CF100 /Filter/NameGlob: `coreweave` would refuse this: unknown member `NameGlob`; found "NameGlob"
            Info Coreweave CF100 /Filter/Prefix: `coreweave` would refuse this: `Prefix` is missing; found nothing
            Info Coreweave CF100 /Schedule/Frequency: `coreweave` would refuse this: `Frequency` has no such choice; found "Monthly"
            Info Coreweave CF100 /Schedule/MonthlyDate: `coreweave` would refuse this: unknown member `MonthlyDate`; found "MonthlyDate"
        "#]],
    );
    assert_eq!(form, Some(Form::Coreweave));
}

#[test]
fn a_destination_of_cos_has_the_form_of_cos() {
    let form = any(
        &cos::FULL.replace("\"CSV\"", "\"Parquet\"").replace("SSECOS", "SSES3"),
        &expect![[r#"
            Info Cos CF100 /Destination/COSBucketDestination/Format: `cos` would refuse this: `Format` has no such choice; found "Parquet"
            Info Cos CF100 /Destination/COSBucketDestination/Encryption: `cos` would refuse this: `Encryption` names no kind; found {"SSES3":{}}
            Info Cos CF100 /Destination/COSBucketDestination/Encryption/SSES3: `cos` would refuse this: unknown member `SSES3`; found "SSES3"
        "#]],
    );
    assert_eq!(form, Some(Form::Cos));
}

#[test]
fn a_document_is_for_one_api() {
    walkthrough(
        r#""Destination":{"#,
        r#""Destination":{"COSBucketDestination":{"Bucket":"qcs::cos:r::a-1","Format":"CSV"},"#,
        &expect![[r#"
            Error Any CF100 /Destination: `Destination` names two kinds; found {"COSBucketDestination":{"Bucket":"qcs::cos:r::a-1","Format":"CSV"},"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::ledger-inventory","Format":"CSV","Prefix":"inventory/ledge…
        "#]],
    );
    walkthrough(
        "S3BucketDestination",
        "S3bucketDestination",
        &expect![[r#"
            Error Any CF100 /Destination: `Destination` names no kind; found {"S3bucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::ledger-inventory","Format":"CSV","Prefix":"inventory/ledger-archive","Encryption":{"SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:2…
            Error Any CF100 /Destination/S3bucketDestination: unknown member `S3bucketDestination`; found "S3bucketDestination"
        "#]],
    );
}

#[test]
fn what_it_refuses_itself_is_not_said_again() {
    walkthrough(
        "\"Daily\"",
        "\"Hourly\"",
        &expect![[r#"
            Error Any CF100 /Schedule/Frequency: `Frequency` has no such choice; found "Hourly"
            Info Coreweave CF100 /Destination/S3BucketDestination/Encryption: `coreweave` would refuse this: unknown member `Encryption`; found "Encryption"
        "#]],
    );
    any(
        "",
        &expect![[r#"
            Error Any CF100 : the document is empty; found nothing
        "#]],
    );
    any(
        "{}",
        &expect![[r#"
            Error Any CF100 /Destination: `Destination` is missing; found nothing
            Error Any CF100 /IsEnabled: `IsEnabled` is missing; found nothing
            Error Any CF100 /Id: `Id` is missing; found nothing
            Error Any CF100 /IncludedObjectVersions: `IncludedObjectVersions` is missing; found nothing
            Error Any CF100 /Schedule: `Schedule` is missing; found nothing
        "#]],
    );
}

#[test]
fn what_is_told_about_the_others_has_a_limit() {
    let fields = |count: usize| {
        let names = vec!["\"Tag\""; count].join(",");
        let document = GUIDE.replace("\"LastAccessedDate\"", &names);
        judged_as(Dialect::Any, document.as_bytes(), Syntax::Json)
    };
    let at_limit = fields(FINDINGS_MAX / 2);
    assert_eq!(at_limit.findings.len(), FINDINGS_MAX);
    let over = fields(FINDINGS_MAX / 2 + 1);
    assert_eq!(over.findings.len(), FINDINGS_MAX + 1);
    assert!(over.configuration.is_some());
    expect![[r#"
        Info Any CF100 : there are more than 1000 findings; found nothing
    "#]]
    .assert_eq(&brief(&over.findings[FINDINGS_MAX..]));
}
