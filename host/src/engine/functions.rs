//! Calls of `stocktake:functions`, in plain types.

pub mod policy;
mod runs;

use std::time::SystemTime;

use stocktake_capabilities::Error;
use stocktake_core::finding::{Dialect, Level};
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::p2::bindings::exports::wasi::http::incoming_handler;

use super::component::{CallError, Component, Invoked};
use super::export::Export;
use super::invocation::Invocation;
use super::output::printable;
use crate::capabilities::Capabilities;
use crate::capabilities::bindings::exports::stocktake::functions::{
    cron, inventory_config, inventory_runs, object_events, policy_check, tasks,
};
use crate::capabilities::bindings::stocktake::functions::types;
use crate::capabilities::convert;
use crate::queue::{Call, Task};

pub use runs::{CancelOutcome, RunPage, StartOutcome};
pub use stocktake_capabilities::Failure;
pub use stocktake_core::finding::Finding;

/// What a function answers to an event: follow-up tasks, or why it failed.
pub type TaskAnswer = Result<Vec<Task>, Failure>;

/// How a configuration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// The JSON of the AWS CLI.
    Json,
    /// The XML of the S3 API.
    Xml,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Everything that is wrong with it, in document order.
    pub findings: Vec<Finding>,
    /// Its JSON form; present exactly when it is usable.
    pub configuration: Option<String>,
}

/// How storing a configuration ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// It is stored. The findings are below level `error`.
    Stored(Vec<Finding>),
    /// It is not usable; nothing has changed.
    Refused(Vec<Finding>),
    /// The bucket has as many configurations as it may have; nothing has changed.
    TooMany,
}

/// One page of a bucket's configurations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationPage {
    /// In their JSON form.
    pub configurations: Vec<String>,
    /// Present exactly when there is more.
    pub next: Option<String>,
}

/// Which interfaces a component exports, and where.
#[derive(Clone)]
pub(super) struct Exports {
    cron: Option<cron::GuestIndices>,
    tasks: Option<tasks::GuestIndices>,
    object_events: Option<object_events::GuestIndices>,
    inventory_config: Option<inventory_config::GuestIndices>,
    pub(super) http: Option<incoming_handler::GuestIndices>,
    inventory_runs: Option<inventory_runs::GuestIndices>,
    policy_check: Option<policy_check::GuestIndices>,
}

impl Exports {
    pub(super) fn of(pre: &InstancePre<Invocation>) -> Self {
        Self {
            cron: cron::GuestIndices::new(pre).ok(),
            tasks: tasks::GuestIndices::new(pre).ok(),
            object_events: object_events::GuestIndices::new(pre).ok(),
            inventory_config: inventory_config::GuestIndices::new(pre).ok(),
            http: incoming_handler::GuestIndices::new(pre).ok(),
            inventory_runs: inventory_runs::GuestIndices::new(pre).ok(),
            policy_check: policy_check::GuestIndices::new(pre).ok(),
        }
    }

    pub(super) fn has(&self, export: Export) -> bool {
        match export {
            Export::Cron => self.cron.is_some(),
            Export::Tasks => self.tasks.is_some(),
            Export::ObjectEvents => self.object_events.is_some(),
            Export::InventoryConfig => self.inventory_config.is_some(),
            Export::Http => self.http.is_some(),
            Export::InventoryRuns => self.inventory_runs.is_some(),
            Export::PolicyCheck => self.policy_check.is_some(),
        }
    }
}

/// Calls one function of one interface in a fresh instance.
macro_rules! call {
    ($component:ident, $capabilities:ident, $export:ident, $field:ident, $method:ident($($argument:expr),*)) => {{
        let Some(indices) = &$component.exports.$field else {
            return Err($component.lacks(Export::$export));
        };
        let indices = indices.clone();
        $component
            .invoke($capabilities, None, move |store, instance| {
                Box::pin(async move {
                    let guest = indices.load(&mut *store, instance)?;
                    guest.$method(store, $($argument),*).await
                })
            })
            .await?
    }};
}

