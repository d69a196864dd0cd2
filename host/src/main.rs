//! The `stocktake` command: reads the environment, and exits. The library does the rest.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use stocktake_host::commands::{self, Environment};

fn main() -> ExitCode {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".cache"));
    let environment = Environment {
        log: env::var("STOCKTAKE_LOG").ok(),
        caches: env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home),
        program: env::current_exe().ok(),
        variable: Some(|name| env::var(name).ok()),
    };
    commands::main(env::args_os(), &environment)
}
