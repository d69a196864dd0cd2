//! Binds the logic to the world `host-environment`. Decides nothing.
#![expect(unsafe_code, reason = "the export macro of wit-bindgen")]

mod convert;

use std::sync::OnceLock;

use stocktake_capabilities::{
    BucketCreation as _, Buckets as _, Identities as _, Queue as _, State as _,
};
// For its allocator: the capabilities are supplied here, not imported.
use stocktake_guest as _;
use wasi::cli::environment::get_environment;

use crate::{Problem, Store};

mod bindings {
    #![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]
    wit_bindgen::generate!({
        path: [
            "../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/random",
            "../../wit/deps/filesystem", "../../wit/deps/sockets", "../../wit/deps/cli",
            "../../wit/deps/http", "../../wit/host", "../../wit/functions", "../../wit/worlds.wit",
        ],
        world: "stocktake:components/host-environment",
        with: { "wasi:cli/environment@0.2.0": wasi::cli::environment },
        generate_all,
    });
}

use bindings::exports::stocktake::host::{
    bucket_creation, buckets, identities, objects, queue, state, types,
};

struct Component;

bindings::export!(Component with_types_in bindings);

/// The store that the environment describes, read once by an instance.
fn store() -> Result<&'static Store, types::Error> {
    static STORE: OnceLock<Result<Store, Problem>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let variables = get_environment();
        let find = |name: &str| variables.iter().find(|(known, _)| known == name);
        Store::read(|name| find(name).map(|(_, value)| value.clone()))
    });
    store.as_ref().map_err(|problem| types::Error::Other(problem.to_string()))
}

impl state::Guest for Component {
    fn get(key: String) -> Result<Option<state::Item>, types::Error> {
        Ok(store()?.get(&key)?.map(Into::into))
    }

    fn put(
        key: String,
        value: Vec<u8>,
        condition: state::Condition,
    ) -> Result<state::Outcome, types::Error> {
        Ok(store()?.put(&key, &value, condition.into())?.into())
    }

    fn delete(key: String, condition: state::Condition) -> Result<state::Outcome, types::Error> {
        Ok(store()?.delete(&key, condition.into())?.into())
    }

    fn list(prefix: String, cursor: Option<String>) -> Result<state::ItemPage, types::Error> {
        Ok(store()?.list(&prefix, cursor.as_deref())?.into())
    }
}

impl identities::Guest for Component {
    fn find(access_key_id: String) -> Result<Option<identities::Identity>, types::Error> {
        Ok(store()?.find(&access_key_id)?.map(Into::into))
    }
}

impl buckets::Guest for Component {
    fn list_buckets(cursor: Option<String>) -> Result<buckets::BucketPage, types::Error> {
        Ok(store()?.list_buckets(cursor.as_deref())?.into())
    }

    fn head_bucket(bucket: String) -> Result<buckets::Bucket, types::Error> {
        Ok(store()?.head_bucket(&bucket)?.into())
    }
}

impl bucket_creation::Guest for Component {
    fn create_bucket(
        bucket: String,
        location: Option<String>,
    ) -> Result<bucket_creation::CreationOutcome, types::Error> {
        Ok(store()?.create_bucket(&bucket, location.as_deref())?.into())
    }
}

impl queue::Guest for Component {
    fn enqueue(tasks: Vec<queue::Task>) -> Result<(), types::Error> {
        let tasks: Vec<_> = tasks.into_iter().map(Into::into).collect();
        Ok(store()?.enqueue(&tasks)?)
    }
}

impl objects::Guest for Component {
    fn list_page(
        bucket: String,
        _: objects::ListOptions,
        _: Option<String>,
    ) -> Result<objects::Page, types::Error> {
        match store()?.objects(&bucket)? {}
    }

    fn head_many(
        bucket: String,
        _: Vec<objects::ObjectRef>,
        _: objects::DetailKinds,
    ) -> Result<Vec<Option<objects::ObjectDetail>>, types::Error> {
        match store()?.objects(&bucket)? {}
    }

    fn read_range(
        bucket: String,
        _: objects::ObjectRef,
        _: u64,
        _: u32,
    ) -> Result<Vec<u8>, types::Error> {
        match store()?.objects(&bucket)? {}
    }

    fn bucket_policy(bucket: String) -> Result<Option<String>, types::Error> {
        Ok(store()?.bucket_policy(&bucket)?)
    }
}
