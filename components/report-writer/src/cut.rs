//! Cutting an unknown key space into ranges, by asking for single keys.
//!
//! The keys are seen as a tree of characters. Beginning with what all keys share, the heaviest branch is opened, by
//! skipping from one of its children to the next, until there are enough branches to cut between. Nothing is counted:
//! the children of a branch are taken to be of equal weight, so ranges may differ in size. No key is lost or listed
//! twice whatever the cuts are.

use crate::task::Range;

/// The most questions that one plan asks: at 10 ms each they take less than three seconds.
const PROBES_MAX: u32 = 256;

/// How many branches are wanted for each range, so that an uneven tree still gives ranges of similar size.
const BRANCHES_PER_RANGE: usize = 4;

/// The weight of the whole tree: divisible often enough, and small enough to be multiplied by a number of ranges.
const TREE_WEIGHT: u64 = 1 << 31;

/// Sorts after every character that keys hold in practice. A key that does hold it may land one range further left.
const LAST: char = '\u{10FFFF}';

/// Cuts the keys below `prefix` into at most `ranges` ranges, in order.
///
/// `first_after` answers the first key below the prefix that is greater than its argument.
///
/// # Errors
/// Those of `first_after`.
pub(crate) fn cut<E>(
    prefix: &str,
    ranges: u32,
    first_after: impl FnMut(Option<&str>) -> Result<Option<String>, E>,
) -> Result<Vec<Range>, E> {
    let wanted = usize::try_from(ranges).unwrap_or(usize::MAX);
    if wanted <= 1 {
        return Ok(vec![Range { after: None, until: None }]);
    }
    let mut tree = Tree { first_after, probes: 0 };
    let mut branches = tree.branches(prefix, wanted.saturating_mul(BRANCHES_PER_RANGE))?;
    branches.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    Ok(between(&branches, u64::from(ranges.max(1))))
}

/// A group of keys: those that begin with `prefix`. `first` is the first of them.
#[derive(Debug)]
struct Branch {
    prefix: String,
    first: String,
    weight: u64,
}

struct Tree<F> {
    first_after: F,
    probes: u32,
}

impl<E, F: FnMut(Option<&str>) -> Result<Option<String>, E>> Tree<F> {
    /// Opens the tree, heaviest branches first, until there are `wanted` branches or nothing is left to open.
    fn branches(&mut self, prefix: &str, wanted: usize) -> Result<Vec<Branch>, E> {
        let Some(first) = self.probe(None)? else { return Ok(Vec::new()) };
        let mut open = vec![Branch { prefix: prefix.to_owned(), first, weight: TREE_WEIGHT }];
        let mut done = Vec::new();
        while open.len() + done.len() < wanted && self.probes < PROBES_MAX {
            let weights = open.iter().map(|branch| branch.weight).enumerate();
            // Of equally heavy branches the first one.
            let Some((heaviest, _)) = weights.rev().max_by_key(|(_, weight)| *weight) else {
                break;
            };
            let branch = open.swap_remove(heaviest);
            let children = self.open(&branch)?;
            if children.is_empty() {
                done.push(branch);
            } else {
                open.extend(children);
            }
        }
        done.extend(open);
        Ok(done)
    }

    /// The branches right below this one; none if it holds a single key.
    ///
    /// A key that equals the shared prefix belongs to the first branch.
    fn open(&mut self, branch: &Branch) -> Result<Vec<Branch>, E> {
        let shared = self.shared_prefix(branch)?;
        if shared.len() >= branch.first.len() && self.next_within(&shared, &shared)?.is_none() {
            return Ok(Vec::new());
        }
        let mut children: Vec<Branch> = Vec::new();
        let mut first = if branch.first == shared {
            self.next_within(&shared, &shared)?
        } else {
            Some(branch.first.clone())
        };
        while let Some(key) = first.take() {
            let Some(child) = one_more_char(&shared, &key) else { break };
            let last = format!("{child}{LAST}");
            let is_stuck = children.last().is_some_and(|previous| previous.prefix == child);
            if is_stuck || self.probes >= PROBES_MAX {
                break;
            }
            first = self.next_within(&shared, &last)?;
            children.push(Branch { prefix: child, first: key, weight: 0 });
        }
        let weight = branch.weight / (children.len() as u64).max(1);
        for child in &mut children {
            child.weight = weight;
        }
        Ok(children)
    }

    /// The longest beginning of the first key that all keys of the branch share.
    fn shared_prefix(&mut self, branch: &Branch) -> Result<String, E> {
        let ends: Vec<usize> = branch
            .first
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .filter(|end| *end > branch.prefix.len())
            .collect();
        // All keys of the branch share the first `low` of these ends; not all share the first `high`.
        let (mut low, mut high) = (0, ends.len() + 1);
        while high - low > 1 && self.probes < PROBES_MAX {
            let middle = low.midpoint(high);
            let end = middle.checked_sub(1).and_then(|at| ends.get(at)).copied().unwrap_or(0);
            let shared = branch.first.get(..end).unwrap_or_default();
            let beyond = format!("{shared}{LAST}");
            if self.next_within(&branch.prefix, &beyond)?.is_none() {
                low = middle;
            } else {
                high = middle;
            }
        }
        let end = low.checked_sub(1).and_then(|at| ends.get(at)).copied();
        let end = end.unwrap_or(branch.prefix.len());
        Ok(branch.first.get(..end).unwrap_or_default().to_owned())
    }

