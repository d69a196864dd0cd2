//! Which objects a report lists.

use crate::glob::Glob;
use crate::timestamp::Millis;

/// Which objects a report lists: those for which every condition holds. Without conditions it is all of them.
///
/// `Prefix` is in every dialect. Tags, one storage class and a time window are in Tencent COS; all conditions together
/// are an extension of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The key begins so.
    pub prefix: Option<String>,
    /// The whole key matches.
    pub name_glob: Option<Glob>,
    /// The object has more bytes.
    pub size_greater_than: Option<u64>,
    /// The object has fewer bytes.
    pub size_less_than: Option<u64>,
    /// It was written then or later.
    pub modified_from: Option<Millis>,
    /// It was written then or earlier.
    pub modified_until: Option<Millis>,
    /// Its class is one of these; empty means any.
    pub storage_classes: Vec<String>,
    /// It has all of these tags, each a key and a value; no key twice.
    pub tags: Vec<(String, String)>,
}

/// What a filter looks at: a version of an object, or a delete marker.
///
/// A delete marker has neither size nor storage class nor tags, so conditions on these leave it out; conditions on the
/// key and the time hold or fail as for objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The key.
    pub key: &'a str,
    /// How many bytes it has; none for a delete marker.
    pub size: Option<u64>,
    /// When it was written; none where the store does not tell.
    pub last_modified: Option<Millis>,
    /// The store's own word; none for a delete marker, and where the store does not tell.
    pub storage_class: Option<&'a str>,
    /// Keys and values; none for a delete marker, and where they were not asked for.
    pub tags: Option<&'a [(String, String)]>,
}

impl Filter {
    /// Whether every condition holds. One on what is not known of the candidate does not hold.
    ///
    /// # Examples
    /// ```
    /// use stocktake_core::configuration::{Candidate, Filter};
    /// use stocktake_core::glob::Glob;
    ///
    /// let filter = Filter {
    ///     name_glob: Some(Glob::new("*.log")),
    ///     size_greater_than: Some(99),
    ///     ..Filter::default()
    /// };
    /// let log = Candidate {
    ///     key: "a.log", size: Some(100), last_modified: None, storage_class: None, tags: None,
    /// };
    /// assert!(filter.admits(&log));
    /// assert!(!filter.admits(&Candidate { size: Some(99), ..log }));
    /// assert!(!filter.admits(&Candidate { size: None, ..log }), "a delete marker");
    /// ```
    #[must_use]
    pub fn admits(&self, object: &Candidate<'_>) -> bool {
        self.admits_but_for_tags(object) && self.admits_tags(object.tags)
    }

    /// Whether every condition holds that can be seen in a listing; [`Filter::needs_tags`] says whether that is all.
    #[must_use]
    pub fn admits_but_for_tags(&self, object: &Candidate<'_>) -> bool {
        self.admits_key(object.key)
            && self.admits_size(object.size)
            && self.admits_time(object.last_modified)
            && self.admits_storage_class(object.storage_class)
    }

    /// Whether a condition is on tags, which listings do not tell.
    #[must_use]
    pub fn needs_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// Whether a listing of the keys below the prefix is what it admits, with nothing to be left out.
    #[must_use]
    pub fn is_prefix_only(&self) -> bool {
        *self == Self { prefix: self.prefix.clone(), ..Self::default() }
    }

