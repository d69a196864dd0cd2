//! Which known name was probably meant.

use stocktake_core::edits::distance;

/// The longest text that is compared; no known name is as long.
const CHARS_MAX: usize = 64;

/// How many characters may be wrong.
const EDITS_MAX: usize = 2;

/// The nearest name within [`EDITS_MAX`] edits; of names that are as near, the first. Case counts as no edit.
pub(crate) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if text.chars().nth(CHARS_MAX).is_some() {
        return None;
    }
    let text: Vec<char> = text.chars().map(|c| c.to_ascii_lowercase()).collect();
    names
        .filter(|name| name.len().abs_diff(text.len()) <= EDITS_MAX)
        .map(|name| (distance(&text, name.chars().map(|c| c.to_ascii_lowercase())), name))
        .filter(|(distance, _)| *distance <= EDITS_MAX)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_nearest_of_few_edits() {
        let names = ["GetObject", "PutObject", "GetObjectAcl"];
        let found = |text| nearest(text, names.into_iter());
        assert_eq!(found("GetObjcet"), Some("GetObject"));
        assert_eq!(found("getobjectAc"), Some("GetObjectAcl"));
        assert_eq!(found("DeleteObject"), None);
        assert_eq!(found(&"x".repeat(65)), None);
    }
}
