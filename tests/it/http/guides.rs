//! The guides that people follow, from their first command to the report, and what no guide of the AWS CLI goes through.

use std::fs;

use serde_json::json;
use stocktake_tests::harness::bench::{Bench, text};
use stocktake_tests::harness::files::{names, snapshot};
use stocktake_tests::harness::http::{ACCESS_KEY, SECRET_KEY, Server};
use stocktake_tests::harness::report::{Finished, finished};
use stocktake_tests::harness::{DESTINATION, SOURCE, python, sample, tree};

use crate::serve::{says, serve, stop};

/// A day long after any on which a request is signed, before its slot and just before that.
const LATER: [&str; 2] = ["2100-01-01T00:30:00Z", "2100-01-01T00:59:59Z"];

/// The folder of the report of that slot.
const SLOT: &str = "2100-01-01T01-00Z";

/// What a source holds: more than the guides list.
const FILES: &str = "1 1700000000 docs/{000..299}\n2 1780000000 docs/a b\n3 1700000000 other\n";

/// The access key of the user whom `CoreWeave`'s guide has, or of the owner in the one for Amazon S3.
const USER_KEY: &str = "GUIDEUSER";

/// Serves a dialect to that user, and nothing by the clock.
///
/// A full minute of today that passes while commands are typed would note that the configuration was seen, and at the
/// later day a slot of today would have been missed.
#[track_caller]
fn serve_to(bench: &Bench, dialect: &str, principal: &str) -> Server {
    let user = format!("{USER_KEY}:{SECRET_KEY}:{principal}");
    let source = bench.beside_bytes("idle.wasm", &idle());
    let config = format!("[component.report-writer]\nsource = '{}'\n", text(&source));
    let config = bench.beside("idle.toml", &config);
    let words = ["--config", text(&config), "--dialect", dialect, "--identity", &user];
    Server::start(bench, &words)
}

/// A component that does nothing by the clock, and nothing with tasks.
fn idle() -> Vec<u8> {
    let world = "export stocktake:functions/cron@0.1.0; export stocktake:functions/tasks@0.1.0;";
    sample::component(
        world,
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "stocktake:functions/cron@0.1.0#handle") (param i32 i32 i64 i32) (result i32)
                (i32.const 2048))
            (func (export "stocktake:functions/tasks@0.1.0#handle")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (i32.const 2048))
            (func (export "stocktake:functions/tasks@0.1.0#give-up")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (i32.const 2048)))"#,
    )
}

fn coreweave(bench: &Bench) -> Server {
    serve_to(bench, "coreweave", "arn:aws:iam::f3a9c1:coreweave/u-7c21")
}

/// Runs a part of a script against a server; answers whether it was run. Nothing to run it with is no failure.
#[track_caller]
fn follow(script: &str, part: &str, key: &str, server: &Server) -> bool {
    let endpoint = format!("http://{}", server.address);
    let words = [part, "--endpoint", &endpoint, "--key", key, "--secret", SECRET_KEY];
    python::run(script, words).is_some()
}

/// Lets the slot come, until so many reports are there.
///
/// Nobody calls meanwhile: requests are signed with the time of this machine.
#[track_caller]
fn await_slot(bench: &Bench, reports: usize) {
    let mut serving = serve(bench, LATER[0], &[]);
    // A configuration falls due only after it was seen.
    serving.until_logged(|line| says(line, "nothing is due", ""));
    stop(serving);
    let mut serving = serve(bench, LATER[1], &[]);
    for _ in 0..reports {
        serving.until_logged(|line| says(line, "finished", "/seal/"));
    }
    stop(serving);
}

/// The report below a folder of a bucket, and the names of all that is there.
#[track_caller]
fn report(bench: &Bench, bucket: &str, base: &str) -> (Finished, Vec<String>) {
    let files = snapshot(&bench.bucket(bucket));
    let names = files.keys().filter_map(|name| str::from_utf8(name).ok());
    let names: Vec<&str> = names.filter(|name| name.starts_with(&format!("{base}/"))).collect();
    let found = finished(names.iter().copied(), |name| files[name.as_bytes()].clone());
    let found = found.unwrap_or_else(|| panic!("no report at `{base}`: {:?}", files.keys()));
    (found, names.into_iter().map(str::to_owned).collect())
}

