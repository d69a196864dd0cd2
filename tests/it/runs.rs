//! Runs from outside: started, listed, shown and cancelled, and when the next one is.

mod beside;

use std::cell::Cell;

use serde_json::{Value, json};
use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::process::Ended;
use stocktake_tests::harness::{DESTINATION, SOURCE, tree};

use super::serve::{says, schedule, serve, stop};

const FILES: &str = "1 1700000000 a\n2 1700000000 b/c\n3 1700000000 b/\\xff\n";

/// A time at which nothing falls due.
const EARLY: &str = "2026-11-08T00:30:00Z";
const IN_THE_SLOT: &str = "2026-11-08T01:00:01Z";
const AFTER_THE_SLOT: &str = "2026-11-08T09:30:00Z";
const TOMORROW: &str = "2026-11-09T09:30:00Z";

fn runs(bench: &Bench, word: &str, more: &[&str]) -> Ended {
    let words = ["runs", word, "--bucket", SOURCE, "--id", "daily", "--json"];
    bench.start(&[&words[..], more].concat()).ended()
}

/// The history.
#[track_caller]
fn listed(bench: &Bench) -> Vec<Value> {
    let listed = runs(bench, "list", &["--now", TOMORROW]).success().stdout;
    listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn failed(ended: &Ended) -> String {
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let told = ended.json();
    assert_eq!(told["error"]["code"], "failed");
    told["error"]["message"].as_str().unwrap().to_owned()
}

fn put(bench: &Bench, is_enabled: bool) {
    let mut document = Wanted::default().document();
    document["IsEnabled"] = is_enabled.into();
    let config = bench.beside("configuration.json", &document.to_string());
    let words = ["inventory", "put", "--bucket", SOURCE, "--config", text(&config)];
    bench.start(&words).ended().success();
}

fn checksums(bench: &Bench) -> usize {
    bench.delivered().iter().filter(|name| name.ends_with("/manifest.checksum")).count()
}

#[test]
fn a_scheduled_run_is_in_the_history_and_the_next_is_told() {
    let bench = Bench::new(FILES);
    let next = |now: &str| runs(&bench, "next", &["--now", now]).success().json()["next"].clone();
    assert_eq!(next(EARLY), Value::Null);
    schedule(&bench);
    assert_eq!(listed(&bench), [] as [Value; 0]);
    assert_eq!(next(EARLY), json!("2026-11-08T01:00:00.000Z"));
    let mut serving = serve(&bench, IN_THE_SLOT, &[]);
    serving.until_logged(|line| says(line, "finished", "/seal/"));
    stop(serving);
    assert_eq!(next(AFTER_THE_SLOT), json!("2026-11-09T01:00:00.000Z"));

    let history = listed(&bench);
    let [run] = history.as_slice() else { panic!("{history:?}") };
    let member = |name: &str| run[name].clone();
    let expected = json!({
        "bucket": SOURCE, "id": "daily", "trigger": "schedule", "slot": "2026-11-08T01:00:00.000Z",
        "state": "complete", "report": "complete", "scanned": 2, "written": 2, "files": 1, "bytes": 3,
        "unlisted": 1, "errors": 0,
        "manifest": {
            "bucket": DESTINATION,
            "key": format!("inv/{SOURCE}/daily/2026-11-08T01-00Z/manifest.json"),
        },
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&member(name), value, "{name}");
    }
    for time in ["begun", "ended"] {
        assert!(member(time).as_str().unwrap().starts_with("2026-11-08T01:00:"), "{run}");
    }
    let id = run["run"].as_str().unwrap();
    assert_eq!(&runs(&bench, "show", &["--run", id]).success().json(), run);

    // The same for people.
    let words = ["runs", "list", "--bucket", SOURCE, "--id", "daily"];
    let shown = bench.start(&words).ended().success().stdout;
    assert!(
        shown.contains(id) && shown.contains("complete") && shown.contains("2 rows"),
        "{shown}"
    );
    let unknown = runs(&bench, "show", &["--run", &"0".repeat(32)]);
    assert!(failed(&unknown).contains("stocktake runs list"), "{unknown:?}");
    let ended = runs(&bench, "cancel", &["--run", id]);
    assert!(failed(&ended).contains("is complete"), "{ended:?}");
    let ended = bench.start(&["runs", "show", "--bucket", SOURCE, "--id", "daily"]).ended();
    assert_eq!(ended.code(), Some(2), "{ended:?}");
}

#[test]
fn a_stored_configuration_is_run_on_demand_enabled_or_not() {
    let bench = Bench::new(FILES);
    let unknown = runs(&bench, "start", &[]);
    assert!(failed(&unknown).contains("no configuration `daily`"), "{unknown:?}");
    put(&bench, false);
    let summary = runs(&bench, "start", &["--now", IN_THE_SLOT]).success().json();
    assert_eq!((&summary["objects"], checksums(&bench)), (&json!(2), 1));
    // One that is made of a document is in the history of its id, too.
    bench.start_run(&Wanted::default().document(), &["--now", AFTER_THE_SLOT]).ended().success();
    let history = listed(&bench);
    let of = |name: &str| history.iter().map(|run| run[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("trigger"), ["on-demand", "on-demand"]);
    assert_eq!(history[1]["run"], summary["run"]);
    assert!(of("begun")[0].as_str() > of("begun")[1].as_str(), "{history:?}");
}

#[test]
fn a_cancelled_run_has_no_report_and_its_slot_is_not_run_again() {
    let bench = Bench::new("");
    schedule(&bench);
    let large = format!("{SOURCE}={}", text(&tree::large()));
    let map = ["--map-read-only", large.as_str(), "--workers", "1"];
    let mut serving = serve(&bench, IN_THE_SLOT, &map);
    serving.until_logged(|line| says(line, "finished", "/part/"));
    serving.kill();
    let history = listed(&bench);
    let [run] = history.as_slice() else { panic!("{history:?}") };
    assert_eq!((&run["state"], &run["report"]), (&json!("running"), &json!("partial")));
    assert!(run["written"].as_u64().unwrap() > 0, "{run}");
    let id = run["run"].as_str().unwrap().to_owned();
    // Nobody begins a second one beside it.
    let second = runs(&bench, "start", &[]);
    assert!(failed(&second).contains(&id), "{second:?}");

    let cancelled = runs(&bench, "cancel", &["--run", &id]).success().json();
    assert_eq!(
        (&cancelled["state"], &cancelled["report"]),
        (&json!("cancelled"), &json!("partial"))
    );
    assert_eq!(cancelled["written"], run["written"]);
    let again = runs(&bench, "cancel", &["--run", &id]);
    assert!(failed(&again).contains("is cancelled"), "{again:?}");

    // What is left of its work ends, and nothing is due on that day.
    let mut serving = serve(&bench, AFTER_THE_SLOT, &map);
    // Either may come first.
    let (is_due, is_at_work) = (Cell::new(true), Cell::new(true));
    serving.until_logged(|line| {
        is_due.set(is_due.get() && !says(line, "nothing is due", ""));
        is_at_work.set(is_at_work.get() && !says(line, "finished", "/part/"));
        !is_due.get() && !is_at_work.get()
    });
    stop(serving);
    let written = bench.delivered();
    assert!(!written.iter().any(|name| name.contains("manifest") || name.contains("symlink")));
    assert_eq!(listed(&bench), [cancelled]);

    let mut serving = serve(&bench, TOMORROW, &map);
    while checksums(&bench) == 0 {
        serving.until_logged(|line| says(line, "finished", ""));
    }
    stop(serving);
    let states: Vec<Value> = listed(&bench).iter().map(|run| run["state"].clone()).collect();
    assert_eq!(states, ["complete", "cancelled"]);
}

#[test]
fn a_first_report_is_made_at_once_where_the_host_says_so() {
    let bench = Bench::new(FILES);
    put(&bench, true);
    let settings = bench.beside("stocktake.toml", "[host]\nfirst-report = \"at-once\"\n");
    let ways = [&["--first-report", "at-once"][..], &["--config", text(&settings)]];
    // The minute at which a configuration is seen is its first slot, so each way has its own.
    for (more, now) in ways.into_iter().zip([EARLY, "2026-11-08T00:40:00Z"]) {
        let mut serving = serve(&bench, now, more);
        serving.until_logged(|line| says(line, "finished", "/seal/"));
        stop(serving);
        assert_eq!(checksums(&bench), 1);
        // Once, and again only after it was put anew.
        let mut serving = serve(&bench, "2026-11-08T00:45:00Z", more);
        serving.until_logged(|line| says(line, "nothing is due", ""));
        stop(serving);
        assert_eq!(checksums(&bench), 1);
        std::fs::remove_dir_all(bench.bucket(DESTINATION)).unwrap();
        std::fs::create_dir(bench.bucket(DESTINATION)).unwrap();
        put(&bench, false);
        let mut serving = serve(&bench, now, &[]);
        serving.until_logged(|line| says(line, "nothing is due", ""));
        stop(serving);
        put(&bench, true);
    }
}

#[test]
fn a_configuration_that_is_disabled_or_deleted_has_no_more_reports_and_keeps_those_it_has() {
    let bench = Bench::new(FILES);
    schedule(&bench);
    let mut serving = serve(&bench, IN_THE_SLOT, &[]);
    serving.until_logged(|line| says(line, "finished", "/seal/"));
    stop(serving);
    put(&bench, false);
    let mut serving = serve(&bench, TOMORROW, &[]);
    serving.until_logged(|line| says(line, "nothing is due", ""));
    stop(serving);
    let words = ["inventory", "delete", "--bucket", SOURCE, "--id", "daily"];
    bench.start(&words).ended().success();
    let mut serving = serve(&bench, "2026-11-10T09:30:00Z", &[]);
    serving.until_logged(|line| says(line, "nothing is due", ""));
    stop(serving);
    assert_eq!((checksums(&bench), listed(&bench).len()), (1, 1));
    assert_eq!(runs(&bench, "next", &[]).success().json()["next"], Value::Null);
}
