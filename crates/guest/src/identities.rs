//! Looking up who is calling.

use stocktake_capabilities as plain;

use crate::Host;
use crate::bindings::stocktake::host::identities as wit;

impl plain::Identities for Host {
    fn find(&self, access_key_id: &str) -> Result<Option<plain::Identity>, plain::Error> {
        Ok(wit::find(access_key_id)?.map(Into::into))
    }
}

impl From<wit::Identity> for plain::Identity {
    fn from(identity: wit::Identity) -> Self {
        let wit::Identity { principal, account, secret, roles, administrator, policies, suspended } =
            identity;
        Self { principal, account, secret, roles, administrator, policies, suspended }
    }
}
