//! `stocktake run`: one report now.

mod watch;

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use indicatif::HumanBytes;
use serde::Serialize;
use serde_json::Value;
use stocktake_capabilities::Condition;
use stocktake_core::configuration::Configuration;
use stocktake_core::run::{
    ManifestPlace, PLAN, PlanInput, RunCounts, RunLimits, RunStatus, on_demand_key,
};
use tokio::runtime::Runtime;

use super::arguments::RunArguments;
use super::assembly::{Host, read_document};
use super::report::{print_json, print_line, show_findings};
use super::{CommandError, Environment};
use crate::capabilities::{Capabilities, Queue};
use crate::config::{REPORT_WRITER, Settings};
use crate::counted;
use crate::engine::Component;
use crate::progress::{SharedStderr, per_second};
use crate::queue::Task;
use watch::{Watch, ended_record};

/// What `--json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    run: String,
    objects: u64,
    bytes: u64,
    rows_per_second: u64,
    data_files: u64,
    report_bytes: u64,
    unlisted: u64,
    manifest: Option<ManifestPlace>,
    elapsed_seconds: f64,
    /// Of the largest invocation; null where another process has made the report.
    peak_memory_bytes: Option<usize>,
}

/// A run that was given up, and how far it had come.
#[derive(Debug, thiserror::Error)]
#[error("the run {run} has failed: {reason}")]
pub(super) struct RunFailed {
    pub(super) run: String,
    pub(super) reason: String,
    pub(super) counts: RunCounts,
}

impl RunFailed {
    /// What was done by then, for people.
    pub(super) fn progress(&self) -> String {
        let RunCounts { listed_entries, listed_bytes, objects, files, report_bytes, .. } =
            self.counts;
        format!(
            "its finished parts listed {}, {}, and wrote {} to {}, {}; they are no report",
            counted(listed_entries, "object"),
            HumanBytes(listed_bytes),
            counted(objects, "row"),
            counted(files, "data file"),
            HumanBytes(report_bytes),
        )
    }
}

pub(super) fn run(
    arguments: &RunArguments,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    let document = read_document(&arguments.document)?;
    let host = Host::prepare(Settings::default(), &arguments.host, environment, runtime)?;
    // Reading compiled code takes about as long as judging, so the two are done side by side.
    let (judged, writer) = std::thread::scope(|scope| {
        let loading = scope.spawn(|| host.load(REPORT_WRITER));
        (host.judge(runtime, &document), loading.join())
    });
    let (_, judgement) = judged?;
    let Some(json) = judgement.configuration else {
        return Err(CommandError::Refused(judgement.findings));
    };
    show_findings(&judgement.findings, stderr.clone());
    let configuration = Configuration::from_json(&json)
        .context("`inventory-config` answers a configuration that cannot be read back")?;
    host.require_bucket("source", &arguments.bucket)?;
    host.require_bucket("destination", configuration.destination.bucket.as_str())?;
    let writer = writer.map_err(|_| anyhow!("loading `{REPORT_WRITER}` broke down"))??;
    let (capabilities, queue) = host.open()?;
    let id = configuration.id.as_str();
    let limits = host.settings.run_limits();
    let plan = begin(&capabilities, &arguments.bucket, id, json, limits, stderr)?;
    let summary = runtime.block_on(execute(&host, writer, &capabilities, &queue, &plan, stderr))?;
    summary.print(arguments.json)
}

