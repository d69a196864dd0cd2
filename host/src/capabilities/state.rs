//! `stocktake:host/state`.

use stocktake_capabilities::{Condition, Item, StateOutcome};

use super::bindings::stocktake::host::state as wit;
use super::bindings::stocktake::host::types::Error;
use super::{CONTINUATION_BYTES_MAX, blocking, limit};
use crate::engine::Invocation;

impl wit::Host for Invocation {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<wit::Item>, Error>> {
        blocking("state", self.capabilities.state.as_ref(), move |state| {
            Ok(state.get(&key)?.map(item))
        })
        .await
    }

    async fn put(
        &mut self,
        key: String,
        value: Vec<u8>,
        condition: wit::Condition,
    ) -> wasmtime::Result<Result<wit::Outcome, Error>> {
        blocking("state", self.capabilities.state.as_ref(), move |state| {
            Ok(outcome(state.put(&key, &value, self::condition(condition))?))
        })
        .await
    }

    async fn delete(
        &mut self,
        key: String,
        condition: wit::Condition,
    ) -> wasmtime::Result<Result<wit::Outcome, Error>> {
        blocking("state", self.capabilities.state.as_ref(), move |state| {
            Ok(outcome(state.delete(&key, self::condition(condition))?))
        })
        .await
    }

    async fn list(
        &mut self,
        prefix: String,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<wit::ItemPage, Error>> {
        let cursor_bytes = cursor.as_ref().map_or(0, String::len);
        if let Err(refused) = limit("the cursor", cursor_bytes, CONTINUATION_BYTES_MAX) {
            return Ok(Err(refused));
        }
        blocking("state", self.capabilities.state.as_ref(), move |state| {
            let page = state.list(&prefix, cursor.as_deref())?;
            Ok(wit::ItemPage { items: page.items.into_iter().map(item).collect(), next: page.next })
        })
        .await
    }
}

fn item(item: Item) -> wit::Item {
    wit::Item { key: item.key, value: item.value, revision: item.revision }
}

fn condition(condition: wit::Condition) -> Condition {
    match condition {
        wit::Condition::Always => Condition::Always,
        wit::Condition::Absent => Condition::Absent,
        wit::Condition::Unchanged(revision) => Condition::Unchanged(revision),
    }
}

fn outcome(outcome: StateOutcome) -> wit::Outcome {
    match outcome {
        StateOutcome::Done(revision) => wit::Outcome::Done(revision),
        StateOutcome::Conflict => wit::Outcome::Conflict,
    }
}
