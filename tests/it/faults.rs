//! Stores that fail by plan: work is tried again or given up, and no report is ever wrong.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_capabilities::{
    Condition, DetailKinds, Entry, Error, Failure, Instant, Item, ItemPage, ListOptions,
    ObjectDetail, ObjectRef, Objects, Page, Part, PutOptions, PutOutcome, State, StateOutcome,
    Task, Uploads,
};
use stocktake_core::run::{PLAN, PlanInput, REPORT_WRITER, RunLimits, RunRecord, RunStatus};
use stocktake_core::timestamp::Millis;
use stocktake_tests::harness::bench::Wanted;
use stocktake_tests::harness::files::{names, snapshot};
use stocktake_tests::harness::report::finished;
use stocktake_tests::harness::runs::{self, plan};
use stocktake_tests::harness::{DESTINATION, SOURCE, tree};

const NOW: Millis = Millis(1_794_099_630_000);

/// How often a task is tried, as in a host.
const ATTEMPTS: u32 = 10;

/// What goes wrong with a call.
#[derive(Clone, Debug)]
enum Fault {
    /// It is not done.
    Refused(Error),
    /// It is done, and the answer is lost.
    Lost(Error),
}

/// A store and records whose calls go wrong by their numbers.
struct Faulty {
    store: MemoryStore,
    state: MemoryState,
    plan: BTreeMap<usize, Fault>,
    calls: Cell<usize>,
    uploads: RefCell<Vec<usize>>,
}

impl Faulty {
    fn new(store: &MemoryStore, plan: BTreeMap<usize, Fault>) -> Self {
        let (calls, uploads) = (Cell::new(0), RefCell::default());
        Self { store: store.clone(), state: MemoryState::default(), plan, calls, uploads }
    }

    fn call<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let number = self.calls.replace(self.calls.get() + 1);
        match self.plan.get(&number) {
            None => work(),
            Some(Fault::Refused(error)) => Err(error.clone()),
            Some(Fault::Lost(error)) => work().and(Err(error.clone())),
        }
    }

    fn upload<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.uploads.borrow_mut().push(self.calls.get());
        self.call(work)
    }
}

impl Objects for Faulty {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        self.call(|| self.store.list_page(bucket, options, cursor))
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        self.call(|| self.store.head_many(bucket, refs, kinds))
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        self.call(|| self.store.read_range(bucket, object, offset_bytes, length_bytes))
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.call(|| self.store.bucket_policy(bucket))
    }
}

impl Uploads for Faulty {
    fn put(
        &self,
        bucket: &str,
        key: &str,
        body: &[u8],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        self.upload(|| self.store.put(bucket, key, body, options))
    }

    fn begin(&self, bucket: &str, key: &str, options: &PutOptions) -> Result<String, Error> {
        self.upload(|| self.store.begin(bucket, key, options))
    }

    fn write_part(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
        body: &[u8],
    ) -> Result<Part, Error> {
        self.upload(|| self.store.write_part(bucket, key, upload, number, body))
    }

    fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        self.upload(|| self.store.complete(bucket, key, upload, parts, options))
    }

    fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<(), Error> {
        self.upload(|| self.store.abort(bucket, key, upload))
    }

    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), Error> {
        self.upload(|| self.store.abort_all(bucket, key))
    }
}

impl State for Faulty {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        self.call(|| self.state.get(key))
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        self.call(|| self.state.put(key, value, condition))
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        self.call(|| self.state.delete(key, condition))
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        self.call(|| self.state.list(prefix, cursor))
    }
}

/// A source with these keys, and an empty destination.
fn store(keys: impl Iterator<Item = String>) -> MemoryStore {
    let time = Instant { seconds: 1_794_000_000, nanoseconds: 0 };
    let store = MemoryStore::new(time).with_bucket(SOURCE).with_bucket(DESTINATION);
    for key in keys {
        let size_bytes = key.len() as u64;
        let entry = Entry {
            key,
            size_bytes,
            last_modified: Some(time),
            is_latest: true,
            ..Entry::default()
        };
        store.insert(SOURCE, entry);
    }
    store
}

fn few() -> MemoryStore {
    store((0..400).map(|number| format!("k{number:03}")))
}

