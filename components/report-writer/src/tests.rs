//! Whole runs over stores in memory.

mod asking;
mod columns;
mod cos;
mod delivery;
mod details;
mod ending;
mod filters;
mod progress;
mod schedules;
mod slow;
mod verify;

use std::collections::VecDeque;
use std::io::Read as _;

use proptest::prelude::*;
use serde_json::Value;
use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_capabilities::{Entry, Instant, ListOptions, ObjectRef, Objects, State as _};
use stocktake_core::form::Form;
use stocktake_core::run::{PlanInput, RunLimits, RunRecord, RunStatus, record_key};

use super::*;
use crate::records::list;
use crate::tests::asking::Asking;

const NOW: Millis = Millis(1_794_099_630_000);
const RUN: &str = "0123456789abcdef0123456789abcdef";

/// A source, a destination and what is remembered.
struct Bench {
    store: MemoryStore,
    state: MemoryState,
}

impl Bench {
    fn new() -> Self {
        let store = MemoryStore::new(Instant { seconds: 1_794_000_000, nanoseconds: 5_000_000 });
        let buckets = ["orbit-raw", "orbit-reports", "reports-1259999999"];
        let store = buckets.into_iter().fold(store, MemoryStore::with_bucket);
        Self { store, state: MemoryState::default() }
    }

    fn with_keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        let bench = Self::new();
        for key in keys {
            bench.store.insert("orbit-raw", entry(&key.into(), None));
        }
        bench
    }

    fn has(&self) -> Capabilities<'_, MemoryStore, MemoryStore, MemoryState> {
        Capabilities {
            objects: &self.store,
            uploads: &self.store,
            state: &self.state,
            elapsed: &unhurried,
        }
    }

    /// Does all tasks, each of them twice where `twice` is set, as if the host had died before it could note the end.
    fn run(&self, plan: &PlanInput, twice: bool) -> RunRecord {
        self.run_over(&self.store, plan, twice)
    }

    /// The same with another view of the store.
    fn run_over(&self, objects: &impl Objects, plan: &PlanInput, twice: bool) -> RunRecord {
        let has =
            Capabilities { objects, uploads: &self.store, state: &self.state, elapsed: &unhurried };
        let mut tasks = VecDeque::from([task::plan_task(plan)]);
        while let Some(task) = tasks.pop_front() {
            let follow_ups = handle(&task, NOW, has).unwrap();
            if twice {
                let again = handle(&task, Millis(NOW.0 + 3_600_000), has).unwrap();
                // A seal ends the run, so what came before it has nothing left to ask for.
                if task.kind != "seal" {
                    assert_eq!(follow_ups, again);
                }
            }
            tasks.extend(follow_ups);
        }
        self.record(&plan.run)
    }

    fn record(&self, run: &str) -> RunRecord {
        let item = self.state.get(&record_key(run)).unwrap().expect("a record");
        serde_json::from_slice(&item.value).unwrap()
    }

    fn keys(&self, bucket: &str) -> Vec<String> {
        let options = ListOptions { max_entries: 1000, ..ListOptions::default() };
        let page = self.store.list_page(bucket, &options, None).unwrap();
        page.entries.keys.iter().map(str::to_owned).collect()
    }

    fn text(&self, key: &str) -> String {
        self.text_of("orbit-reports", key)
    }

    fn text_of(&self, bucket: &str, key: &str) -> String {
        let object = ObjectRef { key: key.to_owned(), version_id: None };
        let bytes = self.store.read_range(bucket, &object, 0, 8 << 20).unwrap();
        if key.contains("manifest") || key.contains("symlink") {
            return String::from_utf8(bytes).unwrap();
        }
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        text
    }

    /// The rows of all data files, in the order of the manifest.
    fn rows(&self, record: &RunRecord) -> Vec<String> {
        let place = record.manifest.as_ref().unwrap();
        let manifest = self.text_of(&place.bucket, &place.key);
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        let files = manifest["files"].as_array().unwrap().clone();
        let text = |file: &Value| self.text_of(&place.bucket, file["key"].as_str().unwrap());
        files.iter().map(text).collect::<String>().lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn assert_tidy(&self) {
        let keys: Vec<_> = ["runs/", "folders/"]
            .into_iter()
            .flat_map(|prefix| list::<serde_json::Value>(&self.state, prefix).unwrap())
            .map(|(key, _)| key)
            .filter(|key| !key.ends_with("/record"))
            .collect();
        assert_eq!(keys, [""; 0], "left behind");
    }
}

fn entry(key: &str, version: Option<(&str, bool)>) -> Entry {
    Entry {
        key: key.to_owned(),
        size_bytes: key.len() as u64,
        last_modified: Some(Instant { seconds: 1_794_000_000, nanoseconds: 0 }),
        etag: Some("d41d8cd98f00b204e9800998ecf8427e-3".to_owned()),
        storage_class: Some("STANDARD".to_owned()),
        version_id: version.map(|(id, _)| id.to_owned()),
        is_latest: version.is_none_or(|(_, is_latest)| is_latest),
        ..Entry::default()
    }
}

