//! A delivery to judge before it is set up.

use serde::Serialize;

use super::{Decision, Document, Principal, Request, Verdict};
use crate::bucket::BucketName;
use crate::configuration::Configuration;
use crate::finding::{Dialect, Finding};

/// A delivery to judge before it is set up. Of lists of documents, none is unknown and an empty one says there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Inventory or logging configurations that share a destination.
    pub configurations: Vec<Document>,
    /// The source bucket.
    pub source: String,
    /// The account or organization that owns the source.
    pub source_account: Option<String>,
    /// The account or organization that owns the destination.
    pub destination_account: Option<String>,
    /// The region of the source.
    pub source_region: Option<String>,
    /// The region of the destination.
    pub destination_region: Option<String>,
    /// The source bucket's policy; at most one.
    pub source_policy: Option<Vec<Document>>,
    /// The destination bucket's policy; at most one.
    pub destination_policy: Option<Vec<Document>>,
    /// Policies of the organization.
    pub organization: Option<Vec<Document>>,
    /// Policies of the managers and readers.
    pub identity: Option<Vec<Document>>,
    /// Policies and trust of the writing role.
    pub role: Option<Vec<Document>>,
    /// The policy of the encryption key.
    pub key: Option<Vec<Document>>,
    /// Who shall manage the configuration.
    pub managers: Vec<Principal>,
    /// Who shall read what is delivered.
    pub readers: Vec<Principal>,
    /// The time to name sample keys after, in seconds since the epoch.
    pub at_seconds: i64,
}

/// A request that the delivery depends on, and its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JudgedRequest {
    /// The request.
    pub request: Request,
    /// Its verdict. What is wrong with the form of documents is among the findings of the report, not here.
    pub verdict: Verdict,
}

/// A document and the patch that would mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentPatch {
    /// The document.
    pub document: String,
    /// A JSON patch (RFC 6902).
    pub patch: String,
}

/// Whether a delivery would work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreflightReport {
    /// Every key that the writer will write, by a sample of each.
    pub writes: Vec<JudgedRequest>,
    /// What managers must be able to do.
    pub manage: Vec<JudgedRequest>,
    /// What readers must be able to do.
    pub read: Vec<JudgedRequest>,
    /// Everything wrong: by document, and within each by pointer, code and message.
    pub findings: Vec<Finding>,
    /// One combined patch for each document that needs one. Of patches that concern the same place the first is taken.
    pub patches: Vec<DocumentPatch>,
}

/// What findings about anything but a document have as their document.
pub const REQUEST: &str = "request";

impl PreflightReport {
    /// Whether anything was judged: a delivery that is beyond a bound is not.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        !self.findings.iter().any(|it| it.code == "PC001" && it.document == REQUEST)
    }

    /// The writes of what reports have here. `CoreWeave` may write a manifest beside them too, which is not documented and
    /// so told, and no reason to refuse.
    #[must_use]
    pub fn own_writes(&self, source: &str, configuration: &Configuration) -> Vec<&JudgedRequest> {
        let Ok(source) = BucketName::parse_in(source, Dialect::Any) else { return Vec::new() };
        let bucket = configuration.destination.bucket.as_str();
        let place = format!(":{bucket}/{}/", configuration.report_base(&source));
        let is_own = |it: &&JudgedRequest| it.request.resource.contains(&place);
        let own: Vec<&JudgedRequest> = self.writes.iter().filter(is_own).collect();
        // A policy may be of another provider than the report's form.
        if own.is_empty() { self.writes.iter().collect() } else { own }
    }
}

/// Whether a destination's policy, judged by the rules of its provider, keeps out whoever writes reports there.
///
/// What hangs on something that is not known keeps nobody out, nor does a policy that cannot be read.
#[must_use]
pub fn is_kept_out(dialect: Dialect, writes: &[&JudgedRequest]) -> bool {
    writes.iter().any(|it| match it.verdict.decision {
        Decision::Allowed | Decision::Indeterminate | Decision::InvalidDocument => false,
        Decision::ExplicitDeny => true,
        // Tencent COS delivers without a grant.
        Decision::ImplicitDeny => dialect != Dialect::Cos,
    })
}
