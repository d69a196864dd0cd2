//! Runs that are cancelled at any point, what the record says of an end, and which records are kept.

use std::cell::Cell;

use stocktake_capabilities::{
    Condition, DetailKinds, Error, Item, ItemPage, ObjectDetail, Page, StateOutcome,
};
use stocktake_core::run::{
    ENDED_RUNS_MAX, errors_key, history_key, history_prefix, on_demand_key, start_key,
};

use super::*;
use crate::records::{get, put};

/// State in which somebody cancels the run before a call of this number.
struct Cancelling<'a> {
    state: &'a MemoryState,
    calls_left: Cell<Option<u64>>,
    is_cancelled: Cell<bool>,
}

impl<'a> Cancelling<'a> {
    fn before(state: &'a MemoryState, call: u64) -> Self {
        Self { state, calls_left: Cell::new(Some(call)), is_cancelled: Cell::new(false) }
    }

    fn count(&self) -> &MemoryState {
        match self.calls_left.get() {
            Some(0) => {
                self.calls_left.set(None);
                self.is_cancelled.set(cancel(self.state, RUN));
            }
            left => self.calls_left.set(left.map(|left| left - 1)),
        }
        self.state
    }
}

impl State for Cancelling<'_> {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        self.count().get(key)
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        self.count().put(key, value, condition)
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        self.count().delete(key, condition)
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        self.count().list(prefix, cursor)
    }
}

/// What `inventory-config` does to the record. Answers whether it did.
fn cancel(state: &MemoryState, run: &str) -> bool {
    let Some((mut record, revision)) = get::<RunRecord>(state, &record_key(run)).unwrap() else {
        return false;
    };
    if record.status != RunStatus::Running || record.is_sealing {
        return false;
    }
    record.status = RunStatus::Cancelled;
    put(state, &record_key(run), &record, Condition::Unchanged(revision)).unwrap()
}

fn work(bench: &Bench, state: &impl State, objects: &impl Objects, plan: &PlanInput) {
    let has = Capabilities { objects, uploads: &bench.store, state, elapsed: &unhurried };
    let mut tasks = VecDeque::from([task::plan_task(plan)]);
    while let Some(task) = tasks.pop_front() {
        match handle(&task, NOW, has) {
            Ok(follow_ups) => tasks.extend(follow_ups),
            Err(Failure::Retry { .. }) => tasks.push_back(task),
            Err(failure) => panic!("`{}`: {failure}", task.name),
        }
    }
}

#[test]
fn a_run_that_is_cancelled_at_any_call_has_no_manifest_and_leaves_nothing() {
    let plan = plan("Current", "", limits(4, 2));
    let (mut cancelled, mut complete) = (0, 0);
    for call in 0.. {
        let bench = Bench::with_keys((0..20).map(|number| format!("{number:02}")));
        let state = Cancelling::before(&bench.state, call);
        work(&bench, &state, &bench.store, &plan);
        let status = bench.record(RUN).status;
        let written = bench.keys("orbit-reports");
        let of_report = |key: &&String| key.contains("/manifest") || key.contains("/symlink");
        let found: Vec<_> = written.iter().filter(of_report).collect();
        if state.is_cancelled.get() {
            assert_eq!((status, found.len()), (RunStatus::Cancelled, 0), "{call}: {found:?}");
            cancelled += 1;
        } else {
            assert_eq!((status, found.len()), (RunStatus::Complete, 4), "{call}: {found:?}");
            complete += 1;
        }
        bench.assert_tidy();
        if state.calls_left.get().is_some() {
            break;
        }
    }
    assert!(cancelled > 20 && complete > 2, "{cancelled} {complete}");
}

/// A source during whose listing the run is cancelled, behind the page of this number.
struct Long<'a> {
    bench: &'a Bench,
    pages: Cell<u64>,
    cancelled_behind: u64,
}

