//! Watches one run until its record says that it has ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use stocktake_capabilities::State;
use stocktake_core::run::{RunRecord, RunStatus, record_key};
use tokio::sync::broadcast::error::RecvError;

use super::super::assembly::Host;
use super::super::ending::{Signals, until_stopped};
use crate::capabilities::{Capabilities, Queue};
use crate::config::REPORT_WRITER;
use crate::engine::Component;
use crate::progress::{Progress, SharedStderr};
use crate::triggers::stop_switch;
use crate::triggers::tasks::{Event, Step, TaskLoop};

/// How often progress is shown.
const SHOW: Duration = Duration::from_millis(200);

/// How often the record is read although no task of the run has ended: a listener may have missed an event.
const LOOK: Duration = Duration::from_secs(2);

pub(super) struct Watch {
    run: String,
    capabilities: Capabilities,
    state: Arc<dyn State + Send + Sync>,
    queue: Queue,
    stderr: SharedStderr,
}

/// How a run has ended.
pub(super) struct Outcome {
    pub(super) record: RunRecord,
    pub(super) peak_memory_bytes: usize,
}

impl Watch {
    pub(super) fn new(
        run: String,
        capabilities: &Capabilities,
        queue: &Queue,
        stderr: SharedStderr,
    ) -> anyhow::Result<Self> {
        let state = capabilities.state.clone().context("this host keeps no state")?;
        Ok(Self { run, capabilities: capabilities.clone(), state, queue: queue.clone(), stderr })
    }

    /// Works on the queue until the run has ended.
    pub(super) async fn until_ended(
        &self,
        host: &Host,
        writer: Component,
    ) -> anyhow::Result<Outcome> {
        let components = BTreeMap::from([(REPORT_WRITER.to_owned(), writer)]);
        let tasks = TaskLoop::new(
            components,
            self.capabilities.clone(),
            self.queue.clone(),
            host.settings.tasks,
        );
        let mut events = tasks.events();
        let (switch, stop) = stop_switch();
        let mut signals = Signals::new()?;
        let work = async { Ok(tasks.run(stop.clone()).await?) };
        let grace = host.settings.tasks.grace;
        let working = until_stopped(work, (&switch, stop.clone()), grace, &mut signals);
        let mut working = std::pin::pin!(working);
        let mut progress =
            Progress::start(self.stderr.clone(), Arc::clone(&self.capabilities.counters));
        let mut show = tokio::time::interval(SHOW);
        let mut look = tokio::time::interval(LOOK);
        let mut peak_memory_bytes = 0;
        let record = loop {
            let has_news = tokio::select! {
                ended = &mut working => {
                    ended?;
                    bail!("interrupted; the run {} goes on at the next start with this data", self.run);
                }
                event = events.recv() => match event {
                    Ok(event) => {
                        peak_memory_bytes = peak_memory_bytes.max(peak(&event));
                        self.may_have_ended(&event)
                    }
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => false,
                },
                _ = show.tick() => { progress.show(); false }
                _ = look.tick() => true,
            };
            if has_news && let Some(record) = self.ended().await? {
                break record;
            }
        };
        drop(progress);
        switch.drain();
        working.await?;
        Ok(Outcome { record, peak_memory_bytes })
    }

    fn may_have_ended(&self, event: &Event) -> bool {
        let ours = event.task.strip_prefix(&self.run).is_some_and(|rest| rest.starts_with('/'));
        ours && matches!(event.step, Step::Finished { .. } | Step::GivenUp { .. })
    }

    /// The record, once it says that the run has ended.
    async fn ended(&self) -> anyhow::Result<Option<RunRecord>> {
        let (state, queue, run) = (Arc::clone(&self.state), self.queue.clone(), self.run.clone());
        tokio::task::spawn_blocking(move || {
            // The queue first: a run whose last task ends in between has its record by then.
            let is_idle = queue.engine().backlog()?.unfinished == 0;
            let record = ended_record(&*state, &run)?;
            if record.is_none() && is_idle {
                bail!("the run {run} has ended without a result");
            }
            Ok(record)
        })
        .await?
    }
}

/// The record of a run, if it says that the run has ended.
pub(super) fn ended_record(
    state: &(dyn State + Send + Sync),
    run: &str,
) -> anyhow::Result<Option<RunRecord>> {
    let Some(item) = state.get(&record_key(run))? else { return Ok(None) };
    let record: RunRecord = serde_json::from_slice(&item.value)
        .with_context(|| format!("the record of the run {run} cannot be read"))?;
    Ok(Some(record).filter(|record| record.status != RunStatus::Running))
}

fn peak(event: &Event) -> usize {
    match event.step {
        Step::Finished { usage, .. } => usage.peak_memory_bytes,
        Step::Started | Step::Retried { .. } | Step::GivenUp { .. } | Step::HandedBack => 0,
    }
}
