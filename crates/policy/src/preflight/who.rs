//! Who writes, and what that takes.

use stocktake_core::policy::Principal;

use crate::principal::{CW_AUDIT_WRITER, CW_INVENTORY_WRITER, principal_named};

use super::Bench;

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    AwsInventory,
    AwsLogs,
    CwInventory,
    CwAudit,
    CosRole,
}

impl Writer {
    pub(super) fn principal(self, bench: &Bench<'_>) -> Principal {
        match self {
            Self::AwsInventory => principal_named("s3.amazonaws.com", bench.dialect),
            Self::AwsLogs => principal_named("logging.s3.amazonaws.com", bench.dialect),
            Self::CwInventory => principal_named(CW_INVENTORY_WRITER, bench.dialect),
            Self::CwAudit => principal_named(CW_AUDIT_WRITER, bench.dialect),
            Self::CosRole => {
                let owner = bench.delivery.source_account.clone();
                let arn = format!(
                    "qcs::cam::uin/{}:roleName/COS_QcsRole",
                    owner.as_deref().unwrap_or_default()
                );
                Principal { arns: vec![arn], account: owner, ..Principal::default() }
            }
        }
    }

    /// What must be allowed on every key.
    pub(super) fn actions(self) -> &'static [&'static str] {
        match self {
            Self::AwsInventory | Self::AwsLogs | Self::CwInventory | Self::CwAudit => {
                &["s3:PutObject"]
            }
            Self::CosRole => &[
                "name/cos:PutObject",
                "name/cos:InitiateMultipartUpload",
                "name/cos:UploadPart",
                "name/cos:ListParts",
                "name/cos:ListMultipartUploads",
                "name/cos:CompleteMultipartUpload",
                "name/cos:AbortMultipartUpload",
            ],
        }
    }

    /// How a policy names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AwsInventory => "s3.amazonaws.com",
            Self::AwsLogs => "logging.s3.amazonaws.com",
            Self::CwInventory => CW_INVENTORY_WRITER,
            Self::CwAudit => CW_AUDIT_WRITER,
            Self::CosRole => "COS_QcsRole",
        }
    }

    /// The writer of the other job, which is taken for this one.
    pub(super) fn other(self) -> Option<&'static str> {
        match self {
            Self::AwsInventory => Some("logging.s3.amazonaws.com"),
            Self::AwsLogs => Some("s3.amazonaws.com"),
            Self::CwInventory => Some(CW_AUDIT_WRITER),
            Self::CwAudit => Some(CW_INVENTORY_WRITER),
            Self::CosRole => None,
        }
    }
}
