//! How long a task waits before it is tried again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

/// Before the second attempt.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait, before it is spread: an outage of minutes should not cost more than minutes.
pub(super) const LONGEST: Duration = Duration::from_mins(5);

/// A wait that doubles with each attempt up to [`LONGEST`], plus up to a quarter of it.
///
/// The extra spreads tasks that failed together. It depends on name and attempt alone, so that a wait can be told
/// beforehand.
pub(super) fn delay(name: &str, attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let wait = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let mut hasher = DefaultHasher::new();
    (name, attempt).hash(&mut hasher);
    let spread = u32::try_from(hasher.finish() % 256).unwrap_or_default();
    wait + wait / 4 * spread / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_five_minutes() {
        for (attempt, seconds) in
            [(0, 1), (1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (u32::MAX, 300)]
        {
            let wait = Duration::from_secs(seconds);
            let delay = delay("run/part/1", attempt);
            assert!((wait..wait + wait / 4).contains(&delay), "attempt {attempt}: {delay:?}");
        }
    }

    #[test]
    fn tasks_that_failed_together_are_spread() {
        let delays: std::collections::BTreeSet<Duration> =
            (0..100).map(|number| delay(&format!("run/part/{number}"), 1)).collect();
        assert!(delays.len() > 50, "{}", delays.len());
        assert_eq!(delay("a", 3), delay("a", 3));
    }
}
