use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_capabilities::{Condition, Entry, Instant, STATE_VALUE_BYTES_MAX};

use super::*;

const PREFIX: &str = "c/";

/// Opens a checkpoint at whose first look this time has passed already.
fn opened<'a>(
    store: &'a MemoryStore,
    state: &'a MemoryState,
    elapsed: &'a dyn Fn() -> Duration,
) -> Checkpoint<'a, MemoryStore, MemoryState> {
    let time = TimeLimit { elapsed, max: Duration::from_secs(15) };
    Checkpoint::open(store, state, PREFIX.to_owned(), time).unwrap()
}

fn store(keys: impl Iterator<Item = String>) -> MemoryStore {
    let store = MemoryStore::new(Instant::default()).with_bucket("b");
    keys.for_each(|key| store.insert("b", Entry { key, is_latest: true, ..Entry::default() }));
    store
}

fn options() -> ListOptions {
    ListOptions { max_entries: 1000, ..ListOptions::default() }
}

#[test]
fn a_response_of_any_size_is_replayed_as_it_was() {
    // Keys that neither JSON nor a compressor makes small.
    let keys = (0..1000_u64).map(|number| {
        let mixed = |round: u64| (number * 1009 + round).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let noise: Vec<u8> = (0..60).flat_map(|round| mixed(round).to_be_bytes()).collect();
        format!("{number:04}\u{1}{}", hex(&noise))
    });
    let (store, state) = (store(keys), MemoryState::default());
    let late = || Duration::from_secs(2);
    let heard = opened(&store, &state, &late).list_page("b", &options(), None).unwrap();
    let records = state.list(PREFIX, None).unwrap().items;
    assert!(records.len() > 2, "{} records", records.len());
    assert!(records.iter().all(|record| record.value.len() <= STATE_VALUE_BYTES_MAX));
    let empty = MemoryStore::new(Instant::default()).with_bucket("b");
    let replayed = opened(&empty, &state, &late).list_page("b", &options(), None).unwrap();
    assert_eq!((replayed.entries.len(), replayed), (1000, heard));
}

#[test]
fn a_half_written_or_damaged_response_is_asked_for_again() {
    let (store, state) = (store((0..10).map(|key| key.to_string())), MemoryState::default());
    let late = || Duration::from_secs(2);
    let heard = opened(&store, &state, &late).list_page("b", &options(), None).unwrap();
    let record = state.get("c/0000000000").unwrap().unwrap().value;
    let half = [&[1], &record[1..record.len() / 2]].concat();
    let cut = record[..record.len() / 2].to_vec();
    for damaged in [half, cut, Vec::new(), vec![7; 40], b"\0no deflate".to_vec()] {
        state.put("c/0000000000", &damaged, Condition::Always).unwrap();
        let again = opened(&store, &state, &late).list_page("b", &options(), None).unwrap();
        assert_eq!(again, heard);
        assert_eq!(state.get("c/0000000000").unwrap().unwrap().value, record);
    }
}

#[test]
fn a_response_to_another_call_is_not_taken_and_what_follows_is_dropped() {
    let (store, state) = (store((0..10).map(|key| key.to_string())), MemoryState::default());
    let late = || Duration::from_secs(2);
    let first = opened(&store, &state, &late);
    let page = |max_entries| ListOptions { max_entries, ..ListOptions::default() };
    for max_entries in [1, 2, 3] {
        first.list_page("b", &page(max_entries), None).unwrap();
    }
    let second = opened(&store, &state, &late);
    assert_eq!(second.list_page("b", &page(1), None).unwrap().entries.len(), 1);
    assert_eq!(second.list_page("b", &page(4), None).unwrap().entries.len(), 4);
    let kept = state.list(PREFIX, None).unwrap().items;
    let keys: Vec<&str> = kept.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(keys, ["c/0000000000", "c/0000000001", "c/begun"]);
}

#[test]
fn what_a_store_cannot_do_is_remembered_too() {
    struct Unable;
    impl Objects for Unable {
        fn list_page(&self, _: &str, _: &ListOptions, _: Option<&str>) -> Result<Page, Error> {
            Err(Error::Timeout)
        }
        fn head_many(
            &self,
            _: &str,
            _: &[ObjectRef],
            _: DetailKinds,
        ) -> Result<Vec<Option<ObjectDetail>>, Error> {
            Err(Error::Unsupported("details".to_owned()))
        }
        fn read_range(&self, _: &str, _: &ObjectRef, _: u64, _: u32) -> Result<Vec<u8>, Error> {
            Err(Error::Timeout)
        }
        fn bucket_policy(&self, _: &str) -> Result<Option<String>, Error> {
            Err(Error::Timeout)
        }
    }
    let state = MemoryState::default();
    let late = || Duration::from_secs(2);
    let time = TimeLimit { elapsed: &late, max: Duration::from_secs(15) };
    let asked = [ObjectRef { key: "a".to_owned(), version_id: None }];
    let unable = Checkpoint::open(&Unable, &state, PREFIX.to_owned(), time).unwrap();
    let heard = unable.head_many("b", &asked, DetailKinds::default()).unwrap_err();
    assert_eq!(heard, Error::Unsupported("details".to_owned()));
    // A failure that passes is no response.
    assert_eq!(unable.list_page("b", &options(), None), Err(Error::Timeout));
    assert_eq!(state.list(PREFIX, None).unwrap().items.len(), 2);
    let able = store(std::iter::once("a".to_owned()));
    let replayed = opened(&able, &state, &late).head_many("b", &asked, DetailKinds::default());
    assert_eq!(replayed, Err(heard));
}

#[test]
fn a_fast_store_costs_no_record() {
    let (store, state) = (store((0..10).map(|key| key.to_string())), MemoryState::default());
    let none = || Duration::ZERO;
    let fast = opened(&store, &state, &none);
    for max_entries in 1..=100 {
        fast.list_page("b", &ListOptions { max_entries, ..options() }, None).unwrap();
    }
    assert!(!fast.has_records() && !fast.is_stopped() && !fast.is_file_due());
    assert_eq!(state.list(PREFIX, None).unwrap().items.len(), 0);
}
