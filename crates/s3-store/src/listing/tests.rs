use super::*;

#[expect(clippy::unnecessary_wraps, reason = "names that are no text are none, in the same list")]
fn found(key: &str) -> Option<Found> {
    let entry = Entry { key: key.to_owned(), ..Entry::default() };
    Some(Found { entry, raw_version: Some("v1".to_owned()) })
}

fn answer(keys: &[&str], has_more: bool) -> Answer {
    Answer { found: keys.iter().map(|key| found(key)).collect(), has_more, token: None }
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
        answer(keys, true).into_page("b", &options(versions, Some(until)), None).unwrap()
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
        answer(keys, false).into_page("b", &options(versions, None), place)
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
fn versions_go_on_behind_the_last_line() {
    let page = answer(&["a", "b"], true).into_page("b", &options(true, None), None).unwrap();
    let place = Place::of(&page.next.unwrap(), "b", &options(true, None)).unwrap();
    assert_eq!(place, Place { key: "b".to_owned(), token: Some("v1".to_owned()) });
}

#[test]
fn a_store_that_does_not_go_on_is_no_endless_listing() {
    let place = Place { key: "b".to_owned(), token: None };
    let stuck = answer(&[], true).into_page("b", &options(false, None), Some(&place));
    assert!(matches!(stuck, Err(Error::Other(_))), "{stuck:?}");
    assert!(answer(&[], true).into_page("b", &options(false, None), None).is_err());
}

#[test]
fn names_that_are_no_text_are_counted() {
    let mut answer = answer(&["a"], true);
    answer.found.push(None);
    let page = answer.into_page("b", &options(false, None), None).unwrap();
    assert_eq!((keys(&page), page.unlisted), (vec!["a"], 1));
    assert!(page.next.is_some());
}
