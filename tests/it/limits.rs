//! What the program does at the ends of what there is: memory, time, and who may read a file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;
use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::process::{Running, stocktake_by};

const FILES: &str = "1 1700000000 a\n2 1700000000 b/c\n";

/// The last minute that a report's folder can be named after.
const LAST_MINUTE: &str = "9999-12-31T23:59:59Z";

#[test]
fn a_report_is_made_where_addresses_are_few() {
    let bench = Bench::new(FILES);
    let config = bench.beside("configuration.json", &Wanted::default().document().to_string());
    let store = bench.store();
    let words = ["run", "--bucket", SOURCE, "--config", text(&config), "--json"];
    let store = ["--store", text(&store)];
    let words = words.iter().chain(&store);
    let ended = stocktake_by("ulimit -v 4000000; exec \"$@\"", words).ended().success();
    assert_eq!(ended.json()["objects"], 2, "{ended:?}");
    let told = ended.stderr.iter().any(|line| {
        line.contains("WARN")
            && line.contains("memory cannot be reserved")
            && line.contains("ulimit -v")
    });
    assert!(told, "{ended:?}");
    assert_eq!(bench.delivered().len(), 5);
}

#[test]
fn a_report_of_the_last_minute_is_made_and_none_after_it() {
    let bench = Bench::new(FILES);
    let run = || bench.start_run(&Wanted::default().document(), &["--now", LAST_MINUTE]).ended();
    let key = run().success().json()["manifest"]["key"].to_string();
    assert!(key.contains("/9999-12-31T23-59Z/"), "{key}");
    let before = bench.delivered();
    let ended = run();
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let message = ended.json()["error"]["message"].to_string();
    assert!(message.contains("beyond the year 9999"), "{message}");
    assert_eq!(bench.delivered(), before);
}

#[test]
fn a_time_beyond_the_calendar_of_reports_is_refused() {
    let bench = Bench::new(FILES);
    // Both are within four digits where they are written, and not in UTC.
    for now in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"] {
        let ended = bench.start_run(&Wanted::default().document(), &["--now", now]).ended();
        assert_eq!(ended.code(), Some(2), "{ended:?}");
        let told = ended.stderr.iter().any(|line| line.contains("years 0000 to 9999"));
        assert!(told, "{ended:?}");
    }
    assert_eq!(bench.delivered(), [""; 0]);
}

/// Serves with a secret in a file of this mode, and returns what was logged.
fn served(mode: u32) -> (String, Vec<String>) {
    let bench = Bench::new("");
    let secret = bench.beside("secret", "hidden");
    fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
    let settings = bench.beside(
        "stocktake.toml",
        "[http]\nlisten = \"127.0.0.1:0\"\n[[identity]]\naccess-key = \"AKID\"\nsecret-file = \"secret\"\nprincipal = \"arn:aws:iam::123456789012:user/reporter\"\n",
    );
    let mut serving: Running = bench.start(&["serve", "--config", text(&settings)]);
    serving.until_logged(|line| line.contains("listening"));
    serving.signal(Signal::TERM);
    (text(&secret).to_owned(), serving.ended().success().stderr)
}

#[test]
fn a_secret_that_others_can_read_is_warned_of() {
    for (mode, told) in [(0o644, "0644"), (0o640, "0640"), (0o606, "0606")] {
        let (path, lines) = served(mode);
        let warned = lines.iter().find(|line| line.contains("WARN")).unwrap();
        assert!(warned.contains(&format!("chmod 600 {path}")), "{warned}");
        assert!(warned.contains(told) && !warned.contains("hidden"), "{warned}");
    }
    for mode in [0o600, 0o400] {
        let (_, lines) = served(mode);
        assert!(!lines.iter().any(|line| line.contains("WARN")), "{lines:?}");
    }
}
