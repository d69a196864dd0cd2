//! `cargo xtask <word>`: everything that is done to this repository.
#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a task runner talks to people; indexing a JSON value answers null and does not panic"
)]

mod actions;
mod build;
mod compose;
mod demo;
mod python;
mod shell;
mod tidy;
mod wit;

use std::process::ExitCode;

use anyhow::{Result, bail};
use shell::{cargo, step};

const HELP: &str = "\
cargo xtask <word>

  demo        builds, inventories the sources of the Cargo registry, shows the report
  test        builds, then runs every test
  build       components into target/components, the program to target/release/stocktake;
              `cargo xtask build components` makes the components only
  bench       measures everything, into one table; `cargo xtask bench --help` lists its parts
  tidy        checks documents, names, file sizes and dependencies against each other
  ci          formatting, clippy, tidy, documentation and tests, as the pipeline runs them
  vendor-wit  writes wit/deps from the published WASI definitions
  actions     writes the table of S3's actions from the published list
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (word, rest) = match arguments {
        [] => ("help", &[][..]),
        [word, rest @ ..] => (word.as_str(), rest),
    };
    match (word, rest) {
        ("help" | "--help" | "-h", _) => {
            eprint!("{HELP}");
            Ok(())
        }
        ("build", []) => build::everything(),
        ("build", [what]) if what == "components" => build::components(),
        ("demo", []) => demo::demo(),
        ("test", rest) => test(rest),
        ("bench", rest) => bench(rest),
        ("tidy", []) => tidy::tidy(),
        ("ci", []) => ci(),
        ("vendor-wit", []) => wit::vendor(),
        ("actions", []) => actions::actions(),
        (word, rest) => bail!("`{word} {}` is not a word of mine\n\n{HELP}", rest.join(" ")),
    }
}

fn test(rest: &[String]) -> Result<()> {
    build::components()?;
    // Together, as dependencies would otherwise be compiled once for the program and again for the tests.
    step("building the program and the tests");
    cargo(&["build", "--workspace", "--bins", "--tests"]).run()?;
    python::environment()?;
    step("running the tests");
    cargo(&["test", "--workspace"]).args(rest).run()
}

fn bench(rest: &[String]) -> Result<()> {
    build::components()?;
    python::bench_environment()?;
    // Together, as dependencies would otherwise be compiled once for the program and again for the benchmarks.
    step("building the program and the benchmarks");
    cargo(&["build", "--release", "--package", "stocktake-host", "--package", "stocktake-tests"])
        .args(&["--bin", "stocktake", "--bin", "bench"].map(str::to_owned))
        .run()?;
    shell::tool("target/release/bench").args(rest).run()
}

fn ci() -> Result<()> {
    step("formatting");
    cargo(&["fmt", "--all", "--check"]).run()?;
    tidy::tidy()?;
    step("clippy, native");
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    build::target()?;
    step("clippy, wasm");
    let mut clippy = cargo(&["clippy", "--target", build::TARGET]);
    for component in build::components_of_the_workspace()? {
        clippy = clippy.args(&["--package".to_owned(), component]);
    }
    clippy.args(&["--", "-D", "warnings"].map(str::to_owned)).run()?;
    step("documentation");
    cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    test(&[])
}
