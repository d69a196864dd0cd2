//! What `stocktake:host/state` promises.

use stocktake_capabilities::{Condition, Error, Item, STATE_VALUE_BYTES_MAX, State, StateOutcome};

use super::StateFixture;

#[track_caller]
fn put(state: &dyn State, key: &str, value: &[u8]) -> u64 {
    done(state.put(key, value, Condition::Always))
}

#[track_caller]
fn done(outcome: Result<StateOutcome, Error>) -> u64 {
    match outcome {
        Ok(StateOutcome::Done(revision)) => revision,
        other => panic!("the write should have been done: {other:?}"),
    }
}

#[track_caller]
fn pages(state: &dyn State, prefix: &str) -> Vec<Vec<Item>> {
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = state.list(prefix, cursor.as_deref()).unwrap();
        pages.push(page.items);
        assert!(pages.len() < 10_000, "the listing does not end");
        cursor = page.next;
        if cursor.is_none() {
            return pages;
        }
    }
}

#[track_caller]
fn keys(state: &dyn State, prefix: &str) -> Vec<String> {
    pages(state, prefix).into_iter().flatten().map(|item| item.key).collect()
}

pub fn what_was_put_can_be_got(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let key = "runs/bücket/2026 01".to_owned();
    let value = b"\0\xffvalue".to_vec();
    let revision = put(&*state, &key, &value);
    assert_eq!(state.get(&key), Ok(Some(Item { key: key.clone(), value, revision })));
    put(&*state, &key, b"");
    assert_eq!(state.get(&key).unwrap().unwrap().value, b"");
}

pub fn a_missing_record_is_none(fixture: &dyn StateFixture) {
    let state = fixture.open();
    assert_eq!(state.get("k"), Ok(None));
    put(&*state, "k", b"x");
    assert_eq!(state.get("k/x"), Ok(None));
}

pub fn every_write_changes_the_revision(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let one = put(&*state, "k", b"same");
    let other = put(&*state, "k", b"same");
    assert_ne!(one, other);
    assert_eq!(state.get("k").unwrap().unwrap().revision, other);
}

pub fn a_revision_does_not_come_back(fixture: &dyn StateFixture) {
    let old = put(&*fixture.open(), "k", b"old");
    done(fixture.open().delete("k", Condition::Always));
    let state = fixture.open();
    put(&*state, "k", b"new");
    let outcome = state.put("k", b"late", Condition::Unchanged(old));
    assert_eq!(outcome, Ok(StateOutcome::Conflict));
    assert_eq!(state.get("k").unwrap().unwrap().value, b"new");
}

pub fn absent_refuses_an_existing_record(fixture: &dyn StateFixture) {
    let state = fixture.open();
    done(state.put("k", b"first", Condition::Absent));
    assert_eq!(state.put("k", b"second", Condition::Absent), Ok(StateOutcome::Conflict));
    assert_eq!(state.get("k").unwrap().unwrap().value, b"first");
}

pub fn unchanged_refuses_another_revision(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let first = put(&*state, "k", b"first");
    let second = done(state.put("k", b"second", Condition::Unchanged(first)));
    let late = Condition::Unchanged(first);
    assert_eq!(state.put("k", b"late", late), Ok(StateOutcome::Conflict));
    assert_eq!(state.delete("k", late), Ok(StateOutcome::Conflict));
    assert_eq!(done(state.delete("k", Condition::Unchanged(second))), second);
}

pub fn unchanged_refuses_a_missing_record(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let revision = put(&*state, "other", b"x");
    for revision in [0, revision] {
        let outcome = state.put("k", b"x", Condition::Unchanged(revision));
        assert_eq!(outcome, Ok(StateOutcome::Conflict));
    }
    assert_eq!(state.get("k"), Ok(None));
}

pub fn deleting_tells_the_revision_that_was_deleted(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let revision = put(&*state, "k", b"x");
    assert_eq!(state.delete("k", Condition::Always), Ok(StateOutcome::Done(revision)));
    assert_eq!(state.get("k"), Ok(None));
    done(state.put("k", b"again", Condition::Absent));
}

pub fn deleting_what_is_not_there_is_a_conflict(fixture: &dyn StateFixture) {
    let state = fixture.open();
    for condition in [Condition::Always, Condition::Absent, Condition::Unchanged(1)] {
        assert_eq!(state.delete("k", condition), Ok(StateOutcome::Conflict), "{condition:?}");
    }
}

pub fn a_conflict_changes_nothing(fixture: &dyn StateFixture) {
    let state = fixture.open();
    put(&*state, "k", b"x");
    let before = state.get("k");
    for condition in [Condition::Absent, Condition::Unchanged(u64::MAX)] {
        assert_eq!(state.put("k", b"y", condition), Ok(StateOutcome::Conflict));
        assert_eq!(state.delete("k", condition), Ok(StateOutcome::Conflict));
    }
    assert_eq!(state.get("k"), before);
}

