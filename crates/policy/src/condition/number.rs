//! Decimal numbers of any length, compared as they are written and not as binary approximations.

use std::cmp::Ordering;
use std::iter;

/// A number other than zero is `0.d1d2d3… · 10^point`, where `d1` is no zero.
struct Decimal<'t> {
    is_negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    point: i64,
    is_zero: bool,
}

/// How one number stands to another; none where one of both is none.
pub(super) fn compare(one: &str, other: &str) -> Option<Ordering> {
    let (one, other) = (Decimal::parse(one)?, Decimal::parse(other)?);
    Some(match (one.sign(), other.sign()) {
        (1, 1) => one.magnitude(&other),
        (-1, -1) => other.magnitude(&one),
        (one, other) => one.cmp(&other),
    })
}

impl<'t> Decimal<'t> {
    /// Reads an optional sign, digits with an optional point among them, and an optional exponent.
    fn parse(text: &'t str) -> Option<Self> {
        let (is_negative, text) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) || (whole.is_empty() && fraction.is_empty())
        {
            return None;
        }
        let whole = whole.trim_start_matches('0').as_bytes();
        let fraction = fraction.trim_end_matches('0').as_bytes();
        let leading = fraction.iter().take_while(|digit| **digit == b'0').count();
        let (fraction, point) = if whole.is_empty() {
            (fraction.get(leading..).unwrap_or_default(), -i64::try_from(leading).ok()?)
        } else {
            (fraction, i64::try_from(whole.len()).ok()?)
        };
        let is_zero = whole.is_empty() && fraction.is_empty();
        let point = point.saturating_add(i64::from(exponent));
        Some(Self { is_negative, whole, fraction, point, is_zero })
    }

    fn sign(&self) -> i8 {
        match (self.is_zero, self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// How it stands to another, whatever their signs; neither is zero.
    fn magnitude(&self, other: &Self) -> Ordering {
        let length = |number: &Self| number.whole.len() + number.fraction.len();
        let length = length(self).max(length(other));
        let digits = |number: &Self| -> Vec<u8> {
            let digits = number.whole.iter().chain(number.fraction);
            digits.copied().chain(iter::repeat(b'0')).take(length).collect()
        };
        self.point.cmp(&other.point).then_with(|| digits(self).cmp(&digits(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_by_value() {
        for (one, other, expected) in [
            ("10", "10.0", Some(Ordering::Equal)),
            ("010", "1e1", Some(Ordering::Equal)),
            ("0.05", "5E-2", Some(Ordering::Equal)),
            ("-0", "+0.00", Some(Ordering::Equal)),
            (".5", "0.50", Some(Ordering::Equal)),
            ("9", "10", Some(Ordering::Less)),
            ("-9", "-10", Some(Ordering::Greater)),
            ("-1", "0.1", Some(Ordering::Less)),
            ("0", "-0.1", Some(Ordering::Greater)),
            ("1.05", "1.5", Some(Ordering::Less)),
            ("9007199254740993", "9007199254740992", Some(Ordering::Greater)),
            ("1e2147483647", "9", Some(Ordering::Greater)),
            ("", "1", None),
            (".", "1", None),
            ("1", "abc", None),
            ("NaN", "1", None),
            ("inf", "1", None),
            ("1 ", "1", None),
            ("1e", "1", None),
            ("--1", "1", None),
            ("0x10", "16", None),
        ] {
            assert_eq!(compare(one, other), expected, "{one} {other}");
        }
    }
}
