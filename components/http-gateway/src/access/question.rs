//! What is asked of whoever judges policies.

use stocktake_core::finding::{Dialect, Finding};

/// Who asks. Nobody in particular, which is an anonymous request, where all is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The ARNs, and other ids, that name the principal.
    pub arns: Vec<String>,
    /// Short forms, such as `coreweave/uid`.
    pub short_forms: Vec<String>,
    /// The account or organization that it belongs to; none for a service.
    pub account: Option<String>,
    /// The host name of a service principal.
    pub service: Option<String>,
}

/// One request to decide on, and every policy that bears on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who asks.
    pub principal: Principal,
    /// What for, such as `s3:PutInventoryConfiguration`.
    pub action: String,
    /// On which resource.
    pub resource: String,
    /// The account that owns the resource, where that is known.
    pub resource_account: Option<String>,
    /// Context keys and their values. Keys that are not listed are unknown.
    pub context: Vec<(String, Vec<String>)>,
    /// Policies of the principal's own side: identity policies, in coreweave those of its organization.
    pub own: Vec<String>,
    /// The policy of the bucket, where it has one.
    pub bucket: Option<String>,
    /// The bucket, where the resource is one.
    pub bucket_name: Option<String>,
    /// Whose rules apply; never [`Dialect::Any`].
    pub dialect: Dialect,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Every gate lets the request pass.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
    /// Something unknown decides.
    Indeterminate,
    /// A document cannot be read.
    InvalidDocument,
}

/// A decision with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What is decided.
    pub decision: Decision,
    /// What would settle an indeterminate decision, sorted.
    pub missing: Vec<String>,
    /// The gate and statement that decide, in words; for logs.
    pub reason: String,
}

/// Judges policies: `stocktake:functions/policy-check`. The same question always gets the same answer.
pub trait Authorizer {
    /// Decides one request: `evaluate`.
    fn decide(&self, question: &Question) -> Ruling;

    /// Finds everything wrong with the policy of a bucket, in document order: `lint`. The dialect is never
    /// [`Dialect::Any`].
    fn lint(&self, policy: &str, bucket: &str, dialect: Dialect) -> Vec<Finding>;
}
