//! What is told of objects beyond their listing, and writes that ask for more than storage.

use std::time::SystemTime;

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, ObjectCannedAcl, ObjectLockLegalHoldStatus, ObjectLockMode,
};
use stocktake_capabilities::{
    DetailKinds, Encryption, Error, Instant, ObjectDetail, Objects as _, PutOptions, PutOutcome,
    Uploads as _,
};
use stocktake_s3_store::S3Store;
use stocktake_tests::harness::ceph::{KMS_KEY, ceph, runtime};

use super::{object, put};

const HEAD: DetailKinds = DetailKinds { head: true, tags: false, acl: false };

#[track_caller]
fn told(store: &S3Store, bucket: &str, key: &str, kinds: DetailKinds) -> ObjectDetail {
    let mut told = store.head_many(bucket, &[object(key)], kinds).unwrap();
    told.remove(0).unwrap_or_else(|| panic!("`{key}` is there"))
}

#[test]
fn head_tells_what_was_stored() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    let request = store
        .client()
        .put_object()
        .bucket(&bucket)
        .key("k")
        .body(b"content".to_vec().into())
        .content_type("text/x-test")
        .metadata("b", "2")
        .metadata("A", "1")
        .tagging("z=26&a=1%202")
        .acl(ObjectCannedAcl::PublicRead);
    runtime().block_on(request.send()).unwrap();
    let head = told(&store, &bucket, "k", HEAD);
    assert_eq!((head.size_bytes, head.content_type.as_deref()), (Some(7), Some("text/x-test")));
    assert_eq!(head.etag.as_deref(), Some("9a0364b9e99bb480dd25e1f0284c8555"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(head.user_metadata, [pair("a", "1"), pair("b", "2")]);
    assert_eq!(head.encryption_status.as_deref(), Some("NOT-SSE"));
    assert_eq!((head.bucket_key_enabled, head.object_lock_mode), (Some(false), None));
    assert_eq!((head.tags, head.acl, head.expires_at), (None, None, None));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let age = now.abs_diff(head.last_modified.unwrap().seconds.try_into().unwrap());
    assert!(age < 600, "{age} s");

    let tags = told(&store, &bucket, "k", DetailKinds { tags: true, ..DetailKinds::default() });
    assert_eq!(tags.tags, Some(vec![pair("a", "1 2"), pair("z", "26")]));
    assert_eq!(tags.size_bytes, None);
    let acl = told(&store, &bucket, "k", DetailKinds { acl: true, ..DetailKinds::default() });
    let mut grants: Vec<_> =
        acl.acl.unwrap().into_iter().map(|it| (it.canonical_id, it.uri, it.permission)).collect();
    grants.sort();
    let everybody = "http://acs.amazonaws.com/groups/global/AllUsers";
    assert_eq!(
        grants,
        [
            (None, Some(everybody.to_owned()), "READ".to_owned()),
            (Some("tests".to_owned()), None, "FULL_CONTROL".to_owned())
        ]
    );
    put(&store, &bucket, "plain", b"");
    let plain = told(&store, &bucket, "plain", DetailKinds { tags: true, ..HEAD });
    assert_eq!(plain.tags, Some(Vec::new()));
}

#[test]
fn head_asks_only_what_it_needs() {
    let Some(ceph) = ceph() else { return };
    let (writer, bucket) = (ceph.open(), ceph.bucket());
    let keys: Vec<String> = (0..100).map(|number| format!("{number:03}")).collect();
    for key in &keys {
        put(&writer, &bucket, key, key.as_bytes());
    }
    let store = ceph.open();
    let refs: Vec<_> = keys.iter().map(|key| object(key)).collect();
    assert!(store.head_many(&bucket, &refs, HEAD).unwrap().iter().all(Option::is_some));
    assert_eq!(store.requests_sent(), [("HeadObject".to_owned(), 100)].into());
    store
        .head_many(&bucket, &refs[..10], DetailKinds { acl: true, tags: true, head: false })
        .unwrap();
    assert_eq!(store.requests_sent()["GetObjectAcl"], 10);
    assert_eq!(store.requests_sent()["GetObjectTagging"], 10);
    assert_eq!(store.requests_sent()["HeadObject"], 100);
}

#[test]
fn encryption_is_asked_for_and_told() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    let kms =
        PutOptions { encryption: Encryption::SseKms(KMS_KEY.to_owned()), ..PutOptions::default() };
    let outcome = store.put(&bucket, "kms", b"content", &kms);
    assert!(matches!(outcome, Ok(PutOutcome::Stored(_))), "{outcome:?}");
    let upload = store.begin(&bucket, "parts", &kms).unwrap();
    let part = store.write_part(&bucket, "parts", &upload, 1, b"content").unwrap();
    store.complete(&bucket, "parts", &upload, &[part], &kms).unwrap();
    for key in ["kms", "parts"] {
        let status = told(&store, &bucket, key, HEAD).encryption_status;
        assert_eq!(status.as_deref(), Some("SSE-KMS"), "{key}");
        assert_eq!(store.read_range(&bucket, &object(key), 0, 9).unwrap(), b"content");
    }
    // 32 bytes and their MD5, in Base64.
    let request = store
        .client()
        .put_object()
        .bucket(&bucket)
        .key("customer")
        .body(b"content".to_vec().into())
        .sse_customer_algorithm("AES256")
        .sse_customer_key("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        .sse_customer_key_md5("KYvwGXoFFJ42a2u2GDWhwQ==");
    runtime().block_on(request.send()).unwrap();
    let detail = told(&store, &bucket, "customer", HEAD);
    assert_eq!(detail.encryption_status.as_deref(), Some("SSE-C"));
}

#[test]
fn encryption_that_the_store_lacks_is_unsupported() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    // This gateway has keys by name alone, and says nothing when it is asked for others.
    let options = PutOptions { encryption: Encryption::SseS3, ..PutOptions::default() };
    let put = store.put(&bucket, "k", b"", &options);
    let Err(Error::Unsupported(text)) = &put else { panic!("{put:?}") };
    assert!(text.contains("PutObject") && text.contains("encryption"), "{text}");
    let begun = store.begin(&bucket, "k", &options);
    let Err(Error::Unsupported(text)) = &begun else { panic!("{begun:?}") };
    assert!(text.contains("CreateMultipartUpload"), "{text}");
    let uploads = store.client().list_multipart_uploads().bucket(&bucket);
    let uploads = runtime().block_on(uploads.send()).unwrap().uploads;
    assert!(uploads.is_none_or(|uploads| uploads.is_empty()), "the upload is dropped again");
}

