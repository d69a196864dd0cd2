//! Values as texts write them: words, numbers, times, and keys that are percent-encoded.

use stocktake_core::column::ColumnType;

use super::super::ReadError;
use super::super::batch::{ColumnBuilder, described};

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// The most digits of a year; more would not fit milliseconds of 64 bits.
const YEAR_DIGITS_MAX: usize = 9;

/// Appends a value in the text form of its column's type.
pub(super) fn append(value: &[u8], builder: &mut ColumnBuilder) -> Result<(), ReadError> {
    let kind = builder.column().kind;
    let number = match kind {
        ColumnType::String => return builder.text(value),
        ColumnType::Boolean => match flag(value) {
            Some(flag) => return builder.flag(flag),
            None => None,
        },
        ColumnType::Int32 | ColumnType::Int64 => {
            str::from_utf8(value).ok().and_then(|text| text.parse().ok())
        }
        ColumnType::Timestamp => time(value),
    };
    let Some(number) = number else {
        let shown: String = String::from_utf8_lossy(value).chars().take(40).collect();
        return Err(ReadError::malformed(format!("`{shown}` is not {}", described(kind))));
    };
    builder.number(number)
}

/// Decodes `%XX`; a plus stays a plus.
pub(super) fn percent_decode(text: &[u8], out: &mut Vec<u8>) -> Result<(), ReadError> {
    out.clear();
    let mut rest = text;
    loop {
        let plain = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
        let (run, after) = rest.split_at(plain);
        out.extend_from_slice(run);
        rest = match after {
            [] => return Ok(()),
            [_, high, low, after @ ..] => {
                let digits = hex_digit(*high).zip(hex_digit(*low));
                let (high, low) = digits.ok_or_else(no_escape)?;
                out.push(high << 4 | low);
                after
            }
            _ => return Err(no_escape()),
        }
    }
}

fn no_escape() -> ReadError {
    ReadError::malformed("a `%` without two hexadecimal digits behind it")
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn flag(word: &[u8]) -> Option<bool> {
    match word {
        _ if word.eq_ignore_ascii_case(b"true") => Some(true),
        _ if word.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// `2026-11-08T01:00:00.000Z` in milliseconds, as RFC 3339 has it, and with years before 0 and after 9999.
///
/// Fractions of any length are cut to milliseconds, and an offset from UTC may stand for the `Z`.
fn time(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    let year_digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    if !(4..=YEAR_DIGITS_MAX).contains(&year_digits) {
        return None;
    }
    let (year, rest) = rest.split_at(year_digits);
    let (month, rest) = two_digits_after(b'-', rest)?;
    let (day, rest) = two_digits_after(b'-', rest)?;
    let [b'T' | b't' | b' ', hour @ ..] = rest else { return None };
    let (hour, rest) = hour.split_at_checked(2)?;
    let (minute, rest) = two_digits_after(b':', rest)?;
    let (second, mut rest) = two_digits_after(b':', rest)?;
    let (year, hour) = (sign * number(year)?, number(hour)?);
    let is_clock = hour < 24 && minute < 60 && second < 60;
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) || !is_clock {
        return None;
    }
    let mut fraction = 0;
    if let [b'.', digits @ ..] = rest {
        let count = digits.iter().position(|byte| !byte.is_ascii_digit())?;
        if !(1..=9).contains(&count) {
            return None;
        }
        let (digits, after) = digits.split_at(count);
        let milli = |at| digits.get(at).map_or(0, |digit| i64::from(digit - b'0'));
        fraction = milli(0) * 100 + milli(1) * 10 + milli(2);
        rest = after;
    }
    let offset = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), hours @ ..] => {
            let (hours, rest) = hours.split_at_checked(2)?;
            let (minutes, rest) = two_digits_after(b':', rest)?;
            let minutes = number(hours)? * 60 + minutes;
            if !rest.is_empty() {
                return None;
            }
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let seconds = (days_from_1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
    Some((seconds - offset * 60) * 1000 + fraction)
}

fn two_digits_after(separator: u8, text: &[u8]) -> Option<(i64, &[u8])> {
    let (digits, rest) = text.strip_prefix(&[separator])?.split_at_checked(2)?;
    Some((number(digits)?, rest))
}

/// A number of a few digits.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, by years that begin in March, so that a leap day is the last of its year.
fn days_from_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - DAYS_TO_1970
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stocktake_core::timestamp::Millis;

    use super::*;

    #[test]
    fn every_day_of_eight_centuries_is_the_calendars() {
        for day in -719_162..2 * 146_097 - 719_162 {
            let millis = day * 86_400_000;
            assert_eq!(time(Millis(millis).rfc3339().as_bytes()), Some(millis));
        }
    }

    #[test]
    fn times_of_other_writers_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01t00:00:00z", 0),
            ("1970-01-01 00:00:01.5Z", 1500),
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("1970-01-01T02:00:00.001+02:00", 1),
            ("1969-12-31T18:30:00.000-05:30", 0),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ] {
            assert_eq!(time(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-13-01T00:00:00Z",
            "1970-00-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "1970-01-00T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1234567890Z",
            "1970-01-01T00:00:00Z ",
            "1970-01-01T00:00:00+0200",
            "70-01-01T00:00:00Z",
            "99999999999-01-01T00:00:00Z",
            "1970-01-01T0",
            "1970-01-01T00:00:00+",
        ] {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn keys_are_decoded_and_pluses_stay() {
        let mut key = b"rest".to_vec();
        percent_decode(b"a%20b+c%2Bd%2f%C3%A9%00", &mut key).expect("a key");
        assert_eq!(key, "a b+c+d/é\0".as_bytes());
        for wrong in ["%", "a%2", "%zz", "%2", "% 1", "%+1"] {
            assert!(percent_decode(wrong.as_bytes(), &mut key).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn times_are_those_of_chrono(millis in -8_000_000_000_000_000..8_000_000_000_000_000_i64) {
            prop_assert_eq!(time(Millis(millis).rfc3339().as_bytes()), Some(millis));
        }

        #[test]
        fn no_text_is_too_strange(text in "[-+0-9T:. Z]{0,30}") {
            time(text.as_bytes());
        }
    }
}
