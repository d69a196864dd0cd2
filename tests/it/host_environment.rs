//! `http-gateway` and `host-environment` in one file, for runtimes that have WASI alone: it answers as the gateway does
//! over a store of the same content.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use inventory_config::{PutOutcome, Syntax};
use stocktake_capabilities::memory::MemoryState;
use stocktake_capabilities::{Condition, State as _};
use stocktake_core::finding::Dialect;
use stocktake_core::run::configuration_key;
use stocktake_host::capabilities::{Capabilities, Clock};
use stocktake_host::engine::{Engine, EngineOptions};
use stocktake_sigv4::UnixSeconds;
use stocktake_tests::harness::artefacts::{compiled, component_file};
use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::http::{Server, identity, signed_headers};
use stocktake_tests::harness::{DESTINATION, SOURCE};
use wit_component::DecodedWasm;
use wit_parser::WorldItem;

const FILE: &str = "http-gateway-on-host-environment";

/// `host-environment`, `http-gateway`, `inventory-config` and `policy-check`, and what each is born with.
const PARTS: usize = 4;
const MEMORY_BYTES: usize = 2 << 20;

/// 2026-11-08T01:00:00Z, which both servers begin at.
const NOW: UnixSeconds = UnixSeconds(1_794_099_600);
const BEGIN: [&str; 2] = ["--now", "2026-11-08T01:00:00Z"];

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetBucketPolicy","Resource":"arn:aws:s3:::orbit-reports"}]}"#;

