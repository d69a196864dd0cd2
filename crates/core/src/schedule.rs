//! When a configuration is due.
//!
//! A slot is a time at which a report falls due, in UTC, which has no summer time. A slot is filled at most once; of slots
//! that were missed, only the latest is filled.

use serde::{Deserialize, Serialize};

use crate::configuration::Frequency;
use crate::timestamp::Millis;

/// The hour of the day, UTC, at which slots are. S3's folders bear 01-00 since 2023.
const SLOT_HOUR: u32 = 1;

const DAY_MINUTES: i64 = 24 * 60;

/// How many filled slots are remembered. Only the latest counts unless the clock goes back; then these are the slots of
/// a month of daily reports.
const FILLED_MAX: usize = 32;

/// How far in the future a filled slot may be and still count: a clock that is put right by less makes up for nothing.
/// Slots beyond it were filled while the clock was wrong by days, and must not stop the reports until then.
const AHEAD_MINUTES_MAX: i64 = DAY_MINUTES;

/// The most days from one slot to the next: a month and the day of its slot.
const DAYS_MAX: i64 = 32;

/// When the first report of a configuration is made that was put or enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstReport {
    /// At the next slot hour, whatever the frequency.
    #[default]
    NextSlot,
    /// At once.
    AtOnce,
}

/// How often a configuration asks for reports, and what is so for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// How often.
    pub frequency: Frequency,
    /// The day of the month; present exactly with [`Frequency::Monthly`].
    pub monthly_date: Option<u8>,
    /// When the first report is made.
    pub first: FirstReport,
}

/// What is remembered of a configuration's schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// When the configuration was first seen enabled.
    since_millis: i64,
    /// The latest slots that were filled, ascending.
    #[serde(default)]
    filled_millis: Vec<i64>,
}

impl Scheduled {
    /// A configuration that is seen enabled for the first time.
    #[must_use]
    pub fn since(now: Millis) -> Self {
        Self { since_millis: now.0, filled_millis: Vec::new() }
    }

    /// The same as it is seen now. It cannot have been seen first in the future, so then the clock has gone back.
    ///
    /// A first report that is made at once keeps its slot all the same, as it may be at work.
    #[must_use]
    pub fn seen(mut self, first: FirstReport, now: Millis) -> Self {
        if first == FirstReport::NextSlot || !self.filled_millis.is_empty() {
            self.since_millis = self.since_millis.min(now.0);
        }
        self
    }

    /// Notes that a slot is filled. Answers whether that is news.
    pub fn fill(&mut self, slot: Millis) -> bool {
        let Err(place) = self.filled_millis.binary_search(&slot.0) else { return false };
        self.filled_millis.insert(place, slot.0);
        if self.filled_millis.len() > FILLED_MAX {
            self.filled_millis.remove(0);
        }
        true
    }

    /// The slot to fill now, if there is one.
    ///
    /// The first report falls due at the first slot hour of any day behind the time when the configuration was first
    /// seen, or then; weekly ones then on Sundays, and monthly ones on their day of the month, or on the last day of a
    /// month that has no such day.
    #[must_use]
    pub fn due(&self, timetable: Timetable, now: Millis) -> Option<Millis> {
        let slot = match (self.filled_millis.is_empty(), timetable.first) {
            (true, FirstReport::AtOnce) => return Some(Millis(self.since_millis)),
            (true, FirstReport::NextSlot) => latest_slot_hour(now),
            (false, _) => timetable.latest_slot(now),
        };
        (slot > self.done(now)).then_some(slot)
    }

    /// When the next slot is filled: `now` where one is due.
    #[must_use]
    pub fn next(&self, timetable: Timetable, now: Millis) -> Millis {
        if self.due(timetable, now).is_some() {
            return now;
        }
        let latest = latest_slot_hour(now);
        let mut coming = (1..=DAYS_MAX + AHEAD_MINUTES_MAX / DAY_MINUTES)
            .map(|days| latest.plus_minutes(days * DAY_MINUTES));
        let next = coming.find(|slot| self.due(timetable, *slot) == Some(*slot));
        next.unwrap_or_else(|| latest.plus_minutes(DAYS_MAX * DAY_MINUTES))
    }

    /// The time up to which no slot is to be filled any more.
    fn done(&self, now: Millis) -> Millis {
        let filled = &self.filled_millis;
        let ahead = now.plus_minutes(AHEAD_MINUTES_MAX).0;
        let last = filled.iter().copied().filter(|slot| *slot <= ahead).max();
        // What was forgotten lies before what is remembered.
        let forgotten = filled.first().copied().filter(|_| filled.len() == FILLED_MAX);
        Millis(self.since_millis.min(now.0).max(last.max(forgotten).unwrap_or(i64::MIN)))
    }
}

impl Timetable {
    /// The latest slot that is not after `now`.
    fn latest_slot(self, now: Millis) -> Millis {
        let latest = latest_slot_hour(now);
        match self.frequency {
            Frequency::Daily => latest,
            Frequency::Weekly => latest_of(latest, 7, Millis::is_sunday),
            // No configuration is kept that asks for monthly reports without a day.
            Frequency::Monthly => {
                latest_of(latest, 31, |slot| slot.is_month_day(self.monthly_date.unwrap_or(1)))
            }
        }
    }
}

/// The latest slot hour that is not after `now`.
fn latest_slot_hour(now: Millis) -> Millis {
    let today = now.same_day_at_hour(SLOT_HOUR);
    if today > now { today.plus_minutes(-DAY_MINUTES) } else { today }
}

/// The latest of the last so many days' slot hours that is one of those meant; there is always one.
fn latest_of(latest: Millis, days: i64, is_meant: impl Fn(Millis) -> bool) -> Millis {
    let mut slots = (0..days).map(|days| latest.plus_minutes(-days * DAY_MINUTES));
    slots.find(|slot| is_meant(*slot)).unwrap_or(latest)
}

#[cfg(test)]
mod tests;
