//! The servers that are measured, as processes.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use stocktake_tests::harness::http::identity;

use crate::root;

/// How long a server takes until it listens at most: it may have to compile its component.
const PATIENCE: Duration = Duration::from_mins(2);

/// How often it is looked whether it does.
const POLL: Duration = Duration::from_millis(20);

/// What a server is given beside its component.
pub(crate) type Environment = Vec<(&'static str, String)>;

/// A server that runs. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// Starts a program that says where it listens; `address` finds it in a line of its output.
    fn start(
        mut command: Command,
        output: &Path,
        address: fn(&str) -> Option<SocketAddr>,
    ) -> Result<Self> {
        let out = File::create(output)?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let mut child =
            command.spawn().with_context(|| format!("{command:?} cannot be started"))?;
        let begun = Instant::now();
        loop {
            let mut lines = BufReader::new(File::open(output)?).lines().map_while(Result::ok);
            if let Some(address) = lines.find_map(|line| address(&line)) {
                return Ok(Self { child, address });
            }
            if child.try_wait()?.is_some() || begun.elapsed() > PATIENCE {
                drop(child.kill());
                bail!("{command:?} does not listen: {}", fs::read_to_string(output)?.trim());
            }
            std::thread::sleep(POLL);
        }
    }
}

/// `stocktake serve` over an empty store with one bucket.
pub(crate) fn stocktake(
    scratch: &Path,
    component: Option<&Path>,
    environment: &Environment,
) -> Result<Server> {
    let mut settings = String::new();
    if let Some(component) = component {
        let source = serde_json::to_string(component)?;
        writeln!(settings, "[component.http-gateway]\nsource = {source}")?;
    }
    settings += "[http.environment]\n";
    for (name, value) in environment {
        writeln!(settings, "{name} = {}", serde_json::to_string(value)?)?;
    }
    let config = scratch.join("stocktake.toml");
    fs::write(&config, settings)?;
    let mut command = Command::new(root().join("target/release/stocktake"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--dialect", "aws"]);
    command.arg("--config").arg(config).arg("--identity").arg(identity());
    command.arg("--store").arg(scratch.join("store"));
    command.arg("--components").arg(root().join("target/components"));
    command.arg("--cache").arg(scratch.join("cache"));
    Server::start(command, &scratch.join("stocktake.log"), |line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        line.get("listening")?.as_str()?.parse().ok()
    })
}

/// `wasmtime serve` with a component that was compiled before.
pub(crate) fn wasmtime(
    program: &Path,
    scratch: &Path,
    compiled: &Path,
    environment: &Environment,
    more: &[&str],
) -> Result<Server> {
    let mut command = Command::new(program);
    command.args(["serve", "--addr", "127.0.0.1:0"]).args(super::wasmtime::SERVE).args(more);
    for (name, value) in environment {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    command.arg("--allow-precompiled").arg(compiled);
    Server::start(command, &scratch.join("wasmtime.log"), |line| {
        let (_, address) = line.split_once("http://")?;
        address.trim_end_matches('/').parse().ok()
    })
}

/// Compiles a component ahead, as `wasmtime serve` will run it.
pub(crate) fn compile(program: &Path, component: &Path, compiled: PathBuf) -> Result<PathBuf> {
    let mut command = Command::new(program);
    command.arg("compile").args(super::wasmtime::COMPILE).arg("-o").arg(&compiled).arg(component);
    let ended = command.output()?;
    if !ended.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
    Ok(compiled)
}
