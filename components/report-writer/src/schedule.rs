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
/// The first report falls due at the first slot hour of any day after `since`; weekly ones then on Sundays.
pub(crate) fn due_slot(frequency: Frequency, scheduled: &Scheduled, now: Millis) -> Option<Millis> {
    let latest = latest_slot_hour(now);
    let Some(last) = scheduled.last_slot_millis else {
        return (latest.0 > scheduled.since_millis).then_some(latest);
    };
    let slot = match frequency {
        Frequency::Daily => latest,
        Frequency::Weekly => latest_sunday(latest),
    };
    (slot.0 > last.max(scheduled.since_millis)).then_some(slot)
}

/// The latest slot hour that is not after `now`.
fn latest_slot_hour(now: Millis) -> Millis {
    let today = now.same_day_at_hour(SLOT_HOUR);
    if today > now { today.plus_minutes(-24 * 60) } else { today }
}

fn latest_sunday(slot: Millis) -> Millis {
    let mut days = (0..7).map(|days| slot.plus_minutes(-days * 24 * 60));
    days.find(|slot| slot.is_sunday()).unwrap_or(slot)
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
        assert_eq!(due_slot(frequency, &scheduled, minutes(now)), expected.map(minutes));
    }

    #[test]
    fn the_first_report_waits_for_the_next_slot_hour() {
        for frequency in [Frequency::Daily, Frequency::Weekly] {
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
