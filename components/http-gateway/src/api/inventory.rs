//! Configurations and their runs.

use serde::de::IgnoredAny;
use stocktake_capabilities::Error as StoreError;
use stocktake_core::bucket::BucketName;
use stocktake_core::configuration::{ConfigurationId, document_of};
use stocktake_core::finding::{Dialect, Level};
use stocktake_core::timestamp::Millis;

use super::json;
use super::routes::{Call, Parameters};
use crate::access::{Access, Caller, Operation, authorize};
use crate::findings;
use crate::functions::{CancelOutcome, Judgement, StartOutcome, Syntax};
use crate::http::Response;
use crate::query::Query;
use crate::runs::{self, Start};
use crate::s3::{About, Code, Error, exists, no_such_configuration};

/// The hex digits of a run's id.
const RUN_DIGITS: usize = 32;

pub(super) fn respond(
    access: Access<'_>,
    call: Call,
    parameters: Parameters<'_>,
    query: &Query,
    body: &[u8],
) -> Result<Response, Error> {
    match call {
        Call::Validate => validate(access, query, body),
        Call::Configuration => configuration(pass(access, Operation::GetInventory, parameters)?),
        Call::Runs => runs(pass(access, Operation::GetInventory, parameters)?, query),
        Call::Start => start(access, parameters, query, body),
        Call::Run => run(pass(access, Operation::GetInventory, parameters)?),
        Call::Cancel => cancel(pass(access, Operation::RunInventory, parameters)?),
        // Answered before anybody is known, or elsewhere.
        Call::Health
        | Call::Description
        | Call::Lint
        | Call::Evaluate
        | Call::Preflight
        | Call::Compare => Err(Code::NotFound.into()),
    }
}

/// A request that may look at what it names, which is well-formed and in a bucket that is there.
#[derive(Clone, Copy)]
struct Passed<'a> {
    access: Access<'a>,
    bucket: &'a str,
    id: &'a str,
    run: &'a str,
}

fn pass<'a>(
    access: Access<'a>,
    operation: Operation,
    parameters: Parameters<'a>,
) -> Result<Passed<'a>, Error> {
    let Parameters { bucket, id, run } = parameters;
    check_bucket(bucket)?;
    authorize(access, operation, Some(bucket), &[])?;
    exists(access, bucket)?;
    check_id(id)?;
    let is_run = run.len() == RUN_DIGITS
        && run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !run.is_empty() && !is_run {
        return Err(Code::NoSuchRun.into());
    }
    Ok(Passed { access, bucket, id, run })
}

fn check_bucket(bucket: &str) -> Result<(), Error> {
    let name = BucketName::parse_in(bucket, Dialect::Any);
    name.map(drop).map_err(|_| Code::InvalidBucketName.into())
}

fn check_id(id: &str) -> Result<(), Error> {
    ConfigurationId::parse(id).map(drop).ok_or_else(|| Code::InvalidConfigurationId.into())
}

/// Judges a document without keeping it, for anybody who is known. It is about no bucket, so there is no policy that could
/// let others in.
fn validate(access: Access<'_>, query: &Query, body: &[u8]) -> Result<Response, Error> {
    if *access.caller == Caller::Anonymous {
        return Err(Code::AccessDenied.into());
    }
    let (syntax, dialect) = (syntax(access, body), dialect(access, query)?);
    let Judgement { findings, configuration } =
        access.services.inventory_config.validate(body, syntax, dialect);
    let is_usable = !findings.iter().any(|finding| finding.level == Level::Error);
    let document = configuration.as_deref().map(document_of);
    Ok(json(
        200,
        format!(
            r#"{{"usable":{is_usable},"findings":{},"configuration":{}}}"#,
            findings::json(&findings),
            object_or_null(document.as_deref())?
        ),
    ))
}

/// Whose rules a document is to be judged by: those that the request names, else those of this API.
fn dialect(access: Access<'_>, query: &Query) -> Result<Dialect, Error> {
    match query.get("dialect") {
        None => Ok(access.settings.dialect),
        Some("any") => Ok(Dialect::Any),
        Some("aws") => Ok(Dialect::Aws),
        Some("coreweave") => Ok(Dialect::Coreweave),
        Some("cos") => Ok(Dialect::Cos),
        Some(_) => {
            let allowed = "dialect must be any, aws, coreweave or cos";
            Err(Code::InvalidArgument.saying(allowed))
        }
    }
}

fn syntax(access: Access<'_>, body: &[u8]) -> Syntax {
    let content_type = access.head.header("content-type").unwrap_or_default();
    let is_xml = content_type.contains("xml") || body.trim_ascii_start().first() == Some(&b'<');
    if is_xml { Syntax::Xml } else { Syntax::Json }
}

