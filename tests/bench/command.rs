//! Commands as somebody would type them, from the start of a program to its end.

use std::cell::Cell;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::table::{Mark, Row};
use crate::{Arm, FORMATS, root};

/// How many files or objects there are in each source.
pub(crate) const OBJECTS: usize = 100_000;

/// What all of these are measured in.
pub(crate) const SECONDS: &str = "s";

/// The key of an object of either source: a hundred folders of a thousand.
pub(crate) fn key(number: usize) -> String {
    format!("d{:02}/{:04}", number / 1000, number % 1000)
}

/// What proves that a command has seen every object: a text that its output holds so many times.
#[derive(Clone, Copy)]
pub(crate) struct Proof(pub(crate) &'static str, pub(crate) usize);

/// Runs a command; seconds until its end. Its output goes to a file, as a user's would.
pub(crate) fn seconds(command: &mut Command, output: &Path, proof: Proof) -> Result<f64> {
    let errors = output.with_extension("errors");
    command.stdin(Stdio::null()).stdout(File::create(output)?).stderr(File::create(&errors)?);
    let begun = Instant::now();
    let status = command.status();
    let seconds = begun.elapsed().as_secs_f64();
    let status = status.with_context(|| format!("{command:?} cannot be started"))?;
    if !status.success() {
        bail!("{command:?}: {status}: {}", fs::read_to_string(errors)?.trim());
    }
    let Proof(text, times) = proof;
    let found = fs::read_to_string(output)?.matches(text).count();
    if found != times {
        bail!("{command:?} prints {text:?} {found} times and not {times}");
    }
    Ok(seconds)
}

/// Whether there is such a program; root installs Debian's package of that name if not.
fn is_there(program: &str) -> bool {
    if program.contains('/') {
        return false;
    }
    let is_there = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    if !is_there() && rustix::process::geteuid().is_root() {
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive");
        install.args(["-qq", "install", "-y", "--no-install-recommends", program]);
        // Whether it worked is seen below.
        drop(install.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status());
    }
    is_there()
}

/// A program of the environment that `cargo xtask bench` makes for peers.
pub(crate) fn in_python(program: &str) -> PathBuf {
    root().join("target/bench-venv/bin").join(program)
}

/// `peers.py` for a source; see there for the tools.
pub(crate) fn script(source: &str, tool: &str, file: &Path) -> Command {
    let mut command = Command::new(in_python("python"));
    command.arg("-I").arg(root().join("tests/bench/peers.py")).args([source, tool]).arg(file);
    command
}

/// `stocktake run` over one store.
#[derive(Clone)]
pub(crate) struct Reports {
    /// What `--store` is given.
    pub(crate) store: String,
    /// Where what it needs is kept.
    pub(crate) scratch: PathBuf,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) source: String,
    pub(crate) destination: String,
    /// Counts the reports, so that no two have the same minute or id by chance.
    pub(crate) made: Rc<Cell<u32>>,
}

impl Reports {
    /// A configuration's first report, which nothing is remembered for. The component has been compiled before.
    pub(crate) fn first(&self, format: &str) -> Result<Command> {
        let id = format!("first-{format}-{}", self.made.get());
        self.command(&id, format)
    }

    /// The report of another day.
    pub(crate) fn later(&self, format: &str) -> Result<Command> {
        self.command(&format!("daily-{format}"), format)
    }

    /// Makes what is to be there before the reports that are measured: compiled components, and reports to remember.
    pub(crate) fn warm_up(&self) -> Result<()> {
        for format in FORMATS {
            let output = self.scratch.join("warm-up");
            seconds(&mut self.later(format)?, &output, PROOF)?;
        }
        Ok(())
    }

