//! `wasmtime` of crates.io, of the version that the host is built with.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::root;

/// What is compiled in: serving, which does not build without the rest, and compiling ahead.
const FEATURES: &str =
    "serve,run,compile,cranelift,pooling-allocator,parallel-compilation,component-model-async";

/// How `wasmtime compile` and `wasmtime serve` are told to go as fast as they can.
pub(crate) const COMPILE: &[&str] = &["-O", "opt-level=2"];
pub(crate) const SERVE: &[&str] = &[
    "-S",
    "cli",
    "-O",
    "pooling-allocator",
    "-O",
    "pooling-pagemap-scan=auto",
    "-O",
    "pooling-memory-keep-resident=524288",
    "-O",
    "pooling-table-keep-resident=65536",
    "-O",
    "pooling-decommit-batch-size=16",
];

/// How `wasmtime serve` is told to use an instance for several requests, one after the other. Its default for WASI 0.2 is a
/// fresh one for each.
pub(crate) const REUSE: &[&str] = &["--max-instance-reuse-count", "128"];

/// The version of the runtime in `Cargo.lock`.
pub(crate) fn version() -> Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let entry = lock.split_once("\nname = \"wasmtime\"\nversion = \"");
    let version = entry.and_then(|(_, rest)| rest.split('"').next());
    Ok(version.context("`Cargo.lock` has no wasmtime")?.to_owned())
}

/// The program; installed into `target/wasmtime-cli` if it is not there.
pub(crate) fn program() -> Result<PathBuf> {
    let version = version()?;
    let folder = root().join("target/wasmtime-cli").join(&version);
    let program = folder.join("bin/wasmtime");
    if program.is_file() {
        return Ok(program);
    }
    eprintln!("bench: installing wasmtime-cli {version}, once; it takes a quarter of an hour");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut install = Command::new(cargo);
    install.args(["install", "wasmtime-cli", "--locked", "--no-default-features"]);
    install.args(["--features", FEATURES, "--version", &version]).arg("--root").arg(&folder);
    // Beside the workspace's own: the flags differ.
    install.arg("--target-dir").arg(root().join("target/wasmtime-cli/build"));
    let status = install.status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("{install:?} failed: {status}");
    }
    Ok(program)
}
