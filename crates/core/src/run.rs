//! The progress of one report, as it is kept in `state`.
//!
//! `report-writer` writes the record; whoever shows runs to people reads it. The record alone says how a run stands:
//! a run is complete exactly when its record says so, and by then every file of its report is durable.

mod counts;

use serde::{Deserialize, Serialize};

pub use counts::{FileCounts, PartCounts, RunCounts, parts_prefix};

/// The component that handles the tasks of a run.
pub const REPORT_WRITER: &str = "report-writer";

/// The kind of the task that begins a run; its input is a [`PlanInput`] as JSON.
pub const PLAN: &str = "plan";

/// What a run begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanInput {
    /// The id of the run: 32 lower-case hex digits, unique for all time.
    pub run: String,
    /// The bucket to list.
    pub bucket: String,
    /// The configuration in its JSON form. A run keeps it, whatever is put meanwhile.
    pub configuration: String,
    /// The slot of the schedule that this run fills, in milliseconds since the epoch; none for a run on demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_millis: Option<i64>,
    /// How the work is cut.
    #[serde(default)]
    pub limits: RunLimits,
}

/// How the work of a run is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunLimits {
    /// The rows of a data file, after which a new one begins at the next key. AWS writes one to two million.
    pub file_rows_max: u64,
    /// The rows of the first data file of a bucket of which nothing is known yet. What is left then is cut into
    /// ranges of keys, whose files may be larger.
    pub first_file_rows: u64,
    /// How many ranges of keys the run begins with, and so how many tasks work side by side.
    pub ranges: u32,
    /// How many entries a page asks for: 1 to 1,000.
    pub page_entries: u32,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self { file_rows_max: 1_000_000, first_file_rows: 20_000, ranges: 4, page_entries: 1000 }
    }
}

impl RunLimits {
    /// The usual ones, for data files of at most so many rows.
    #[must_use]
    pub fn with_file_rows(file_rows_max: u64) -> Self {
        let usual = Self::default();
        let first_file_rows = usual.first_file_rows.min(file_rows_max);
        Self { file_rows_max, first_file_rows, ..usual }
    }
}

/// The `state` key of the [`RunLimits`] of scheduled runs; without the record the usual ones hold.
pub const LIMITS_KEY: &str = "settings/run-limits";

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Tasks of it are unfinished.
    Running,
    /// The report is complete.
    Complete,
    /// It was given up. There is no manifest.checksum.
    Failed,
}

/// Where a finished report's manifest is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPlace {
    /// The destination bucket.
    pub bucket: String,
    /// The key of manifest.json.
    pub key: String,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// What it began with.
    pub plan: PlanInput,
    /// How it stands.
    pub status: RunStatus,
    /// Why it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The report's time, cut to the minute, in milliseconds since the epoch.
    pub report_millis: i64,
    /// What was scanned and written; filled in when the run has ended. Of a run that was given up it is what its
    /// finished parts did. How far a running one has come, [`RunRecord::progress`] tells.
    #[serde(flatten)]
    pub counts: RunCounts,
    /// Where the manifest is; present exactly when the run is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestPlace>,
}

impl RunRecord {
    /// The record of a run that begins, for a report of this time.
    #[must_use]
    pub fn begin(plan: PlanInput, report_millis: i64) -> Self {
        Self {
            plan,
            status: RunStatus::Running,
            reason: None,
            report_millis,
            counts: RunCounts::default(),
            manifest: None,
        }
    }

    /// How far the run has come. `parts` are those whose records are below [`parts_prefix`]; of a run that has ended
    /// the record itself says it, as its parts are gone.
    ///
    /// What is being listed counts when its part is finished. Read the record last: a run that ends in between has its
    /// counts there by then.
    #[must_use]
    pub fn progress(&self, parts: impl IntoIterator<Item = PartCounts>) -> RunCounts {
        match self.status {
            RunStatus::Running => RunCounts::of(parts),
            RunStatus::Complete | RunStatus::Failed => self.counts,
        }
    }
}

/// The `state` key of a run's record.
#[must_use]
pub fn record_key(run: &str) -> String {
    format!("runs/{run}/record")
}

/// The `state` key under which the latest run on demand of a configuration is noted, as a [`PlanInput`].
#[must_use]
pub fn on_demand_key(bucket: &str, id: &str) -> String {
    format!("on-demand/{bucket}/{id}")
}

/// The `state` key of a configuration.
#[must_use]
pub fn configuration_key(bucket: &str, id: &str) -> String {
    format!("inventory/{bucket}/{id}")
}

/// The `state` key of what is remembered of the keys of a configuration's previous report.
#[must_use]
pub fn stretches_key(bucket: &str, id: &str) -> String {
    format!("stretches/{bucket}/{id}")
}
