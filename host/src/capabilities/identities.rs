//! `stocktake:host/identities`.

use stocktake_capabilities::Identity;

use super::bindings::stocktake::host::identities as wit;
use super::bindings::stocktake::host::types::Error;
use super::blocking;
use crate::engine::Invocation;

impl wit::Host for Invocation {
    async fn find(
        &mut self,
        access_key_id: String,
    ) -> wasmtime::Result<Result<Option<wit::Identity>, Error>> {
        blocking("identities", self.capabilities.identities.as_ref(), move |identities| {
            Ok(identities.find(&access_key_id)?.map(identity))
        })
        .await
    }
}

fn identity(identity: Identity) -> wit::Identity {
    wit::Identity {
        principal: identity.principal,
        account: identity.account,
        secret: identity.secret,
        roles: identity.roles,
        administrator: identity.administrator,
        policies: identity.policies,
        suspended: identity.suspended,
    }
}
