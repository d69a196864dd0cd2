//! The policies that are measured: as an owner of reports might write them, and as an attacker might.

use anyhow::{Result, bail};
use stocktake_core::finding::Dialect;
use stocktake_policy::{
    ContextEntry, Decision, Delivery, Document, DocumentKind, Options, Policies, PolicySet,
    Request, principal_named,
};

const OWNER: &str = "111122223333";

const CONFIGURATION: &str = r#"{"Id":"daily","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"Parquet","Prefix":"inventory/"}},"IncludedObjectVersions":"Current","Schedule":{"Frequency":"Daily"}}"#;

const WRITER: &str = r#"{"Sid":"InventoryReports","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/inventory/*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333","s3:x-amz-acl":"bucket-owner-full-control"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::orbit-raw"}}}"#;

const PLAIN: &str = r#"{"Sid":"PlainConnections","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::orbit-reports","arn:aws:s3:::orbit-reports/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;

/// One statement about a team's reports; four kinds take turns.
fn of_team(i: usize) -> String {
    let account = 222_200_000_000 + i;
    match i % 4 {
        0 => format!(
            r#"{{"Sid":"Readers{i}","Effect":"Allow","Principal":{{"AWS":["arn:aws:iam::{account}:role/analytics/reader-{i}","arn:aws:iam::{account}:role/analytics/auditor-{i}"]}},"Action":["s3:GetObject","s3:GetObjectVersion","s3:GetObjectTagging","s3:ListBucket"],"Resource":["arn:aws:s3:::orbit-reports","arn:aws:s3:::orbit-reports/inventory/team-{i}/*"],"Condition":{{"StringEquals":{{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}},"IpAddress":{{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}}}}"#
        ),
        1 => format!(
            r#"{{"Sid":"Listing{i}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::orbit-reports","Condition":{{"StringLike":{{"s3:prefix":["inventory/team-{i}/*","inventory/shared/*"]}},"NumericLessThanEquals":{{"s3:max-keys":"1000"}}}}}}"#
        ),
        2 => format!(
            r#"{{"Sid":"Home{i}","Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":["s3:PutObject","s3:GetObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::orbit-reports/home/${{aws:username}}/*","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"team-{i}"}},"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::{account}:user/*"}}}}}}"#
        ),
        _ => format!(
            r#"{{"Sid":"Kept{i}","Effect":"Deny","Principal":"*","Action":["s3:DeleteObject","s3:DeleteObjectVersion","s3:PutObjectRetention"],"Resource":"arn:aws:s3:::orbit-reports/inventory/team-{i}/*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::{account}:role/retention/*"}},"DateLessThan":{{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}}}}}"#
        ),
    }
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// A bucket policy with as many statements as fit so many bytes.
fn bucket_policy(bytes_max: usize) -> String {
    let mut statements = vec![WRITER.to_owned(), PLAIN.to_owned()];
    for i in 0.. {
        statements.push(of_team(i));
        if policy(&statements).len() > bytes_max {
            statements.pop();
            break;
        }
    }
    policy(&statements)
}

/// The same statements as a user's policy, which names no principals: what parliament is made for.
pub(super) fn identity_policy(bytes_max: usize) -> String {
    let mut statements: Vec<String> = Vec::new();
    for i in 0.. {
        let Ok(mut statement) = serde_json::from_str::<serde_json::Value>(&of_team(i)) else {
            break;
        };
        if let Some(members) = statement.as_object_mut() {
            members.remove("Principal");
        }
        statements.push(statement.to_string());
        if policy(&statements).len() > bytes_max {
            statements.pop();
            break;
        }
    }
    policy(&statements)
}

pub(super) fn document(text: &str) -> Document {
    let kind = DocumentKind::IdentityPolicy;
    Document { name: "policy".to_owned(), kind, text: text.to_owned() }
}

/// The bucket's policy of so many statements, and an empty list of the principal's own.
pub(super) fn policy_of(statements: usize) -> Policies {
    let first = [WRITER.to_owned(), PLAIN.to_owned()].into_iter();
    let all: Vec<String> = first.chain((0..).map(of_team)).take(statements).collect();
    of_bucket(policy(&all))
}

fn of_bucket(text: String) -> Policies {
    let kind = DocumentKind::BucketPolicy;
    let bucket = Document { name: "bucket".to_owned(), kind, text };
    Policies { identity: Some(Vec::new()), bucket: Some(vec![bucket]), organization: None }
}

/// A request for a key by a reader of the fourth team, whom the organization's policies are about, by one who is within it.
pub(super) fn ask(key: &str) -> Request {
    let entry = |key: &str, value: &str| ContextEntry {
        key: key.to_owned(),
        values: vec![value.to_owned()],
    };
    let role = "arn:aws:iam::222200000004:role/analytics/reader-4";
    Request {
        principal: principal_named(role, Dialect::Aws),
        action: "s3:GetObject".to_owned(),
        resource: format!("arn:aws:s3:::orbit-reports/{key}"),
        // The reader's own account, so that the bucket's policy alone may decide.
        resource_account: Some("222200000004".to_owned()),
        context: vec![
            entry("aws:PrincipalOrgID", "o-a1b2c3d4e5"),
            entry("aws:SourceIp", "203.0.113.9"),
            entry("aws:SecureTransport", "true"),
        ],
        context_complete: true,
    }
}

/// Whether a request is decided as it should be; what is measured is to be the whole way.
pub(super) fn decided(set: &PolicySet, request: &Request, allows: bool) -> Result<()> {
    let found = set.decide(request).decision;
    let expected = if allows { Decision::Allowed } else { Decision::ImplicitDeny };
    if found != expected {
        bail!("it is decided as {found:?}, not {expected:?}");
    }
    Ok(())
}

/// Thirty-two wildcards, each of which could end anywhere, and a key that lacks the last character alone.
pub(super) fn hostile(key_bytes: usize) -> (PolicySet, Request) {
    let pattern = "a*".repeat(32);
    let statement = format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::orbit-reports/{pattern}b"}}"#
    );
    let policies = of_bucket(policy(&[statement]));
    let set = PolicySet::parse(&policies, Dialect::Aws, &Options::default());
    (set, ask(&"a".repeat(key_bytes)))
}

/// A delivery into a bucket with a policy of so many bytes.
pub(super) fn delivery(bytes: usize) -> Delivery {
    let document = |name: &str, kind, text: String| Document { name: name.to_owned(), kind, text };
    let text = bucket_policy(bytes);
    let principal = |arn: &str| principal_named(arn, Dialect::Aws);
    let configuration = CONFIGURATION.to_owned();
    Delivery {
        configurations: vec![document("daily", DocumentKind::InventoryConfig, configuration)],
        source: "orbit-raw".to_owned(),
        source_account: Some(OWNER.to_owned()),
        destination_account: Some(OWNER.to_owned()),
        source_region: Some("eu-west-1".to_owned()),
        destination_region: Some("eu-west-1".to_owned()),
        source_policy: Some(Vec::new()),
        destination_policy: Some(vec![document("reports", DocumentKind::BucketPolicy, text)]),
        identity: Some(Vec::new()),
        managers: vec![principal("arn:aws:iam::111122223333:user/admin")],
        readers: vec![principal("arn:aws:iam::222200000000:role/analytics/reader-0")],
        at_seconds: 1_794_099_600,
        ..Delivery::default()
    }
}
