//! Output that cannot be written is a failure; a reader that has gone away is not.

use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Bench, NOW, Wanted, text};
use stocktake_tests::harness::process::{Ended, stocktake_by};

/// The commands that print, each with what it needs.
fn commands(bench: &Bench) -> Vec<Vec<String>> {
    let document = Wanted::default().document().to_string();
    let config = bench.beside("configuration.json", &document);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;
    let policy = bench.beside("policy.json", policy);
    let question = bench.beside("questions.jsonl", "{}\n");
    let (config, policy, question) = (text(&config), text(&policy), text(&question));
    let store = bench.store();
    let place = ["--bucket", SOURCE, "--now", NOW, "--store", text(&store)];
    let on_store = |words: &[&'static str]| [words, &place[..]].concat();
    let with_config =
        |words: &[&'static str]| [words, &["--config", config][..], &place[..]].concat();
    let explain = ["explain", policy, "--principal", "*"];
    let explain = [&explain[..], &["--action", "s3:GetObject", "--resource", "arn:aws:s3:::b/k"]];
    let explain = explain.concat();
    let put = with_config(&["inventory", "put"]);
    bench.start(&put[..put.len() - 2]).ended().success();
    [
        vec!["--help"],
        vec!["--version"],
        vec!["run", "--help"],
        put,
        on_store(&["inventory", "get", "--id", "daily"]),
        on_store(&["inventory", "list"]),
        with_config(&["run"]),
        with_config(&["run", "--json"]),
        on_store(&["runs", "next", "--id", "daily"]),
        on_store(&["runs", "next", "--id", "daily", "--json"]),
        on_store(&["runs", "start", "--id", "daily"]),
        on_store(&["runs", "list", "--id", "daily"]),
        on_store(&["inventory", "delete", "--id", "daily"]),
        vec!["check", "policy", policy],
        vec!["check", "policy", policy, "--format", "json"],
        vec!["check", "policy", policy, "--format", "sarif"],
        vec!["check", "config", config],
        explain.clone(),
        [&explain[..], &["--json"]].concat(),
        vec!["explain", "--batch", question],
    ]
    .into_iter()
    .map(|words| words.into_iter().map(str::to_owned).collect())
    .collect()
}

/// Runs every command, started by this line of the shell.
fn each_by(line: &str, mut check: impl FnMut(&[String], Ended)) {
    let bench = Bench::new("1 1700000000 a\n");
    for words in commands(&bench) {
        check(&words, stocktake_by(line, &words).ended());
    }
}

#[test]
fn output_that_cannot_be_written_fails_every_command() {
    each_by("exec \"$@\" > /dev/full", |words, ended| {
        assert_eq!(ended.code(), Some(1), "{words:?} {ended:?}");
        let told =
            ended.stderr.last().is_some_and(|line| line.contains("stdout cannot be written"));
        assert!(told, "{words:?} {ended:?}");
    });
}

#[test]
fn a_reader_that_has_gone_away_is_no_failure() {
    // The reader ends first.
    let line = "exec 3>&2; { sleep 0.2; \"$@\" 2>&3; echo \"code $?\" >&3; } | true";
    each_by(line, |words, ended| {
        let last = ended.stderr.last().map(String::as_str);
        let usual = if words.first().is_some_and(|word| word == "explain") {
            matches!(last, Some("code 0" | "code 1"))
        } else {
            last == Some("code 0") || (words[0] == "check" && last == Some("code 1"))
        };
        assert!(usual, "{words:?} {ended:?}");
        let is_quiet = !ended.stderr.iter().any(|line| line.contains("stdout"));
        assert!(is_quiet, "{words:?} {ended:?}");
    });
}
