//! Cuts of key spaces of every shape that object stores see.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Bound;

use proptest::prelude::*;

use super::*;

/// Cuts a set of keys as a plan does, from what a first page of so many keys shows; answers how many keys each range
/// holds, and how many questions were asked.
fn cut_after_page(
    keys: &BTreeSet<String>,
    prefix: &str,
    page: usize,
    ranges: u32,
) -> (Vec<usize>, u32) {
    let below: Vec<&String> = keys.iter().filter(|key| key.starts_with(prefix)).collect();
    let first = below.first().map_or("", |key| key.as_str());
    let neighbour = below.iter().take(page).next_back().map_or("", |key| key.as_str());
    check(keys, KeySpace { prefix, first, neighbour }, ranges)
}

/// Cuts what is left of a set of keys as a part does whose file ends with the key of this index.
fn cut_rest(keys: &BTreeSet<String>, file: usize, ranges: u32) -> (Vec<usize>, u32) {
    let neighbour = keys.first().unwrap();
    let rest: BTreeSet<String> = keys.iter().skip(file + 1).cloned().collect();
    let Some(first) = rest.first() else { return (Vec::new(), 0) };
    check(&rest, KeySpace { prefix: "", first, neighbour }, ranges)
}

#[track_caller]
fn check(keys: &BTreeSet<String>, space: KeySpace<'_>, ranges: u32) -> (Vec<usize>, u32) {
    check_deep(keys, space, ranges, true);
    check_deep(keys, space, ranges, false)
}

#[track_caller]
fn check_deep(
    keys: &BTreeSet<String>,
    space: KeySpace<'_>,
    ranges: u32,
    is_deep: bool,
) -> (Vec<usize>, u32) {
    let mut probes = 0;
    let Ok(ends) = cut(space, ranges, is_deep, |after| {
        probes += 1;
        let mut found = keys.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        Ok::<_, Infallible>(found.find(|key| key.starts_with(space.prefix)).cloned())
    });
    assert!(ends.is_sorted_by(|a, b| a < b), "{ends:?}");
    assert!(ends.len() < ranges.max(1) as usize, "{ends:?}");
    assert!(ends.iter().all(|end| end.as_str() > space.first), "{ends:?} {space:?}");
    assert!(probes <= PROBES_MAX + 2, "{probes} questions");
    let mut sizes = vec![0; ends.len() + 1];
    for key in keys.iter().filter(|key| key.starts_with(space.prefix)) {
        sizes[ends.partition_point(|end| end < key)] += 1;
    }
    (sizes, probes)
}

/// Each range holds between a half and twice of what it would if all were equal, for at most so many questions.
#[track_caller]
fn check_even((sizes, probes): (Vec<usize>, u32), ranges: usize, probes_max: u32) {
    let even = sizes.iter().sum::<usize>() / ranges;
    assert_eq!(sizes.len(), ranges, "{sizes:?}");
    assert!(sizes.iter().all(|size| (even / 2..=even * 2).contains(size)), "{sizes:?}");
    assert!(probes <= probes_max, "{probes} questions");
}

fn keys(count: u64, name: impl Fn(u64) -> String) -> BTreeSet<String> {
    (0..count).map(name).collect()
}

