//! How fast a store responds, and what follows from it.

use super::{BATCH_MAX, BATCH_MIN};

/// From how many milliseconds for a page on a store is slow: fast ones list a million keys in the time that a report of
/// them takes to write.
const SLOW_MILLIS: u64 = 50;

/// How many pages it takes to call a store slow: a first one may open connections.
const PAGES_JUDGED: u32 = 4;

/// The time that a batch of objects should take, in milliseconds: far below any time limit, and far above the time of
/// one request.
const BATCH_MILLIS: std::ops::RangeInclusive<u64> = 500..=2_000;

/// The time that pages took, each with the details of its entries.
///
/// The fastest page counts, as a store that is merely disturbed, or shares a busy machine, has fast ones too: where a
/// report is cut must not depend on that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    pages: u32,
    current_millis: u64,
    fastest_millis: Option<u64>,
}

impl Pace {
    /// With one more page.
    pub(super) fn with_page(self, took_millis: u64) -> Self {
        let fastest_millis = if self.pages == 0 { None } else { Some(self.fastest()) };
        Self { pages: self.pages.saturating_add(1), current_millis: took_millis, fastest_millis }
    }

    /// With details of entries of the last page.
    pub(super) fn with_details(self, took_millis: u64) -> Self {
        Self { current_millis: self.current_millis.saturating_add(took_millis), ..self }
    }

    /// Whether a report waits for the store most of the time, so that more ranges side by side are faster.
    pub(crate) fn is_slow(self) -> bool {
        self.pages >= PAGES_JUDGED && self.fastest() >= SLOW_MILLIS
    }

    fn fastest(self) -> u64 {
        self.fastest_millis.map_or(self.current_millis, |fastest| fastest.min(self.current_millis))
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
    fn a_store_is_slow_where_every_page_is() {
        let pace =
            |millis: &[u64]| millis.iter().fold(Pace::default(), |pace, one| pace.with_page(*one));
        assert!(!pace(&[]).is_slow());
        assert!(!pace(&[900, 900, 900]).is_slow());
        assert!(pace(&[50, 50, 50, 50]).is_slow());
        for fast in 0..5 {
            let mut millis = [5_000; 5];
            millis[fast] = 49;
            assert!(!pace(&millis).is_slow());
        }
    }

    #[test]
    fn the_time_of_a_page_is_that_of_its_details_too() {
        let described = |pace: Pace| pace.with_page(1).with_details(30).with_details(30);
        let pace = (0..4).fold(Pace::default(), |pace, _| described(pace));
        assert!(pace.is_slow());
        assert!(!pace.with_page(1).is_slow());
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
