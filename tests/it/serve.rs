//! `stocktake serve`: reports when they are due, once, and whatever happens to the process meanwhile.

use std::collections::BTreeMap;
use std::fs;

use rustix::process::Signal;
use serde_json::Value;
use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::files::{assert_same, snapshot};
use stocktake_tests::harness::process::Running;
use stocktake_tests::harness::{DESTINATION, SOURCE, tree};

/// A time at which nothing falls due.
const EARLY: &str = "2026-11-08T00:30:00Z";

/// A second before the slot.
const BEFORE_THE_SLOT: &str = "2026-11-08T00:59:59Z";

/// The minute of the slot, nearly all of which is left.
const IN_THE_SLOT: &str = "2026-11-08T01:00:01Z";

/// Later on the same day.
const AFTER_THE_SLOT: &str = "2026-11-08T09:30:00Z";

const FILES: &str = "1 1700000000 a/{000..299}\n2 1700000000 b c\n";

/// Puts a configuration and serves until it has been seen, as it falls due only after that.
pub(super) fn schedule(bench: &Bench) {
    let config = bench.beside("configuration.json", &Wanted::default().document().to_string());
    let words = ["inventory", "put", "--bucket", SOURCE, "--config", text(&config)];
    bench.start(&words).ended().success();
    let mut serving = serve(bench, EARLY, &[]);
    serving.until_logged(|line| says(line, "nothing is due", ""));
    stop(serving);
}

/// Starts to serve, and waits until signals are heeded. It logs every task that ends, and every tick.
pub(super) fn serve(bench: &Bench, now: &str, more: &[&str]) -> Running {
    let words =
        ["serve", "--now", now, "--log", "warn,stocktake_host=debug", "--log-format", "json"];
    let mut serving = bench.start(&[&words[..], more].concat());
    serving.until_logged(|line| says(line, "serving", ""));
    serving
}

/// Whether a line of the log says this, of a task whose name has this in it.
pub(super) fn says(line: &str, message: &str, task: &str) -> bool {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let fields = &line["fields"];
    fields["message"] == message && fields["task"].as_str().unwrap_or_default().contains(task)
}

#[track_caller]
pub(super) fn stop(serving: Running) {
    serving.signal(Signal::TERM);
    serving.ended().success();
}

/// The objects of the destination. A process that is killed may leave files in the reserved folder, which are none.
fn delivered(bench: &Bench) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut files = snapshot(&bench.bucket(DESTINATION));
    files.retain(|path, _| !path.starts_with(b".stocktake-uploads/"));
    files
}

#[test]
fn the_report_of_a_slot_is_made_once() {
    let bench = Bench::new(FILES);
    schedule(&bench);
    let mut serving = serve(&bench, BEFORE_THE_SLOT, &[]);
    serving.until_logged(|line| says(line, "tasks are due", ""));
    serving.until_logged(|line| says(line, "finished", "/seal/"));
    stop(serving);
    let first = delivered(&bench);
    let names = bench.delivered();
    assert!(names[0].ends_with("/2026-11-08T01-00Z/manifest.checksum"), "{names:?}");
    assert_eq!(names.len(), 5, "{names:?}");

    // After a restart on the same day there is nothing left to do.
    let mut serving = serve(&bench, AFTER_THE_SLOT, &[]);
    serving.until_logged(|line| says(line, "nothing is due", ""));
    stop(serving);
    assert_same(&first, &delivered(&bench), "before and after the restart");
}

#[test]
fn a_slot_that_was_missed_is_made_up_for_once() {
    let bench = Bench::new(FILES);
    schedule(&bench);
    let mut serving = serve(&bench, "2026-11-11T09:30:00Z", &[]);
    serving.until_logged(|line| says(line, "finished", "/seal/"));
    stop(serving);
    let names = bench.delivered();
    assert!(names[0].ends_with("/2026-11-11T09-30Z/manifest.checksum"), "{names:?}");
    assert_eq!(names.len(), 5, "{names:?}");
}

#[test]
fn a_signal_ends_it_while_it_works() {
    let bench = Bench::new("");
    schedule(&bench);
    let large = format!("{SOURCE}={}", text(&tree::large()));
    let map = ["--map-read-only", large.as_str()];
    let mut serving = serve(&bench, IN_THE_SLOT, &map);
    serving.until_logged(|line| says(line, "finished", "/plan"));
    stop(serving);
    let mut serving = serve(&bench, AFTER_THE_SLOT, &map);
    until_complete(&bench, &mut serving);
    stop(serving);
}

