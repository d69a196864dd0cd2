//! Judging again where what a change was judged by has changed meanwhile.

use crate::s3::{Code, Error};

/// How often a change is judged. Each loss means that somebody else has changed the same policy or configuration, which
/// only as many can do at one time as there are requests at work.
pub(crate) const ATTEMPTS_MAX: usize = 16;

/// Repeats an attempt, which reads, judges and changes, until its change took effect under what it was judged by.
///
/// # Errors
/// What the attempt is refused for; `OperationAborted` where others keep winning.
pub(crate) fn settled<T>(
    mut attempt: impl FnMut() -> Result<Option<T>, Error>,
) -> Result<T, Error> {
    for _ in 0..ATTEMPTS_MAX {
        if let Some(done) = attempt()? {
            return Ok(done);
        }
    }
    Err(overtaken())
}

/// Others keep changing what the request is judged by.
pub(crate) fn overtaken() -> Error {
    Code::OperationAborted.because(format!("judged {ATTEMPTS_MAX} times, overtaken each time"))
}
