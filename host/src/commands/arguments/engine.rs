//! How components are run.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::within;
use crate::config::limits;

/// How components are run, for all commands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Host")]
pub(in crate::commands) struct EngineArguments {
    /// Memory of one invocation [default: 128]
    #[arg(long, value_name = "MIB", value_parser = within(limits::MEMORY_MIB))]
    pub(in crate::commands) memory_mib: Option<u64>,
    /// Time of one invocation [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = within(limits::DEADLINE_SECONDS))]
    pub(in crate::commands) deadline_seconds: Option<u64>,
    /// The folder of built-in components [default: next to the program]
    #[arg(long, value_name = "DIR")]
    pub(in crate::commands) components: Option<PathBuf>,
    /// The folder of compiled code [default: stocktake in the user's caches]
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub(in crate::commands) cache: Option<PathBuf>,
    /// Keep no compiled code
    #[arg(long)]
    pub(in crate::commands) no_cache: bool,
}

impl EngineArguments {
    pub(in crate::commands) fn deadline(&self) -> Option<Duration> {
        self.deadline_seconds.map(Duration::from_secs)
    }
}