use call;

/// A call comes to no answer with a [`CallError`]; what it then has done, and what it has not, is unknown.
#[expect(clippy::missing_errors_doc, reason = "all of them fail as the block's comment says")]
impl Component {
    /// Calls `cron.handle` for one tick of the named trigger.
    pub async fn call_cron(
        &self,
        capabilities: &Capabilities,
        trigger: &str,
        at: SystemTime,
    ) -> Result<Invoked<TaskAnswer>, CallError> {
        let tick = cron::Tick { trigger: trigger.to_owned(), at: convert::system_time(at) };
        let invoked = call!(self, capabilities, Cron, cron, call_handle(&tick));
        Ok(invoked.map(answer))
    }

    /// Calls `tasks.handle` or `tasks.give-up`.
    pub async fn call_task(
        &self,
        capabilities: &Capabilities,
        task: &Task,
        call: &Call,
    ) -> Result<Invoked<TaskAnswer>, CallError> {
        let task = convert::task_back(task);
        let invoked = match call {
            Call::Handle => call!(self, capabilities, Tasks, tasks, call_handle(&task)),
            Call::GiveUp(reason) => {
                let reason = reason.clone();
                call!(self, capabilities, Tasks, tasks, call_give_up(&task, &reason))
            }
        };
        Ok(invoked.map(answer))
    }

    /// Calls `inventory-config.validate`.
    pub async fn call_validate(
        &self,
        capabilities: &Capabilities,
        document: &[u8],
        syntax: Syntax,
        dialect: Dialect,
    ) -> Result<Invoked<Judgement>, CallError> {
        let document = document.to_vec();
        let (syntax, dialect) = (self::syntax(syntax), self::dialect(dialect));
        let invoked = call!(
            self,
            capabilities,
            InventoryConfig,
            inventory_config,
            call_validate(&document, syntax, dialect)
        );
        Ok(invoked.map(|judgement| Judgement {
            findings: findings(judgement.findings),
            configuration: judgement.configuration,
        }))
    }

    /// Calls `inventory-config.put`.
    pub async fn call_put(
        &self,
        capabilities: &Capabilities,
        place: (&str, &str),
        document: &[u8],
        syntax: Syntax,
        dialect: Dialect,
    ) -> Result<Invoked<Result<PutOutcome, Error>>, CallError> {
        let (bucket, id) = (place.0.to_owned(), place.1.to_owned());
        let document = document.to_vec();
        let (syntax, dialect) = (self::syntax(syntax), self::dialect(dialect));
        let invoked = call!(
            self,
            capabilities,
            InventoryConfig,
            inventory_config,
            call_put(&bucket, &id, &document, syntax, dialect, &[])
        );
        Ok(invoked.map(|outcome| outcome.map_err(convert::error_back).and_then(put_outcome)))
    }

    /// Calls `inventory-config.get`.
    pub async fn call_get(
        &self,
        capabilities: &Capabilities,
        bucket: &str,
        id: &str,
    ) -> Result<Invoked<Result<Option<String>, Error>>, CallError> {
        let (bucket, id) = (bucket.to_owned(), id.to_owned());
        let invoked =
            call!(self, capabilities, InventoryConfig, inventory_config, call_get(&bucket, &id));
        Ok(invoked.map(|found| found.map_err(convert::error_back)))
    }

    /// Calls `inventory-config.list`.
    pub async fn call_list(
        &self,
        capabilities: &Capabilities,
        bucket: &str,
        cursor: Option<&str>,
    ) -> Result<Invoked<Result<ConfigurationPage, Error>>, CallError> {
        let (bucket, cursor) = (bucket.to_owned(), cursor.map(str::to_owned));
        let invoked = call!(
            self,
            capabilities,
            InventoryConfig,
            inventory_config,
            call_list(&bucket, cursor.as_ref())
        );
        Ok(invoked.map(|page| {
            page.map(|page| ConfigurationPage {
                configurations: page.configurations,
                next: page.next,
            })
            .map_err(convert::error_back)
        }))
    }

