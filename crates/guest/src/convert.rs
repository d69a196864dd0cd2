//! Values of the generated bindings as values of `stocktake-capabilities`, and back.

use stocktake_capabilities as plain;

use crate::bindings::stocktake::host::{queue, types};

impl From<types::Error> for plain::Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::NoSuchBucket => Self::NoSuchBucket,
            types::Error::NoSuchObject => Self::NoSuchObject,
            types::Error::AccessDenied => Self::AccessDenied,
            types::Error::Throttled(seconds) => Self::Throttled(seconds),
            types::Error::Timeout => Self::Timeout,
            types::Error::Unavailable(why) => Self::Unavailable(why),
            types::Error::InvalidArgument(why) => Self::InvalidArgument(why),
            types::Error::Unsupported(why) => Self::Unsupported(why),
            types::Error::Other(why) => Self::Other(why),
        }
    }
}

impl From<plain::Error> for types::Error {
    fn from(error: plain::Error) -> Self {
        match error {
            plain::Error::NoSuchBucket => Self::NoSuchBucket,
            plain::Error::NoSuchObject => Self::NoSuchObject,
            plain::Error::AccessDenied => Self::AccessDenied,
            plain::Error::Throttled(seconds) => Self::Throttled(seconds),
            plain::Error::Timeout => Self::Timeout,
            plain::Error::Unavailable(why) => Self::Unavailable(why),
            plain::Error::InvalidArgument(why) => Self::InvalidArgument(why),
            plain::Error::Unsupported(why) => Self::Unsupported(why),
            plain::Error::Other(why) => Self::Other(why),
            unknown => Self::Other(unknown.to_string()),
        }
    }
}

impl From<types::Instant> for plain::Instant {
    fn from(instant: types::Instant) -> Self {
        Self { seconds: instant.seconds, nanoseconds: instant.nanoseconds }
    }
}

impl From<queue::Task> for plain::Task {
    fn from(task: queue::Task) -> Self {
        let queue::Task { name, component, kind, input, delay_ms } = task;
        Self { name, component, kind, input, delay_ms }
    }
}

impl From<plain::Task> for queue::Task {
    fn from(task: plain::Task) -> Self {
        let plain::Task { name, component, kind, input, delay_ms } = task;
        Self { name, component, kind, input, delay_ms }
    }
}
