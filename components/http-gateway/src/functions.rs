//! The functions that the gateway calls, as plain traits: `inventory-config`, `inventory-runs` and `policy-check` of
//! `stocktake:functions`. Their promises stand in `wit/functions/`.

mod policy_check;

use stocktake_capabilities::{Error, Instant, Task};
use stocktake_core::finding::{Dialect, Finding};

pub use policy_check::PolicyCheck;

/// How a document is written.
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
    /// Everything that is wrong, in document order.
    pub findings: Vec<Finding>,
    /// The configuration as JSON; present exactly when the document is usable.
    pub configuration: Option<String>,
}

/// How a write of a configuration ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// The configuration is stored and durable. The findings are below level `error`.
    Stored(Vec<Finding>),
    /// The document is not usable. Nothing has changed.
    Refused(Vec<Finding>),
    /// The bucket has as many configurations as it may have. Nothing has changed.
    TooMany,
}

/// One page of configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigurationPage {
    /// As JSON, ascending by id bytes.
    pub configurations: Vec<String>,
    /// Present exactly when there is more.
    pub next: Option<String>,
}

/// `stocktake:functions/inventory-config`.
pub trait InventoryConfig {
    /// Judges a document. Reads and changes nothing.
    fn validate(&self, document: &[u8], syntax: Syntax, dialect: Dialect) -> Judgement;

    /// Judges a document and stores it under its bucket and id.
    ///
    /// # Errors
    /// What the store answers.
    fn put(
        &self,
        bucket: &str,
        id: &str,
        document: &[u8],
        syntax: Syntax,
        dialect: Dialect,
    ) -> Result<PutOutcome, Error>;

    /// The stored configuration as JSON, none if there is no such id.
    ///
    /// # Errors
    /// What the store answers.
    fn get(&self, bucket: &str, id: &str) -> Result<Option<String>, Error>;

    /// Lists the configurations of a bucket.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a foreign cursor; what the store answers.
    fn list(&self, bucket: &str, cursor: Option<&str>) -> Result<ConfigurationPage, Error>;

    /// Deletes a configuration. Answers whether there was one.
    ///
    /// # Errors
    /// What the store answers.
    fn delete(&self, bucket: &str, id: &str) -> Result<bool, Error>;
}

/// How a start ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartOutcome {
    /// The run begins as soon as these tasks are enqueued.
    Started(Vec<Task>),
    /// The document is not usable. Nothing has changed.
    Refused(Vec<Finding>),
    /// There is no configuration of this id.
    NoSuchConfiguration,
    /// A run of this configuration is unfinished, this one.
    AlreadyRunning(String),
    /// A one-time run of this id was begun earlier on the same day, or a scheduled configuration has this id.
    Duplicate,
}

/// One page of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunPage {
    /// Runs as JSON objects, the newest first.
    pub runs: Vec<String>,
    /// Present exactly when there is more.
    pub next: Option<String>,
}

/// How a cancellation ended, where it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The run is cancelled; its status as a JSON object.
    Cancelled(String),
    /// The run had ended by then; its status as a JSON object. Nothing has changed.
    Ended(String),
    /// There is no such run of this configuration.
    NoSuchRun,
}

/// `stocktake:functions/inventory-runs`.
pub trait InventoryRuns {
    /// Begins a run of a stored configuration. `run` is 32 lower-case hex digits, unique for all time.
    ///
    /// # Errors
    /// What the store answers.
    fn start(&self, bucket: &str, id: &str, run: &str, now: Instant)
    -> Result<StartOutcome, Error>;

    /// Begins a run of a document that is not kept.
    ///
    /// # Errors
    /// What the store answers.
    #[expect(clippy::too_many_arguments, reason = "the shape of the contract")]
    fn start_once(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        document: &[u8],
        syntax: Syntax,
        dialect: Dialect,
        now: Instant,
    ) -> Result<StartOutcome, Error>;

    /// The runs of a configuration.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a foreign cursor; what the store answers.
    fn list_runs(
        &self,
        bucket: &str,
        id: &str,
        cursor: Option<&str>,
        now: Instant,
    ) -> Result<RunPage, Error>;

    /// One run as a JSON object; none if there is no such run of this configuration.
    ///
    /// # Errors
    /// What the store answers.
    fn get_run(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<Option<String>, Error>;

    /// Cancels a run.
    ///
    /// # Errors
    /// What the store answers.
    fn cancel(
        &self,
        bucket: &str,
        id: &str,
        run: &str,
        now: Instant,
    ) -> Result<CancelOutcome, Error>;

    /// When the next scheduled run of a configuration begins, if one does.
    ///
    /// # Errors
    /// What the store answers.
    fn next_run(&self, bucket: &str, id: &str, now: Instant) -> Result<Option<Instant>, Error>;
}
