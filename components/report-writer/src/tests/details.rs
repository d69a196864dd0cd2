//! Details are asked for where they are needed, once, and not elsewhere.

use super::asking::{ACL, Asking, HEAD, NONE, TAGS};
use super::*;

#[track_caller]
fn check_kinds(
    form: Form,
    filter: &Value,
    fields: &[&str],
    expected: stocktake_capabilities::DetailKinds,
) {
    let bench = Bench::with_keys(["a", "b", "c"]);
    let asking = Asking::new(&bench.store);
    let plan = plan_of(&document(form, "Current", filter, fields), limits(100, 2));
    bench.run_over(&asking, &plan, false);
    let kinds: Vec<_> = asking.answered.borrow().iter().map(|(_, kinds)| *kinds).collect();
    assert!(kinds.iter().all(|kinds| *kinds == expected), "{fields:?}: {kinds:?}");
    assert_eq!(kinds.is_empty(), expected == NONE, "{fields:?}");
}

#[test]
fn only_what_is_needed_is_asked_for() {
    let all = &Value::Null;
    let listed = ["Size", "LastModifiedDate", "ETag", "StorageClass", "IsMultipartUploaded"];
    check_kinds(Form::Aws, all, &listed, NONE);
    check_kinds(Form::Aws, all, &["ChecksumAlgorithm", "ObjectOwner"], NONE);
    check_kinds(Form::Aws, all, &["ObjectLockEventHoldStatus", "LastAccessedDate"], NONE);
    for field in [
        "ReplicationStatus",
        "EncryptionStatus",
        "ObjectLockRetainUntilDate",
        "ObjectLockMode",
        "ObjectLockLegalHoldStatus",
        "IntelligentTieringAccessTier",
        "BucketKeyStatus",
        "LifecycleExpirationDate",
    ] {
        check_kinds(Form::Aws, all, &["Size", field], HEAD);
    }
    check_kinds(Form::Cos, all, &["Crc64"], HEAD);
    check_kinds(Form::Cos, all, &["x-cos-meta-*"], HEAD);
    check_kinds(Form::Cos, all, &["Tag"], TAGS);
    check_kinds(Form::Aws, all, &["ObjectAccessControlList"], ACL);
    let tag = serde_json::json!({ "Tag": [{ "Key": "a", "Value": "1" }] });
    check_kinds(Form::Aws, &tag, &["Size"], TAGS);
    let glob = serde_json::json!({ "NameGlob": "*" });
    check_kinds(Form::Aws, &glob, &["Size"], NONE);
}

#[test]
fn each_object_is_asked_about_once_and_no_delete_marker_is() {
    for (rows_max, page, filter) in [
        (7, 3, serde_json::json!({})),
        (7, 3, serde_json::json!({ "Tag": [{ "Key": "a", "Value": "1" }] })),
        (1000, 10, serde_json::json!({ "NameGlob": "k*" })),
    ] {
        let bench = Bench::new();
        let mut expected = Vec::new();
        for key in (0..20).map(|i| format!("k{i:02}")) {
            let marker = entry(&key, Some(("v3", true)));
            bench.store.insert("orbit-raw", Entry { is_delete_marker: true, ..marker });
            for version in ["v2", "v1"] {
                bench.store.insert("orbit-raw", entry(&key, Some((version, false))));
            }
            // S3 asks for the null version by this word; without one it answers for the marker.
            bench.store.insert("orbit-raw", Entry { is_latest: false, ..entry(&key, None) });
            expected.extend(["null", "v1", "v2"].map(|id| (key.clone(), Some(id.to_owned()))));
        }
        let asking = Asking::new(&bench.store);
        let document = document(Form::Aws, "All", &filter, &["EncryptionStatus"]);
        bench.run_over(&asking, &plan_of(&document, limits(rows_max, page)), false);
        let mut objects = asking.objects();
        objects.sort();
        assert_eq!(objects, expected, "{rows_max} {page} {filter}");
    }
}

#[test]
fn what_the_filter_leaves_out_is_not_asked_about() {
    let bench = Bench::with_keys(["a.log", "a.txt", "b.log", "b.txt"]);
    let asking = Asking::new(&bench.store);
    let filter = serde_json::json!({ "NameGlob": "*.log" });
    let document = document(Form::Aws, "Current", &filter, &["EncryptionStatus"]);
    bench.run_over(&asking, &plan_of(&document, limits(100, 100)), false);
    assert_eq!(asking.objects(), [("a.log".to_owned(), None), ("b.log".to_owned(), None)]);
}

#[test]
fn a_batch_is_no_larger_than_the_contract_allows() {
    let bench = Bench::new();
    for version in (0..2500).rev() {
        let id = format!("v{version:04}");
        bench.store.insert("orbit-raw", entry("key", Some((&id, version == 2499))));
    }
    let asking = Asking::new(&bench.store);
    let document = document(Form::Aws, "All", &Value::Null, &["EncryptionStatus"]);
    let record = bench.run_over(&asking, &plan_of(&document, limits(9000, 1000)), false);
    assert_eq!(record.counts.objects, 2500);
    let batches: Vec<_> = asking.answered.borrow().iter().map(|(refs, _)| refs.len()).collect();
    // The first ones find out how fast the store is; none goes beyond its page.
    assert_eq!(batches, [64, 128, 256, 512, 40, 1000, 500]);
}

#[test]
fn what_a_store_cannot_tell_is_not_asked_for_again() {
    let bench = Bench::with_keys((0..60).map(|i| format!("{i:02}")));
    let mut asking = Asking::new(&bench.store);
    asking.refused = ACL;
    let fields = ["EncryptionStatus", "ObjectAccessControlList"];
    let document = document(Form::Aws, "Current", &Value::Null, &fields);
    let limits = RunLimits { ranges: 1, first_file_rows: 100, ..limits(100, 10) };
    let record = bench.run_over(&asking, &plan_of(&document, limits), false);
    assert_eq!(record.counts.objects, 60);
    // Once with both kinds, and once with this one alone.
    assert_eq!(*asking.refusals.borrow(), 2);
}

#[track_caller]
fn check_tag_filter(lack: impl Fn(&mut Asking<'_>), reason: &str) {
    let bench = Bench::with_keys(["a"]);
    let mut asking = Asking::new(&bench.store);
    lack(&mut asking);
    let filter = serde_json::json!({ "Tag": [{ "Key": "a", "Value": "1" }] });
    let plan = plan_of(
        &document(Form::Aws, "Current", &filter, &["EncryptionStatus"]),
        RunLimits::default(),
    );
    let has = Capabilities {
        objects: &asking,
        uploads: &bench.store,
        state: &bench.state,
        elapsed: &unhurried,
    };
    let parts = handle(&task::plan_task(&plan), NOW, has).unwrap();
    let failure = handle(&parts[0], NOW, has).unwrap_err();
    let expected = format!(
        "the filter has tags, and the store of `orbit-raw` cannot tell those of objects ({reason}); leave `Tag` out of the filter"
    );
    assert_eq!(failure, Failure::Reject(expected));
}

#[test]
fn a_filter_on_tags_is_refused_where_the_store_has_none() {
    check_tag_filter(|asking| asking.refused = TAGS, "details of objects");
    check_tag_filter(|asking| asking.is_silent = true, "it answers without tags");
}