    /// The first key after `key`, if it begins with `prefix`.
    fn next_within(&mut self, prefix: &str, key: &str) -> Result<Option<String>, E> {
        Ok(self.probe(Some(key))?.filter(|found| found.starts_with(prefix)))
    }

    fn probe(&mut self, after: Option<&str>) -> Result<Option<String>, E> {
        self.probes += 1;
        (self.first_after)(after)
    }
}

fn one_more_char(shared: &str, key: &str) -> Option<String> {
    let next = key.strip_prefix(shared)?.chars().next()?;
    Some(format!("{shared}{next}"))
}

/// Spreads the branches over at most `wanted` ranges of similar weight.
fn between(branches: &[Branch], wanted: u64) -> Vec<Range> {
    let total: u64 = branches.iter().map(|branch| branch.weight).sum();
    let mut ranges = Vec::new();
    let (mut after, mut weight) = (None, 0);
    // There is no cut behind the last branch.
    for branch in branches.split_last().map_or(&[][..], |(_, others)| others) {
        weight += branch.weight;
        // Weights were rounded down, a thousandth at the most.
        let rounded_up = weight + weight / 1000;
        if rounded_up.saturating_mul(wanted) >= total.saturating_mul(ranges.len() as u64 + 1) {
            let until = Some(format!("{}{LAST}", branch.prefix));
            ranges.push(Range { after: after.take(), until: until.clone() });
            after = until;
        }
    }
    ranges.push(Range { after, until: None });
    ranges
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;
    use std::ops::Bound;

    use proptest::prelude::*;

    use super::*;

    /// Cuts a set of keys, checks that each key is in exactly one range, and answers how many each range holds and
    /// how many questions were asked.
    #[track_caller]
    fn check(keys: &BTreeSet<String>, prefix: &str, ranges: u32) -> (Vec<usize>, u32) {
        let mut probes = 0;
        let cuts = cut(prefix, ranges, |after| {
            probes += 1;
            let start = after.map_or(Bound::Unbounded, Bound::Excluded);
            let mut found = keys.range::<str, _>((start, Bound::Unbounded));
            Ok::<_, Infallible>(found.find(|key| key.starts_with(prefix)).cloned())
        });
        let Ok(cuts) = cuts;
        let below: Vec<&String> = keys.iter().filter(|key| key.starts_with(prefix)).collect();
        let holds = |range: &Range, key: &str| {
            range.after.as_deref().is_none_or(|after| key > after)
                && range.until.as_deref().is_none_or(|until| key <= until)
        };
        for key in &below {
            assert_eq!(
                cuts.iter().filter(|range| holds(range, key)).count(),
                1,
                "{key:?} {cuts:?}"
            );
        }
        for pair in cuts.windows(2) {
            assert_eq!(pair[0].until, pair[1].after);
            assert!(pair[0].until.is_some() && pair[0].after < pair[0].until, "{cuts:?}");
        }
        assert!(cuts.len() <= ranges.max(1) as usize);
        assert!(probes <= PROBES_MAX + 8, "{probes} questions");
        let size = |range: &Range| below.iter().filter(|key| holds(range, key)).count();
        (cuts.iter().map(size).collect(), probes)
    }

    #[test]
    fn an_empty_bucket_is_one_range() {
        assert_eq!(check(&BTreeSet::new(), "", 8), (vec![0], 1));
    }

    #[test]
    fn one_range_needs_no_questions() {
        let keys = ["a", "b"].map(str::to_owned).into();
        assert_eq!(check(&keys, "", 1), (vec![2], 0));
    }

    #[test]
    fn one_key_is_one_range() {
        let keys = BTreeSet::from(["only".to_owned()]);
        assert_eq!(check(&keys, "", 8).0, [1]);
    }

    #[test]
    fn a_flat_prefix_is_cut_evenly() {
        let keys = (0..10_000).map(|i| format!("logs/2026/{i:06}.gz")).collect();
        let (sizes, _) = check(&keys, "logs/", 4);
        assert_eq!(sizes.len(), 4);
        assert!(sizes.iter().all(|size| (1_000..=4_000).contains(size)), "{sizes:?}");
    }

    #[test]
    fn names_that_share_900_bytes_are_cut() {
        let keys = (0..100).map(|i| format!("{}{i:02}", "x".repeat(900))).collect();
        let (sizes, probes) = check(&keys, "", 5);
        assert_eq!(sizes.len(), 5, "{probes}");
        assert!(sizes.iter().all(|size| (10..=30).contains(size)), "{sizes:?}");
    }

    #[test]
    fn keys_beside_their_own_prefix_are_cut() {
        let keys = ["a", "a-b", "a.b", "a/", "a/b", "a0", "ab", "é", "éa", "日本"];
        let (sizes, _) = check(&keys.map(str::to_owned).into(), "", 3);
        assert_eq!(sizes.len(), 3);
    }

    #[test]
    fn a_key_that_holds_the_last_character_does_not_loop() {
        let keys = (0..50).map(|i| format!("{LAST}{LAST}{i}")).collect();
        check(&keys, "", 4);
    }

    proptest! {
        #[test]
        fn every_key_lies_in_exactly_one_range(
            keys in proptest::collection::btree_set("[a-c/é\u{10FFFF}]{0,6}", 0..60),
            prefix in "[a-c]{0,2}",
            ranges in 0_u32..9,
        ) {
            check(&keys, &prefix, ranges);
        }
    }
}
