//! A gateway whose wire is faulty: a report is the undisturbed one, or there is none and its run says why.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::Value;
use stocktake_capabilities::{Error, Part, Precondition};
use stocktake_tests::harness::bench::Wanted;
use stocktake_tests::harness::proxy::{FAULTS, Fault, Plan, Proxy, Request};
use stocktake_tests::harness::random::Random;
use stocktake_tests::harness::report::Finished;

use super::behind::{Behind, fill};
use super::*;

/// How often a report of each format is disturbed.
const SEEDS: u64 = 8;

/// How often a task is tried: few enough that some runs are given up.
const ATTEMPTS: &str = "3";

const FORMATS: [&str; 5] = ["CSV", "ORC", "Parquet", "TSV", "JSON"];

/// A plan by which about one request of so many goes wrong.
pub(super) fn seeded(seed: u64, one_of: f64) -> Plan {
    let mut random = Random::new(seed);
    Box::new(move |_: &Request| {
        let (happens, which) = (random.fraction(), random.fraction());
        let count = f64::from(u32::try_from(FAULTS.len()).unwrap());
        let which = FAULTS.iter().zip(1..).find(|(_, number)| which * count <= f64::from(*number));
        which.filter(|_| happens * one_of < 1.0).map(|(fault, _)| *fault)
    })
}

/// A plan for the first request that fits.
fn once(fault: Fault, fits: impl Fn(&Request) -> bool + Send + 'static) -> Plan {
    let mut is_done = false;
    Box::new(move |request: &Request| {
        let happens = !is_done && fits(request);
        is_done |= happens;
        happens.then_some(fault)
    })
}

/// The endpoint of a proxy, whose silences last a second.
pub(super) fn behind_proxy(proxy: &Proxy) -> String {
    format!("s3+http://127.0.0.1:{}?timeout-seconds=1", proxy.port())
}

/// Versions, delete markers and tags.
fn source(ceph: &Ceph) -> String {
    let (store, source) = (ceph.open(), ceph.bucket());
    keep_versions(&store, &source);
    let keys: Vec<String> = (0..350).map(|number| format!("{}/k{number:03}", number % 7)).collect();
    fill(&store, &source, &keys);
    fill(&store, &source, &keys[..40]);
    for key in &keys[20..30] {
        let delete = store.client().delete_object().bucket(&source).key(key);
        runtime().block_on(delete.send()).unwrap();
    }
    source
}

/// Nobody is asked again earlier than they said.
#[track_caller]
fn assert_patient(seen: &[Request]) {
    let mut until: HashMap<(&str, &str), Instant> = HashMap::new();
    for request in seen {
        let name = (request.method.as_str(), request.target.as_str());
        if let Some(until) = until.remove(&name) {
            assert!(request.came >= until, "{:?} too early: {request:?}", until - request.came);
        }
        if let Some((answered, Fault::RetryAfter(seconds))) = request.fault {
            until.insert(name, answered + std::time::Duration::from_secs(seconds.into()));
        }
    }
}

