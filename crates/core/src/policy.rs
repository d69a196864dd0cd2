//! What `policy-check` is asked and answers.
//!
//! Whoever asks and whoever judges use these types; the rules are in `crates/policy`. As JSON, members and cases have the
//! names of the contract, `wit/functions/policy-check.wit`, but for [`TraceStep`], which has words for two of them.

mod comparison;
mod delivery;
mod request;
mod verdict;

pub use comparison::{BucketRole, Change, Comparison, PermissionChange, Replacement};
pub use delivery::{Delivery, DocumentPatch, JudgedRequest, PreflightReport, REQUEST, is_kept_out};
pub use request::{ContextEntry, Policies, Principal, Request};
pub use verdict::{Decision, MatchOutcome, TraceStep, Verdict};

use serde::Serialize;

/// The key of the record in `state` that keeps a bucket's policy, as it was put.
#[must_use]
pub fn policy_key(bucket: &str) -> String {
    format!("policies/{bucket}")
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// A bucket's policy.
    BucketPolicy,
    /// A policy of a user or role.
    IdentityPolicy,
    /// A `CoreWeave` organization access policy.
    OrgPolicy,
    /// A Tencent CAM policy.
    CamPolicy,
    /// A CAM role's trust policy.
    TrustPolicy,
    /// A KMS key policy.
    KeyPolicy,
    /// An inventory configuration.
    InventoryConfig,
    /// An access-log configuration.
    LoggingConfig,
    /// Audit-logging settings.
    AuditSettings,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What findings and verdicts call it; unique within a call.
    pub name: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Its text; at most 256 KiB are read.
    pub text: String,
}

/// Where providers leave a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether `"AWS": "*"` covers service principals too, as it does in AWS and not in Ceph.
    pub aws_star_covers_services: bool,
    /// The bucket that a bucket policy is attached to, where known.
    pub bucket: Option<String>,
    /// The tool that will apply the documents, such as `terraform-aws`.
    pub tool: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { aws_star_covers_services: true, bucket: None, tool: None }
    }
}
