//! How far a run has come, while it is running and when it was given up.

use stocktake_core::run::{PartCounts, RunCounts, parts_prefix};

use super::*;

/// Objects of three bytes; with these limits they go into files of ten, twenty and so on.
fn bench() -> (Bench, PlanInput) {
    let bench = Bench::with_keys((0..100).map(|number| format!("k{number:02}")));
    let limits =
        RunLimits { file_rows_max: 20, first_file_rows: 10, ranges: 1, ..RunLimits::default() };
    let plan = plan("Current", "", limits);
    (bench, plan)
}

/// Does so many tasks, and answers the one that would be next.
fn begun(bench: &Bench, plan: &PlanInput, tasks: usize) -> Task {
    let mut waiting = VecDeque::from([task::plan_task(plan)]);
    for _ in 0..tasks {
        let task = waiting.pop_front().unwrap();
        waiting.extend(handle(&task, NOW, bench.has()).unwrap());
    }
    waiting.pop_front().unwrap()
}

/// What whoever reads the records alone finds.
fn progress(bench: &Bench, run: &str) -> RunCounts {
    let parts = list::<PartCounts>(&bench.state, &parts_prefix(run)).unwrap();
    bench.record(run).progress(parts.into_iter().map(|(_, part)| part))
}

#[test]
fn a_running_run_tells_what_its_finished_parts_did() {
    let (bench, plan) = bench();
    begun(&bench, &plan, 1);
    assert_eq!(progress(&bench, RUN), RunCounts::default());
    let (bench, plan) = self::bench();
    begun(&bench, &plan, 3);
    let counts = progress(&bench, RUN);
    let RunCounts { listed_entries, listed_bytes, objects, bytes, files, .. } = counts;
    assert_eq!((listed_entries, listed_bytes), (30, 90));
    assert_eq!((objects, bytes, files), (30, 90, 2));
    let sizes = bench.store.contents("orbit-reports").unwrap();
    assert_eq!(counts.report_bytes, sizes.values().map(|file| file.len() as u64).sum::<u64>());
    assert_eq!(bench.record(RUN).counts, RunCounts::default());
}

#[test]
fn a_run_that_was_given_up_says_what_was_scanned_and_written_and_why() {
    let (bench, plan) = bench();
    let next = begun(&bench, &plan, 3);
    let counts = progress(&bench, RUN);
    for _ in 0..2 {
        assert_eq!(give_up(&next, "the disk is full", NOW, bench.has()), Ok(Vec::new()));
        let record = bench.record(RUN);
        assert_eq!(record.status, RunStatus::Failed);
        assert_eq!(record.reason.as_deref(), Some("the disk is full"));
        assert_eq!((record.counts.listed_entries, record.counts), (30, counts));
        assert_eq!(progress(&bench, RUN), counts);
        bench.assert_tidy();
    }
}

#[test]
fn a_record_that_cannot_be_read_does_not_keep_a_run_from_being_given_up() {
    let (bench, plan) = bench();
    let next = begun(&bench, &plan, 2);
    let broken = format!("{}broken", parts_prefix(RUN));
    bench.state.put(&broken, b"{", stocktake_capabilities::Condition::Always).unwrap();
    give_up(&next, "broken", NOW, bench.has()).unwrap();
    assert_eq!(bench.record(RUN).counts.listed_entries, 10);
    bench.assert_tidy();
}

#[test]
fn a_complete_run_counts_what_was_listed_and_what_was_written() {
    let (bench, plan) = bench();
    let record = bench.run(&plan, false);
    let RunCounts { listed_entries, listed_bytes, objects, files, .. } = record.counts;
    assert_eq!((listed_entries, listed_bytes, objects, files), (100, 300, 100, 6));
    assert_eq!(progress(&bench, RUN), record.counts);
}
