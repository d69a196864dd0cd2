//! Calls of a store that are under way, for whoever decides how many more there may be.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Calls of a store. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct StoreCalls(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    last: AtomicU64,
    throttled: AtomicU64,
    /// When each call began, by its number.
    begun: Mutex<BTreeMap<u64, Instant>>,
}

/// A call that is under way until this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    calls: StoreCalls,
    number: u64,
}

impl StoreCalls {
    /// How many calls have been waiting for the store for so long.
    #[must_use]
    pub fn waiting(&self, since: Duration) -> usize {
        let now = Instant::now();
        let is_waiting = |begun: &&Instant| now.saturating_duration_since(**begun) >= since;
        self.begun().values().filter(is_waiting).count()
    }

    /// How many calls a store has refused so far because it wants a slower pace.
    #[must_use]
    pub fn throttled(&self) -> u64 {
        self.0.throttled.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) -> UnderWay {
        let number = self.0.last.fetch_add(1, Ordering::Relaxed);
        self.begun().insert(number, Instant::now());
        UnderWay { calls: self.clone(), number }
    }

    pub(super) fn throttle(&self) {
        self.0.throttled.fetch_add(1, Ordering::Relaxed);
    }

    fn begun(&self) -> MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.0.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// How long it has been under way.
    pub(super) fn elapsed(&self) -> Duration {
        self.calls.begun().get(&self.number).map(Instant::elapsed).unwrap_or_default()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.calls.begun().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_waits_until_it_is_dropped() {
        let calls = StoreCalls::default();
        let first = calls.begin();
        let second = calls.clone().begin();
        assert_eq!(calls.waiting(Duration::ZERO), 2);
        assert_eq!(calls.waiting(Duration::from_hours(1)), 0);
        drop(first);
        assert_eq!(calls.waiting(Duration::ZERO), 1);
        drop(second);
        assert_eq!(calls.waiting(Duration::ZERO), 0);
    }
}
