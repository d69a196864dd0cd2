//! Requests that race each other for what they are judged by.

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;

use serde_json::json;
use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Bench, text};
use stocktake_tests::harness::http::{Server, one_answer};

/// How many pairs race. Of a gateway that writes without looking, nearly all fail.
const PAIRS: usize = 100;

const ACCOUNT: &str = "arn:aws:iam::123456789012";

/// Serves two users who may do everything, as far as they are concerned, and the account itself.
fn serve(bench: &Bench) -> Server {
    bench.beside(
        "all.json",
        &json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "s3:*", "Resource": "*" }
        ] })
        .to_string(),
    );
    let user = |key: &str, principal: &str| {
        format!(
            "[[identity]]\naccess-key = '{key}'\nsecret = '{key}.token'\nprincipal = '{ACCOUNT}:{principal}'\npolicies = ['all.json']\n"
        )
    };
    let users = [user("ANN", "user/ann"), user("BOB", "user/bob"), user("ROOT", "root")];
    let config = format!("[http]\ndialect = 'aws'\n{}", users.concat());
    let config = bench.beside("races.toml", &config);
    Server::start(bench, &["--config", text(&config)])
}

/// The status of a request about the bucket's policy.
fn ask(stream: &mut TcpStream, method: &str, key: &str, body: &str) -> u16 {
    let request = format!(
        "{method} /{SOURCE}?policy HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {key}.token\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let answer = one_answer(stream);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// A policy that leaves another one nothing to say about it.
fn against(user: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": { "AWS": format!("{ACCOUNT}:user/{user}") },
        "Action": ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
        "Resource": format!("arn:aws:s3:::{SOURCE}"),
    }] })
    .to_string()
}

/// The statuses of both, asked at the same time in each of many pairs.
fn pairs(server: &Server, one: (&str, &str), other: (&str, &str)) -> Vec<[u16; 2]> {
    let (mut root, mut ann, mut bob) = (server.connect(), server.connect(), server.connect());
    let mut found = Vec::new();
    for _ in 0..PAIRS {
        assert_eq!(ask(&mut root, "DELETE", "ROOT", ""), 204);
        found.push(thread::scope(|scope| {
            let first = scope.spawn(|| ask(&mut ann, one.0, "ANN", one.1));
            let second = ask(&mut bob, other.0, "BOB", other.1);
            [first.join().unwrap(), second]
        }));
    }
    found
}

#[test]
fn of_policies_that_lock_each_other_out_one_is_put() {
    let bench = Bench::new("");
    let server = serve(&bench);
    let found = pairs(&server, ("PUT", &against("bob")), ("PUT", &against("ann")));
    let is_wrong = |pair: &&[u16; 2]| !matches!(pair, [204, 403 | 409] | [403 | 409, 204]);
    let wrong: Vec<_> = found.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {PAIRS} pairs: {:?}", wrong.len(), wrong.first());
}

#[test]
fn who_is_denied_wins_no_race() {
    let bench = Bench::new("");
    let server = serve(&bench);
    let open = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("{ACCOUNT}:user/bob") },
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{SOURCE}/*"),
    }] });
    let (mut root, mut ann, mut bob) = (server.connect(), server.connect(), server.connect());
    let mut lost = 0;
    for _ in 0..PAIRS {
        assert_eq!(ask(&mut root, "DELETE", "ROOT", ""), 204);
        let denied = thread::scope(|scope| {
            let denying = scope.spawn(|| ask(&mut ann, "PUT", "ANN", &against("bob")));
            ask(&mut bob, "PUT", "BOB", &open.to_string());
            denying.join().unwrap()
        });
        // Whoever came first: a denial that was put stands, and holds.
        lost += usize::from(denied == 204 && ask(&mut bob, "DELETE", "BOB", "") != 403);
    }
    assert_eq!(lost, 0, "of {PAIRS} denials that were put");
}