/// The same for every run, and spread over all values.
fn hash(number: u64) -> u64 {
    number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[test]
fn nothing_to_cut_gives_one_range() {
    for (keys, ranges) in [(vec![], 4), (vec!["only"], 4), (vec!["a", "b"], 1)] {
        let keys = keys.into_iter().map(str::to_owned).collect();
        let (sizes, _) = cut_after_page(&keys, "", 1000, ranges);
        assert_eq!(sizes.len(), 1);
    }
}

#[test]
fn a_flat_prefix_is_cut_evenly() {
    let keys = keys(100_000, |i| format!("logs/2026/{i:06}.gz"));
    for prefix in ["", "logs/", "logs/2026/0"] {
        check_even(cut_after_page(&keys, prefix, 1000, 4), 4, 12);
    }
    check_even(cut_rest(&keys, 10_000, 2), 2, 12);
    check_even(cut_rest(&keys, 99_000, 2), 2, 12);
}

#[test]
fn few_characters_are_cut_again_by_those_that_follow() {
    let keys = keys(200_000, |i| format!("d{:05}/{:03}", i / 1000, i % 1000));
    let (first, neighbour) = ("d00020/000", "d00000/000");
    let rest: BTreeSet<String> = keys.iter().filter(|key| key.as_str() >= first).cloned().collect();
    let space = KeySpace { prefix: "", first, neighbour };
    assert_eq!(check_deep(&rest, space, 16, false).0, [80_000, 100_000]);
    let (sizes, _) = check_deep(&rest, space, 16, true);
    let largest = *sizes.iter().max().unwrap();
    assert!((10..=16).contains(&sizes.len()) && largest <= 20_000, "{sizes:?}");
    check_even(check_deep(&keys, KeySpace { first: neighbour, ..space }, 10, true), 10, 12);
}

#[test]
fn hash_like_names_are_cut_evenly() {
    let hex = keys(20_000, |i| format!("{:016x}", hash(i)));
    check_even(cut_after_page(&hex, "", 1000, 4), 4, 12);
    check_even(cut_rest(&hex, 2_000, 2), 2, 12);
    let mixed = keys(20_000, |i| {
        let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let digit = |at: usize| char::from(digits[usize::from(hash(i).to_le_bytes()[at]) % 62]);
        (0..8).map(digit).collect()
    });
    check_even(cut_after_page(&mixed, "", 1000, 4), 4, 12);
}

#[test]
fn a_deep_tree_is_cut() {
    let keys = keys(40_000, |i| {
        format!("home/team/{}/projects/{}/src/{}/{:03}.rs", i % 5, i % 7, i % 11, i / 400)
    });
    let (sizes, probes) = cut_after_page(&keys, "home/", 1000, 4);
    assert_eq!(sizes.len(), 4);
    assert!(sizes.iter().all(|size| *size >= 40_000 / 8), "{sizes:?}");
    assert!(probes <= 12, "{probes} questions");
}

#[test]
fn names_that_share_900_bytes_are_cut() {
    let keys = keys(100, |i| format!("{}{i:02}", "x".repeat(900)));
    check_even(cut_after_page(&keys, "", 50, 4), 4, 12);
    check_even(cut_rest(&keys, 10, 2), 2, 24);
}

#[test]
fn keys_that_are_not_ascii_are_cut() {
    let keys = keys(5_000, |i| {
        let letter = char::from_u32(0x4e00 + u32::try_from(i * 4 % 20_000).unwrap()).unwrap();
        format!("写真/{letter}/{i}")
    });
    let (sizes, probes) = cut_after_page(&keys, "", 1000, 4);
    assert!(sizes.len() == 4 && *sizes.iter().max().unwrap() < 3_500, "{sizes:?}");
    assert!(probes <= PROBES_MAX, "{probes} questions");
}

#[test]
fn a_neighbourhood_that_says_nothing_about_the_rest_does_no_harm() {
    // The first page lies in a small corner, and a file's end at the begin of a large one.
    let mut all = keys(2_000, |i| format!("a/corner/with/a/long/name/{i:05}"));
    all.extend(keys(50_000, |i| format!("z/{i:05}")));
    let (sizes, _) = cut_after_page(&all, "", 1000, 2);
    assert_eq!(sizes, [2_000, 50_000]);
    check_even(cut_rest(&all, 1_999, 2), 2, 12);
    check_even(cut_rest(&all, 2_000, 2), 2, 12);
}

#[test]
fn a_key_that_holds_the_last_character_does_not_loop() {
    let keys = keys(50, |i| format!("{LAST}{LAST}{i}"));
    cut_after_page(&keys, "", 10, 4);
    cut_rest(&keys, 10, 4);
}

proptest! {
    #[test]
    fn any_keys_can_be_cut(
        keys in proptest::collection::btree_set("[a-c/é\u{10FFFF}]{0,6}", 1..60),
        prefix in "[a-c]{0,2}",
        ranges in 0_u32..9,
        page in 1_usize..20,
    ) {
        cut_after_page(&keys, &prefix, page, ranges);
        cut_rest(&keys, page % keys.len(), ranges);
    }
}
