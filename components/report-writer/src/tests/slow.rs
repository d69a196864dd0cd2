//! Stores that take their time, in time that is computed: every call has a deadline, as in a host.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use stocktake_capabilities::{DetailKinds, Error, ObjectDetail, Page};

use super::*;
use crate::task::{PartInput, part_task};

/// What a host gives one call.
const DEADLINE: Duration = Duration::from_secs(30);

/// How often a host tries a task.
const ATTEMPTS: u32 = 10;

/// How many objects a store client asks about side by side.
const AT_ONCE: usize = 32;

/// Entries of a page: a hundredth of the usual, so that the number of pages is that of a hundred times as many keys.
const PAGE_ENTRIES: u32 = 10;

/// How long a store takes.
#[derive(Clone, Copy)]
struct Latency {
    page_millis: u64,
    head_millis: u64,
    /// Pages behind this key take so long instead.
    slow_range: Option<(&'static str, u64)>,
}

impl Latency {
    fn pages(page_millis: u64) -> Self {
        Self { page_millis, head_millis: 0, slow_range: None }
    }
}

/// A call was stopped at its deadline.
struct DeadlineOver;

struct Slow<'a> {
    store: &'a MemoryStore,
    latency: Latency,
    /// The time since the current call began.
    elapsed: Cell<Duration>,
    /// How often each page of the source was asked for, by where it begins.
    pages: RefCell<BTreeMap<String, u32>>,
    heads: RefCell<BTreeMap<String, u32>>,
}

impl Slow<'_> {
    fn wait(&self, millis: u64) {
        let elapsed = self.elapsed.get() + Duration::from_millis(millis);
        self.elapsed.set(elapsed);
        if elapsed > DEADLINE {
            resume_unwind(Box::new(DeadlineOver));
        }
    }
}

impl Objects for Slow<'_> {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        let page = self.store.list_page(bucket, options, cursor)?;
        let first = page.entries.first().map(|entry| entry.key.to_owned()).unwrap_or_default();
        if bucket == "orbit-raw" && options.max_entries > 1 {
            let begin = format!(
                "{first} {:?}",
                page.entries.first().map(|entry| entry.version_id.map(str::to_owned))
            );
            *self.pages.borrow_mut().entry(begin).or_default() += 1;
        }
        let millis = match self.latency.slow_range {
            Some((behind, millis)) if first.as_str() > behind => millis,
            _ => self.latency.page_millis,
        };
        self.wait(millis);
        Ok(page)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        for object in refs {
            *self.heads.borrow_mut().entry(object.key.clone()).or_default() += 1;
        }
        self.wait(self.latency.head_millis * refs.len().div_ceil(AT_ONCE) as u64);
        self.store.head_many(bucket, refs, kinds)
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset: u64,
        length: u32,
    ) -> Result<Vec<u8>, Error> {
        self.store.read_range(bucket, object, offset, length)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.store.bucket_policy(bucket)
    }
}

/// How a run over a slow store went.
struct Outcome {
    record: RunRecord,
    /// Calls in all, and those that were stopped.
    calls: u32,
    stopped: u32,
    /// Pages that were asked for more often than once.
    repeated_pages: u32,
    pages: u32,
    repeated_heads: u32,
}

fn run(bench: &Bench, plan: &PlanInput, latency: Latency) -> Outcome {
    let slow = Slow {
        store: &bench.store,
        latency,
        elapsed: Cell::default(),
        pages: RefCell::default(),
        heads: RefCell::default(),
    };
    let elapsed = || slow.elapsed.get();
    let has = Capabilities {
        objects: &slow,
        uploads: &bench.store,
        state: &bench.state,
        elapsed: &elapsed,
    };
    let mut tasks = VecDeque::from([(task::plan_task(plan), 1)]);
    let (mut calls, mut stopped) = (0, 0);
    while let Some((task, attempt)) = tasks.pop_front() {
        slow.elapsed.set(Duration::ZERO);
        calls += 1;
        match catch_unwind(AssertUnwindSafe(|| handle(&task, NOW, has))) {
            Ok(Ok(follow_ups)) => tasks.extend(follow_ups.into_iter().map(|task| (task, 1))),
            Ok(Err(failure)) => panic!("`{}`: {failure}", task.name),
            Err(panic) if panic.is::<DeadlineOver>() => {
                stopped += 1;
                assert!(attempt < ATTEMPTS, "`{}` was stopped {attempt} times", task.name);
                tasks.push_back((task, attempt + 1));
            }
            Err(panic) => resume_unwind(panic),
        }
    }
    let repeated = |counts: &RefCell<BTreeMap<String, u32>>| {
        counts.borrow().values().map(|count| count - 1).sum()
    };
    Outcome {
        record: bench.record(&plan.run),
        calls,
        stopped,
        repeated_pages: repeated(&slow.pages),
        pages: slow.pages.borrow().values().sum(),
        repeated_heads: repeated(&slow.heads),
    }
}

