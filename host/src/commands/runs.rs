//! `stocktake runs`: starts, shows and cancels runs through the component that knows about them.

use std::time::SystemTime;

use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};
use stocktake_core::run::PlanInput;
use stocktake_core::timestamp::Millis;
use tokio::runtime::Runtime;

use super::arguments::{RunsArguments, RunsCommand};
use super::inventory::{answer, open, prepare, unknown};
use super::report::{print_json, print_line};
use super::run::{execute, new_run_id};
use super::{CommandError, Environment};
use crate::capabilities::convert;
use crate::config::{INVENTORY_CONFIG, REPORT_WRITER};
use crate::engine::{CancelOutcome, StartOutcome};
use crate::progress::SharedStderr;

pub(super) fn run(
    command: &RunsCommand,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    match command {
        RunsCommand::Start { of } => start(of, environment, runtime, stderr),
        RunsCommand::List { of } => list(of, environment, runtime),
        RunsCommand::Show { of, run } => show(of, run, environment, runtime),
        RunsCommand::Cancel { of, run } => cancel(of, run, environment, runtime),
        RunsCommand::Next { of } => next(of, environment, runtime),
    }
}

fn start(
    of: &RunsArguments,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    let host = prepare(&of.place, environment, runtime)?;
    let component = host.load(INVENTORY_CONFIG)?;
    let writer = host.load(REPORT_WRITER)?;
    let (capabilities, queue) = host.open()?;
    let run = new_run_id().context("the system gives no random bytes")?;
    let place = (of.place.bucket.as_str(), of.id.as_str());
    match answer(runtime, component.call_start(&capabilities, place, &run))? {
        StartOutcome::Started(tasks) => {
            let task = tasks.first().context("the component starts a run without a task")?;
            let plan: PlanInput =
                serde_json::from_slice(&task.input).context("the run's plan cannot be read")?;
            let work = execute(&host, writer, &capabilities, &queue, &plan, stderr);
            runtime.block_on(work)?.print(of.place.json);
            Ok(())
        }
        StartOutcome::NoSuchConfiguration => Err(unknown(&of.place, &of.id).into()),
        StartOutcome::AlreadyRunning(run) => Err(anyhow!(
            "the run {run} of `{}` is unfinished; `stocktake serve` goes on with it, `stocktake runs cancel` ends it",
            of.id
        )
        .into()),
    }
}

fn list(
    of: &RunsArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(&of.place, environment, runtime)?;
    let place = (of.place.bucket.as_str(), of.id.as_str());
    let mut cursor: Option<String> = None;
    loop {
        let listing = component.call_list_runs(&capabilities, place, cursor.as_deref());
        let page = answer(runtime, listing)?;
        for run in &page.runs {
            if of.place.json {
                print_line(run);
            } else {
                print_line(&line(&read(run)?));
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn show(
    of: &RunsArguments,
    run: &str,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(&of.place, environment, runtime)?;
    let place = (of.place.bucket.as_str(), of.id.as_str());
    let found = answer(runtime, component.call_get_run(&capabilities, place, run))?;
    print_run(&found.ok_or_else(|| no_such_run(of, run))?, of.place.json)
}

fn cancel(
    of: &RunsArguments,
    run: &str,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(&of.place, environment, runtime)?;
    let place = (of.place.bucket.as_str(), of.id.as_str());
    match answer(runtime, component.call_cancel(&capabilities, place, run))? {
        CancelOutcome::Cancelled(run) => print_run(&run, of.place.json),
        CancelOutcome::Ended(shown) => {
            let state = read(&shown)?;
            let state = match text(&state, "state") {
                "running" => "is writing its manifest",
                state => &format!("is {state}"),
            };
            Err(anyhow!("the run {run} {state} and cannot be cancelled any more").into())
        }
        CancelOutcome::NoSuchRun => Err(no_such_run(of, run).into()),
    }
}

fn next(
    of: &RunsArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (component, capabilities) = open(&of.place, environment, runtime)?;
    let RunsArguments { place, id } = of;
    let asking = component.call_next_run(&capabilities, &place.bucket, id);
    let next = answer(runtime, asking)?.map(rfc3339);
    if place.json {
        print_json(&json!({ "bucket": place.bucket, "id": id, "next": next }));
        return Ok(());
    }
    match next {
        Some(next) => print_line(&next),
        None => print_line(&format!(
            "`{id}` of bucket `{}` is disabled, or there is none; no run is scheduled",
            place.bucket
        )),
    }
    Ok(())
}

fn rfc3339(time: SystemTime) -> String {
    let time = convert::system_time(time);
    Millis::from_parts(time.seconds, time.nanoseconds).rfc3339()
}

fn read(run: &str) -> anyhow::Result<Value> {
    serde_json::from_str(run).context("the component answers a run that cannot be read")
}

fn print_run(run: &str, as_json: bool) -> Result<(), CommandError> {
    if as_json {
        print_line(run);
        return Ok(());
    }
    let run = read(run)?;
    for (name, value) in run.as_object().into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Object(place) => {
                let member = |name| place.get(name).and_then(Value::as_str).unwrap_or_default();
                format!("{}/{}", member("bucket"), member("key"))
            }
            other => other.to_string(),
        };
        print_line(&format!("{name:<13} {value}"));
    }
    Ok(())
}

/// A run in one line.
fn line(run: &Value) -> String {
    let count = |name| run.get(name).and_then(Value::as_u64).unwrap_or_default();
    format!(
        "{}  {}  {:<9}  {:<9}  {} rows in {} files, {} a second, {} errors",
        text(run, "run"),
        text(run, "begun"),
        text(run, "state"),
        text(run, "trigger"),
        count("written"),
        count("files"),
        count("rate"),
        count("errors"),
    )
}

fn text<'a>(run: &'a Value, name: &str) -> &'a str {
    run.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn no_such_run(of: &RunsArguments, run: &str) -> anyhow::Error {
    anyhow!(
        "`{}` of bucket `{}` has no run `{}`; `stocktake runs list` shows which it has",
        of.id,
        of.place.bucket,
        run.escape_debug()
    )
}