fn plan(versions: &str, prefix: &str, limits: RunLimits) -> PlanInput {
    let filter = serde_json::json!({ "Prefix": prefix });
    plan_of(&document(Form::Aws, versions, &filter, &["Size"]), limits)
}

/// A kept configuration.
fn document(form: Form, versions: &str, filter: &Value, fields: &[&str]) -> Value {
    let bucket = match form {
        Form::Aws | Form::Coreweave => "arn:aws:s3:::orbit-reports",
        Form::Cos => "qcs::cos:ap-tokyo::reports-1259999999",
    };
    let bucket = serde_json::json!({ "Bucket": bucket, "Format": "CSV", "Prefix": "inv" });
    let destination = match form {
        Form::Aws | Form::Coreweave => serde_json::json!({ "S3BucketDestination": bucket }),
        Form::Cos => serde_json::json!({ "COSBucketDestination": bucket }),
    };
    let mut document = serde_json::json!({
        "Destination": destination,
        "IsEnabled": true,
        "Filter": filter,
        "Id": "daily",
        "IncludedObjectVersions": versions,
        "Schedule": { "Frequency": "Daily" },
        "Form": form.word(),
    });
    if !fields.is_empty() {
        document["OptionalFields"] = fields.into();
    }
    document
}

fn plan_of(document: &Value, limits: RunLimits) -> PlanInput {
    let configuration = document.to_string();
    PlanInput {
        run: RUN.to_owned(),
        bucket: "orbit-raw".to_owned(),
        configuration,
        slot_millis: None,
        is_once: false,
        limits,
    }
}

fn limits(file_rows_max: u64, page_entries: u32) -> RunLimits {
    RunLimits {
        file_rows_max,
        first_file_rows: 1 + file_rows_max / 3,
        ranges: 4,
        page_entries,
        ..RunLimits::default()
    }
}

#[test]
fn a_report_has_all_files_of_the_layout() {
    let bench = Bench::with_keys(["a", "b"]);
    let record = bench.run(&plan("Current", "", RunLimits::default()), false);
    assert_eq!(
        (record.status, record.counts.objects, record.counts.bytes),
        (RunStatus::Complete, 2, 2)
    );
    let base = "inv/orbit-raw/daily";
    let keys = bench.keys("orbit-reports");
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert_eq!(keys[0], format!("{base}/2026-11-08T01-00Z/manifest.checksum"));
    assert_eq!(keys[1], format!("{base}/2026-11-08T01-00Z/manifest.json"));
    assert_eq!(keys[2], format!("{base}/2026-11-08T01-00Z/manifest.stocktake.json"));
    assert!(keys[3].starts_with(&format!("{base}/data/")), "{keys:?}");
    assert_eq!(keys[4], format!("{base}/hive/dt=2026-11-08-01-00/symlink.txt"));
    assert_eq!(bench.text(&keys[4]), format!("s3://orbit-reports/{}", keys[3]));
    assert_eq!(bench.text(&keys[0]), manifest::checksum(bench.text(&keys[1]).as_bytes()));
    bench.assert_tidy();
}

#[test]
fn an_empty_result_has_a_manifest_and_no_data_file() {
    for (keys, prefix) in [(vec![], ""), (vec!["a", "b"], "c")] {
        let bench = Bench::with_keys(keys);
        let record = bench.run(&plan("All", prefix, RunLimits::default()), true);
        assert_eq!(
            (record.status, record.counts.objects, record.counts.files),
            (RunStatus::Complete, 0, 0)
        );
        assert_eq!(bench.keys("orbit-reports").len(), 4);
    }
}

#[test]
fn a_first_report_asks_for_little_more_than_its_pages() {
    let keys = (0..100_000).map(|i| format!("d{:02}/{:04}", i / 1000, i % 1000));
    let bench = Bench::with_keys(keys);
    let asking = Asking::new(&bench.store);
    let record = bench.run_over(&asking, &plan("Current", "", RunLimits::default()), false);
    assert!(record.counts.files >= 4, "{record:?}");
    // A look at the destination, about four questions for the cut, and a short page at each range's end.
    let asked = asking.pages.take().len();
    assert!(asked <= 106, "{asked} lists");
}

#[test]
fn a_second_report_of_the_same_minute_takes_the_next_folder() {
    let bench = Bench::with_keys(["a"]);
    let first = bench.run(&plan("Current", "", RunLimits::default()), false);
    let mut second = plan("Current", "", RunLimits::default());
    second.run = "f".repeat(32);
    let second = bench.run(&second, false);
    assert_eq!(second.report_millis, first.report_millis + 60_000);
    assert_eq!(bench.rows(&first), bench.rows(&second));
}

