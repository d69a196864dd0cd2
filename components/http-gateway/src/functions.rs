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

/// A record of `state` as it was when a change was judged by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The record.
    pub key: String,
    /// Its revision; none where there was no such record.
    pub revision: Option<u64>,
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
    /// A record is not as it was seen any more. The change is taken back; it has to be judged anew.
    Overtaken,
}

/// How a deletion of a configuration ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// It is gone.
    Deleted,
    /// There was none of this id.
    NoSuchConfiguration,
    /// A record is not as it was seen any more. The change is taken back; it has to be judged anew.
    Overtaken,
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

    /// Judges a document and stores it under its bucket and id, if all of `seen` is still as it was when it is stored.
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
        seen: &[Seen],
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

    /// Deletes a configuration, if all of `seen` is still as it was when it is deleted.
    ///
    /// # Errors
    /// What the store answers.
    fn delete(&self, bucket: &str, id: &str, seen: &[Seen]) -> Result<DeleteOutcome, Error>;
}

/// What a run would begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewOutcome {
    /// This configuration, as JSON.
    Usable(String),
    /// The document is not usable.
    Refused(Vec<Finding>),
    /// There is no configuration of this id.
    NoSuchConfiguration,
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
    /// What [`InventoryRuns::start`] would run, and with a document what [`InventoryRuns::start_once`] would. Changes nothing.
    ///
    /// # Errors
    /// What the store answers.
    fn preview(
        &self,
        bucket: &str,
        id: &str,
        document: Option<(&[u8], Syntax)>,
        dialect: Dialect,
    ) -> Result<PreviewOutcome, Error>;

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
