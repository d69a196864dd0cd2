//! What `stocktake:host/buckets` and `stocktake:host/bucket-creation` promise.
//!
//! Other tests may make buckets in the same store at the same time.

use std::sync::atomic::{AtomicU32, Ordering};

use stocktake_capabilities::{BUCKETS_PAGE_MAX, Bucket, CreationOutcome, Error};

use super::{Store, StoreFixture, everything, put};

#[track_caller]
fn listed(store: &dyn Store) -> Vec<Bucket> {
    let (mut buckets, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list_buckets(cursor.as_deref()).unwrap();
        assert!(page.buckets.len() <= BUCKETS_PAGE_MAX);
        assert!(page.next.is_none() || !page.buckets.is_empty(), "an empty page that goes on");
        buckets.extend(page.buckets);
        cursor = page.next;
        if cursor.is_none() {
            return buckets;
        }
    }
}

#[track_caller]
fn names(store: &dyn Store) -> Vec<String> {
    listed(store).into_iter().map(|bucket| bucket.name).collect()
}

/// A name that no bucket of the store has.
fn fresh(fixture: &dyn StoreFixture) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    format!("{}-made-{}", fixture.bucket(), MADE.fetch_add(1, Ordering::Relaxed))
}

pub fn a_bucket_is_listed_and_found(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    assert!(names(&*store).contains(&bucket));
    assert_eq!(store.head_bucket(&bucket).unwrap().name, bucket);
}

pub fn a_missing_bucket_is_no_bucket(fixture: &dyn StoreFixture) {
    let (store, name) = (fixture.open(), fresh(fixture));
    assert_eq!(store.head_bucket(&name), Err(Error::NoSuchBucket));
    assert!(!names(&*store).contains(&name));
}

pub fn a_name_that_no_bucket_can_have_is_no_bucket(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    for name in ["", ".", "..", "a/b", "-ä", "a b", "../conformance"] {
        assert_eq!(store.head_bucket(name), Err(Error::NoSuchBucket), "{name:?}");
    }
}

pub fn a_new_bucket_is_empty_and_outlives_the_process(fixture: &dyn StoreFixture) {
    let name = fresh(fixture);
    let made = fixture.open().create_bucket(&name, None);
    assert_eq!(made, Ok(CreationOutcome::Created));
    let store = fixture.open();
    assert_eq!(store.head_bucket(&name).unwrap().name, name);
    assert!(names(&*store).contains(&name));
    assert!(store.list_page(&name, &everything(), None).unwrap().entries.is_empty());
}

pub fn making_a_bucket_that_is_there_changes_nothing(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    put(&*store, &bucket, "kept", b"content");
    let before = names(&*store).iter().filter(|name| **name == bucket).count();
    assert_eq!(store.create_bucket(&bucket, None), Ok(CreationOutcome::AlreadyOwned));
    assert_eq!(store.list_page(&bucket, &everything(), None).unwrap().entries.len(), 1);
    let after = names(&*store).iter().filter(|name| **name == bucket).count();
    assert_eq!((before, after), (1, 1));
}

pub fn a_name_that_no_bucket_can_have_cannot_be_made(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    for name in ["", ".", "..", "a/b", "-ä", "a b", "../conformance"] {
        let refused = store.create_bucket(name, None);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{name:?}: {refused:?}");
    }
}

pub fn buckets_are_listed_in_the_order_of_name_bytes(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let base = fresh(fixture);
    for suffix in ["b", "a-", "a", "1", "a.b", "aa"] {
        let made = store.create_bucket(&format!("{base}{suffix}x"), None);
        assert_eq!(made, Ok(CreationOutcome::Created));
    }
    let all = names(&*store);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
    let ours: Vec<&str> = all.iter().filter_map(|name| name.strip_prefix(&base)).collect();
    assert_eq!(ours, ["1x", "a-x", "a.bx", "aax", "ax", "bx"]);
}

pub fn a_foreign_cursor_of_buckets_is_refused(fixture: &dyn StoreFixture) {
    let refused = fixture.open().list_buckets(Some("nobody's"));
    assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
}
