//! How far a listing went, whatever a filter left of it.

use stocktake_capabilities::Entries;

/// What was listed of a range.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extent {
    /// How many entries.
    pub(crate) entries: u64,
    /// The sum of their sizes.
    pub(crate) bytes: u64,
    /// The last key, of which there may be more versions.
    open: Option<String>,
    complete: Option<String>,
}

impl Extent {
    /// Notes a page. With versions, those of its last key may go on in the next one.
    pub(crate) fn note(&mut self, page: &Entries, has_versions: bool) {
        let Some(index) = page.len().checked_sub(1) else { return };
        self.entries = self.entries.saturating_add(page.len() as u64);
        self.bytes =
            page.sizes_bytes.iter().fold(self.bytes, |sum, bytes| sum.saturating_add(*bytes));
        let last = page.keys.get(index);
        if !has_versions {
            self.complete = Some(last.to_owned());
            return;
        }
        let before = (0..index).rev().map(|index| page.keys.get(index)).find(|key| *key != last);
        let before = before.map(str::to_owned);
        let open = self.open.take_if(|open| open != last);
        self.complete = before.or(open).or(self.complete.take());
        self.open = Some(last.to_owned());
    }

    /// The last key of which every version was listed; none where there is none that a listing could go on after.
    pub(crate) fn complete(&self) -> Option<&str> {
        self.complete.as_deref()
    }

    /// The last key is being written although there may be more versions of it: a listing cannot go on before it now.
    pub(crate) fn commit_to_open(&mut self) {
        self.complete = None;
    }
}

#[cfg(test)]
mod tests {
    use stocktake_capabilities::Entry;

    use super::*;

    /// Notes pages of keys of one letter; answers the complete key after each.
    fn noted(pages: &[&str], has_versions: bool) -> Vec<Option<String>> {
        let mut extent = Extent::default();
        let mut note = |page: &&str| {
            let keys = page.chars().map(|key| key.to_string());
            let entries = keys.map(|key| Entry { key, size_bytes: u64::MAX, ..Entry::default() });
            extent.note(&entries.collect(), has_versions);
            extent.complete().map(str::to_owned)
        };
        pages.iter().map(&mut note).collect()
    }

    #[track_caller]
    fn check(pages: &[&str], has_versions: bool, expected: &[&str]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|key| Some((*key).to_owned()).filter(|key| !key.is_empty()))
            .collect();
        assert_eq!(noted(pages, has_versions), expected, "{pages:?}");
    }

    #[test]
    fn a_key_is_complete_when_no_version_of_it_can_follow() {
        check(&["ab", "", "c"], false, &["b", "b", "c"]);
        check(&["aa", "a", "ab", "b", "", "c"], true, &["", "", "a", "a", "a", "b"]);
        check(&["a", "b", "cde"], true, &["", "a", "d"]);
    }

    #[test]
    fn sizes_that_no_sum_can_hold_are_no_panic() {
        let mut extent = Extent::default();
        let entry = Entry { key: "a", size_bytes: u64::MAX, ..Entry::default() };
        extent.note(&[entry.clone(), entry].into_iter().collect(), false);
        assert_eq!((extent.entries, extent.bytes), (2, u64::MAX));
    }

    #[test]
    fn what_was_written_of_an_open_key_is_not_listed_again() {
        let mut extent = Extent::default();
        let page = |keys: &str| -> Entries {
            keys.chars().map(|key| Entry { key: key.to_string(), ..Entry::default() }).collect()
        };
        extent.note(&page("abb"), true);
        extent.commit_to_open();
        extent.note(&page("b"), true);
        assert_eq!(extent.complete(), None);
        extent.note(&page("c"), true);
        assert_eq!(extent.complete(), Some("b"));
    }
}
