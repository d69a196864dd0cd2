//! Points in time as reports write them: UTC, the proleptic Gregorian calendar.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc, Weekday};

/// Milliseconds since the Unix epoch.
///
/// Every time in a report has this resolution, so this is the one type for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

/// Milliseconds in a minute.
const MINUTE: i64 = 60_000;

impl Millis {
    /// From seconds and nanoseconds since the epoch; what lies beyond years ±262,000 is cut to that range.
    #[must_use]
    pub fn from_parts(seconds: i64, nanoseconds: u32) -> Self {
        let within = i64::from(nanoseconds / 1_000_000);
        Self::cut_to_calendar(seconds.saturating_mul(1000).saturating_add(within))
    }

    /// From milliseconds since the epoch; what lies beyond years ±262,000 is cut to that range.
    #[must_use]
    pub fn cut_to_calendar(millis: i64) -> Self {
        Self(millis.clamp(
            DateTime::<Utc>::MIN_UTC.timestamp_millis(),
            DateTime::<Utc>::MAX_UTC.timestamp_millis(),
        ))
    }

    /// As seconds and nanoseconds since the epoch.
    #[must_use]
    pub fn parts(self) -> (i64, u32) {
        let nanoseconds = u32::try_from(self.0.rem_euclid(1000) * 1_000_000).unwrap_or_default();
        (self.0.div_euclid(1000), nanoseconds)
    }

    /// The beginning of the minute.
    #[must_use]
    pub fn floor_to_minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(MINUTE))
    }

    /// The same time of the clock, so many minutes later.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MINUTE)))
    }

    /// `2026-11-08T01-00Z`: the folder of a report's manifest.
    #[must_use]
    pub fn folder(self) -> String {
        self.utc().format("%Y-%m-%dT%H-%MZ").to_string()
    }

    /// `2026-11-08-01-00`: the value of the `dt` partition.
    #[must_use]
    pub fn partition(self) -> String {
        self.utc().format("%Y-%m-%d-%H-%M").to_string()
    }

    /// `2026-11-08T01:00:00.000Z`, always with three digits of milliseconds.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// Reads a date with a time and an offset (RFC 3339), or a date alone, which is its midnight in UTC.
    ///
    /// Fractions of a second beyond milliseconds are cut off. None for any other text, for dates that do not exist, and
    /// for times that are not within the years 0 to 9999 of UTC, so that [`Millis::rfc3339`] writes what this reads.
    ///
    /// # Examples
    /// ```
    /// use stocktake_core::timestamp::Millis;
    ///
    /// let time = Millis::parse_rfc3339("2026-11-08T02:00:00+01:00");
    /// assert_eq!(time.map(Millis::rfc3339).as_deref(), Some("2026-11-08T01:00:00.000Z"));
    /// assert_eq!(Millis::parse_rfc3339("2026-02-29"), None);
    /// ```
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let time = if text.len() == "2026-11-08".len() {
            DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z"))
        } else {
            DateTime::parse_from_rfc3339(text)
        };
        let time = time.ok()?.to_utc();
        (0..=9999).contains(&time.year()).then(|| Self(time.timestamp_millis()))
    }

    /// The calendar date and time. [`Millis::cut_to_calendar`] makes no value that chrono cannot hold.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Whether it is Sunday in UTC.
    #[must_use]
    pub fn is_sunday(self) -> bool {
        self.utc().weekday() == Weekday::Sun
    }

    /// Whether it is this day of its month in UTC, or the month's last day where the month has no such day.
    #[must_use]
    pub fn is_month_day(self, day: u8) -> bool {
        let (today, tomorrow) = (self.utc(), self.plus_minutes(24 * 60).utc());
        let day = u32::from(day);
        today.day() == day || (today.day() < day && today.month() != tomorrow.month())
    }

    /// This hour of the same UTC day.
    #[must_use]
    pub fn same_day_at_hour(self, hour: u32) -> Self {
        let time = self.utc();
        let since_midnight = i64::from(time.num_seconds_from_midnight()) * 1000
            + i64::from(time.timestamp_subsec_millis());
        Self(self.0 - since_midnight + i64::from(hour) * 60 * MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_three_forms_of_a_report() {
        let time = Millis(1_794_099_600_123);
        assert_eq!(time.folder(), "2026-11-08T01-00Z");
        assert_eq!(time.partition(), "2026-11-08-01-00");
        assert_eq!(time.rfc3339(), "2026-11-08T01:00:00.123Z");
    }

    #[test]
    fn cuts_to_the_minute_on_both_sides_of_the_epoch() {
        assert_eq!(Millis(61_999).floor_to_minute(), Millis(60_000));
        assert_eq!(Millis(-1).floor_to_minute(), Millis(-60_000));
        assert_eq!(Millis(-60_000).floor_to_minute(), Millis(-60_000));
    }

    #[test]
    fn its_parts_are_what_it_was_made_from() {
        for (seconds, nanoseconds) in [(0, 0), (-1, 999_000_000), (1_794_099_600, 123_000_000)] {
            let time = Millis::from_parts(seconds, nanoseconds);
            assert_eq!(time.parts(), (seconds, nanoseconds));
        }
    }

    #[test]
    fn survives_times_beyond_the_calendar() {
        assert!(Millis::from_parts(i64::MAX, 999_999_999).rfc3339().starts_with("+262142"));
        assert!(Millis::from_parts(i64::MIN, 0).rfc3339().starts_with("-262143"));
    }

    #[test]
    fn reads_what_it_writes_and_dates_alone() {
        let read = |text: &str| Millis::parse_rfc3339(text).map(|time| time.0);
        assert_eq!(read("2026-11-08T01:00:00.123Z"), Some(1_794_099_600_123));
        assert_eq!(read("2026-11-08T01:00:00.1239999Z"), Some(1_794_099_600_123));
        assert_eq!(read("2026-11-08"), Some(1_794_096_000_000));
        for text in
            ["", "2026-11-08T01:00:00", "2026-13-01", "2026-11-8", "1794099600", "2026-11-0é"]
                .into_iter()
                .chain(["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"])
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_that_lacks_a_day_has_its_last_instead() {
        let days = |day: u8, month: &str| -> Vec<u32> {
            let first = Millis::parse_rfc3339(&format!("{month}-01")).unwrap();
            let days = (0..31).map(|days| first.plus_minutes(days * 24 * 60));
            let same_month = days.filter(|time| time.utc().month() == first.utc().month());
            same_month.filter(|time| time.is_month_day(day)).map(|time| time.utc().day()).collect()
        };
        assert_eq!(days(1, "2026-02"), [1]);
        assert_eq!(days(28, "2026-02"), [28]);
        for (day, month, expected) in
            [(31, "2026-02", 28), (29, "2026-02", 28), (30, "2028-02", 29), (31, "2026-04", 30)]
        {
            assert_eq!(days(day, month), [expected], "{day} of {month}");
        }
        assert_eq!(days(31, "2026-12"), [31]);
        assert_eq!(days(30, "2026-12"), [30]);
    }

    #[test]
    fn finds_an_hour_of_the_same_day() {
        let one = Millis(1_794_099_600_000);
        assert_eq!(Millis(one.0 + 7_200_123).same_day_at_hour(1), one);
        assert_eq!(Millis(one.0 - 1).same_day_at_hour(1), one);
    }
}
