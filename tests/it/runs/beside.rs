//! The same commands beside a `serve` that has the database.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;
use serde_json::{Value, json};
use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::http::{ACCESS_KEY, SECRET_KEY, Server};
use stocktake_tests::harness::process::{Ended, arguments, stocktake, stocktake_in};
use stocktake_tests::harness::{SOURCE, tree};

use super::{EARLY, FILES, failed, put, runs, stop};

const AT: [&str; 2] = ["--now", EARLY];

fn keys() -> String {
    format!("{ACCESS_KEY}:{SECRET_KEY}")
}

/// A `runs` command beside a server, which it finds by itself.
fn beside(bench: &Bench, word: &str, more: &[&str]) -> Ended {
    runs(bench, word, &[&AT[..], &["--identity", &keys()], more].concat())
}

/// The same without a store, and so without any way to find the server but its address.
fn at(endpoint: &str, word: &str, more: &[&str]) -> Ended {
    let words = ["runs", word, "--bucket", SOURCE, "--id", "daily", "--json", "--endpoint"];
    let identity = keys();
    stocktake([&words[..], &[endpoint, "--identity", &identity], &AT, more].concat()).ended()
}

/// A document for one run.
fn once(bench: &Bench, id: &str) -> String {
    let mut document = Wanted { id, ..Wanted::default() }.document();
    let members = document.as_object_mut().unwrap();
    members.remove("IsEnabled");
    members.remove("Schedule");
    text(&bench.beside("once.json", &document.to_string())).to_owned()
}

#[test]
fn what_a_serve_is_asked_is_what_its_database_tells_afterwards() {
    let bench = Bench::new(FILES);
    put(&bench, true);
    let server = Server::start(&bench, &AT);
    let endpoint = format!("http://{}", server.address);
    let note = bench.store().join(".stocktake/serving.json");
    assert_eq!(fs::metadata(&note).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&note).unwrap().contains(SECRET_KEY));

    assert_eq!(beside(&bench, "list", &[]).success().stdout, "");
    let summary = beside(&bench, "start", &[]).success().json();
    assert_eq!((&summary["objects"], &summary["data_files"]), (&json!(2), &json!(1)));
    assert_eq!(summary["manifest"]["key"], "inv/orbit-raw/daily/2026-11-08T00-30Z/manifest.json");
    let run = summary["run"].as_str().unwrap();
    let asked = |word: &str, more: &[&str]| {
        let found = beside(&bench, word, more);
        let named = at(&endpoint, word, more);
        assert_eq!((named.code(), &named.stdout), (found.code(), &found.stdout), "{word}");
        found.stdout
    };
    let unknown = "0".repeat(32);
    let questions: [(&str, &[&str]); 5] = [
        ("list", &[]),
        ("show", &["--run", run]),
        ("show", &["--run", &unknown]),
        ("cancel", &["--run", run]),
        ("next", &[]),
    ];
    let answers = questions.map(|(word, more)| asked(word, more));
    let people = ["runs", "show", "--bucket", SOURCE, "--id", "daily", "--run", run];
    let identity = keys();
    let shown = bench.start(&[&people[..], &AT, &["--identity", &identity]].concat());
    let shown = shown.ended().success().stdout;

    stop(server.running);
    assert!(!note.exists());
    for ((word, more), answer) in questions.into_iter().zip(answers) {
        let here = runs(&bench, word, &[&AT[..], more].concat());
        assert_eq!(here.stdout, answer, "{word}");
    }
    assert_eq!(bench.start(&[&people[..], &AT].concat()).ended().success().stdout, shown);
}

#[test]
fn a_run_that_is_waited_for_is_cancelled_by_another_command() {
    let bench = Bench::new("");
    put(&bench, true);
    let large = format!("{SOURCE}={}", text(&tree::large()));
    let map = ["--map-read-only", large.as_str()];
    let server = Server::start(&bench, &[&AT[..], &map, &["--workers", "1"]].concat());
    let words = ["runs", "start", "--bucket", SOURCE, "--id", "daily", "--json"];
    let identity = keys();
    let more = ["--identity", &identity];
    let starting = bench.start(&[&words[..], &AT, &map, &more].concat());
    let ask = |word: &str, more: &[&str]| beside(&bench, word, &[&map[..], more].concat());
    let run = loop {
        let listed = ask("list", &[]).success().stdout;
        if let Some(line) = listed.lines().next() {
            let run: Value = serde_json::from_str(line).unwrap();
            break run["run"].as_str().unwrap().to_owned();
        }
    };
    let second = failed(&ask("start", &[]));
    assert!(second.contains(&run) && second.contains("stocktake runs cancel"), "{second}");
    let cancelled = ask("cancel", &["--run", &run]).success().json();
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(failed(&starting.ended()), format!("the run {run} was cancelled"));
    stop(server.running);
}

