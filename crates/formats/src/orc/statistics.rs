//! What is known of the values of a column, in a group of rows, a stripe and a file.

use stocktake_core::column::ColumnType;

use super::proto::Message;

/// The longest text that is told whole, in bytes; readers and writers of ORC agree on it.
///
/// No key is longer. Of a longer text, a bound is told that is not: every stripe's statistics are in memory to the end
/// of the file.
const TEXT_BYTES_MAX: usize = 1024;

/// The statistics of one column.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    count: u64,
    has_null: bool,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    /// Rows, which have no value themselves.
    Rows,
    /// The sum is none once it was too large for its type.
    Integers {
        range: Option<(i64, i64)>,
        sum: Option<i64>,
    },
    Times {
        range: Option<(i64, i64)>,
    },
    Flags {
        set: u64,
    },
    Texts {
        range: Option<(Bound, Bound)>,
        bytes: i64,
    },
}

/// The least or the greatest text, or what is less or greater than it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    text: String,
    is_exact: bool,
}

impl Statistics {
    pub(super) fn of_rows(count: u64) -> Self {
        Self { count, has_null: false, values: Values::Rows }
    }

    /// Of no values at all.
    pub(super) fn of(kind: ColumnType) -> Self {
        let values = match kind {
            ColumnType::String => Values::Texts { range: None, bytes: 0 },
            ColumnType::Boolean => Values::Flags { set: 0 },
            ColumnType::Int32 | ColumnType::Int64 => Values::Integers { range: None, sum: Some(0) },
            ColumnType::Timestamp => Values::Times { range: None },
        };
        Self { count: 0, has_null: false, values }
    }

    /// Of some integers, or times in milliseconds; of those that are there, if some are null.
    pub(super) fn add_numbers(&mut self, numbers: impl Iterator<Item = i64>) {
        let (Values::Integers { range, .. } | Values::Times { range }) = &mut self.values else {
            return;
        };
        let (mut least, mut greatest) = range.unwrap_or((i64::MAX, i64::MIN));
        let mut sum = 0_i128;
        let count = self.count;
        for number in numbers {
            least = least.min(number);
            greatest = greatest.max(number);
            sum += i128::from(number);
            self.count += 1;
        }
        if self.count > count {
            *range = Some((least, greatest));
        }
        if let Values::Integers { sum: Some(before), .. } = &self.values {
            let after = i64::try_from(i128::from(*before) + sum).ok();
            self.replace_sum(after);
        }
    }

    pub(super) fn add_flags(&mut self, flags: impl Iterator<Item = bool>) {
        let Values::Flags { set } = &mut self.values else { return };
        for flag in flags {
            *set += u64::from(flag);
            self.count += 1;
        }
    }

    pub(super) fn add_texts<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        let Values::Texts { range, bytes } = &mut self.values else { return };
        let mut extremes: Option<(&str, &str)> = None;
        for text in texts {
            *bytes = bytes.saturating_add(i64::try_from(text.len()).unwrap_or(i64::MAX));
            self.count += 1;
            extremes = Some(extremes.map_or((text, text), |(a, z)| (a.min(text), z.max(text))));
        }
        if let Some((least, greatest)) = extremes {
            widen(range, Bound::below(least), Bound::above(greatest));
        }
    }

    pub(super) fn add_nulls(&mut self, count: usize) {
        self.has_null |= count > 0;
    }

    /// Takes in what is known of other values of the same column.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.has_null |= other.has_null;
        match (&mut self.values, &other.values) {
            (
                Values::Integers { range, sum },
                Values::Integers { range: others, sum: other_sum },
            ) => {
                *range = merged(*range, *others);
                *sum = sum.zip(*other_sum).and_then(|(a, b)| a.checked_add(b));
            }
            (Values::Times { range }, Values::Times { range: others }) => {
                *range = merged(*range, *others);
            }
            (Values::Flags { set }, Values::Flags { set: others }) => *set += others,
            (
                Values::Texts { range, bytes },
                Values::Texts { range: others, bytes: other_bytes },
            ) => {
                *bytes = bytes.saturating_add(*other_bytes);
                if let Some((least, greatest)) = others.clone() {
                    widen(range, least, greatest);
                }
            }
            _ => {}
        }
    }

    /// As `ColumnStatistics`.
    pub(super) fn message(&self) -> Message {
        let message = Message::default().uint(1, self.count);
        let message = match &self.values {
            Values::Rows => message,
            Values::Integers { range, sum } => message.message(2, &integers(*range, *sum)),
            Values::Texts { range, bytes } => message.message(4, &texts(range.as_ref(), *bytes)),
            Values::Flags { set } => message.message(5, &Message::default().packed(1, [*set])),
            Values::Times { range } => message.message(9, &times(*range)),
        };
        message.uint(10, self.has_null.into())
    }

    fn replace_sum(&mut self, after: Option<i64>) {
        if let Values::Integers { sum, .. } = &mut self.values {
            *sum = after;
        }
    }
}

impl Bound {
    /// A text, or the beginning of it.
    fn below(text: &str) -> Self {
        let beginning = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default();
        Self { text: beginning.to_owned(), is_exact: beginning.len() == text.len() }
    }

