//! The documents of the guides, in every dialect.

use stocktake_core::form::Form;

use super::coreweave::GUIDE;
use super::cos;
use super::*;

/// The forms whose dialects take a document.
type Takers = &'static [Form];

const AWS: Takers = &[Form::Aws];
const COREWEAVE: Takers = &[Form::Coreweave];
const BOTH: Takers = &[Form::Aws, Form::Coreweave];
const COS: Takers = &[Form::Cos];

/// Every document of the guides, with the dialects that take it and the form that `any` gives it.
#[test]
fn every_example_has_its_outcome_in_every_dialect() {
    let aws_cli = r#"<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Format>CSV</Format><Prefix>inv</Prefix><Encryption><SSE-S3 /></Encryption></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>"#;
    let kms = aws_cli.replace("<SSE-S3 />", "<SSE-KMS><KeyId>arn:aws:kms:k</KeyId></SSE-KMS>");
    let bare = aws_cli.replace("<Encryption><SSE-S3 /></Encryption>", "");
    let cos = cos::FULL_XML.replace("<AccountId>100000000001</AccountId>", "");
    let audit = r#"{"Id":"ledger-audit","IsEnabled":true,"Destination":{"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::ledger-inventory","Format":"CSV","Prefix":"inventory/ledger-archive"}},"Schedule":{"Frequency":"Daily"},"IncludedObjectVersions":"Current","OptionalFields":["Size","LastModifiedDate","StorageClass","ETag","IsMultipartUploaded","ReplicationStatus","EncryptionStatus","ObjectLockRetainUntilDate","ObjectLockMode","ObjectLockLegalHoldStatus","BucketKeyStatus"]}"#;
    let weekly = r#"{"Id":"ledger-weekly","IsEnabled":true,"Destination":{"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::ledger-inventory","Format":"Parquet","Prefix":"inventory-parquet/ledger-archive"}},"Schedule":{"Frequency":"Weekly"},"IncludedObjectVersions":"All","OptionalFields":["Size","LastModifiedDate","StorageClass","EncryptionStatus"]}"#;
    let field = |name: &str| bare.replace("ETag", name);
    let examples: Vec<(Syntax, String, Takers, Form)> = vec![
        (Syntax::Xml, aws_cli.to_owned(), AWS, Form::Aws),
        (Syntax::Xml, kms, AWS, Form::Aws),
        (Syntax::Xml, bare.clone(), BOTH, Form::Aws),
        (Syntax::Xml, bare.replace("<Field>Size</Field><Field>ETag</Field>", ""), AWS, Form::Aws),
        // The CLI sends these as they are written.
        (Syntax::Xml, bare.replace("CSV", "TSV"), COREWEAVE, Form::Coreweave),
        (Syntax::Xml, bare.replace(">All<", ">Latest<"), COREWEAVE, Form::Coreweave),
        (Syntax::Xml, field("LastAccessedDate"), COREWEAVE, Form::Coreweave),
        (Syntax::Xml, field("ObjectOwner"), AWS, Form::Aws),
        (Syntax::Xml, cos.clone(), COS, Form::Cos),
        (Syntax::Xml, cos.replace(">true<", ">True<"), COS, Form::Cos),
        (Syntax::Json, GUIDE.to_owned(), COREWEAVE, Form::Coreweave),
        (Syntax::Json, GUIDE.replace("true", "false"), COREWEAVE, Form::Coreweave),
        (Syntax::Json, GUIDE.replace("\"All\"", "\"Latest\""), COREWEAVE, Form::Coreweave),
        (Syntax::Json, GUIDE.replace("arn:aws:s3:::", ""), COREWEAVE, Form::Coreweave),
        (Syntax::Json, audit.to_owned(), AWS, Form::Aws),
        (Syntax::Json, weekly.to_owned(), BOTH, Form::Aws),
    ];
    for (syntax, document, taken_by, form) in &examples {
        for strict in Form::ALL {
            let judgement = judged_as(strict.dialect(), document.as_bytes(), *syntax);
            let found = judgement.configuration.map(|usable| usable.form);
            assert_eq!(found, taken_by.contains(strict).then_some(*strict), "{document}");
        }
        let judgement = judged_as(Dialect::Any, document.as_bytes(), *syntax);
        assert_eq!(judgement.configuration.unwrap().form, *form, "{document}");
        let api = if *form == Form::Cos { COS } else { BOTH };
        let named: Vec<Dialect> =
            api.iter().filter(|form| !taken_by.contains(form)).map(|form| form.dialect()).collect();
        let mut told: Vec<Dialect> =
            judgement.findings.iter().map(|finding| finding.dialect).collect();
        told.dedup();
        assert_eq!(told, named, "{document}");
    }
    // No dialect has these.
    for wrong in
        [bare.replace(">All<", ">CURRENT<"), bare.replace("Daily", "Hourly"), field("Sise")]
    {
        for dialect in [Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos] {
            assert_eq!(judged_as(dialect, wrong.as_bytes(), Syntax::Xml).configuration, None);
        }
    }
}