fn keys(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("d{:02}/{:04}", number / 1000, number % 1000))
}

/// Limits in proportion to [`PAGE_ENTRIES`].
fn scaled() -> RunLimits {
    RunLimits {
        file_rows_max: 10_000,
        first_file_rows: 200,
        page_entries: PAGE_ENTRIES,
        ..RunLimits::default()
    }
}

#[track_caller]
fn check(count: u32, fields: &[&str], latency: Latency) -> Outcome {
    let bench = Bench::with_keys(keys(count));
    let document = document(Form::Aws, "Current", &Value::Null, fields);
    let plan = plan_of(&document, scaled());
    let outcome = run(&bench, &plan, latency);
    assert_eq!(outcome.record.status, RunStatus::Complete);
    let expected: Vec<String> = keys(count).collect();
    let rows = bench.rows(&outcome.record);
    let found: Vec<&str> = rows.iter().map(|row| row.split('"').nth(3).unwrap()).collect();
    assert_eq!(found, expected);
    bench.assert_tidy();
    outcome
}

#[test]
fn any_store_that_responds_within_the_deadline_gets_its_report() {
    for page_millis in [10, 50, 100, 300, 1_000, 1_500, 5_000, 20_000] {
        let most = if matches!(page_millis, 100 | 1_500) { 50_000 } else { 10_000 };
        for count in [10, 1_000, most] {
            let outcome = check(count, &["Size"], Latency::pages(page_millis));
            let files = outcome.record.counts.files;
            let what =
                format!("{page_millis} ms, {count} keys, {files} files, {} calls", outcome.calls);
            // Pages at the ends of ranges, and those by which ranges are cut, may come twice; no more.
            assert!(
                u64::from(outcome.repeated_pages) <= 2 * files + 2,
                "{what}: {} of {} pages",
                outcome.repeated_pages,
                outcome.pages
            );
            assert!(outcome.stopped <= outcome.calls / 4, "{what}: {} stopped", outcome.stopped);
            // No more files than ranges and full files of 50 pages account for.
            assert!(files <= 1 + u64::from(count) / 100, "{what}");
        }
    }
}

#[test]
fn details_that_take_long_get_their_report_and_are_asked_for_once() {
    for head_millis in [2, 50, 500, 5_000] {
        for count in [10, 3_000] {
            let latency = Latency { head_millis, ..Latency::pages(20) };
            let outcome = check(count, &["Size", "EncryptionStatus"], latency);
            assert_eq!((outcome.stopped, outcome.repeated_heads), (0, 0), "{head_millis} {count}");
        }
    }
}

#[test]
fn one_slow_range_does_not_stop_the_report() {
    for (page_millis, slow_millis) in [(1, 5_000), (10, 20_000), (100, 29_000)] {
        let slow_range = Some(("d09", slow_millis));
        let outcome =
            check(10_000, &["Size"], Latency { slow_range, ..Latency::pages(page_millis) });
        let Outcome { calls, stopped, repeated_pages, .. } = outcome;
        assert!(
            stopped <= 12,
            "{stopped} of {calls} calls stopped, {repeated_pages} pages repeated"
        );
    }
}

#[test]
fn a_key_with_more_versions_than_a_call_can_list_gets_its_report() {
    let bench = Bench::new();
    for version in 0..2_000 {
        bench
            .store
            .insert("orbit-raw", entry("a", Some((&format!("v{version:04}"), version == 0))));
    }
    let document = document(Form::Aws, "All", &Value::Null, &["Size"]);
    let outcome = run(&bench, &plan_of(&document, scaled()), Latency::pages(250));
    assert_eq!(
        (outcome.record.status, outcome.record.counts.objects),
        (RunStatus::Complete, 2_000)
    );
    assert_eq!(outcome.record.counts.files, 1);
    bench.assert_tidy();
}

