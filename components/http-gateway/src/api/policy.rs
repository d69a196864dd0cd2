//! Judging policies: `lint`, `evaluate`, `preflight` and `compare` of `policy-check`, as JSON.
//!
//! Names are those of `wit/functions/policy-check.wit`; a question to `evaluate` is a line of `stocktake explain --batch`.
//! Anybody who is known may ask, since nothing but the question is looked at.

mod asked;
mod dialect;
mod documents;
mod read;
mod told;

use stocktake_core::configuration::DOCUMENT_BYTES_MAX;

use super::json;
use super::routes::Call;
use crate::access::{Access, Caller};
use crate::findings;
use crate::http::Response;
use crate::s3::{About, Code, Error};
use asked::{Comparing, Delivering, Evaluating, Linting};
use read::{Reader, Refused};

/// The largest body, in bytes: four documents of the greatest size, or some fifty policies as Amazon S3 takes them.
pub(super) const BODY_BYTES_MAX: usize = 4 * DOCUMENT_BYTES_MAX;

/// Answers one of the calls.
pub(super) fn respond(access: Access<'_>, call: Call, body: &[u8]) -> Result<Response, Error> {
    if *access.caller == Caller::Anonymous {
        return Err(Code::AccessDenied.into());
    }
    let answer = match call {
        Call::Lint => lint(access, body),
        Call::Evaluate => evaluate(access, body),
        Call::Preflight => preflight(access, body),
        Call::Compare => compare(access, body),
        _ => return Err(Code::NotFound.into()),
    };
    match answer {
        Ok(answer) => Ok(json(200, answer)),
        Err(Refused(found)) => {
            let detail = findings::summary(found.iter()).unwrap_or_default();
            Err(Error { about: About::Findings(found), ..Code::InvalidRequest.saying(detail) })
        }
    }
}

fn lint(access: Access<'_>, body: &[u8]) -> Result<String, Refused> {
    let Linting { document, dialect, options } =
        Reader::read(body, |reader, root| asked::lint(reader, root, access.settings.dialect))?;
    let found = access.services.policy_check.lint(&document, dialect, &options);
    Ok(told::lint(dialect, &found))
}

fn evaluate(access: Access<'_>, body: &[u8]) -> Result<String, Refused> {
    let Evaluating { request, policies, dialect, options } =
        Reader::read(body, |reader, root| asked::evaluate(reader, root, access.settings.dialect))?;
    let verdict = access.services.policy_check.evaluate(&request, &policies, dialect, &options);
    Ok(told::evaluate(dialect, &verdict))
}

fn preflight(access: Access<'_>, body: &[u8]) -> Result<String, Refused> {
    let now = access.moment.now.seconds;
    let Delivering { delivery, dialect, options } = Reader::read(body, |reader, root| {
        asked::preflight(reader, root, access.settings.dialect, now)
    })?;
    let report = access.services.policy_check.preflight(&delivery, dialect, &options);
    Ok(told::preflight(dialect, &report))
}

fn compare(access: Access<'_>, body: &[u8]) -> Result<String, Refused> {
    let Comparing { replacement, dialect, options } =
        Reader::read(body, |reader, root| asked::compare(reader, root, access.settings.dialect))?;
    let comparison = access.services.policy_check.compare(&replacement, dialect, &options);
    Ok(told::compare(dialect, &comparison))
}
