//! Beginning runs.
//!
//! Whoever begins a run passes what a PUT of its configuration passes: the caller is allowed to, and the report could be
//! delivered. Both are judged by the policies of the moment at which the run's tasks are handed out.

use stocktake_core::configuration::Configuration;
use stocktake_core::finding::Dialect;
use stocktake_core::run::PlanInput;

use crate::access::{ATTEMPTS_MAX, Access, Operation, authorize_by, overtaken};
use crate::functions::{PreviewOutcome, StartOutcome, Syntax};
use crate::policies::{self, Kept};
use crate::preflight;
use crate::s3::{Code, Error, exists};

/// What is to be run: the stored configuration of this id, or a document that is not kept.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) id: &'a str,
    pub(crate) document: Option<(&'a [u8], Syntax)>,
    pub(crate) dialect: Dialect,
}

/// The policy by which the caller may run configurations of a bucket, which is there.
///
/// # Errors
/// `AccessDenied`, `NoSuchBucket`; what the store answers.
pub(crate) fn allowed(access: Access<'_>, bucket: &str) -> Result<Kept, Error> {
    let source = policies::read(access.services, bucket)?;
    authorize_by(access, Operation::RunInventory, Some(bucket), source.policy(), &[])?;
    exists(access, bucket)?;
    Ok(source)
}

/// Begins a run in the bucket of `source`, the policy that allows it. A run that is begun has its tasks enqueued.
///
/// # Errors
/// What refuses a PUT of the configuration; what the store answers. Nothing has changed then, except where a policy did
/// after the run was noted: then the run is there, and is cancelled.
pub(crate) fn start(
    access: Access<'_>,
    source: Kept,
    start: Start<'_>,
) -> Result<StartOutcome, Error> {
    let Access { services, moment, .. } = access;
    let (runs, run, bucket) =
        (services.inventory_runs, moment.run_id.as_str(), source.bucket().to_owned());
    let Start { id, document, dialect } = start;
    let configuration = match runs.preview(&bucket, id, document, dialect)? {
        PreviewOutcome::Usable(configuration) => configuration,
        PreviewOutcome::Refused(found) => return Ok(StartOutcome::Refused(found)),
        PreviewOutcome::NoSuchConfiguration => return Ok(StartOutcome::NoSuchConfiguration),
    };
    let judged = judge(access, source, configuration)?;
    let outcome = match document {
        None => runs.start(&bucket, id, run, moment.now)?,
        Some((document, syntax)) => {
            runs.start_once(&bucket, id, run, document, syntax, dialect, moment.now)?
        }
    };
    let StartOutcome::Started(tasks) = &outcome else { return Ok(outcome) };
    let begun = tasks.iter().find_map(|task| serde_json::from_slice(&task.input).ok());
    let Some(PlanInput { configuration, .. }) = begun else {
        return Err(Code::InternalError.because("a start returned no plan"));
    };
    match confirm(access, judged, &configuration) {
        Ok(()) => {
            services.queue.enqueue(tasks)?;
            Ok(outcome)
        }
        Err(refused) => {
            runs.cancel(&bucket, id, run, moment.now)?;
            Err(refused)
        }
    }
}

/// What a run was judged by.
struct Judged {
    source: Kept,
    destination: Kept,
    configuration: String,
}

fn judge(access: Access<'_>, source: Kept, configuration: String) -> Result<Judged, Error> {
    let read = Configuration::from_json(&configuration)
        .map_err(|error| Code::InternalError.because(error.to_string()))?;
    let destination = preflight::check(access, &source, &read, &configuration)?.destination;
    Ok(Judged { source, destination, configuration })
}

/// Makes sure that what is run was judged, and by the policies of now; judges again where it was not.
fn confirm(access: Access<'_>, mut judged: Judged, configuration: &str) -> Result<(), Error> {
    for _ in 0..ATTEMPTS_MAX {
        let is_same = judged.configuration == configuration
            && policies::is_unchanged(access.services, &judged.source)?
            && policies::is_unchanged(access.services, &judged.destination)?;
        if is_same {
            return Ok(());
        }
        let source = allowed(access, judged.source.bucket())?;
        judged = judge(access, source, configuration.to_owned())?;
    }
    Err(overtaken())
}
