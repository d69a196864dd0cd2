//! Values of `stocktake-capabilities` as values of the generated bindings, and back.

use stocktake_capabilities as plain;

use super::bindings::exports::stocktake::host::{
    bucket_creation, buckets, identities, queue, state, types,
};

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

impl From<plain::Item> for state::Item {
    fn from(item: plain::Item) -> Self {
        Self { key: item.key, value: item.value, revision: item.revision }
    }
}

impl From<plain::ItemPage> for state::ItemPage {
    fn from(page: plain::ItemPage) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<state::Condition> for plain::Condition {
    fn from(condition: state::Condition) -> Self {
        match condition {
            state::Condition::Always => Self::Always,
            state::Condition::Absent => Self::Absent,
            state::Condition::Unchanged(revision) => Self::Unchanged(revision),
        }
    }
}

impl From<plain::StateOutcome> for state::Outcome {
    fn from(outcome: plain::StateOutcome) -> Self {
        match outcome {
            plain::StateOutcome::Done(revision) => Self::Done(revision),
            plain::StateOutcome::Conflict => Self::Conflict,
        }
    }
}

impl From<plain::Identity> for identities::Identity {
    fn from(identity: plain::Identity) -> Self {
        let plain::Identity {
            principal,
            account,
            secret,
            roles,
            administrator,
            policies,
            suspended,
        } = identity;
        Self { principal, account, secret, roles, administrator, policies, suspended }
    }
}

impl From<plain::Instant> for types::Instant {
    fn from(instant: plain::Instant) -> Self {
        Self { seconds: instant.seconds, nanoseconds: instant.nanoseconds }
    }
}

impl From<plain::Bucket> for buckets::Bucket {
    fn from(bucket: plain::Bucket) -> Self {
        Self { name: bucket.name, created: bucket.created.map(Into::into) }
    }
}

impl From<plain::BucketPage> for buckets::BucketPage {
    fn from(page: plain::BucketPage) -> Self {
        Self { buckets: page.buckets.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<plain::CreationOutcome> for bucket_creation::CreationOutcome {
    fn from(outcome: plain::CreationOutcome) -> Self {
        match outcome {
            plain::CreationOutcome::Created => Self::Created,
            plain::CreationOutcome::AlreadyOwned => Self::AlreadyOwned,
            plain::CreationOutcome::Taken => Self::Taken,
        }
    }
}

impl From<queue::Task> for plain::Task {
    fn from(task: queue::Task) -> Self {
        let queue::Task { name, component, kind, input, delay_ms } = task;
        Self { name, component, kind, input, delay_ms }
    }
}