#[test]
fn a_report_over_a_faulty_wire_is_the_undisturbed_one_or_none() {
    let Some(ceph) = ceph() else { return };
    let source = source(ceph);
    let [complete, failed, faults] = [(); 3].map(|()| AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for (format, at) in FORMATS.iter().zip(0..) {
            let (source, complete, failed, faults) = (&source, &complete, &failed, &faults);
            scope.spawn(move || {
                for (versions, fields) in [
                    ("All", &["Size", "ETag", "LastModifiedDate"][..]),
                    ("Current", &["Size", "EncryptionStatus", "Tag"]),
                ] {
                    let wanted = Wanted { format, versions, fields, ..Wanted::default() };
                    let undisturbed = Behind::new(ceph, source);
                    let ended = undisturbed.start(&wanted).ended().success();
                    let expected = undisturbed.finished().unwrap();
                    assert_eq!(ended.json()["objects"], if versions == "All" { 400 } else { 340 });
                    assert_nothing_twice(&expected, format);
                    for seed in 0..SEEDS / 2 {
                        let seed = seed * 10 + at * 2 + u64::from(versions == "All");
                        let round = disturbed(ceph, source, &wanted, seed, &expected);
                        let count = if round.0 { complete } else { failed };
                        count.fetch_add(1, Ordering::Relaxed);
                        faults.fetch_add(round.1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let [complete, failed, faults] = [complete, failed, faults].map(AtomicUsize::into_inner);
    eprintln!("{complete} complete, {failed} given up, {faults} faults");
    assert!(complete > 0 && failed > 0, "{complete} complete, {failed} given up, {faults} faults");
}

/// Makes one report over a faulty wire. Answers whether it is complete, and how many faults there were.
#[track_caller]
fn disturbed(
    ceph: &Ceph,
    source: &str,
    wanted: &Wanted<'_>,
    seed: u64,
    expected: &Finished,
) -> (bool, usize) {
    let what = format!("seed {seed}, {wanted:?}");
    // From one request in forty to every other one.
    let proxy =
        ceph.proxied(seeded(seed, [40.0, 12.0, 5.0, 2.0][usize::try_from(seed / 10).unwrap() % 4]));
    let round = Behind::new(ceph, source).at(behind_proxy(&proxy));
    let ended = round.start_with(wanted, &["--attempts", ATTEMPTS]).ended();
    let requests = proxy.seen();
    assert_patient(&requests);
    let report = round.finished();
    let is_complete = ended.code() == Some(0);
    if is_complete {
        let report = report.unwrap_or_else(|| panic!("{what}: complete without a report"));
        assert!(report.files == expected.files, "{what}: other rows");
    } else {
        let told: Value = ended.json();
        let message = told["error"]["message"].as_str().unwrap();
        // Before a run begins, its buckets are looked for.
        let why = ["has failed: ", "bucket cannot be used: "];
        assert!(why.iter().any(|why| message.contains(why)), "{what}: {message}");
        if message.contains("has failed: ") {
            let run = &told["error"]["run"];
            assert_eq!(run["status"], "failed");
            assert!(message.ends_with(run["reason"].as_str().unwrap()), "{what}: {told}");
            assert!(run["counts"]["listed_entries"].as_u64() <= Some(400), "{what}: {told}");
        }
        assert!(report.is_none(), "{what}: {message}");
    }
    assert_eq!(round.unfinished_uploads(), 0, "{what}");
    (is_complete, requests.iter().filter(|request| request.fault.is_some()).count())
}

/// Every row is there once, where rows are text.
#[track_caller]
fn assert_nothing_twice(report: &Finished, format: &str) {
    if ["CSV", "TSV", "JSON"].contains(&format) {
        let mut rows = report.lines();
        let count = rows.len();
        rows.sort();
        rows.dedup();
        assert_eq!(rows.len(), count);
    }
}

/// A proxy that cuts a page's body and says that this is its length: no report has less than there is.
#[test]
fn a_page_that_is_cut_is_asked_for_again_or_ends_the_run() {
    let Some(ceph) = ceph() else { return };
    let (direct, source) = (ceph.open(), ceph.bucket());
    let keys: Vec<String> = (0..1_200).map(|number| format!("k{number:04}")).collect();
    fill(&direct, &source, &keys);
    for (versions, call, marks) in [
        ("Current", "list-type=2", ["<Contents>", "<IsTruncated>", "<Size>"]),
        ("All", "?versions", ["<Version>", "<IsTruncated>", "<Size>"]),
    ] {
        let wanted = Wanted { versions, fields: &["Size"], ..Wanted::default() };
        for mark in marks {
            let is_page = move |request: &Request, source: &str| {
                request.target.contains(source) && request.target.contains(call)
            };
            let is_later = |request: &Request| {
                let places = ["continuation-token=", "start-after=", "key-marker="];
                places.iter().any(|place| request.target.contains(place))
            };
            // Once: the page is asked for again. Always: there is no report.
            for (always, later) in [(false, false), (false, true), (true, false)] {
                let (name, mut is_done) = (source.clone(), false);
                let plan: Plan = Box::new(move |request| {
                    let happens = is_page(request, &name)
                        && (always || !is_done)
                        && (!later || is_later(request));
                    is_done |= happens;
                    happens.then_some(Fault::ShortAnswer(mark))
                });
                let proxy = ceph.proxied(plan);
                let round = Behind::new(ceph, &source).at(behind_proxy(&proxy));
                let ended = round.start_with(&wanted, &["--attempts", ATTEMPTS]).ended();
                assert!(proxy.seen().iter().any(|request| request.fault.is_some()), "{mark}");
                if always {
                    assert!(round.finished().is_none(), "{mark}: a report of cut pages");
                    let told = ended.json()["error"]["message"].to_string();
                    assert!(told.contains("the answer is cut") && told.contains(call), "{told}");
                } else {
                    let report = round.finished().unwrap_or_else(|| panic!("{mark}: no report"));
                    assert_eq!(report.lines().len(), keys.len(), "{mark}");
                }
            }
        }
    }
}

#[test]
fn a_store_that_kept_something_else_gets_no_manifest() {
    let Some(ceph) = ceph() else { return };
    let (direct, source) = (ceph.open(), ceph.bucket());
    put(&direct, &source, "k", b"content");
    for (place, count) in [("/data/", "data file"), ("manifest.json", "manifest")] {
        let is_put =
            move |request: &Request| request.method == "PUT" && request.target.contains(place);
        let plan: Plan = Box::new(move |request| is_put(request).then_some(Fault::OtherEtag));
        let proxy = ceph.proxied(plan);
        let round = Behind::new(ceph, &source).at(behind_proxy(&proxy));
        let ended = round.start_with(&Wanted::default(), &["--attempts", ATTEMPTS]).ended();
        assert!(proxy.seen().iter().any(|request| request.fault.is_some()), "{count}");
        assert!(round.finished().is_none(), "{count}");
        let told = ended.json()["error"]["message"].to_string();
        assert!(told.contains("was sent, and the store has kept"), "{told}");
    }
}

fn only_new() -> PutOptions {
    PutOptions { precondition: Precondition::IfNoneMatch, ..PutOptions::default() }
}

#[test]
fn a_conditional_write_whose_answer_is_lost_is_ours() {
    let Some(ceph) = ceph() else { return };
    let (direct, bucket) = (ceph.open(), ceph.bucket());
    for fault in [Fault::LostAnswer, Fault::CutAnswer] {
        let key = format!("{fault:?}");
        let proxy = ceph.proxied(once(fault, |request| request.method == "PUT"));
        let store = ceph.open_at(&behind_proxy(&proxy));
        let first = store.put(&bucket, &key, b"mine", &only_new());
        let Ok(PutOutcome::Stored(etag)) = first else { panic!("{fault:?}: {first:?}") };
        assert!(proxy.seen().iter().any(|request| request.fault.is_some()));
        let other = store.put(&bucket, &key, b"another's", &only_new());
        assert_eq!(other, Ok(PutOutcome::PreconditionFailed));
        // The same of a replacement.
        let proxy = ceph.proxied(once(fault, |request| request.method == "PUT"));
        let store = ceph.open_at(&behind_proxy(&proxy));
        let precondition = Precondition::IfMatch(etag);
        let replace = PutOptions { precondition, ..PutOptions::default() };
        let second = store.put(&bucket, &key, b"mine too", &replace);
        assert!(matches!(second, Ok(PutOutcome::Stored(_))), "{fault:?}: {second:?}");
        assert_eq!(direct.read_range(&bucket, &object(&key), 0, 100).unwrap(), b"mine too");
    }
}

#[test]
fn a_conditional_write_that_was_not_done_is_not_ours() {
    let Some(ceph) = ceph() else { return };
    let (direct, bucket) = (ceph.open(), ceph.bucket());
    for fault in [Fault::InternalError, Fault::CutRequest, Fault::Silence] {
        let key = format!("{fault:?}");
        let proxy = ceph.proxied(once(fault, |request| request.method == "PUT"));
        let store = ceph.open_at(&behind_proxy(&proxy));
        let first = store.put(&bucket, &key, b"mine", &only_new()).unwrap_err();
        assert!(first.is_transient(), "{fault:?}: {first:?}");
        put(&direct, &bucket, &key, b"another's");
        let second = store.put(&bucket, &key, b"mine", &only_new());
        assert_eq!(second, Ok(PutOutcome::PreconditionFailed), "{fault:?}");
    }
}

/// An upload of one part, whose request of this method goes wrong; answers how it ended.
#[track_caller]
fn uploaded(
    ceph: &Ceph,
    bucket: &str,
    fault: Fault,
    fits: fn(&Request) -> bool,
    options: &PutOptions,
) -> Result<PutOutcome, Error> {
    let proxy = ceph.proxied(once(fault, fits));
    let store = ceph.open_at(&behind_proxy(&proxy));
    let upload = store.begin(bucket, "k", options)?;
    let part: Part = store.write_part(bucket, "k", &upload, 1, b"content")?;
    let ended = store.complete(bucket, "k", &upload, &[part], options);
    assert!(proxy.seen().iter().any(|request| request.fault.is_some()), "{fault:?}");
    ended
}

fn is_begin(request: &Request) -> bool {
    request.method == "POST" && request.target.contains("uploads")
}

fn is_part(request: &Request) -> bool {
    request.method == "PUT"
}

fn is_complete(request: &Request) -> bool {
    request.method == "POST" && request.target.contains("uploadId=")
}

#[test]
fn an_upload_over_a_faulty_wire_is_there_and_leaves_nothing() {
    let Some(ceph) = ceph() else { return };
    for fault in FAULTS {
        for fits in [is_part as fn(&Request) -> bool, is_complete] {
            let behind = Behind::new(ceph, "none");
            let ended = uploaded(ceph, &behind.destination, fault, fits, &PutOptions::default());
            assert!(matches!(ended, Ok(PutOutcome::Stored(_))), "{fault:?}: {ended:?}");
            let content = behind.store.read_range(&behind.destination, &object("k"), 0, 100);
            assert_eq!(content.unwrap(), b"content");
            assert_eq!(behind.unfinished_uploads(), 0, "{fault:?}");
        }
    }
    for fault in [Fault::LostAnswer, Fault::CutAnswer] {
        let behind = Behind::new(ceph, "none");
        let ended = uploaded(ceph, &behind.destination, fault, is_complete, &only_new());
        assert!(matches!(ended, Ok(PutOutcome::Stored(_))), "{fault:?}: {ended:?}");
    }
}

#[test]
fn an_upload_whose_id_is_lost_is_told_and_not_begun_twice() {
    let Some(ceph) = ceph() else { return };
    for fault in [Fault::LostAnswer, Fault::CutAnswer] {
        let behind = Behind::new(ceph, "none");
        let ended = uploaded(ceph, &behind.destination, fault, is_begin, &PutOptions::default());
        assert!(ended.as_ref().is_err_and(Error::is_transient), "{fault:?}: {ended:?}");
        assert_eq!(behind.unfinished_uploads(), 1, "{fault:?}");
        behind.store.abort_all(&behind.destination, "k").unwrap();
        assert_eq!(behind.unfinished_uploads(), 0, "{fault:?}");
    }
}

#[test]
fn a_store_that_names_a_wait_is_not_asked_earlier() {
    let Some(ceph) = ceph() else { return };
    let (direct, bucket) = (ceph.open(), ceph.bucket());
    put(&direct, &bucket, "k", b"content");
    // A short wait is waited for, a long one is told.
    let proxy = ceph.proxied(once(Fault::RetryAfter(2), |_| true));
    let store = ceph.open_at(&behind_proxy(&proxy));
    assert_eq!(keys(&store, &bucket, &everything()), ["k"]);
    let seen = proxy.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_patient(&seen);
    let proxy = ceph.proxied(once(Fault::RetryAfter(60), |_| true));
    let store = ceph.open_at(&behind_proxy(&proxy));
    assert_eq!(store.list_page(&bucket, &everything(), None), Err(Error::Throttled(Some(60))));
    assert_eq!(proxy.seen().len(), 1);
}

#[test]
fn a_page_that_was_asked_for_ahead_is_not_asked_again_too_early() {
    let Some(ceph) = ceph() else { return };
    let (direct, bucket) = (ceph.open(), ceph.bucket());
    let names: Vec<String> = (0..250).map(|number| format!("k{number:03}")).collect();
    fill(&direct, &bucket, &names);
    let is_second = |request: &Request| request.target.contains("continuation-token");
    let proxy = ceph.proxied(once(Fault::RetryAfter(60), is_second));
    let store = ceph.open_at(&behind_proxy(&proxy));
    let options = ListOptions { max_entries: 100, ..everything() };
    let first = store.list_page(&bucket, &options, None).unwrap();
    let second = store.list_page(&bucket, &options, first.next.as_deref());
    assert_eq!(second, Err(Error::Throttled(Some(60))));
    assert_patient(&proxy.seen());
    assert_eq!(proxy.seen().len(), 2);
}
