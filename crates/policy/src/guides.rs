//! The examples of the providers' guides, for made-up buckets: what must be told of each, and what must not.

mod coreweave;
mod coverage;
mod others;

use serde_json::{Value as Json, json};
use stocktake_core::finding::Dialect::{self, Aws, Coreweave, Cos};
use stocktake_core::finding::Finding;

use crate::DocumentKind::{
    AuditSettings, BucketPolicy, IdentityPolicy, InventoryConfig, OrgPolicy,
};
use crate::patch::tests::apply;
use crate::{
    BucketRole, Change, Comparison, Decision, Delivery, Document, DocumentKind, Options,
    PreflightReport, Replacement, compare, lint, preflight, principal_named,
};

pub(crate) const O1: &str = r#"{"policy":{"version":"v1alpha1","name":"all-s3","statements":[{"name":"all","effect":"Allow",
    "actions":["s3:*"],"resources":["*"],"principals":["*"]}]}}"#;
pub(crate) const P1: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Manage","Effect":"Allow","Principal":{"CW":
    ["arn:aws:iam::0f3a9c:coreweave/uq7m2"]},"Action":["s3:GetObject","s3:PutObject","s3:PutInventoryConfiguration",
    "s3:ListInventoryConfigurations","s3:GetInventoryConfiguration","s3:DeleteInventoryConfiguration"],
    "Resource":["arn:aws:s3:::harbor-data/*"]}]}"#;
pub(crate) const P2: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Write","Effect":"Allow","Principal":{"CW":
    "arn:aws:iam::static:role/static/inventory"},"Action":"s3:PutObject","Resource":["arn:aws:s3:::harbor-reports/*"]},
    {"Sid":"Owner","Effect":"Allow","Principal":{"CW":["arn:aws:iam::0f3a9c:coreweave/uq7m2"]},"Action":["s3:GetObject",
    "s3:PutObject","s3:DeleteObject","s3:ListObjects"],
    "Resource":["arn:aws:s3:::harbor-reports","arn:aws:s3:::harbor-reports/*"]}]}"#;
pub(crate) const P5: &str = r#"{"Statement":[{"Sid":"Audit","Action":["s3:ListBucket","s3:PutObject"],"Effect":"Allow","Principal":
    {"CW":["arn:aws:iam::coreweave:static/audit-logs"]},"Resource":["arn:aws:s3:::cw-0f3a9c-audit-logs",
    "arn:aws:s3:::cw-0f3a9c-audit-logs/*"]}],"Version":"2012-10-17"}"#;
pub(crate) const P6: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Write","Effect":"Allow","Principal":{"Service":
    "s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::harbor-reports/*","Condition":{"StringEquals":
    {"aws:SourceAccount":"111122223333","s3:x-amz-acl":"bucket-owner-full-control"},
    "ArnLike":{"aws:SourceArn":"arn:aws:s3:::harbor-data"}}}]}"#;
const K1: &str = r#"{"Id":"daily","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":
    "arn:aws:s3:::harbor-reports","Format":"ORC","Prefix":"inventory/"}},"Filter":{"Prefix":"documents/"},
    "IncludedObjectVersions":"All","OptionalFields":["LastAccessedDate"],"Schedule":{"Frequency":"Daily"}}"#;

pub(crate) const USER: &str = "arn:aws:iam::0f3a9c:coreweave/uq7m2";
const ADMIN: &str = "arn:aws:iam::111122223333:user/inv-admin";
const INVENTORY: &str = "arn:aws:iam::static:role/static/inventory";
const AUDIT: &str = "arn:aws:iam::coreweave:static/audit-logs";

/// A document after a change of its JSON.
fn changed(text: &str, change: impl FnOnce(&mut Json)) -> String {
    let mut value: Json = serde_json::from_str(text).unwrap();
    change(&mut value);
    value.to_string()
}

fn statement(policy: &mut Json, place: usize) -> &mut Json {
    &mut policy["Statement"][place]
}

fn bucket_of(configuration: &mut Json) -> &mut Json {
    &mut configuration["Destination"]["S3BucketDestination"]
}

