//! The S3 store before a real gateway, beyond what every store promises.

mod behind;
mod details;
mod large;
mod listing;
mod reports;
mod wire;

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use stocktake_capabilities::{
    Entry, ListOptions, ObjectRef, Objects, PutOptions, PutOutcome, Uploads as _,
};
use stocktake_s3_store::{S3Endpoint, S3Keys, S3Store};
use stocktake_tests::harness::ceph::{Ceph, ceph, runtime};

fn everything() -> ListOptions {
    ListOptions { max_entries: 1000, ..ListOptions::default() }
}

fn object(key: &str) -> ObjectRef {
    ObjectRef { key: key.to_owned(), version_id: None }
}

#[track_caller]
fn put(store: &S3Store, bucket: &str, key: &str, body: &[u8]) {
    let outcome = store.put(bucket, key, body, &PutOptions::default());
    assert!(matches!(outcome, Ok(PutOutcome::Stored(_))), "{key:?}: {outcome:?}");
}

/// All entries, and how many pages they took.
#[track_caller]
fn listed(store: &S3Store, bucket: &str, options: &ListOptions) -> (Vec<Entry>, usize) {
    let (mut entries, mut count, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = store.list_page(bucket, options, cursor.as_deref()).unwrap();
        entries.extend(page.entries.iter().map(|entry| entry.to_owned()));
        count += 1;
        cursor = page.next;
        if cursor.is_none() {
            return (entries, count);
        }
    }
}

#[track_caller]
fn keys(store: &S3Store, bucket: &str, options: &ListOptions) -> Vec<String> {
    listed(store, bucket, options).0.into_iter().map(|entry| entry.key).collect()
}

fn keep_versions(store: &S3Store, bucket: &str) {
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let request = store
        .client()
        .put_bucket_versioning()
        .bucket(bucket)
        .versioning_configuration(enabled.build());
    runtime().block_on(request.send()).unwrap();
}

#[test]
fn what_a_bucket_lacks_is_told_to_people() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    assert_eq!(store.require_bucket(&bucket), Ok(()));
    let missing = store.require_bucket("no-such-bucket").unwrap_err().to_string();
    assert_eq!(
        missing,
        format!(
            "{} has no bucket `no-such-bucket`; create it, or correct its name",
            ceph.endpoint()
        )
    );
    let denied = stranger(ceph).require_bucket(&bucket).unwrap_err().to_string();
    assert!(
        denied.contains("denies access") && denied.contains("AWS_SECRET_ACCESS_KEY"),
        "{denied}"
    );
    assert!(!denied.contains("a-wrong-secret"), "{denied}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = S3Endpoint::parse(&format!("s3+http://{nobody}")).unwrap();
    let store = S3Store::with_keys(&endpoint, wrong_keys(), runtime().handle().clone());
    let unreachable = store.require_bucket("bucket").unwrap_err().to_string();
    assert!(unreachable.contains("cannot be reached: "), "{unreachable}");
    assert!(unreachable.contains("refused"), "{unreachable}");
}

#[test]
fn wrong_keys_are_denied_everything() {
    use stocktake_capabilities::{DetailKinds, Error};
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (stranger(ceph), ceph.bucket());
    assert_eq!(store.list_page(&bucket, &everything(), None), Err(Error::AccessDenied));
    let versions = ListOptions { versions: true, ..everything() };
    assert_eq!(store.list_page(&bucket, &versions, None), Err(Error::AccessDenied));
    assert_eq!(store.read_range(&bucket, &object("a"), 0, 1), Err(Error::AccessDenied));
    let head = DetailKinds { head: true, ..DetailKinds::default() };
    assert_eq!(store.head_many(&bucket, &[object("a")], head), Err(Error::AccessDenied));
    assert_eq!(store.bucket_policy(&bucket), Err(Error::AccessDenied));
    let options = PutOptions::default();
    assert_eq!(store.put(&bucket, "a", b"", &options), Err(Error::AccessDenied));
    assert_eq!(store.begin(&bucket, "a", &options), Err(Error::AccessDenied));
}

#[test]
fn a_bucket_policy_is_read_as_it_was_put() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}}]}}"#
    );
    let request = store.client().put_bucket_policy().bucket(&bucket).policy(&policy);
    runtime().block_on(request.send()).unwrap();
    assert_eq!(store.bucket_policy(&bucket), Ok(Some(policy)));
}

fn stranger(ceph: &Ceph) -> S3Store {
    let endpoint = S3Endpoint::parse(&ceph.endpoint()).unwrap();
    S3Store::with_keys(&endpoint, wrong_keys(), runtime().handle().clone())
}

fn wrong_keys() -> S3Keys {
    S3Keys {
        access_key_id: "NOBODY".to_owned(),
        secret_access_key: "a-wrong-secret".to_owned(),
        session_token: None,
    }
}
