//! How far two words are apart.

/// How many characters must be inserted, deleted or replaced.
#[must_use]
pub fn distance(from: &[char], to: impl Iterator<Item = char>) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (i, c) in to.enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (above, other) in row.iter_mut().skip(1).zip(from) {
            let replaced = diagonal + usize::from(c != *other);
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
    fn counts_edits() {
        for (from, to, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            let from: Vec<char> = from.chars().collect();
            assert_eq!(distance(&from, to.chars()), expected, "{from:?} {to}");
        }
    }
}
