//! One run of `report-writer`: natively, or as a component in the host's library.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use stocktake_capabilities::memory::MemoryState;
use stocktake_capabilities::{BucketCreation as _, Failure, State, Task};
use stocktake_core::finding::Dialect;
use stocktake_core::run::{
    PLAN, PlanInput, REPORT_WRITER, RunLimits, RunRecord, RunStatus, record_key,
};
use stocktake_core::timestamp::Millis;
use stocktake_host::capabilities::{Capabilities, Clock, Queue};
use stocktake_host::engines::{
    DirectoryStore, EmbeddedDatabase, MappedBucket, RedbQueue, RedbState,
};
use stocktake_host::triggers::stop_switch;
use stocktake_host::triggers::tasks::{TaskLoop, TaskOptions};
use tokio::runtime::Runtime;
use tokio::sync::broadcast::error::RecvError;

use super::artefacts::component;
use super::{DESTINATION, PATIENCE, SOURCE};

/// How many tasks run at once in the host's library: enough to overlap on any machine.
const WORKERS: usize = 4;

/// The plan of a run over [`SOURCE`] for a document that must be usable.
#[track_caller]
pub fn plan(document: &str, limits: RunLimits) -> PlanInput {
    let judged =
        inventory_config::check(document.as_bytes(), inventory_config::Syntax::Json, Dialect::Aws);
    let Some(configuration) = judged.configuration else { panic!("{:?}", judged.findings) };
    PlanInput {
        run: "0123456789abcdef0123456789abcdef".to_owned(),
        bucket: SOURCE.to_owned(),
        configuration: configuration.to_json(),
        slot_millis: None,
        is_once: false,
        limits,
    }
}

/// A store with this tree as [`SOURCE`], which cannot be written to, and an empty [`DESTINATION`] below `root`.
pub fn store(root: &Path, tree: &Path) -> DirectoryStore {
    let source = MappedBucket { name: SOURCE.to_owned(), path: tree.to_owned(), read_only: true };
    let store = DirectoryStore::open(root, [source]).unwrap();
    store.create_bucket(DESTINATION, None).unwrap();
    store
}

/// Does all tasks of a run one after the other, without a host.
pub fn native(store: &DirectoryStore, plan: &PlanInput, now: Millis) -> RunRecord {
    let state = MemoryState::default();
    let has = report_writer::Capabilities {
        objects: store,
        uploads: store,
        state: &state,
        elapsed: &report_writer::unhurried,
    };
    let mut tasks = VecDeque::from([plan_task(plan)]);
    while let Some(task) = tasks.pop_front() {
        match report_writer::handle(&task, now, has) {
            Ok(follow_ups) => tasks.extend(follow_ups),
            Err(Failure::Reject(reason)) => {
                tasks.extend(report_writer::give_up(&task, &reason, now, has).unwrap());
            }
            Err(failure) => panic!("`{}`: {failure}", task.name),
        }
    }
    record(&state, &plan.run).unwrap()
}

/// Has the component do all tasks of a run, several at once, with records and queue on a disk.
pub fn hosted(store: DirectoryStore, plan: &PlanInput, now: Millis) -> RunRecord {
    let folder = tempfile::tempdir().unwrap();
    let database = EmbeddedDatabase::open(&folder.path().join("test.redb")).unwrap();
    let queue = Queue::new(Arc::new(RedbQueue::new(database.clone()).unwrap()));
    let state = Arc::new(RedbState::new(database).unwrap());
    let store = Arc::new(store);
    let capabilities = Capabilities {
        objects: Some(Arc::<DirectoryStore>::clone(&store)),
        uploads: Some(store),
        state: Some(Arc::<RedbState>::clone(&state)),
        queue: Some(queue.clone()),
        clock: Clock::starting_at(system_time(now)),
        ..Capabilities::default()
    };
    queue.enqueue(&[plan_task(plan)]).unwrap();
    let components = BTreeMap::from([(REPORT_WRITER.to_owned(), component(REPORT_WRITER))]);
    let options =
        TaskOptions { workers: WORKERS, in_flight: WORKERS, attempts: 1, grace: Duration::ZERO };
    let tasks = TaskLoop::new(components, capabilities, queue.clone(), options);
    let mut events = tasks.events();
    let (switch, stop) = stop_switch();
    let until_ended = async {
        let running = tokio::spawn(async move { tasks.run(stop).await });
        let record = loop {
            if let Err(RecvError::Closed) = events.recv().await {
                panic!("the task loop ended before the run: {:?}", running.await);
            }
            match record(state.as_ref(), &plan.run) {
                Some(record) if record.status != RunStatus::Running => break record,
                _ => {}
            }
        };
        switch.drain();
        running.await.unwrap().unwrap();
        record
    };
    runtime().block_on(async { tokio::time::timeout(PATIENCE, until_ended).await }).unwrap()
}

/// The record without the times at which its tasks were done: clocks of hosts go on.
#[must_use]
pub fn timeless(record: &RunRecord) -> RunRecord {
    RunRecord { begun_millis: 0, ended_millis: None, ..record.clone() }
}

/// A runtime that can be waited for with a limit.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .unwrap()
}

/// The time as the host's clock knows it.
pub fn system_time(time: Millis) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(time.0.try_into().unwrap())
}

/// The task that begins a run.
pub fn plan_task(plan: &PlanInput) -> Task {
    Task {
        name: format!("{}/plan", plan.run),
        component: REPORT_WRITER.to_owned(),
        kind: PLAN.to_owned(),
        input: serde_json::to_vec(plan).unwrap(),
        delay_ms: 0,
    }
}

fn record(state: &impl State, run: &str) -> Option<RunRecord> {
    let item = state.get(&record_key(run)).unwrap()?;
    Some(serde_json::from_slice(&item.value).unwrap())
}
