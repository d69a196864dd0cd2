//! Every column of every form, with values, without, and for delete markers.

use expect_test::{Expect, expect};
use stocktake_capabilities::{DetailKinds, Grant, ObjectDetail};
use stocktake_core::column::OPTIONAL_FIELDS;

use super::asking::Asking;
use super::*;

/// Everything that a store may tell of an object.
fn detail() -> ObjectDetail {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let time = |seconds| Some(Instant { seconds, nanoseconds: 5_000_000 });
    ObjectDetail {
        encryption_status: Some("SSE-KMS".to_owned()),
        bucket_key_enabled: Some(true),
        replication_status: Some("COMPLETED".to_owned()),
        object_lock_mode: Some("GOVERNANCE".to_owned()),
        object_lock_retain_until: time(1_800_000_000),
        object_lock_legal_hold: Some(true),
        access_tier: Some("ARCHIVE".to_owned()),
        expires_at: time(1_810_000_000),
        crc64: Some("18446744073709551615".to_owned()),
        user_metadata: vec![pair("b", "\"2\""), pair("a", "1")],
        tags: Some(vec![pair("team", "a&b"), pair("x", "")]),
        acl: Some(vec![Grant {
            canonical_id: Some("owner-1".to_owned()),
            uri: None,
            permission: "FULL_CONTROL".to_owned(),
        }]),
        ..ObjectDetail::default()
    }
}

/// Objects with all and with no values, one that goes while it is listed, and a delete marker over two versions.
fn bench() -> Bench {
    let bench = Bench::new();
    let insert = |entry: Entry| bench.store.insert("orbit-raw", entry);
    let full = Entry {
        owner_id: Some("owner-1".to_owned()),
        checksum_algorithms: Some("CRC64NVME".to_owned()),
        ..entry("all", None)
    };
    insert(full.clone());
    let bare = Entry { key: "bare".to_owned(), is_latest: true, ..Entry::default() };
    insert(bare);
    insert(Entry { key: "gone".to_owned(), ..full.clone() });
    // A store has no values for a marker, and if it had, a report would not show them.
    let marker = Entry { key: "kept".to_owned(), version_id: Some("v3".to_owned()), ..full };
    insert(Entry { is_delete_marker: true, ..marker });
    insert(entry("kept", Some(("v2", false))));
    insert(Entry { is_latest: false, ..entry("kept", None) });
    for (key, version) in [("all", None), ("gone", None), ("kept", Some("v2"))] {
        let version_id = version.map(str::to_owned);
        let object = ObjectRef { key: key.to_owned(), version_id };
        bench.store.describe("orbit-raw", &object, detail()).unwrap();
    }
    bench
}