fn few_plan() -> PlanInput {
    let limits = RunLimits {
        file_rows_max: 150,
        first_file_rows: 40,
        ranges: 3,
        page_entries: 30,
        ..RunLimits::default()
    };
    plan(&Wanted::default().document().to_string(), limits)
}

/// Does all tasks as a host does, and answers how the run ended.
fn run(faulty: &Faulty, plan: &PlanInput) -> RunStatus {
    let has = report_writer::Capabilities {
        objects: faulty,
        uploads: faulty,
        state: faulty,
        elapsed: &report_writer::unhurried,
    };
    let first = Task {
        name: "plan".to_owned(),
        component: REPORT_WRITER.to_owned(),
        kind: PLAN.to_owned(),
        input: serde_json::to_vec(plan).unwrap(),
        delay_ms: 0,
    };
    let mut tasks = VecDeque::from([(first, 1)]);
    while let Some((task, attempt)) = tasks.pop_front() {
        match report_writer::handle(&task, NOW, has) {
            Ok(follow_ups) => tasks.extend(follow_ups.into_iter().map(|task| (task, 1))),
            Err(Failure::Retry { .. }) if attempt < ATTEMPTS => {
                tasks.push_back((task, attempt + 1));
            }
            Err(failure) => {
                let reason = failure.to_string();
                while report_writer::give_up(&task, &reason, NOW, has).is_err() {}
            }
        }
    }
    let key = stocktake_core::run::record_key(&plan.run);
    let record = faulty.state.get(&key).unwrap().unwrap();
    serde_json::from_slice::<RunRecord>(&record.value).unwrap().status
}

/// Every object of the destination.
fn delivered(store: &MemoryStore) -> BTreeMap<String, Vec<u8>> {
    store.contents(DESTINATION).unwrap()
}

fn transient() -> [Error; 3] {
    [Error::Timeout, Error::Unavailable("500".to_owned()), Error::Throttled(Some(1))]
}

#[test]
fn one_fault_at_any_call_changes_nothing() {
    let undisturbed = Faulty::new(&few(), BTreeMap::new());
    assert_eq!(run(&undisturbed, &few_plan()), RunStatus::Complete);
    let expected = delivered(&undisturbed.store);
    for number in 0..undisturbed.calls.get() {
        for error in transient() {
            for fault in [Fault::Refused(error.clone()), Fault::Lost(error.clone())] {
                let faulty = Faulty::new(&few(), BTreeMap::from([(number, fault.clone())]));
                assert_eq!(run(&faulty, &few_plan()), RunStatus::Complete, "{number} {fault:?}");
                assert!(delivered(&faulty.store) == expected, "{number} {fault:?}");
            }
        }
    }
}

