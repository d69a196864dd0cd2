//! What `cargo xtask bench` measures: one table, whose arms take turns, so that what else the machine does meets all
//! of them. A missed mark is told and is no failure, as machines differ; an arm that breaks down is one.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "this program's output is its figures, and they are rounded anyway"
)]

mod call;
mod command;
mod computed;
mod folder;
mod gateway;
mod growth;
mod http;
mod policy;
#[path = "../../host/src/engine/samples.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the host's sample components; one of them is used here"
)]
mod samples;
mod slow;
mod synthetic;
mod table;
mod writer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use stocktake_host::engine::{Component, Engine, EngineOptions};

use computed::Machine;
use table::Row;

const HELP: &str = "\
cargo xtask bench [PART...] [--rounds N] [--json]

One table of all parts, or of these:
  call      from event to result of a task in a fresh instance
  writer    report-writer as a component against the same code compiled natively
  memory    peak memory of one invocation that writes one file
  growth    time, memory and calls to the store for ten thousand to ten million objects
  policy    decisions, lint and pre-flight of policies, natively and as a component, and lint against parliament
  folder    whole reports of a folder of 100,000 files against find, rclone, pyarrow and duckdb
  gateway   whole reports of a bucket of 100,000 objects on Ceph's gateway against rclone, the AWS CLI, pyarrow
            and duckdb
  http      GET of a configuration over 64 connections: stocktake serve against wasmtime serve
  slow      a report of 5 million objects of a store that takes 0.1 s for a page
  peers     folder and gateway
";

/// The parts, in the order of the table.
const PARTS: [&str; 9] =
    ["call", "writer", "memory", "growth", "policy", "folder", "gateway", "http", "slow"];

/// The formats of reports.
const FORMATS: [&str; 3] = ["CSV", "ORC", "Parquet"];

/// How often each arm is measured, unless it is said.
const ROUNDS: usize = 5;

/// What is measured as one: an arm's rows get a figure each time.
pub(crate) struct Arm {
    pub(crate) rows: Vec<Row>,
    /// Fewer rounds for what does not vary.
    pub(crate) rounds_max: usize,
    pub(crate) measure: Box<dyn FnMut() -> Result<Vec<f64>>>,
}

impl Arm {
    pub(crate) fn new(rows: Vec<Row>, measure: impl FnMut() -> Result<Vec<f64>> + 'static) -> Self {
        Self { rows, rounds_max: usize::MAX, measure: Box::new(measure) }
    }

    /// An arm that cannot be measured here.
    pub(crate) fn skipped(mut row: Row, why: &str) -> Self {
        row.skipped = Some(why.to_owned());
        Self { rows: vec![row], rounds_max: 0, measure: Box::new(|| Ok(Vec::new())) }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Wanted::parse(&arguments).and_then(|wanted| run(&wanted)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
struct Wanted {
    parts: Vec<&'static str>,
    rounds: usize,
    json: bool,
}

impl Wanted {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut wanted = Self { parts: Vec::new(), rounds: ROUNDS, json: false };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--help" | "-h" => bail!("{HELP}"),
                "--json" => wanted.json = true,
                "--rounds" => {
                    let rounds = words.next().and_then(|number| number.parse().ok());
                    wanted.rounds =
                        rounds.filter(|rounds| *rounds > 0).context("--rounds takes a number")?;
                }
                "peers" => wanted.parts.extend(["folder", "gateway"]),
                word => match PARTS.iter().find(|part| **part == word) {
                    Some(part) => wanted.parts.push(part),
                    None => bail!("`{word}` is no part of the table\n\n{HELP}"),
                },
            }
        }
        if wanted.parts.is_empty() {
            wanted.parts.extend(PARTS);
        }
        Ok(wanted)
    }
}

fn run(wanted: &Wanted) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let mut arms = arms(wanted, scratch.path())?;
    let mut failures = 0;
    for round in 0..wanted.rounds {
        eprintln!("bench: round {} of {}", round + 1, wanted.rounds);
        for arm in arms.iter_mut().filter(|arm| round < arm.rounds_max) {
            match (arm.measure)() {
                Ok(figures) => {
                    let rows = arm.rows.iter_mut().zip(figures);
                    rows.for_each(|(row, figure)| row.figures.push(figure));
                }
                Err(error) => {
                    failures += 1;
                    arm.rounds_max = 0;
                    for row in &mut arm.rows {
                        row.skipped = Some(format!("it broke down: {error:#}"));
                    }
                }
            }
        }
    }
    let rows: Vec<Row> = arms.into_iter().flat_map(|arm| arm.rows).collect();
    let lines = table::lines(&rows);
    if wanted.json {
        for line in &lines {
            println!("{}", serde_json::to_string(line)?);
        }
    } else {
        print!("{}", table::text(&lines));
    }
    if failures > 0 {
        bail!("{failures} arms broke down");
    }
    Ok(())
}

/// The arms of the parts that are wanted. What they need is made here, before anything is measured.
fn arms(wanted: &Wanted, scratch: &Path) -> Result<Vec<Arm>> {
    let machine = Machine::new()?;
    let mut arms = Vec::new();
    for part in PARTS.into_iter().filter(|part| wanted.parts.contains(part)) {
        arms.extend(match part {
            "call" => call::arms(&machine)?,
            "writer" => writer::arms(&machine),
            "memory" => writer::memory_arms(&machine),
            "growth" => growth::arms(&machine),
            "policy" => policy::arms(&machine, &scratch.join("policy"))?,
            "folder" => folder::arms(&scratch.join("folder"))?,
            "gateway" => gateway::arms(&scratch.join("gateway"))?,
            "slow" => slow::arms(&scratch.join("slow"))?,
            _ => http::arms(&scratch.join("http"))?,
        });
    }
    Ok(arms)
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