impl Objects for Long<'_> {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        if bucket == "orbit-raw" && options.max_entries > 1 {
            self.pages.set(self.pages.get() + 1);
            if self.pages.get() == self.cancelled_behind {
                assert!(cancel(&self.bench.state, RUN));
            }
        }
        self.bench.store.list_page(bucket, options, cursor)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        self.bench.store.head_many(bucket, refs, kinds)
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset: u64,
        length: u32,
    ) -> Result<Vec<u8>, Error> {
        self.bench.store.read_range(bucket, object, offset, length)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.bench.store.bucket_policy(bucket)
    }
}

#[test]
fn a_long_part_finds_out_within_a_few_pages_that_it_was_cancelled() {
    for cancelled_behind in [1, 7, 8, 9, 100] {
        let bench = Bench::with_keys((0..1000).map(|number| format!("{number:04}")));
        let long = Long { bench: &bench, pages: Cell::new(0), cancelled_behind };
        let limits = RunLimits { ranges: 1, ..limits(10_000, 5) };
        let plan = plan("Current", "", RunLimits { first_file_rows: 10_000, ..limits });
        work(&bench, &bench.state, &long, &plan);
        let more = long.pages.get() - cancelled_behind;
        assert!(more <= part::PAGES_PER_LOOK, "{more} pages more behind {cancelled_behind}");
        assert_eq!(bench.keys("orbit-reports"), [""; 0]);
        assert_eq!(bench.store.unfinished_uploads(), 0);
        bench.assert_tidy();
    }
}

#[test]
fn a_run_that_was_started_takes_its_record_over_and_one_that_was_cancelled_does_not_begin() {
    for is_cancelled in [false, true] {
        let bench = Bench::with_keys(["a"]);
        let plan = plan("Current", "", RunLimits::default());
        let begun = Millis(NOW.0 - 5_000);
        let record = RunRecord::begin(plan.clone(), begun);
        put(&bench.state, &record_key(RUN), &record, Condition::Absent).unwrap();
        put(&bench.state, &start_key(RUN), &plan, Condition::Absent).unwrap();
        // Whoever started it has died, so the clock asks for it.
        let tasks = cron(NOW, &bench.state).unwrap();
        assert_eq!(tasks, [task::plan_task(&plan)]);
        if is_cancelled {
            assert!(cancel(&bench.state, RUN));
            assert_eq!(handle(&tasks[0], NOW, bench.has()), Ok(Vec::new()));
        }
        let record = bench.run(&plan, true);
        let expected = if is_cancelled { RunStatus::Cancelled } else { RunStatus::Complete };
        assert_eq!((record.status, record.begun_millis), (expected, begun.0));
        assert_eq!(bench.keys("orbit-reports").is_empty(), is_cancelled);
        assert_eq!(cron(NOW, &bench.state).unwrap(), []);
        let key = history_key("orbit-raw", "daily", begun, RUN);
        assert_eq!(get::<String>(&bench.state, &key).unwrap().unwrap().0, RUN);
        bench.assert_tidy();
    }
}

#[test]
fn a_slot_whose_run_was_cancelled_at_once_is_filled() {
    let bench = Bench::with_keys(["a"]);
    let document = document(Form::Aws, "Current", &serde_json::json!({}), &[]);
    let key = stocktake_core::run::configuration_key("orbit-raw", "daily");
    put(&bench.state, &key, &document, Condition::Absent).unwrap();
    assert_eq!(cron(Millis(NOW.0 - 3_600_000), &bench.state).unwrap(), []);
    let tasks = cron(NOW, &bench.state).unwrap();
    let plan: PlanInput = serde_json::from_slice(&tasks[0].input).unwrap();
    // The plan dies when it has written the record, and then comes the cancellation.
    let record = RunRecord::begin(plan.clone(), NOW);
    put(&bench.state, &record_key(&plan.run), &record, Condition::Absent).unwrap();
    assert!(cancel(&bench.state, &plan.run));
    assert_eq!(handle(&tasks[0], NOW, bench.has()), Ok(Vec::new()));
    assert_eq!(cron(NOW, &bench.state).unwrap(), []);
    bench.assert_tidy();
}

