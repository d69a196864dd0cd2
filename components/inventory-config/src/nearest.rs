//! Which known word was probably meant.

use stocktake_core::edits::distance;

/// The longest word that is compared; no known word is as long.
const WORD_CHARS_MAX: usize = 64;

/// The word that differs in case or separators alone, or else the nearest one by edits.
///
/// A quarter of a word's characters may be wrong. So `TSV` is not taken for `CSV`.
pub(crate) fn nearest<'a>(
    text: &str,
    words: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if text.chars().nth(WORD_CHARS_MAX).is_some() {
        return None;
    }
    let folded = fold(text);
    if let Some(word) = words.clone().find(|word| fold(word) == folded) {
        return Some(word);
    }
    let text: Vec<char> = text.chars().collect();
    words
        .map(|word| (distance(&text, word.chars()), word))
        .filter(|(distance, word)| *distance <= word.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

fn fold(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_guesses_nothing_else() {
        let words = ["Size", "LastModifiedDate", "ETag", "CSV", "SSES3"];
        let cases = [
            ("size", Some("Size")),
            ("last-modified-date", Some("LastModifiedDate")),
            ("LastModifed", None),
            ("LastModifedDate", Some("LastModifiedDate")),
            ("ETags", Some("ETag")),
            ("csv", Some("CSV")),
            ("TSV", None),
            ("SSE-S3", Some("SSES3")),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(nearest(text, words.into_iter()), expected, "{text}");
        }
        assert_eq!(nearest(&"Size".repeat(20), words.into_iter()), None);
    }
}
