use stocktake_capabilities::Entry;

use super::*;

/// A page whose entries have these keys, each in a version of its own.
fn listing(keys: &[&str], is_truncated: bool) -> Listing {
    let version = |number: usize| Some(format!("v{number}"));
    let entry = |(number, key): (usize, &&str)| Entry {
        key: (*key).to_owned(),
        version_id: version(number),
        ..Entry::default()
    };
    Listing {
        entries: keys.iter().enumerate().map(entry).collect(),
        is_truncated,
        last_version: keys.len().checked_sub(1).and_then(version),
        ..Listing::default()
    }
}

fn options(versions: bool, until: Option<&str>) -> ListOptions {
    ListOptions {
        versions,
        until: until.map(str::to_owned),
        max_entries: 3,
        ..ListOptions::default()
    }
}

fn keys(page: &Page) -> Vec<&str> {
    page.entries.keys.iter().collect()
}

#[test]
fn a_listing_ends_at_its_last_key() {
    let listed = |keys: &[&str], versions, until| {
        into_page(listing(keys, true), "b", &options(versions, Some(until)), None).unwrap()
    };
    for versions in [false, true] {
        let page = listed(&["a", "b", "c"], versions, "b");
        assert_eq!((keys(&page), page.next.is_some()), (vec!["a", "b"], false));
        let page = listed(&["a", "b", "c"], versions, "d");
        assert_eq!((keys(&page), page.next.is_some()), (vec!["a", "b", "c"], true));
        assert!(listed(&["b"], versions, "a").entries.is_empty());
        // Nothing but another version of the last key can follow it.
        assert_eq!(listed(&["a", "b"], versions, "b").next.is_some(), versions);
    }
}

#[test]
fn an_answer_out_of_order_is_refused() {
    let order = |keys: &[&str], versions, place: Option<&Place>| {
        into_page(listing(keys, false), "b", &options(versions, None), place)
    };
    let at = |key: &str| Place { key: key.to_owned(), token: None };
    assert!(order(&["a", "B"], false, None).is_err());
    assert!(order(&["a", "a"], false, None).is_err());
    assert!(order(&["a", "a"], true, None).is_ok());
    assert!(order(&["b"], false, Some(&at("b"))).is_err());
    assert!(order(&["b"], true, Some(&at("b"))).is_ok());
    assert!(order(&["a"], true, Some(&at("b"))).is_err());
    let refused = order(&["b", "a"], false, None).unwrap_err();
    assert!(matches!(refused, Error::Unsupported(_)), "{refused}");
}

#[test]
fn an_entry_that_is_there_twice_and_more_entries_than_asked_for_are_refused() {
    let mut twice = listing(&["a", "b"], false);
    let again = twice.entries.last().unwrap().to_owned();
    twice.entries.push(&again);
    assert!(into_page(twice, "b", &options(true, None), None).is_err());
    let more = listing(&["a", "b", "c", "d"], false);
    let refused = into_page(more, "b", &options(false, None), None).unwrap_err();
    assert_eq!(refused.to_string(), "the store lists 4 entries on a page of at most 3");
}

#[test]
fn versions_go_on_behind_the_last_line() {
    let page = into_page(listing(&["a", "b"], true), "b", &options(true, None), None).unwrap();
    let place = Place::of(&page.next.unwrap(), "b", &options(true, None)).unwrap();
    assert_eq!(place, Place { key: "b".to_owned(), token: Some("v1".to_owned()) });
}

#[test]
fn a_store_that_does_not_go_on_is_no_endless_listing() {
    let at = |key: &str, token: Option<&str>| Place {
        key: key.to_owned(),
        token: token.map(str::to_owned),
    };
    let behind = |keys: &[&str], token: Option<&str>, place: Option<&Place>| {
        let listing = Listing { token: token.map(str::to_owned), ..listing(keys, true) };
        into_page(listing, "b", &options(false, None), place)
    };
    let stuck = behind(&[], None, Some(&at("b", None)));
    assert!(matches!(stuck, Err(Error::Other(_))), "{stuck:?}");
    assert!(behind(&[], None, None).is_err());
    assert!(behind(&[], None, Some(&at("", Some("t")))).is_err(), "back to the begin");
    // A token that comes back would bring the same page again.
    assert!(behind(&["c"], Some("t"), Some(&at("b", Some("t")))).is_err());
    assert!(behind(&["c"], Some("u"), Some(&at("b", Some("t")))).is_ok());
    assert!(behind(&[], Some("u"), Some(&at("b", Some("t")))).is_ok());
}

#[test]
fn names_that_are_no_text_are_counted() {
    let listing = Listing { unlisted: 1, ..listing(&["a"], true) };
    let page = into_page(listing, "b", &options(false, None), None).unwrap();
    assert_eq!((keys(&page), page.unlisted), (vec!["a"], 1));
    assert!(page.next.is_some());
}

#[test]
fn versions_of_the_marker_itself_are_left_out() {
    let options = ListOptions { start_after: Some("a".to_owned()), ..options(true, None) };
    let page = into_page(listing(&["a", "a", "b"], false), "b", &options, None).unwrap();
    assert_eq!(keys(&page), ["b"]);
}
