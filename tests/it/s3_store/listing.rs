//! Listings: versions, many keys, odd keys, ends, and how many requests they take.

use std::time::Instant;

use stocktake_capabilities::{
    DetailKinds, ListOptions, ObjectRef, Objects as _, PutOptions, Uploads as _,
};
use stocktake_tests::harness::PATIENCE;
use stocktake_tests::harness::ceph::{ceph, runtime};

use super::{everything, keep_versions, keys, listed, object, put};

/// Enough for more than twenty pages.
const MANY: usize = 20_500;

/// How many requests may be sent for each million objects: a listing takes a thousand, and little may come beside.
const REQUESTS_PER_MILLION: u64 = 1_100;

fn with_versions(max_entries: u32) -> ListOptions {
    ListOptions { versions: true, max_entries, ..ListOptions::default() }
}

#[test]
fn versions_and_delete_markers_stand_newest_first() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket, client) = (ceph.open(), ceph.bucket(), runtime());
    let id = |key: &str, body: &'static [u8]| {
        let request =
            store.client().put_object().bucket(&bucket).key(key).body(body.to_vec().into());
        client.block_on(request.send()).unwrap().version_id
    };
    let delete = || {
        let request = store.client().delete_object().bucket(&bucket).key("a");
        client.block_on(request.send()).unwrap().version_id
    };
    // Before the bucket keeps versions: the null version, which has no id.
    assert_eq!(id("a", b"null"), None);
    keep_versions(&store, &bucket);
    // All within a second, so that only the store's own order tells which is newer.
    let mut written = vec![(None, 4, false)];
    for round in 0..3 {
        written.push((id("a", b"12345"), 5, false));
        if round < 2 {
            written.push((delete(), 0, true));
        }
    }
    written.reverse();
    id("a!", b"other");
    id("b", b"other");
    for max_entries in [1, 2, 3, 1000] {
        let (entries, _) = listed(&store, &bucket, &with_versions(max_entries));
        let told = entries.iter().filter(|entry| entry.key == "a");
        let told: Vec<_> =
            told.map(|it| (it.version_id.clone(), it.size_bytes, it.is_delete_marker)).collect();
        assert_eq!(told, written, "pages of {max_entries}");
        let latest: Vec<bool> = entries.iter().map(|entry| entry.is_latest).collect();
        assert_eq!(latest, [true, false, false, false, false, false, true, true]);
        assert!(entries.iter().all(|entry| entry.owner_id.as_deref() == Some("tests")));
    }
    for max_entries in [1, 1000] {
        let after = ListOptions { start_after: Some("a".to_owned()), ..with_versions(max_entries) };
        assert_eq!(keys(&store, &bucket, &after), ["a!", "b"], "no version of the key itself");
        let until = ListOptions { until: Some("a".to_owned()), ..with_versions(max_entries) };
        assert_eq!(keys(&store, &bucket, &until), ["a"; 6], "every version of the last key");
    }
    let (marker, old) = (written[1].0.clone(), written[2].0.clone());
    let named = |version_id| ObjectRef { version_id, ..object("a") };
    let kinds = DetailKinds { head: true, tags: true, acl: true };
    let told = store.head_many(&bucket, &[named(marker), named(old.clone())], kinds).unwrap();
    assert_eq!(told[0], None, "a delete marker is no object");
    assert_eq!(told[1].as_ref().and_then(|it| it.size_bytes), Some(5));
    assert_eq!(store.read_range(&bucket, &named(old), 0, 9).unwrap(), b"12345");
}

#[test]
fn an_object_of_parts_is_listed_with_the_tag_that_complete_answered() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket, options) = (ceph.open(), ceph.bucket(), PutOptions::default());
    let upload = store.begin(&bucket, "k", &options).unwrap();
    let parts: Vec<_> = [(1, vec![1; 5 << 20]), (2, b"end".to_vec())]
        .into_iter()
        .map(|(number, body)| store.write_part(&bucket, "k", &upload, number, &body).unwrap())
        .collect();
    let outcome = store.complete(&bucket, "k", &upload, &parts, &options).unwrap();
    let stocktake_capabilities::PutOutcome::Stored(etag) = outcome else { panic!("{outcome:?}") };
    assert!(etag.ends_with("-2"), "{etag}");
    let (entries, _) = listed(&store, &bucket, &everything());
    assert_eq!(entries[0].etag.as_ref(), Some(&etag));
    assert_eq!(entries[0].storage_class.as_deref(), Some("STANDARD"));
    assert_eq!(entries[0].size_bytes, (5 << 20) + 3);
}

#[test]
fn many_keys_are_listed_once_each_with_few_requests() {
    let Some(ceph) = ceph() else { return };
    let (writer, bucket) = (ceph.open(), ceph.bucket());
    let mut wanted: Vec<String> =
        (0..MANY).map(|number| format!("{:02x}/{number:06}", number * 7919 % 251)).collect();
    runtime().block_on(async {
        let mut writing = tokio::task::JoinSet::new();
        for share in wanted.chunks(MANY / 32 + 1) {
            let (client, bucket, share) = (writer.client().clone(), bucket.clone(), share.to_vec());
            writing.spawn(async move {
                for key in share {
                    client.put_object().bucket(&bucket).key(key).send().await.unwrap();
                }
            });
        }
        writing.join_all().await;
    });
    wanted.sort_unstable();
    for versions in [false, true] {
        let store = ceph.open();
        let (entries, pages) = listed(&store, &bucket, &ListOptions { versions, ..everything() });
        let found: Vec<&String> = entries.iter().map(|entry| &entry.key).collect();
        assert!(found == wanted.iter().collect::<Vec<_>>(), "{} keys", found.len());
        let sent: u64 = store.requests_sent().values().sum();
        let allowed = MANY as u64 * REQUESTS_PER_MILLION / 1_000_000;
        assert!(sent <= allowed, "{sent} requests for {pages} pages, {allowed} are allowed");
    }
    // Pages of another size join to the same.
    let small = ListOptions { max_entries: 137, ..everything() };
    assert!(keys(&ceph.open(), &bucket, &small) == wanted);
    // A part of the keys costs what it holds, and no page beyond its end.
    let (store, until) = (ceph.open(), wanted[2_999].clone());
    let part = ListOptions { until: Some(until), ..everything() };
    let (entries, pages) = listed(&store, &bucket, &part);
    assert!(entries.iter().map(|entry| &entry.key).eq(&wanted[..3_000]));
    assert_eq!(store.requests_sent()["ListObjectsV2"], pages as u64);
}