/// Begins a run and works until it has ended, well or not.
pub(super) async fn execute(
    host: &Host,
    writer: Component,
    capabilities: &Capabilities,
    queue: &Queue,
    plan: &PlanInput,
    stderr: &SharedStderr,
) -> anyhow::Result<Summary> {
    let task = Task {
        name: plan.task_name(),
        component: REPORT_WRITER.to_owned(),
        kind: PLAN.to_owned(),
        input: serde_json::to_vec(plan)?,
        delay_ms: 0,
    };
    let started = Instant::now();
    let enqueuing = queue.clone();
    tokio::task::spawn_blocking(move || enqueuing.enqueue(&[task])).await??;
    let watch = Watch::new(plan.run.clone(), capabilities, queue, stderr.clone())?;
    let outcome = watch.until_ended(host, writer).await?;
    let elapsed = started.elapsed();
    let record = outcome.record;
    if record.status == RunStatus::Cancelled {
        anyhow::bail!("the run {} was cancelled", plan.run);
    }
    if record.status == RunStatus::Failed {
        let reason = record.reason.unwrap_or_else(|| "no reason was given".to_owned());
        let run = plan.run.clone();
        return Err(RunFailed { run, reason, counts: record.counts }.into());
    }
    Ok(Summary {
        run: plan.run.clone(),
        objects: record.counts.objects,
        bytes: record.counts.bytes,
        rows_per_second: per_second(record.counts.objects, elapsed),
        data_files: record.counts.files,
        report_bytes: record.counts.report_bytes,
        unlisted: record.counts.unlisted,
        manifest: record.manifest,
        elapsed_seconds: elapsed.as_secs_f64(),
        peak_memory_bytes: Some(outcome.peak_memory_bytes),
    })
}

impl Summary {
    /// That of a run that has ended well, as `serve` shows it.
    pub(super) fn of_shown(run: &Value, elapsed: Duration) -> anyhow::Result<Self> {
        let count = |name| run.get(name).and_then(Value::as_u64).unwrap_or_default();
        let manifest = run.get("manifest").cloned().unwrap_or_default();
        Ok(Self {
            run: run.get("run").and_then(Value::as_str).unwrap_or_default().to_owned(),
            objects: count("written"),
            bytes: count("bytes"),
            rows_per_second: per_second(count("written"), elapsed),
            data_files: count("files"),
            report_bytes: count("report_bytes"),
            unlisted: count("unlisted"),
            manifest: serde_json::from_value(manifest)?,
            elapsed_seconds: elapsed.as_secs_f64(),
            peak_memory_bytes: None,
        })
    }

    /// Shows it to people, or as one line of JSON.
    pub(super) fn print(&self, as_json: bool) -> Result<(), CommandError> {
        if as_json { print_json(self) } else { show(self) }
    }
}

fn show(summary: &Summary) -> Result<(), CommandError> {
    print_line(&format!(
        "{}, {}, in {:.1} s ({} a second)",
        counted(summary.objects, "object"),
        HumanBytes(summary.bytes),
        summary.elapsed_seconds,
        counted(summary.rows_per_second, "row"),
    ))?;
    print_line(&format!(
        "{}, {}",
        counted(summary.data_files, "data file"),
        HumanBytes(summary.report_bytes)
    ))?;
    if summary.unlisted > 0 {
        print_line(&format!(
            "left out: {} in the bucket that can be no object key",
            counted(summary.unlisted, "name")
        ))?;
    }
    if let Some(manifest) = &summary.manifest {
        print_line(&format!("report: {}/{}", manifest.bucket, manifest.key))?;
    }
    Ok(())
}

/// What to run: an earlier run of this very configuration that was interrupted, or else a new one.
///
/// Which run it is has been noted before anything of it is enqueued, so a command that was killed at any instant is
/// taken up by the next one.
fn begin(
    capabilities: &Capabilities,
    bucket: &str,
    id: &str,
    configuration: String,
    limits: RunLimits,
    stderr: &SharedStderr,
) -> anyhow::Result<PlanInput> {
    let state = capabilities.state.as_ref().context("this host keeps no state")?;
    let key = on_demand_key(bucket, id);
    let noted = state.get(&key)?;
    let noted = noted.and_then(|item| serde_json::from_slice::<PlanInput>(&item.value).ok());
    if let Some(plan) = noted.filter(|plan| plan.configuration == configuration)
        && ended_record(&**state, &plan.run)?.is_none()
    {
        use std::io::Write as _;
        let run = &plan.run;
        writeln!(stderr.clone(), "the run {run} was interrupted; it goes on where it was")?;
        return Ok(plan);
    }
    let plan = PlanInput {
        run: new_run_id().context("the system gives no random bytes")?,
        bucket: bucket.to_owned(),
        configuration,
        slot_millis: None,
        is_once: false,
        limits,
    };
    state.put(&key, &serde_json::to_vec(&plan)?, Condition::Always)?;
    Ok(plan)
}

/// 128 random bits in hex: unique for all time, whoever else makes runs.
pub(super) fn new_run_id() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())?;
    Ok(crate::hex(&bytes))
}
