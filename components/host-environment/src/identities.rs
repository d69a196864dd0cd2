//! Who may call, as a list of texts.

use std::collections::BTreeMap;

use stocktake_capabilities::{Error, Identities, Identity};

use crate::store::Store;

impl Identities for Store {
    fn find(&self, access_key_id: &str) -> Result<Option<Identity>, Error> {
        Ok(self.identities.get(access_key_id).cloned())
    }
}

/// Reads identities that blanks or line ends divide. No message shows a secret.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Identity>, String> {
    let mut identities = BTreeMap::new();
    for (at, text) in text.split_whitespace().enumerate() {
        let number = at + 1;
        let (access_key, identity) = identity(text).ok_or_else(|| {
            format!("identity {number}: write ACCESS-KEY:SECRET:PRINCIPAL-ARN, such as AKID:secret:arn:aws:iam::123456789012:user/reporter")
        })?;
        if identities.insert(access_key, identity).is_some() {
            return Err(format!("identity {number}: its access key is there before; remove one"));
        }
    }
    Ok(identities)
}

/// The first two colons divide, so that the ARN keeps its own.
fn identity(text: &str) -> Option<(String, Identity)> {
    let (access_key, rest) = text.split_once(':')?;
    let (secret, principal) = rest.split_once(':')?;
    if access_key.is_empty() || secret.is_empty() {
        return None;
    }
    let identity = Identity {
        principal: principal.to_owned(),
        account: Identity::account_of(principal)?.to_owned(),
        secret: secret.to_owned(),
        administrator: true,
        ..Identity::default()
    };
    Some((access_key.to_owned(), identity))
}