#[test]
fn locks_are_told() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), "bucket-with-locks");
    let client = store.client();
    let create = client.create_bucket().bucket(bucket).object_lock_enabled_for_bucket(true);
    runtime().block_on(create.send()).unwrap();
    let until = Instant { seconds: 4_102_444_800, nanoseconds: 0 };
    let locked = client
        .put_object()
        .bucket(bucket)
        .key("locked")
        .object_lock_mode(ObjectLockMode::Governance)
        .object_lock_retain_until_date(DateTime::from_secs(until.seconds))
        .object_lock_legal_hold_status(ObjectLockLegalHoldStatus::On);
    runtime().block_on(locked.send()).unwrap();
    put(&store, bucket, "free", b"");

    let detail = told(&store, bucket, "locked", HEAD);
    assert_eq!(detail.object_lock_mode.as_deref(), Some("GOVERNANCE"));
    assert_eq!(detail.object_lock_retain_until, Some(until));
    assert_eq!(detail.object_lock_legal_hold, Some(true));
    let detail = told(&store, bucket, "free", HEAD);
    assert_eq!((detail.object_lock_mode, detail.object_lock_legal_hold), (None, None));
}

#[test]
fn expiry_is_told() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    let rule = LifecycleRule::builder()
        .id("rule")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("fr").build())
        .expiration(LifecycleExpiration::builder().days(10).build())
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    let configure = store.client().put_bucket_lifecycle_configuration().bucket(&bucket);
    runtime().block_on(configure.lifecycle_configuration(rules).send()).unwrap();
    put(&store, &bucket, "free", b"");
    put(&store, &bucket, "kept", b"");
    let detail = told(&store, &bucket, "free", HEAD);
    let days =
        (detail.expires_at.unwrap().seconds - detail.last_modified.unwrap().seconds) / 86_400;
    assert!((9..=11).contains(&days), "{days}");
    assert_eq!(told(&store, &bucket, "kept", HEAD).expires_at, None);
}
