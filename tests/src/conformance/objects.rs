//! What `stocktake:host/objects` promises.

use stocktake_capabilities::{
    DetailKinds, Error, LIST_ENTRIES_MAX, ListOptions, ObjectDetail, ObjectRef, READ_BYTES_MAX,
};

use super::{StoreFixture, everything, keys, object, pages, put, read};

/// Keys around a folder `a`, in the order of their bytes.
const ORDERED: [&str; 14] =
    ["A", "a!", "a-b", "a-b/x", "a.b", "a/", "a/b", "a/b!", "a/b/c", "a0", "a0/z", "b", "ß", "中"];

/// Those of [`ORDERED`] that files can be named by at the same time.
fn ordered() -> Vec<&'static str> {
    let not_beside = ["a-b", "a/", "a/b", "a0"];
    ORDERED.into_iter().filter(|key| !not_beside.contains(key)).collect()
}

fn fill(fixture: &dyn StoreFixture, keys: &[&str]) {
    let store = fixture.open();
    for key in keys.iter().rev() {
        put(&*store, &fixture.bucket(), key, key.as_bytes());
    }
}

fn with_prefix(prefix: &str) -> ListOptions {
    ListOptions { prefix: prefix.to_owned(), ..everything() }
}

fn after(key: &str) -> ListOptions {
    ListOptions { start_after: Some(key.to_owned()), ..everything() }
}

pub fn a_missing_bucket_is_no_bucket(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let missing = "no-such-bucket-anywhere";
    assert_eq!(store.list_page(missing, &everything(), None), Err(Error::NoSuchBucket));
    assert_eq!(store.read_range(missing, &object("a"), 0, 1), Err(Error::NoSuchBucket));
    let asked = [object("a")];
    let told = store.head_many(missing, &asked, DetailKinds::default());
    assert_eq!(told, Err(Error::NoSuchBucket));
    assert_eq!(store.bucket_policy(missing), Err(Error::NoSuchBucket));
}

pub fn a_name_that_is_no_path_component_is_no_bucket(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let inside = format!("{}/", fixture.bucket());
    let beside = format!("../{}", fixture.bucket());
    let nul = format!("{}\0", fixture.bucket());
    for name in ["", ".", "..", "/", "a/b", ".hidden", &inside, &beside, &nul] {
        let listed = store.list_page(name, &everything(), None);
        assert_eq!(listed, Err(Error::NoSuchBucket), "{name:?}");
    }
}

pub fn an_empty_bucket_has_one_empty_page(fixture: &dyn StoreFixture) {
    let page = fixture.open().list_page(&fixture.bucket(), &everything(), None).unwrap();
    assert!(page.entries.is_empty(), "{page:?}");
    assert_eq!((page.next, page.unlisted), (None, 0));
}

pub fn listing_is_in_the_order_of_key_bytes(fixture: &dyn StoreFixture) {
    fill(fixture, &ordered());
    assert_eq!(keys(&*fixture.open(), &fixture.bucket(), &everything()), ordered());
}

pub fn listing_keeps_keys_as_they_are(fixture: &dyn StoreFixture) {
    let name = "n".repeat(200);
    let strange =
        [" ", "a b", "%2F", "a+b", "\"'&<>", "line\nbreak", "tab\t", "\\", "é", "e\u{301}", &name];
    let mut strange = strange.to_vec();
    strange.sort_unstable();
    fill(fixture, &strange);
    let store = fixture.open();
    assert_eq!(keys(&*store, &fixture.bucket(), &everything()), strange);
    for key in strange {
        assert_eq!(read(&*store, &fixture.bucket(), key), key.as_bytes(), "{key:?}");
    }
}

pub fn listing_tells_size_and_being_the_latest(fixture: &dyn StoreFixture) {
    fill(fixture, &["twelve-bytes"]);
    for versions in [false, true] {
        let options = ListOptions { versions, ..everything() };
        let page = match fixture.open().list_page(&fixture.bucket(), &options, None) {
            Err(Error::Unsupported(_)) if versions => return,
            listed => listed.unwrap(),
        };
        assert_eq!(page.entries.len(), 1, "{page:?}");
        let entry = page.entries.first().unwrap();
        assert_eq!((entry.key, entry.size_bytes), ("twelve-bytes", 12));
        assert!(entry.is_latest && !entry.is_delete_marker, "{entry:?}");
        assert!(entry.last_modified.is_some_and(|time| time.nanoseconds < 1_000_000_000));
    }
}

