//! The progress of one report, as it is kept in `state`.
//!
//! `report-writer` writes the record; whoever shows runs to people reads it. The record alone says how a run stands:
//! a run is complete exactly when its record says so, and by then every file of its report is durable.
//!
//! Beside the records stands a history for each configuration: keys that lead to the records, the newest first. A run
//! that somebody starts is noted, too, so that the clock can ask for it where whoever started it has died.

mod counts;
mod keys;

use serde::{Deserialize, Serialize};

pub use counts::{FileCounts, PartCounts, RunCounts, parts_prefix};
pub use keys::{
    FIRST_REPORT_KEY, LIMITS_KEY, STARTS, configuration_key, errors_key, history_key,
    history_prefix, on_demand_key, once_key, once_prefix, record_key, schedule_key, start_key,
    stretches_key,
};

use crate::timestamp::Millis;

/// The component that handles the tasks of a run.
pub const REPORT_WRITER: &str = "report-writer";

/// How many ended runs of a configuration are kept: with daily reports those of three months. A record takes a few KiB,
/// so a thousand configurations take some hundred MiB.
pub const ENDED_RUNS_MAX: usize = 100;

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
    /// Whether the configuration is kept nowhere else: the one-time inventory of Tencent COS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_once: bool,
    /// How the work is cut.
    #[serde(default)]
    pub limits: RunLimits,
}

impl PlanInput {
    /// The name of the task that begins this run.
    #[must_use]
    pub fn task_name(&self) -> String {
        format!("{}/{PLAN}", self.run)
    }

    /// What the run was begun by.
    #[must_use]
    pub fn trigger(&self) -> Trigger {
        match self.slot_millis {
            Some(_) => Trigger::Schedule,
            None if self.is_once => Trigger::Once,
            None => Trigger::OnDemand,
        }
    }
}

/// What a run was begun by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A slot of its configuration's schedule.
    Schedule,
    /// Somebody asked for a run of a configuration.
    OnDemand,
    /// Somebody handed in a document for this one run.
    Once,
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
    /// The milliseconds after which a call stops asking a store, and another one goes on: half of what the host gives
    /// it, as a response that is on its way may take as long again.
    pub call_millis: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            file_rows_max: 1_000_000,
            first_file_rows: 20_000,
            ranges: 4,
            page_entries: 1000,
            call_millis: 15_000,
        }
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
    /// Somebody has cancelled it. There is no manifest.checksum.
    Cancelled,
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
    /// The report's time, cut to the minute, in milliseconds since the epoch; zero until the plan has claimed it.
    pub report_millis: i64,
    /// When the run was begun, in milliseconds since the epoch.
    #[serde(default)]
    pub begun_millis: i64,
    /// When it ended; present exactly when it is not running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_millis: Option<i64>,
    /// Whether the manifest is about to be written. From then on the run is not cancelled any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sealing: bool,
    /// Attempts at its tasks that are known to have failed.
    #[serde(default)]
    pub errors: u64,
    /// What was scanned and written; filled in when the run has ended. Of a run that was given up it is what its
    /// finished parts did. How far a running one has come, [`RunRecord::progress`] tells.
    #[serde(flatten)]
    pub counts: RunCounts,
    /// Where the manifest is; present exactly when the run is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestPlace>,
}

impl RunRecord {
    /// The record of a run that begins now. The time of its report is not claimed yet.
    #[must_use]
    pub fn begin(plan: PlanInput, now: Millis) -> Self {
        Self {
            plan,
            status: RunStatus::Running,
            reason: None,
            report_millis: 0,
            begun_millis: now.0,
            ended_millis: None,
            is_sealing: false,
            errors: 0,
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
            RunStatus::Complete | RunStatus::Failed | RunStatus::Cancelled => self.counts,
        }
    }
}