    /// Calls `inventory-config.delete`.
    pub async fn call_delete(
        &self,
        capabilities: &Capabilities,
        bucket: &str,
        id: &str,
    ) -> Result<Invoked<Result<bool, Error>>, CallError> {
        let (bucket, id) = (bucket.to_owned(), id.to_owned());
        let invoked = call!(
            self,
            capabilities,
            InventoryConfig,
            inventory_config,
            call_delete(&bucket, &id, &[])
        );
        Ok(invoked.map(|outcome| match outcome.map_err(convert::error_back)? {
            inventory_config::DeleteOutcome::Deleted => Ok(true),
            inventory_config::DeleteOutcome::NoSuchConfiguration => Ok(false),
            inventory_config::DeleteOutcome::Overtaken => Err(overtaken()),
        }))
    }
}

impl<T> Invoked<T> {
    pub(super) fn map<R>(self, convert: impl FnOnce(T) -> R) -> Invoked<R> {
        Invoked { value: convert(self.value), usage: self.usage }
    }
}

fn answer(answer: Result<Vec<tasks::Task>, types::Failure>) -> TaskAnswer {
    match answer {
        Ok(tasks) => Ok(tasks.into_iter().map(convert::task).collect()),
        Err(types::Failure::Reject(reason)) => Err(Failure::Reject(printable(&reason))),
        Err(types::Failure::Retry(retry)) => {
            Err(Failure::Retry { reason: printable(&retry.reason), after_ms: retry.after_ms })
        }
    }
}

fn put_outcome(outcome: inventory_config::PutOutcome) -> Result<PutOutcome, Error> {
    match outcome {
        inventory_config::PutOutcome::Stored(found) => Ok(PutOutcome::Stored(findings(found))),
        inventory_config::PutOutcome::Refused(found) => Ok(PutOutcome::Refused(findings(found))),
        inventory_config::PutOutcome::TooMany => Ok(PutOutcome::TooMany),
        inventory_config::PutOutcome::Overtaken => Err(overtaken()),
    }
}

/// The component says that what a change was judged by has changed, though it was told nothing of that kind.
fn overtaken() -> Error {
    Error::Unavailable("the configuration was changed meanwhile; try again".to_owned())
}

fn findings(findings: Vec<types::Finding>) -> Vec<Finding> {
    findings.into_iter().map(finding).collect()
}

fn finding(finding: types::Finding) -> Finding {
    Finding {
        code: finding.code.into(),
        level: match finding.level {
            types::Level::Error => Level::Error,
            types::Level::Warning => Level::Warning,
            types::Level::Security => Level::Security,
            types::Level::Info => Level::Info,
        },
        dialect: match finding.dialect {
            types::Dialect::Any => Dialect::Any,
            types::Dialect::Aws => Dialect::Aws,
            types::Dialect::Coreweave => Dialect::Coreweave,
            types::Dialect::Cos => Dialect::Cos,
        },
        document: finding.document,
        pointer: finding.pointer,
        message: finding.message,
        value: finding.value,
        allowed: finding.allowed,
        suggestion: finding.suggestion,
        patch: finding.patch,
    }
}

fn syntax(syntax: Syntax) -> inventory_config::Syntax {
    match syntax {
        Syntax::Json => inventory_config::Syntax::Json,
        Syntax::Xml => inventory_config::Syntax::Xml,
    }
}

fn dialect(dialect: Dialect) -> types::Dialect {
    match dialect {
        Dialect::Any => types::Dialect::Any,
        Dialect::Aws => types::Dialect::Aws,
        Dialect::Coreweave => types::Dialect::Coreweave,
        Dialect::Cos => types::Dialect::Cos,
    }
}
