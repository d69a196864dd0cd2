//! What `policy-check` is asked and answers.
//!
//! As JSON, members and cases have the names of the contract.

use serde::{Serialize, Serializer};
use stocktake_core::finding::Finding;

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

/// Who asks. Nobody in particular, which is an anonymous request, where all is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
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

/// A context key and its values. No value means that the key is known to be absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContextEntry {
    /// The key, such as `aws:SourceArn`.
    pub key: String,
    /// Its values.
    pub values: Vec<String>,
}

/// One request to decide on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// What for, such as `s3:PutObject`.
    pub action: String,
    /// On which ARN.
    pub resource: String,
    /// The account that owns the resource.
    pub resource_account: Option<String>,
    /// What is known of the circumstances.
    pub context: Vec<ContextEntry>,
    /// Whether keys that are not listed are absent; otherwise they are unknown.
    pub context_complete: bool,
}

/// The policies that bear on a request. None means unknown, an empty list means that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Policies of the principal.
    pub identity: Option<Vec<Document>>,
    /// The policy of the bucket; at most one.
    pub bucket: Option<Vec<Document>>,
    /// Policies of the organization.
    pub organization: Option<Vec<Document>>,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Every gate lets the request pass.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
    /// Something unknown decides.
    Indeterminate,
    /// A document cannot be read, or the request is beyond a bound; the findings say why.
    InvalidDocument,
}

/// Whether a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchOutcome {
    /// It does.
    Match,
    /// It does not.
    No,
    /// Something unknown decides.
    Unknown,
}

/// How one statement was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TraceStep {
    /// The document it stands in.
    pub document: String,
    /// Its place in the document.
    pub index: u32,
    /// Its id, where it has one.
    pub sid: Option<String>,
    /// Whether it allows; otherwise it denies. As JSON, `effect` is `Allow` or `Deny`.
    #[serde(rename = "effect", serialize_with = "effect")]
    pub allows: bool,
    /// Whether it applies.
    pub outcome: MatchOutcome,
    /// Whether only the account was named, not the principal itself. As JSON, `via` is `account` or `direct`.
    #[serde(rename = "via", serialize_with = "via")]
    pub via_account: bool,
    /// The first element that does not hold, as AWS calls it.
    pub element: Option<String>,
    /// Where that element is: a JSON pointer (RFC 6901) into the document, to the statement if it lacks the element.
    pub pointer: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn effect<S: Serializer>(allows: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *allows { "Allow" } else { "Deny" })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn via<S: Serializer>(account: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *account { "account" } else { "direct" })
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What is decided.
    pub decision: Decision,
    /// The gate that decides: `organization`, `bucket`, `identity`, `role` or `key`.
    pub gate: Option<String>,
    /// The statement that decides, or comes closest.
    pub because: Option<TraceStep>,
    /// Context keys and documents that would settle an indeterminate verdict, sorted.
    pub missing: Vec<String>,
    /// Tags of our own decisions that it leans on, where the provider documents none.
    pub assumed: Vec<String>,
    /// How every statement was judged, in document order. The rest follows from it.
    pub trace: Vec<TraceStep>,
    /// What is wrong with the documents.
    pub findings: Vec<Finding>,
}

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreflightReport {
    /// Every key that the writer will write, by a sample of each.
    pub writes: Vec<JudgedRequest>,
    /// What managers must be able to do.
    pub manage: Vec<JudgedRequest>,
    /// What readers must be able to do.
    pub read: Vec<JudgedRequest>,
    /// Everything wrong: by document, and within each by pointer, code and message.
    pub findings: Vec<Finding>,
    /// One combined patch for each document that needs one.
    pub patches: Vec<DocumentPatch>,
}

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
    /// Who manages and reads the bucket; the first of them tells whose the bucket is.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// Every permission that was compared: by principal in the order in which they are named, then everybody else.
    pub changes: Vec<PermissionChange>,
    /// Everything wrong: of the new policy, in its order, and of what is lost.
    pub findings: Vec<Finding>,
    /// Whether the audience of the bucket would be locked out.
    pub locks_out: bool,
}
