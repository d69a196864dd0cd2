//! The command line of `stocktake`: what it accepts, and what each command does.
//!
//! [`main`] is the whole program but for the exit. Nothing here is meant for embedders.

mod arguments;
mod assembly;
mod check;
mod ending;
mod excerpt;
mod explain;
mod http;
mod inputs;
mod inventory;
mod log;
mod remote;
mod report;
mod run;
mod runs;
mod serve;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::Runtime;

use crate::engine::Finding;
use crate::engines::embedded;
use crate::progress::SharedStderr;
use arguments::{Cli, Command};

/// Refused or failed.
const FAILED: u8 = 1;

/// The command line cannot be understood.
const USAGE: u8 = 2;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    /// What the user gave is not usable; nothing was written.
    #[error("the configuration is refused")]
    Refused(Vec<Finding>),
    /// The arguments contradict each other or one is missing.
    #[error("{0}")]
    Usage(String),
    /// What was asked is answered, and the answer is no. It is shown already.
    #[error("the answer is no")]
    No,
    /// What was asked has no answer. Why is shown already.
    #[error("there is no answer")]
    Open,
    /// Standard output cannot be written.
    #[error("stdout cannot be written; what was printed is incomplete")]
    Output(#[source] io::Error),
    /// What was asked cannot be answered.
    #[error(transparent)]
    NoAnswer(anyhow::Error),
    /// The work could not be done.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// What the program is told besides its arguments.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The log filter, unless a flag gives one: `STOCKTAKE_LOG`.
    pub log: Option<String>,
    /// Where users' caches are: `XDG_CACHE_HOME`, or `.cache` at home.
    pub caches: Option<std::path::PathBuf>,
    /// Where the program itself is.
    pub program: Option<std::path::PathBuf>,
    /// Reads a variable that the settings name for a secret.
    pub variable: Option<fn(&str) -> Option<String>>,
}

/// Runs one command and returns how it ended: 0 done, 1 refused or failed, 2 usage. Commands that answer a question end
/// with 0 for yes, 1 for no and 2 where there is no answer. All end with 1 if their output cannot be written.
pub fn main(arguments: impl IntoIterator<Item = OsString>, environment: &Environment) -> ExitCode {
    embedded::hide_guarded_panics();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            return help(&error);
        }
    };
    let stderr = SharedStderr::default();
    let json = cli.command.wants_json();
    let result = log::start(&cli, environment, stderr.clone())
        .and_then(|()| Ok(runtime()?))
        .and_then(|runtime| {
            let result = dispatch(cli.command, environment, &runtime, &stderr);
            ending::shut_down(runtime);
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::No) => ExitCode::from(FAILED),
        Err(CommandError::Open) => ExitCode::from(USAGE),
        Err(error) => {
            report::error(&error, json, stderr);
            let is_usage = matches!(error, CommandError::Usage(_) | CommandError::NoAnswer(_));
            ExitCode::from(if is_usage { USAGE } else { FAILED })
        }
    }
}

/// Prints help, the version, or what is wrong with the command line.
fn help(error: &clap::Error) -> ExitCode {
    let printed = error.print().and_then(|()| io::stdout().flush());
    match report::written(printed) {
        _ if error.use_stderr() => ExitCode::from(USAGE),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error, false, io::stderr());
            ExitCode::from(FAILED)
        }
    }
}

fn dispatch(
    command: Command,
    environment: &Environment,
    runtime: &Runtime,
    stderr: &SharedStderr,
) -> Result<(), CommandError> {
    match command {
        Command::Run(arguments) => run::run(&arguments, environment, runtime, stderr),
        Command::Serve(arguments) => serve::serve(&arguments, environment, runtime),
        Command::Inventory(command) => inventory::run(&command, environment, runtime, stderr),
        Command::Runs(command) => runs::run(&command, environment, runtime, stderr),
        Command::Check(command) => check::run(&command, environment, runtime),
        Command::Explain(arguments) => explain::run(&arguments, environment, runtime),
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