    fn admits_key(&self, key: &str) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()))
            && self.name_glob.as_ref().is_none_or(|glob| glob.matches(key))
    }

    fn admits_size(&self, size: Option<u64>) -> bool {
        self.size_greater_than.is_none_or(|bound| size.is_some_and(|size| size > bound))
            && self.size_less_than.is_none_or(|bound| size.is_some_and(|size| size < bound))
    }

    fn admits_time(&self, time: Option<Millis>) -> bool {
        self.modified_from.is_none_or(|from| time.is_some_and(|time| time >= from))
            && self.modified_until.is_none_or(|until| time.is_some_and(|time| time <= until))
    }

    fn admits_storage_class(&self, class: Option<&str>) -> bool {
        self.storage_classes.is_empty()
            || class.is_some_and(|class| self.storage_classes.iter().any(|one| one == class))
    }

    fn admits_tags(&self, tags: Option<&[(String, String)]>) -> bool {
        self.tags.iter().all(|wanted| tags.is_some_and(|tags| tags.contains(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: Candidate<'_> = Candidate {
        key: "docs/a.txt",
        size: Some(10),
        last_modified: Some(Millis(1_000)),
        storage_class: Some("STANDARD"),
        tags: None,
    };
    const MARKER: Candidate<'_> = Candidate { size: None, storage_class: None, ..OBJECT };

    #[track_caller]
    fn check(filter: &Filter, object: bool, marker: bool) {
        assert_eq!(filter.admits(&OBJECT), object, "{filter:?}");
        assert_eq!(filter.admits(&MARKER), marker, "{filter:?}");
    }

    #[test]
    fn conditions_on_key_and_time_are_for_delete_markers_too() {
        let all = Filter::default;
        check(&all(), true, true);
        for (prefix, expected) in [("", true), ("docs/", true), ("Docs/", false)] {
            check(&Filter { prefix: Some(prefix.to_owned()), ..all() }, expected, expected);
        }
        for (glob, expected) in [("*.txt", true), ("a.txt", false)] {
            check(&Filter { name_glob: Some(Glob::new(glob)), ..all() }, expected, expected);
        }
        for (time, from, until) in [(999, true, false), (1_000, true, true), (1_001, false, true)] {
            check(&Filter { modified_from: Some(Millis(time)), ..all() }, from, from);
            check(&Filter { modified_until: Some(Millis(time)), ..all() }, until, until);
        }
    }

    #[test]
    fn conditions_on_content_leave_delete_markers_out() {
        let all = Filter::default;
        for (bound, greater, less) in [(9, true, false), (10, false, false), (11, false, true)] {
            check(&Filter { size_greater_than: Some(bound), ..all() }, greater, false);
            check(&Filter { size_less_than: Some(bound), ..all() }, less, false);
        }
        let classes = |words: &[&str]| {
            let storage_classes = words.iter().map(|word| (*word).to_owned()).collect();
            Filter { storage_classes, ..all() }
        };
        check(&classes(&["GLACIER", "STANDARD"]), true, false);
        check(&classes(&["GLACIER"]), false, false);
    }

    #[test]
    fn all_tags_must_be_there() {
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let filter = Filter { tags: vec![tag("a", "1"), tag("b", "2")], ..Filter::default() };
        check(&filter, false, false);
        assert!(filter.admits_but_for_tags(&OBJECT));
        let with =
            |tags: &[(String, String)]| filter.admits(&Candidate { tags: Some(tags), ..OBJECT });
        assert!(with(&[tag("c", ""), tag("b", "2"), tag("a", "1")]));
        assert!(!with(&[tag("a", "1")]));
        assert!(!with(&[tag("a", "1"), tag("b", "")]));
        assert!(!with(&[]));
    }

    #[test]
    fn one_condition_that_fails_is_enough() {
        let filter = Filter {
            prefix: Some("docs/".to_owned()),
            size_less_than: Some(5),
            ..Filter::default()
        };
        check(&filter, false, false);
    }

    #[test]
    fn tells_what_it_takes_to_apply_it() {
        let prefix = Filter { prefix: Some("docs/".to_owned()), ..Filter::default() };
        assert!(prefix.is_prefix_only() && Filter::default().is_prefix_only());
        let others = [
            Filter { name_glob: Some(Glob::new("*")), ..prefix.clone() },
            Filter { size_greater_than: Some(0), ..prefix.clone() },
            Filter { size_less_than: Some(0), ..prefix.clone() },
            Filter { modified_from: Some(Millis(0)), ..prefix.clone() },
            Filter { modified_until: Some(Millis(0)), ..prefix.clone() },
            Filter { storage_classes: vec![String::new()], ..prefix.clone() },
            Filter { tags: vec![(String::new(), String::new())], ..prefix.clone() },
        ];
        for filter in &others {
            assert!(!filter.is_prefix_only(), "{filter:?}");
            assert_eq!(filter.needs_tags(), !filter.tags.is_empty());
        }
    }
}