#[test]
fn a_slow_store_gets_the_bytes_that_a_fast_one_gets() {
    let files = |page_millis: u64| {
        let bench = Bench::with_keys(keys(3_000));
        // No file has more than the 50 pages after which one may end by time.
        let limits = RunLimits { ranges: 1, file_rows_max: 400, ..scaled() };
        let document = document(Form::Aws, "Current", &Value::Null, &["Size"]);
        let outcome = run(&bench, &plan_of(&document, limits), Latency::pages(page_millis));
        assert!(page_millis == 0 || outcome.calls > 50, "{} calls", outcome.calls);
        bench.store.contents("orbit-reports").unwrap()
    };
    // A page takes a call of its own.
    assert_eq!(files(0).len(), files(16_000).len());
    assert!(files(0) == files(16_000));
}

/// A store that lists nothing, and says each time that there is more.
struct Endless(Cell<u64>);

impl Objects for Endless {
    fn list_page(&self, bucket: &str, _: &ListOptions, _: Option<&str>) -> Result<Page, Error> {
        let asked = self.0.get() + 1;
        self.0.set(asked);
        let next = (bucket == "orbit-raw").then(|| asked.to_string());
        Ok(Page { next, ..Page::default() })
    }

    fn head_many(
        &self,
        _: &str,
        _: &[ObjectRef],
        _: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        Err(Error::Unsupported("details".to_owned()))
    }

    fn read_range(&self, _: &str, _: &ObjectRef, _: u64, _: u32) -> Result<Vec<u8>, Error> {
        Err(Error::NoSuchObject)
    }

    fn bucket_policy(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

#[test]
fn a_listing_without_end_and_entries_fails_the_run() {
    let bench = Bench::new();
    let document = document(Form::Aws, "Current", &Value::Null, &["Size"]);
    let first = handle(&task::plan_task(&plan_of(&document, scaled())), NOW, bench.has()).unwrap();
    let endless = Endless(Cell::default());
    // Five seconds a page: what the store responds is kept from call to call.
    let (begun, calls) = (Cell::new(0), Cell::new(0));
    let elapsed = || Duration::from_secs(5 * (endless.0.get() - begun.get()));
    let has = Capabilities {
        objects: &endless,
        uploads: &bench.store,
        state: &bench.state,
        elapsed: &elapsed,
    };
    let failure = loop {
        begun.set(endless.0.get());
        calls.set(calls.get() + 1);
        assert!(calls.get() < 1_000, "{} pages", endless.0.get());
        match handle(&first[0], NOW, has) {
            Ok(follow_ups) => assert_eq!(follow_ups.len(), 1),
            Err(failure) => break failure,
        }
    };
    let Failure::Reject(reason) = failure else { panic!("{failure:?}") };
    assert!(reason.contains("the listing does not end: 1000 pages without an entry"), "{reason}");
}

#[test]
fn what_a_slow_store_responded_is_not_asked_for_again_after_a_failure() {
    let bench = Bench::with_keys(keys(400));
    let document = document(Form::Aws, "Current", &Value::Null, &["Size"]);
    let plan = plan_of(&document, RunLimits { first_file_rows: 1_000, ..scaled() });
    let first = handle(&task::plan_task(&plan), NOW, bench.has()).unwrap();
    let slow = Slow {
        store: &bench.store,
        latency: Latency::pages(4_000),
        elapsed: Cell::default(),
        pages: RefCell::default(),
        heads: RefCell::default(),
    };
    let elapsed = || slow.elapsed.get();
    // Nothing can be written, so every call fails in the end.
    let full = MemoryStore::new(Instant::default());
    let has =
        Capabilities { objects: &slow, uploads: &full, state: &bench.state, elapsed: &elapsed };
    let mut calls = 0;
    while let Ok(follow_ups) = handle(&first[0], NOW, has) {
        assert_eq!(
            follow_ups,
            [part_task(&PartInput {
                run: RUN.to_owned(),
                range: task::Range { after: None, until: None },
                rows_max: 1_000
            })]
        );
        slow.elapsed.set(Duration::ZERO);
        calls += 1;
    }
    assert!(calls >= 9, "{calls}");
    let asked: u32 = slow.pages.borrow().values().sum();
    slow.elapsed.set(Duration::ZERO);
    assert!(handle(&first[0], NOW, has).is_err());
    assert_eq!(slow.pages.borrow().values().sum::<u32>(), asked);
    assert!(slow.pages.borrow().values().all(|count| *count == 1));
}
