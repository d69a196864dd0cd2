//! `cargo xtask demo`: the main job on a real tree that every machine with Rust has.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::build;
use crate::shell::{root, step, tool};

/// The bucket that is inventoried.
const SOURCE: &str = "cargo-registry";

/// The bucket that reports go to.
const DESTINATION: &str = "reports";

/// How many prefixes and rows a person wants to see.
const SHOWN: usize = 8;

pub(crate) fn demo() -> Result<()> {
    build::everything()?;
    let sources = registry_sources()?;
    let folder = root().join("target/demo");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    fs::create_dir_all(folder.join("buckets").join(DESTINATION))?;
    println!("\nBucket `{SOURCE}` is {}", sources.display());
    for format in ["CSV", "Parquet"] {
        let summary = inventory(&folder, &sources, format)?;
        show(&summary, format)?;
        if format == "CSV" {
            show_rows(&folder, &summary)?;
        }
    }
    println!(
        "\nThe same by hand:\n\n  target/release/stocktake run --store target/demo/buckets \\"
    );
    println!("    --map-read-only {SOURCE}={} \\", sources.display());
    println!("    --bucket {SOURCE} --config target/demo/csv.json");
    Ok(())
}

/// Where cargo unpacks the sources of dependencies: after a build there are thousands of files.
fn registry_sources() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let sources = home.context("neither CARGO_HOME nor HOME is set")?.join("registry/src");
    if !sources.is_dir() {
        bail!("{} is no folder; has cargo vendored its sources elsewhere?", sources.display());
    }
    Ok(sources)
}

/// Makes one report and answers the line that the program prints.
fn inventory(folder: &Path, sources: &Path, format: &str) -> Result<Value> {
    let id = format.to_lowercase();
    let configuration = json!({
        "Id": id,
        "IsEnabled": true,
        "IncludedObjectVersions": "Current",
        "Schedule": { "Frequency": "Daily" },
        "OptionalFields": ["Size", "LastModifiedDate", "StorageClass", "ETag"],
        "Destination": { "S3BucketDestination": {
            "Bucket": format!("arn:aws:s3:::{DESTINATION}"), "Format": format, "Prefix": "inventory",
        } },
    });
    let file = folder.join(format!("{id}.json"));
    fs::write(&file, format!("{configuration:#}\n"))?;
    step(&format!("inventory of `{SOURCE}` into {format}"));
    let line = tool("target/release/stocktake")
        .args(&["run", "--json", "--bucket", SOURCE, "--map-read-only"])
        .args(&[format!("{SOURCE}={}", sources.display())])
        .args(&["--store".as_ref(), folder.join("buckets").as_os_str()])
        .args(&["--config".as_ref(), file.as_os_str()])
        .output()?;
    serde_json::from_str(&line).with_context(|| format!("not a summary: {line}"))
}

fn show(summary: &Value, format: &str) -> Result<()> {
    let number = |name: &str| summary[name].as_u64().with_context(|| format!("no `{name}`"));
    let key = summary["manifest"]["key"].as_str().context("no manifest")?;
    println!("\n{format}");
    println!("  objects     {}", grouped(number("objects")?));
    println!("  bytes       {}", grouped(number("bytes")?));
    println!("  time        {:.2} s", summary["elapsed_seconds"].as_f64().unwrap_or_default());
    println!("  rate        {} objects/s", grouped(number("rows_per_second")?));
    println!(
        "  data files  {} with {} bytes",
        number("data_files")?,
        grouped(number("report_bytes")?)
    );
    println!("  manifest    target/demo/buckets/{DESTINATION}/{key}");
    Ok(())
}

/// Reads the CSV report back: its first rows, and what weighs most.
fn show_rows(folder: &Path, summary: &Value) -> Result<()> {
    let bucket = folder.join("buckets").join(DESTINATION);
    let manifest = summary["manifest"]["key"].as_str().context("no manifest")?;
    let manifest: Value = serde_json::from_slice(&fs::read(bucket.join(manifest))?)?;
    let mut prefixes: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut first = Vec::new();
    for file in manifest["files"].as_array().context("no files")? {
        let path = bucket.join(file["key"].as_str().context("a file without a key")?);
        for row in BufReader::new(GzDecoder::new(File::open(path)?)).lines() {
            let row = row?;
            // Every value is quoted, and neither keys nor numbers hold a quote.
            let values: Vec<&str> = row.trim_matches('"').split("\",\"").collect();
            let (Some(key), Some(size)) = (values.get(1), values.get(2)) else { continue };
            let entry = prefixes.entry(prefix(key)).or_default();
            entry.0 += size.parse::<u64>().unwrap_or_default();
            entry.1 += 1;
            if first.len() < SHOWN {
                first.push(row);
            }
        }
    }
    let mut heaviest: Vec<_> = prefixes.into_iter().collect();
    heaviest.sort_by_key(|(_, (bytes, _))| std::cmp::Reverse(*bytes));
    println!("\nLargest prefixes");
    for (prefix, (bytes, objects)) in heaviest.into_iter().take(SHOWN) {
        println!("  {:>15} bytes {:>8} objects  {prefix}", grouped(bytes), grouped(objects));
    }
    println!("\nFirst rows\n  {}", first.join("\n  "));
    Ok(())
}

/// The first two parts of a key.
fn prefix(key: &str) -> String {
    let mut parts = key.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(first), Some(second), Some(_)) => format!("{first}/{second}/"),
        _ => "(top level)".to_owned(),
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
