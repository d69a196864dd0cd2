//! `serve --listen`: what clients can take has bounds, whatever component answers them.

mod api;
mod client;
mod guides;
mod policy;
mod races;

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use stocktake_tests::harness::bench::{Bench, text};
use stocktake_tests::harness::http::{
    Server, answering, crashing, identity, looping, one_answer, rest, silent,
};

const GET: &[u8] =
    b"GET /bucket?inventory HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";

fn at_once() -> Vec<u8> {
    answering(Duration::ZERO)
}

#[track_caller]
fn assert_refused(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!("<Error><Code>{code}</Code>")), "{answer}");
    let id = answer.split("<RequestId>").nth(1).and_then(|rest| rest.split('<').next());
    assert!(answer.contains(&format!("x-amz-request-id: {}", id.unwrap())), "{answer}");
}

/// Whether a line of the log says this.
fn says(line: &str, message: &str) -> bool {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    line["fields"]["message"] == message
}

#[test]
fn a_request_is_answered_and_the_connection_kept() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "");
    let mut stream = server.connect();
    for _ in 0..2 {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
        let answer = one_answer(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[test]
fn a_crash_is_an_internal_error_and_the_host_goes_on() {
    let bench = Bench::new("");
    let mut server = Server::with(&bench, &crashing(), "");
    let mut stream = server.connect();
    for _ in 0..2 {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
        assert_refused(&one_answer(&mut stream), 500, "InternalError");
    }
    let logged = server.running.until_logged(|line| says(line, "a request was not answered"));
    assert!(logged.contains("unreachable") && logged.contains(r#""blame":"guest""#), "{logged}");
    let head = server.exchange(b"HEAD / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 500 ") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn an_end_without_an_answer_is_an_internal_error() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &silent(), "");
    assert_refused(&server.exchange(GET), 500, "InternalError");
}

#[test]
fn a_request_that_takes_too_long_is_cut_off() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &looping(), "request-seconds = 1");
    let answer = server.exchange(GET);
    assert_refused(&answer, 503, "ServiceUnavailable");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
}

#[test]
fn a_head_above_the_bounds_is_refused() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "");
    let head = |headers: &str| {
        format!("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{headers}\r\n").into_bytes()
    };
    let fits = server.exchange(&head(&"a: b\r\n".repeat(98)));
    assert!(fits.starts_with("HTTP/1.1 200 "), "{fits}");
    let many = server.exchange(&head(&"a: b\r\n".repeat(99)));
    assert_refused(&many, 400, "RequestHeaderSectionTooLarge");
    // Far too many are not read, and what the server underneath answers then has no body.
    let more = server.exchange(&head(&"a: b\r\n".repeat(1000)));
    assert!(more.starts_with("HTTP/1.1 431 "), "{more}");
    let fits = server.exchange(&head(&format!("a: {}\r\n", "b".repeat(30 << 10))));
    assert!(fits.starts_with("HTTP/1.1 200 "), "{fits}");
    let long = server.exchange(&head(&format!("a: {}\r\n", "b".repeat(40 << 10))));
    assert_refused(&long, 400, "RequestHeaderSectionTooLarge");
    // A head of which no end is in sight is not read to its end.
    let endless = server.exchange(&head(&format!("a: {}\r\n", "b".repeat(1 << 20))));
    assert!(endless.is_empty() || endless.starts_with("HTTP/1.1 431 "), "{endless}");
}

#[test]
fn a_body_above_the_bound_is_refused_before_it_is_read() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "body-kib = 1");
    let put = |framing: &str, body: &str| {
        let head = format!("PUT / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{framing}\r\n\r\n");
        server.exchange((head + body).as_bytes())
    };
    let kib = "x".repeat(1024);
    let fits = put("content-length: 1024", &kib);
    assert!(fits.starts_with("HTTP/1.1 200 "), "{fits}");
    assert_refused(&put("content-length: 1025", ""), 400, "MaxMessageLengthExceeded");
    let fits = put("transfer-encoding: chunked", &format!("400\r\n{kib}\r\n0\r\n\r\n"));
    assert!(fits.starts_with("HTTP/1.1 200 "), "{fits}");
    let chunks = format!("400\r\n{kib}\r\n1\r\nx\r\n");
    assert_refused(&put("transfer-encoding: chunked", &chunks), 400, "MaxMessageLengthExceeded");
    let broken = put("transfer-encoding: chunked", "no-size\r\n");
    assert_refused(&broken, 400, "IncompleteBody");
}