#[test]
fn the_next_page_is_under_way_while_the_caller_works() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    for number in 0..101 {
        put(&store, &bucket, &format!("{number:03}"), b"");
    }
    let lists = |store: &stocktake_s3_store::S3Store| {
        store.requests_sent().get("ListObjectsV2").copied().unwrap_or_default()
    };
    let options = ListOptions { max_entries: 100, ..everything() };
    let first = store.list_page(&bucket, &options, None).unwrap();
    // It goes out by itself.
    let until = Instant::now() + PATIENCE;
    while lists(&store) < 2 {
        assert!(Instant::now() < until, "nothing was asked for ahead");
        std::thread::yield_now();
    }
    let second = store.list_page(&bucket, &options, first.next.as_deref()).unwrap();
    assert_eq!((second.entries.len(), second.next), (1, None));
    assert_eq!(lists(&store), 2, "the page that was under way is the one that is answered");
    // Who asks for a few entries looks for a key and does not go on.
    let store = ceph.open();
    let few = ListOptions { max_entries: 1, ..everything() };
    store.list_page(&bucket, &few, None).unwrap();
    store.list_page(&bucket, &few, None).unwrap();
    assert_eq!(lists(&store), 2);
}

/// Keys that addresses, documents and folders have trouble with, in the order of their bytes.
fn odd() -> Vec<&'static str> {
    let mut odd = vec![
        " ",
        "  ",
        "/",
        "//",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "./a",
        "../a",
        "a/./b",
        "a/../b",
        "+",
        "a+b",
        "a b",
        "%",
        "%20",
        "%2F",
        "%2f",
        "a%",
        "\u{1}",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\u{1f}",
        "\u{7f}",
        "&amp;",
        "<a>",
        "\"",
        "'",
        "?",
        "a?b=c&d",
        "#",
        "=",
        ";",
        ":",
        "@",
        "é",
        "e\u{301}",
        "\u{85}",
        "\u{2028}",
        "\u{fffd}",
        "\u{10ffff}",
        "STOCKTAKE!20",
        "~",
        "*",
        "(",
        "\\",
        "|",
        "null",
    ];
    odd.sort_unstable();
    odd
}

#[test]
fn odd_keys_survive() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    let odd = odd();
    for key in &odd {
        put(&store, &bucket, key, key.as_bytes());
    }
    for versions in [false, true] {
        // By one, every odd key is where a page ends.
        for max_entries in [1, 7, 1000] {
            let options = ListOptions { versions, max_entries, ..ListOptions::default() };
            assert_eq!(keys(&store, &bucket, &options), odd, "{versions} by {max_entries}");
        }
    }
    for key in &odd {
        let read = store.read_range(&bucket, &object(key), 0, 100).unwrap();
        assert_eq!(read, key.as_bytes(), "{key:?}");
        let after = ListOptions { start_after: Some((*key).to_owned()), ..everything() };
        let rest: Vec<_> = odd.iter().copied().filter(|other| other > key).collect();
        assert_eq!(keys(&store, &bucket, &after), rest, "after {key:?}");
        let prefix = ListOptions { prefix: (*key).to_owned(), ..everything() };
        let below: Vec<_> = odd.iter().copied().filter(|other| other.starts_with(key)).collect();
        assert_eq!(keys(&store, &bucket, &prefix), below, "below {key:?}");
    }
    let refs: Vec<ObjectRef> = odd.iter().map(|key| object(key)).collect();
    let head = DetailKinds { head: true, ..DetailKinds::default() };
    let told = store.head_many(&bucket, &refs, head).unwrap();
    let sizes: Vec<_> = told.into_iter().map(|it| it.and_then(|it| it.size_bytes)).collect();
    let wanted: Vec<_> = odd.iter().map(|key| Some(key.len() as u64)).collect();
    assert_eq!(sizes, wanted);
}

#[test]
fn a_listing_ends_with_its_last_key() {
    let Some(ceph) = ceph() else { return };
    let (store, bucket) = (ceph.open(), ceph.bucket());
    let all = ["a", "b", "b/c", "c", "d"];
    for key in all {
        put(&store, &bucket, key, b"");
    }
    for versions in [false, true] {
        for max_entries in [1, 2, 1000] {
            for until in ["", "a", "aa", "b", "b/c", "bb", "d", "e"] {
                let until = Some(until.to_owned());
                let start_after = Some("a".to_owned());
                for start_after in [None, start_after] {
                    let options = ListOptions {
                        prefix: String::new(),
                        start_after: start_after.clone(),
                        until: until.clone(),
                        versions,
                        max_entries,
                    };
                    let is_within = |key: &&str| {
                        until.as_deref().is_none_or(|until| *key <= until)
                            && start_after.as_deref().is_none_or(|start| *key > start)
                    };
                    let wanted: Vec<_> = all.into_iter().filter(is_within).collect();
                    assert_eq!(keys(&store, &bucket, &options), wanted, "{options:?}");
                }
            }
        }
    }
}
