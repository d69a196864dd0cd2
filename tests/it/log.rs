//! What the log never shows, however much it is asked to.

use std::io::Write as _;

use rustix::process::Signal;
use serde_json::Value;
use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::http::{ACCESS_KEY, SECRET_KEY, identity, one_answer};
use stocktake_tests::harness::process::stocktake_in;
use stocktake_tests::harness::slow_store::{Latency, SlowStore};

/// What no line may have in it.
const MARK: &str = "5ecretmark";

/// Everything that is logged.
const ALL: [&str; 2] = ["--log", "trace,hyper=trace,aws_sigv4=trace"];

#[track_caller]
fn assert_hidden(lines: &[String], secrets: &[&str]) {
    // The log is not empty because nothing was logged at all.
    assert!(lines.iter().any(|line| line.contains("DEBUG")), "{lines:?}");
    for secret in secrets {
        let shown: Vec<&String> = lines.iter().filter(|line| line.contains(secret)).collect();
        assert!(shown.is_empty(), "`{secret}` is shown: {shown:#?}");
    }
}

#[test]
fn a_trace_of_serve_shows_no_secrets_of_requests() {
    let bench = Bench::new("");
    let identity = identity();
    let listen = ["serve", "--listen", "127.0.0.1:0", "--identity", &identity];
    let mut serving = bench.start(&[&listen[..], &ALL].concat());
    let line: Value = serde_json::from_str(&serving.until_printed()).unwrap();
    let address = line["listening"].as_str().unwrap().to_owned();
    let presigned = format!(
        "/{SOURCE}?inventory&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY}%2F20261108%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261108T010000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token={MARK}&X-Amz-Signature={MARK}"
    );
    let signed = format!(
        "authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20261108/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={MARK}\r\nx-amz-security-token: {MARK}\r\ncookie: session={MARK}\r\n"
    );
    let requests = [
        format!("GET {presigned} HTTP/1.1\r\nhost: {address}\r\n\r\n"),
        format!("GET http://{address}{presigned} HTTP/1.1\r\nhost: {address}\r\n\r\n"),
        format!("GET /{SOURCE}?policy HTTP/1.1\r\nhost: {address}\r\n{signed}\r\n"),
        format!("GET /{MARK}?X-Amz-Security-Token={MARK} HTTP/1.1\r\nhost: user:{MARK}@h\r\n\r\n")
            .replace(&format!("/{MARK}?"), "/b?"),
    ];
    for request in requests {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let answer = one_answer(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // One that is no HTTP.
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    stream.write_all(format!("GET /?{MARK} \u{1} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
    one_answer(&mut stream);
    serving.signal(Signal::TERM);
    assert_hidden(&serving.ended().success().stderr, &[MARK, SECRET_KEY]);
}

#[test]
fn a_trace_of_a_run_shows_no_secrets_of_its_store() {
    let store = SlowStore::start(10, Latency::default());
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("configuration.json");
    std::fs::write(&config, Wanted::default().document().to_string()).unwrap();
    let (endpoint, data) = (store.endpoint(), folder.path().join("data"));
    let words = ["run", "--bucket", SOURCE, "--config", text(&config), "--store", &endpoint];
    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "hiddenkey"),
        ("AWS_SESSION_TOKEN", MARK),
    ];
    let data = ["--data", text(&data)];
    let words = words.iter().chain(&data).chain(&ALL);
    let ended = stocktake_in(&environment, words).ended().success();
    assert_hidden(&ended.stderr, &[MARK, "hiddenkey", "Signature=", "AWS4-HMAC-SHA256"]);
}
