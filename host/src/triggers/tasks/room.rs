//! How many tasks may be under way at once.
//!
//! A task that waits for a store needs no processor. So as many tasks as there are workers may compute, and those that
//! wait come on top, up to a limit: over a store that takes a tenth of a second for a page, more requests at once make up
//! for it. A store that asks for a slower pace gets half as many, and then slowly more again.

use std::time::{Duration, Instant};

use super::TaskOptions;

/// How long the limit stays after it was halved or raised.
const HELD: Duration = Duration::from_secs(1);

/// What is known of the store at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Calls that have been waiting for a while.
    pub(super) waiting: usize,
    /// Calls that were refused so far because the store wants a slower pace.
    pub(super) throttled: u64,
}

/// Decides how many tasks may be under way.
#[derive(Debug)]
pub(super) struct Room {
    workers: usize,
    in_flight_max: usize,
    /// Above it a store was too busy a while ago.
    limit: usize,
    throttled: u64,
    changed: Instant,
}

impl Room {
    pub(super) fn new(options: TaskOptions, now: Instant) -> Self {
        let workers = options.workers.max(1);
        let in_flight_max = options.in_flight.max(workers);
        Self { workers, in_flight_max, limit: in_flight_max, throttled: 0, changed: now }
    }

    /// How many tasks may be under way now.
    pub(super) fn tasks(&mut self, load: Load, now: Instant) -> usize {
        let is_held = now.saturating_duration_since(self.changed) < HELD;
        if load.throttled > self.throttled {
            self.throttled = load.throttled;
            if !is_held || self.limit == self.in_flight_max {
                self.limit = (self.limit / 2).max(self.workers);
            }
            self.changed = now;
        } else if !is_held && self.limit < self.in_flight_max {
            self.limit = (self.limit + self.workers).min(self.in_flight_max);
            self.changed = now;
        }
        self.limit.min(self.workers + load.waiting)
    }

    /// Whether there may be more tasks by and by than now.
    pub(super) fn can_grow(&self, tasks: usize) -> bool {
        tasks < self.in_flight_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> (Room, Instant) {
        let now = Instant::now();
        let options = TaskOptions { workers: 4, in_flight: 64, ..TaskOptions::default() };
        (Room::new(options, now), now)
    }

    fn load(waiting: usize, throttled: u64) -> Load {
        Load { waiting, throttled }
    }

    #[test]
    fn tasks_that_wait_leave_room_for_others_up_to_the_limit() {
        let (mut room, now) = room();
        assert_eq!(room.tasks(load(0, 0), now), 4);
        assert_eq!(room.tasks(load(3, 0), now), 7);
        assert_eq!(room.tasks(load(63, 0), now), 64);
        assert_eq!(room.tasks(load(500, 0), now), 64);
        assert!(room.can_grow(63) && !room.can_grow(64));
    }

    #[test]
    fn a_store_that_is_too_busy_gets_half_as_many_and_slowly_more_again() {
        let (mut room, now) = room();
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        // Those that were on their way are refused together, and count once.
        assert_eq!(room.tasks(load(60, 1), now), 32);
        assert_eq!(room.tasks(load(60, 9), now), 32);
        assert_eq!(room.tasks(load(60, 9), at(1)), 36);
        assert_eq!(room.tasks(load(60, 10), at(2)), 18);
        for (second, throttled) in (3..20).zip(11..) {
            room.tasks(load(60, throttled), at(second));
        }
        assert_eq!(room.tasks(load(60, 27), at(19)), 4);
        for second in 20..40 {
            room.tasks(load(60, 27), at(second));
        }
        assert_eq!(room.tasks(load(60, 27), at(40)), 64);
    }

    #[test]
    fn there_is_room_for_one_task_always() {
        let options = TaskOptions { workers: 0, in_flight: 0, ..TaskOptions::default() };
        let now = Instant::now();
        assert_eq!(Room::new(options, now).tasks(load(0, 5), now), 1);
    }
}