#[test]
fn a_record_says_when_a_run_began_and_ended_and_what_failed() {
    let bench = Bench::with_keys((0..50).map(|number| format!("{number:02}")));
    let plan = plan("Current", "", limits(20, 5));
    let tasks = handle(&task::plan_task(&plan), NOW, bench.has()).unwrap();
    // A store that is away, for one attempt.
    let away = MemoryStore::new(Instant::default());
    let missing =
        Capabilities { objects: &away, uploads: &away, state: &bench.state, elapsed: &unhurried };
    assert!(handle(&tasks[0], NOW, missing).is_err());
    assert_eq!(get::<u64>(&bench.state, &errors_key(RUN)).unwrap().unwrap().0, 1);
    let rest = handle(&tasks[0], NOW, bench.has()).unwrap();
    let later = Millis(NOW.0 + 60_000);
    give_up(&rest[0], "it is enough", later, bench.has()).unwrap();
    let record = bench.record(RUN);
    assert_eq!((record.begun_millis, record.ended_millis), (NOW.0, Some(later.0)));
    assert_eq!((record.status, record.errors), (RunStatus::Failed, 1));
    assert!(record.counts.objects > 0 && record.counts.objects < 50, "{record:?}");
    assert_eq!(record.counts.listed_entries, record.counts.objects);
    bench.assert_tidy();
    // What fails when a run has ended is not counted, as nobody would take it away.
    assert_eq!(handle(&rest[0], later, missing), Ok(Vec::new()));
    bench.assert_tidy();
}

#[test]
fn the_oldest_ended_runs_are_forgotten_and_no_other() {
    let bench = Bench::with_keys(["a"]);
    let run = |number: usize| format!("{number:032x}");
    let at = |number: usize| Millis(NOW.0 + 60_000 * i64::try_from(number).unwrap());
    let planned =
        |number: usize| PlanInput { run: run(number), ..plan("Current", "", RunLimits::default()) };
    // The first is unfinished, and the second the latest on demand.
    let unfinished = RunRecord::begin(planned(0), at(0));
    put(&bench.state, &record_key(&run(0)), &unfinished, Condition::Absent).unwrap();
    history::note(&bench.state, "daily", &unfinished).unwrap();
    let noted = on_demand_key("orbit-raw", "daily");
    put(&bench.state, &noted, &planned(1), Condition::Absent).unwrap();
    let work = |number: usize, now: Millis| {
        let mut tasks = VecDeque::from([task::plan_task(&planned(number))]);
        while let Some(task) = tasks.pop_front() {
            tasks.extend(handle(&task, now, bench.has()).unwrap());
        }
    };
    let total = ENDED_RUNS_MAX + 5;
    (1..=total).for_each(|number| work(number, at(number)));
    let kept = || -> Vec<String> {
        let history = list::<String>(&bench.state, &history_prefix("orbit-raw", "daily")).unwrap();
        history.into_iter().map(|(_, run)| run).collect()
    };
    let mut expected: Vec<String> = (6..=total).rev().map(run).collect();
    expected.push(run(0));
    assert_eq!(kept(), expected);
    for number in 0..=total {
        let is_kept = expected.contains(&run(number));
        let record = bench.state.get(&record_key(&run(number))).unwrap();
        assert_eq!(record.is_some(), is_kept, "{number}");
    }
    assert_eq!(bench.state.get(&noted).unwrap(), None);
    // Where the clock has gone back, the newest run looks like the oldest. It is not forgotten before it is seen.
    work(total + 1, Millis(0));
    assert_eq!(bench.record(&run(total + 1)).status, RunStatus::Complete);
    assert_eq!(kept().last(), Some(&run(total + 1)));
}
