//! Signals end the program, whatever its store is doing.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;
use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Wanted, text};
use stocktake_tests::harness::process::{Ended, Running, stocktake_in};
use stocktake_tests::harness::slow_store::{Latency, SlowStore};
use tempfile::TempDir;

/// Longer than anything here waits.
const NEVER: Duration = Duration::from_hours(1);

/// Objects of the store: fewer than a page.
const OBJECTS: usize = 10;

/// The database of several processes, and the configuration.
struct Data {
    folder: TempDir,
}

impl Data {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn beside(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Starts a command over a store.
    fn start(&self, store: &SlowStore, words: &[&str]) -> Running {
        // The program itself waits for a response as long as it can be told to.
        let endpoint = format!("{}?timeout-seconds=600", store.endpoint());
        let data = self.folder.path().join("data");
        let host = ["--store", &endpoint, "--data", text(&data)];
        stocktake_in(&store.environment(), words.iter().chain(&host))
    }

    fn run(&self, store: &SlowStore) -> Running {
        let config = self.beside("configuration.json", &Wanted::default().document().to_string());
        self.start(store, &["run", "--bucket", SOURCE, "--config", text(&config), "--json"])
    }

    /// Starts to serve a configuration whose first report is due, with this grace.
    fn serve(&self, store: &SlowStore, grace_seconds: u32) -> Running {
        let config = self.beside("configuration.json", &Wanted::default().document().to_string());
        let put = ["inventory", "put", "--bucket", SOURCE, "--config", text(&config)];
        self.start(store, &put).ended().success();
        let settings = format!("[host]\ngrace-seconds = {grace_seconds}\n");
        let settings = self.beside("stocktake.toml", &settings);
        self.start(store, &["serve", "--config", text(&settings), "--first-report", "at-once"])
    }
}

/// A store that never finishes a page of the source.
fn stuck() -> SlowStore {
    SlowStore::start(OBJECTS, Latency { page: NEVER, ..Latency::default() })
}

/// Waits until a page has been asked for: from here on a call of the store is under way.
fn until_asked(store: &SlowStore) {
    while store.pages() == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn assert_told(ended: &Ended, text: &str) {
    assert!(ended.stderr.iter().any(|line| line.contains(text)), "`{text}` is missing: {ended:?}");
}

#[test]
fn serve_ends_after_its_grace_although_its_store_never_responds() {
    let (store, data) = (stuck(), Data::new());
    let serving = data.serve(&store, 1);
    until_asked(&store);
    serving.signal(Signal::TERM);
    let ended = serving.ended().success();
    assert_told(&ended, "still waiting for the store");
    assert_told(&ended, "stopped");
}

#[test]
fn a_second_signal_ends_serve_although_its_grace_and_its_store_take_hours() {
    let (store, data) = (stuck(), Data::new());
    let mut serving = data.serve(&store, 3600);
    until_asked(&store);
    serving.signal(Signal::TERM);
    serving.until_logged(|line| line.contains("a second signal"));
    serving.signal(Signal::INT);
    assert_told(&serving.ended().success(), "still waiting for the store");
}

#[test]
fn a_run_ends_after_its_grace_and_goes_on_at_the_next_start() {
    let (store, data) = (stuck(), Data::new());
    let running = data.run(&store);
    until_asked(&store);
    running.signal(Signal::TERM);
    let ended = running.ended();
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let message = ended.json()["error"]["message"].to_string();
    assert!(message.contains("goes on at the next start"), "{message}");

    let store = SlowStore::start(OBJECTS, Latency::default());
    let ended = data.run(&store).ended().success();
    assert_told(&ended, "goes on where it was");
    assert_eq!(ended.json()["objects"], OBJECTS);
}
