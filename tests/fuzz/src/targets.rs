//! What is fuzzed: one function for each parser of bytes that strangers write.
//!
//! A target takes any bytes. It panics where the parser does, or where an answer breaks a promise; both are bugs.
//! `tests/fuzz/fuzz_targets` hands them to libFuzzer, and `tests/it/fuzz.rs` runs the committed corpora and generated
//! input through them on the stable toolchain.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use inventory_config::{Syntax, check};
use stocktake_core::column::{COLUMNS, Column};
use stocktake_core::configuration::{Configuration, ReportFormat};
use stocktake_core::finding::{Dialect, Level, VALUE_CHARS_MAX};
use stocktake_formats::{FileSchema, Reader, Schema};
use stocktake_policy::{
    BucketRole, Decision, Delivery, Document, DocumentKind, Options, Replacement, compare,
    explain_line, lint, parse, preflight, principal_named,
};
use stocktake_sigv4::{Header, Request, Scope, Secret, UnixSeconds, verify};

/// The most rows that a target reads of one file: a few bytes can stand for billions of nulls.
const ROWS_MAX: u64 = 100_000;

/// A target and the name of its corpus.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of its corpus, and of its program for libFuzzer.
    pub name: &'static str,
    /// What it does with some bytes.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "inventory_json", run: |input| inventory(input, Syntax::Json) },
    Target { name: "inventory_xml", run: |input| inventory(input, Syntax::Xml) },
    Target { name: "file_gzip", run: |input| data_file(input.to_vec(), ReportFormat::Csv) },
    Target { name: "file_csv", run: |input| data_file(gzip(input), ReportFormat::Csv) },
    Target { name: "file_tsv", run: |input| data_file(gzip(input), ReportFormat::Tsv) },
    Target { name: "file_json", run: |input| data_file(gzip(input), ReportFormat::Json) },
    Target { name: "file_orc", run: |input| data_file(input.to_vec(), ReportFormat::Orc) },
    Target { name: "file_parquet", run: |input| data_file(input.to_vec(), ReportFormat::Parquet) },
    Target { name: "policy_document", run: policy },
    Target { name: "policy_question", run: question },
    Target { name: "policy_delivery", run: delivery },
    Target { name: "signature", run: signature },
];

/// Hands some bytes to the target of this name.
///
/// # Panics
/// If there is none, and where a bug is found.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    (target.run)(input);
}

/// A configuration of inventory: what is accepted is accepted again as it is kept, and stays what it is.
fn inventory(document: &[u8], syntax: Syntax) {
    for dialect in [Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos] {
        let judged = check(document, syntax, dialect);
        let is_refused = judged.findings.iter().any(|finding| finding.level == Level::Error);
        assert_eq!(
            is_refused,
            judged.configuration.is_none(),
            "{dialect:?}: {:?}",
            judged.findings
        );
        let Some(configuration) = judged.configuration else { continue };
        let kept = configuration.to_json();
        match Configuration::from_json(&kept) {
            Ok(read) => assert_eq!(read, configuration, "{kept}"),
            Err(error) => panic!("what was kept cannot be read: {error:?}: {kept}"),
        }
    }
}

/// A data file of a report, with every column that there is.
fn data_file(file: Vec<u8>, format: ReportFormat) {
    let columns: Vec<&'static Column> = COLUMNS.iter().collect();
    let schema = Schema::new(&columns).file_schema(format);
    let schema = FileSchema::parse(format, &schema).expect("a schema of ours");
    let Ok(mut reader) = Reader::open(format, &schema, &columns, file) else { return };
    let mut rows = 0;
    while let Ok(Some(batch)) = reader.next_batch() {
        assert_eq!(batch.first_row(), rows, "rows are counted");
        assert!(batch.rows() > 0, "a batch without rows");
        rows += batch.rows() as u64;
        if rows > ROWS_MAX {
            return;
        }
    }
}

/// A policy: its findings point into it, whatever it holds.
fn policy(document: &[u8]) {
    let text = String::from_utf8_lossy(document).into_owned();
    for (dialect, kind) in [
        (Dialect::Aws, DocumentKind::BucketPolicy),
        (Dialect::Aws, DocumentKind::IdentityPolicy),
        (Dialect::Coreweave, DocumentKind::BucketPolicy),
        (Dialect::Coreweave, DocumentKind::OrgPolicy),
        (Dialect::Cos, DocumentKind::CamPolicy),
    ] {
        let name = "policy".to_owned();
        let read = parse(&Document { name, kind, text: text.clone() }, dialect);
        let tree = serde_json::from_str::<serde_json::Value>(&text).ok();
        for finding in &read.findings {
            let points = tree.as_ref().is_none_or(|tree| tree.pointer(&finding.pointer).is_some());
            assert!(points, "{} points at nothing: {}", finding.code, finding.pointer);
        }
    }
    for kind in [
        DocumentKind::BucketPolicy,
        DocumentKind::IdentityPolicy,
        DocumentKind::OrgPolicy,
        DocumentKind::TrustPolicy,
        DocumentKind::KeyPolicy,
        DocumentKind::InventoryConfig,
        DocumentKind::LoggingConfig,
        DocumentKind::AuditSettings,
    ] {
        for dialect in [Dialect::Aws, Dialect::Coreweave, Dialect::Cos] {
            linted(&Document { name: "policy".to_owned(), kind, text: text.clone() }, dialect);
        }
    }
}

