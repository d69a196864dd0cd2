//! Whole reports of a folder against what people would otherwise type.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use stocktake_tests::harness::tree;

use crate::{root, spread};

/// How often each arm is measured. The arms take turns.
const ROUNDS: usize = 5;

/// The files of the folder.
const FILES: usize = 100_000;

/// One way to find out what is in a folder.
struct Arm {
    name: &'static str,
    command: Command,
}

pub(crate) fn bench() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let store = scratch.path().join("store");
    let source = store.join("source");
    // A hundred folders of a thousand files.
    let lines =
        (0..FILES / 1000).map(|folder| format!("1 1700000000.5 d{folder:02}/{{0000..0999}}"));
    tree::write(&source, &tree::parse(&lines.collect::<Vec<_>>().join("\n")));
    std::fs::create_dir(store.join("reports"))?;
    let mut arms = Vec::new();
    for format in ["CSV", "ORC", "Parquet"] {
        arms.push(ours(scratch.path(), &store, format)?);
    }
    arms.extend(theirs(scratch.path(), &source));
    println!(
        "a folder of {FILES} files, from the first look to the last byte, seconds, median of {ROUNDS} (least-most)\n"
    );
    let mut times = vec![Vec::new(); arms.len()];
    for _ in 0..ROUNDS {
        for (arm, times) in arms.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            let ended = arm.command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            match ended {
                Ok(status) if status.success() => times.push(begun.elapsed().as_secs_f64()),
                Ok(status) => bail!("{} failed: {status}", arm.name),
                // It is not installed.
                Err(_) => {}
            }
        }
    }
    for (arm, times) in arms.iter().zip(times) {
        if times.is_empty() {
            println!("{:<34} not installed here", arm.name);
            continue;
        }
        let (median, least, most) = spread(times);
        println!("{:<34} {median:.3} ({least:.3}-{most:.3})", arm.name);
    }
    println!("\nmark: every report of stocktake in less time than every other tool");
    Ok(())
}

/// `stocktake run`, from the start of the program to its end.
fn ours(scratch: &Path, store: &Path, format: &'static str) -> Result<Arm> {
    let configuration = serde_json::json!({
        "Id": format, "IsEnabled": true, "IncludedObjectVersions": "Current",
        "Schedule": { "Frequency": "Daily" }, "OptionalFields": ["Size", "LastModifiedDate"],
        "Destination": { "S3BucketDestination": { "Bucket": "arn:aws:s3:::reports", "Format": format } },
    });
    let file = scratch.join(format!("{format}.json"));
    std::fs::write(&file, configuration.to_string())?;
    let program = root().join("target/release/stocktake");
    if !program.is_file() {
        bail!("`{}` is missing; run `cargo xtask build`", program.display());
    }
    let mut command = Command::new(program);
    command.args(["run", "--bucket", "source", "--json", "--store"]).arg(store);
    command.arg("--config").arg(file).arg("--data").arg(scratch.join("data"));
    command.arg("--components").arg(root().join("target/components"));
    command.arg("--cache").arg(scratch.join("cache"));
    let first = command.output().context("stocktake cannot start")?;
    if !first.status.success() {
        bail!("stocktake failed: {}", String::from_utf8_lossy(&first.stderr));
    }
    let name = match format {
        "CSV" => "stocktake run, CSV",
        "ORC" => "stocktake run, ORC",
        _ => "stocktake run, Parquet",
    };
    Ok(Arm { name, command })
}

fn theirs(scratch: &Path, source: &Path) -> Vec<Arm> {
    let mut find = Command::new("find");
    find.arg(source).args(["-type", "f", "-printf", "%P\\t%s\\t%T@\\n"]);
    let mut rclone = Command::new("rclone");
    rclone.args(["lsjson", "-R", "--fast-list", "--no-mimetype"]).arg(source);
    let mut arms = vec![
        Arm { name: "find -printf, no report", command: find },
        Arm { name: "rclone lsjson -R, no report", command: rclone },
    ];
    for (name, tool) in [
        ("walk and pyarrow, Parquet", "pyarrow-parquet"),
        ("walk and pyarrow, ORC", "pyarrow-orc"),
        ("duckdb COPY, Parquet", "duckdb"),
    ] {
        let mut command = Command::new(python());
        command.arg("-I").arg(root().join("tests/bench/peers.py")).arg(source).arg(tool);
        command.arg(scratch.join(tool));
        arms.push(Arm { name, command });
    }
    arms
}

/// The environment that `cargo xtask bench` makes.
fn python() -> PathBuf {
    root().join("target/venv/bin/python")
}
