//! Policies over HTTP: what refuses one, and what the JSON API says about it.

use std::fs;

use stocktake_tests::harness::artefacts::root;
use stocktake_tests::harness::bench::Bench;
use stocktake_tests::harness::http::{ACCESS_KEY, SECRET_KEY, Server};
use stocktake_tests::harness::python;

/// Runs a part of the script against a server. Nothing to run it with is no failure; the harness says so.
#[track_caller]
fn speak(part: &str, key: &str, server: &Server) {
    let endpoint = format!("http://{}", server.address);
    let words = [part, "--endpoint", &endpoint, "--key", key, "--secret", SECRET_KEY];
    python::run("http_policy.py", words);
}

/// Serves a dialect to one more.
#[track_caller]
fn serve_to(bench: &Bench, dialect: &str, key: &str, principal: &str) -> Server {
    let identity = format!("{key}:{SECRET_KEY}:{principal}");
    Server::start(bench, &["--dialect", dialect, "--identity", &identity])
}

#[test]
fn a_policy_that_is_wrong_or_locks_out_is_refused() {
    let bench = Bench::new("");
    let server = serve_to(&bench, "aws", "ROOTKEY", "arn:aws:iam::123456789012:root");
    speak("refused", ACCESS_KEY, &server);
}

#[test]
fn buckets_in_use_keep_those_whom_they_are_for() {
    let bench = Bench::new("");
    let server = serve_to(&bench, "coreweave", "GUIDEUSER", "arn:aws:iam::f3a9c1:coreweave/u-7c21");
    speak("in-use", "GUIDEUSER", &server);
}

#[test]
fn policies_are_judged_by_the_json_api() {
    let bench = Bench::new("");
    speak("judging", ACCESS_KEY, &Server::start(&bench, &[]));
}

/// What only the evaluator has: an action of its table.
const OF_THE_EVALUATOR: &[u8] = b"GetBucketRequestPayment";

#[test]
fn the_evaluator_is_no_part_of_the_gateway_itself() {
    // What is composed has it; what the compiler built of the gateway has not.
    let built = root().join("target/wasm32-unknown-unknown/component");
    let has = |file: &str| {
        let bytes = fs::read(built.join(file)).unwrap();
        bytes.windows(OF_THE_EVALUATOR.len()).any(|window| window == OF_THE_EVALUATOR)
    };
    assert!(has("policy_check.wasm"));
    assert!(!has("http_gateway.wasm"));
}