/// The rows of a report with every field of a form, over a store that may lack something.
#[track_caller]
fn check(form: Form, versions: &str, lack: impl Fn(&mut Asking<'_>), expected: &Expect) {
    let bench = bench();
    let names = OPTIONAL_FIELDS.iter().filter(|field| field.dialects.contains(&form.dialect()));
    let fields: Vec<&str> = names.map(|field| field.name).collect();
    let mut asking = Asking::new(&bench.store);
    asking.gone.insert("gone");
    lack(&mut asking);
    let plan = plan_of(&document(form, versions, &Value::Null, &fields), limits(100, 2));
    let record = bench.run_over(&asking, &plan, false);
    let manifest = record.manifest.clone().unwrap();
    let manifest: Value =
        serde_json::from_str(&bench.text_of(&manifest.bucket, &manifest.key)).unwrap();
    let schema = manifest["fileSchema"].as_str().unwrap();
    let rows = bench.rows(&record);
    expected.assert_eq(&format!("{schema}\n{}\n", rows.join("\n")));
}

#[test]
fn every_column_of_aws() {
    check(
        Form::Aws,
        "All",
        |_| (),
        &expect![[r#"
        Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, EncryptionStatus, ObjectLockRetainUntilDate, ObjectLockMode, ObjectLockLegalHoldStatus, ObjectLockEventHoldStatus, ObjectLockEventHoldDuration, ObjectLockEventHoldDurationUnit, IntelligentTieringAccessTier, BucketKeyStatus, ChecksumAlgorithm, ObjectAccessControlList, ObjectOwner, LifecycleExpirationDate, IntelligentTieringReferenceDate
        "orbit-raw","all","","true","false","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","COMPLETED","SSE-KMS","2027-01-15T08:00:00.005Z","GOVERNANCE","On","","","","ARCHIVE","ENABLED","CRC64NVME","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IkFWQUlMQUJMRSIsImdyYW50cyI6W3siY2Fub25pY2FsSWQiOiJvd25lci0xIiwidHlwZSI6IkNhbm9uaWNhbFVzZXIiLCJwZXJtaXNzaW9uIjoiRlVMTF9DT05UUk9MIn1dfQ==","owner-1","2027-05-11T01:46:40.005Z",""
        "orbit-raw","bare","","true","false","0","","","","","","","","","","","","","","","","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IkFWQUlMQUJMRSIsImdyYW50cyI6W119","","",""
        "orbit-raw","gone","","true","false","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","","","","","","","","","CRC64NVME","","owner-1","",""
        "orbit-raw","kept","","false","false","4","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","","","","","","","","","","","","",""
        "orbit-raw","kept","v2","false","false","4","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","COMPLETED","SSE-KMS","2027-01-15T08:00:00.005Z","GOVERNANCE","On","","","","ARCHIVE","ENABLED","","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IkFWQUlMQUJMRSIsImdyYW50cyI6W3siY2Fub25pY2FsSWQiOiJvd25lci0xIiwidHlwZSI6IkNhbm9uaWNhbFVzZXIiLCJwZXJtaXNzaW9uIjoiRlVMTF9DT05UUk9MIn1dfQ==","","2027-05-11T01:46:40.005Z",""
        "orbit-raw","kept","v3","true","true","","2026-11-06T21:20:00.000Z","","","","","","","","","","","","","DISABLED","","","","",""
    "#]],
    );
}

#[test]
fn every_column_of_coreweave() {
    check(
        Form::Coreweave,
        "All",
        |_| (),
        &expect![[r#"
        BucketName, ObjectKey, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, LastAccessedDate, ETag, StorageClass, IsMultipartUploaded, EncryptionStatus, ChecksumAlgorithm
        "orbit-raw","all","","true","false","3","2026-11-06T21:20:00.000Z","","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","SSE-KMS","CRC64NVME"
        "orbit-raw","bare","","true","false","0","","","","","","",""
        "orbit-raw","gone","","true","false","3","2026-11-06T21:20:00.000Z","","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","CRC64NVME"
        "orbit-raw","kept","","false","false","4","2026-11-06T21:20:00.000Z","","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","",""
        "orbit-raw","kept","v2","false","false","4","2026-11-06T21:20:00.000Z","","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","SSE-KMS",""
        "orbit-raw","kept","v3","true","true","","2026-11-06T21:20:00.000Z","","","","","",""
    "#]],
    );
}

#[test]
fn every_column_of_cos() {
    check(
        Form::Cos,
        "Current",
        |_| (),
        &expect![[r#"
        Appid, Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, Tag, Crc64, x-cos-meta-*
        "1259999999","orbit-raw","all","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","COMPLETED","team=a%26b&x=","18446744073709551615","{""x-cos-meta-a"":""1"",""x-cos-meta-b"":""\""2\""""}"
        "1259999999","orbit-raw","bare","0","","","","","","","",""
        "1259999999","orbit-raw","gone","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","",""
    "#]],
    );
}

#[test]
fn every_column_of_cos_with_versions() {
    check(
        Form::Cos,
        "All",
        |_| (),
        &expect![[r#"
        Appid, Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, Tag, Crc64, x-cos-meta-*
        "1259999999","orbit-raw","all","","true","false","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","COMPLETED","team=a%26b&x=","18446744073709551615","{""x-cos-meta-a"":""1"",""x-cos-meta-b"":""\""2\""""}"
        "1259999999","orbit-raw","bare","","true","false","0","","","","","","","",""
        "1259999999","orbit-raw","gone","","true","false","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","",""
        "1259999999","orbit-raw","kept","","false","false","4","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","",""
        "1259999999","orbit-raw","kept","v2","false","false","4","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","COMPLETED","team=a%26b&x=","18446744073709551615","{""x-cos-meta-a"":""1"",""x-cos-meta-b"":""\""2\""""}"
        "1259999999","orbit-raw","kept","v3","true","true","","2026-11-06T21:20:00.000Z","","","","","","",""
    "#]],
    );
}

#[test]
fn what_a_store_cannot_tell_is_null_and_its_access_control_lists_are_unavailable() {
    let lack = |asking: &mut Asking<'_>| {
        asking.refused = DetailKinds { head: true, tags: true, acl: true };
    };
    check(
        Form::Aws,
        "All",
        lack,
        &expect![[r#"
        Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, EncryptionStatus, ObjectLockRetainUntilDate, ObjectLockMode, ObjectLockLegalHoldStatus, ObjectLockEventHoldStatus, ObjectLockEventHoldDuration, ObjectLockEventHoldDurationUnit, IntelligentTieringAccessTier, BucketKeyStatus, ChecksumAlgorithm, ObjectAccessControlList, ObjectOwner, LifecycleExpirationDate, IntelligentTieringReferenceDate
        "orbit-raw","all","","true","false","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","","","","","","","","","CRC64NVME","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IlVOQVZBSUxBQkxFIiwiZ3JhbnRzIjpbXX0=","UNAVAILABLE","",""
        "orbit-raw","bare","","true","false","0","","","","","","","","","","","","","","","","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IlVOQVZBSUxBQkxFIiwiZ3JhbnRzIjpbXX0=","UNAVAILABLE","",""
        "orbit-raw","gone","","true","false","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","","","","","","","","","CRC64NVME","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IlVOQVZBSUxBQkxFIiwiZ3JhbnRzIjpbXX0=","UNAVAILABLE","",""
        "orbit-raw","kept","","false","false","4","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","","","","","","","","","","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IlVOQVZBSUxBQkxFIiwiZ3JhbnRzIjpbXX0=","UNAVAILABLE","",""
        "orbit-raw","kept","v2","false","false","4","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","","","","","","","","","","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IlVOQVZBSUxBQkxFIiwiZ3JhbnRzIjpbXX0=","UNAVAILABLE","",""
        "orbit-raw","kept","v3","true","true","","2026-11-06T21:20:00.000Z","","","","","","","","","","","","","DISABLED","","","","",""
    "#]],
    );
}

#[test]
fn what_a_store_tells_nothing_about_is_null() {
    check(
        Form::Cos,
        "Current",
        |asking| asking.is_silent = true,
        &expect![[r#"
        Appid, Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, Tag, Crc64, x-cos-meta-*
        "1259999999","orbit-raw","all","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","",""
        "1259999999","orbit-raw","bare","0","","","","","","","",""
        "1259999999","orbit-raw","gone","3","2026-11-06T21:20:00.000Z","d41d8cd98f00b204e9800998ecf8427e-3","STANDARD","true","","","",""
    "#]],
    );
}

#[test]
fn the_expiration_of_what_failed_to_replicate_is_null() {
    let bench = bench();
    let object = ObjectRef { key: "all".to_owned(), version_id: None };
    let failed = ObjectDetail { replication_status: Some("FAILED".to_owned()), ..detail() };
    bench.store.describe("orbit-raw", &object, failed).unwrap();
    let fields = ["ReplicationStatus", "LifecycleExpirationDate"];
    let filter = serde_json::json!({ "Prefix": "all" });
    let plan = plan_of(&document(Form::Aws, "Current", &filter, &fields), limits(9, 9));
    assert_eq!(bench.rows(&bench.run(&plan, false)), ["\"orbit-raw\",\"all\",\"FAILED\",\"\""]);
}
