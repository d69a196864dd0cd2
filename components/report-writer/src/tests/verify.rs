//! Somebody changes the destination between the first data file and the manifest.

use std::cell::Cell;

use stocktake_capabilities::{DetailKinds, Error, ObjectDetail, Page, PutOptions, Uploads as _};

use super::*;

/// Does all tasks, and what is to happen when every part is done; returns the record and what the run failed with.
fn sealed(
    bench: &Bench,
    objects: &impl Objects,
    before_seal: impl FnOnce(),
) -> (RunRecord, Option<Failure>) {
    let has =
        Capabilities { objects, uploads: &bench.store, state: &bench.state, elapsed: &unhurried };
    let mut tasks = VecDeque::from([task::plan_task(&plan("Current", "", limits(30, 10)))]);
    let (mut failed, mut before_seal) = (None, Some(before_seal));
    while let Some(task) = tasks.pop_front() {
        let is_first = before_seal.is_some();
        if is_first && task.kind == "seal" && tasks.iter().all(|task| task.kind == "seal") {
            before_seal.take().unwrap()();
        }
        match handle(&task, NOW, has) {
            Ok(follow_ups) => tasks.extend(follow_ups),
            Err(failure) => {
                tasks.extend(give_up(&task, &failure.to_string(), NOW, has).unwrap());
                failed = Some(failure);
            }
        }
    }
    (bench.record(RUN), failed)
}

fn bench() -> Bench {
    Bench::with_keys((0..100).map(|number| format!("{number:03}")))
}

fn data_file(bench: &Bench) -> String {
    bench.keys("orbit-reports").into_iter().filter(|key| key.contains("/data/")).nth(1).unwrap()
}

#[track_caller]
fn check_noticed(change: impl Fn(&Bench, &str), what: &str) {
    let bench = bench();
    let (record, failed) = sealed(&bench, &bench.store, || change(&bench, &data_file(&bench)));
    let Some(Failure::Reject(reason)) = failed else { panic!("{failed:?}") };
    assert!(reason.contains(what), "{reason}");
    assert_eq!(record.status, RunStatus::Failed);
    let left = bench.store.contents("orbit-reports").unwrap();
    assert!(!left.keys().any(|key| key.contains("manifest") || key.contains("symlink")));
    bench.assert_tidy();
}

#[test]
fn a_data_file_that_is_gone_or_has_another_size_gets_no_manifest() {
    let options = PutOptions::default();
    check_noticed(|bench, key| bench.store.remove("orbit-reports", key), "is gone; somebody");
    let overwrite = |bench: &Bench, key: &str| {
        bench.store.put("orbit-reports", key, b"other", &options).map(drop).unwrap();
    };
    check_noticed(overwrite, "has 5 bytes, ");
}

#[test]
fn a_bucket_that_was_exchanged_gets_no_manifest() {
    let empty = |bench: &Bench, _: &str| {
        for key in bench.keys("orbit-reports") {
            bench.store.remove("orbit-reports", &key);
        }
    };
    check_noticed(empty, "is gone; somebody");
}

/// A store that responds to HEAD in its own way.
struct Heads<'a> {
    store: &'a MemoryStore,
    head: fn() -> Result<ObjectDetail, Error>,
    asked: Cell<usize>,
    lists: Cell<u64>,
}

impl Objects for Heads<'_> {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        self.lists.set(self.lists.get() + 1);
        self.store.list_page(bucket, options, cursor)
    }

    fn head_many(
        &self,
        _: &str,
        refs: &[ObjectRef],
        _: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        self.asked.set(self.asked.get() + refs.len());
        (self.head)().map(|detail| vec![Some(detail); refs.len()])
    }

    fn read_range(&self, _: &str, _: &ObjectRef, _: u64, _: u32) -> Result<Vec<u8>, Error> {
        Err(Error::AccessDenied)
    }

    fn bucket_policy(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

/// Does every task but the seals, and returns one of those.
fn listed(bench: &Bench) -> Task {
    let mut tasks = VecDeque::from([task::plan_task(&plan("Current", "", limits(30, 10)))]);
    while let Some(at) = tasks.iter().position(|task| task.kind != "seal") {
        let task = tasks.remove(at).unwrap();
        tasks.extend(handle(&task, NOW, bench.has()).unwrap());
    }
    tasks.pop_front().unwrap()
}

#[test]
fn what_was_seen_before_a_seal_that_failed_is_looked_at_again() {
    let bench = bench();
    let seal = listed(&bench);
    // So slow that what the store responds is kept.
    let elapsed = || Duration::from_secs(2);
    let has = |uploads| Capabilities { uploads, elapsed: &elapsed, ..bench.has() };
    let away = MemoryStore::new(Instant::default());
    assert!(handle(&seal, NOW, has(&away)).is_err(), "no manifest can be written");
    bench.store.remove("orbit-reports", &data_file(&bench));
    let failure = handle(&seal, NOW, has(&bench.store)).unwrap_err();
    let Failure::Reject(reason) = failure else { panic!("{failure:?}") };
    assert!(reason.contains("is gone; somebody"), "{reason}");
}

#[test]
fn a_seal_whose_heads_are_denied_goes_on_where_it_stopped() {
    let bench = bench();
    let seal = listed(&bench);
    let head = || Err(Error::AccessDenied);
    let objects = Heads { store: &bench.store, head, asked: Cell::new(0), lists: Cell::new(0) };
    let begun = Cell::new(0);
    let elapsed = || Duration::from_secs(8 * (objects.lists.get() - begun.get()));
    let has = Capabilities {
        objects: &objects,
        uploads: &bench.store,
        state: &bench.state,
        elapsed: &elapsed,
    };
    let mut calls = 1;
    while handle(&seal, NOW, has).unwrap() == [seal.clone()] {
        begun.set(objects.lists.get());
        calls += 1;
        assert!(calls < 20, "{} lists", objects.lists.get());
    }
    assert!(calls > 1);
    assert_eq!(bench.record(RUN).status, RunStatus::Complete);
    bench.assert_tidy();
}

#[test]
fn where_head_is_denied_or_tells_no_size_data_files_are_listed() {
    let heads: [fn() -> Result<ObjectDetail, Error>; 3] = [
        || Err(Error::AccessDenied),
        || Err(Error::Unsupported("HEAD".to_owned())),
        || Ok(ObjectDetail::default()),
    ];
    for head in heads {
        for is_removed in [false, true] {
            let bench = bench();
            let objects =
                Heads { store: &bench.store, head, asked: Cell::new(0), lists: Cell::new(0) };
            let (record, failed) = sealed(&bench, &objects, || {
                if is_removed {
                    bench.store.remove("orbit-reports", &data_file(&bench));
                }
            });
            assert!(objects.asked.get() > 0);
            assert_eq!(failed.is_some(), is_removed, "{failed:?}");
            let expected = if is_removed { RunStatus::Failed } else { RunStatus::Complete };
            assert_eq!(record.status, expected);
        }
    }
}
