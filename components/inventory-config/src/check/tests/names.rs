//! The rules that have a code of their own, before and after.

use expect_test::expect;

use super::*;

#[test]
fn cf110_not_the_arn_of_a_bucket() {
    let arn = "arn:aws:s3:::ledger-inventory";
    changed(
        arn,
        "ledger-inventory",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket
            value "ledger-inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
    changed(
        arn,
        "Ledger Inventory",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket
            value "Ledger Inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
        CF111 /Destination/S3BucketDestination/Bucket: a bucket name holds a-z, 0-9, `.` and `-` only, not 'L'
            value "Ledger Inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
    "#]],
    );
    changed(
        arn,
        "s3://ledger-inventory/inventory/",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket
            value "s3://ledger-inventory/inventory/"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
    changed(
        arn,
        "arn:aws:s3:us-east-1:210987654321:ledger-inventory",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: the ARN holds a region and an account, which the ARN of a bucket leaves empty
            value "arn:aws:s3:us-east-1:210987654321:ledger-inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
    changed(
        arn,
        "arn:aws:s3::210987654321:accesspoint/p",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: the ARN holds an account, which the ARN of a bucket leaves empty
            value "arn:aws:s3::210987654321:accesspoint/p"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
    "#]],
    );
    changed(
        arn,
        "arn:aws-cn:s3:::ledger-inventory",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: the ARN is of the partition `aws-cn`, not `aws`
            value "arn:aws-cn:s3:::ledger-inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
    changed(
        arn,
        "qcs::cos:ap-tokyo::reports-1259999999",
        &expect![[r#"
            CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket
                value "qcs::cos:ap-tokyo::reports-1259999999"
                allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
        "#]],
    );
    changed(
        arn,
        "ARN:AWS:S3:::ledger-inventory",
        &expect![[r#"
        CF110 /Destination/S3BucketDestination/Bucket: `Bucket` is not the ARN of a bucket
            value "ARN:AWS:S3:::ledger-inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
}

#[test]
fn cf111_name_rules() {
    changed(
        "ledger-inventory",
        "Ledger-Inventory",
        &expect![[r#"
        CF111 /Destination/S3BucketDestination/Bucket: a bucket name holds a-z, 0-9, `.` and `-` only, not 'L'
            value "arn:aws:s3:::Ledger-Inventory"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
    changed(
        "ledger-inventory",
        "ledger-inventory/reports",
        &expect![[r#"
        CF111 /Destination/S3BucketDestination/Bucket: a bucket name holds a-z, 0-9, `.` and `-` only, not '/'
            value "arn:aws:s3:::ledger-inventory/reports"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
            instead "arn:aws:s3:::ledger-inventory"
    "#]],
    );
    changed(
        "ledger-inventory",
        "a",
        &expect![[r#"
        CF111 /Destination/S3BucketDestination/Bucket: a bucket name has 3 to 63 characters, not 1
            value "arn:aws:s3:::a"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
    "#]],
    );
    changed(
        "ledger-inventory",
        "xn--ledger",
        &expect![[r#"
        CF111 /Destination/S3BucketDestination/Bucket: names that begin or end with `xn--` are reserved
            value "arn:aws:s3:::xn--ledger"
            allowed `arn:aws:s3:::` and a bucket name: 3 to 63 of `a-z 0-9 . -`, first and last a letter or digit
    "#]],
    );
}

#[test]
fn cf120_latest() {
    changed(
        "\"Current\"",
        "\"Latest\"",
        &expect![[r#"
        CF120 /IncludedObjectVersions: the choice that lists the latest versions is `Current`
            value "Latest"
            allowed one of `All`, `Current`
            instead "Current"
    "#]],
    );
}
