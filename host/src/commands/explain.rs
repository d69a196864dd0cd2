//! `stocktake explain`: which statement decides a request, and why.

mod batch;
mod documents;
mod text;

use anyhow::Context as _;
use stocktake_core::finding::Dialect;
use tokio::runtime::Runtime;

use super::arguments::ExplainArguments;
use super::assembly::load_alone;
use super::report::{print_json, print_line};
use super::{CommandError, Environment};
use crate::capabilities::Capabilities;
use crate::config::POLICY_CHECK;
use crate::engine::Component;
use crate::engine::policy::{ContextEntry, Decision, Options, Request};
use documents::Documents;
pub(super) use documents::{Input, PLACES};

pub(super) fn run(
    arguments: &ExplainArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let load = || match load_alone(POLICY_CHECK, &arguments.engine, environment) {
        Err(CommandError::Failed(error)) => Err(CommandError::NoAnswer(error)),
        loaded => loaded,
    };
    if let Some(file) = &arguments.batch {
        return batch::run(file, &load()?, runtime);
    }
    let documents = Documents::read(arguments)?;
    explain(arguments, &documents, &load()?, runtime)
}

fn explain(
    arguments: &ExplainArguments,
    documents: &Documents,
    component: &Component,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let asking = async {
        let request = request(arguments, documents.dialect, component).await?;
        let (nothing, options) = (Capabilities::default(), Options::default());
        let policies = &documents.policies;
        let deciding =
            component.call_evaluate(&nothing, &request, policies, documents.dialect, &options);
        anyhow::Ok((deciding.await?.value, request))
    };
    let (verdict, request) = runtime.block_on(asking).map_err(CommandError::NoAnswer)?;
    if arguments.json {
        print_json(&verdict)?;
    } else {
        for line in text::lines(&verdict, &request, documents) {
            print_line(&line)?;
        }
    }
    match verdict.decision {
        Decision::Allowed => Ok(()),
        Decision::ExplicitDeny | Decision::ImplicitDeny | Decision::Indeterminate => {
            Err(CommandError::No)
        }
        Decision::InvalidDocument => Err(CommandError::Open),
    }
}

async fn request(
    arguments: &ExplainArguments,
    dialect: Dialect,
    component: &Component,
) -> anyhow::Result<Request> {
    let given = |argument: &Option<String>, name: &str| {
        argument.clone().with_context(|| format!("--{name} is missing"))
    };
    let name = given(&arguments.principal, "principal")?;
    let nothing = Capabilities::default();
    let mut principal = component.call_principal_named(&nothing, &name, dialect).await?.value;
    if arguments.principal_account.is_some() {
        principal.account.clone_from(&arguments.principal_account);
    }
    Ok(Request {
        principal,
        action: given(&arguments.action, "action")?,
        resource: given(&arguments.resource, "resource")?,
        resource_account: arguments.resource_account.clone(),
        context: context(&arguments.context),
        context_complete: !arguments.context_incomplete,
    })
}

/// One entry for each key, in the order in which they are given first. A key with an empty value alone is absent.
fn context(given: &[(String, String)]) -> Vec<ContextEntry> {
    let mut entries: Vec<ContextEntry> = Vec::new();
    for (key, value) in given {
        let place = entries.iter().position(|entry| entry.key.eq_ignore_ascii_case(key));
        let values = (!value.is_empty()).then(|| value.clone());
        match place.and_then(|place| entries.get_mut(place)) {
            Some(entry) => entry.values.extend(values),
            None => {
                entries
                    .push(ContextEntry { key: key.clone(), values: values.into_iter().collect() });
            }
        }
    }
    entries
}