/// What describes the store.
fn environment() -> [(&'static str, String); 3] {
    let state = MemoryState::default();
    let document = Wanted::default().document().to_string();
    let (syntax, dialect) = (Syntax::Json, Dialect::Aws);
    let put =
        inventory_config::put(&state, SOURCE, "daily", document.as_bytes(), syntax, dialect, &[]);
    assert!(matches!(put, Ok(PutOutcome::Stored(_))), "{put:?}");
    let policies = format!("policies/{DESTINATION}");
    state.put(&policies, POLICY.as_bytes(), Condition::Always).unwrap();
    let value = |key: &str| String::from_utf8(state.get(key).unwrap().unwrap().value).unwrap();
    let key = configuration_key(SOURCE, "daily");
    let records =
        serde_json::json!({ policies.as_str(): value(&policies), key.as_str(): value(&key) });
    [
        ("STOCKTAKE_RECORDS", records.to_string()),
        ("STOCKTAKE_BUCKETS", format!("{SOURCE} {DESTINATION}")),
        ("STOCKTAKE_IDENTITIES", identity()),
    ]
}

/// A gateway that has no capabilities of `stocktake serve`, over an empty store.
fn alone(bench: &Bench) -> Server {
    let variables = environment().map(|(name, value)| format!("{name} = '{value}'\n"));
    let config = format!(
        "[component.http-gateway]\nsource = '{}'\n[http]\nlisten = '127.0.0.1:0'\ndialect = 'aws'\n[http.environment]\n{}",
        text(&component_file(FILE)),
        variables.concat()
    );
    let config = bench.beside("alone.toml", &config);
    Server::as_configured(bench, &[&["--config", text(&config)][..], &BEGIN].concat())
}

/// The same content, put over HTTP.
fn ordinary(bench: &Bench) -> Server {
    let server = Server::start(bench, &[&["--dialect", "aws"][..], &BEGIN].concat());
    let document = "<InventoryConfiguration><Id>daily</Id><IsEnabled>true</IsEnabled>\
        <IncludedObjectVersions>Current</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule>\
        <OptionalFields><Field>Size</Field><Field>LastModifiedDate</Field></OptionalFields>\
        <Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit-reports</Bucket><Format>CSV</Format>\
        <Prefix>inv</Prefix></S3BucketDestination></Destination></InventoryConfiguration>";
    let put = signed(&server, ("PUT", "/orbit-raw", "id=daily&inventory="), document);
    assert!(put.starts_with("HTTP/1.1 200 "), "{put}");
    let put = signed(&server, ("PUT", "/orbit-reports", "policy="), POLICY);
    assert!(put.starts_with("HTTP/1.1 2"), "{put}");
    server
}

fn signed(server: &Server, request: (&str, &str, &str), body: &str) -> String {
    let host = server.address.to_string();
    send(server, request, &signed_headers(request, &host, body.as_bytes(), NOW), body)
}

fn send(
    server: &Server,
    (method, path, query): (&str, &str, &str),
    headers: &[(String, String)],
    body: &str,
) -> String {
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let length = body.len();
    let head = format!(
        "{method} {path}?{query} HTTP/1.1\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    server.exchange(format!("{head}{body}").as_bytes())
}

/// An answer without what no two have in common.
fn lasting(answer: &str) -> String {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let differs =
        |line: &&str| !line.starts_with("date: ") && !line.starts_with("x-amz-request-id: ");
    let head: Vec<&str> = head.lines().filter(differs).collect();
    let body: Vec<&str> = match body.split_once("<RequestId>") {
        None => vec![body],
        Some((before, rest)) => vec![before, rest.split_once("</RequestId>").unwrap().1],
    };
    format!("{}\n\n{}", head.join("\n"), body.join(""))
}

#[test]
fn a_gateway_that_has_wasi_alone_answers_as_the_ordinary_one() {
    let benches = [Bench::new(""), Bench::new("")];
    let (ordinary, alone) = (ordinary(&benches[0]), alone(&benches[1]));
    for (request, status) in [
        (("GET", "/orbit-raw", "id=daily&inventory="), 200),
        (("GET", "/orbit-raw", "inventory="), 200),
        (("GET", "/orbit-raw", "id=weekly&inventory="), 404),
        (("GET", "/orbit-none", "inventory="), 404),
        (("GET", "/orbit-raw", "policy="), 404),
        (("GET", "/orbit-reports", "policy="), 403),
        (("HEAD", "/orbit-raw", ""), 200),
        (("HEAD", "/orbit-none", ""), 404),
        (("PATCH", "/orbit-raw", ""), 405),
    ] {
        let answers = [&ordinary, &alone].map(|server| lasting(&signed(server, request, "")));
        assert!(answers[0].starts_with(&format!("HTTP/1.1 {status} ")), "{answers:?}");
        assert_eq!(answers[0], answers[1], "{request:?}");
    }
    let request = ("GET", "/orbit-raw", "id=daily&inventory=");
    let unsigned = [("host".to_owned(), "h".to_owned())];
    let host = "127.0.0.1";
    let mut wrong = signed_headers(request, host, b"", NOW);
    wrong[0].1.push('1');
    for headers in [&unsigned[..], &wrong] {
        let answers = [&ordinary, &alone].map(|one| lasting(&send(one, request, headers, "")));
        assert!(answers[0].starts_with("HTTP/1.1 403 "), "{answers:?}");
        assert_eq!(answers[0], answers[1]);
    }
}

/// To grow memories, and to make them small again, took two fifths of a request's time, see
/// docs/decisions/0017-memory-of-components.md.
#[tokio::test]
async fn a_request_grows_no_memory() {
    let options = EngineOptions { cache: Some(compiled()), ..EngineOptions::default() };
    let gateway = Engine::new(options).unwrap().load_file(FILE, &component_file(FILE)).unwrap();
    let variables = environment().map(|(name, value)| (name.to_owned(), value));
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.0.try_into().unwrap());
    let (environment, clock) = (Arc::new(variables), Clock::starting_at(now));
    let capabilities = Capabilities { environment, clock, ..Capabilities::default() };
    let (method, path, query) = ("GET", "/orbit-raw", "id=daily&inventory=");
    let mut request = http::Request::builder().method(method).uri(format!("{path}?{query}"));
    for (name, value) in signed_headers((method, path, query), "h", b"", NOW) {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::new()).unwrap();
    let limit = Duration::from_secs(30);
    let invoked = gateway.call_http(&capabilities, request, limit).await.unwrap();
    assert_eq!(invoked.value.status(), 200);
    assert_eq!(invoked.usage.peak_memory_bytes, PARTS * MEMORY_BYTES);
}

#[test]
fn what_an_environment_cannot_keep_is_not_taken() {
    let bench = Bench::new("");
    let server = alone(&bench);
    let before = signed(&server, ("GET", "/orbit-raw", "inventory="), "");
    let document = before.split_once("\r\n\r\n").unwrap().1;
    let (_, document) = document.split_once("<InventoryConfiguration>").unwrap();
    let (document, _) = document.split_once("</InventoryConfiguration>").unwrap();
    let document = format!("<InventoryConfiguration>{document}</InventoryConfiguration>");
    for (request, body) in [
        (("PUT", "/orbit-raw", "id=daily&inventory="), document.as_str()),
        (("DELETE", "/orbit-raw", "id=daily&inventory="), ""),
        (("PUT", "/orbit-reports", "policy="), POLICY),
        (("PUT", "/orbit-new", ""), ""),
    ] {
        let answer = signed(&server, request, body);
        assert!(answer.starts_with("HTTP/1.1 501 "), "{request:?}: {answer}");
    }
    let after = signed(&server, ("GET", "/orbit-raw", "inventory="), "");
    assert_eq!(lasting(&before), lasting(&after));
}

#[test]
fn the_file_imports_wasi_alone() {
    let bytes = fs::read(component_file(FILE)).unwrap();
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&bytes).unwrap() else {
        panic!("a package of WIT");
    };
    let world = &resolve.worlds[world];
    for (key, item) in &world.imports {
        let WorldItem::Interface { id, .. } = item else { panic!("{key:?} is no interface") };
        let name = resolve.name_world_key(key);
        let is_wasi = name.starts_with("wasi:") && name.contains("@0.2.");
        assert!(is_wasi || resolve.interfaces[*id].functions.is_empty(), "{name}");
    }
    let exports: Vec<String> =
        world.exports.keys().map(|key| resolve.name_world_key(key)).collect();
    assert_eq!(exports, ["wasi:http/incoming-handler@0.2.0"]);
}
