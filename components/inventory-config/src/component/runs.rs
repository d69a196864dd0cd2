//! The half of the world that is about runs.

use stocktake_core::timestamp::Millis;
use stocktake_guest::Host;

use super::bindings::exports::stocktake::functions::inventory_runs::{
    CancelOutcome, Document, Error, Guest, Instant, PreviewOutcome, RunPage, StartOutcome, Syntax,
};
use super::bindings::stocktake::functions::types::Dialect;
use super::{Component, findings};
use crate::{NewRun, Run};

impl Guest for Component {
    fn preview(
        bucket: String,
        id: String,
        document: Option<Document>,
        dialect: Dialect,
    ) -> Result<PreviewOutcome, Error> {
        let document = document.as_ref().map(|it| (it.content.as_slice(), it.syntax.into()));
        Ok(match crate::preview(&Host, &bucket, &id, document, dialect.into())? {
            crate::PreviewOutcome::Usable(configuration) => PreviewOutcome::Usable(configuration),
            crate::PreviewOutcome::Refused(found) => PreviewOutcome::Refused(findings(found)),
            crate::PreviewOutcome::NoSuchConfiguration => PreviewOutcome::NoSuchConfiguration,
        })
    }

    fn start(bucket: String, id: String, run: String, now: Instant) -> Result<StartOutcome, Error> {
        let new = NewRun { run: Run { bucket: &bucket, id: &id, run: &run }, now: millis(now) };
        Ok(crate::start(&Host, new)?.into())
    }

    fn start_once(
        bucket: String,
        id: String,
        run: String,
        document: Vec<u8>,
        syntax: Syntax,
        dialect: Dialect,
        now: Instant,
    ) -> Result<StartOutcome, Error> {
        let new = NewRun { run: Run { bucket: &bucket, id: &id, run: &run }, now: millis(now) };
        Ok(crate::start_once(&Host, new, &document, syntax.into(), dialect.into())?.into())
    }

    fn list_runs(
        bucket: String,
        id: String,
        cursor: Option<String>,
        now: Instant,
    ) -> Result<RunPage, Error> {
        let page = crate::list_runs(&Host, (&bucket, &id), cursor.as_deref(), millis(now))?;
        Ok(RunPage { runs: page.runs, next: page.next })
    }

    fn get_run(
        bucket: String,
        id: String,
        run: String,
        now: Instant,
    ) -> Result<Option<String>, Error> {
        Ok(crate::get_run(&Host, Run { bucket: &bucket, id: &id, run: &run }, millis(now))?)
    }

    fn cancel(
        bucket: String,
        id: String,
        run: String,
        now: Instant,
    ) -> Result<CancelOutcome, Error> {
        let run = Run { bucket: &bucket, id: &id, run: &run };
        Ok(match crate::cancel(&Host, run, millis(now))? {
            crate::CancelOutcome::Cancelled(shown) => CancelOutcome::Cancelled(shown),
            crate::CancelOutcome::Ended(shown) => CancelOutcome::Ended(shown),
            crate::CancelOutcome::NoSuchRun => CancelOutcome::NoSuchRun,
        })
    }

    fn next_run(bucket: String, id: String, now: Instant) -> Result<Option<Instant>, Error> {
        Ok(crate::next_run(&Host, &bucket, &id, millis(now))?.map(instant))
    }
}

impl From<crate::StartOutcome> for StartOutcome {
    fn from(outcome: crate::StartOutcome) -> Self {
        match outcome {
            crate::StartOutcome::Started(tasks) => {
                Self::Started(tasks.into_iter().map(Into::into).collect())
            }
            crate::StartOutcome::Refused(found) => Self::Refused(findings(found)),
            crate::StartOutcome::NoSuchConfiguration => Self::NoSuchConfiguration,
            crate::StartOutcome::AlreadyRunning(run) => Self::AlreadyRunning(run),
            crate::StartOutcome::Duplicate => Self::Duplicate,
        }
    }
}

fn millis(instant: Instant) -> Millis {
    Millis::from_parts(instant.seconds, instant.nanoseconds)
}

fn instant(time: Millis) -> Instant {
    let (seconds, nanoseconds) = time.parts();
    Instant { seconds, nanoseconds }
}
