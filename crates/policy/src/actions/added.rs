//! Actions that AWS does not have.
//!
//! Sources: "Object Storage S3 compatibility" and "AI Object Storage API" of `CoreWeave`; "Working with COS API
//! authorization policies" of Tencent Cloud COS.

use super::{Access, Level, Row};

const fn row(name: &'static str, level: Level, access: Access) -> Row {
    Row { name, level, access }
}

/// What `CoreWeave` has besides S3's own.
pub(super) const COREWEAVE: &[Row] = &[
    row("s3:ListInventoryConfigurations", Level::Bucket, Access::List),
    row("s3:DeleteInventoryConfiguration", Level::Bucket, Access::Write),
    row("s3:PutBucketLifecycleConfiguration", Level::Bucket, Access::Write),
    row("cwobject:CreateAccessKey", Level::Account, Access::Write),
    row("cwobject:CreateAccessKeySAML", Level::Account, Access::Write),
    row("cwobject:CreateAccessKeyOIDC", Level::Account, Access::Write),
    row("cwobject:EnsureAccessPolicy", Level::Account, Access::PermissionsManagement),
    row("cwobject:ListAccessPolicy", Level::Account, Access::List),
    row("cwobject:DeleteAccessPolicy", Level::Account, Access::PermissionsManagement),
];

/// What of Tencent Cloud bears on reports.
pub(super) const COS: &[Row] = &[
    row("cos:PutObject", Level::Object, Access::Write),
    row("cos:PostObject", Level::Object, Access::Write),
    row("cos:InitiateMultipartUpload", Level::Object, Access::Write),
    row("cos:UploadPart", Level::Object, Access::Write),
    row("cos:ListParts", Level::Object, Access::Read),
    row("cos:ListMultipartUploads", Level::Bucket, Access::List),
    row("cos:CompleteMultipartUpload", Level::Object, Access::Write),
    row("cos:AbortMultipartUpload", Level::Object, Access::Write),
    row("cos:GetObject", Level::Object, Access::Read),
    row("cos:GetBucket", Level::Bucket, Access::List),
    row("cos:GetService", Level::Account, Access::List),
    row("cos:PutBucketInventory", Level::Bucket, Access::Write),
    row("cos:GetBucketInventory", Level::Bucket, Access::Read),
    row("cos:DeleteBucketInventory", Level::Bucket, Access::Write),
    row("cos:PostBucketInventory", Level::Bucket, Access::Write),
    row("sts:AssumeRole", Level::Other, Access::Write),
];
