//! The clock as a trigger: ticks on every full minute.

use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;

use super::Stop;
use crate::capabilities::{Capabilities, Clock};
use crate::engine::{CallError, Component, Failure};
use crate::queue::QueueError;

/// The time between ticks: what the contract's schedules are made of.
const INTERVAL: Duration = Duration::from_mins(1);

/// One component that is called by the clock.
#[derive(Clone)]
pub struct CronTrigger {
    /// Its name, which the component is told.
    pub name: String,
    /// The component.
    pub component: Component,
}

/// Why a tick had no effect. The next tick makes up for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TickError {
    /// The component came to no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The component could not do its work.
    #[error("the component failed: {0}")]
    Failed(String),
    /// Its tasks could not be enqueued.
    #[error("its tasks cannot be enqueued")]
    Queue(#[from] QueueError),
    /// There is no queue to put tasks into.
    #[error("this host has no task queue")]
    NoQueue,
}

/// Ticks until the end is asked for: at once for the minute that has begun, then on every full minute.
///
/// Each trigger has its own pace: a tick that falls into a call of the same trigger is skipped.
pub async fn run(triggers: Vec<CronTrigger>, capabilities: Capabilities, stop: Stop) {
    let mut running = JoinSet::new();
    for trigger in triggers {
        running.spawn(run_one(trigger, capabilities.clone(), stop.clone()));
    }
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!(blame = "host", %error, "a cron trigger broke down");
        }
    }
}

async fn run_one(trigger: CronTrigger, capabilities: Capabilities, mut stop: Stop) {
    let mut last = None;
    loop {
        let now = capabilities.clock.now();
        let at = minute(now);
        // A clock that was put back ticks on, too.
        if last != Some(at) {
            last = Some(at);
            tokio::select! {
                result = tick(&trigger, &capabilities, at) => log(&trigger, result),
                () = stop.asked() => return,
            }
        }
        tokio::select! {
            () = tokio::time::sleep(until_next(&capabilities.clock)) => {}
            () = stop.asked() => return,
        }
    }
}

/// Calls a component for one tick and enqueues the tasks that it answers. Answers how many there were.
///
/// # Errors
/// [`TickError`]; then no task was enqueued.
pub async fn tick(
    trigger: &CronTrigger,
    capabilities: &Capabilities,
    at: SystemTime,
) -> Result<usize, TickError> {
    let queue = capabilities.queue.clone().ok_or(TickError::NoQueue)?;
    let invoked = trigger.component.call_cron(capabilities, &trigger.name, at).await?;
    let tasks = invoked.value.map_err(|failure| match failure {
        Failure::Retry { reason, .. } | Failure::Reject(reason) => TickError::Failed(reason),
    })?;
    let count = tasks.len();
    if count > 0 {
        tokio::task::spawn_blocking(move || queue.enqueue(&tasks))
            .await
            .map_err(|broken| QueueError::Engine(broken.into()))??;
    }
    Ok(count)
}

fn log(trigger: &CronTrigger, result: Result<usize, TickError>) {
    let component = trigger.component.name();
    match result {
        Ok(0) => tracing::debug!(trigger = trigger.name, component, "nothing is due"),
        Ok(tasks) => tracing::info!(trigger = trigger.name, component, tasks, "tasks are due"),
        Err(error) => {
            let blame = match &error {
                TickError::Call(call) => call.blame(),
                TickError::Failed(_) => "guest",
                TickError::Queue(_) | TickError::NoQueue => "host",
            };
            let error = crate::chain(&error);
            tracing::error!(trigger = trigger.name, component, blame, error, "a tick failed");
        }
    }
}

/// The full minute at or before `now`.
fn minute(now: SystemTime) -> SystemTime {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH
        + Duration::from_secs(since.as_secs() - since.as_secs() % INTERVAL.as_secs())
}

fn until_next(clock: &Clock) -> Duration {
    let now = clock.now();
    (minute(now) + INTERVAL).duration_since(now).unwrap_or(INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_for_full_minutes() {
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        assert_eq!(minute(at(60_000)), at(60_000));
        assert_eq!(minute(at(119_999)), at(60_000));
        assert_eq!(minute(at(0) - Duration::from_secs(90)), at(0));
    }

    #[test]
    fn the_next_tick_is_at_most_a_minute_away() {
        let clock = Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(59));
        assert!(until_next(&clock) <= Duration::from_secs(1));
    }
}
