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
        let millis =
            seconds.saturating_mul(1000).saturating_add(i64::from(nanoseconds / 1_000_000));
        Self(millis.clamp(
            DateTime::<Utc>::MIN_UTC.timestamp_millis(),
            DateTime::<Utc>::MAX_UTC.timestamp_millis(),
        ))
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

    /// The calendar date and time. Values that chrono cannot hold do not come out of [`Millis::from_parts`].
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Whether it is Sunday in UTC.
    #[must_use]
    pub fn is_sunday(self) -> bool {
        self.utc().weekday() == Weekday::Sun
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
    fn survives_times_beyond_the_calendar() {
        assert!(Millis::from_parts(i64::MAX, 999_999_999).rfc3339().starts_with("+262142"));
        assert!(Millis::from_parts(i64::MIN, 0).rfc3339().starts_with("-262143"));
    }

    #[test]
    fn finds_an_hour_of_the_same_day() {
        let one = Millis(1_794_099_600_000);
        assert_eq!(Millis(one.0 + 7_200_123).same_day_at_hour(1), one);
        assert_eq!(Millis(one.0 - 1).same_day_at_hour(1), one);
    }
}
