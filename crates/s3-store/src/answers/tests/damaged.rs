//! Recorded answers, cut at every byte and damaged at random.

use proptest::prelude::*;

use super::recorded::{RECORDED, Recorded};
use super::*;

fn response<'a>(recorded: &Recorded, bytes: &'a [u8]) -> Response<'a> {
    let is_head = recorded.call == Call::Head;
    let response = answer(recorded.status, recorded.headers, b"");
    // Owned by the recording, which lives for ever.
    let headers = response.headers.iter().map(|(name, value)| (*name, *value)).collect();
    Response { status: recorded.status, headers, bytes, limit: 1 << 20, is_head }
}

#[test]
fn every_recorded_answer_is_read() {
    for recorded in RECORDED {
        let value = read(recorded.call, &response(recorded, recorded.body.as_bytes()));
        assert!(value.is_ok(), "{}: {value:?}", recorded.name);
    }
    let is_there = |call: Call| RECORDED.iter().any(|recorded| recorded.call == call);
    let calls = [
        Call::Objects,
        Call::Versions,
        Call::Buckets,
        Call::Tags,
        Call::Acl,
        Call::Policy,
        Call::Begin,
        Call::Complete,
        Call::Unfinished,
        Call::Parts,
        Call::Head,
        Call::Range(2, 5),
        Call::Put,
        Call::Error,
    ];
    assert!(calls.into_iter().all(is_there));
}

#[test]
fn an_answer_that_is_cut_anywhere_is_the_same_or_an_error() {
    for recorded in RECORDED {
        let bytes = recorded.body.as_bytes();
        let whole = read(recorded.call, &response(recorded, bytes));
        for length in 0..bytes.len() {
            let cut = read(recorded.call, &response(recorded, &bytes[..length]));
            match cut {
                Ok(_) => assert_eq!(cut, whole, "{} cut to {length}", recorded.name),
                Err(Flaw::Cut(_)) => {}
                Err(other) => panic!("{} cut to {length}: {other:?}", recorded.name),
            }
        }
    }
}

/// How many entries a page itself says that it holds, and their keys as they stand there.
fn entries_of(page: &str) -> Vec<String> {
    let begins = ["<Contents>", "<Version>", "<DeleteMarker>"];
    let mut keys = Vec::new();
    let mut rest = page;
    while let Some(at) = begins.iter().filter_map(|begin| rest.find(begin)).min() {
        rest = &rest[at + 1..];
        let key = rest.split_once("<Key>").and_then(|(_, behind)| behind.split_once("</Key>"));
        keys.extend(key.map(|(key, _)| key.to_owned()));
    }
    keys
}

/// How many elements are open at a place.
fn depth(body: &str, at: usize) -> usize {
    let tags = body[..at].split('<').skip(1).filter(|tag| !tag.starts_with(['?', '!']));
    tags.fold(0_usize, |depth, tag| match tag.starts_with('/') {
        true => depth.saturating_sub(1),
        false if tag.split('>').next().is_some_and(|tag| tag.ends_with('/')) => depth,
        false => depth + 1,
    })
}

/// Whether a page itself says that its keys are encoded.
fn is_encoded(body: &str) -> bool {
    body.find("<EncodingType>url</EncodingType>").is_some_and(|at| depth(body, at) == 1)
}

/// What was read of a page is what the page says.
fn assert_faithful(body: &str, read: &Listing) {
    let wanted = entries_of(body);
    assert_eq!(read.entries.len() + read.unlisted as usize, wanted.len(), "{body}");
    if read.unlisted == 0 && is_encoded(body) {
        let keys: Vec<_> = read.entries.keys.iter().map(str::to_owned).collect();
        let decoded: Vec<_> = wanted.iter().filter_map(|key| crate::names::decoded(key)).collect();
        // A reference in an encoded key stands for something else than itself.
        if !body.contains('&') || !wanted.iter().any(|key| key.contains(['&', '\r', '<'])) {
            assert_eq!(keys, decoded);
        }
    }
}

fn pages() -> impl Strategy<Value = &'static Recorded> {
    let is_page = |recorded: &&Recorded| matches!(recorded.call, Call::Objects | Call::Versions);
    prop::sample::select(RECORDED.iter().filter(is_page).collect::<Vec<_>>())
}

/// The elements of a document that hold text alone, with where they stand.
fn leaves(body: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for (begin, _) in body.match_indices('<') {
        let Some((name, behind)) = body[begin + 1..].split_once('>') else { continue };
        let end = format!("</{name}>");
        if let Some(at) = behind.find('<')
            && behind[at..].starts_with(&end)
        {
            let length = 1 + name.len() + 1 + at + end.len();
            found.push(begin..begin + length);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn bytes_that_are_flipped_bring_no_panic_and_no_other_entries(
        recorded in prop::sample::select(RECORDED),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = recorded.body.as_bytes().to_vec();
        for (at, byte) in flips {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let value = read(recorded.call, &response(&recorded, &bytes));
        if let Ok(Value::Listing(listing)) = value {
            assert_faithful(std::str::from_utf8(&bytes).unwrap(), &listing);
        }
    }

    #[test]
    fn members_that_are_dropped_repeated_or_moved_bring_no_other_entries(
        recorded in pages(),
        at in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        change in 0..3,
    ) {
        let body = recorded.body;
        let leaves = leaves(body);
        let leaf = leaves[at.index(leaves.len())].clone();
        let text = &body[leaf.clone()];
        let without = format!("{}{}", &body[..leaf.start], &body[leaf.end..]);
        let changed = match change {
            0 => without,
            1 => format!("{}{text}{}", &body[..leaf.end], &body[leaf.end..]),
            _ => {
                // Before any other tag of what is left.
                let tags: Vec<_> = without.match_indices('<').skip(1).collect();
                let (place, _) = tags[to.index(tags.len())];
                format!("{}{text}{}", &without[..place], &without[place..])
            }
        };
        let whole = read(recorded.call, &response(recorded, body.as_bytes())).unwrap();
        match read(recorded.call, &response(recorded, changed.as_bytes())) {
            Ok(Value::Listing(listing)) => {
                assert_faithful(&changed, &listing);
                let Value::Listing(whole) = whole else { panic!() };
                prop_assert_eq!(listing.entries.len(), whole.entries.len());
                prop_assert_eq!(listing.entries.sizes_bytes.len(), whole.entries.len());
                prop_assert_eq!(&listing.entries.last_modified_millis.len(), &whole.entries.last_modified_millis.len());
                // Whether there is more is told in one place, and only there.
                prop_assert_eq!(listing.is_truncated, whole.is_truncated);
            }
            Ok(other) => panic!("{other:?}"),
            Err(_) => {}
        }
    }

    #[test]
    fn any_tags_and_texts_are_read_or_refused(
        body in "<ListBucketResult>(<(/)?(Contents|Key|Size|IsTruncated|Owner|ID|x)(/)?>|&[a#x0-9]{1,4};|<!--|-->|<!\\[CDATA\\[|\\]\\]>|true|1| ){0,40}(</ListBucketResult>)?",
    ) {
        if let Ok(listing) = listing::objects(&answer(200, &[], body.as_bytes())) {
            prop_assert!(listing.entries.is_well_formed());
        }
    }
}
