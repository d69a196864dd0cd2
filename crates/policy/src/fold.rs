//! Names that are the same whatever their case.

use std::cmp::Ordering;

/// Whether two names differ in case alone.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii()) && lower(one).eq(lower(other)))
}

/// The characters of a text in lower case, where a few become several.
pub(crate) fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// The order of names that are written in ASCII, whatever their case.
pub(crate) fn order(one: &str, other: &str) -> Ordering {
    one.bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_beyond_ascii() {
        assert!(same("aws:PrincipalTag/ÄRGER", "AWS:principaltag/ärger"));
        assert!(!same("aws:PrincipalTag/a", "aws:PrincipalTag/ä"));
    }
}
