//! Serving HTTP: the program with `serve --listen`, a client that speaks bytes, and components that do one thing each.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use stocktake_sigv4::sign::Signer;
use stocktake_sigv4::{ContentSha256, Header, Request, Scope, Secret, UnixSeconds};

use super::PATIENCE;
use super::bench::{Bench, text};
use super::process::Running;
use super::sample;

/// The access key id of the one who may call.
pub const ACCESS_KEY: &str = "STOCKTAKETEST";

/// Its secret, with the characters that tools get wrong.
pub const SECRET_KEY: &str = "a/secret+of=the/tests";

/// Its principal.
pub const PRINCIPAL: &str = "arn:aws:iam::123456789012:user/tester";

/// A program that serves HTTP.
pub struct Server {
    /// The program.
    pub running: Running,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The flag that lets the tests call.
pub fn identity() -> String {
    format!("{ACCESS_KEY}:{SECRET_KEY}:{PRINCIPAL}")
}

/// The headers of a request to `host` that the one who may call signs; `host` is the first.
pub fn signed_headers(
    (method, path, query): (&str, &str, &str),
    host: &str,
    body: &[u8],
    now: UnixSeconds,
) -> Vec<(String, String)> {
    let headers = [Header { name: "host", value: host.as_bytes() }];
    let request = Request { method, path, query, headers: &headers, body: Some(body) };
    let secret = Secret::new(SECRET_KEY);
    let scope = Scope { region: "us-east-1", service: "s3" };
    let signer = Signer { access_key_id: ACCESS_KEY, secret: &secret, security_token: None, scope };
    let signature = signer.sign(&request, ContentSha256::of(body), now).unwrap();
    let mut headers = vec![("host".to_owned(), host.to_owned())];
    headers.extend(signature.headers);
    headers
}

impl Server {
    /// Serves a store on a free port of the loopback, with more arguments.
    #[track_caller]
    pub fn start(bench: &Bench, more: &[&str]) -> Self {
        let identity = identity();
        let words = ["--listen", "127.0.0.1:0", "--identity", &identity];
        Self::as_configured(bench, &[&words[..], more].concat())
    }

    /// The same where nothing is said of who may call, and where to listen is among the arguments.
    #[track_caller]
    pub fn as_configured(bench: &Bench, more: &[&str]) -> Self {
        let log = ["--log", "warn,stocktake_host=debug", "--log-format", "json"];
        let mut running = bench.start(&[&["serve"], &log[..], more].concat());
        let line: Value = serde_json::from_str(&running.until_printed()).unwrap();
        let address = line["listening"].as_str().unwrap().parse().unwrap();
        Self { running, address }
    }

    /// The same with a component of the tests, and settings of `[http]`.
    #[track_caller]
    pub fn with(bench: &Bench, component: &[u8], settings: &str) -> Self {
        let source = bench.beside_bytes("sample.wasm", component);
        let config = format!(
            "[component.http-gateway]\nsource = '{}'\n[host]\ngrace-seconds = 0\n[http]\n{settings}\n",
            text(&source)
        );
        let config: PathBuf = bench.beside("http.toml", &config);
        Self::start(bench, &["--config", text(&config)])
    }

    /// A connection, on which nothing is waited for beyond the tests' patience.
    #[track_caller]
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes on a connection of their own, and answers all that comes back until the other side ends it.
    #[track_caller]
    pub fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        rest(&mut stream)
    }
}

/// All that still comes on a connection. One that is cut off ends there.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("nothing came within {PATIENCE:?}")
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads one answer with a `content-length`, and leaves the connection open.
#[track_caller]
pub fn one_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.extend_from_slice(&byte);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// A component that crashes at each request.
pub fn crashing() -> Vec<u8> {
    handler("", "", "unreachable")
}

/// A component that never answers.
pub fn looping() -> Vec<u8> {
    handler("", "", "(loop $again (br $again))")
}

/// A component that comes to its end without an answer.
pub fn silent() -> Vec<u8> {
    handler("", "", "")
}

/// A component that answers 200 with no body once this time has gone by.
pub fn answering(after: Duration) -> Vec<u8> {
    let imports = r#"
        (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $now (result i64)))
        (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
        (import "wasi:http/types@0.2.0" "[constructor]outgoing-response"
            (func $response (param i32) (result i32)))
        (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
            (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))"#;
    let nanoseconds = after.as_nanos();
    let body = format!(
        "(local $until i64)
         (local.set $until (i64.add (call $now) (i64.const {nanoseconds})))
         (loop $again (br_if $again (i64.lt_u (call $now) (local.get $until))))
         (call $set (local.get 1) (i32.const 0) (call $response (call $fields))
            (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"
    );
    handler(
        "import wasi:clocks/monotonic-clock@0.2.0; import wasi:http/types@0.2.0;",
        imports,
        &body,
    )
}

/// A component of this body of `handle`.
fn handler(world: &str, imports: &str, body: &str) -> Vec<u8> {
    let world = format!("{world} export wasi:http/incoming-handler@0.2.0;");
    let core = format!(
        r#"(module {imports}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "wasi:http/incoming-handler@0.2.0#handle") (param i32 i32) {body}))"#
    );
    sample::component(&world, &core)
}
