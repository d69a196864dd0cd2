//! Who may call, as a fixed list: [`FixedIdentities`].

use std::collections::BTreeMap;

use stocktake_capabilities::{Error, Identities, Identity};

/// The most characters of an access key id; Amazon's have 20 and at most 128.
pub const ACCESS_KEY_CHARS_MAX: usize = 128;

/// The most bytes of a secret; those of S3 have 40, tokens some hundred.
pub const SECRET_BYTES_MAX: usize = 4 << 10;

/// The most bytes of the policies of one identity together: what the contract promises.
pub const POLICIES_BYTES_MAX: usize = 256 << 10;

/// Why a list of identities cannot be used. Never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// An id that no request could bear.
    #[error(
        "`{}` is no access key id; use 1 to {ACCESS_KEY_CHARS_MAX} of A-Z, a-z, 0-9, `-` and `_`",
        .0.escape_debug()
    )]
    AccessKey(String),
    /// A secret that is empty, too long, or holds white space or control characters.
    #[error(
        "the secret of `{0}` cannot be used; it has 1 to {SECRET_BYTES_MAX} characters of ASCII without blanks"
    )]
    Secret(String),
    /// An ARN from which no account follows.
    #[error(
        "the principal `{}` of `{access_key}` is no ARN of an account; write one such as arn:aws:iam::123456789012:user/reporter",
        principal.escape_debug()
    )]
    Principal {
        /// Whose it is.
        access_key: String,
        /// The text.
        principal: String,
    },
    /// Policies above [`POLICIES_BYTES_MAX`].
    #[error(
        "the policies of `{access_key}` have {found} bytes, the limit is {POLICIES_BYTES_MAX}; shorten them"
    )]
    Policies {
        /// Whose they are.
        access_key: String,
        /// All of them together.
        found: usize,
    },
    /// Two identities have one id.
    #[error("the access key id `{0}` is there twice; remove one of them")]
    Twice(String),
}

/// A list of identities that never changes. Ids are compared byte by byte.
#[derive(Clone, Debug, Default)]
pub struct FixedIdentities(BTreeMap<String, Identity>);

impl FixedIdentities {
    /// Takes identities with their access key ids. An empty account is the one of the principal's ARN.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn new(
        identities: impl IntoIterator<Item = (String, Identity)>,
    ) -> Result<Self, IdentityError> {
        let mut by_key = BTreeMap::new();
        for (access_key, mut identity) in identities {
            check(&access_key, &identity)?;
            if identity.account.is_empty() {
                let account = Identity::account_of(&identity.principal).map(str::to_owned);
                identity.account = account.ok_or_else(|| IdentityError::Principal {
                    access_key: access_key.clone(),
                    principal: identity.principal.clone(),
                })?;
            }
            if by_key.insert(access_key.clone(), identity).is_some() {
                return Err(IdentityError::Twice(access_key));
            }
        }
        Ok(Self(by_key))
    }

    /// Whether nobody is on the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Identities for FixedIdentities {
    fn find(&self, access_key_id: &str) -> Result<Option<Identity>, Error> {
        Ok(self.0.get(access_key_id).cloned())
    }
}

fn check(access_key: &str, identity: &Identity) -> Result<(), IdentityError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let lengths = 1..=ACCESS_KEY_CHARS_MAX;
    if !lengths.contains(&access_key.len()) || !access_key.bytes().all(fits) {
        return Err(IdentityError::AccessKey(access_key.to_owned()));
    }
    let lengths = 1..=SECRET_BYTES_MAX;
    if !lengths.contains(&identity.secret.len())
        || !identity.secret.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(IdentityError::Secret(access_key.to_owned()));
    }
    let found = identity.policies.iter().map(String::len).sum();
    if found > POLICIES_BYTES_MAX {
        return Err(IdentityError::Policies { access_key: access_key.to_owned(), found });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:iam::123456789012:user/reporter";

    fn identity(secret: &str, principal: &str) -> Identity {
        let (secret, principal) = (secret.to_owned(), principal.to_owned());
        Identity { secret, principal, ..Identity::default() }
    }

    fn made(list: &[(&str, Identity)]) -> Result<FixedIdentities, IdentityError> {
        FixedIdentities::new(list.iter().map(|(key, one)| ((*key).to_owned(), one.clone())))
    }

    #[test]
    fn an_identity_is_found_by_its_whole_id() {
        let identities = made(&[("AKID", identity("s/+=:", ARN))]).unwrap();
        let found = identities.find("AKID").unwrap().unwrap();
        assert_eq!((found.account.as_str(), found.secret.as_str()), ("123456789012", "s/+=:"));
        for other in ["akid", "AKI", "AKID ", ""] {
            assert_eq!(identities.find(other), Ok(None));
        }
    }

    #[test]
    fn an_account_that_is_given_need_not_follow_from_the_principal() {
        let mut organization = identity("s", "role/x");
        organization.account = "o-1".to_owned();
        let found = made(&[("K", organization)]).unwrap().find("K").unwrap().unwrap();
        assert_eq!(found.account, "o-1");
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_its_secret() {
        let hidden = "hidden secret";
        let mut policies = identity("s", ARN);
        policies.policies = vec![" ".repeat(POLICIES_BYTES_MAX), " ".to_owned()];
        let lists = [
            (vec![("", identity("s", ARN))], "no access key id"),
            (vec![("a.b", identity("s", ARN))], "no access key id"),
            (vec![("K", identity(hidden, ARN))], "the secret of `K`"),
            (vec![("K", identity("", ARN))], "the secret of `K`"),
            (vec![("K", identity("s", "arn:aws:iam:::user/x"))], "no ARN of an account"),
            (vec![("K", identity("s", "nobody"))], "no ARN of an account"),
            (vec![("K", policies)], "have 262145 bytes"),
            (vec![("K", identity("s", ARN)), ("K", identity("t", ARN))], "twice"),
        ];
        for (list, said) in lists {
            let refused = made(&list).unwrap_err();
            assert!(refused.to_string().contains(said), "{refused}");
            assert!(!format!("{refused} {refused:?}").contains(hidden));
        }
    }
}
