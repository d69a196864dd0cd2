//! Patterns for keys.

/// The most bytes of a pattern: as many as a key has, so that any one key can be written out.
pub const GLOB_BYTES_MAX: usize = 1024;

/// A pattern that whole keys are compared with.
///
/// - `*` stands for any number of characters, none and `/` among them
/// - `?` stands for one character: a Unicode scalar value, not a byte
/// - every other character stands for itself; nothing escapes `*` and `?`, which match themselves too
///
/// A comparison takes at most as many steps as the product of both lengths, whatever the pattern.
///
/// # Examples
/// ```
/// use stocktake_core::glob::Glob;
///
/// let photos = Glob::new("photos/*.jp?g");
/// assert!(photos.matches("photos/2026/a.jpeg"));
/// assert!(!photos.matches("photos/2026/a.jpg"));
/// assert!(!photos.matches("old/photos/a.jpeg"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// The pattern that a text is; every text is one.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole key matches.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        matches(&self.0, key, || {})
    }
}

/// Compares, and calls `step` for every character of the key that is looked at.
///
/// Only the latest `*` is ever tried anew: what an earlier one could take instead, the latest can take as well.
fn matches(mut pattern: &str, mut key: &str, mut step: impl FnMut()) -> bool {
    // What follows the latest `*`, and the part of the key that it was tried on last.
    let mut resume: Option<(&str, &str)> = None;
    loop {
        step();
        let (wanted, behind) = first(pattern);
        let (found, rest) = first(key);
        match (wanted, found) {
            (Some('*'), _) => {
                if behind.is_empty() {
                    return true;
                }
                pattern = behind;
                resume = Some((behind, key));
            }
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                (pattern, key) = (behind, rest);
            }
            (None, None) => return true,
            // The key ends before the pattern does; a `*` that takes more would only make it end earlier.
            (Some(_), None) => return false,
            (_, Some(_)) => {
                let Some((after_star, tried)) = resume else { return false };
                (pattern, key) = (after_star, first(tried).1);
                resume = Some((pattern, key));
            }
        }
    }
}

/// The first character, and what is behind it.
fn first(text: &str) -> (Option<char>, &str) {
    let mut chars = text.chars();
    (chars.next(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(pattern: &str, key: &str, expected: bool) {
        assert_eq!(Glob::new(pattern).matches(key), expected, "{pattern:?} {key:?}");
    }

    #[test]
    fn stars_take_anything_and_question_marks_one_character() {
        for (pattern, key, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b/c", true),
            ("?", "", false),
            ("?", "é", true),
            ("??", "é", false),
            ("a*c", "ac", true),
            ("a*c", "a/b/c", true),
            ("a*c", "acb", false),
            ("*.csv", "a.csv.csv", true),
            ("*.csv", "a.csv.gz", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXcYb", false),
            ("*?b", "b", false),
            ("*?b", "ab", true),
            ("**", "x", true),
            ("[ab]", "a", false),
            ("[ab]", "[ab]", true),
            (r"\*", "x", false),
            (r"\*", r"\x", true),
            ("A", "a", false),
        ] {
            check(pattern, key, expected);
        }
    }

    /// What the documentation says, at exponential cost.
    fn defined(pattern: &[char], key: &[char]) -> bool {
        match (pattern.split_first(), key.split_first()) {
            (None, None) => true,
            (Some(('*', behind)), _) => (0..=key.len()).any(|taken| defined(behind, &key[taken..])),
            (Some((wanted, behind)), Some((found, rest))) => {
                (*wanted == '?' || wanted == found) && defined(behind, rest)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn matches_what_the_definition_matches(pattern in "[ab?*é]{0,8}", key in "[abé]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                Glob::new(pattern.as_str()).matches(&key),
                defined(&chars(&pattern), &chars(&key))
            );
        }
    }

    #[test]
    fn no_pattern_takes_more_steps_than_both_lengths_multiplied() {
        let key = "a".repeat(1024);
        for pattern in [
            "a*".repeat(512) + "b",
            "*a".repeat(512) + "b",
            "*".repeat(1023) + "b",
            format!("*{}b", "a".repeat(1022)),
            format!("*{}b", "?".repeat(512)),
            "?*".repeat(512) + "b",
        ] {
            let (mut steps, steps_max) = (0_usize, (pattern.len() + 1) * (key.len() + 1));
            let matched = matches(&pattern, &key, || {
                steps += 1;
                // Here and not behind, as a pattern that takes too many may take them for years.
                assert!(steps <= steps_max, "more than {steps_max} steps for {pattern}");
            });
            assert!(!matched, "{pattern}");
        }
    }
}