pub fn one_of_many_writers_wins(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let seen = put(&*state, "k", b"seen by all");
    let outcomes: Vec<bool> = (0..20_u8)
        .map(|writer| state.put("k", &[writer], Condition::Unchanged(seen)))
        .map(|outcome| matches!(outcome, Ok(StateOutcome::Done(_))))
        .collect();
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1);
    assert_eq!(state.get("k").unwrap().unwrap().value, [0]);
}

pub fn records_outlive_the_process(fixture: &dyn StateFixture) {
    let revision = put(&*fixture.open(), "k", b"x");
    let found = fixture.open().get("k").unwrap().unwrap();
    assert_eq!((found.value.as_slice(), found.revision), (&b"x"[..], revision));
    assert_ne!(put(&*fixture.open(), "k", b"x"), revision);
}

pub fn listing_is_in_the_order_of_key_bytes(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let ordered = ["A", "a", "a!", "a/", "a/b", "a0", "b", "é", "中"];
    for key in ordered.iter().rev() {
        put(&*state, key, b"");
    }
    assert_eq!(keys(&*state, ""), ordered);
}

pub fn listing_is_limited_to_its_prefix(fixture: &dyn StateFixture) {
    let state = fixture.open();
    for key in ["a", "a/1", "a/2", "a0", "b/1"] {
        put(&*state, key, key.as_bytes());
    }
    let items = pages(&*state, "a/").concat();
    let found: Vec<(&str, &[u8])> =
        items.iter().map(|item| (item.key.as_str(), item.value.as_slice())).collect();
    assert_eq!(found, [("a/1", &b"a/1"[..]), ("a/2", b"a/2")]);
    assert_eq!(keys(&*state, "a"), ["a", "a/1", "a/2", "a0"]);
    assert!(keys(&*state, "a/3").is_empty());
}

pub fn pages_join_to_the_whole_listing(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let written: Vec<String> = (0..1001).map(|number| format!("k/{number:04}")).collect();
    for key in &written {
        put(&*state, key, b"");
    }
    let pages = pages(&*state, "k/");
    assert!(pages.len() > 1 && pages.iter().all(|page| page.len() <= 1000));
    assert_eq!(keys(&*state, "k/"), written);
}

pub fn pages_hold_about_a_mebibyte(fixture: &dyn StateFixture) {
    let state = fixture.open();
    for number in 0..6 {
        put(&*state, &format!("k/{number}"), &vec![0; STATE_VALUE_BYTES_MAX]);
    }
    for page in pages(&*state, "k/") {
        assert!(page.len() <= 5, "a page of {} records of 256 KiB", page.len());
    }
    assert_eq!(keys(&*state, "k/").len(), 6);
}

pub fn a_cursor_outlives_its_key_and_the_process(fixture: &dyn StateFixture) {
    {
        let state = fixture.open();
        for number in 0..1001 {
            put(&*state, &format!("k/{number:04}"), b"");
        }
    }
    let first = fixture.open().list("k/", None).unwrap();
    let last = &first.items[first.items.len() - 1];
    done(fixture.open().delete(&last.key, Condition::Always));
    let second = fixture.open().list("k/", first.next.as_deref()).unwrap();
    assert_eq!(first.items.len() + second.items.len(), 1001);
    assert!(second.items[0].key > last.key);
}

pub fn a_foreign_cursor_is_refused(fixture: &dyn StateFixture) {
    let state = fixture.open();
    put(&*state, "a/1", b"");
    for cursor in ["", "garbage", "☃"] {
        let listed = state.list("a/", Some(cursor));
        assert!(matches!(listed, Err(Error::InvalidArgument(_))), "{cursor:?}: {listed:?}");
    }
}

pub fn bad_keys_are_refused(fixture: &dyn StateFixture) {
    let state = fixture.open();
    put(&*state, &"k".repeat(4096), b"");
    for key in ["", "a\nb", "\0", "a\u{7f}", "\u{85}", &"k".repeat(4097)] {
        let refusals = [
            state.get(key).map(|_| ()),
            state.put(key, b"", Condition::Always).map(|_| ()),
            state.delete(key, Condition::Always).map(|_| ()),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Err(Error::InvalidArgument(_))), "{key:?}: {refusal:?}");
        }
    }
}

pub fn the_largest_value_can_be_put_and_no_larger_one(fixture: &dyn StateFixture) {
    let state = fixture.open();
    let mut value = vec![1; STATE_VALUE_BYTES_MAX];
    put(&*state, "k", &value);
    assert!(state.get("k").unwrap().unwrap().value == value);
    value.push(1);
    let refused = state.put("k", &value, Condition::Always);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
}
