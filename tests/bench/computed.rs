//! Runs of report-writer over a bucket that is computed, natively and as a component.

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
use tokio::runtime::Runtime;

use crate::synthetic::Synthetic;
use crate::{built, engine};

const RUN: &str = "00000000000000000000000000000000";

/// What components run on.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) writer: Component,
}

impl Machine {
    pub(crate) fn new() -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { runtime: Arc::new(runtime), writer: built(&engine()?, REPORT_WRITER)? })
    }
}

/// One run, from its plan to its seal.
pub(crate) struct ComputedRun {
    pub(crate) store: Arc<Synthetic>,
    state: Arc<MemoryState>,
    plan: PlanInput,
}

impl ComputedRun {
    /// A run that writes one file.
    pub(crate) fn of_one_file(format: &str, objects: u64) -> Self {
        let limits = RunLimits {
            file_rows_max: objects,
            first_file_rows: objects,
            ranges: 1,
            page_entries: 1000,
            ..RunLimits::default()
        };
        Self::new(format, objects, limits)
    }

    pub(crate) fn new(format: &str, objects: u64, limits: RunLimits) -> Self {
        let configuration = format!(
            r#"{{"Destination":{{"S3BucketDestination":{{"Bucket":"arn:aws:s3:::reports","Format":"{format}"}}}},"IsEnabled":true,"Id":"bench","IncludedObjectVersions":"Current","OptionalFields":["Size","LastModifiedDate","ETag","StorageClass"],"Schedule":{{"Frequency":"Daily"}}}}"#
        );
        let plan = PlanInput {
            run: RUN.to_owned(),
            bucket: "source".to_owned(),
            configuration,
            slot_millis: None,
            is_once: false,
            limits,
        };
        let store = Arc::new(Synthetic::new(objects));
        Self { store, state: Arc::new(MemoryState::default()), plan }
    }

    /// Thousand rows per second of the code compiled natively.
    pub(crate) fn native_rate(&self) -> Result<f64> {
        let has = report_writer::Capabilities {
            objects: self.store.as_ref(),
            uploads: self.store.as_ref(),
            state: self.state.as_ref(),
            elapsed: &report_writer::unhurried,
        };
        self.rate(|task| Ok(report_writer::handle(task, Millis(1_794_099_600_000), has)?))
    }

    /// Thousand rows per second of the component, and the peak memory of an invocation in bytes.
    pub(crate) fn component_rate(&self, machine: &Machine) -> Result<(f64, usize)> {
        let capabilities = Capabilities {
            objects: Some(self.store.clone()),
            uploads: Some(self.store.clone()),
            state: Some(self.state.clone()),
            ..Capabilities::default()
        };
        let mut peak = 0;
        let rate = self.rate(|task| {
            let call = machine.writer.call_task(&capabilities, task, &Call::Handle);
            let invoked = machine.runtime.block_on(call)?;
            peak = peak.max(invoked.usage.peak_memory_bytes);
            invoked.value.map_err(|failure| anyhow::anyhow!("{failure:?}"))
        })?;
        Ok((rate, peak))
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
}

pub(crate) fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
