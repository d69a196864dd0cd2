//! `stocktake inventory`: keeps configurations through the component that judges them.

use anyhow::{Context as _, anyhow};
use serde_json::json;
use stocktake_capabilities::Error;
use stocktake_core::configuration::Configuration;
use tokio::runtime::Runtime;

use super::arguments::{DocumentArguments, InventoryCommand, PlaceArguments};
use super::assembly::{Host, read_document};
use super::report::{print_json, print_line, show_findings};
use super::{CommandError, Environment};
use crate::capabilities::Capabilities;
use crate::config::{INVENTORY_CONFIG, Settings};
use crate::engine::{CallError, Component, Invoked, PutOutcome};
use crate::progress::SharedStderr;

pub(super) fn run(
    command: &InventoryCommand,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    match command {
        InventoryCommand::Put { place, document } => {
            put(place, document, environment, runtime, stderr)
        }
        InventoryCommand::Get { place, id } => get(place, id, environment, runtime),
        InventoryCommand::List { place } => list(place, environment, runtime),
        InventoryCommand::Delete { place, id } => delete(place, id, environment, runtime),
    }
}

pub(super) fn prepare(
    place: &PlaceArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<Host, CommandError> {
    let host = Host::prepare(Settings::default(), &place.host, environment, runtime)?;
    host.require_bucket("source", &place.bucket)?;
    Ok(host)
}

fn put(
    place: &PlaceArguments,
    arguments: &DocumentArguments,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    let document = read_document(arguments)?;
    let host = prepare(place, environment, runtime)?;
    let (component, judgement) = host.judge(runtime, &document)?;
    let Some(json) = judgement.configuration else {
        return Err(CommandError::Refused(judgement.findings));
    };
    let configuration = Configuration::from_json(&json)
        .context("`inventory-config` answers a configuration that cannot be read back")?;
    let id = configuration.id.as_str();
    let (capabilities, _) = host.open()?;
    let at = (place.bucket.as_str(), id);
    let putting =
        component.call_put(&capabilities, at, &document.bytes, document.syntax, document.dialect);
    match answer(runtime, putting)? {
        PutOutcome::Stored(findings) => {
            if place.json {
                print_json(&json!({ "bucket": place.bucket, "id": id, "findings": findings }))
            } else {
                show_findings(&findings, stderr.clone());
                print_line(&format!("stored `{id}` for bucket `{}`", place.bucket))
            }
        }
        PutOutcome::Refused(findings) => Err(CommandError::Refused(findings)),
        PutOutcome::TooMany => Err(anyhow!(
            "the bucket `{}` has 1,000 configurations, which is the limit; delete one first",
            place.bucket
        )
        .into()),
    }
}

fn get(
    place: &PlaceArguments,
    id: &str,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(place, environment, runtime)?;
    let found = answer(runtime, component.call_get(&capabilities, &place.bucket, id))?;
    print_line(&found.ok_or_else(|| unknown(place, id))?)
}

fn list(
    place: &PlaceArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(place, environment, runtime)?;
    let mut cursor: Option<String> = None;
    loop {
        let listing = component.call_list(&capabilities, &place.bucket, cursor.as_deref());
        let page = answer(runtime, listing)?;
        page.configurations.iter().try_for_each(|configuration| print_line(configuration))?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn delete(
    place: &PlaceArguments,
    id: &str,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(place, environment, runtime)?;
    if !answer(runtime, component.call_delete(&capabilities, &place.bucket, id))? {
        return Err(unknown(place, id).into());
    }
    if place.json {
        print_json(&json!({ "bucket": place.bucket, "id": id }))
    } else {
        print_line(&format!("deleted `{id}` of bucket `{}`", place.bucket))
    }
}

/// The component and what it may use.
pub(super) fn open(
    place: &PlaceArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(Component, Capabilities), CommandError> {
    let host = prepare(place, environment, runtime)?;
    let component = host.load(INVENTORY_CONFIG)?;
    let (capabilities, _) = host.open()?;
    Ok((component, capabilities))
}

/// Waits for an answer. That there is none, and that the answer is an error, is the same to the user.
pub(super) fn answer<T>(
    runtime: &Runtime,
    call: impl Future<Output = Result<Invoked<Result<T, Error>>, CallError>>,
) -> Result<T, CommandError> {
    let answer = runtime.block_on(call).map_err(anyhow::Error::from)?.value;
    Ok(answer.map_err(anyhow::Error::from)?)
}

pub(super) fn unknown(place: &PlaceArguments, id: &str) -> anyhow::Error {
    anyhow!(
        "the bucket `{}` has no configuration `{id}`; `stocktake inventory list` shows which it has",
        place.bucket
    )
}
