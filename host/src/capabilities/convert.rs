//! The same values in the words of the contract and in those of the engines.

use std::time::{Duration, SystemTime};

use stocktake_capabilities::{Error, Instant};

use super::bindings::stocktake::host::{queue, types};
use crate::queue::Task;

pub(super) fn instant(instant: Instant) -> types::Instant {
    types::Instant { seconds: instant.seconds, nanoseconds: instant.nanoseconds }
}

/// A point in time as the contract writes it; times before the epoch are cut to whole seconds.
pub(crate) fn system_time(time: SystemTime) -> types::Instant {
    let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => {
            types::Instant { seconds: signed(since.as_secs()), nanoseconds: since.subsec_nanos() }
        }
        Err(before) => {
            let before = before.duration();
            let begun = u64::from(before > Duration::from_secs(before.as_secs()));
            types::Instant { seconds: -signed(before.as_secs() + begun), nanoseconds: 0 }
        }
    }
}

/// The reverse; a time that the system cannot hold is the epoch.
pub(crate) fn system_time_back(time: types::Instant) -> SystemTime {
    let whole = Duration::from_secs(time.seconds.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    let second = if time.seconds < 0 { epoch.checked_sub(whole) } else { epoch.checked_add(whole) };
    let exact =
        second.and_then(|second| second.checked_add(Duration::from_nanos(time.nanoseconds.into())));
    exact.unwrap_or(epoch)
}

pub(super) fn error(error: Error) -> types::Error {
    match error {
        Error::NoSuchBucket => types::Error::NoSuchBucket,
        Error::NoSuchObject => types::Error::NoSuchObject,
        Error::AccessDenied => types::Error::AccessDenied,
        Error::Throttled(seconds) => types::Error::Throttled(seconds),
        Error::Timeout => types::Error::Timeout,
        Error::Unavailable(why) => types::Error::Unavailable(why),
        Error::InvalidArgument(why) => types::Error::InvalidArgument(why),
        Error::Unsupported(why) => types::Error::Unsupported(why),
        other => types::Error::Other(other.to_string()),
    }
}

pub(crate) fn error_back(error: types::Error) -> Error {
    match error {
        types::Error::NoSuchBucket => Error::NoSuchBucket,
        types::Error::NoSuchObject => Error::NoSuchObject,
        types::Error::AccessDenied => Error::AccessDenied,
        types::Error::Throttled(seconds) => Error::Throttled(seconds),
        types::Error::Timeout => Error::Timeout,
        types::Error::Unavailable(why) => Error::Unavailable(why),
        types::Error::InvalidArgument(why) => Error::InvalidArgument(why),
        types::Error::Unsupported(why) => Error::Unsupported(why),
        types::Error::Other(why) => Error::Other(why),
    }
}

pub(crate) fn task(task: queue::Task) -> Task {
    Task {
        name: task.name,
        component: task.component,
        kind: task.kind,
        input: task.input,
        delay_ms: task.delay_ms,
    }
}

pub(crate) fn task_back(task: &Task) -> queue::Task {
    queue::Task {
        name: task.name.clone(),
        component: task.component.clone(),
        kind: task.kind.clone(),
        input: task.input.clone(),
        delay_ms: task.delay_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_order_on_both_sides_of_the_epoch() {
        let at = |time: SystemTime| {
            let instant = system_time(time);
            (instant.seconds, instant.nanoseconds)
        };
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(at(epoch + Duration::from_millis(1500)), (1, 500_000_000));
        assert_eq!(at(epoch), (0, 0));
        assert_eq!(at(epoch - Duration::from_millis(1)), (-1, 0));
        assert_eq!(at(epoch - Duration::from_secs(2)), (-2, 0));
    }
}
