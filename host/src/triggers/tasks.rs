//! The task loop: takes what is due, calls the component, and ends the task in one step with its follow-ups.
//!
//! A task that fails is tried again with growing waits, then given up: it goes to the dead letters, and its component
//! is told. A component that crashes, hangs or wants too much memory fails its task and nothing else.

mod event;
mod room;
mod verdict;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::broadcast;
use tokio::task::{JoinError, JoinSet};

use super::{Stop, backoff};
use crate::capabilities::{Capabilities, Clock, Queue};
use crate::engine::Component;
use crate::queue::{Lease, QueueError, TaskQueue};

pub use event::{Event, Step};
use room::{Load, Room};
use verdict::Verdict;

/// Attempts of a task unless told otherwise: with the waits between them, about twenty minutes.
pub const ATTEMPTS_DEFAULT: u32 = 10;

/// What running tasks have to finish when the end is asked for, unless told otherwise.
///
/// Below the 30 s after which supervisors commonly kill.
pub const GRACE_DEFAULT: Duration = Duration::from_secs(10);

/// Events that a slow listener can be behind before it misses some.
const EVENTS_BEHIND_MAX: usize = 1024;

/// The longest sleep of an idle worker: a change of the system's clock should not be noticed late.
const IDLE_MAX: Duration = Duration::from_mins(1);

/// How tasks are run.
#[derive(Clone, Copy, Debug)]
pub struct TaskOptions {
    /// How many tasks compute at once.
    pub workers: usize,
    /// How many tasks are under way at once, with those that wait for a store.
    pub in_flight: usize,
    /// How often a task is tried before it is given up.
    pub attempts: u32,
    /// What running tasks have to finish when the end is asked for.
    pub grace: Duration,
}

/// How many tasks are under way at once unless told otherwise: as many listings as reach 100,000 keys a second of a store
/// that takes half a second for a page.
pub const IN_FLIGHT_DEFAULT: usize = 64;

/// How long a call waits for a store before its task counts as waiting. A store on this machine is faster.
const WAITING: Duration = Duration::from_millis(20);

/// How often it is looked whether more tasks may be under way.
const LOOK: Duration = Duration::from_millis(50);

/// As many as a run begins to list ranges side by side.
const WORKERS_LEAST: usize = 4;

impl Default for TaskOptions {
    fn default() -> Self {
        Self {
            workers: default_workers(),
            in_flight: IN_FLIGHT_DEFAULT,
            attempts: ATTEMPTS_DEFAULT,
            grace: GRACE_DEFAULT,
        }
    }
}

/// As many as there are processors, and four at the least: tasks that wait for a store leave the processor to others.
#[must_use]
pub fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).max(WORKERS_LEAST)
}

/// Runs tasks. Clones share queue, counters and listeners.
#[derive(Clone)]
pub struct TaskLoop {
    components: Arc<BTreeMap<String, Component>>,
    capabilities: Capabilities,
    queue: Queue,
    options: TaskOptions,
    events: broadcast::Sender<Event>,
}

impl TaskLoop {
    /// A loop over `queue` that calls these components, each by the name that tasks know it by.
    #[must_use]
    pub fn new(
        components: BTreeMap<String, Component>,
        capabilities: Capabilities,
        queue: Queue,
        options: TaskOptions,
    ) -> Self {
        let (events, _) = broadcast::channel(EVENTS_BEHIND_MAX);
        Self { components: Arc::new(components), capabilities, queue, options, events }
    }

    /// What happens from now on. A listener that is far behind misses the oldest events.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Runs tasks until the end is asked for. By then every task is finished or handed back.
    ///
    /// # Errors
    /// [`QueueError::Engine`] if the queue cannot be used any more. Nothing is lost: what was held is free at the next
    /// start.
    pub async fn run(&self, mut stop: Stop) -> Result<(), QueueError> {
        let mut running = JoinSet::new();
        let mut room = Room::new(self.options, Instant::now());
        // The first failure ends the loop; dropping the set stops the other tasks.
        loop {
            // Listens before it looks, so that no task slips in between.
            let mut rung = pin!(self.queue.bell().notified());
            rung.as_mut().enable();
            if stop.is_asked() {
                break;
            }
            let tasks = room.tasks(self.load(), Instant::now());
            let is_full = running.len() >= tasks;
            if !is_full && let Some(lease) = self.on_queue(|queue| queue.take(now())).await? {
                let (this, stop) = (self.clone(), stop.clone());
                running.spawn(async move { this.run_task(lease, stop).await });
                continue;
            }
            let idle = match is_full {
                true if room.can_grow(running.len()) => LOOK,
                true => IDLE_MAX,
                false => self.idle().await?,
            };
            tokio::select! {
                Some(ended) = running.join_next() => ended_well(ended)?,
                () = rung, if !is_full => {}
                () = tokio::time::sleep(idle) => {}
                () = stop.asked() => break,
            }
        }
        while let Some(ended) = running.join_next().await {
            ended_well(ended)?;
        }
        Ok(())
    }

