//! What is asked, and the documents that answer it.

/// The most bytes of one document; more is not even parsed.
///
/// Every provider's limit is far below (20 KiB for a bucket policy); white space may add to that.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// The most bytes of one text of a request.
///
/// S3 takes 8 KiB of headers, and keys of 1,024 bytes. Comparing takes as many steps as a pattern and a text are long,
/// multiplied; so whoever takes requests from others refuses longer texts.
pub const REQUEST_TEXT_BYTES_MAX: usize = 8 * 1024;

/// The most values of one context key: twenty times as many as an object or a session has tags.
pub const CONTEXT_VALUES_MAX: usize = 1000;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Its text; at most [`DOCUMENT_BYTES_MAX`].
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

/// A context key and its values. No value means that the key is known to be absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEntry {
    /// The key, such as `aws:SourceArn`.
    pub key: String,
    /// Its values.
    pub values: Vec<String>,
}

/// One request to decide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// What for, such as `s3:PutObject`.
    pub action: String,
    /// On which ARN.
    pub resource: String,
    /// The account that owns the resource.
    pub resource_account: Option<String>,
    /// What is known of the circumstances. Of a key that is listed twice, the first entry counts. In coreweave,
    /// `cw:PrincipalOrgID` is the principal's account unless it is listed; nothing else is added.
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