#[test]
fn a_document_is_run_once_here_and_by_a_serve() {
    let bench = Bench::new(FILES);
    let document = once(&bench, "daily");
    let start = |ask: &dyn Fn(&str, &[&str]) -> Ended| {
        let more = ["--config", document.as_str()];
        let summary = ask("start-once", &more).success().json();
        assert_eq!(summary["objects"], 2);
        let again = failed(&ask("start-once", &more));
        assert!(again.contains("choose another id"), "{again}");
        let refused = ask("start-once", &["--config", &document, "--dialect", "cos"]);
        assert_eq!(refused.code(), Some(1));
        let error = refused.json()["error"].clone();
        assert_eq!(
            (&error["code"], &error["findings"][0]["dialect"]),
            (&json!("refused"), &json!("cos"))
        );
        error
    };
    let here = start(&|word, more| runs(&bench, word, &[&AT[..], more].concat()));
    let other = Bench::new(FILES);
    let server = Server::start(&other, &AT);
    let there = start(&|word, more| beside(&other, word, more));
    assert_eq!(here, there);
    stop(server.running);
    let triggers = runs(&other, "list", &AT).success().json()["trigger"].clone();
    assert_eq!(triggers, "once");
}

#[test]
fn who_asks_is_told_what_is_missing() {
    let bench = Bench::new(FILES);
    put(&bench, true);
    let server = Server::start(&bench, &AT);
    let told = |ended: &Ended, parts: &[&str]| {
        let message = failed(ended);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message}");
        }
        assert!(!message.contains("hidden"), "a secret is shown: {message}");
    };
    let nobody = runs(&bench, "list", &AT);
    told(&nobody, &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "--identity"]);
    let wrong = runs(&bench, "list", &[&AT[..], &["--identity", "STOCKTAKETEST:hidden"]].concat());
    told(&wrong, &["403 SignatureDoesNotMatch", "look at the keys"]);
    let elsewhere = beside(&bench, "list", &["--region", "eu-1"]);
    told(&elsewhere, &["AuthorizationHeaderMalformed"]);
    assert_eq!(beside(&bench, "list", &["--endpoint", "127.0.0.1:1"]).code(), Some(2));
    assert_eq!(beside(&bench, "list", &["--identity", "hidden"]).code(), Some(2));

    // The variables of AWS's tools do as well.
    let words = ["runs", "next", "--bucket", SOURCE, "--id", "daily", "--json"];
    let store = bench.store();
    let words = [&words[..], &AT].concat();
    let words = arguments(&words, &store);
    let variables = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    let next = stocktake_in(&variables, words).ended().success().json();
    assert_eq!(next["next"], "2026-11-08T01:00:00.000Z");

    let endpoint = format!("http://{}", server.address);
    server.running.signal(Signal::TERM);
    server.running.ended().success();
    told(&at(&endpoint, "list", &[]), &["does not answer", "stocktake serve --listen"]);

    // One that serves no HTTP cannot be asked.
    let mut serving = crate::serve::serve(&bench, EARLY, &[]);
    serving.until_logged(|line| crate::serve::says(line, "nothing is due", ""));
    told(&beside(&bench, "list", &[]), &["serves no HTTP", "--listen"]);
    stop(serving);
}

#[test]
fn a_note_that_a_killed_serve_left_misleads_nobody() {
    let bench = Bench::new(FILES);
    put(&bench, true);
    let server = Server::start(&bench, &AT);
    server.running.kill();
    assert!(bench.store().join(".stocktake/serving.json").exists());
    assert_eq!(runs(&bench, "list", &AT).success().stdout, "");
}