    /// A text, or a beginning of it whose last character is made greater.
    ///
    /// A long text of nothing but the greatest character has no such thing, and is told whole.
    fn above(text: &str) -> Self {
        let mut rest = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default();
        while rest.len() < text.len() {
            let Some((at, last)) = rest.char_indices().next_back() else { break };
            rest = rest.get(..at).unwrap_or_default();
            let next = (last..=char::MAX).nth(1);
            if let Some(next) = next.filter(|next| at + next.len_utf8() <= TEXT_BYTES_MAX) {
                return Self { text: format!("{rest}{next}"), is_exact: false };
            }
        }
        Self { text: text.to_owned(), is_exact: true }
    }
}

/// Makes room for a least and a greatest text. Of two that are equal, the exact one is it.
fn widen(range: &mut Option<(Bound, Bound)>, least: Bound, greatest: Bound) {
    let Some((below, above)) = range else {
        *range = Some((least, greatest));
        return;
    };
    if (&least.text, !least.is_exact) < (&below.text, !below.is_exact) {
        *below = least;
    }
    if (&greatest.text, greatest.is_exact) > (&above.text, above.is_exact) {
        *above = greatest;
    }
}

fn merged(range: Option<(i64, i64)>, others: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (range, others) {
        (Some((a, z)), Some((least, greatest))) => Some((a.min(least), z.max(greatest))),
        (range, others) => range.or(others),
    }
}

fn integers(range: Option<(i64, i64)>, sum: Option<i64>) -> Message {
    let Some((least, greatest)) = range else { return Message::default() };
    let message = Message::default().sint(1, least).sint(2, greatest);
    match sum {
        Some(sum) => message.sint(3, sum),
        None => message,
    }
}

/// The writer's time zone is UTC, so that old readers' fields say the same as the new ones.
fn times(range: Option<(i64, i64)>) -> Message {
    let Some((least, greatest)) = range else { return Message::default() };
    Message::default().sint(1, least).sint(2, greatest).sint(3, least).sint(4, greatest)
}

fn texts(range: Option<&(Bound, Bound)>, bytes: i64) -> Message {
    let Some((below, above)) = range else { return Message::default() };
    let bounds = [(below, 1, 4), (above, 2, 5)];
    bounds.into_iter().fold(Message::default().sint(3, bytes), |message, (bound, exact, near)| {
        let field = if bound.is_exact { exact } else { near };
        message.bytes(field, bound.text.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_texts(texts: &[&str]) -> (Bound, Bound) {
        let mut statistics = Statistics::of(ColumnType::String);
        statistics.add_texts(texts.iter().copied());
        match statistics.values {
            Values::Texts { range: Some(range), .. } => range,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_up_to_the_limit_are_told_whole() {
        let longest = "é".repeat(512);
        let (below, above) = of_texts(&["b", &longest, "a"]);
        assert_eq!((below.text.as_str(), below.is_exact), ("a", true));
        assert_eq!((above.text, above.is_exact), (longest, true));
    }

    #[test]
    fn longer_texts_have_bounds_that_are_short_and_true() {
        for text in
            ["a".repeat(1025), "é".repeat(513), format!("{}\u{d7ff}{}", "z".repeat(1021), "😀")]
        {
            let (below, above) = of_texts(&[&text]);
            assert!(!below.is_exact && !above.is_exact);
            assert!(below.text < text && text < above.text, "{below:?} {above:?}");
            assert!(below.text.len() <= 1024 && above.text.len() <= 1024);
        }
        let greatest = "\u{10ffff}".repeat(300);
        let (below, above) = of_texts(&[&greatest]);
        assert!(below.text < greatest && above == Bound { text: greatest, is_exact: true });
    }

    #[test]
    fn an_exact_text_wins_over_an_equal_bound() {
        let long = "a".repeat(2000);
        let exact = Bound { text: "a".repeat(1024), is_exact: true };
        assert_eq!(of_texts(&[&long, &exact.text]).0, exact);
        let mut statistics = Statistics::of(ColumnType::String);
        statistics.add_texts([long.as_str()].into_iter());
        let mut other = Statistics::of(ColumnType::String);
        other.add_texts([exact.text.as_str()].into_iter());
        statistics.merge(&other);
        let Values::Texts { range: Some((below, above)), .. } = statistics.values else {
            panic!("no range")
        };
        assert_eq!(below, exact);
        assert!(above.text > long);
    }

    #[test]
    fn a_sum_that_is_too_large_is_left_out() {
        let mut statistics = Statistics::of(ColumnType::Int64);
        statistics.add_numbers([i64::MAX, -1, 1].into_iter());
        assert!(matches!(statistics.values, Values::Integers { sum: Some(i64::MAX), .. }));
        statistics.add_numbers([1].into_iter());
        statistics.add_numbers([-5].into_iter());
        assert!(matches!(
            statistics.values,
            Values::Integers { sum: None, range: Some((-5, i64::MAX)) }
        ));
        let mut other = Statistics::of(ColumnType::Int64);
        other.merge(&statistics);
        assert!(matches!(other.values, Values::Integers { sum: None, .. }));
        assert_eq!(other.count, 5);
    }
}
