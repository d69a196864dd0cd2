//! The commands from outside: exit codes, what they print, and what they leave behind.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

use serde_json::{Value, json};
use stocktake_tests::harness::bench::{Bench, NOW, Wanted, text};
use stocktake_tests::harness::process::stocktake_in;
use stocktake_tests::harness::{DESTINATION, SOURCE};

const FILES: &str = "1 1700000000 a\n2 1700000000 b/c\n3 1700000000 b/\\xff\n";

#[test]
fn run_makes_a_report_and_says_what_it_did() {
    let bench = Bench::new(FILES);
    let ended = bench.start_run(&Wanted::default().document(), &["--now", NOW]).ended().success();
    let summary = ended.json();
    let members: BTreeSet<&str> = summary.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "run",
        "objects",
        "bytes",
        "rows_per_second",
        "data_files",
        "report_bytes",
        "unlisted",
        "manifest",
        "elapsed_seconds",
        "peak_memory_bytes",
    ];
    assert_eq!(members, BTreeSet::from(expected));
    assert_eq!(
        (&summary["objects"], &summary["bytes"], &summary["data_files"], &summary["unlisted"]),
        (&json!(2), &json!(3), &json!(1), &json!(1))
    );
    let base = format!("inv/{SOURCE}/daily");
    assert_eq!(
        summary["manifest"],
        json!({ "bucket": DESTINATION, "key": format!("{base}/2026-11-08T01-00Z/manifest.json") })
    );
    assert_eq!(summary["run"].as_str().unwrap().len(), 32);
    let delivered = bench.delivered();
    assert_eq!(delivered.len(), 5, "{delivered:?}");
    assert_eq!(delivered[0], format!("{base}/2026-11-08T01-00Z/manifest.checksum"));
    assert_eq!(delivered[1], format!("{base}/2026-11-08T01-00Z/manifest.json"));
    assert_eq!(delivered[2], format!("{base}/2026-11-08T01-00Z/manifest.stocktake.json"));
    assert!(delivered[3].starts_with(&format!("{base}/data/")), "{delivered:?}");
    assert_eq!(delivered[4], format!("{base}/hive/dt=2026-11-08-01-00/symlink.txt"));
    let data = bench.bucket(DESTINATION).join(&delivered[3]);
    assert_eq!(summary["report_bytes"], data.metadata().unwrap().size());
}

#[test]
fn two_runs_in_one_minute_make_two_reports() {
    let bench = Bench::new(FILES);
    let keys: Vec<Value> = (0..2)
        .map(|_| bench.start_run(&Wanted::default().document(), &["--now", NOW]))
        .map(|run| run.ended().success().json()["manifest"]["key"].clone())
        .collect();
    let base = format!("inv/{SOURCE}/daily");
    assert_eq!(
        keys,
        [
            json!(format!("{base}/2026-11-08T01-00Z/manifest.json")),
            json!(format!("{base}/2026-11-08T01-01Z/manifest.json")),
        ]
    );
}

#[test]
fn a_refused_configuration_is_told_in_full_and_changes_nothing() {
    let bench = Bench::new(FILES);
    let before = bench.names();
    let mut document = Wanted::default().document();
    document["Schedule"]["Frequency"] = json!("Hourly");
    document["IsEnabled"] = json!("yes");
    document["Extra"] = json!(1);
    let ended = bench.start_run(&document, &[]).ended();
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let told = ended.json();
    assert_eq!(told["error"]["code"], "refused");
    let findings = told["error"]["findings"].as_array().unwrap();
    let pointers: BTreeSet<&str> =
        findings.iter().map(|finding| finding["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/Extra", "/IsEnabled", "/Schedule/Frequency"].into());
    for finding in findings {
        assert_eq!(finding["level"], "error", "{finding}");
        assert!(finding["code"].as_str().unwrap().starts_with("CF"), "{finding}");
        assert!(!finding["message"].as_str().unwrap().is_empty(), "{finding}");
    }
    assert_eq!(bench.names(), before);
    assert!(!bench.store().join(".stocktake").exists());

    // The same for people.
    let config = bench.beside("configuration.json", &document.to_string());
    let ended = bench.start(&["run", "--bucket", SOURCE, "--config", text(&config)]).ended();
    assert_eq!((ended.code(), ended.stdout.as_str()), (Some(1), ""));
    for pointer in pointers {
        let shown = format!("  at       {pointer}");
        assert!(ended.stderr.contains(&shown), "{pointer} is missing in {ended:?}");
    }
    assert_eq!(ended.stderr.last().unwrap(), "stocktake: the configuration is refused");
}

