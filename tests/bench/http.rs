//! GET of a configuration, signed, over 64 connections: `stocktake serve` against `wasmtime serve` with the same file.
//!
//! The file is `http-gateway` with its parts and with `host-environment`, which describes the store by environment
//! variables; it imports WASI alone. Both servers make a fresh instance for each request. Besides, `stocktake serve` is
//! measured as it is used, with the records in its database.

mod load;
mod server;
mod wasmtime;

use std::cell::RefCell;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use inventory_config::{PutOutcome, Syntax};
use stocktake_capabilities::State as _;
use stocktake_capabilities::memory::MemoryState;
use stocktake_core::finding::Dialect;
use stocktake_core::run::configuration_key;
use stocktake_sigv4::UnixSeconds;
use stocktake_tests::harness::http::{identity, signed_headers};

use crate::table::{Mark, Row};
use crate::{Arm, root};
use server::{Environment, Server};

const PART: &str =
    "GET of a configuration, signed, 64 connections, the client on the same processors";

const RATE: &str = "requests / s";
const LATE: &str = "99 % of answers, ms";

const BUCKET: &str = "orbit-assets";
const PATH: &str = "/orbit-assets";
const QUERY: &str = "id=daily-full&inventory=";
const ID: &str = "daily-full";

const DOCUMENT: &str = r#"<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Id>daily-full</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>Current</IncludedObjectVersions>
<Filter><Prefix>photos/</Prefix></Filter><Schedule><Frequency>Daily</Frequency></Schedule>
<Destination><S3BucketDestination><AccountId>123456789012</AccountId><Bucket>arn:aws:s3:::orbit-reports</Bucket>
<Format>Parquet</Format><Prefix>inventory</Prefix></S3BucketDestination></Destination>
<OptionalFields><Field>Size</Field><Field>LastModifiedDate</Field><Field>StorageClass</Field><Field>ETag</Field>
</OptionalFields></InventoryConfiguration>"#;

pub(crate) fn arms(scratch: &Path) -> Result<Vec<Arm>> {
    for bucket in [BUCKET, "orbit-reports"] {
        fs::create_dir_all(scratch.join("store").join(bucket))?;
    }
    let expected = Rc::new(RefCell::new(None));
    let arm = |name: &str, marks: [Mark; 2], start: Box<dyn Fn() -> Result<Server>>| {
        let expected = expected.clone();
        let [rate, late] = marks;
        let rows = vec![Row::new(PART, name, RATE, rate), Row::new(PART, name, LATE, late)];
        Arm::new(rows, move || measure(&start()?, &expected))
    };
    let file = root().join("target/components/http_gateway_on_host_environment.wasm");
    let environment = environment()?;
    let mut arms = Vec::new();
    let theirs = format!("wasmtime serve {}", wasmtime::version()?);
    match wasmtime::program() {
        Ok(program) => {
            let compiled = server::compile(&program, &file, scratch.join("gateway.cwasm"))?;
            let reusing = format!("{theirs}, instances used again");
            for (name, more) in [(&theirs, &[][..]), (&reusing, wasmtime::REUSE)] {
                let (program, compiled) = (program.clone(), compiled.clone());
                let (folder, environment) = (scratch.to_owned(), environment.clone());
                let start =
                    move || server::wasmtime(&program, &folder, &compiled, &environment, more);
                arms.push(arm(name, [Mark::Nothing, Mark::Nothing], Box::new(start)));
            }
        }
        Err(error) => {
            let row = Row::new(PART, theirs.as_str(), RATE, Mark::Nothing);
            arms.push(Arm::skipped(row, &format!("it cannot be installed: {error:#}")));
        }
    }
    let marks = [Mark::AtLeastTimes(1.0, theirs.clone()), Mark::AtMostTimes(1.0, theirs)];
    let folder = scratch.to_owned();
    let start = move || server::stocktake(&folder, Some(&file), &environment);
    arms.push(arm("stocktake serve", marks, Box::new(start)));
    put(scratch)?;
    let folder = scratch.to_owned();
    let start = move || server::stocktake(&folder, None, &Vec::new());
    let name = "stocktake serve, records in its database";
    arms.push(arm(name, [Mark::Nothing, Mark::Nothing], Box::new(start)));
    Ok(arms)
}

/// The environment that describes the store to either server.
fn environment() -> Result<Environment> {
    let state = MemoryState::default();
    let (syntax, dialect) = (Syntax::Xml, Dialect::Aws);
    let put = inventory_config::put(&state, BUCKET, ID, DOCUMENT.as_bytes(), syntax, dialect, &[])?;
    if !matches!(put, PutOutcome::Stored(_)) {
        bail!("the configuration is refused: {put:?}");
    }
    let key = configuration_key(BUCKET, ID);
    let record = state.get(&key)?.context("the configuration was not kept")?;
    let records = serde_json::json!({ key: String::from_utf8(record.value)? });
    Ok(vec![
        ("STOCKTAKE_RECORDS", records.to_string()),
        ("STOCKTAKE_BUCKETS", format!("{BUCKET} orbit-reports")),
        ("STOCKTAKE_IDENTITIES", identity()),
    ])
}

/// Puts the configuration into the database.
fn put(scratch: &Path) -> Result<()> {
    let server = server::stocktake(scratch, None, &Vec::new())?;
    let request = request("PUT", server.address, DOCUMENT)?;
    let (status, body) = load::once(server.address, request)?;
    if !status.is_success() {
        bail!("the configuration is refused: {status} {}", String::from_utf8_lossy(&body));
    }
    Ok(())
}

/// Requests a second, and the milliseconds of 99 % of them. All servers have to answer the same.
fn measure(server: &Server, expected: &RefCell<Option<Bytes>>) -> Result<Vec<f64>> {
    let request = request("GET", server.address, "")?;
    let (status, body) = load::once(server.address, request.clone())?;
    if status != StatusCode::OK || !body.windows(ID.len()).any(|part| part == ID.as_bytes()) {
        bail!("the answer is wrong: {status} {}", String::from_utf8_lossy(&body));
    }
    let expected = expected.borrow_mut().get_or_insert(body).clone();
    let load = load::load(server.address, &request, &expected)?;
    Ok(vec![load.requests_per_second, load.late_millis])
}

/// A request that is signed now, for a quarter of an hour.
fn request(method: &str, address: SocketAddr, body: &str) -> Result<Request<Full<Bytes>>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let now = UnixSeconds(now.try_into()?);
    let host = address.to_string();
    let mut request = Request::builder().method(method).uri(format!("{PATH}?{QUERY}"));
    for (name, value) in signed_headers((method, PATH, QUERY), &host, body.as_bytes(), now) {
        request = request.header(name, value);
    }
    Ok(request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?)
}