#[test]
fn the_guide_of_coreweave_is_followed_to_its_end() {
    let bench = Bench::new(FILES);
    fs::remove_dir(bench.bucket(DESTINATION)).unwrap();
    let server = coreweave(&bench);
    if !follow("guides.py", "coreweave", USER_KEY, &server) {
        return;
    }
    stop(server.running);
    await_slot(&bench, 1);
    let (report, names) = report(&bench, DESTINATION, "inventory/orbit-raw/docs-daily");
    let manifest = format!("inventory/orbit-raw/docs-daily/{SLOT}/manifest.json");
    assert!(names.contains(&manifest), "{names:?}");
    assert_eq!(names.len(), 5, "{names:?}");
    let expected = json!({
        "sourceBucket": SOURCE, "destinationBucket": format!("arn:aws:s3:::{DESTINATION}"),
        "version": "2016-11-30", "creationTimestamp": "4102448400000", "fileFormat": "ORC",
        "fileSchema": "struct<bucket_name:string,object_key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,last_accessed_date:timestamp>",
        "files": report.manifest["files"],
    });
    assert_eq!(report.manifest, expected);
    assert_eq!(report.files.len(), 1);

    let server = coreweave(&bench);
    follow("guides.py", "coreweave-after", USER_KEY, &server);
    stop(server.running);
    // What was delivered stays.
    assert!(bench.delivered().contains(&manifest));
}

#[test]
fn reports_of_coreweave_go_to_the_bucket_that_is_listed() {
    let bench = Bench::new(FILES);
    let server = coreweave(&bench);
    if !follow("guides.py", "coreweave-one-bucket", USER_KEY, &server) {
        return;
    }
    stop(server.running);
    await_slot(&bench, 1);
    let (report, _) = report(&bench, SOURCE, "inventory/orbit-raw/docs-daily");
    assert_eq!(report.manifest["destinationBucket"], "arn:aws:s3:::orbit-raw");
}

#[test]
fn the_oddities_of_coreweave_are_taken() {
    let bench = Bench::new("");
    follow("guides.py", "coreweave-oddities", USER_KEY, &coreweave(&bench));
}

