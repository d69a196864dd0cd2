//! The virtual environment for the tests that read reports with other people's software.

use std::fs;

use anyhow::Result;

use crate::shell::{root, step, tool};

/// Makes `target/venv` from `tests/python/requirements.txt`, if it is not up to date.
///
/// Without Python 3 it says so and goes on: the tests then say aloud that they are skipped.
pub(crate) fn environment() -> Result<()> {
    let venv = root().join("target/venv");
    let wanted = fs::read_to_string(root().join("tests/python/requirements.txt"))?;
    let stamp = venv.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if tool("python3").args(&["-c", "import venv, ensurepip"]).output().is_err() {
        step(
            "no Python 3 with venv here: tests with pyarrow, duckdb and wasmtime-py will be skipped",
        );
        return Ok(());
    }
    step("making the Python environment target/venv");
    tool("python3").args(&["-m", "venv", "--clear", "target/venv"]).run()?;
    tool("target/venv/bin/pip")
        .args(&["install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .args(&["tests/python/requirements.txt"])
        .run()?;
    fs::write(stamp, wanted)?;
    Ok(())
}
