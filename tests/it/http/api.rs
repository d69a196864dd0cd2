//! The S3 API as people use it, by the AWS CLI and boto3.

use stocktake_tests::harness::bench::Bench;
use stocktake_tests::harness::http::{ACCESS_KEY, SECRET_KEY, Server};
use stocktake_tests::harness::python;

/// Runs a part of the script against a server. Nothing to run it with is no failure; the harness says so.
#[track_caller]
fn speak(part: &str, server: &Server) {
    let endpoint = format!("http://{}", server.address);
    let words = [part, "--endpoint", &endpoint, "--key", ACCESS_KEY, "--secret", SECRET_KEY];
    python::run("http_api.py", words);
}

#[test]
fn the_calls_of_boto3_and_the_aws_cli_are_answered() {
    let bench = Bench::new("");
    speak("calls", &Server::start(&bench, &["--dialect", "aws"]));
}

#[test]
fn bodies_are_what_their_checksums_say_or_refused() {
    let bench = Bench::new("");
    speak("checksums", &Server::start(&bench, &["--dialect", "aws"]));
}

#[test]
fn what_is_not_signed_as_it_came_is_refused_and_changes_nothing() {
    let bench = Bench::new("");
    speak("refusals", &Server::start(&bench, &["--dialect", "aws"]));
}

#[test]
fn a_signature_of_another_time_is_refused() {
    let bench = Bench::new("");
    speak("skewed", &Server::start(&bench, &["--dialect", "aws", "--now", "2100-01-01T00:30:00Z"]));
}
