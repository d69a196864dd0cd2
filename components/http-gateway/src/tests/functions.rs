//! The functions behind the gateway, natively.

use stocktake_capabilities::memory::MemoryState;
use stocktake_capabilities::{Error, Instant, State};
use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{
    self, Comparison, Delivery, Document, Options, PreflightReport, Replacement, Request, Verdict,
};
use stocktake_core::timestamp::Millis;

use crate::functions::{
    CancelOutcome, ConfigurationPage, DeleteOutcome, InventoryConfig, InventoryRuns, Judgement,
    PolicyCheck, PreviewOutcome, PutOutcome, RunPage, Seen, StartOutcome, Syntax,
};

/// Judging policies natively.
pub(super) struct Policies;

impl PolicyCheck for Policies {
    fn lint(&self, document: &Document, dialect: Dialect, options: &Options) -> Vec<Finding> {
        stocktake_policy::lint(document, dialect, options)
    }

    fn evaluate(
        &self,
        request: &Request,
        policies: &policy::Policies,
        dialect: Dialect,
        options: &Options,
    ) -> Verdict {
        stocktake_policy::evaluate(request, policies, dialect, options)
    }

    fn preflight(
        &self,
        delivery: &Delivery,
        dialect: Dialect,
        options: &Options,
    ) -> PreflightReport {
        stocktake_policy::preflight(delivery, dialect, options)
    }

    fn compare(
        &self,
        replacement: &Replacement,
        dialect: Dialect,
        options: &Options,
    ) -> Comparison {
        stocktake_policy::compare(replacement, dialect, options)
    }
}

/// What `inventory-config` does, over a state of its own.
pub(super) struct Functions<'a, S = MemoryState>(pub(super) &'a S);

impl<S: State> InventoryConfig for Functions<'_, S> {
    fn validate(&self, document: &[u8], given: Syntax, dialect: Dialect) -> Judgement {
        let judged = inventory_config::check(document, syntax(given), dialect);
        Judgement {
            findings: judged.findings,
            configuration: judged.configuration.map(|usable| usable.to_json()),
        }
    }

    fn put(
        &self,
        bucket: &str,
        id: &str,
        document: &[u8],
        given: Syntax,
        dialect: Dialect,
        seen: &[Seen],
    ) -> Result<PutOutcome, Error> {
        use inventory_config::PutOutcome as Outcome;
        let (given, seen) = (syntax(given), records(seen));
        Ok(match inventory_config::put(self.0, bucket, id, document, given, dialect, &seen)? {
            Outcome::Stored(found) => PutOutcome::Stored(found),
            Outcome::Refused(found) => PutOutcome::Refused(found),
            Outcome::TooMany => PutOutcome::TooMany,
            Outcome::Overtaken => PutOutcome::Overtaken,
        })
    }

    fn get(&self, bucket: &str, id: &str) -> Result<Option<String>, Error> {
        inventory_config::get(self.0, bucket, id)
    }

    fn list(&self, bucket: &str, cursor: Option<&str>) -> Result<ConfigurationPage, Error> {
        let page = inventory_config::list(self.0, bucket, cursor)?;
        Ok(ConfigurationPage { configurations: page.configurations, next: page.next })
    }

    fn delete(&self, bucket: &str, id: &str, seen: &[Seen]) -> Result<DeleteOutcome, Error> {
        use inventory_config::DeleteOutcome as Outcome;
        Ok(match inventory_config::delete(self.0, bucket, id, &records(seen))? {
            Outcome::Deleted => DeleteOutcome::Deleted,
            Outcome::NoSuchConfiguration => DeleteOutcome::NoSuchConfiguration,
            Outcome::Overtaken => DeleteOutcome::Overtaken,
        })
    }
}

fn records(seen: &[Seen]) -> Vec<inventory_config::Seen> {
    let records = seen.iter().cloned();
    records.map(|Seen { key, revision }| inventory_config::Seen { key, revision }).collect()
}

impl<S: State> InventoryRuns for Functions<'_, S> {
    fn preview(
        &self,
        bucket: &str,
        id: &str,
        document: Option<(&[u8], Syntax)>,
        dialect: Dialect,
    ) -> Result<PreviewOutcome, Error> {
        use inventory_config::PreviewOutcome as Found;
        let document = document.map(|(document, given)| (document, syntax(given)));
        Ok(match inventory_config::preview(self.0, bucket, id, document, dialect)? {
            Found::Usable(configuration) => PreviewOutcome::Usable(configuration),
            Found::Refused(found) => PreviewOutcome::Refused(found),
            Found::NoSuchConfiguration => PreviewOutcome::NoSuchConfiguration,
        })
    }

    fn start(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<StartOutcome, Error> {
        Ok(outcome(inventory_config::start(self.0, new(bucket, id, run, now))?))
    }

    fn start_once(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        document: &[u8],
        given: Syntax,
        dialect: Dialect,
        now: Instant,
    ) -> Result<StartOutcome, Error> {
        let (new, given) = (new(bucket, id, run, now), syntax(given));
        Ok(outcome(inventory_config::start_once(self.0, new, document, given, dialect)?))
    }

    fn list_runs(
        &self,
        bucket: &str,
        id: &str,
        cursor: Option<&str>,
        now: Instant,
    ) -> Result<RunPage, Error> {
        let page = inventory_config::list_runs(self.0, (bucket, id), cursor, millis(now))?;
        Ok(RunPage { runs: page.runs, next: page.next })
    }

    fn get_run(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<Option<String>, Error> {
        let run = inventory_config::Run { bucket, id, run };
        inventory_config::get_run(self.0, run, millis(now))
    }

    fn cancel(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<CancelOutcome, Error> {
        use inventory_config::CancelOutcome as Outcome;
        let run = inventory_config::Run { bucket, id, run };
        Ok(match inventory_config::cancel(self.0, run, millis(now))? {
            Outcome::Cancelled(status) => CancelOutcome::Cancelled(status),
            Outcome::Ended(status) => CancelOutcome::Ended(status),
            Outcome::NoSuchRun => CancelOutcome::NoSuchRun,
        })
    }

    fn next_run(&self, bucket: &str, id: &str, now: Instant) -> Result<Option<Instant>, Error> {
        let next = inventory_config::next_run(self.0, bucket, id, millis(now))?;
        Ok(next.map(|next| Instant { seconds: next.0.div_euclid(1000), nanoseconds: 0 }))
    }
}

fn syntax(syntax: Syntax) -> inventory_config::Syntax {
    match syntax {
        Syntax::Json => inventory_config::Syntax::Json,
        Syntax::Xml => inventory_config::Syntax::Xml,
    }
}

fn millis(now: Instant) -> Millis {
    Millis::from_parts(now.seconds, now.nanoseconds)
}

fn new<'a>(
    bucket: &'a str,
    id: &'a str,
    run: &'a str,
    now: Instant,
) -> inventory_config::NewRun<'a> {
    inventory_config::NewRun { run: inventory_config::Run { bucket, id, run }, now: millis(now) }
}

fn outcome(outcome: inventory_config::StartOutcome) -> StartOutcome {
    use inventory_config::StartOutcome as Outcome;
    match outcome {
        Outcome::Started(tasks) => StartOutcome::Started(tasks),
        Outcome::Refused(found) => StartOutcome::Refused(found),
        Outcome::NoSuchConfiguration => StartOutcome::NoSuchConfiguration,
        Outcome::AlreadyRunning(run) => StartOutcome::AlreadyRunning(run),
        Outcome::Duplicate => StartOutcome::Duplicate,
    }
}
