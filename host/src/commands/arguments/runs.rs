//! What can be written about runs and schedules.

use clap::{Args, Subcommand, ValueEnum};
use stocktake_core::schedule::FirstReport;

use super::PlaceArguments;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  stocktake runs list --store ./buckets --bucket photos --id daily
  stocktake runs show --store ./buckets --bucket photos --id daily --run 0123456789abcdef0123456789abcdef --json

These commands work on the database of a `serve` that is stopped; one that is at work has it for itself.")]
pub(in crate::commands) enum RunsCommand {
    /// Make one report of a stored configuration now
    Start {
        #[command(flatten)]
        of: RunsArguments,
    },
    /// List the runs of a configuration, the newest first; with --json one line of JSON each
    List {
        #[command(flatten)]
        of: RunsArguments,
    },
    /// Show one run
    Show {
        #[command(flatten)]
        of: RunsArguments,
        /// The run's id
        #[arg(long)]
        run: String,
    },
    /// Cancel a run; its report will never be complete, and its slot is not run again
    Cancel {
        #[command(flatten)]
        of: RunsArguments,
        /// The run's id
        #[arg(long)]
        run: String,
    },
    /// Tell when the next scheduled run begins
    Next {
        #[command(flatten)]
        of: RunsArguments,
    },
}

#[derive(Debug, Args)]
pub(in crate::commands) struct RunsArguments {
    #[command(flatten)]
    pub(in crate::commands) place: PlaceArguments,
    /// The configuration's id
    #[arg(long)]
    pub(in crate::commands) id: String,
}

impl RunsCommand {
    pub(super) fn wants_json(&self) -> bool {
        match self {
            Self::Start { of }
            | Self::List { of }
            | Self::Show { of, .. }
            | Self::Cancel { of, .. }
            | Self::Next { of } => of.place.json,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum FirstReportName {
    /// At the next 01:00 UTC
    NextSlot,
    /// As soon as the clock sees it
    AtOnce,
}

impl From<FirstReportName> for FirstReport {
    fn from(name: FirstReportName) -> Self {
        match name {
            FirstReportName::NextSlot => Self::NextSlot,
            FirstReportName::AtOnce => Self::AtOnce,
        }
    }
}
