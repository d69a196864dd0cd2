//! `stocktake serve`: the clock, the task loop and HTTP, until a signal.

use anyhow::{Context as _, anyhow};
use stocktake_capabilities::Condition;
use stocktake_core::run::{FIRST_REPORT_KEY, LIMITS_KEY};
use tokio::runtime::Runtime;

use super::arguments::ServeArguments;
use super::assembly::Host;
use super::ending::{self, Signals};
use super::http::{self, Gateway};
use super::{CommandError, Environment};
use crate::capabilities::Capabilities;
use crate::config::{CronBinding, Settings};
use crate::engine::{Component, Export};
use crate::triggers::cron::{self, CronTrigger};
use crate::triggers::stop_switch;
use crate::triggers::tasks::TaskLoop;

pub(super) fn serve(
    arguments: &ServeArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let mut settings = match &arguments.config {
        Some(path) => Settings::read(path).map_err(anyhow::Error::from)?,
        None => Settings::default(),
    };
    http::apply(&mut settings, &arguments.http)?;
    if let Some(first) = arguments.first_report {
        settings.first_report = first.into();
    }
    let host = Host::prepare(settings, &arguments.host, environment, runtime)?;
    let tasks = host.load_all(host.settings.task_components.iter().map(String::as_str))?;
    for component in tasks.values() {
        require(component, Export::Tasks)?;
    }
    let mut triggers = Vec::new();
    for CronBinding { name, component } in &host.settings.cron {
        let component = match tasks.get(component) {
            Some(loaded) => loaded.clone(),
            None => host.load(component)?,
        };
        require(&component, Export::Cron)?;
        triggers.push(CronTrigger { name: name.clone(), component });
    }
    let gateway = Gateway::prepare(&host, environment)?;
    let (capabilities, queue) = host.open()?;
    note_settings(&host, &capabilities)?;
    let tasks = TaskLoop::new(tasks, capabilities.clone(), queue, host.settings.tasks);
    let (switch, stop) = stop_switch();
    let grace = host.settings.tasks.grace;
    runtime.block_on(async {
        let mut signals = Signals::new()?;
        tracing::info!(
            store = host.settings.store.as_ref().map(|path| path.display().to_string()),
            endpoint = host.settings.endpoint.as_ref().map(ToString::to_string),
            workers = host.settings.tasks.workers,
            "serving"
        );
        let answering = match gateway {
            Some(gateway) => {
                let (trigger, listener, posted) = gateway.open(&host, &capabilities).await?;
                let stop = stop.clone();
                Some((tokio::spawn(async move { trigger.run(listener, stop).await }), posted))
            }
            None => None,
        };
        let ticking = tokio::spawn(cron::run(triggers, capabilities, stop.clone()));
        let work = async {
            let result = tasks.run(stop.clone()).await;
            switch.drain();
            ticking.await.context("the clock broke down")?;
            if let Some((answering, posted)) = answering {
                answering.await.context("serving HTTP broke down")?;
                // While the database is still ours, so that it is not somebody else's note.
                drop(posted);
            }
            Ok(result?)
        };
        ending::until_stopped(work, (&switch, stop.clone()), grace, &mut signals).await
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// Tells report-writer how to cut the runs that it schedules, and when the first one is.
fn note_settings(host: &Host, capabilities: &Capabilities) -> anyhow::Result<()> {
    let state = capabilities.state.as_ref().context("this host keeps no state")?;
    let limits = serde_json::to_vec(&host.settings.run_limits())?;
    state.put(LIMITS_KEY, &limits, Condition::Always)?;
    let first = serde_json::to_vec(&host.settings.first_report)?;
    state.put(FIRST_REPORT_KEY, &first, Condition::Always)?;
    Ok(())
}

pub(super) fn require(component: &Component, export: Export) -> anyhow::Result<()> {
    if component.exports(export) {
        return Ok(());
    }
    Err(anyhow!(
        "component `{}` is bound to a trigger, and does not export `{}`; remove the trigger",
        component.name(),
        export.name()
    ))
}
