//! What makes components run: tasks that are due, ticks of the clock, and HTTP requests.

mod backoff;
pub mod cron;
pub mod http;
pub mod tasks;

use std::time::Duration;

use tokio::sync::watch;

/// How far a stop has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Draining,
    Aborting,
}

/// Stops triggers. Dropping it stops them too.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<Phase>);

/// Tells a trigger when to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Phase>);

/// A switch, and what it acts on.
#[must_use]
pub fn stop_switch() -> (StopSwitch, Stop) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (StopSwitch(sender), Stop(receiver))
}

impl StopSwitch {
    /// Asks for the end: nothing new begins, and what runs has a grace to finish.
    pub fn drain(&self) {
        self.0.send_if_modified(|phase| {
            std::mem::replace(phase, (*phase).max(Phase::Draining)) < Phase::Draining
        });
    }

    /// Ends the grace at once.
    pub fn abort(&self) {
        self.0.send_replace(Phase::Aborting);
    }
}

impl Stop {
    /// Whether the end has been asked for.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() >= Phase::Draining || self.0.has_changed().is_err()
    }

    /// Waits until the end is asked for.
    pub async fn asked(&mut self) {
        // An error means that the switch is gone, which asks for the end as well.
        drop(self.0.wait_for(|phase| *phase >= Phase::Draining).await);
    }

    /// Waits until the end has been asked for and the grace is over.
    pub(crate) async fn grace_over(&mut self, grace: Duration) {
        self.asked().await;
        let aborted = self.0.wait_for(|phase| *phase == Phase::Aborting);
        // A switch that is gone cannot abort, so the grace is over by time then.
        let aborted = async move {
            if aborted.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = aborted => {}
            () = tokio::time::sleep(grace) => {}
        }
    }
}
