//! report-writer as a component against the same code compiled natively, over the same computed bucket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use stocktake_capabilities::memory::MemoryState;
use stocktake_capabilities::{State as _, Task};
use stocktake_core::run::{
    PLAN, PlanInput, REPORT_WRITER, RunLimits, RunRecord, RunStatus, record_key,
};
use stocktake_core::timestamp::Millis;
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::Component;
use stocktake_host::queue::Call;

use crate::synthetic::Synthetic;
use crate::{built, engine, spread};

/// The rows of one measurement.
pub(crate) const ROWS: u64 = 1_000_000;

/// How often each arm is measured. The arms take turns, so that what else the machine does meets both.
const ROUNDS: usize = 5;

const RUN: &str = "00000000000000000000000000000000";
const FORMATS: [&str; 3] = ["CSV", "ORC", "Parquet"];

pub(crate) fn bench(rows: u64) -> Result<()> {
    let engine = engine()?;
    let component = built(&engine, REPORT_WRITER)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!(
        "report-writer, {rows} rows of 6 columns, thousand rows per second, median of {ROUNDS} (least-most)\n"
    );
    println!("{:<9} {:>20} {:>20} {:>7}", "format", "native", "component", "ratio");
    for format in FORMATS {
        let (mut native, mut wasm) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let arm = Arm::new(format, rows, rows);
            native.push(arm.rate(|task| arm.native(task))?);
            let arm = Arm::new(format, rows, rows);
            wasm.push(arm.rate(|task| Ok(arm.wasm(&runtime, &component, task)?.0))?);
        }
        let show =
            |(median, least, most): (f64, f64, f64)| format!("{median:.0} ({least:.0}-{most:.0})");
        let (native, wasm) = (spread(native), spread(wasm));
        println!("{format:<9} {:>20} {:>20} {:>7.2}", show(native), show(wasm), wasm.0 / native.0);
    }
    println!("\nmark: a ratio of at least 0.75\n");
    println!("peak memory of one invocation that writes one file, MiB\n");
    println!("{:<9} {:>12} {:>12}", "format", "1 M objects", "10 M objects");
    for format in FORMATS {
        let mut peaks = Vec::new();
        for objects in [1_000_000, 10_000_000] {
            let arm = Arm::new(format, objects, objects);
            let (_, peak) = arm.component_rate(&runtime, &component)?;
            peaks.push(format!("{:.1}", mebibytes(peak)));
        }
        println!("{format:<9} {:>12}", peaks.join(&" ".repeat(9)));
    }
    println!("\nmark: below 64, and equal\n");
    Ok(())
}

pub(crate) fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// One run, from its plan to its seal.
pub(crate) struct Arm {
    pub(crate) store: Arc<Synthetic>,
    state: Arc<MemoryState>,
    plan: PlanInput,
}

impl Arm {
    /// A run that writes one file.
    fn new(format: &str, objects: u64, file_rows_max: u64) -> Self {
        let limits = RunLimits {
            file_rows_max,
            first_file_rows: file_rows_max,
            ranges: 1,
            page_entries: 1000,
        };
        Self::with_limits(format, objects, limits)
    }

    pub(crate) fn with_limits(format: &str, objects: u64, limits: RunLimits) -> Self {
        let configuration = format!(
            r#"{{"Destination":{{"S3BucketDestination":{{"Bucket":"arn:aws:s3:::reports","Format":"{format}"}}}},"IsEnabled":true,"Id":"bench","IncludedObjectVersions":"Current","OptionalFields":["Size","LastModifiedDate","ETag","StorageClass"],"Schedule":{{"Frequency":"Daily"}}}}"#
        );
        let plan = PlanInput {
            run: RUN.to_owned(),
            bucket: "source".to_owned(),
            configuration,
            slot_millis: None,
            limits,
        };
        let store = Arc::new(Synthetic::new(objects));
        Self { store, state: Arc::new(MemoryState::default()), plan }
    }

    /// Does all tasks one after the other; thousand rows per second.
    fn rate(&self, mut handle: impl FnMut(&Task) -> Result<Vec<Task>>) -> Result<f64> {
        let plan = Task {
            name: "plan".to_owned(),
            component: REPORT_WRITER.to_owned(),
            kind: PLAN.to_owned(),
            input: serde_json::to_vec(&self.plan)?,
            delay_ms: 0,
        };
        let begun = Instant::now();
        let mut tasks = VecDeque::from([plan]);
        while let Some(task) = tasks.pop_front() {
            tasks.extend(handle(&task)?);
        }
        let seconds = begun.elapsed().as_secs_f64();
        let item = self.state.get(&record_key(RUN))?.context("the run left no record")?;
        let record: RunRecord = serde_json::from_slice(&item.value)?;
        if record.status != RunStatus::Complete || self.store.written() < record.counts.report_bytes
        {
            bail!("the run did not complete: {record:?}");
        }
        Ok(record.counts.objects as f64 / 1000.0 / seconds)
    }

    /// Thousand rows per second, and the peak memory of an invocation in bytes.
    pub(crate) fn component_rate(
        &self,
        runtime: &tokio::runtime::Runtime,
        component: &Component,
    ) -> Result<(f64, usize)> {
        let mut peak = 0;
        let rate = self.rate(|task| {
            let (tasks, bytes) = self.wasm(runtime, component, task)?;
            peak = peak.max(bytes);
            Ok(tasks)
        })?;
        Ok((rate, peak))
    }

    fn native(&self, task: &Task) -> Result<Vec<Task>> {
        let has = report_writer::Capabilities {
            objects: self.store.as_ref(),
            uploads: self.store.as_ref(),
            state: self.state.as_ref(),
        };
        Ok(report_writer::handle(task, Millis(1_794_099_600_000), has)?)
    }

    /// Answers the follow-up tasks and the peak memory in bytes.
    fn wasm(
        &self,
        runtime: &tokio::runtime::Runtime,
        component: &Component,
        task: &Task,
    ) -> Result<(Vec<Task>, usize)> {
        let capabilities = Capabilities {
            objects: Some(self.store.clone()),
            uploads: Some(self.store.clone()),
            state: Some(self.state.clone()),
            ..Capabilities::default()
        };
        let invoked = runtime.block_on(component.call_task(&capabilities, task, &Call::Handle))?;
        let tasks = invoked.value.map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
        Ok((tasks, invoked.usage.peak_memory_bytes))
    }
}
