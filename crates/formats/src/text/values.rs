//! How single values are written: texts, keys, numbers and times. Hot: nothing here allocates per value.

use stocktake_core::timestamp::Millis;

/// 0001-01-01T00:00:00.000Z.
const TIME_MIN: i64 = -62_135_596_800_000;

/// 9999-12-31T23:59:59.999Z.
const TIME_MAX: i64 = 253_402_300_799_999;

/// Days from 0000-03-01 to 0001-01-01.
const DAYS_BEFORE_YEAR_1: u32 = 306;

/// Days in 400 years.
const ERA_DAYS: u32 = 146_097;

/// The most digits of a number, and its sign.
const NUMBER_BYTES_MAX: usize = 20;

/// Writes the inside of a quoted value: inner quotes are doubled, everything else stays.
pub(super) fn append_quoted(out: &mut Vec<u8>, text: &str) {
    let mut parts = text.as_bytes().split(|&byte| byte == b'"');
    out.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(part);
    }
}

/// Writes a text as JSON: what JSON cannot have within quotes is escaped, everything else stays.
pub(super) fn append_json(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let plain = rest.iter().position(|&byte| is_escaped_in_json(byte)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(plain);
        out.extend_from_slice(run);
        let Some((&byte, after)) = after.split_first() else { break };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => {
                let digits = [hex_digit(byte >> 4), hex_digit(byte & 15)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits.map(|digit| digit.to_ascii_lowercase()));
            }
        }
        rest = after;
    }
    out.push(b'"');
}

/// Writes a key: all bytes but letters, digits and `_ - . / : *` become `%XX`.
///
/// Space is `%20` and plus is `%2B`, so that readers that decode `+` and readers that do not agree.
pub(super) fn append_percent_encoded(out: &mut Vec<u8>, key: &str) {
    let mut rest = key.as_bytes();
    loop {
        let plain = rest.iter().position(|&byte| !is_plain(byte)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(plain);
        out.extend_from_slice(run);
        let Some((&byte, after)) = after.split_first() else { return };
        out.extend_from_slice(&[b'%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
        rest = after;
    }
}

/// Writes a decimal number.
pub(super) fn append_number(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0; NUMBER_BYTES_MAX];
    let mut length = 0;
    let mut rest = number.unsigned_abs();
    for place in digits.iter_mut().rev() {
        *place = digit(rest);
        length += 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(NUMBER_BYTES_MAX - length..).unwrap_or_default());
}

/// Writes a time as `2026-11-08T01:00:00.000Z`, like [`Millis::rfc3339`] but many times as fast.
pub(super) fn append_time(out: &mut Vec<u8>, time: Millis) {
    let since_year_1 = (TIME_MIN..=TIME_MAX)
        .contains(&time.0)
        .then(|| u64::try_from(time.0 - TIME_MIN).ok())
        .flatten();
    let Some(millis) = since_year_1 else {
        out.extend_from_slice(time.rfc3339().as_bytes());
        return;
    };
    let days = u32::try_from(millis / 86_400_000).unwrap_or_default();
    let (year, month, day) = civil(days);
    let seconds = millis / 1000;
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let fields = [
        (0..4, u64::from(year)),
        (5..7, u64::from(month)),
        (8..10, u64::from(day)),
        (11..13, seconds / 3600 % 24),
        (14..16, seconds / 60 % 60),
        (17..19, seconds % 60),
        (20..23, millis % 1000),
    ];
    for (places, mut value) in fields {
        for place in text.get_mut(places).unwrap_or_default().iter_mut().rev() {
            *place = digit(value);
            value /= 10;
        }
    }
    out.extend_from_slice(&text);
}

/// Year, month and day of a day counted from 0001-01-01.
///
/// Counts years from March, so that a leap day is the last of its year, and months by the rule that five of them from
/// March or August on have 153 days.
fn civil(days: u32) -> (u32, u32, u32) {
    let days = days + DAYS_BEFORE_YEAR_1;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let leap_days_before = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days_before) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let is_next_year = month_from_march >= 10;
    let month = if is_next_year { month_from_march - 9 } else { month_from_march + 3 };
    (era * 400 + year_of_era + u32::from(is_next_year), month, day)
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b'*')
}

const fn is_escaped_in_json(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\')
}

const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}

/// The last digit of a number.
const fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(append: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        append(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn only_unreserved_characters_of_a_key_stay() {
        let key = "aZ09_-./:* +~'(=,\"%\n\u{0}é😀";
        assert_eq!(
            written(|out| append_percent_encoded(out, key)),
            "aZ09_-./:*%20%2B%7E%27%28%3D%2C%22%25%0A%00%C3%A9%F0%9F%98%80"
        );
        assert_eq!(written(|out| append_percent_encoded(out, "")), "");
    }

    #[test]
    fn inner_quotes_are_doubled() {
        for (text, expected) in [
            ("", ""),
            ("a", "a"),
            ("\"", "\"\""),
            ("\"\"", "\"\"\"\""),
            ("a\"b,\nc\"", "a\"\"b,\nc\"\""),
        ] {
            assert_eq!(written(|out| append_quoted(out, text)), expected);
        }
    }

    #[test]
    fn json_escapes_what_it_has_to_and_nothing_else() {
        for (text, expected) in [
            ("", r#""""#),
            ("a/b é😀\u{7f}\u{2028}", "\"a/b é😀\u{7f}\u{2028}\""),
            ("\"\\", r#""\"\\""#),
            ("\u{8}\t\n\u{c}\r", r#""\b\t\n\f\r""#),
            ("a\u{0}b\u{b}\u{1f}", r#""a\u0000b\u000b\u001f""#),
        ] {
            assert_eq!(written(|out| append_json(out, text)), expected);
        }
    }

    #[test]
    fn the_first_and_last_times_are_exact() {
        for time in [TIME_MIN - 1, TIME_MIN, -1, 0, TIME_MAX, TIME_MAX + 1] {
            assert_eq!(written(|out| append_time(out, Millis(time))), Millis(time).rfc3339());
        }
    }

    #[test]
    fn every_day_of_eight_centuries_is_the_calendars() {
        for day in 0..2 * i64::from(ERA_DAYS) {
            let time = Millis(TIME_MIN + day * 86_400_000);
            assert_eq!(written(|out| append_time(out, time)), time.rfc3339());
        }
    }

    proptest! {
        #[test]
        fn times_are_those_of_chrono(time in TIME_MIN..=TIME_MAX) {
            prop_assert_eq!(written(|out| append_time(out, Millis(time))), Millis(time).rfc3339());
        }

        #[test]
        fn numbers_are_those_of_std(number: i64) {
            prop_assert_eq!(written(|out| append_number(out, number)), number.to_string());
        }
    }

    #[test]
    fn the_ends_of_the_number_range_are_exact() {
        for number in [i64::MIN, -1, 0, 9, 10, i64::MAX] {
            assert_eq!(written(|out| append_number(out, number)), number.to_string());
        }
    }
}
