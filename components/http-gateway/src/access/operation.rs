//! What a caller may be allowed to do, and what each provider calls it.

use stocktake_core::bucket::ARN_PREFIX;
use stocktake_core::finding::Dialect;

/// Something that policies can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    ListBuckets,
    CreateBucket,
    HeadBucket,
    GetLocation,
    PutPolicy,
    GetPolicy,
    DeletePolicy,
    PutInventory,
    GetInventory,
    ListInventory,
    DeleteInventory,
    /// A run on demand, of a stored configuration or of one that is not kept, and its end before its time.
    RunInventory,
}

impl Operation {
    /// Names of the action; one of them is enough. Source: each provider's guide to inventory and to its policies.
    ///
    /// Amazon S3 has no permission for deleting or running an inventory configuration: whoever may put one may do that.
    /// `CoreWeave`'s guide also knows `s3:ListObjects`, which S3's own list of actions lacks.
    pub(super) fn actions(self, dialect: Dialect) -> &'static [&'static str] {
        match (self, dialect) {
            (Self::ListBuckets, Dialect::Cos) => &["name/cos:GetService"],
            (Self::CreateBucket, Dialect::Cos) => &["name/cos:PutBucket"],
            (Self::HeadBucket, Dialect::Cos) => &["name/cos:HeadBucket", "name/cos:GetBucket"],
            (Self::GetLocation, Dialect::Cos) => &["name/cos:GetBucketLocation"],
            (Self::PutPolicy, Dialect::Cos) => &["name/cos:PutBucketPolicy"],
            (Self::GetPolicy, Dialect::Cos) => &["name/cos:GetBucketPolicy"],
            (Self::DeletePolicy, Dialect::Cos) => &["name/cos:DeleteBucketPolicy"],
            (Self::PutInventory, Dialect::Cos) => &["name/cos:PutBucketInventory"],
            (Self::GetInventory | Self::ListInventory, Dialect::Cos) => {
                &["name/cos:GetBucketInventory"]
            }
            (Self::DeleteInventory, Dialect::Cos) => &["name/cos:DeleteBucketInventory"],
            (Self::RunInventory, Dialect::Cos) => &["name/cos:PostBucketInventory"],
            (Self::HeadBucket, Dialect::Coreweave) => &["s3:ListBucket", "s3:ListObjects"],
            (Self::ListInventory, Dialect::Coreweave) => &["s3:ListInventoryConfigurations"],
            (Self::DeleteInventory, Dialect::Coreweave) => &["s3:DeleteInventoryConfiguration"],
            (Self::ListBuckets, _) => &["s3:ListAllMyBuckets"],
            (Self::CreateBucket, _) => &["s3:CreateBucket"],
            (Self::HeadBucket, _) => &["s3:ListBucket"],
            (Self::GetLocation, _) => &["s3:GetBucketLocation"],
            (Self::PutPolicy, _) => &["s3:PutBucketPolicy"],
            (Self::GetPolicy, _) => &["s3:GetBucketPolicy"],
            (Self::DeletePolicy, _) => &["s3:DeleteBucketPolicy"],
            (Self::PutInventory | Self::DeleteInventory | Self::RunInventory, _) => {
                &["s3:PutInventoryConfiguration"]
            }
            (Self::GetInventory | Self::ListInventory, _) => &["s3:GetInventoryConfiguration"],
        }
    }

    /// Whether this is about the bucket's own policy, which its owner must always be able to repair.
    pub(super) fn is_policy(self) -> bool {
        matches!(self, Self::PutPolicy | Self::GetPolicy | Self::DeletePolicy)
    }
}

/// What policies call a bucket, or all of them.
pub(super) fn resource(bucket: Option<&str>, dialect: Dialect, region: &str) -> String {
    match (bucket, dialect) {
        (None, Dialect::Aws | Dialect::Any) => format!("{ARN_PREFIX}*"),
        (None, Dialect::Coreweave) => "*".to_owned(),
        (None, Dialect::Cos) => "qcs::cos:::*".to_owned(),
        (Some(bucket), Dialect::Cos) => {
            let appid = bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
            format!("qcs::cos:{region}:uid/{appid}:{bucket}")
        }
        (Some(bucket), _) => format!("{ARN_PREFIX}{bucket}"),
    }
}