/// A configuration, when it runs next, and how its latest run stands.
fn configuration(passed: Passed<'_>) -> Result<Response, Error> {
    let Passed { access: Access { services, settings, moment, .. }, bucket, id, .. } = passed;
    let document = services.inventory_config.get(bucket, id)?;
    let document = document.ok_or_else(|| no_such_configuration(settings))?;
    let next = services.inventory_runs.next_run(bucket, id, moment.now)?;
    let next = next.map(|next| Millis::from_parts(next.seconds, next.nanoseconds).rfc3339());
    let next = next.map_or_else(|| "null".to_owned(), |next| format!("\"{next}\""));
    let page = services.inventory_runs.list_runs(bucket, id, None, moment.now)?;
    Ok(json(
        200,
        format!(
            r#"{{"bucket":"{bucket}","id":"{id}","configuration":{},"next_run":{next},"latest_run":{}}}"#,
            object(&document)?,
            object_or_null(page.runs.first().map(String::as_str))?
        ),
    ))
}

/// The history of a configuration.
fn runs(passed: Passed<'_>, query: &Query) -> Result<Response, Error> {
    let Passed { access: Access { services, moment, .. }, bucket, id, .. } = passed;
    let cursor = query.get("cursor");
    let page = match services.inventory_runs.list_runs(bucket, id, cursor, moment.now) {
        Err(StoreError::InvalidArgument(_)) if cursor.is_some() => {
            return Err(Code::InvalidArgument.saying("The cursor provided is incorrect"));
        }
        page => page?,
    };
    let runs: Result<Vec<&str>, Error> = page.runs.iter().map(|run| object(run)).collect();
    let next = serde_json::to_string(&page.next).unwrap_or_else(|_| "null".to_owned());
    Ok(json(200, format!(r#"{{"runs":[{}],"next":{next}}}"#, runs?.join(","))))
}

/// Begins a run of a stored configuration, or of the document in the body, which is not kept.
fn start(
    access: Access<'_>,
    parameters: Parameters<'_>,
    query: &Query,
    body: &[u8],
) -> Result<Response, Error> {
    let Access { settings, moment, .. } = access;
    let Parameters { bucket, id, .. } = parameters;
    check_bucket(bucket)?;
    let source = runs::allowed(access, bucket)?;
    check_id(id)?;
    let (document, dialect) = if body.trim_ascii().is_empty() {
        (None, settings.dialect)
    } else {
        (Some((body, syntax(access, body))), dialect(access, query)?)
    };
    match runs::start(access, source, Start { id, document, dialect })? {
        StartOutcome::Started(_) => {
            let run = moment.run_id.as_str();
            let place = format!("/v1/stocktake/inventory/{bucket}/{id}/runs/{run}");
            Ok(json(202, format!(r#"{{"run":"{run}"}}"#)).header("location", &place))
        }
        StartOutcome::NoSuchConfiguration => Err(no_such_configuration(settings)),
        StartOutcome::AlreadyRunning(run) => Err(Code::RunInProgress.about(About::Run(run))),
        StartOutcome::Refused(findings) => {
            Err(Code::UnusableConfiguration.about(About::Findings(findings)))
        }
        StartOutcome::Duplicate => Err(Code::DuplicateInventory.into()),
    }
}

/// How a run stands.
fn run(passed: Passed<'_>) -> Result<Response, Error> {
    let Passed { access: Access { services, moment, .. }, bucket, id, run } = passed;
    let found = services.inventory_runs.get_run(bucket, id, run, moment.now)?;
    let found = found.ok_or(Code::NoSuchRun)?;
    Ok(json(200, object(&found)?))
}

/// Ends a run before its time.
fn cancel(passed: Passed<'_>) -> Result<Response, Error> {
    let Passed { access: Access { services, moment, .. }, bucket, id, run } = passed;
    match services.inventory_runs.cancel(bucket, id, run, moment.now)? {
        CancelOutcome::Cancelled(status) => Ok(json(200, object(&status)?)),
        CancelOutcome::Ended(_) => Err(Code::RunEnded.about(About::Run(run.to_owned()))),
        CancelOutcome::NoSuchRun => Err(Code::NoSuchRun.into()),
    }
}

/// A text that becomes part of an answer because it is JSON.
fn object(text: &str) -> Result<&str, Error> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Code::InternalError.because(format!("a function answered: {error}"))),
    }
}

fn object_or_null(text: Option<&str>) -> Result<&str, Error> {
    text.map_or(Ok("null"), object)
}
