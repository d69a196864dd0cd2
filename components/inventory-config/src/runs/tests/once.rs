//! How many one-time runs are remembered.

use stocktake_core::run::{history_prefix, once_prefix};

use super::super::once::ONCE_MAX;
use super::*;

/// Notes an ended one-time run of the id `a{number}`, as starting and ending it would.
fn noted(state: &impl State, number: u64, begun: Millis) {
    let name = format!("a{number:04}");
    let plan = PlanInput {
        run: id(1_000_000 + number),
        bucket: "orbit-raw".to_owned(),
        configuration: document(&name).to_string(),
        slot_millis: None,
        is_once: true,
        limits: RunLimits::default(),
    };
    let mut record = RunRecord::begin(plan.clone(), begun);
    record.status = RunStatus::Failed;
    assert!(write(state, &once_key("orbit-raw", &name), &plan, Condition::Always).unwrap());
    assert!(write(state, &record_key(&plan.run), &record, Condition::Always).unwrap());
    let key = history_key("orbit-raw", &name, begun, &plan.run);
    assert!(write(state, &key, &plan.run, Condition::Always).unwrap());
}

/// How many records are below a prefix.
fn count(state: &impl State, prefix: &str) -> usize {
    let mut found = 0;
    read::each(state, prefix, |_| {
        found += 1;
        Ok(true)
    })
    .unwrap();
    found
}

#[test]
fn the_oldest_one_time_runs_are_forgotten_and_none_of_this_day() {
    let state = MemoryState::default();
    let yesterday = |number: u64| Millis(NOW.0 - 24 * HOUR + i64::try_from(number).unwrap());
    for number in 0..ONCE_MAX as u64 {
        noted(&state, number, yesterday(number));
    }
    // A bucket whose name begins with the same letters is another one.
    assert!(write(&state, "once/orbit-raw-2/a", &1, Condition::Always).unwrap());
    begun(started_once(&state, 1, &document("m1"), NOW));
    assert_eq!(count(&state, &once_prefix("orbit-raw")), ONCE_MAX - 99);
    assert_eq!(count(&state, "runs/"), ONCE_MAX - 99);
    assert_eq!(count(&state, &history_prefix("orbit-raw", "a0099")), 0);
    assert_eq!(count(&state, &history_prefix("orbit-raw", "a0100")), 1);

    // The same id begins again without more room; a running one is not forgotten.
    end(&state, 1, NOW);
    let tomorrow = Millis(NOW.0 + 24 * HOUR);
    begun(started_once(&state, 2, &document("m1"), tomorrow));

    let state = MemoryState::default();
    for number in 0..ONCE_MAX as u64 {
        noted(&state, number, NOW);
    }
    let run = Run { bucket: "orbit-raw", id: "m1", run: &id(1) };
    let text = document("m1").to_string();
    let start =
        |now| start_once(&state, NewRun { run, now }, text.as_bytes(), Syntax::Json, Dialect::Cos);
    assert_eq!(start(NOW), Err(Error::Throttled(None)));
    assert_eq!(count(&state, &once_prefix("orbit-raw")), ONCE_MAX);
    begun(start(tomorrow).unwrap());
}
