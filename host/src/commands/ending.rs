//! How a command that works until a signal ends, whatever its store is doing.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::triggers::{Stop, StopSwitch};

/// How long the work has to end once its grace is over: to hand tasks back, and to close the database. It is exceeded
/// only by calls that wait for a store, which nothing can interrupt.
const WINDING_UP: Duration = Duration::from_secs(1);

/// How long threads that are still at work are waited for at the very end.
const LAST_CALLS: Duration = Duration::from_millis(250);

/// Does the work until it ends by itself or a signal ends it; a second signal ends the grace.
///
/// Work that goes on when its grace is over is dropped, and whatever it waits for with it. Nothing is lost: a task that
/// was not handed back is free at the next start.
pub(super) async fn until_stopped(
    work: impl Future<Output = anyhow::Result<()>>,
    (switch, mut stop): (&StopSwitch, Stop),
    grace: Duration,
    signals: &mut Signals,
) -> anyhow::Result<()> {
    let mut work = std::pin::pin!(work);
    let mut time_is_up = std::pin::pin!(async {
        stop.grace_over(grace).await;
        tokio::time::sleep(WINDING_UP).await;
    });
    let mut signalled = false;
    loop {
        tokio::select! {
            ended = &mut work => return ended,
            () = &mut time_is_up => {
                tracing::warn!(
                    "calls that are still waiting for the store were dropped; their tasks go on at the next start"
                );
                return Ok(());
            }
            () = signals.next() => {
                if signalled {
                    switch.abort();
                } else {
                    tracing::info!("stopping; a second signal ends the grace of running tasks");
                    switch.drain();
                }
                signalled = true;
            }
        }
    }
}

/// Ends the runtime without waiting for calls that may never return: the process is about to end, and they with it.
pub(super) fn shut_down(runtime: Runtime) {
    runtime.shutdown_timeout(LAST_CALLS);
}

/// The signals that ask for the end.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
