//! How fast a store responds, and what follows from it.

use super::{BATCH_MAX, BATCH_MIN};

/// From how many milliseconds a page on a store is slow: others list a million keys in the time that a report of them
/// takes to write.
const SLOW_MILLIS: u64 = 50;

/// The time that a batch of objects should take, in milliseconds: far below any time limit, and far above the time of
/// one request.
const BATCH_MILLIS: std::ops::RangeInclusive<u64> = 500..=2_000;

/// The time that pages took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    pages: u64,
    millis: u64,
}

impl Pace {
    /// With one more page.
    pub(super) fn with(self, took_millis: u64) -> Self {
        Self { pages: self.pages + 1, millis: self.millis.saturating_add(took_millis) }
    }

    /// Whether a listing waits for the store most of the time, so that more of them side by side are faster.
    pub(crate) fn is_slow(self) -> bool {
        self.pages > 0 && self.millis / self.pages >= SLOW_MILLIS
    }
}

/// How large the next batch may be, where this one may have had `most` objects, had `asked` and took so long.
pub(super) fn next_batch(most: usize, asked: usize, took_millis: u64) -> usize {
    let next = if took_millis > *BATCH_MILLIS.end() {
        asked.min(most) / 2
    } else if took_millis < *BATCH_MILLIS.start() && asked >= most {
        // One that was cut by the end of a page says nothing about larger ones.
        asked.saturating_mul(2)
    } else {
        most.max(asked)
    };
    next.clamp(BATCH_MIN, BATCH_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_slow_by_the_mean_of_its_pages() {
        let pace =
            |millis: &[u64]| millis.iter().fold(Pace::default(), |pace, one| pace.with(*one));
        assert!(!pace(&[]).is_slow());
        assert!(!pace(&[0, 49, 50]).is_slow());
        assert!(pace(&[50]).is_slow());
        assert!(pace(&[0, 0, 0, 5_000]).is_slow());
    }

    #[test]
    fn batches_grow_and_shrink_with_the_time_they_take_and_have_bounds() {
        assert_eq!(next_batch(64, 64, 100), 128);
        assert_eq!(next_batch(64, 64, 1_000), 64);
        assert_eq!(next_batch(64, 64, 5_000), 32);
        assert_eq!(next_batch(32, 32, 20_000), 32);
        assert_eq!(next_batch(1_000, 1_000, 1), 1_000);
        assert_eq!(next_batch(512, 40, 1), 512);
        assert_eq!(next_batch(512, 40, 3_000), 32);
        // A replay of larger batches than this call has come to by itself.
        assert_eq!(next_batch(64, 512, 100), 1_000);
    }
}