#[test]
fn the_guide_of_amazon_is_followed_to_its_reports() {
    let bench = Bench::new("");
    tree::write(&bench.bucket("ledger-archive"), &tree::parse(FILES));
    let server = serve_to(&bench, "aws", "arn:aws:iam::210987654321:root");
    if !follow("guides.py", "aws", USER_KEY, &server) {
        return;
    }
    stop(server.running);
    await_slot(&bench, 2);
    let base = "inventory/ledger-archive/ledger-archive/ledger-audit";
    let (audit, names) = report(&bench, "ledger-inventory", base);
    assert!(names.contains(&format!("{base}/{SLOT}/manifest.checksum")), "{names:?}");
    let lines = audit.lines();
    assert_eq!(lines.len(), 302);
    assert!(lines[0].starts_with(r#""ledger-archive","docs/000","1","2023-11-14T22:13:20.000Z""#));
    assert_eq!(
        audit.manifest["fileSchema"],
        "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, EncryptionStatus, ObjectLockRetainUntilDate, ObjectLockMode, ObjectLockLegalHoldStatus, BucketKeyStatus"
    );
    // The first report of a weekly configuration does not wait for Sunday.
    let base = "inventory-parquet/ledger-archive/ledger-archive/ledger-weekly";
    let (weekly, names) = report(&bench, "ledger-inventory", base);
    assert!(names.contains(&format!("{base}/{SLOT}/manifest.checksum")), "{names:?}");
    assert_eq!(weekly.manifest["fileFormat"], "Parquet");
}

#[test]
fn the_calls_of_tencent_cos_are_answered_and_run_a_report() {
    let bench = Bench::new("");
    tree::write(&bench.bucket("orbit-raw-1259999999"), &tree::parse(FILES));
    fs::create_dir(bench.bucket("reports-1259999999")).unwrap();
    let mut server = Server::start(&bench, &["--dialect", "cos"]);
    if !follow("api_tour.py", "cos", ACCESS_KEY, &server) {
        return;
    }
    server.running.until_logged(|line| says(line, "finished", "/seal/"));
    stop(server.running);
    let names = names(&snapshot(&bench.bucket("reports-1259999999")));
    assert_eq!(names.len(), 3, "{names:?}");
    let base = "inv/1259999999/orbit-raw/once/";
    assert!(names.iter().all(|name| name.starts_with(base)), "{names:?}");
    let read = |name: &str| fs::read(bench.bucket("reports-1259999999").join(name)).unwrap();
    let manifest = names.iter().find(|name| name.ends_with("/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&read(manifest)).unwrap();
    assert_eq!(manifest["sourceBucket"], "orbit-raw");
    assert_eq!(manifest["fileSchema"], "Appid, Bucket, Key, Size");
    assert_eq!(manifest["listObjectCount"], "301");
    assert_eq!(manifest["filterObjectCount"], "300");
}

#[test]
fn runs_are_begun_and_watched_by_the_json_api() {
    let bench = Bench::new(FILES);
    let server = Server::start(&bench, &[]);
    if follow("api_tour.py", "runs", ACCESS_KEY, &server) {
        assert_eq!(report(&bench, DESTINATION, "inv/orbit-raw/daily").0.lines().len(), 302);
    }
}

#[test]
fn without_a_dialect_answers_tell_who_would_refuse() {
    let bench = Bench::new("");
    follow("api_tour.py", "any", ACCESS_KEY, &Server::start(&bench, &[]));
}

#[test]
fn the_list_of_many_configurations_comes_in_pages() {
    let bench = Bench::new("");
    follow("api_tour.py", "paging", ACCESS_KEY, &Server::start(&bench, &["--dialect", "aws"]));
}

/// Serves four users to whom one action each is allowed.
#[track_caller]
fn permissions(dialect: &str, principal: &str, policy: impl Fn(&str) -> serde_json::Value) {
    let bench = Bench::new("");
    let users = [
        ("ONLYPUT", "s3:PutInventoryConfiguration"),
        ("ONLYGET", "s3:GetInventoryConfiguration"),
        ("ONLYLIST", "s3:ListInventoryConfigurations"),
        ("ONLYDELETE", "s3:DeleteInventoryConfiguration"),
    ];
    let users = users.map(|(key, action)| {
        let file = format!("{key}.json");
        bench.beside(&file, &policy(action).to_string());
        format!(
            "[[identity]]\naccess-key = '{key}'\nsecret = '{SECRET_KEY}'\nprincipal = '{principal}'\npolicies = ['{file}']\n"
        )
    });
    let config = format!("[http]\ndialect = '{dialect}'\n{}", users.concat());
    let config = bench.beside("stocktake.toml", &config);
    let server = Server::start(&bench, &["--config", text(&config)]);
    follow("api_tour.py", &format!("permissions-{dialect}"), ACCESS_KEY, &server);
}

#[test]
fn coreweave_has_a_permission_for_each_call() {
    permissions("coreweave", "arn:aws:iam::f3a9c1:coreweave/u-7c21", |action| {
        json!({ "policy": { "version": "v1alpha1", "name": "one", "statements": [{
            "name": "one", "effect": "Allow", "actions": [action], "resources": ["*"], "principals": ["*"],
        }] } })
    });
}

#[test]
fn amazon_has_two_permissions_for_four_calls() {
    permissions("aws", "arn:aws:iam::123456789012:user/reader", |action| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": action, "Resource": format!("arn:aws:s3:::{SOURCE}"),
        }] })
    });
}