/// Whatever is told of a document points into it, quotes no more than a part of it, and is the same each time.
fn linted(document: &Document, dialect: Dialect) {
    let options = Options {
        bucket: Some("orbit".to_owned()),
        tool: Some("terraform-aws".to_owned()),
        ..Options::default()
    };
    let findings = lint(document, dialect, &options);
    let tree = serde_json::from_str::<serde_json::Value>(&document.text).ok();
    // Of members that are given twice, the tree has one.
    let is_whole = !findings.iter().any(|finding| finding.code == "PC002");
    for finding in &findings {
        let points = tree.as_ref().is_none_or(|tree| tree.pointer(&finding.pointer).is_some());
        assert!(points || !is_whole, "{} points at nothing: {}", finding.code, finding.pointer);
        let quoted = finding.value.as_ref().map_or(0, |value| value.chars().count());
        assert!(quoted <= VALUE_CHARS_MAX, "{} quotes {quoted} characters", finding.code);
        assert!(!finding.message.chars().any(char::is_control), "{:?}", finding.message);
    }
    assert_eq!(findings, lint(document, dialect, &options));
}

/// A bucket's policy and a configuration, with an empty line between: what is allowed and what is told agree, and to put
/// the same policy again takes nothing from anybody.
fn delivery(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (policy, configuration) = text.split_once("\n\n").unwrap_or((&text, "{}"));
    let document = |name: &str, kind, text: &str| Document {
        name: name.to_owned(),
        kind,
        text: text.to_owned(),
    };
    for (dialect, kind) in [
        (Dialect::Aws, DocumentKind::InventoryConfig),
        (Dialect::Aws, DocumentKind::LoggingConfig),
        (Dialect::Coreweave, DocumentKind::InventoryConfig),
        (Dialect::Coreweave, DocumentKind::AuditSettings),
        (Dialect::Cos, DocumentKind::InventoryConfig),
    ] {
        let bucket = document("policy", DocumentKind::BucketPolicy, policy);
        let account = if dialect == Dialect::Coreweave { "0f3a9c" } else { "111122223333" };
        let delivery = Delivery {
            configurations: vec![document("configuration", kind, configuration)],
            source: "harbor-data".to_owned(),
            source_account: Some(account.to_owned()),
            destination_account: Some(account.to_owned()),
            source_policy: Some(vec![document("source", DocumentKind::BucketPolicy, policy)]),
            destination_policy: Some(vec![bucket.clone()]),
            identity: Some(Vec::new()),
            managers: vec![principal_named("arn:aws:iam::0f3a9c:coreweave/uq7m2", dialect)],
            readers: vec![principal_named("arn:aws:iam::111122223333:user/u", dialect)],
            ..Delivery::default()
        };
        let report = preflight(&delivery, dialect, &Options::default());
        let is_told = |codes: [&str; 2]| {
            report.findings.iter().any(|finding| codes.contains(&finding.code.as_ref()))
        };
        let are_allowed = |judged: &[stocktake_policy::JudgedRequest]| {
            judged.iter().all(|it| it.verdict.decision == Decision::Allowed)
        };
        assert_eq!(are_allowed(&report.writes), !is_told(["PC201", "PC204"]), "{dialect:?}");
        assert_eq!(are_allowed(&report.manage), !is_told(["PC305", "PC305"]), "{dialect:?}");
        let replacement = Replacement {
            bucket: "harbor-data".to_owned(),
            role: BucketRole::Source,
            before: Some(bucket.clone()),
            after: Some(bucket),
            organization: None,
            principals: delivery.managers,
        };
        let comparison = compare(&replacement, dialect, &Options::default());
        assert!(!comparison.locks_out, "the same policy locks out: {dialect:?}");
        let is_dropped = comparison.findings.iter().any(|finding| finding.code == "PC303");
        assert!(!is_dropped, "the same policy drops grants: {dialect:?}");
    }
}

/// A line of a batch of questions: the answer is one line of JSON.
fn question(line: &[u8]) {
    let answer = explain_line(&String::from_utf8_lossy(line));
    assert!(!answer.contains('\n'), "more than a line: {answer}");
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert!(answer.is_object(), "{answer}");
}

/// A request as it stands on the wire, which nobody has signed: it is refused, whatever it holds.
fn signature(message: &[u8]) {
    let text = String::from_utf8_lossy(message);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default();
    let (path, query) = words.next().unwrap_or("/").split_once('?').unwrap_or(("/", ""));
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| Header { name, value: value.trim().as_bytes() })
        .collect();
    let body = Some(body.as_bytes());
    let request = Request { method, path, query, headers: &headers, body };
    let Ok(credentials) = stocktake_sigv4::parse(&request) else { return };
    let scope = Scope { region: "us-east-1", service: "s3" };
    let now = UnixSeconds(1_794_099_600);
    let secret = Secret::new("a secret that is in no corpus");
    assert!(
        verify(&request, &credentials, Some(&secret), now, scope).is_err(),
        "a forged signature"
    );
}

/// Text as it is packed in a data file. Damage to the packing itself is another target's.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    file.write_all(text).expect("room in memory");
    file.finish().expect("room in memory")
}
