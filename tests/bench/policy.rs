//! The policy engine: decisions, lint and pre-flight, natively and as a component, and lint beside parliament.
//!
//! Figures of one round are medians of many repetitions, so that a round is short and still says something.

mod documents;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use stocktake_core::finding::Dialect;
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::Component;
use stocktake_policy::{Delivery, Options, PolicySet, lint, preflight};
use tokio::runtime::Runtime;

use crate::command::in_python;
use crate::computed::Machine;
use crate::table::{Mark, Row};
use crate::{Arm, built, engine, root};
use documents::{ask, decided, delivery, document, hostile, identity_policy, policy_of};

/// A decision in this many microseconds.
const DECISION_MAX: f64 = 5.0;

/// Parsing, lint and pre-flight of a policy in this many milliseconds, and the same through the component.
const PREFLIGHT_MAX: f64 = 2.0;
const COMPONENT_MAX: f64 = 5.0;

/// A hostile pattern on a key of 1 kB in this many microseconds.
const HOSTILE_MAX: f64 = 1000.0;

/// How much longer a key of twice the length may take, if time is in line with it.
const HOSTILE_GROWTH_MAX: f64 = 2.5;

/// The largest bucket policy that Amazon S3 takes.
const POLICY_BYTES: usize = 20 * 1024;

/// The repetitions of one round, and those before it.
const CALLS: usize = 200;
const WARM_UP: usize = 20;

/// Decisions that are timed together: one alone is too short for a clock.
const BATCH: usize = 1_000;

const DECISION: &str = "a decision by a bucket policy of 10 statements";
const PREFLIGHT: &str = "a bucket policy of 20 KB: parsing, lint and pre-flight";
const GLOBS: &str = "a decision by the pattern a*a*a*…b, which the key nearly matches";
const LINT: &str = "an identity policy of 20 KB: parsing and lint, in a loop after all is loaded";

pub(crate) fn arms(machine: &Machine, scratch: &Path) -> Result<Vec<Arm>> {
    let mut arms = vec![decision()?, native(), component(machine)?];
    arms.extend(globs());
    arms.extend(beside_parliament(scratch)?);
    Ok(arms)
}

/// The median time of a repetition, in seconds.
fn median(mut once: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut times = Vec::with_capacity(CALLS);
    for call in 0..WARM_UP + CALLS {
        let begun = Instant::now();
        once()?;
        if call >= WARM_UP {
            times.push(begun.elapsed().as_secs_f64());
        }
    }
    times.sort_by(f64::total_cmp);
    times.get(CALLS / 2).copied().context("no repetition was timed")
}

fn decision() -> Result<Arm> {
    let set = PolicySet::parse(&policy_of(10), Dialect::Aws, &Options::default());
    let request = ask("inventory/team-4/a.parquet");
    decided(&set, &request, true)?;
    let row = Row::new(DECISION, "native", "us", Mark::AtMost(DECISION_MAX));
    Ok(Arm::new(vec![row], move || {
        let batch = median(|| {
            (0..BATCH).for_each(|_| drop(black_box(set.decide(black_box(&request)))));
            Ok(())
        })?;
        Ok(vec![batch / BATCH as f64 * 1e6])
    }))
}

fn native() -> Arm {
    let row = Row::new(PREFLIGHT, "native", "ms", Mark::AtMost(PREFLIGHT_MAX));
    let delivery = delivery(POLICY_BYTES);
    Arm::new(vec![row], move || {
        let seconds = median(|| {
            let report = preflight(black_box(&delivery), Dialect::Aws, &Options::default());
            if report.findings.iter().any(|it| it.code == "PC201") {
                bail!("the delivery would fail: {:?}", report.findings);
            }
            Ok(())
        })?;
        Ok(vec![seconds * 1e3])
    })
}

fn component(machine: &Machine) -> Result<Arm> {
    let component = built(&engine()?, "policy-check")?;
    let runtime = machine.runtime.clone();
    let delivery = delivery(POLICY_BYTES);
    let name = "component, with its instantiation";
    let row = Row::new(PREFLIGHT, name, "ms", Mark::AtMost(COMPONENT_MAX));
    Ok(Arm::new(vec![row], move || {
        let seconds = median(|| called(&runtime, &component, &delivery))?;
        Ok(vec![seconds * 1e3])
    }))
}

/// One call in a fresh instance, with all that goes there and comes back.
fn called(runtime: &Runtime, component: &Component, delivery: &Delivery) -> Result<()> {
    let options = Options::default();
    let capabilities = Capabilities::default();
    let call = component.call_preflight(&capabilities, delivery, Dialect::Aws, &options);
    let report = runtime.block_on(call)?.value;
    if report.writes.is_empty() || report.findings.iter().any(|it| it.code == "PC201") {
        bail!("the delivery would fail: {:?}", report.findings);
    }
    Ok(())
}

/// The same pattern on keys of two lengths.
fn globs() -> Vec<Arm> {
    let short = "a key of 1 kB";
    let marks =
        [Mark::AtMost(HOSTILE_MAX), Mark::AtMostTimes(HOSTILE_GROWTH_MAX, short.to_owned())];
    let arms = [(short, 1024), ("a key of 2 kB", 2048)].into_iter().zip(marks);
    let arm = |((name, bytes), mark)| {
        let (set, request) = hostile(bytes);
        Arm::new(vec![Row::new(GLOBS, name, "us", mark)], move || {
            decided(&set, &request, false)?;
            let seconds = median(|| {
                drop(black_box(set.decide(black_box(&request))));
                Ok(())
            })?;
            Ok(vec![seconds * 1e6])
        })
    };
    arms.map(arm).collect()
}

/// Both are given the same text; parliament is asked from within Python, so that its start does not count.
fn beside_parliament(scratch: &Path) -> Result<Vec<Arm>> {
    let peer = "parliament";
    let document = document(&identity_policy(POLICY_BYTES));
    std::fs::create_dir_all(scratch)?;
    let file = scratch.join("policy.json");
    std::fs::write(&file, &document.text)?;
    let row = Row::new(LINT, peer, "ms", Mark::Nothing);
    let theirs = if in_python("parliament").exists() {
        Arm::new(vec![row], move || {
            let mut command = Command::new(in_python("python"));
            command.arg("-I").arg(root().join("tests/bench/lint_peer.py")).arg(&file);
            let output = command.output()?;
            let told = String::from_utf8_lossy(&output.stdout);
            let seconds: f64 = told.trim().parse().with_context(|| {
                format!("parliament: {}", String::from_utf8_lossy(&output.stderr))
            })?;
            Ok(vec![seconds * 1e3])
        })
    } else {
        Arm::skipped(row, "parliament is not installed here")
    };
    let row = Row::new(LINT, "native", "ms", Mark::LessThanEach(vec![peer.to_owned()]));
    let ours = Arm::new(vec![row], move || {
        let seconds = median(|| {
            drop(black_box(lint(black_box(&document), Dialect::Aws, &Options::default())));
            Ok(())
        })?;
        Ok(vec![seconds * 1e3])
    });
    Ok(vec![theirs, ours])
}
