//! `cargo xtask tidy`: what documents, names, sizes and dependencies promise about each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::build::{TARGET, components_of_the_workspace};
use crate::shell::{cargo, root, step, tool};
use crate::wit;

/// Beyond this a file is worth a second look; it is printed, not refused.
const FILE_LINES_NOTED: usize = 400;

/// Beyond this a file is to be split.
const FILE_LINES_MAX: usize = 600;

/// What must not end up in a component, by package name.
const IMPURE: &[&str] =
    &["wasmtime", "wasmtime-wasi", "tokio", "rand", "getrandom", "hyper", "reqwest", "ureq"];

/// All checks, each with the findings that it prints.
pub(crate) fn tidy() -> Result<()> {
    step("tidy");
    let mut findings = Vec::new();
    names(&mut findings)?;
    sizes(&mut findings)?;
    documents(&mut findings)?;
    promises(&mut findings)?;
    dependencies(&mut findings)?;
    wit::documented(&mut findings)?;
    if !findings.is_empty() {
        bail!("not tidy:\n  {}", findings.join("\n  "));
    }
    wit::check()
}

/// Folder, package and world of a component bear one name; a library's package says that it is ours.
fn names(findings: &mut Vec<String>) -> Result<()> {
    let worlds = fs::read_to_string(root().join("wit/worlds.wit"))?;
    let package = |folder: &str| -> Result<String> {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml"))?;
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
        Ok(name.unwrap_or_default().trim_matches('"').to_owned())
    };
    for component in components_of_the_workspace()? {
        if package(&format!("components/{component}"))? != component {
            findings.push(format!("components/{component}: the package has another name"));
        }
        if !worlds.contains(&format!("\nworld {component} {{")) {
            findings.push(format!("wit/worlds.wit has no world `{component}`"));
        }
    }
    for entry in fs::read_dir(root().join("crates"))? {
        let folder = entry?.file_name().to_string_lossy().into_owned();
        if root().join("crates").join(&folder).is_dir()
            && package(&format!("crates/{folder}"))? != format!("stocktake-{folder}")
        {
            findings.push(format!("crates/{folder}: the package is not `stocktake-{folder}`"));
        }
    }
    Ok(())
}

fn sizes(findings: &mut Vec<String>) -> Result<()> {
    for path in tracked(&["*.rs", "*.py", "*.wit"])? {
        if path.starts_with("wit/deps/") {
            continue;
        }
        let lines = fs::read_to_string(root().join(&path))?.lines().count();
        if lines > FILE_LINES_MAX {
            findings
                .push(format!("{path} has {lines} lines, at most {FILE_LINES_MAX} are allowed"));
        } else if lines > FILE_LINES_NOTED {
            step(&format!("{path} has {lines} lines; would two rooms be easier to live in?"));
        }
    }
    Ok(())
}

/// Every path and every `cargo xtask` word that a document names exists.
fn documents(findings: &mut Vec<String>) -> Result<()> {
    let words: BTreeSet<&str> = super::HELP
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    for path in tracked(&["*.md"])? {
        let text = fs::read_to_string(root().join(&path))?;
        for quoted in text.split('`').skip(1).step_by(2) {
            if let Some(word) = quoted.strip_prefix("cargo xtask ") {
                let word = word.split_whitespace().next().unwrap_or_default();
                if !words.contains(word) && word != "<word>" {
                    findings.push(format!("{path} names `cargo xtask {word}`, which is no word"));
                }
            } else if is_path(quoted) && !root().join(quoted).exists() {
                findings.push(format!("{path} names `{quoted}`, which does not exist"));
            }
        }
    }
    Ok(())
}

/// Every test that a promise names exists.
fn promises(findings: &mut Vec<String>) -> Result<()> {
    let text = fs::read_to_string(root().join("docs/SEMANTICS.md"))?;
    let mut sources = String::new();
    for path in tracked(&["*.rs"])? {
        sources.push_str(&fs::read_to_string(root().join(path))?);
    }
    for promise in text.split("\n**S").skip(1) {
        let number = promise.split('.').next().unwrap_or_default();
        let tests = promise.split_once("\nTests: ").map_or("", |(_, tests)| tests);
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            findings.push(format!("docs/SEMANTICS.md: promise S{number} names no test"));
        }
        for name in names.iter().filter(|name| !sources.contains(&format!("fn {name}("))) {
            findings.push(format!("docs/SEMANTICS.md: S{number} names `{name}`, which is no test"));
        }
    }
    Ok(())
}

/// Whether a quoted text is meant as a path of this repository.
fn is_path(text: &str) -> bool {
    const FOLDERS: &[&str] =
        &["wit/", "components/", "crates/", "host/", "tests/", "xtask/", "bench/", "docs/", ".ci/"];
    FOLDERS.iter().any(|folder| text.starts_with(folder))
        && !text.contains(['*', '<', '{', ' ', '('])
}

/// Negative facts: what must not be reachable from where.
fn dependencies(findings: &mut Vec<String>) -> Result<()> {
    let mut pure = components_of_the_workspace()?;
    pure.extend(
        ["capabilities", "core", "formats", "guest", "policy", "sigv4"]
            .map(|name| format!("stocktake-{name}")),
    );
    for package in pure {
        let reached = tree(&package, TARGET)?;
        for impure in IMPURE.iter().filter(|impure| reached.contains(**impure)) {
            findings.push(format!("`{package}` reaches `{impure}`"));
        }
    }
    let reached = tree("stocktake-host", "all")?;
    let mut rules = components_of_the_workspace()?;
    rules.push("stocktake-policy".to_owned());
    for package in rules {
        if reached.contains(&package) {
            findings.push(format!("the host reaches the rules of `{package}`"));
        }
    }
    Ok(())
}

/// The names of all packages that end up in a package on this target, itself left out.
fn tree(package: &str, target: &str) -> Result<BTreeSet<String>> {
    let text = cargo(&["tree", "--package", package, "--edges", "normal,no-proc-macro"])
        .args(&["--target", target, "--prefix", "none", "--format", "{p}"])
        .output()?;
    let names = text.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|name| *name != package).map(str::to_owned).collect())
}

fn tracked(patterns: &[&str]) -> Result<Vec<String>> {
    let files = tool("git").args(&["ls-files", "--cached", "--others", "--exclude-standard"]);
    let text = files.args(patterns).output()?;
    Ok(text
        .lines()
        .filter(|path| Path::new(&root().join(path)).is_file())
        .map(str::to_owned)
        .collect())
}