#[test]
fn one_address_has_its_share_of_the_connections() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "address-connections = 1");
    let mut first = server.connect();
    first.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    one_answer(&mut first);
    assert_refused(&server.exchange(GET), 503, "SlowDown");
    let proxied = "address-connections = 1\ntrusted-proxies = ['127.0.0.0/8']";
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), proxied);
    let mut first = server.connect();
    first.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    one_answer(&mut first);
    assert!(server.exchange(GET).starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "request-seconds = 1");
    let answer = server.exchange(b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nxxx");
    assert_refused(&answer, 400, "RequestTimeout");
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "idle-seconds = 1");
    // Nothing at all, a part of a head, and nothing behind an answer.
    assert_eq!(server.exchange(b""), "");
    assert_eq!(server.exchange(b"GET / HTTP/1.1\r\nhost:"), "");
    let mut stream = server.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    assert!(one_answer(&mut stream).starts_with("HTTP/1.1 200 "));
    assert_eq!(rest(&mut stream), "");
}

#[test]
fn who_names_no_host_or_two_is_refused() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "");
    for hosts in ["", "host: a\r\nhost: a\r\n", "host: user@h\r\n", "host: \r\n"] {
        let answer = server.exchange(format!("GET / HTTP/1.1\r\n{hosts}\r\n").as_bytes());
        assert_refused(&answer, 400, "InvalidRequest");
    }
}

#[test]
fn a_connection_above_the_cap_is_told_so() {
    let bench = Bench::new("");
    let server = Server::with(&bench, &at_once(), "connections = 1");
    let mut first = server.connect();
    first.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    one_answer(&mut first);
    let refused = server.exchange(GET);
    assert_refused(&refused, 503, "SlowDown");
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    drop(first);
    // The host notices the end of the first connection some time later.
    while !server.exchange(GET).starts_with("HTTP/1.1 200 ") {}
}

#[test]
fn a_request_above_the_cap_waits_its_turn() {
    let bench = Bench::new("");
    let slow = answering(Duration::from_millis(100));
    let server = Server::with(&bench, &slow, "requests = 1");
    let mut streams: Vec<TcpStream> = (0..3).map(|_| server.connect()).collect();
    for stream in &mut streams {
        stream.write_all(GET).unwrap();
    }
    for stream in &mut streams {
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

#[test]
fn at_a_signal_the_request_at_work_is_answered_and_no_other() {
    let bench = Bench::new("");
    let slow = answering(Duration::from_secs(2));
    let source = bench.beside_bytes("sample.wasm", &slow);
    let config = format!("[component.http-gateway]\nsource = '{}'\n", text(&source));
    let config = bench.beside("http.toml", &config);
    let mut server = Server::start(&bench, &["--config", text(&config)]);
    let mut idle = server.connect();
    let mut stream = server.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    server.running.until_logged(|line| says(line, "calling"));
    server.running.signal(Signal::TERM);
    // It ends with the request, without waiting for idle connections.
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(rest(&mut idle), "");
    let address = server.address;
    server.running.ended().success();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_request_that_outlives_the_grace_is_cut_off() {
    let bench = Bench::new("");
    let mut server = Server::with(&bench, &looping(), "");
    let mut stream = server.connect();
    stream.write_all(GET).unwrap();
    server.running.until_logged(|line| says(line, "calling"));
    server.running.signal(Signal::TERM);
    assert_eq!(rest(&mut stream), "");
    server.running.ended().success();
}

#[test]
fn what_cannot_be_served_is_told_with_a_remedy() {
    let bench = Bench::new("");
    let told = |words: &[&str], code: i32, parts: &[&str]| {
        let ended = bench.start(&[&["serve"], words].concat()).ended();
        let stderr = ended.stderr.join("\n");
        assert_eq!(ended.code(), Some(code), "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} is not in {stderr}");
        }
        assert!(!stderr.contains("hidden"), "a secret is shown: {stderr}");
    };
    told(&["--listen", "127.0.0.1:0"], 2, &["nobody could call", "--identity", "--anonymous"]);
    let alone = ["--identity", "AKID:hidden:arn:aws:iam::1:user/u"];
    told(&alone, 2, &["--listen 127.0.0.1:9000"]);
    let listen = ["--listen", "127.0.0.1:0", "--identity"];
    told(&[&listen[..], &["AKID:hidden"]].concat(), 2, &["ACCESS-KEY:SECRET:PRINCIPAL-ARN"]);
    told(&[&listen[..], &["AKID:hidden:user/u"]].concat(), 2, &["no ARN of an account"]);
    told(&["--listen", "9000"], 2, &["127.0.0.1:9000"]);
    let server = Server::with(&bench, &at_once(), "");
    let (taken, identity) = (server.address.to_string(), identity());
    let data = bench.store().join("other-data");
    let words = ["--listen", &taken, "--identity", &identity, "--data", text(&data), "--config"];
    let config = bench.store().parent().unwrap().join("http.toml");
    told(&[&words[..], &[text(&config)]].concat(), 1, &["cannot be listened at", "port 0"]);
}