/// Kills at points that are told by what was logged last: each is the moment before the end of a task is noted.
#[test]
fn a_report_that_was_killed_again_and_again_is_the_undisturbed_one() {
    let large = format!("{SOURCE}={}", text(&tree::large()));
    let map = ["--map-read-only", large.as_str(), "--workers", "2"];
    let undisturbed = Bench::new("");
    schedule(&undisturbed);
    let mut serving = serve(&undisturbed, IN_THE_SLOT, &map);
    until_complete(&undisturbed, &mut serving);
    stop(serving);

    let disturbed = Bench::new("");
    schedule(&disturbed);
    let mut kills = 0;
    for point in ["/plan", "", "/part/", "/part/", "/part/", "/seal/"] {
        if is_complete(&disturbed) {
            break;
        }
        let mut serving = serve(&disturbed, IN_THE_SLOT, &map);
        serving.until_logged(|line| {
            says(line, "finished", point) || (says(line, "finished", "") && is_complete(&disturbed))
        });
        serving.kill();
        kills += 1;
    }
    assert!(kills >= 3, "killed {kills} times only");
    let mut serving = serve(&disturbed, IN_THE_SLOT, &map);
    until_complete(&disturbed, &mut serving);
    stop(serving);
    assert_same(&delivered(&undisturbed), &delivered(&disturbed), "undisturbed and killed");
}

/// What finishes a run that was killed; none leaves it undisturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finisher {
    Serve,
    Run,
}

#[test]
fn a_run_that_was_killed_is_finished_by_serve() {
    assert_eq!(data_files(None), data_files(Some(Finisher::Serve)));
}

#[test]
fn a_run_that_was_killed_is_taken_up_by_the_next_one() {
    assert_eq!(data_files(None), data_files(Some(Finisher::Run)));
}

/// Makes a report, and answers the MD5 of each of its files. Names follow from the run, which has a new id each time;
/// contents do not.
fn data_files(finisher: Option<Finisher>) -> Vec<Value> {
    let bench = Bench::new("");
    let large = format!("{SOURCE}={}", text(&tree::large()));
    let map = ["--map-read-only", large.as_str()];
    let log = ["--now", IN_THE_SLOT, "--log", "stocktake_host=debug", "--log-format", "json"];
    let start = || bench.start_run(&Wanted::default().document(), &[&log[..], &map].concat());
    let mut running = start();
    if finisher.is_some() {
        running.until_logged(|line| says(line, "finished", "/part/"));
        running.kill();
    } else {
        running.ended().success();
    }
    match finisher {
        None => {}
        Some(Finisher::Serve) => {
            let mut serving = serve(&bench, AFTER_THE_SLOT, &map);
            until_complete(&bench, &mut serving);
            stop(serving);
        }
        Some(Finisher::Run) => {
            let ended = start().ended().success();
            let told = ended.stderr.iter().any(|line| line.contains("goes on where it was"));
            assert!(told, "{ended:?}");
            // Nothing is left to take up now.
            assert_eq!(bench.names().iter().filter(|name| name.ends_with(".checksum")).count(), 1);
        }
    }
    let files = delivered(&bench);
    let (_, manifest) =
        files.iter().find(|(path, _)| path.ends_with(b"01-00Z/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let listed = manifest["files"].as_array().unwrap().clone();
    assert_eq!(files.len(), listed.len() + 4, "no other files");
    assert!(listed.len() > 1, "{listed:?}");
    listed.iter().map(|file| file["MD5checksum"].clone()).collect()
}

fn is_complete(bench: &Bench) -> bool {
    // Looks at nothing else, as files come and go meanwhile.
    let reports = fs::read_dir(bench.bucket(DESTINATION).join(format!("inv/{SOURCE}/daily")));
    reports.is_ok_and(|mut folders| {
        folders.any(|folder| folder.unwrap().path().join("manifest.checksum").exists())
    })
}

/// Waits for the last of several seals: the one that finds all parts.
#[track_caller]
fn until_complete(bench: &Bench, serving: &mut Running) {
    while !is_complete(bench) {
        serving.until_logged(|line| says(line, "finished", ""));
    }
}
