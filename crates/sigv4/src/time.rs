//! Points in time as requests carry them: UTC, whole seconds.

/// Seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(pub i64);

const DAY: i64 = 24 * 60 * 60;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl UnixSeconds {
    /// The first second of the year 0.
    const MIN: i64 = -62_167_219_200;

    /// The last second of the year 9999.
    const MAX: i64 = 253_402_300_799;

    /// Reads `20130524T000000Z`, the form of `x-amz-date`; None for anything else and for dates that do not exist.
    ///
    /// # Examples
    /// ```
    /// use stocktake_sigv4::UnixSeconds;
    ///
    /// assert_eq!(UnixSeconds::parse_basic("20130524T000000Z"), Some(UnixSeconds(1_369_353_600)));
    /// assert_eq!(UnixSeconds::parse_basic("20130229T000000Z"), None);
    /// ```
    #[must_use]
    pub fn parse_basic(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let time = time.strip_suffix('Z')?;
        if date.len() != 8 || time.len() != 6 {
            return None;
        }
        let day = days(number(date, 0, 4)?, number(date, 4, 6)?, number(date, 6, 8)?)?;
        at(day, number(time, 0, 2)?, number(time, 2, 4)?, number(time, 4, 6)?)
    }

    /// Reads `Fri, 24 May 2013 00:00:00 GMT`, the form of `Date` (RFC 9110, section 5.6.7); None for anything else.
    ///
    /// The name of the weekday is not compared with the date.
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let (weekday, rest) = text.split_once(", ")?;
        if weekday.len() != 3 || rest.len() != "24 May 2013 00:00:00 GMT".len() {
            return None;
        }
        let separators = [(2, " "), (6, " "), (11, " "), (14, ":"), (17, ":"), (20, " GMT")];
        if separators.iter().any(|(at, separator)| {
            rest.get(*at..at + separator.len()).is_none_or(|found| found != *separator)
        }) {
            return None;
        }
        let month = MONTHS.iter().zip(1..).find(|(name, _)| rest.get(3..6) == Some(**name))?.1;
        let day = days(number(rest, 7, 11)?, month, number(rest, 0, 2)?)?;
        at(day, number(rest, 12, 14)?, number(rest, 15, 17)?, number(rest, 18, 20)?)
    }

    /// As `20130524T000000Z`; what lies beyond the years 0 to 9999 is cut to them.
    #[must_use]
    pub fn basic(self) -> String {
        let seconds = self.0.clamp(Self::MIN, Self::MAX);
        let (year, month, day) = civil(seconds.div_euclid(DAY));
        let second = seconds.rem_euclid(DAY);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{:02}Z", second % 60)
    }

    /// Seconds from `other` to this, negative where this is earlier.
    pub(crate) fn since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// The digits from one place to another.
fn number(text: &str, from: usize, to: usize) -> Option<i64> {
    let digits = text.get(from..to)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

fn at(day: i64, hour: i64, minute: i64, second: i64) -> Option<UnixSeconds> {
    (hour < 24 && minute < 60 && second < 60)
        .then(|| UnixSeconds(day * DAY + hour * 3600 + minute * 60 + second))
}

/// Days from the epoch to a date of the Gregorian calendar; None where there is no such date.
///
/// Counts years from March, so that a leap day ends its year.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let years = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(years + since_march - EPOCH)
}

/// Days from 1 March of the year 0 to the epoch.
const EPOCH: i64 = 719_468;

/// The date that is so many days after the epoch: the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    const CYCLE: i64 = 146_097;
    let days = days + EPOCH;
    let in_cycle = days.rem_euclid(CYCLE);
    let year = (in_cycle - in_cycle / 1460 + in_cycle / 36_524 - in_cycle / (CYCLE - 1)) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12 + 1;
    let year = year + 400 * days.div_euclid(CYCLE) + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_one_time_are_equal() {
        let time = UnixSeconds(1_369_353_600);
        assert_eq!(time.basic(), "20130524T000000Z");
        assert_eq!(UnixSeconds::parse_http_date("Fri, 24 May 2013 00:00:00 GMT"), Some(time));
    }

    #[test]
    fn every_day_of_a_cycle_is_read_as_it_was_written() {
        let mut previous = None;
        // The calendar repeats itself after 400 years.
        for day in days(1800, 1, 1).unwrap()..=days(2200, 1, 1).unwrap() {
            let time = UnixSeconds(day * DAY + 86_399);
            let text = time.basic();
            assert_eq!(UnixSeconds::parse_basic(&text), Some(time), "{text}");
            assert!(previous.is_none_or(|previous| previous < text), "{text}");
            previous = Some(text);
        }
        for (time, text) in [(i64::MIN, "00000101T000000Z"), (i64::MAX, "99991231T235959Z")] {
            assert_eq!(UnixSeconds(time).basic(), text);
        }
        let ends = ["00000101T000000Z", "99991231T235959Z"].map(UnixSeconds::parse_basic);
        assert_eq!(
            ends,
            [Some(UnixSeconds(UnixSeconds::MIN)), Some(UnixSeconds(UnixSeconds::MAX))]
        );
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "20130524T000000", "2013-05-24T00:00:00Z", "20131301T000000Z"]
            .into_iter()
            .chain(["20130431T000000Z", "20130524T240000Z", "20130524T000060Z", "+0130524T000000Z"])
            .chain(["20130524T0000000Z", "2013052éT00000Z"])
        {
            assert_eq!(UnixSeconds::parse_basic(text), None, "{text}");
        }
        for text in ["Fri, 24 May 2013 00:00:00 UTC", "Fri, 24 may 2013 00:00:00 GMT"]
            .into_iter()
            .chain(["Friday, 24-May-13 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 GMT "])
            .chain(["Fri, 4 May 2013 00:00:00 GMT", "Fri, 24 Mayé013 00:00:00 GMT"])
        {
            assert_eq!(UnixSeconds::parse_http_date(text), None, "{text}");
        }
    }
}
