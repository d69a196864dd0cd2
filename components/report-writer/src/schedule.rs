//! When a configuration is due.
//!
//! A slot is a time at which a report falls due. A slot is filled at most once; of slots that were missed, only the
//! latest is filled.

use serde::{Deserialize, Serialize};
use stocktake_core::configuration::Frequency;
use stocktake_core::timestamp::Millis;

/// The hour of the day, UTC, at which slots are. S3's folders bear 01-00 since 2023.
const SLOT_HOUR: u32 = 1;

/// What is remembered of a configuration's schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    /// When the configuration was first seen enabled.
    pub(crate) since_millis: i64,
    /// The latest slot that was filled.
    pub(crate) last_slot_millis: Option<i64>,
}

/// The slot to fill now, if there is one.
///
/// The first report falls due at the first slot hour of any day after `since`; weekly ones then on Sundays, and monthly
/// ones on their day of the month, or on the last day of a month that has no such day.
pub(crate) fn due_slot(
    frequency: Frequency,
    monthly_date: Option<u8>,
    scheduled: &Scheduled,
    now: Millis,
) -> Option<Millis> {
    let latest = latest_slot_hour(now);
    let Some(last) = scheduled.last_slot_millis else {
        return (latest.0 > scheduled.since_millis).then_some(latest);
    };
    let slot = match frequency {
        Frequency::Daily => latest,
        Frequency::Weekly => latest_of(latest, 7, Millis::is_sunday),
        // No configuration is kept that asks for monthly reports without a day.
        Frequency::Monthly => {
            latest_of(latest, 31, |slot| slot.is_month_day(monthly_date.unwrap_or(1)))
        }
    };
    (slot.0 > last.max(scheduled.since_millis)).then_some(slot)
}

/// The latest slot hour that is not after `now`.
fn latest_slot_hour(now: Millis) -> Millis {
    let today = now.same_day_at_hour(SLOT_HOUR);
    if today > now { today.plus_minutes(-24 * 60) } else { today }
}

/// The latest of the last so many days' slot hours that is one of those meant; there is always one.
fn latest_of(latest: Millis, days: i64, is_meant: impl Fn(Millis) -> bool) -> Millis {
    let mut slots = (0..days).map(|days| latest.plus_minutes(-days * 24 * 60));
    slots.find(|slot| is_meant(*slot)).unwrap_or(latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60;
    /// Sunday, 2026-11-08T01:00Z.
    const SUNDAY: Millis = Millis(1_794_099_600_000);

    #[track_caller]
    fn check(frequency: Frequency, since: i64, last: Option<i64>, now: i64, expected: Option<i64>) {
        let minutes = |minutes: i64| SUNDAY.plus_minutes(minutes);
        let scheduled = Scheduled {
            since_millis: minutes(since).0,
            last_slot_millis: last.map(|last| minutes(last).0),
        };
        let monthly_date = (frequency == Frequency::Monthly).then_some(8);
        assert_eq!(
            due_slot(frequency, monthly_date, &scheduled, minutes(now)),
            expected.map(minutes)
        );
    }

    #[test]
    fn the_first_report_waits_for_the_next_slot_hour() {
        for frequency in [Frequency::Daily, Frequency::Weekly, Frequency::Monthly] {
            check(frequency, 60, None, 120, None);
            check(frequency, 60, None, DAY - 1, None);
            check(frequency, 60, None, DAY, Some(DAY));
            check(frequency, 0, None, 0, None);
        }
    }

    #[test]
    fn a_slot_is_filled_once() {
        check(Frequency::Daily, -5, Some(0), 0, None);
        check(Frequency::Daily, -5, Some(0), DAY - 1, None);
        check(Frequency::Daily, -5, Some(0), DAY, Some(DAY));
    }

    #[test]
    fn weekly_reports_come_on_sundays() {
        check(Frequency::Weekly, -2 * DAY, Some(-DAY), -1, None);
        check(Frequency::Weekly, -2 * DAY, Some(-DAY), 0, Some(0));
        check(Frequency::Weekly, -2 * DAY, Some(0), 7 * DAY - 1, None);
        check(Frequency::Weekly, -2 * DAY, Some(0), 7 * DAY + 5, Some(7 * DAY));
    }

    #[test]
    fn monthly_reports_come_on_their_day() {
        // From the 8th of November to the 8th of December are 30 days, to the 8th of October 31.
        check(Frequency::Monthly, -5 * DAY, Some(-4 * DAY), -1, None);
        check(Frequency::Monthly, -5 * DAY, Some(-4 * DAY), 0, Some(0));
        check(Frequency::Monthly, -5 * DAY, Some(0), 30 * DAY - 1, None);
        check(Frequency::Monthly, -5 * DAY, Some(0), 30 * DAY, Some(30 * DAY));
        check(Frequency::Monthly, -60 * DAY, Some(-59 * DAY), -1, Some(-31 * DAY));
    }

    #[test]
    fn a_month_without_the_day_has_its_report_on_the_last() {
        let at = |text: &str| Millis::parse_rfc3339(text).unwrap();
        let due = |day: u8, last: &str, now: &str| {
            let since_millis = at("2025-01-01").0;
            let scheduled = Scheduled { since_millis, last_slot_millis: Some(at(last).0) };
            due_slot(Frequency::Monthly, Some(day), &scheduled, at(now)).map(Millis::rfc3339)
        };
        let slot = |date: &str| Some(format!("{date}T01:00:00.000Z"));
        let january = "2026-01-31T01:00:00Z";
        assert_eq!(due(31, january, "2026-02-28T00:59:59Z"), None);
        assert_eq!(due(31, january, "2026-02-28T01:00:00Z"), slot("2026-02-28"));
        assert_eq!(due(31, "2026-02-28T01:00:00Z", "2026-03-31T00:59:59Z"), None);
        assert_eq!(due(31, "2026-02-28T01:00:00Z", "2026-03-31T01:00:00Z"), slot("2026-03-31"));
        assert_eq!(due(30, "2028-01-30T01:00:00Z", "2028-03-01T00:00:00Z"), slot("2028-02-29"));
        assert_eq!(due(1, "2026-12-01T01:00:00Z", "2027-01-01T01:00:00Z"), slot("2027-01-01"));
        // Of the slots of three months the latest.
        assert_eq!(due(31, january, "2026-05-15T12:00:00Z"), slot("2026-04-30"));
    }

    #[test]
    fn of_missed_slots_only_the_latest_is_filled() {
        check(Frequency::Daily, -5, Some(0), 10 * DAY + 7, Some(10 * DAY));
        check(Frequency::Weekly, -5, Some(0), 20 * DAY, Some(14 * DAY));
    }

    #[test]
    fn a_clock_that_jumps_back_fills_nothing_twice() {
        check(Frequency::Daily, -5, Some(DAY), 5, None);
        check(Frequency::Daily, -5, Some(DAY), -3 * DAY, None);
        check(Frequency::Daily, 5, None, -3 * DAY, None);
    }
}
