//! The log: to stderr, in colour on terminals only.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use super::arguments::{Cli, Command, LogFormat};
use super::{CommandError, Environment};
use crate::progress::SharedStderr;

/// What the names of our own crates begin with.
const OWN: &str = "stocktake";

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
    let lines =
        fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(move || stderr.clone());
    let lines = match cli.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let log = tracing_subscriber::registry().with(filter).with(filter_fn(is_safe)).with(lines);
    // Somebody who embeds the commands may have a log already.
    drop(log.try_init());
    Ok(())
}

/// Whether a line can be shown: libraries log whole requests below `info`, with signatures and session tokens in them, so
/// only our own lines are shown there.
fn is_safe(line: &Metadata<'_>) -> bool {
    let crate_name = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::INFO || crate_name.starts_with(OWN)
}
