//! What replacing a bucket's policy does.

use serde::Serialize;

use super::{Document, Principal};
use crate::finding::Finding;

/// What the bucket whose policy is replaced is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketRole {
    /// It is inventoried.
    Source,
    /// Reports go there.
    Destination,
    /// Audit bundles go there.
    Audit,
}

/// A bucket's policy before and after it is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The bucket.
    pub bucket: String,
    /// What it is for.
    pub role: BucketRole,
    /// Its policy until now; none means no policy.
    pub before: Option<Document>,
    /// Its policy from now on; none means no policy.
    pub after: Option<Document>,
    /// Policies of the organization. Where they are not known, they are taken to allow everything.
    pub organization: Option<Vec<Document>>,
    /// Who manages and reads the bucket; the first of them tells the organization, and the account of the bucket.
    pub principals: Vec<Principal>,
}

/// How one permission changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is lost.
    Lost,
    /// It is gained.
    Gained,
    /// It stays, be it allowed or denied.
    Kept,
    /// Something unknown decides.
    Uncertain,
}

/// One permission of one principal, or of a set of them in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PermissionChange {
    /// Who.
    pub who: String,
    /// Which action.
    pub action: String,
    /// What becomes of it.
    pub change: Change,
}

/// What replacing a policy does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// Every permission that was compared: by principal in the order in which they are named, then everybody else.
    pub changes: Vec<PermissionChange>,
    /// Everything wrong: of the new policy, in its order, and of what is lost.
    pub findings: Vec<Finding>,
    /// Whether the audience of the bucket would be locked out.
    pub locks_out: bool,
}
