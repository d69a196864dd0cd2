//! Data files that go out in parts over a faulty wire: no upload stays unfinished, however a run ends.

use std::collections::VecDeque;
use std::fmt::Write as _;

use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_capabilities::{
    DetailKinds, Error, Failure, Instant, ObjectDetail, Page, State as _, Task,
};
use stocktake_core::run::{PlanInput, RunLimits, RunRecord, RunStatus, record_key};
use stocktake_core::timestamp::Millis;
use stocktake_tests::harness::bench::Wanted;
use stocktake_tests::harness::report::{Finished, finished};
use stocktake_tests::harness::runs;
use stocktake_tests::harness::{DESTINATION, SOURCE};

use super::wire::{behind_proxy, seeded};
use super::*;

const NOW: Millis = Millis(1_794_099_630_000);

/// How often a report is disturbed, and how often a task is tried.
const SEEDS: u64 = 8;
const ATTEMPTS: u32 = 3;

/// Keys that do not compress: a file of them has more than one part.
fn listed() -> MemoryStore {
    let time = Instant { seconds: 1_794_000_000, nanoseconds: 0 };
    let store = MemoryStore::new(time).with_bucket(SOURCE);
    for number in 0..12_000_u64 {
        let mut key = format!("{number:06}");
        for word in 0..60 {
            let mixed = (number * 64 + word + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let _ = write!(key, "{:016x}", mixed ^ (mixed >> 29));
        }
        store.insert(SOURCE, Entry { key, is_latest: true, ..Entry::default() });
    }
    store
}

/// A bucket in memory, beside those of the gateway.
struct Beside<'a>(&'a MemoryStore, &'a S3Store);

impl Beside<'_> {
    fn of(&self, bucket: &str) -> &dyn Objects {
        if bucket == SOURCE { self.0 } else { self.1 }
    }
}

impl Objects for Beside<'_> {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        self.of(bucket).list_page(bucket, options, cursor)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        self.of(bucket).head_many(bucket, refs, kinds)
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        self.of(bucket).read_range(bucket, object, offset_bytes, length_bytes)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.of(bucket).bucket_policy(bucket)
    }
}

/// A run over a bucket in memory, whose report goes to the gateway. Answers how it ended.
fn run(source: &MemoryStore, uploads: &S3Store, plan: &PlanInput) -> RunRecord {
    let state = MemoryState::default();
    let objects = &Beside(source, uploads);
    let has = report_writer::Capabilities {
        objects,
        uploads,
        state: &state,
        elapsed: &report_writer::unhurried,
    };
    let mut tasks = VecDeque::from([(runs::plan_task(plan), 1)]);
    while let Some((task, attempt)) = tasks.pop_front() {
        match report_writer::handle(&task, NOW, has) {
            Ok(follow_ups) => tasks.extend(follow_ups.into_iter().map(|task: Task| (task, 1))),
            Err(Failure::Retry { .. }) if attempt < ATTEMPTS => {
                tasks.push_back((task, attempt + 1));
            }
            Err(failure) => {
                while report_writer::give_up(&task, &failure.to_string(), NOW, has).is_err() {}
            }
        }
    }
    let record = state.get(&record_key(&plan.run)).unwrap().unwrap();
    serde_json::from_slice(&record.value).unwrap()
}

#[test]
fn no_upload_of_a_large_file_stays_unfinished() {
    let Some(ceph) = ceph() else { return };
    let source = listed();
    let report = |bucket: &str| -> Option<Finished> {
        let store = ceph.open();
        let names = keys(&store, bucket, &everything());
        finished(names.iter().map(String::as_str), |key| {
            let piece = |at: u64| store.read_range(bucket, &object(key), at << 20, 1 << 20);
            let pieces = (0..).map(|at| piece(at).unwrap()).take_while(|piece| !piece.is_empty());
            pieces.flatten().collect()
        })
    };
    let plan = |bucket: &str| {
        let document = Wanted { format: "Parquet", ..Wanted::default() }.document().to_string();
        runs::plan(&document.replace(DESTINATION, bucket), RunLimits::default())
    };
    let round = |store: &S3Store| {
        let bucket = ceph.bucket();
        (run(&source, store, &plan(&bucket)), bucket)
    };
    let (record, bucket) = round(&ceph.open());
    assert_eq!(record.status, RunStatus::Complete);
    let expected = report(&bucket).unwrap();
    assert!(expected.files.iter().any(|file| file.len() > 8 << 20), "more than one part");
    let (mut complete, mut failed) = (0, 0);
    for seed in 0..SEEDS {
        let rate = [12.0, 5.0, 2.0, 1.2][usize::try_from(seed % 4).unwrap()];
        let proxy = ceph.proxied(seeded(seed, rate));
        let (record, bucket) = round(&ceph.open_at(&behind_proxy(&proxy)));
        if record.status == RunStatus::Complete {
            complete += 1;
            assert!(report(&bucket).unwrap().files == expected.files, "seed {seed}");
        } else {
            failed += 1;
            assert!(report(&bucket).is_none(), "seed {seed}: {record:?}");
            assert!(record.reason.is_some());
        }
        let store = ceph.open();
        let request = store.client().list_multipart_uploads().bucket(&bucket);
        let unfinished = runtime().block_on(request.send()).unwrap();
        assert_eq!(unfinished.uploads(), [], "seed {seed}, {record:?}");
    }
    assert!(complete > 0 && failed > 0, "{complete} complete, {failed} given up");
}
