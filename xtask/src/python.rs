//! Virtual environments: one for the tests that read reports with other people's software, one for benchmarks.

use std::fs;

use anyhow::Result;

use crate::shell::{root, step, tool};

/// Makes `target/venv` for the tests; without Python 3 they say aloud that they are skipped.
pub(crate) fn environment() -> Result<()> {
    make("target/venv", "tests/python/requirements.txt")
}

/// Makes `target/bench-venv` with what the benchmarks compare with; without Python 3 they say aloud what is missing.
pub(crate) fn bench_environment() -> Result<()> {
    make("target/bench-venv", "tests/bench/requirements.txt")
}

/// Makes an environment from a file of requirements, if it is not up to date. Without Python 3 it says so and goes on.
fn make(folder: &str, requirements: &str) -> Result<()> {
    let wanted = fs::read_to_string(root().join(requirements))?;
    let stamp = root().join(folder).join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if tool("python3").args(&["-c", "import venv, ensurepip"]).output().is_err() {
        step(&format!("no Python 3 with venv here: what needs {requirements} will be skipped"));
        return Ok(());
    }
    step(&format!("making the Python environment {folder}"));
    tool("python3").args(&["-m", "venv", "--clear", folder]).run()?;
    tool(&format!("{folder}/bin/pip"))
        .args(&["install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .args(&[requirements])
        .run()?;
    fs::write(stamp, wanted)?;
    Ok(())
}
