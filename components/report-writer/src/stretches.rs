//! How the rows of a data file are spread over its keys: what the next report of the configuration is cut by.

use serde::{Deserialize, Serialize};
use stocktake_core::configuration::KEY_BYTES_MAX;

/// The most stretches that are kept of one file. A seal has those of all files in memory: a thousand files of keys of
/// 1 KiB take 16 MiB.
const STRETCHES_MAX: usize = 16;

/// Some keys in a row, all versions of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stretch {
    /// The last key.
    pub(crate) until: String,
    /// How many rows up to that key, from the stretch before on.
    pub(crate) rows: u64,
}

/// Notes, as a file grows, where its keys are.
#[derive(Debug, Default)]
pub(crate) struct Stretches {
    done: Vec<Stretch>,
    /// Rows behind the last stretch.
    rows: u64,
    rows_min: u64,
}

impl Stretches {
    /// Says that so many rows were written, the last of them for this key.
    pub(crate) fn add(&mut self, rows: u64, last_key: &str) {
        self.rows += rows;
        if self.rows >= self.rows_min.max(1) {
            self.end(last_key);
        }
        if self.done.len() > STRETCHES_MAX {
            let total: u64 = self.done.iter().map(|stretch| stretch.rows).sum();
            self.rows_min = total * 2 / STRETCHES_MAX as u64;
            self.done = joined(std::mem::take(&mut self.done), STRETCHES_MAX / 2);
        }
    }

    /// All stretches, up to the last key.
    pub(crate) fn finish(mut self, last_key: &str) -> Vec<Stretch> {
        if self.rows > 0 {
            self.end(last_key);
        }
        if let Some(last) = self.done.last_mut() {
            last.rows += self.rows;
        }
        self.done
    }

    /// Ends a stretch with this key, unless it is longer than S3's can be, as a path may be: a few of those would not fit
    /// into a record. Its rows count with the next stretch then.
    fn end(&mut self, key: &str) {
        if key.len() > KEY_BYTES_MAX {
            return;
        }
        let rows = std::mem::take(&mut self.rows);
        match self.done.last_mut() {
            // Versions of one key may come in several portions.
            Some(last) if last.until == key => last.rows += rows,
            _ => self.done.push(Stretch { until: key.to_owned(), rows }),
        }
    }
}

/// Joins neighbours until there are at most `wanted` stretches of about as many rows each.
pub(crate) fn joined(stretches: Vec<Stretch>, wanted: usize) -> Vec<Stretch> {
    let total: u128 = stretches.iter().map(|stretch| u128::from(stretch.rows)).sum();
    let (mut joined, mut seen, mut rows) = (Vec::new(), 0_u128, 0_u64);
    let last = stretches.len().saturating_sub(1);
    for (index, stretch) in stretches.into_iter().enumerate() {
        seen += u128::from(stretch.rows);
        rows += stretch.rows;
        if index == last || seen * wanted as u128 >= total * (joined.len() as u128 + 1) {
            joined.push(Stretch { until: stretch.until, rows: std::mem::take(&mut rows) });
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(rows: &[u64]) -> Vec<Stretch> {
        rows.iter()
            .zip('a'..)
            .map(|(rows, key)| Stretch { until: key.into(), rows: *rows })
            .collect()
    }

    #[track_caller]
    fn check_joined(rows: &[u64], wanted: usize, expected: &[(&str, u64)]) {
        let joined = joined(stretches(rows), wanted);
        let joined: Vec<_> =
            joined.iter().map(|stretch| (stretch.until.as_str(), stretch.rows)).collect();
        assert_eq!(joined, expected);
    }

    #[test]
    fn neighbours_are_joined_evenly() {
        check_joined(&[], 4, &[]);
        check_joined(&[5], 4, &[("a", 5)]);
        check_joined(&[1, 2], 4, &[("a", 1), ("b", 2)]);
        check_joined(&[1, 1, 1, 1, 1, 1], 3, &[("b", 2), ("d", 2), ("f", 2)]);
        check_joined(&[1, 1, 10, 1, 1], 2, &[("c", 12), ("e", 2)]);
        check_joined(&[10, 1, 1], 1, &[("c", 12)]);
        check_joined(&[0, 0], 4, &[("a", 0), ("b", 0)]);
    }

    #[test]
    fn a_file_of_any_size_has_few_stretches_that_add_up() {
        for pages in [1_u64, 15, 16, 17, 1000, 5000] {
            let mut noted = Stretches::default();
            for page in 0..pages {
                noted.add(1000, &format!("{page:06}"));
            }
            let last = format!("{:06}", pages - 1);
            let found = noted.finish(&last);
            let rows: u64 = found.iter().map(|stretch| stretch.rows).sum();
            assert_eq!((rows, found.last().unwrap().until.as_str()), (pages * 1000, last.as_str()));
            assert!(found.len() <= STRETCHES_MAX, "{}", found.len());
            assert!(found.len() as u64 >= pages.min(STRETCHES_MAX as u64 / 4), "{}", found.len());
            assert!(found.is_sorted_by(|a, b| a.until < b.until));
        }
    }

    #[test]
    fn keys_longer_than_those_of_s3_are_no_bounds() {
        let mut noted = Stretches::default();
        let long = |number: u64| format!("b{number:02}{}", "\u{1}".repeat(8_000));
        noted.add(5, "a");
        (0..100).for_each(|number| noted.add(10, &long(number)));
        let found = noted.finish(&long(99));
        assert_eq!(found, [Stretch { until: "a".to_owned(), rows: 1_005 }]);
    }

    #[test]
    fn the_longest_keys_of_s3_fit_into_a_record() {
        let key = |number: u64| format!("{number:04}{}", "\u{1}".repeat(KEY_BYTES_MAX - 4));
        let stretch = |number| Stretch { until: key(number), rows: 1 };
        let most = joined((0..1_000).map(stretch).collect(), crate::ranges::STRETCHES_MAX);
        let bytes = serde_json::to_vec(&most).unwrap().len();
        assert!(bytes <= stocktake_capabilities::STATE_VALUE_BYTES_MAX, "{bytes}");
    }

    #[test]
    fn a_key_with_many_versions_is_one_stretch() {
        let mut noted = Stretches::default();
        (0..100).for_each(|_| noted.add(20_000, "same"));
        let expected = Stretch { until: "same".to_owned(), rows: 2_000_000 };
        assert_eq!(noted.finish("same"), [expected]);
    }
}