#[test]
fn a_missing_bucket_fails_before_anything_is_written() {
    for missing in [SOURCE, DESTINATION] {
        let bench = Bench::new("");
        std::fs::remove_dir(bench.bucket(missing)).unwrap();
        let ended = bench.start_run(&Wanted::default().document(), &[]).ended();
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        let told = ended.json();
        assert_eq!(told["error"]["code"], "failed");
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("bucket `{missing}`")), "{message}");
        let left: Vec<_> = std::fs::read_dir(bench.store()).unwrap().collect();
        assert_eq!(left.len(), 1, "the other bucket alone: {left:?}");
    }
}

#[test]
fn a_destination_that_is_read_only_gets_no_manifest() {
    let bench = Bench::new(FILES);
    let mapped = format!("{DESTINATION}={}", text(&bench.bucket(DESTINATION)));
    let document = Wanted::default().document();
    let ended = bench.start_run(&document, &["--map-read-only", &mapped]).ended();
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let told = ended.json();
    assert_eq!(told["error"]["code"], "failed");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("denied access"), "{message}");
    assert_eq!(bench.delivered(), [""; 0]);
    // Once it can be written to, the next run is not disturbed by what was left.
    bench.start_run(&document, &["--now", NOW]).ended().success();
    assert_eq!(bench.delivered().len(), 5);
}

#[test]
fn missing_keys_are_told_with_every_way_to_give_some() {
    let bench = Bench::new("");
    let config = bench.beside("configuration.json", &Wanted::default().document().to_string());
    let endpoint = "s3+http://127.0.0.1:1";
    let words = ["run", "--bucket", SOURCE, "--config", text(&config), "--store", endpoint];
    // Of an instance's keys nobody knows here, whatever machine this is.
    let nowhere = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")];
    let data = bench.store().join("data");
    let ended = stocktake_in(&nowhere, words.iter().chain(&["--data", text(&data)])).ended();
    assert_eq!((ended.code(), ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    let told = ended.stderr.iter().find(|line| line.starts_with("stocktake: ")).unwrap();
    assert!(
        told.starts_with(
            "stocktake: there are no keys for s3+http://127.0.0.1:1; set AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN for temporary ones), or AWS_PROFILE for a \
             profile of ~/.aws/credentials, or AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN"
        ),
        "{told}"
    );
    assert!(!data.exists(), "nothing is written");
}

#[test]
fn what_cannot_be_understood_is_a_matter_of_usage() {
    let bench = Bench::new("");
    let wrong: [&[&str]; 4] = [
        &["frobnicate"],
        &["run", "--bucket", SOURCE],
        &["run", "--bucket", SOURCE, "--config", "c.json", "--now", "tomorrow"],
        &["serve", "--workers", "0"],
    ];
    for words in wrong {
        let ended = bench.start(words).ended();
        assert_eq!((ended.code(), ended.stdout.as_str()), (Some(2), ""), "{words:?} {ended:?}");
    }
    let unreadable =
        bench.start(&["run", "--bucket", SOURCE, "--config", "/does/not/exist"]).ended();
    assert_eq!(unreadable.code(), Some(1), "{unreadable:?}");
    assert_eq!(bench.names(), [""; 0]);
}

#[test]
fn configurations_are_put_got_listed_and_deleted() {
    let bench = Bench::new("");
    let inventory = |word: &str, more: &[&str]| {
        let words = ["inventory", word, "--bucket", SOURCE, "--json"];
        bench.start(&[&words[..], more].concat()).ended()
    };
    let put = |id: &str, format: &str| {
        let document = Wanted { id, format, ..Wanted::default() }.document();
        let config = bench.beside("configuration.json", &document.to_string());
        inventory("put", &["--config", text(&config)]).success().json()
    };
    assert_eq!(put("b", "CSV"), json!({ "bucket": SOURCE, "id": "b", "findings": [] }));
    put("a", "CSV");
    put("b", "Parquet");
    let got = inventory("get", &["--id", "b"]).success().json();
    assert_eq!(got, Wanted { id: "b", format: "Parquet", ..Wanted::default() }.document());
    let ids = || -> Vec<String> {
        let listed = inventory("list", &[]).success().stdout;
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        listed.lines().map(|text| line(text)["Id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(), ["a", "b"]);
    inventory("delete", &["--id", "a"]).success();
    assert_eq!(ids(), ["b"]);
    for word in ["get", "delete"] {
        let ended = inventory(word, &["--id", "a"]);
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        assert_eq!(ended.json()["error"]["code"], "failed");
    }
    let refused = bench.beside("refused.json", "{}");
    let ended = inventory("put", &["--config", text(&refused)]);
    assert_eq!((ended.code(), &ended.json()["error"]["code"]), (Some(1), &json!("refused")));
    assert_eq!(ids(), ["b"]);
}
