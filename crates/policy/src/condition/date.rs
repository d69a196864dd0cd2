//! Points in time, by the W3C profile of ISO 8601 or in seconds since the epoch.
//!
//! Source: "Date and Time Formats", a note of the W3C, <https://www.w3.org/TR/NOTE-datetime>.

/// Seconds since the epoch, and nanoseconds; of what is finer, the rest is cut off.
pub(super) type Instant = (i64, u32);

/// A point in time; none for any other text. Four digits are a year.
pub(super) fn parse(text: &str) -> Option<Instant> {
    let begins_with_year = text.bytes().take_while(u8::is_ascii_digit).count() == 4;
    let is_calendar = begins_with_year && matches!(text.get(4..5), None | Some("-"));
    if is_calendar { calendar(text) } else { epoch(text) }
}

fn epoch(text: &str) -> Option<Instant> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, nanoseconds(fraction)?),
        None => (digits, 0),
    };
    let seconds = i64::try_from(number(whole)?).ok()?;
    match (is_negative, fraction) {
        (false, _) => Some((seconds, fraction)),
        (true, 0) => Some((-seconds, 0)),
        (true, _) => Some((-seconds - 1, 1_000_000_000 - fraction)),
    }
}

fn calendar(text: &str) -> Option<Instant> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut fields = date.split('-');
    let year = digits(fields.next()?, 4)?;
    let month = fields.next().map_or(Some(1), |field| digits(field, 2))?;
    let day = fields.next();
    if fields.next().is_some() || (time.is_some() && day.is_none()) {
        return None;
    }
    let day = day.map_or(Some(1), |field| digits(field, 2))?;
    let midnight = days(year, month, day)? * 86_400;
    let Some(time) = time else { return Some((midnight, 0)) };
    let zone = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let (clock, nanoseconds) = match clock.split_once('.') {
        Some((clock, fraction)) if clock.len() == 8 => (clock, nanoseconds(fraction)?),
        Some(_) => return None,
        None => (clock, 0),
    };
    let seconds = midnight + within_day(clock)? - offset(zone)?;
    Some((seconds, nanoseconds))
}

/// Seconds since midnight of `hh:mm` or `hh:mm:ss`.
fn within_day(text: &str) -> Option<i64> {
    let mut fields = text.split(':');
    let hour = digits(fields.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(fields.next()?, 2).filter(|minute| *minute < 60)?;
    let second = fields.next().map_or(Some(0), |field| digits(field, 2))?;
    (fields.next().is_none() && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Seconds ahead of UTC of `Z` or `±hh:mm`.
fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        (None, None) => return None,
    };
    (rest.len() == 5).then(|| within_day(rest)).flatten().map(|seconds| sign * seconds)
}

/// Days since the epoch, in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years that begin in March end with the leap day, and their months follow a straight line.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before_year = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(before_year + (153 * month + 2) / 5 + day - 1 - 719_468)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length).then(|| number(text)).flatten().and_then(|value| value.try_into().ok())
}

/// A number of at most 18 digits, which is a time beyond any calendar.
fn number(text: &str) -> Option<u64> {
    let is_number =
        (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().map(|byte| u32::from(byte - b'0'));
    Some(digits.chain(std::iter::repeat(0)).take(9).fold(0, |value, digit| value * 10 + digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_of_the_profile_and_seconds() {
        for (text, expected) in [
            ("2026", Some((1_767_225_600, 0))),
            ("2026-11", Some((1_793_491_200, 0))),
            ("2026-11-08", Some((1_794_096_000, 0))),
            ("2026-11-08T01:00Z", Some((1_794_099_600, 0))),
            ("2026-11-08T01:00:00Z", Some((1_794_099_600, 0))),
            ("2026-11-08T02:30:00+01:30", Some((1_794_099_600, 0))),
            ("2026-11-07T20:00:00-05:00", Some((1_794_099_600, 0))),
            ("2026-11-08T01:00:00.25Z", Some((1_794_099_600, 250_000_000))),
            ("1970-01-01", Some((0, 0))),
            ("1969-12-31T23:59:59Z", Some((-1, 0))),
            ("2024-02-29", Some((1_709_164_800, 0))),
            ("0000-01-01", Some((-62_167_219_200, 0))),
            ("1794099600", Some((1_794_099_600, 0))),
            ("1794099600.5", Some((1_794_099_600, 500_000_000))),
            ("-1.5", Some((-2, 500_000_000))),
            ("0", Some((0, 0))),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "x",
            "20x6",
            "2026-",
            "2026-13",
            "2026-02-29",
            "2026-11-31",
            "2026-12-32",
            "2026-01-00",
            "2026-1-1",
            "2026-11-08T01Z",
            "12e3",
            "2026-11-08T01:00:00",
            "2026-11-08T24:00Z",
            "2026-11-08T01:60Z",
            "2026-11-08T01:00:60Z",
            "2026-11-08T01:00.5Z",
            "2026-11-08T01:00:00+0100",
            "2026-11T01:00Z",
            "2026-11-08 01:00",
            "1234567890123456789",
            "1.",
            ".5",
            "2026-11-08T01:00:00.Z",
            "é026-01",
            "-",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
