//! Runs as `state` shows them; what `report-writer` would write is put by hand.

use std::cell::Cell;

use serde_json::{Value, json};
use stocktake_capabilities::ItemPage;
use stocktake_capabilities::memory::MemoryState;
use stocktake_core::run::{Trigger, parts_prefix};

use super::*;
use crate::store;

mod once;
mod showing;

/// Sunday, 2026-11-08T15:00Z.
const NOW: Millis = Millis(1_794_150_000_000);

const HOUR: i64 = 3_600_000;

fn document(id: &str) -> Value {
    json!({
        "Destination": {"COSBucketDestination":
            {"Bucket": "qcs::cos:ap-tokyo::reports-1259999999", "Format": "CSV"}},
        "Id": id,
        "IncludedObjectVersions": "Current",
    })
}

/// Puts a configuration of daily reports.
fn stored(id: &str) -> MemoryState {
    let state = MemoryState::default();
    put(&state, id, true);
    state
}

fn put(state: &impl State, id: &str, is_enabled: bool) {
    let mut document = document(id);
    document["IsEnabled"] = is_enabled.into();
    document["Schedule"] = json!({ "Frequency": "Daily" });
    let text = document.to_string();
    let outcome =
        store::put(state, "orbit-raw", id, text.as_bytes(), Syntax::Json, Dialect::Cos, &[]);
    assert_eq!(outcome, Ok(store::PutOutcome::Stored(Vec::new())));
}

fn id(number: u64) -> String {
    format!("{number:032x}")
}

fn run(run: &str) -> Run<'_> {
    Run { bucket: "orbit-raw", id: "m1", run }
}

fn started(state: &impl State, number: u64, now: Millis) -> StartOutcome {
    start(state, NewRun { run: run(&id(number)), now }).unwrap()
}

fn started_once(state: &impl State, number: u64, document: &Value, now: Millis) -> StartOutcome {
    let id = id(number);
    let new = NewRun { run: run(&id), now };
    start_once(state, new, document.to_string().as_bytes(), Syntax::Json, Dialect::Cos).unwrap()
}

/// The run that a start's tasks are of.
#[track_caller]
fn begun(outcome: StartOutcome) -> PlanInput {
    let StartOutcome::Started(tasks) = outcome else { panic!("{outcome:?}") };
    let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
    assert_eq!((task.component.as_str(), task.kind.as_str()), (REPORT_WRITER, PLAN));
    let plan: PlanInput = serde_json::from_slice(&task.input).unwrap();
    assert_eq!(task.name, format!("{}/plan", plan.run));
    plan
}

/// Changes a run's record, as `report-writer` would.
fn change(state: &impl State, number: u64, change: impl Fn(&mut RunRecord)) {
    let key = record_key(&id(number));
    let (mut record, _) = read::<RunRecord>(state, &key).unwrap().unwrap();
    change(&mut record);
    assert!(write(state, &key, &record, Condition::Always).unwrap());
}

fn end(state: &impl State, number: u64, now: Millis) {
    change(state, number, |record| {
        record.status = RunStatus::Complete;
        record.ended_millis = Some(now.0);
    });
}

fn shown(state: &impl State, number: u64, now: Millis) -> Value {
    let text = get_run(state, run(&id(number)), now).unwrap().expect("a run");
    serde_json::from_str(&text).unwrap()
}

fn parts_of(state: &impl State, number: u64, parts: &[(u64, u64)]) {
    for (place, (listed, rows)) in parts.iter().enumerate() {
        let file = json!({ "rows": rows, "size_bytes": 10 * rows, "key": "k", "md5": "" });
        let part = json!({
            "file": if *rows > 0 { file } else { Value::Null },
            "object_bytes": 100 * rows, "listed_entries": listed, "unlisted": 1, "rest": [],
        });
        let key = format!("{}{place}", parts_prefix(&id(number)));
        assert!(write(state, &key, &part, Condition::Always).unwrap());
    }
}

#[test]
fn a_stored_configuration_is_run_once_at_a_time() {
    let state = stored("m1");
    let other = Run { id: "m2", ..run("") };
    let run_id = id(1);
    let unknown = NewRun { run: Run { run: &run_id, ..other }, now: NOW };
    assert_eq!(start(&state, unknown), Ok(StartOutcome::NoSuchConfiguration));
    let plan = begun(started(&state, 1, NOW));
    assert_eq!((plan.run.as_str(), plan.trigger()), (run_id.as_str(), Trigger::OnDemand));
    // It is there before anything has been enqueued.
    assert_eq!(shown(&state, 1, NOW)["state"], "running");
    assert_eq!(started(&state, 2, NOW), StartOutcome::AlreadyRunning(id(1)));
    // The same start once more is no other run.
    assert_eq!(begun(started(&state, 1, NOW)), plan);
    end(&state, 1, NOW);
    assert_eq!(begun(started(&state, 2, NOW)).run, id(2));
}

