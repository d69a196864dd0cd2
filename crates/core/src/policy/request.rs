//! A request to decide on.

use serde::Serialize;

use super::Document;

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

impl Principal {
    /// Whether nothing tells who it is.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.arns.is_empty()
            && self.short_forms.is_empty()
            && self.account.is_none()
            && self.service.is_none()
    }
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