#[test]
fn a_fault_at_any_call_of_a_large_upload_changes_nothing() {
    // Keys that do not compress, so that the file goes out in parts.
    let long = |number: u64| {
        let mut key = format!("{number:06}");
        for word in 0..60 {
            let mixed = (number * 64 + word + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let _ = write!(key, "{:016x}", mixed ^ (mixed >> 29));
        }
        key
    };
    let source = || store((0..12_000).map(long));
    let document = Wanted { format: "Parquet", ..Wanted::default() }.document().to_string();
    let plan = plan(&document, RunLimits::default());
    let undisturbed = Faulty::new(&source(), BTreeMap::new());
    assert_eq!(run(&undisturbed, &plan), RunStatus::Complete);
    let expected = delivered(&undisturbed.store);
    let uploads = undisturbed.uploads.borrow().clone();
    assert!(uploads.len() >= 7, "begin, two parts, complete and three small objects: {uploads:?}");
    for number in uploads {
        for fault in [Fault::Refused(Error::Timeout), Fault::Lost(Error::Timeout)] {
            let faulty = Faulty::new(&source(), BTreeMap::from([(number, fault.clone())]));
            assert_eq!(run(&faulty, &plan), RunStatus::Complete, "{number} {fault:?}");
            assert!(delivered(&faulty.store) == expected, "{number} {fault:?}");
            assert_eq!(faulty.store.unfinished_uploads(), 0, "{number} {fault:?}");
        }
    }
}

#[test]
fn a_store_that_fails_all_the_time_gets_no_manifest() {
    let always = |from: usize, error: Error| {
        (from..from + 100_000).map(|number| (number, Fault::Refused(error.clone()))).collect()
    };
    for error in [Error::AccessDenied, Error::Other("broken".to_owned()), Error::NoSuchBucket] {
        for number in 8..40 {
            let plan: BTreeMap<_, _> = always(number, error.clone());
            // Only for a while, as a record that cannot be written cannot say so.
            let plan = plan.into_iter().take(1).collect();
            let faulty = Faulty::new(&few(), plan);
            let status = run(&faulty, &few_plan());
            let has_checksum =
                delivered(&faulty.store).keys().any(|key| key.ends_with("manifest.checksum"));
            assert_eq!(has_checksum, status == RunStatus::Complete, "{number} {error:?}");
        }
    }
}

#[test]
fn many_faults_end_in_the_same_report_or_in_none() {
    let undisturbed = Faulty::new(&few(), BTreeMap::new());
    run(&undisturbed, &few_plan());
    let expected = delivered(&undisturbed.store);
    let (mut complete, mut failed) = (0, 0);
    for seed in 0..300_usize {
        let planned = (0..2_000_usize).filter_map(|number| {
            let mixed = (seed * 2_000 + number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            let error = transient()[mixed / 64 % 3].clone();
            // Between one call in a hundred and one in a dozen.
            let is_faulty = mixed % 128 < 1 + seed % 10;
            is_faulty.then(|| {
                let fault =
                    if mixed & 64 == 0 { Fault::Refused(error) } else { Fault::Lost(error) };
                (number, fault)
            })
        });
        let faulty = Faulty::new(&few(), planned.collect());
        let status = run(&faulty, &few_plan());
        let files = delivered(&faulty.store);
        let has_checksum = files.keys().any(|key| key.ends_with("manifest.checksum"));
        if status == RunStatus::Complete {
            complete += 1;
            assert!(files == expected, "seed {seed}");
        } else {
            failed += 1;
            assert!(!has_checksum, "seed {seed}");
        }
    }
    assert!(complete > 100, "{complete} complete, {failed} given up");
}

#[test]
fn a_bucket_that_changes_meanwhile_gets_a_report_without_duplicates() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    tree::write(&source, &tree::parse("1 1700000000 a/{000..499}\n1 1700000000 m/{000..499}\n"));
    std::fs::create_dir(folder.path().join("store")).unwrap();
    let limits = RunLimits {
        file_rows_max: 150,
        first_file_rows: 40,
        ranges: 3,
        page_entries: 30,
        ..RunLimits::default()
    };
    let input = plan(&Wanted::default().document().to_string(), limits);
    let is_over = AtomicBool::new(false);
    let record = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in (0_u64..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
                let name = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let folder = source.join(if number % 2 == 0 { "a" } else { "n" });
                std::fs::create_dir_all(&folder).unwrap();
                let path = folder.join(format!("{:03}-{name:x}", name % 500));
                std::fs::write(&path, "").unwrap();
                if number % 3 > 0 {
                    std::fs::remove_file(&path).unwrap();
                }
            }
        });
        let store = runs::store(&folder.path().join("store"), &source);
        let record = runs::native(&store, &input, NOW);
        is_over.store(true, Ordering::Relaxed);
        record
    });
    assert_eq!(record.status, RunStatus::Complete);
    let files = snapshot(&folder.path().join("store").join(DESTINATION));
    let names = names(&files);
    let read = |key: &str| files[key.as_bytes()].clone();
    let rows = finished(names.iter().map(String::as_str), read).unwrap().lines();
    let keys: Vec<&str> = rows.iter().map(|row| row.split('"').nth(3).unwrap()).collect();
    assert!(keys.is_sorted_by(|a, b| a < b), "in order and once");
    let stayed = |folder: &str, number: u32| {
        let key = format!("{folder}/{number:03}");
        assert!(keys.binary_search(&key.as_str()).is_ok(), "{key} was there all the time");
    };
    (0..500).for_each(|number| ["a", "m"].into_iter().for_each(|folder| stayed(folder, number)));
    assert!(keys.len() > 1000, "some came meanwhile");
}
