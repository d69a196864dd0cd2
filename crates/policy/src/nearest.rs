//! Which known name was probably meant.

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
        .map(|name| (distance(&text, name), name))
        .filter(|(distance, _)| *distance <= EDITS_MAX)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many characters must be inserted, deleted or replaced.
fn distance(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (i, c) in to.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (above, other) in row.iter_mut().skip(1).zip(from) {
            let replaced = diagonal + usize::from(c.to_ascii_lowercase() != *other);
            diagonal = *above;
            left = replaced.min(diagonal + 1).min(left + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
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
