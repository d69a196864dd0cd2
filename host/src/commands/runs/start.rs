//! `stocktake runs start` and `start-once`: a run now, until it has ended.

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use serde_json::Value;
use stocktake_core::run::PlanInput;
use tokio::runtime::Runtime;

use super::super::arguments::RunsArguments;
use super::super::assembly::Document;
use super::super::inventory::{answer, unknown};
use super::super::remote::{Remote, Started};
use super::super::run::{Summary, execute, new_run_id};
use super::super::{CommandError, Environment};
use super::opened::{Here, Opened};
use super::{read, text};
use crate::config::REPORT_WRITER;
use crate::engine::StartOutcome;
use crate::progress::SharedStderr;

/// How often a `serve` is asked whether a run has ended.
const LOOK: Duration = Duration::from_millis(500);

/// Begins a run of the stored configuration, or of a document that is not kept.
pub(super) fn start(
    of: &RunsArguments,
    document: Option<&Document>,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    let summary = match Opened::open(of, environment, runtime)? {
        Opened::Here(here) => start_here(&here, of, document, runtime, stderr)?,
        Opened::Served(remote) => runtime.block_on(start_there(&remote, of, document))?,
    };
    summary.print(of.place.json)
}

fn start_here(
    here: &Here,
    of: &RunsArguments,
    document: Option<&Document>,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<Summary, CommandError> {
    let Here { host, component, capabilities, queue } = here;
    let writer = host.load(REPORT_WRITER)?;
    let run = new_run_id().context("the system gives no random bytes")?;
    let place = (of.place.bucket.as_str(), of.id.as_str());
    let outcome = match document {
        None => answer(runtime, component.call_start(capabilities, place, &run))?,
        Some(Document { bytes, syntax, dialect }) => {
            let document = (bytes.as_slice(), *syntax, *dialect);
            answer(runtime, component.call_start_once(capabilities, place, &run, document))?
        }
    };
    let StartOutcome::Started(tasks) = outcome else { return Err(not_started(of, outcome)) };
    let task = tasks.first().context("the component starts a run without a task")?;
    let plan: PlanInput =
        serde_json::from_slice(&task.input).context("the run's plan cannot be read")?;
    Ok(runtime.block_on(execute(host, writer, capabilities, queue, &plan, stderr))?)
}

async fn start_there(
    remote: &Remote,
    of: &RunsArguments,
    document: Option<&Document>,
) -> Result<Summary, CommandError> {
    let started = Instant::now();
    let run = match remote.start(document).await? {
        Started::Run(run) => run,
        Started::Not(outcome) => return Err(not_started(of, outcome)),
    };
    let ended = until_ended(remote, &run).await;
    let ended = ended.with_context(|| {
        format!("the run {run} was begun; `stocktake runs show --run {run}` tells how it stands")
    })?;
    let reason = text(&ended, "reason");
    match text(&ended, "state") {
        "complete" => Ok(Summary::of_shown(&ended, started.elapsed())?),
        "cancelled" => Err(anyhow!("the run {run} was cancelled").into()),
        _ => Err(anyhow!("the run {run} has failed: {reason}").into()),
    }
}

async fn until_ended(remote: &Remote, run: &str) -> anyhow::Result<Value> {
    loop {
        let Some(shown) = remote.get(run).await? else { bail!("it has been forgotten") };
        let shown = read(&shown)?;
        if text(&shown, "state") != "running" {
            return Ok(shown);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Why there is no run.
fn not_started(of: &RunsArguments, outcome: StartOutcome) -> CommandError {
    let id = &of.id;
    match outcome {
        StartOutcome::NoSuchConfiguration => unknown(&of.place, id).into(),
        StartOutcome::Refused(findings) => CommandError::Refused(findings),
        StartOutcome::AlreadyRunning(run) => anyhow!(
            "the run {run} of `{id}` is unfinished; `stocktake serve` goes on with it, `stocktake runs cancel` ends it"
        )
        .into(),
        StartOutcome::Duplicate => anyhow!(
            "a one-time run of `{id}` was begun earlier today, or there is a stored configuration of this id; choose another id"
        )
        .into(),
        StartOutcome::Started(_) => anyhow!("the run has begun").into(),
    }
}
