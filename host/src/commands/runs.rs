//! `stocktake runs`: starts, shows and cancels runs, by the component that knows about them or a `serve` that has it.

mod opened;
mod start;

use anyhow::{Context as _, anyhow};
use indicatif::HumanCount;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::arguments::{RunsArguments, RunsCommand};
use super::assembly::read_document;
use super::report::{print_json, print_line};
use super::{CommandError, Environment};
use crate::counted;
use crate::engine::CancelOutcome;
use crate::progress::SharedStderr;
use opened::Opened;

pub(super) fn run(
    command: &RunsCommand,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    match command {
        RunsCommand::Start { of } => start::start(of, None, environment, runtime, stderr),
        RunsCommand::StartOnce { of, document } => {
            let document = read_document(document)?;
            start::start(of, Some(&document), environment, runtime, stderr)
        }
        RunsCommand::List { of } => list(of, environment, runtime),
        RunsCommand::Show { of, run } => show(of, run, environment, runtime),
        RunsCommand::Cancel { of, run } => cancel(of, run, environment, runtime),
        RunsCommand::Next { of } => next(of, environment, runtime),
    }
}

fn list(
    of: &RunsArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let opened = Opened::open(of, environment, runtime)?;
    let mut cursor: Option<String> = None;
    loop {
        let page = opened.page(of, cursor.as_deref(), runtime)?;
        for run in &page.runs {
            if of.place.json {
                print_line(run)?;
            } else {
                print_line(&line(&read(run)?))?;
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
    let found = Opened::open(of, environment, runtime)?.get(of, run, runtime)?;
    print_run(&found.ok_or_else(|| no_such_run(of, run))?, of.place.json)
}

fn cancel(
    of: &RunsArguments,
    run: &str,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    match Opened::open(of, environment, runtime)?.cancel(of, run, runtime)? {
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
    let next = Opened::open(of, environment, runtime)?.next(of, runtime)?;
    let RunsArguments { place, id, .. } = of;
    if place.json {
        return print_json(&json!({ "bucket": place.bucket, "id": id, "next": next }));
    }
    match next {
        Some(next) => print_line(&next),
        None => print_line(&format!(
            "`{id}` of bucket `{}` is disabled, or there is none; no run is scheduled",
            place.bucket
        )),
    }
}

fn read(run: &str) -> anyhow::Result<Value> {
    serde_json::from_str(run).context("the component answers a run that cannot be read")
}

fn print_run(run: &str, as_json: bool) -> Result<(), CommandError> {
    if as_json {
        return print_line(run);
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
        print_line(&format!("{name:<13} {value}"))?;
    }
    Ok(())
}

/// A run in one line.
fn line(run: &Value) -> String {
    let count = |name| run.get(name).and_then(Value::as_u64).unwrap_or_default();
    format!(
        "{}  {}  {:<9}  {:<9}  {} in {}, {} a second, {}",
        text(run, "run"),
        text(run, "begun"),
        text(run, "state"),
        text(run, "trigger"),
        counted(count("written"), "row"),
        counted(count("files"), "file"),
        HumanCount(count("rate")),
        counted(count("errors"), "error"),
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
