//! Who a client is: its address, and whether it came over TLS, for the conditions of policies.

use serde_json::{Value, json};
use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Bench, text};
use stocktake_tests::harness::http::Server;

const OPERATOR: &str = "OPS:OPS.a-token:arn:aws:iam::123456789012:user/ops";

/// A server that believes these proxies, and lets anybody look at a bucket under a condition.
fn serving(bench: &Bench, proxies: &[&str], condition: &Value) -> Server {
    let config = format!("[http]\nanonymous = true\ntrusted-proxies = {proxies:?}\n");
    let config = bench.beside("client.toml", &config);
    let words = ["--dialect", "aws", "--config", text(&config), "--identity", OPERATOR];
    let server = Server::start(bench, &words);
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket",
        "Resource": format!("arn:aws:s3:::{SOURCE}"), "Condition": condition,
    }] });
    let policy = policy.to_string();
    let put = format!(
        "PUT /{SOURCE}?policy HTTP/1.1\r\nhost: h\r\nconnection: close\r\nauthorization: Bearer OPS.a-token\r\ncontent-length: {}\r\n\r\n{policy}",
        policy.len()
    );
    let answer = server.exchange(put.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    server
}

/// The status of a look at the bucket, with these headers.
#[track_caller]
fn status(server: &Server, headers: &str) -> u16 {
    let head = format!("HEAD /{SOURCE} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{headers}\r\n");
    let answer = server.exchange(head.as_bytes());
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn a_client_cannot_choose_its_address() {
    let bench = Bench::new("");
    let inside = json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } });
    let server = serving(&bench, &[], &inside);
    for forged in [
        "",
        "x-stocktake-client: for=203.0.113.7;proto=https\r\n",
        "X-Stocktake-Client: for=203.0.113.7\r\nx-stocktake-client: for=203.0.113.7\r\n",
        "x-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https\r\n",
        "forwarded: for=203.0.113.7\r\n",
    ] {
        assert_eq!(status(&server, forged), 403, "{forged}");
    }
    drop(server);
    let bench = Bench::new("");
    let here = json!({ "IpAddress": { "aws:SourceIp": "127.0.0.1/32" } });
    let server = serving(&bench, &["203.0.113.0/24"], &here);
    assert_eq!(status(&server, ""), 200);
    assert_eq!(status(&server, "x-stocktake-client: for=10.0.0.1\r\n"), 200);
}

#[test]
fn a_trusted_proxy_tells_who_its_client_is_and_whether_it_came_over_tls() {
    let bench = Bench::new("");
    let both = json!({
        "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "Bool": { "aws:SecureTransport": "true" },
    });
    let server = serving(&bench, &["127.0.0.0/8"], &both);
    let of = |list: &str, proto: &str| {
        status(&server, &format!("x-forwarded-for: {list}\r\nx-forwarded-proto: {proto}\r\n"))
    };
    assert_eq!(of("203.0.113.7", "https"), 200);
    assert_eq!(of("203.0.113.7", "http"), 403);
    assert_eq!(of("203.0.113.7, 192.0.2.1", "https"), 403);
    assert_eq!(of("192.0.2.1, 203.0.113.7, 127.0.0.9", "https"), 200);
    // What the proxy does not say is not known.
    assert_eq!(status(&server, "x-forwarded-for: 203.0.113.7\r\n"), 403);
    assert_eq!(status(&server, "x-forwarded-proto: https\r\n"), 403);
    assert_eq!(status(&server, "x-stocktake-client: for=203.0.113.7;proto=https\r\n"), 403);
}
