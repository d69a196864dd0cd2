//! Running other programs from the root of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Says what is being done, as it may take a while.
pub(crate) fn step(what: &str) {
    eprintln!("xtask: {what}");
}

/// A program and its arguments.
pub(crate) struct Tool(Command);

/// A program to run from the root of the repository.
pub(crate) fn tool(program: &str) -> Tool {
    let mut command = Command::new(program);
    command.current_dir(root());
    Tool(command)
}

/// The cargo that runs this xtask.
pub(crate) fn cargo(arguments: &[&str]) -> Tool {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut tool = tool(&program);
    tool.0.args(arguments);
    tool
}

impl Tool {
    pub(crate) fn args<A: AsRef<std::ffi::OsStr>>(mut self, arguments: &[A]) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it, and fails if it does.
    pub(crate) fn run(mut self) -> Result<()> {
        let line = self.line();
        let begun = Instant::now();
        let status = self.0.status().with_context(|| format!("`{line}` cannot be started"))?;
        if !status.success() {
            bail!("`{line}` failed: {status}");
        }
        let took = begun.elapsed().as_secs();
        if took > 20 {
            eprintln!("xtask: that took {took} s");
        }
        Ok(())
    }

    /// Runs it and answers what it prints on stdout.
    pub(crate) fn output(mut self) -> Result<String> {
        let line = self.line();
        let output = self
            .0
            .stderr(std::process::Stdio::inherit())
            .output()
            .with_context(|| format!("`{line}` cannot be started"))?;
        if !output.status.success() {
            bail!("`{line}` failed: {}", output.status);
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn line(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}
