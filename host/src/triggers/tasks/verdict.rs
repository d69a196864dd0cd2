//! What becomes of a task after a call.

use std::time::Duration;

use stocktake_capabilities::TASKS_MAX;

use super::super::backoff;
use crate::engine::{CallError, Failure, Invoked, TaskAnswer, Usage};
use crate::queue::{Lease, Task};

/// What becomes of a task.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done.
    Finish { follow_ups: Vec<Task>, usage: Usage },
    /// It is tried again.
    Retry { reason: String, wait: Duration },
    /// It is never done.
    GiveUp { reason: String },
}

/// Judges how a call ended, and logs what went wrong with who is to blame.
pub(super) fn of(
    lease: &Lease,
    answer: Result<Invoked<TaskAnswer>, CallError>,
    attempts_max: u32,
) -> Verdict {
    let (task, attempt) = (lease.task.name.as_str(), lease.attempt);
    match answer {
        Ok(Invoked { value: Ok(follow_ups), usage }) if follow_ups.len() <= TASKS_MAX => {
            tracing::debug!(
                task,
                attempt,
                elapsed = ?usage.elapsed,
                peak_memory_bytes = usage.peak_memory_bytes,
                follow_ups = follow_ups.len(),
                "finished"
            );
            Verdict::Finish { follow_ups, usage }
        }
        Ok(Invoked { value: Ok(follow_ups), .. }) => {
            let found = follow_ups.len();
            let reason = format!("it has {found} follow-up tasks, limit is {TASKS_MAX}");
            tracing::error!(task, attempt, blame = "guest", reason, "given up");
            Verdict::GiveUp { reason }
        }
        Ok(Invoked { value: Err(Failure::Reject(reason)), .. }) => {
            tracing::error!(task, attempt, reason, "rejected");
            Verdict::GiveUp { reason }
        }
        Ok(Invoked { value: Err(Failure::Retry { reason, after_ms }), .. }) => {
            // Who asks for another try found that something it depends on does not work.
            let after = after_ms.map(|millis| Duration::from_millis(millis.into()));
            again(lease, reason, after, attempts_max, "store")
        }
        Err(error) => again(lease, crate::chain(&error), None, attempts_max, error.blame()),
    }
}

fn again(
    lease: &Lease,
    reason: String,
    after: Option<Duration>,
    attempts_max: u32,
    blame: &'static str,
) -> Verdict {
    let (task, attempt) = (lease.task.name.as_str(), lease.attempt);
    if attempt >= attempts_max {
        let reason =
            format!("failed {}, at last because: {reason}", crate::counted(attempt.into(), "time"));
        tracing::error!(task, attempt, blame, reason, "given up");
        return Verdict::GiveUp { reason };
    }
    let wait = after.unwrap_or_else(|| backoff::delay(task, attempt));
    tracing::warn!(task, attempt, blame, reason, ?wait, "failed; will be tried again");
    Verdict::Retry { reason, wait }
}
