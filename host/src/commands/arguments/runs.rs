//! What can be written about runs and schedules.

use clap::{Args, Subcommand, ValueEnum};
use stocktake_core::schedule::FirstReport;

use super::http::Hidden;
use super::{DocumentArguments, PlaceArguments};
use crate::config::texts;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  stocktake runs list --store ./buckets --bucket photos --id daily
  stocktake runs show --store ./buckets --bucket photos --id daily --run 0123456789abcdef0123456789abcdef --json

  stocktake runs list --endpoint http://127.0.0.1:9000 --bucket photos --id daily
      Asks the `serve` that listens there, signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

Without --endpoint they open the database. Where a `serve --listen` has it, they ask that one.")]
pub(in crate::commands) enum RunsCommand {
    /// Make one report of a stored configuration now
    Start {
        #[command(flatten)]
        of: RunsArguments,
    },
    /// Make one report of a document that is not kept: an inventory configuration without IsEnabled and Schedule
    StartOnce {
        #[command(flatten)]
        of: RunsArguments,
        #[command(flatten)]
        document: DocumentArguments,
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
    #[command(flatten)]
    pub(in crate::commands) remote: RemoteArguments,
}

/// Which `serve` is asked, and who asks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking a serve that is at work")]
pub(in crate::commands) struct RemoteArguments {
    /// Ask the `serve` that listens here, such as http://127.0.0.1:9000, instead of opening the database
    #[arg(long, value_name = "URL")]
    pub(in crate::commands) endpoint: Option<String>,
    /// Who asks [default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY]. Whoever sees the list of processes sees the secret
    #[arg(long, value_name = "ACCESS-KEY:SECRET")]
    pub(in crate::commands) identity: Option<Hidden>,
    /// The region that requests are signed for [default: what the `serve` beside the database has noted, AWS_REGION,
    /// AWS_DEFAULT_REGION, or us-east-1]
    #[arg(long, value_name = "NAME", value_parser = texts::region)]
    pub(in crate::commands) region: Option<String>,
}

impl RunsCommand {
    pub(super) fn wants_json(&self) -> bool {
        match self {
            Self::Start { of }
            | Self::StartOnce { of, .. }
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
