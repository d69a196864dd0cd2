//! Comparison of ARNs, part by part.

use crate::pattern::{Symbol, glob};

/// How many parts an ARN has; the last one holds all further colons.
const PARTS: usize = 6;

/// Whether each part of an ARN matches that of the pattern. What has fewer parts is no ARN and matches nothing.
pub(super) fn matches(pattern: &[Symbol], text: &str) -> bool {
    let mut wanted = pattern.splitn(PARTS, |symbol| *symbol == Symbol::Char(':'));
    let mut found = text.splitn(PARTS, ':');
    for _ in 0..PARTS {
        match (wanted.next(), found.next()) {
            (Some(wanted), Some(found)) if glob(wanted, found) => {}
            _ => return false,
        }
    }
    true
}