    fn command(&self, id: &str, format: &str) -> Result<Command> {
        let program = root().join("target/release/stocktake");
        let configuration = serde_json::json!({
            "Id": id, "IsEnabled": true, "IncludedObjectVersions": "Current",
            "Schedule": { "Frequency": "Daily" }, "OptionalFields": ["Size", "LastModifiedDate"],
            "Destination": { "S3BucketDestination": {
                "Bucket": format!("arn:aws:s3:::{}", self.destination), "Format": format,
            } },
        });
        let file = self.scratch.join("configuration.json");
        fs::write(&file, configuration.to_string())?;
        let day = self.made.get();
        self.made.set(day + 1);
        let now = format!("2026-{:02}-{:02}T01:00:00Z", 1 + day / 28 % 12, 1 + day % 28);
        let mut command = Command::new(program);
        command.args(["run", "--json", "--bucket", &self.source, "--store", &self.store]);
        command.args(["--now", &now]).arg("--config").arg(file);
        command.arg("--data").arg(self.scratch.join("data"));
        command.arg("--components").arg(root().join("target/components"));
        command.arg("--cache").arg(self.scratch.join("cache"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }
}

/// What `stocktake run --json` says of all objects.
pub(crate) const PROOF: Proof = Proof("\"objects\":100000,", 1);

/// What the arms of a part share, beside what they run.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) scratch: PathBuf,
    /// What is measured beside seconds: its name, and a count of it that only grows.
    pub(crate) count: Option<Count>,
}

/// A quantity that grows while a command runs.
#[derive(Clone)]
pub(crate) struct Count {
    pub(crate) what: &'static str,
    /// What is wanted of stocktake.
    pub(crate) mark: Mark,
    pub(crate) so_far: Rc<dyn Fn() -> Result<u64>>,
    /// How many of it are one in the table. Divided last, as a mark may be met exactly.
    pub(crate) unit: f64,
}

impl Part {
    /// Stocktake, whose reports are to be made in less time than each of the peers takes, and the peers.
    pub(crate) fn arms(&self, reports: &Reports, peers: Vec<Arm>) -> Vec<Arm> {
        let names = peers.iter().filter_map(|arm| arm.rows.first()).map(|row| row.arm.clone());
        let mark = Mark::LessThanEach(names.collect());
        let mut arms = Vec::new();
        for format in FORMATS {
            let (first, later) = (reports.clone(), reports.clone());
            let name = format!("stocktake run, {format}, first report");
            arms.push(self.arm(&name, mark.clone(), move |output| {
                seconds(&mut first.first(format)?, output, PROOF)
            }));
            let name = format!("stocktake run, {format}, later report");
            arms.push(self.arm(&name, mark.clone(), move |output| {
                seconds(&mut later.later(format)?, output, PROOF)
            }));
        }
        arms.extend(peers);
        arms
    }

    /// A peer, or a row that says that there is none.
    pub(crate) fn peer(&self, name: &str, proof: Proof, command: Command) -> Arm {
        let program = Path::new(command.get_program());
        let is_here = program.is_file() || program.to_str().is_some_and(is_there);
        if !is_here {
            let row = Row::new(self.name, name, SECONDS, Mark::Nothing);
            return Arm::skipped(row, &format!("no `{}` here", program.display()));
        }
        let mut command = command;
        self.arm(name, Mark::Nothing, move |output| seconds(&mut command, output, proof))
    }

    /// `run` answers seconds, and is given where output may go.
    fn arm(
        &self,
        name: &str,
        mark: Mark,
        mut run: impl FnMut(&Path) -> Result<f64> + 'static,
    ) -> Arm {
        let output = self.scratch.join("output");
        let is_ours = mark != Mark::Nothing;
        let mut rows = vec![Row::new(self.name, name, SECONDS, mark)];
        let count = self.count.clone();
        if let Some(count) = &count {
            let mark = if is_ours { count.mark.clone() } else { Mark::Nothing };
            rows.push(Row::new(self.name, name, count.what, mark));
        }
        Arm::new(rows, move || {
            let before = count.as_ref().map(|count| (count.so_far)()).transpose()?;
            let mut figures = vec![run(&output)?];
            if let (Some(count), Some(before)) = (&count, before) {
                figures.push(((count.so_far)()? - before) as f64 / count.unit);
            }
            Ok(figures)
        })
    }
}
