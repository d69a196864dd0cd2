//! The clock that components see.

use std::time::{Duration, Instant, SystemTime};

/// 9999-12-31T23:59:59Z in seconds: the last that RFC 3339 and the folders of reports can write.
const LAST_SECOND: u64 = 253_402_300_799;

/// The time of day, as the system tells it or as somebody has set it.
///
/// A clock that was set begins at the given time and goes on from there at the pace of real time, whatever happens to
/// the system's clock. It never goes back, and stops at the end of the year 9999.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    set: Option<(SystemTime, Instant)>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { set: None }
    }

    /// A clock that says `time` now.
    #[must_use]
    pub fn starting_at(time: SystemTime) -> Self {
        Self { set: Some((time, Instant::now())) }
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        match self.set {
            None => SystemTime::now(),
            Some((time, since)) => {
                let last = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND);
                time.checked_add(since.elapsed()).unwrap_or(time).min(last)
            }
        }
    }

    /// Time since 1970-01-01T00:00:00Z; zero before that.
    #[must_use]
    pub fn since_epoch(&self) -> Duration {
        self.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

impl wasmtime_wasi::HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.since_epoch()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_goes_on_from_there() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let clock = Clock::starting_at(start);
        let first = clock.now();
        let second = clock.now();
        assert!(start <= first && first <= second);
        assert!(second < start + Duration::from_mins(1));
    }

    #[test]
    fn a_clock_that_was_set_stops_at_the_end_of_the_calendar() {
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND);
        let text = chrono::DateTime::<chrono::Utc>::from(last).to_rfc3339();
        assert_eq!(text, "9999-12-31T23:59:59+00:00");
        assert_eq!(Clock::starting_at(last + Duration::from_millis(500)).now(), last);
    }

    #[test]
    fn a_time_before_the_epoch_is_the_epoch_for_components() {
        let clock = Clock::starting_at(SystemTime::UNIX_EPOCH - Duration::from_secs(1_000_000));
        assert_eq!(clock.since_epoch(), Duration::ZERO);
    }
}
