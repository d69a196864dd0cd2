//! The cost of a call: a fresh instance, one call, its answer.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use stocktake_capabilities::Task;
use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::Component;
use stocktake_host::queue::Call;
use tokio::runtime::Runtime;

use crate::computed::Machine;
use crate::table::{Mark, Row};
use crate::{Arm, engine, samples};

/// The calls of one round.
const CALLS: usize = 2_000;
const WARM_UP: usize = 200;

const MEDIAN: &str = "median call, us";
const LATE: &str = "99 % of calls, us";

/// An empty task in this many microseconds.
const MICROSECONDS_MAX: f64 = 100.0;

pub(crate) fn arms(machine: &Machine) -> Result<Vec<Arm>> {
    let empty = engine()?.load("empty", &samples::empty())?;
    // A run that is unknown has nothing left to seal: the task looks once into `state` and ends.
    let idle =
        Task { kind: "seal".to_owned(), input: br#"{"run":"none"}"#.to_vec(), ..Task::default() };
    Ok(vec![
        arm(machine, empty, Task::default(), "an empty task", Mark::AtMost(MICROSECONDS_MAX)),
        arm(machine, machine.writer.clone(), idle, "report-writer, nothing to do", Mark::Nothing),
    ])
}

fn arm(machine: &Machine, component: Component, task: Task, name: &'static str, mark: Mark) -> Arm {
    let store = Arc::new(MemoryStore::default());
    let capabilities = Capabilities {
        objects: Some(store.clone()),
        uploads: Some(store),
        state: Some(Arc::new(MemoryState::default())),
        ..Capabilities::default()
    };
    let runtime = machine.runtime.clone();
    let part = "a call into a fresh instance";
    let rows = vec![Row::new(part, name, MEDIAN, mark), Row::new(part, name, LATE, Mark::Nothing)];
    Arm::new(rows, move || measure(&runtime, &capabilities, &component, &task))
}

/// The median and the 99th percentile, in microseconds.
fn measure(
    runtime: &Runtime,
    capabilities: &Capabilities,
    component: &Component,
    task: &Task,
) -> Result<Vec<f64>> {
    let mut samples = Vec::with_capacity(CALLS);
    for call in 0..WARM_UP + CALLS {
        let begun = Instant::now();
        let invoked = runtime.block_on(component.call_task(capabilities, task, &Call::Handle))?;
        let took = begun.elapsed();
        if !invoked.value.is_ok_and(|tasks| tasks.is_empty()) {
            bail!("the task did not end quietly");
        }
        if call >= WARM_UP {
            samples.push(took.as_secs_f64() * 1e6);
        }
    }
    samples.sort_by(f64::total_cmp);
    let at = |index: usize| samples.get(index).copied().unwrap_or(f64::NAN);
    Ok(vec![at(CALLS / 2), at(CALLS * 99 / 100)])
}