    /// How busy the store is.
    fn load(&self) -> Load {
        let calls = self.capabilities.counters.store_calls();
        Load { waiting: calls.waiting(WAITING), throttled: calls.throttled() }
    }

    /// How long nothing falls due.
    async fn idle(&self) -> Result<Duration, QueueError> {
        let backlog = self.on_queue(|queue| queue.backlog()).await?;
        Ok(backlog
            .next_due
            .map_or(IDLE_MAX, |due| due.duration_since(now()).unwrap_or_default().min(IDLE_MAX)))
    }

    async fn run_task(&self, lease: Lease, mut stop: Stop) -> Result<(), QueueError> {
        let Some(component) = self.components.get(&lease.task.component) else {
            // Somebody else's task, or a typo in the configuration: neither is a reason to lose it.
            let wait = backoff::LONGEST;
            tracing::warn!(
                task = lease.task.name,
                component = lease.task.component,
                "no component of that name handles tasks here; the task waits {wait:?}"
            );
            self.tell(&lease, Step::Retried { reason: "no such component".to_owned(), wait });
            return self.on_queue(move |queue| queue.retry(&lease, now() + wait)).await;
        };
        self.tell(&lease, Step::Started);
        let answer = tokio::select! {
            answer = component.call_task(&self.capabilities, &lease.task, &lease.call) => answer,
            () = stop.grace_over(self.options.grace) => {
                tracing::info!(task = lease.task.name, "handed back");
                self.tell(&lease, Step::HandedBack);
                return self.on_queue(move |queue| queue.hand_back(&lease)).await;
            }
        };
        let verdict = verdict::of(&lease, answer, self.options.attempts);
        self.settle(lease, verdict).await
    }

    async fn settle(&self, lease: Lease, verdict: Verdict) -> Result<(), QueueError> {
        match verdict {
            Verdict::Finish { follow_ups, usage } => {
                let count = follow_ups.len();
                let ending = lease.clone();
                let ended =
                    self.on_queue(move |queue| queue.finish(&ending, &follow_ups, now())).await;
                match ended {
                    Ok(()) => {
                        self.tell(&lease, Step::Finished { follow_ups: count, usage });
                        if count > 0 {
                            self.queue.wake();
                        }
                        Ok(())
                    }
                    Err(refused @ QueueError::InvalidTask { .. }) => {
                        let reason = format!("its follow-up tasks cannot be enqueued: {refused}");
                        tracing::warn!(task = lease.task.name, blame = "guest", reason, "given up");
                        self.give_up(lease, reason).await
                    }
                    Err(error) => Err(error),
                }
            }
            Verdict::Retry { reason, wait } => {
                self.tell(&lease, Step::Retried { reason, wait });
                self.on_queue(move |queue| queue.retry(&lease, now() + wait)).await
            }
            Verdict::GiveUp { reason } => self.give_up(lease, reason).await,
        }
    }

    async fn give_up(&self, lease: Lease, reason: String) -> Result<(), QueueError> {
        let event = Event::of(&lease, Step::GivenUp { reason: reason.clone() });
        self.on_queue(move |queue| queue.give_up(&lease, &reason, now())).await?;
        drop(self.events.send(event));
        self.queue.wake();
        Ok(())
    }

    fn tell(&self, lease: &Lease, step: Step) {
        // Nobody needs to listen.
        drop(self.events.send(Event::of(lease, step)));
    }

    /// Uses the queue where it may block.
    async fn on_queue<R: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn TaskQueue) -> Result<R, QueueError> + Send + 'static,
    ) -> Result<R, QueueError> {
        let engine = Arc::clone(self.queue.engine());
        tokio::task::spawn_blocking(move || call(engine.as_ref()))
            .await
            .unwrap_or_else(|broken| Err(QueueError::Engine(broken.into())))
    }
}

/// What a task that has ended says of the queue.
fn ended_well(ended: Result<Result<(), QueueError>, JoinError>) -> Result<(), QueueError> {
    ended.map_err(|broken| QueueError::Engine(broken.into()))?
}

/// Waits are real time, whatever components are told that the time is.
fn now() -> SystemTime {
    Clock::system().now()
}

#[cfg(test)]
mod tests;