#[test]
fn a_disabled_configuration_can_be_run_with_the_limits_of_the_host() {
    let state = MemoryState::default();
    put(&state, "m1", false);
    let limits = RunLimits::with_file_rows(700);
    write(&state, LIMITS_KEY, &limits, Condition::Always).unwrap();
    assert_eq!(begun(started(&state, 1, NOW)).limits, limits);
}

#[test]
fn a_scheduled_run_that_is_at_work_is_the_one_that_is_running() {
    let state = stored("m1");
    let plan = PlanInput { slot_millis: Some(NOW.0), ..begun(started(&state, 1, NOW)) };
    end(&state, 1, NOW);
    let scheduled = RunRecord::begin(PlanInput { run: id(7), ..plan }, NOW);
    write(&state, &record_key(&id(7)), &scheduled, Condition::Always).unwrap();
    let key = history_key("orbit-raw", "m1", NOW, &id(7));
    write(&state, &key, &id(7), Condition::Always).unwrap();
    assert_eq!(started(&state, 2, NOW), StartOutcome::AlreadyRunning(id(7)));
}

/// State in which somebody else starts run 9 just before a write.
struct Raced {
    state: MemoryState,
    is_due: Cell<bool>,
}

impl State for Raced {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        self.state.get(key)
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        if self.is_due.replace(false) {
            begun(started(&self.state, 9, NOW));
        }
        self.state.put(key, value, condition)
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        self.state.delete(key, condition)
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        self.state.list(prefix, cursor)
    }
}

#[test]
fn of_two_starts_at_the_same_time_one_begins() {
    let raced = Raced { state: stored("m1"), is_due: Cell::new(true) };
    assert_eq!(started(&raced, 1, NOW), StartOutcome::AlreadyRunning(id(9)));
    assert_eq!(get_run(&raced, run(&id(1)), NOW), Ok(None));
}

#[test]
fn a_start_that_died_half_way_is_taken_up_by_the_next() {
    let state = stored("m1");
    let plan = begun(started(&state, 1, NOW));
    // As if nothing but the note had been written.
    for key in [start_key(&id(1)), record_key(&id(1)), history_key("orbit-raw", "m1", NOW, &id(1))]
    {
        assert!(
            matches!(state.delete(&key, Condition::Always), Ok(StateOutcome::Done(_))),
            "{key}"
        );
    }
    assert_eq!(started(&state, 2, NOW), StartOutcome::AlreadyRunning(id(1)));
    // The clock asks for what stands here.
    assert_eq!(read::<PlanInput>(&state, &start_key(&id(1))).unwrap().unwrap().0, plan);
    assert_eq!(shown(&state, 1, NOW)["state"], "running");
}

#[test]
fn a_document_for_one_run_has_no_schedule_and_is_not_kept() {
    let state = MemoryState::default();
    let mut scheduled = document("m1");
    scheduled["IsEnabled"] = true.into();
    scheduled["Schedule"] = json!({ "Frequency": "Daily" });
    let StartOutcome::Refused(findings) = started_once(&state, 1, &scheduled, NOW) else {
        panic!("with a schedule")
    };
    let found: Vec<_> = findings.iter().map(|one| (&*one.code, one.pointer.as_str())).collect();
    assert_eq!(found, [("CF100", "/IsEnabled"), ("CF100", "/Schedule")]);
    let StartOutcome::Refused(findings) = started_once(&state, 1, &document("m2"), NOW) else {
        panic!("with another id")
    };
    assert!(findings[0].message.contains("IdMismatch"), "{findings:?}");
    assert_eq!(state.list("", None).unwrap().items, []);
    let plan = begun(started_once(&state, 1, &document("m1"), NOW));
    assert_eq!(plan.trigger(), Trigger::Once);
    assert_eq!(store::get(&state, "orbit-raw", "m1"), Ok(None));
    let configuration =
        stocktake_core::configuration::Configuration::from_json(&plan.configuration);
    assert_eq!(configuration.unwrap().form, stocktake_core::form::Form::Cos);
}

#[test]
fn a_document_for_one_run_is_run_once_a_day() {
    let state = MemoryState::default();
    let once = |number, now| started_once(&state, number, &document("m1"), now);
    begun(once(1, NOW));
    assert_eq!(once(2, NOW), StartOutcome::AlreadyRunning(id(1)));
    end(&state, 1, NOW);
    assert_eq!(once(2, Millis(NOW.0 + 9 * HOUR - 1)), StartOutcome::Duplicate);
    let tomorrow = Millis(NOW.0 + 9 * HOUR);
    assert_eq!(begun(once(2, tomorrow)).run, id(2));
    end(&state, 2, tomorrow);
    // The id of a stored configuration is taken, on any day.
    put(&state, "m1", false);
    assert_eq!(once(3, Millis(tomorrow.0 + 48 * HOUR)), StartOutcome::Duplicate);
}
