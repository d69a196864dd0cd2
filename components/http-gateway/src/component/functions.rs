//! The functions of other components as the traits that the logic is written against.

use stocktake_capabilities::{Error, Instant, Task};
use stocktake_core::finding;

use super::bindings::stocktake::functions::inventory_config as config;
use super::bindings::stocktake::functions::inventory_runs as runs;
use super::bindings::stocktake::functions::types::{Dialect, Finding, Level};
use crate::{
    CancelOutcome, ConfigurationPage, DeleteOutcome, InventoryConfig, InventoryRuns, Judgement,
    PreviewOutcome, PutOutcome, RunPage, Seen, StartOutcome, Syntax,
};
use stocktake_guest::bindings::stocktake::host::types as host;

/// What the components answer that this one is composed with.
pub(super) struct Functions;

impl InventoryConfig for Functions {
    fn validate(&self, document: &[u8], syntax: Syntax, dialect: finding::Dialect) -> Judgement {
        let judged = config::validate(document, syntax.into(), dialect.into());
        Judgement { findings: findings(judged.findings), configuration: judged.configuration }
    }

    fn put(
        &self,
        bucket: &str,
        id: &str,
        document: &[u8],
        syntax: Syntax,
        dialect: finding::Dialect,
        seen: &[Seen],
    ) -> Result<PutOutcome, Error> {
        let (syntax, dialect) = (syntax.into(), dialect.into());
        Ok(match config::put(bucket, id, document, syntax, dialect, &records(seen))? {
            config::PutOutcome::Stored(found) => PutOutcome::Stored(findings(found)),
            config::PutOutcome::Refused(found) => PutOutcome::Refused(findings(found)),
            config::PutOutcome::TooMany => PutOutcome::TooMany,
            config::PutOutcome::Overtaken => PutOutcome::Overtaken,
        })
    }

    fn get(&self, bucket: &str, id: &str) -> Result<Option<String>, Error> {
        Ok(config::get(bucket, id)?)
    }

    fn list(&self, bucket: &str, cursor: Option<&str>) -> Result<ConfigurationPage, Error> {
        let page = config::list(bucket, cursor)?;
        Ok(ConfigurationPage { configurations: page.configurations, next: page.next })
    }

    fn delete(&self, bucket: &str, id: &str, seen: &[Seen]) -> Result<DeleteOutcome, Error> {
        Ok(config::delete(bucket, id, &records(seen))?.into())
    }
}

fn records(seen: &[Seen]) -> Vec<config::Seen> {
    let records = seen.iter().cloned();
    records.map(|Seen { key, revision }| config::Seen { key, revision }).collect()
}

impl InventoryRuns for Functions {
    fn preview(
        &self,
        bucket: &str,
        id: &str,
        document: Option<(&[u8], Syntax)>,
        dialect: finding::Dialect,
    ) -> Result<PreviewOutcome, Error> {
        let document = document.map(|(content, syntax)| runs::Document {
            content: content.to_vec(),
            syntax: syntax.into(),
        });
        Ok(match runs::preview(bucket, id, document.as_ref(), dialect.into())? {
            runs::PreviewOutcome::Usable(configuration) => PreviewOutcome::Usable(configuration),
            runs::PreviewOutcome::Refused(found) => PreviewOutcome::Refused(findings(found)),
            runs::PreviewOutcome::NoSuchConfiguration => PreviewOutcome::NoSuchConfiguration,
        })
    }

    fn start(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<StartOutcome, Error> {
        Ok(runs::start(bucket, id, run, instant(now))?.into())
    }

    fn start_once(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        document: &[u8],
        syntax: Syntax,
        dialect: finding::Dialect,
        now: Instant,
    ) -> Result<StartOutcome, Error> {
        let (syntax, dialect) = (syntax.into(), dialect.into());
        Ok(runs::start_once(bucket, id, run, document, syntax, dialect, instant(now))?.into())
    }

    fn list_runs(
        &self,
        bucket: &str,
        id: &str,
        cursor: Option<&str>,
        now: Instant,
    ) -> Result<RunPage, Error> {
        let page = runs::list_runs(bucket, id, cursor, instant(now))?;
        Ok(RunPage { runs: page.runs, next: page.next })
    }

    fn get_run(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<Option<String>, Error> {
        Ok(runs::get_run(bucket, id, run, instant(now))?)
    }

    fn cancel(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<CancelOutcome, Error> {
        Ok(match runs::cancel(bucket, id, run, instant(now))? {
            runs::CancelOutcome::Cancelled(status) => CancelOutcome::Cancelled(status),
            runs::CancelOutcome::Ended(status) => CancelOutcome::Ended(status),
            runs::CancelOutcome::NoSuchRun => CancelOutcome::NoSuchRun,
        })
    }

    fn next_run(&self, bucket: &str, id: &str, now: Instant) -> Result<Option<Instant>, Error> {
        Ok(runs::next_run(bucket, id, instant(now))?.map(Into::into))
    }
}

impl From<runs::StartOutcome> for StartOutcome {
    fn from(outcome: runs::StartOutcome) -> Self {
        match outcome {
            runs::StartOutcome::Started(tasks) => {
                Self::Started(tasks.into_iter().map(Task::from).collect())
            }
            runs::StartOutcome::Refused(found) => Self::Refused(findings(found)),
            runs::StartOutcome::NoSuchConfiguration => Self::NoSuchConfiguration,
            runs::StartOutcome::AlreadyRunning(run) => Self::AlreadyRunning(run),
            runs::StartOutcome::Duplicate => Self::Duplicate,
        }
    }
}

fn instant(instant: Instant) -> host::Instant {
    host::Instant { seconds: instant.seconds, nanoseconds: instant.nanoseconds }
}

pub(super) fn findings(found: Vec<Finding>) -> Vec<finding::Finding> {
    found.into_iter().map(Into::into).collect()
}

/// Enums whose cases have the same names on both sides.
macro_rules! same {
    ($from:path => $to:path { $($case:ident),+ }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                type Source = $from;
                match from {
                    $(Source::$case => Self::$case,)+
                }
            }
        }
    };
}

pub(super) use same;

same!(config::DeleteOutcome => DeleteOutcome { Deleted, NoSuchConfiguration, Overtaken });
same!(Syntax => config::Syntax { Json, Xml });
same!(finding::Dialect => Dialect { Any, Aws, Coreweave, Cos });
same!(Dialect => finding::Dialect { Any, Aws, Coreweave, Cos });
same!(Level => finding::Level { Error, Warning, Security, Info });

impl From<Finding> for finding::Finding {
    fn from(found: Finding) -> Self {
        Self {
            code: found.code.into(),
            level: found.level.into(),
            dialect: found.dialect.into(),
            document: found.document,
            pointer: found.pointer,
            message: found.message,
            value: found.value,
            allowed: found.allowed,
            suggestion: found.suggestion,
            patch: found.patch,
        }
    }
}