#[test]
fn a_minute_beyond_the_year_9999_is_no_folder() {
    let bench = Bench::with_keys(["a"]);
    let last = Millis::parse_rfc3339("9999-12-31T23:59:59Z").unwrap();
    let mut input = plan("Current", "", RunLimits::default());
    handle(&task::plan_task(&input), last, bench.has()).unwrap();
    assert_eq!(bench.record(RUN).report_millis, last.floor_to_minute().0);
    input.run = "f".repeat(32);
    let failure = handle(&task::plan_task(&input), last, bench.has()).unwrap_err();
    let Failure::Reject(reason) = failure else { panic!("{failure:?}") };
    assert!(reason.contains("beyond the year 9999"), "{reason}");
}

#[test]
fn a_run_of_a_missing_bucket_is_rejected() {
    let bench = Bench::with_keys(["a"]);
    let mut input = plan("Current", "", RunLimits::default());
    input.bucket = "missing".to_owned();
    let tasks = handle(&task::plan_task(&input), NOW, bench.has()).unwrap();
    let [task] = &tasks[..] else { panic!("{tasks:?}") };
    let failure = handle(task, NOW, bench.has()).unwrap_err();
    assert_eq!(
        failure,
        Failure::Reject("listing source bucket `missing`: the bucket does not exist".to_owned())
    );
    give_up(task, "no such bucket", NOW, bench.has()).unwrap();
    let record = bench.record(RUN);
    assert_eq!(
        (record.status, record.reason.as_deref()),
        (RunStatus::Failed, Some("no such bucket"))
    );
    assert_eq!(bench.keys("orbit-reports"), [""; 0]);
    bench.assert_tidy();
}

#[test]
fn a_run_that_was_given_up_gets_no_manifest() {
    let bench = Bench::with_keys((0..2000).map(|i| format!("{i:04}")));
    let input = plan("Current", "", limits(300, 100));
    let mut tasks = VecDeque::from(handle(&task::plan_task(&input), NOW, bench.has()).unwrap());
    let given_up = tasks.pop_front().unwrap();
    give_up(&given_up, "the disk is full", NOW, bench.has()).unwrap();
    while let Some(task) = tasks.pop_front() {
        tasks.extend(handle(&task, NOW, bench.has()).unwrap());
    }
    assert_eq!(bench.record(RUN).status, RunStatus::Failed);
    assert!(!bench.keys("orbit-reports").iter().any(|key| key.contains("manifest")));
    bench.assert_tidy();
}

#[test]
fn versions_ascend_within_a_key_and_never_straddle_files() {
    let bench = Bench::new();
    let mut expected = Vec::new();
    for key in ["a", "b", "c"] {
        for version in (0..7).rev() {
            let id = format!("v{version}");
            bench.store.insert("orbit-raw", entry(key, Some((&id, version == 6))));
        }
        expected.extend((0..7).map(|version| format!("\"{key}\",\"v{version}\"")));
    }
    for (rows_max, page) in [(1, 1), (5, 3), (8, 4), (100, 2)] {
        let mut input = plan("All", "", RunLimits { ranges: 1, ..limits(rows_max, page) });
        input.run = format!("{rows_max:032x}");
        let record = bench.run(&input, true);
        let rows = bench.rows(&record);
        let found: Vec<_> = rows
            .iter()
            .map(|row| row.split(',').skip(1).take(2).collect::<Vec<_>>().join(","))
            .collect();
        assert_eq!(found, expected, "{rows_max} {page}");
        assert_eq!(
            record.counts.files,
            if rows_max < 7 {
                3
            } else if rows_max == 8 {
                2
            } else {
                1
            }
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_report_lists_every_key_once_in_order(
        keys in proptest::collection::btree_set("[ab/é+]{1,5}", 0..120),
        rows_max in 1_u64..40,
        page in 1_u32..30,
        twice: bool,
    ) {
        let bench = Bench::with_keys(keys.iter());
        let record = bench.run(&plan("Current", "a", limits(rows_max, page)), twice);
        let expected: Vec<&String> = keys.iter().filter(|key| key.starts_with('a')).collect();
        let encoded = |key: &str| key.replace('+', "%2B").replace('é', "%C3%A9");
        let rows = bench.rows(&record);
        prop_assert_eq!(rows.len() as u64, record.counts.objects);
        for (row, key) in rows.iter().zip(&expected) {
            prop_assert_eq!(row, &format!("\"orbit-raw\",\"{}\",\"{}\"", encoded(key), key.len()));
        }
        prop_assert_eq!(rows.len(), expected.len());
        prop_assert!(record.counts.files >= (expected.len() as u64).div_ceil(rows_max));
        bench.assert_tidy();
    }
}