pub fn listing_is_limited_to_its_prefix(fixture: &dyn StoreFixture) {
    fill(fixture, &["a", "d/e/f", "d/e/g/h", "d/ef", "d0", "e"]);
    let listed = |prefix| keys(&*fixture.open(), &fixture.bucket(), &with_prefix(prefix));
    assert_eq!(listed("d/e/"), ["d/e/f", "d/e/g/h"]);
    assert_eq!(listed("d/e/g/h"), ["d/e/g/h"]);
    assert_eq!(listed("d/"), ["d/e/f", "d/e/g/h", "d/ef"]);
}

pub fn a_prefix_may_end_within_a_name(fixture: &dyn StoreFixture) {
    fill(fixture, &["d/e/f", "d/ef", "d/f", "d0/x", "da"]);
    let listed = |prefix| keys(&*fixture.open(), &fixture.bucket(), &with_prefix(prefix));
    assert_eq!(listed("d"), ["d/e/f", "d/ef", "d/f", "d0/x", "da"]);
    assert_eq!(listed("d/e"), ["d/e/f", "d/ef"]);
    assert_eq!(listed("d0"), ["d0/x"]);
}

pub fn a_prefix_that_no_key_has_lists_nothing(fixture: &dyn StoreFixture) {
    fill(fixture, &["a/b", "c"]);
    let none: [&str; 0] = [];
    let long = "x/".repeat(400);
    for prefix in
        ["b", "/", "//", "a//", "./", "../", "a/../", "c/", "a/b/", "x/y/z", "a\0", "\0/", &long]
    {
        let listed = keys(&*fixture.open(), &fixture.bucket(), &with_prefix(prefix));
        assert_eq!(listed, none, "{prefix:?}");
    }
}

pub fn listing_starts_after_a_key_that_need_not_exist(fixture: &dyn StoreFixture) {
    fill(fixture, &ordered());
    let store = fixture.open();
    for start in
        ORDERED.into_iter().chain(["", "a/b/", "a/b/c/d", "a/b/c\0", "a//", "z", "\u{10ffff}"])
    {
        let rest: Vec<&str> = ordered().into_iter().filter(|key| *key > start).collect();
        assert_eq!(keys(&*store, &fixture.bucket(), &after(start)), rest, "after {start:?}");
    }
}

pub fn start_after_works_together_with_a_prefix(fixture: &dyn StoreFixture) {
    fill(fixture, &ordered());
    let store = fixture.open();
    for prefix in ["a", "a/", "a/b", "a-b/", "b", "x"] {
        for start in ORDERED.into_iter().chain(["", "a/b/", "a/c"]) {
            let wanted = |key: &&str| key.starts_with(prefix) && *key > start;
            let rest: Vec<&str> = ordered().into_iter().filter(wanted).collect();
            let options = ListOptions { prefix: prefix.to_owned(), ..after(start) };
            let listed = keys(&*store, &fixture.bucket(), &options);
            assert_eq!(listed, rest, "prefix {prefix:?} after {start:?}");
        }
    }
}

pub fn listing_ends_with_a_key_that_need_not_exist(fixture: &dyn StoreFixture) {
    let keys = ["a-b", "a.b", "a/b", "a/c/d", "a0", "b", "é"];
    fill(fixture, &keys);
    let ends = ["", "a", "a-", "a/", "a/b", "a/b/d", "a0", "aa", "b", "c", "\u{10FFFF}"];
    for end in ends {
        for max_entries in [1, 2, 1000] {
            let options = ListOptions { until: Some(end.to_owned()), max_entries, ..everything() };
            let wanted: Vec<&str> = keys.into_iter().filter(|key| *key <= end).collect();
            let store = fixture.open();
            assert_eq!(self::keys(&*store, &fixture.bucket(), &options), wanted, "{end:?}");
            let options = ListOptions {
                prefix: "a/".to_owned(),
                start_after: Some("a/".to_owned()),
                ..options
            };
            let wanted: Vec<&str> =
                wanted.into_iter().filter(|key| key.starts_with("a/")).collect();
            assert_eq!(self::keys(&*store, &fixture.bucket(), &options), wanted, "{end:?}");
        }
    }
}

