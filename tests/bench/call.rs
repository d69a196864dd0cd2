//! The cost of a call: a fresh instance, one call, its answer.

use std::time::Instant;

use anyhow::{Result, bail};
use std::sync::Arc;
use stocktake_capabilities::Task;
use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::Component;
use stocktake_host::queue::Call;

use crate::{built, engine, samples, spread};

const CALLS: usize = 5_000;
const WARM_UP: usize = 500;

pub(crate) fn bench() -> Result<()> {
    let engine = engine()?;
    let store = Arc::new(MemoryStore::default());
    let capabilities = Capabilities {
        objects: Some(store.clone()),
        uploads: Some(store),
        state: Some(Arc::new(MemoryState::default())),
        ..Capabilities::default()
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("from event to result in a fresh instance, microseconds ({CALLS} calls each)\n");
    println!("{:<34} {:>8} {:>8} {:>8}", "task", "median", "least", "99 %");
    let empty = engine.load("empty", &samples::empty())?;
    measure(&runtime, &capabilities, &empty, &Task::default(), "empty task")?;
    let writer = built(&engine, "report-writer")?;
    // A run that is unknown has nothing left to seal: the task looks once into `state` and ends.
    let idle =
        Task { kind: "seal".to_owned(), input: br#"{"run":"none"}"#.to_vec(), ..Task::default() };
    measure(&runtime, &capabilities, &writer, &idle, "report-writer, nothing to seal")?;
    println!("\nmark: an empty task in 100 microseconds");
    Ok(())
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    capabilities: &Capabilities,
    component: &Component,
    task: &Task,
    label: &str,
) -> Result<()> {
    let mut samples = Vec::with_capacity(CALLS);
    for call in 0..WARM_UP + CALLS {
        let begun = Instant::now();
        let invoked = runtime.block_on(component.call_task(capabilities, task, &Call::Handle))?;
        let took = begun.elapsed();
        if !invoked.value.is_ok_and(|tasks| tasks.is_empty()) {
            bail!("{label}: the task did not end quietly");
        }
        if call >= WARM_UP {
            samples.push(took.as_secs_f64() * 1e6);
        }
    }
    samples.sort_by(f64::total_cmp);
    let late = samples.get(CALLS * 99 / 100).copied().unwrap_or(f64::NAN);
    let (median, least, _) = spread(samples);
    println!("{label:<34} {median:>8.1} {least:>8.1} {late:>8.1}");
    Ok(())
}
