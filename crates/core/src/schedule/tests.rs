//! When reports fall due, also where the clock goes astray.

use proptest::prelude::*;

use super::*;

const DAY: i64 = 24 * 60;
/// Sunday, 2026-11-08T01:00Z.
const SUNDAY: Millis = Millis(1_794_099_600_000);

fn timetable(frequency: Frequency, day: u8) -> Timetable {
    let monthly_date = (frequency == Frequency::Monthly).then_some(day);
    Timetable { frequency, monthly_date, first: FirstReport::NextSlot }
}

fn scheduled(since: Millis, filled: &[Millis]) -> Scheduled {
    let mut scheduled = Scheduled::since(since);
    for slot in filled {
        assert!(scheduled.fill(*slot));
    }
    scheduled
}

/// Minutes behind [`SUNDAY`].
fn at(minutes: i64) -> Millis {
    SUNDAY.plus_minutes(minutes)
}

#[track_caller]
fn check(frequency: Frequency, since: i64, last: Option<i64>, now: i64, expected: Option<i64>) {
    let filled: Vec<_> = last.into_iter().map(at).collect();
    let found = scheduled(at(since), &filled).due(timetable(frequency, 8), at(now));
    assert_eq!(found, expected.map(at));
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
        let scheduled = scheduled(at("2025-01-01"), &[at(last)]);
        scheduled.due(timetable(Frequency::Monthly, day), at(now)).map(Millis::rfc3339)
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

#[test]
fn a_first_report_at_once_has_one_slot_whatever_the_clock_says() {
    let at_once = Timetable { first: FirstReport::AtOnce, ..timetable(Frequency::Weekly, 8) };
    let mut seen = Scheduled::since(at(60));
    for now in [60, 61, 50, -10 * DAY, 10 * DAY] {
        seen = seen.seen(at_once.first, at(now));
        assert_eq!(seen.due(at_once, at(now)), Some(at(60)), "{now}");
    }
    assert!(seen.fill(at(60)));
    for (now, expected) in [(61, None), (7 * DAY - 1, None), (7 * DAY, Some(at(7 * DAY)))] {
        assert_eq!(seen.due(at_once, at(now)), expected, "{now}");
    }
}

#[test]
fn a_clock_that_was_wrong_by_years_does_not_stop_the_reports() {
    let daily = timetable(Frequency::Daily, 8);
    let years = 1000 * DAY;
    // Filled rightly, then in a wrong year.
    let mut seen = scheduled(at(-5), &[at(0), at(years)]).seen(daily.first, at(DAY));
    assert_eq!(seen.due(daily, at(DAY - 1)), None);
    assert_eq!(seen.due(daily, at(DAY)), Some(at(DAY)));
    assert!(seen.fill(at(DAY)));
    assert_eq!(seen.due(daily, at(DAY + 1)), None);
    // Nor is anything filled twice when that year comes.
    assert_eq!(seen.due(daily, at(years)), None);
    assert_eq!(seen.due(daily, at(years + DAY)), Some(at(years + DAY)));
    // Seen first in a wrong year, it waits for the next slot like any other.
    let seen = Scheduled::since(at(years)).seen(daily.first, at(30));
    assert_eq!(seen.due(daily, at(31)), None);
    assert_eq!(seen.due(daily, at(DAY)), Some(at(DAY)));
}

#[test]
fn what_is_remembered_of_slots_has_an_end_and_none_is_filled_again() {
    let daily = timetable(Frequency::Daily, 8);
    let mut seen = Scheduled::since(at(-5));
    for day in 0..100 {
        assert_eq!(seen.due(daily, at(day * DAY)), Some(at(day * DAY)));
        assert!(seen.fill(at(day * DAY)));
        assert!(!seen.fill(at(day * DAY)));
    }
    assert_eq!(seen.filled_millis.len(), FILLED_MAX);
    for day in 0..100 {
        assert_eq!(seen.due(daily, at(day * DAY)), None, "{day}");
    }
}

proptest! {
    #[test]
    fn the_next_slot_is_the_one_that_falls_due_next(
        kind in 0_usize..3,
        day in 1_u8..=31,
        is_first: bool,
        now in 0_i64..1000 * DAY,
        last_days in 0_i64..40,
    ) {
        let frequency = [Frequency::Daily, Frequency::Weekly, Frequency::Monthly][kind];
        let timetable = timetable(frequency, day);
        let filled = (!is_first).then(|| latest_slot_hour(at(now)).plus_minutes(-last_days * DAY));
        let scheduled = scheduled(at(now - 50 * DAY), filled.as_slice());
        let next = scheduled.next(timetable, at(now));
        if next == at(now) {
            prop_assert!(scheduled.due(timetable, at(now)).is_some());
        } else {
            prop_assert_eq!(scheduled.due(timetable, next), Some(next));
            let hours = (next.0 - at(now).0) / 3_600_000;
            for hour in 0..=hours {
                let before = next.plus_minutes(-1 - 60 * hour);
                if before >= at(now) {
                    prop_assert_eq!(scheduled.due(timetable, before), None);
                }
            }
        }
    }
}