pub fn pages_join_to_the_whole_listing(fixture: &dyn StoreFixture) {
    fill(fixture, &ordered());
    let store = fixture.open();
    for max_entries in 1..=12 {
        let options = ListOptions { max_entries, ..everything() };
        assert_eq!(keys(&*store, &fixture.bucket(), &options), ordered(), "by {max_entries}");
        for page in pages(&*store, &fixture.bucket(), &options) {
            assert!(page.entries.len() <= max_entries as usize, "{page:?}");
        }
    }
}

pub fn a_full_last_page_has_no_successor(fixture: &dyn StoreFixture) {
    fill(fixture, &["a", "b/c"]);
    let options = ListOptions { max_entries: 2, ..everything() };
    let page = fixture.open().list_page(&fixture.bucket(), &options, None).unwrap();
    assert_eq!((page.entries.len(), page.next), (2, None));
}

pub fn a_cursor_outlives_the_process(fixture: &dyn StoreFixture) {
    fill(fixture, &ordered());
    let options = ListOptions { max_entries: 1, ..everything() };
    let (mut listed, mut cursor) = (Vec::new(), None);
    loop {
        let page =
            fixture.open().list_page(&fixture.bucket(), &options, cursor.as_deref()).unwrap();
        listed.extend(page.entries.keys.iter().map(str::to_owned));
        cursor = page.next;
        assert!(cursor.as_ref().is_none_or(|cursor| cursor.len() <= 8 << 10));
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(listed, ordered());
}

pub fn a_cursor_can_be_used_again(fixture: &dyn StoreFixture) {
    fill(fixture, &["a", "b", "c"]);
    let store = fixture.open();
    let options = ListOptions { max_entries: 1, ..everything() };
    let first = store.list_page(&fixture.bucket(), &options, None).unwrap();
    let again = || store.list_page(&fixture.bucket(), &options, first.next.as_deref()).unwrap();
    assert_eq!(again().entries.keys.get(0), "b");
    assert_eq!(again(), again());
}

pub fn listings_do_not_disturb_each_other(fixture: &dyn StoreFixture) {
    fill(fixture, &["a/1", "a/2", "a/3", "b/1", "b/2", "b/3"]);
    let store = fixture.open();
    let options = |prefix| ListOptions { max_entries: 1, ..with_prefix(prefix) };
    let step = |prefix, cursor: &Option<String>| {
        let listed = store.list_page(&fixture.bucket(), &options(prefix), cursor.as_deref());
        let page = listed.unwrap();
        (page.entries.keys.get(0).to_owned(), page.next)
    };
    let (mut one, mut other) = (None, None);
    for number in 1..=3 {
        let (key, next) = step("a/", &one);
        assert_eq!(key, format!("a/{number}"));
        one = next;
        let (key, next) = step("b/", &other);
        assert_eq!(key, format!("b/{number}"));
        other = next;
    }
    assert_eq!((one, other), (None, None));
}

pub fn keys_that_stay_are_listed_once_while_others_come_and_go(fixture: &dyn StoreFixture) {
    let staying: Vec<String> = (0..20).map(|number| format!("s/{number:02}/stays")).collect();
    fill(fixture, &staying.iter().map(String::as_str).collect::<Vec<_>>());
    let store = fixture.open();
    let options = ListOptions { max_entries: 3, ..everything() };
    let (mut listed, mut cursor, mut written) = (Vec::new(), None, 0);
    loop {
        let page = store.list_page(&fixture.bucket(), &options, cursor.as_deref()).unwrap();
        listed.extend(page.entries.keys.iter().map(str::to_owned));
        for at in ["a/new", "s/05/new", "s/zz/new"] {
            put(&*store, &fixture.bucket(), &format!("{at}-{written:02}"), b"");
        }
        written += 1;
        cursor = page.next.filter(|_| written < 40);
        if cursor.is_none() {
            break;
        }
    }
    assert!(listed.is_sorted_by(|one, other| one < other), "{listed:?}");
    let seen = listed.iter().filter(|key| key.ends_with("/stays"));
    assert_eq!(seen.collect::<Vec<_>>(), staying.iter().collect::<Vec<_>>());
}

pub fn a_foreign_cursor_is_refused(fixture: &dyn StoreFixture) {
    fill(fixture, &["a", "b", "c/1", "c/2"]);
    let store = fixture.open();
    for cursor in ["", "garbage", "☃"] {
        let listed = store.list_page(&fixture.bucket(), &everything(), Some(cursor));
        assert!(matches!(listed, Err(Error::InvalidArgument(_))), "{cursor:?}: {listed:?}");
    }
}

pub fn a_page_of_no_or_too_many_entries_is_refused(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    for max_entries in [0, LIST_ENTRIES_MAX + 1, u32::MAX] {
        let options = ListOptions { max_entries, ..everything() };
        let listed = store.list_page(&fixture.bucket(), &options, None);
        assert!(matches!(listed, Err(Error::InvalidArgument(_))), "{max_entries}: {listed:?}");
    }
}

pub fn head_answers_in_the_order_of_the_questions(fixture: &dyn StoreFixture) {
    fill(fixture, &["a/1", "a/22", "b"]);
    let refs = ["b", "missing", "a/22", "a/1", "a", "a/1/x", "a/22", "../b", ""].map(object);
    let kinds = DetailKinds { head: true, ..DetailKinds::default() };
    let details = fixture.open().head_many(&fixture.bucket(), &refs, kinds).unwrap();
    let sizes: Vec<Option<u64>> =
        details.into_iter().map(|detail| detail.and_then(|detail| detail.size_bytes)).collect();
    assert_eq!(sizes, [Some(1), None, Some(4), Some(3), None, None, Some(4), None, None]);
}

pub fn head_tells_only_what_was_asked_for(fixture: &dyn StoreFixture) {
    fill(fixture, &["a"]);
    let told = fixture.open().head_many(&fixture.bucket(), &[object("a")], DetailKinds::default());
    assert_eq!(told, Ok(vec![Some(ObjectDetail::default())]));
}

pub fn head_refuses_a_large_batch(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let mut refs = vec![object("missing"); LIST_ENTRIES_MAX as usize];
    let told = store.head_many(&fixture.bucket(), &refs, DetailKinds::default()).unwrap();
    assert_eq!(told, vec![None; refs.len()]);
    refs.push(object("missing"));
    let told = store.head_many(&fixture.bucket(), &refs, DetailKinds::default());
    assert!(matches!(told, Err(Error::InvalidArgument(_))), "{told:?}");
}

pub fn ranges_are_cut_at_the_end_of_the_object(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    put(&*store, &fixture.bucket(), "k", b"0123456789");
    let read = |offset, length| {
        let content = store.read_range(&fixture.bucket(), &object("k"), offset, length).unwrap();
        String::from_utf8(content).unwrap()
    };
    assert_eq!(read(0, READ_BYTES_MAX), "0123456789");
    assert_eq!(read(3, 4), "3456");
    assert_eq!(read(8, 4), "89");
    assert_eq!(read(4, 0), "");
    assert_eq!(read(10, 4), "");
    assert_eq!(read(u64::MAX, 4), "");
}

pub fn reading_what_is_not_there_is_no_object(fixture: &dyn StoreFixture) {
    fill(fixture, &["a/b"]);
    let store = fixture.open();
    for key in ["b", "a/c", "a", "a/b/c", "a/", "/a/b", "a//b", "../x", "a/../a/b", "", "a\0b"] {
        let read = store.read_range(&fixture.bucket(), &object(key), 0, 1);
        assert_eq!(read, Err(Error::NoSuchObject), "{key:?}");
    }
}

pub fn reading_a_version_that_is_not_there_is_no_object(fixture: &dyn StoreFixture) {
    fill(fixture, &["a"]);
    let named = ObjectRef { version_id: Some("no-such-version".to_owned()), ..object("a") };
    let read = fixture.open().read_range(&fixture.bucket(), &named, 0, 1);
    assert_eq!(read, Err(Error::NoSuchObject));
}

pub fn reading_too_much_is_refused(fixture: &dyn StoreFixture) {
    fill(fixture, &["a"]);
    let length = READ_BYTES_MAX + 1;
    let read = fixture.open().read_range(&fixture.bucket(), &object("a"), 0, length);
    assert!(matches!(read, Err(Error::InvalidArgument(_))), "{read:?}");
}

pub fn a_bucket_without_a_policy_has_none(fixture: &dyn StoreFixture) {
    assert_eq!(fixture.open().bucket_policy(&fixture.bucket()), Ok(None));
}
