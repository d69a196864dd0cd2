//! Calls of `stocktake:functions/inventory-runs`, in plain types.

use std::time::SystemTime;

use stocktake_capabilities::Error;

use super::super::component::{CallError, Component, Invoked};
use super::super::export::Export;
use super::{Dialect, Finding, Syntax, call, dialect, findings, inventory_runs, syntax};
use crate::capabilities::{Capabilities, convert};
use crate::queue::Task;

/// How the start of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartOutcome {
    /// It begins when these tasks are enqueued.
    Started(Vec<Task>),
    /// There is no configuration of this id.
    NoSuchConfiguration,
    /// The document is not usable; nothing has changed. Of one-time runs alone.
    Refused(Vec<Finding>),
    /// A run of this configuration is unfinished, this one.
    AlreadyRunning(String),
    /// A one-time run of this id was begun earlier on the same day, or a stored configuration has this id.
    Duplicate,
}

/// One page of a configuration's runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPage {
    /// As JSON objects, the newest first.
    pub runs: Vec<String>,
    /// Present exactly when there is more.
    pub next: Option<String>,
}

/// How a cancellation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The run is cancelled; its status as a JSON object.
    Cancelled(String),
    /// It had ended by then; its status as a JSON object.
    Ended(String),
    /// There is no such run of this configuration.
    NoSuchRun,
}

/// A call comes to no answer with a [`CallError`]; what it then has done, and what it has not, is unknown.
#[expect(clippy::missing_errors_doc, reason = "all of them fail as the block's comment says")]
impl Component {
    /// Calls `inventory-runs.start`.
    pub async fn call_start(
        &self,
        capabilities: &Capabilities,
        place: (&str, &str),
        run: &str,
    ) -> Result<Invoked<Result<StartOutcome, Error>>, CallError> {
        let (bucket, id, run) = (place.0.to_owned(), place.1.to_owned(), run.to_owned());
        let now = convert::system_time(capabilities.clock.now());
        let invoked = call!(
            self,
            capabilities,
            InventoryRuns,
            inventory_runs,
            call_start(&bucket, &id, &run, now)
        );
        Ok(invoked.map(|outcome| outcome.map(start_outcome).map_err(convert::error_back)))
    }

    /// Calls `inventory-runs.start-once`.
    pub async fn call_start_once(
        &self,
        capabilities: &Capabilities,
        place: (&str, &str),
        run: &str,
        document: (&[u8], Syntax, Dialect),
    ) -> Result<Invoked<Result<StartOutcome, Error>>, CallError> {
        let (bucket, id, run) = (place.0.to_owned(), place.1.to_owned(), run.to_owned());
        let (bytes, form) = (document.0.to_vec(), (syntax(document.1), dialect(document.2)));
        let now = convert::system_time(capabilities.clock.now());
        let invoked = call!(
            self,
            capabilities,
            InventoryRuns,
            inventory_runs,
            call_start_once(&bucket, &id, &run, &bytes, form.0, form.1, now)
        );
        Ok(invoked.map(|outcome| outcome.map(start_outcome).map_err(convert::error_back)))
    }

    /// Calls `inventory-runs.list-runs`.
    pub async fn call_list_runs(
        &self,
        capabilities: &Capabilities,
        place: (&str, &str),
        cursor: Option<&str>,
    ) -> Result<Invoked<Result<RunPage, Error>>, CallError> {
        let (bucket, id) = (place.0.to_owned(), place.1.to_owned());
        let cursor = cursor.map(str::to_owned);
        let now = convert::system_time(capabilities.clock.now());
        let invoked = call!(
            self,
            capabilities,
            InventoryRuns,
            inventory_runs,
            call_list_runs(&bucket, &id, cursor.as_ref(), now)
        );
        Ok(invoked.map(|page| {
            page.map(|page| RunPage { runs: page.runs, next: page.next })
                .map_err(convert::error_back)
        }))
    }

    /// Calls `inventory-runs.get-run`.
    pub async fn call_get_run(
        &self,
        capabilities: &Capabilities,
        place: (&str, &str),
        run: &str,
    ) -> Result<Invoked<Result<Option<String>, Error>>, CallError> {
        let (bucket, id, run) = (place.0.to_owned(), place.1.to_owned(), run.to_owned());
        let now = convert::system_time(capabilities.clock.now());
        let invoked = call!(
            self,
            capabilities,
            InventoryRuns,
            inventory_runs,
            call_get_run(&bucket, &id, &run, now)
        );
        Ok(invoked.map(|found| found.map_err(convert::error_back)))
    }

    /// Calls `inventory-runs.cancel`.
    pub async fn call_cancel(
        &self,
        capabilities: &Capabilities,
        place: (&str, &str),
        run: &str,
    ) -> Result<Invoked<Result<CancelOutcome, Error>>, CallError> {
        let (bucket, id, run) = (place.0.to_owned(), place.1.to_owned(), run.to_owned());
        let now = convert::system_time(capabilities.clock.now());
        let invoked = call!(
            self,
            capabilities,
            InventoryRuns,
            inventory_runs,
            call_cancel(&bucket, &id, &run, now)
        );
        Ok(invoked.map(|outcome| outcome.map(cancel_outcome).map_err(convert::error_back)))
    }

    /// Calls `inventory-runs.next-run`.
    pub async fn call_next_run(
        &self,
        capabilities: &Capabilities,
        bucket: &str,
        id: &str,
    ) -> Result<Invoked<Result<Option<SystemTime>, Error>>, CallError> {
        let (bucket, id) = (bucket.to_owned(), id.to_owned());
        let now = convert::system_time(capabilities.clock.now());
        let invoked = call!(
            self,
            capabilities,
            InventoryRuns,
            inventory_runs,
            call_next_run(&bucket, &id, now)
        );
        Ok(invoked.map(|next| {
            next.map(|next| next.map(convert::system_time_back)).map_err(convert::error_back)
        }))
    }
}

fn start_outcome(outcome: inventory_runs::StartOutcome) -> StartOutcome {
    use inventory_runs::StartOutcome as Outcome;
    match outcome {
        Outcome::Started(tasks) => {
            StartOutcome::Started(tasks.into_iter().map(convert::task).collect())
        }
        Outcome::NoSuchConfiguration => StartOutcome::NoSuchConfiguration,
        Outcome::Refused(found) => StartOutcome::Refused(findings(found)),
        Outcome::AlreadyRunning(run) => StartOutcome::AlreadyRunning(run),
        Outcome::Duplicate => StartOutcome::Duplicate,
    }
}

fn cancel_outcome(outcome: inventory_runs::CancelOutcome) -> CancelOutcome {
    match outcome {
        inventory_runs::CancelOutcome::Cancelled(shown) => CancelOutcome::Cancelled(shown),
        inventory_runs::CancelOutcome::Ended(shown) => CancelOutcome::Ended(shown),
        inventory_runs::CancelOutcome::NoSuchRun => CancelOutcome::NoSuchRun,
    }
}
