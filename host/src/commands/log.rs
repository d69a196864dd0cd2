//! The log: to stderr, in colour on terminals only.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::arguments::{Cli, Command, LogFormat};
use super::{CommandError, Environment};
use crate::progress::SharedStderr;

/// Starts the log. A second start in one process changes nothing.
pub(super) fn start(
    cli: &Cli,
    environment: &Environment,
    stderr: SharedStderr,
) -> Result<(), CommandError> {
    let usual = if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" };
    let filter = cli.log.as_deref().or(environment.log.as_deref()).unwrap_or(usual);
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        CommandError::Usage(format!(
            "`{filter}` is no log filter ({error}); write a level such as `debug`, or `warn,stocktake_host=debug`"
        ))
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(move || stderr.clone());
    let started = match cli.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    // Somebody who embeds the commands may have a log already.
    drop(started);
    Ok(())
}
