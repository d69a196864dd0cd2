//! Runs that are shown, listed and cancelled.

use expect_test::{Expect, expect};
use stocktake_core::run::{ManifestPlace, history_prefix};

use super::*;

#[track_caller]
fn check_shown(state: &impl State, number: u64, now: Millis, expected: &Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(&shown(state, number, now)).unwrap());
}

#[test]
fn a_run_is_shown_with_what_its_finished_parts_came_to() {
    let state = stored("m1");
    begun(started(&state, 1, NOW));
    parts_of(&state, 1, &[(900, 500), (100, 0), (1000, 1000)]);
    write(&state, &stocktake_core::run::errors_key(&id(1)), &3, Condition::Always).unwrap();
    check_shown(
        &state,
        1,
        Millis(NOW.0 + 500),
        &expect![[r#"
        {
          "begun": "2026-11-08T15:00:00.000Z",
          "bucket": "orbit-raw",
          "bytes": 150000,
          "errors": 3,
          "files": 2,
          "id": "m1",
          "rate": 3000,
          "report": "partial",
          "report_bytes": 15000,
          "run": "00000000000000000000000000000001",
          "scanned": 2000,
          "state": "running",
          "trigger": "on-demand",
          "unlisted": 3,
          "written": 1500
        }"#]],
    );
    change(&state, 1, |record| {
        record.status = RunStatus::Complete;
        record.plan.slot_millis = Some(NOW.0 - 14 * HOUR);
        record.ended_millis = Some(NOW.0 + 2000);
        (record.counts.objects, record.counts.listed_entries) = (1600, 2100);
        record.counts.files = 2;
        let place =
            ManifestPlace { bucket: "reports-1259999999".into(), key: "k/manifest.json".into() };
        record.manifest = Some(place);
    });
    check_shown(
        &state,
        1,
        Millis(NOW.0 + HOUR),
        &expect![[r#"
        {
          "begun": "2026-11-08T15:00:00.000Z",
          "bucket": "orbit-raw",
          "bytes": 0,
          "ended": "2026-11-08T15:00:02.000Z",
          "errors": 0,
          "files": 2,
          "id": "m1",
          "manifest": {
            "bucket": "reports-1259999999",
            "key": "k/manifest.json"
          },
          "rate": 800,
          "report": "complete",
          "report_bytes": 0,
          "run": "00000000000000000000000000000001",
          "scanned": 2100,
          "slot": "2026-11-08T01:00:00.000Z",
          "state": "complete",
          "trigger": "schedule",
          "unlisted": 0,
          "written": 1600
        }"#]],
    );
}

#[test]
fn a_run_is_shown_under_its_own_configuration_alone() {
    let state = stored("m1");
    begun(started(&state, 1, NOW));
    let run_id = id(1);
    for other in [Run { id: "m2", ..run(&run_id) }, Run { bucket: "orbit", ..run(&run_id) }] {
        assert_eq!(get_run(&state, other, NOW), Ok(None));
        assert_eq!(cancel(&state, other, NOW), Ok(CancelOutcome::NoSuchRun));
    }
    for odd in ["", "..", "1", &"G".repeat(32)] {
        assert_eq!(get_run(&state, run(odd), NOW), Ok(None), "{odd}");
        let new = NewRun { run: run(odd), now: NOW };
        assert!(matches!(start(&state, new), Err(Error::InvalidArgument(_))), "{odd}");
    }
    let odd = Run { bucket: "a/b", ..run(&run_id) };
    assert!(matches!(get_run(&state, odd, NOW), Err(Error::InvalidArgument(_))));
}

#[test]
fn a_history_is_listed_from_the_newest_in_pages() {
    let state = stored("m1");
    let total = PAGE_RUNS_MAX as u64 + 30;
    for number in 0..total {
        let now = Millis(NOW.0 + i64::try_from(number).unwrap());
        begun(started(&state, number, now));
        end(&state, number, now);
    }
    store::delete(&state, "orbit-raw", "m1", &[]).unwrap();
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = list_runs(&state, ("orbit-raw", "m1"), cursor.as_deref(), NOW).unwrap();
        assert!(page.runs.len() <= PAGE_RUNS_MAX);
        let id_of = |text: &String| {
            serde_json::from_str::<Value>(text).unwrap()["run"].as_str().unwrap().to_owned()
        };
        found.extend(page.runs.iter().map(id_of));
        let Some(next) = page.next else { break };
        // It is of this history and of no other.
        let other = list_runs(&state, ("orbit-raw", "m2"), Some(&next), NOW);
        assert!(matches!(other, Err(Error::InvalidArgument(_))), "{other:?}");
        cursor = Some(next);
    }
    assert_eq!(found, (0..total).rev().map(id).collect::<Vec<_>>());
    // A record that was forgotten meanwhile is left out.
    state.delete(&record_key(&id(total - 1)), Condition::Always).unwrap();
    let page = list_runs(&state, ("orbit-raw", "m1"), None, NOW).unwrap();
    assert!(page.runs[0].contains(&id(total - 2)), "{}", page.runs[0]);
    assert_eq!(list_runs(&state, ("orbit-raw", "m2"), None, NOW), Ok(RunPage::default()));
    assert_eq!(state.list(&history_prefix("orbit-raw", "m1"), None).unwrap().items.len(), 130);
}

#[test]
fn a_run_that_is_cancelled_has_ended_with_what_it_had_done() {
    let state = stored("m1");
    begun(started(&state, 1, NOW));
    parts_of(&state, 1, &[(900, 500)]);
    let later = Millis(NOW.0 + 1000);
    let outcome = cancel(&state, run(&id(1)), later).unwrap();
    let CancelOutcome::Cancelled(told) = outcome else { panic!("{outcome:?}") };
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), shown(&state, 1, later));
    let found = shown(&state, 1, Millis(NOW.0 + HOUR));
    let member = |name: &str| found[name].clone();
    assert_eq!((member("state"), member("report")), (json!("cancelled"), json!("partial")));
    assert_eq!((member("scanned"), member("written")), (json!(900), json!(500)));
    assert_eq!((member("rate"), member("ended")), (json!(500), json!("2026-11-08T15:00:01.000Z")));
    assert_eq!(cancel(&state, run(&id(1)), later), Ok(CancelOutcome::Ended(told)));
    assert_eq!(cancel(&state, run(&id(2)), later), Ok(CancelOutcome::NoSuchRun));
    assert_eq!(begun(started(&state, 2, later)).run, id(2));
}

#[test]
fn a_run_whose_manifest_is_being_written_is_not_cancelled() {
    let state = stored("m1");
    begun(started(&state, 1, NOW));
    change(&state, 1, |record| record.is_sealing = true);
    let outcome = cancel(&state, run(&id(1)), NOW).unwrap();
    let CancelOutcome::Ended(told) = outcome else { panic!("{outcome:?}") };
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["state"], "running");
    assert_eq!(shown(&state, 1, NOW)["state"], "running");
}

#[test]
fn the_next_run_is_at_the_next_slot_of_an_enabled_configuration() {
    let state = MemoryState::default();
    let next = |now: Millis| next_run(&state, "orbit-raw", "m1", now).unwrap().map(Millis::rfc3339);
    assert_eq!(next(NOW), None);
    put(&state, "m1", false);
    assert_eq!(next(NOW), None);
    put(&state, "m1", true);
    assert_eq!(next(NOW).as_deref(), Some("2026-11-09T01:00:00.000Z"));
    // Seen by the clock, it falls due; then it is due now.
    let key = stocktake_core::run::schedule_key("orbit-raw", "m1");
    let scheduled = stocktake_core::schedule::Scheduled::since(NOW);
    write(&state, &key, &scheduled, Condition::Always).unwrap();
    let tomorrow = Millis(NOW.0 + 12 * HOUR);
    assert_eq!(next(tomorrow), Some(tomorrow.rfc3339()));
    state.delete(&key, Condition::Always).unwrap();
    write(&state, stocktake_core::run::FIRST_REPORT_KEY, &"at-once", Condition::Always).unwrap();
    assert_eq!(next(NOW), Some(NOW.rfc3339()));
}
