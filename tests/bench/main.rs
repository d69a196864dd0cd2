//! What `cargo xtask bench` measures. Figures are ratios or medians, as machines differ; nothing here passes or fails.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "this program's output is its figures, and they are rounded anyway"
)]

mod call;
mod growth;
mod peers;
#[path = "../../host/src/engine/samples.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the host's sample components; one of them is used here"
)]
mod samples;
mod synthetic;
mod writer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use stocktake_host::engine::{Component, Engine, EngineOptions};

const HELP: &str = "\
cargo xtask bench writer [ROWS]   report-writer against the same code compiled natively, and its peak memory
cargo xtask bench call            from event to result of an empty task in a fresh instance
cargo xtask bench growth          time, memory and calls to the store for ten thousand to ten million objects
cargo xtask bench peers           whole reports of a folder against find, rclone, pyarrow and duckdb
cargo xtask bench all             all of them
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["writer"] => writer::bench(writer::ROWS),
        ["writer", rows] => writer::bench(rows.parse().context("ROWS is a number")?),
        ["call"] => call::bench(),
        ["growth"] => growth::bench(),
        ["peers"] => peers::bench(),
        ["all"] => {
            call::bench()?;
            writer::bench(writer::ROWS)?;
            growth::bench()?;
            peers::bench()
        }
        _ => bail!("name what to measure\n\n{HELP}"),
    }
}

/// An engine as `stocktake` starts it, with a deadline that no measurement reaches.
fn engine() -> Result<Engine> {
    Ok(Engine::new(EngineOptions {
        deadline: Duration::from_mins(30),
        ..EngineOptions::default()
    })?)
}

/// A component that `cargo xtask build` has made.
fn built(engine: &Engine, name: &str) -> Result<Component> {
    let file = format!("target/components/{}.wasm", name.replace('-', "_"));
    Ok(engine.load_file(name, &root().join(file))?)
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The median, and the least and the most.
fn spread(mut samples: Vec<f64>) -> (f64, f64, f64) {
    samples.sort_by(f64::total_cmp);
    let at = |index: usize| samples.get(index).copied().unwrap_or(f64::NAN);
    (at(samples.len() / 2), at(0), at(samples.len().saturating_sub(1)))
}
