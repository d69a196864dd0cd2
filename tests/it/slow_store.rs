//! The program over an S3 endpoint that takes its time, with a deadline in proportion.

use std::time::Duration;

use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Wanted, text};
use stocktake_tests::harness::process::stocktake_in;
use stocktake_tests::harness::slow_store::{Latency, SlowStore};

/// Runs a report, and returns how many data files it has and how its store was used.
#[track_caller]
fn reported(objects: usize, fields: &[&str], latency: Latency) -> (usize, SlowStore) {
    let store = SlowStore::start(objects, latency);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("configuration.json");
    let document = Wanted { fields, ..Wanted::default() }.document();
    std::fs::write(&config, document.to_string()).unwrap();
    let endpoint = store.endpoint();
    let data = folder.path().join("data");
    let words = ["run", "--bucket", SOURCE, "--config", text(&config), "--json"];
    // A call has three seconds, a tenth of the usual.
    let host = ["--store", &endpoint, "--data", text(&data), "--deadline-seconds", "3"];
    let ended = stocktake_in(&store.environment(), words.iter().chain(&host)).ended().success();
    let said = ended.json();
    assert_eq!(said["objects"], objects, "{said}");
    let written = store.written();
    assert!(written.keys().any(|key| key.ends_with("/manifest.checksum")), "{written:?}");
    (written.keys().filter(|key| key.contains("/data/")).count(), store)
}

#[test]
fn a_listing_that_takes_many_deadlines_is_done_side_by_side() {
    // 200 pages one after the other would take a minute.
    let latency = Latency { page: Duration::from_millis(300), ..Latency::default() };
    let (files, store) = reported(200_000, &["Size"], latency);
    // Four workers alone would come to four.
    assert!(store.in_flight_most() >= 7, "{} in flight", store.in_flight_most());
    // Beyond the pages themselves: those that cut ranges, and one at the end of each.
    let more = store.pages() - 200;
    assert!(more <= 12 * files, "{more} pages more, {files} files");
    assert!(files <= 70, "{files} files");
}

#[test]
fn details_that_take_many_deadlines_are_asked_for_in_time() {
    let latency = Latency { page: Duration::from_millis(50), head: Duration::from_millis(400) };
    // Of 32 at once they take 13 s.
    let (files, _) = reported(1_000, &["Size", "EncryptionStatus"], latency);
    assert_eq!(files, 1);
}