/// The configuration of the third and fourth example.
fn k3(id: &str, format: &str, frequency: &str, versions: &str, prefix: &str) -> String {
    json!({"Id": id, "IsEnabled": true, "Destination": {"S3BucketDestination": {"Bucket":
        "arn:aws:s3:::harbor-reports", "Format": format, "Prefix": prefix}}, "IncludedObjectVersions": versions,
        "Schedule": {"Frequency": frequency}})
    .to_string()
}

pub(crate) fn document(name: &str, kind: DocumentKind, text: &str) -> Document {
    Document { name: name.to_owned(), kind, text: text.to_owned() }
}

#[expect(clippy::unnecessary_wraps, reason = "what a delivery takes")]
fn policy(name: &str, text: &str) -> Option<Vec<Document>> {
    Some(vec![document(name, BucketPolicy, text)])
}

/// The owner of both buckets manages and reads.
fn coreweave(destination: &str, configuration: &str) -> Delivery {
    let user = principal_named(USER, Coreweave);
    Delivery {
        configurations: vec![document("k", InventoryConfig, configuration)],
        source: "harbor-data".to_owned(),
        source_account: Some("0f3a9c".to_owned()),
        destination_account: Some("0f3a9c".to_owned()),
        source_region: Some("us-east-04a".to_owned()),
        destination_region: Some("us-east-04a".to_owned()),
        source_policy: Some(Vec::new()),
        destination_policy: policy("destination", destination),
        organization: Some(vec![document("o1", OrgPolicy, O1)]),
        managers: vec![user.clone()],
        readers: vec![user],
        at_seconds: 1_762_563_600,
        ..Delivery::default()
    }
}

fn aws(destination: &str, configurations: &[&str]) -> Delivery {
    let account = Some("111122223333".to_owned());
    let named = |(i, text): (usize, &&str)| document(&format!("k{i}"), InventoryConfig, text);
    Delivery {
        configurations: configurations.iter().enumerate().map(named).collect(),
        source_account: account.clone(),
        destination_account: account,
        source_region: Some("us-east-1".to_owned()),
        destination_region: Some("us-east-1".to_owned()),
        organization: None,
        managers: Vec::new(),
        readers: Vec::new(),
        ..coreweave(destination, "{}")
    }
}

fn judged(delivery: &Delivery, dialect: Dialect) -> PreflightReport {
    preflight(delivery, dialect, &Options::default())
}

/// The finding that begins so: its code, the letter of its level, and its pointer.
#[track_caller]
fn must<'f>(findings: &'f [Finding], wanted: &str) -> &'f Finding {
    let found = findings.iter().find(|it| line(it) == wanted);
    found.unwrap_or_else(|| panic!("{wanted} among {:#?}", lines(findings)))
}

/// That no finding has this code, or begins like this line.
#[track_caller]
fn must_not(findings: &[Finding], unwanted: &[&str]) {
    for unwanted in unwanted {
        let found = findings.iter().map(line).find(|it| it.starts_with(unwanted));
        assert_eq!(found, None, "{unwanted} among {:#?}", lines(findings));
    }
}

/// That nothing has one of these levels.
#[track_caller]
fn must_not_be(findings: &[Finding], level: char) {
    let found = findings.iter().map(line).find(|it| it.chars().nth(6) == Some(level));
    assert_eq!(found, None, "{:#?}", lines(findings));
}

fn line(finding: &Finding) -> String {
    let level = format!("{:?}", finding.level);
    format!("{} {} {}", finding.code, level.get(..1).unwrap(), finding.pointer)
        .trim_end()
        .to_owned()
}

fn lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(line).collect()
}

/// What a text is after the patch of a finding.
#[track_caller]
fn mended(text: &str, finding: &Finding) -> Json {
    serde_json::from_str(&apply(text, finding.patch.as_deref().expect("a patch"))).unwrap()
}

/// One replacement of a bucket's policy, in an organization that allows everything.
pub(crate) fn compared(
    dialect: Dialect,
    bucket: &str,
    role: BucketRole,
    [before, after]: [Option<&str>; 2],
    people: &[&str],
) -> Comparison {
    let read = |text: &str| document("policy", BucketPolicy, text);
    let replacement = Replacement {
        bucket: bucket.to_owned(),
        role,
        before: before.map(read),
        after: after.map(read),
        organization: Some(vec![document("o1", OrgPolicy, O1)]),
        principals: people.iter().map(|it| principal_named(it, dialect)).collect(),
    };
    compare(&replacement, dialect, &Options::default())
}
