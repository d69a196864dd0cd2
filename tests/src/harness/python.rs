//! Scripts that see our files with other people's software.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::Command;

use super::artefacts::{root, target};
use super::process::Running;

/// Runs a script of `tests/python` in the environment that `cargo xtask test` makes, and answers what it printed.
///
/// None where there is no such environment; then standard error says so. In CI that is a failure.
#[track_caller]
pub fn run<I: AsRef<OsStr>>(
    script: &str,
    arguments: impl IntoIterator<Item = I>,
) -> Option<String> {
    let python = target().join("venv/bin/python");
    if !python.is_file() {
        let why = format!("`{}` is missing; run `cargo xtask test`", python.display());
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{why}");
        // Not `eprintln`, which the test runner keeps to itself unless a test fails.
        drop(writeln!(std::io::stderr(), "SKIPPED: {script} needs Python: {why}"));
        return None;
    }
    let mut command = Command::new(python);
    command.arg("-I").arg(root().join("tests/python").join(script)).args(arguments);
    Some(Running::start(command).ended().success().stdout)
}
