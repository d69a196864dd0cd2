//! Looking up who is calling.

use std::fmt;

use crate::Error;

/// Who a caller is, and the secret that proves it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The principal's ARN.
    pub principal: String,
    /// The account or organization that it belongs to.
    pub account: String,
    /// The secret key to verify signatures with; for a bearer token, the token.
    pub secret: String,
    /// The names of the roles and groups that it holds.
    pub roles: Vec<String>,
    /// Whether its own side allows it everything. Policies of buckets, and denials in `policies`, hold all the same.
    pub administrator: bool,
    /// Policies that its own side has, as JSON texts.
    pub policies: Vec<String>,
    /// Whether it is suspended: known, yet to be refused.
    pub suspended: bool,
}

impl Identity {
    /// The account of `arn:partition:service:region:account:resource`; none if it is empty or this is no such ARN.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
    ///
    /// # Examples
    /// ```
    /// use stocktake_capabilities::Identity;
    ///
    /// assert_eq!(Identity::account_of("arn:aws:iam::123456789012:user/a:b"), Some("123456789012"));
    /// assert_eq!(Identity::account_of("arn:aws:iam:::user/a"), None);
    /// assert_eq!(Identity::account_of("arn:aws:iam::123456789012:"), None);
    /// ```
    #[must_use]
    pub fn account_of(arn: &str) -> Option<&str> {
        let mut parts = arn.splitn(6, ':');
        let is_arn = parts.next() == Some("arn");
        let account = parts.nth(3).filter(|account| !account.is_empty());
        let resource = parts.next().filter(|resource| !resource.is_empty());
        account.filter(|_| is_arn && resource.is_some())
    }
}

impl fmt::Debug for Identity {
    /// Leaves the secret out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("principal", &self.principal)
            .field("account", &self.account)
            .field("suspended", &self.suspended)
            .finish_non_exhaustive()
    }
}

/// `stocktake:host/identities`. Read only: identities are made and revoked outside.
pub trait Identities {
    /// The identity of an access key id, none if there is no such key.
    ///
    /// For a bearer token the id is the part before its first dot.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn find(&self, access_key_id: &str) -> Result<Option<Identity>, Error>;
}
