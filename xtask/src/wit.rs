//! Vendoring the WASI definitions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::shell::{cargo, root, step};

/// The crate whose package holds the definitions. It is in the dependency graph for this alone, and never compiled.
const SOURCE: &str = "wasi";

/// Writes `wit/deps`.
pub(crate) fn vendor() -> Result<()> {
    let deps = root().join("wit/deps");
    fs::remove_dir_all(&deps).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    for (path, text) in files(&source()?)? {
        let path = deps.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&deps))?;
        fs::write(path, text)?;
    }
    step("wit/deps is written");
    Ok(())
}

/// Fails if `wit/deps` is not what [`vendor`] writes.
pub(crate) fn check() -> Result<()> {
    if files(&source()?)? != files(&root().join("wit/deps"))? {
        bail!("wit/deps differs from the published definitions; run `cargo xtask vendor-wit`");
    }
    Ok(())
}

fn source() -> Result<PathBuf> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked"]).output()?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let package = packages
        .iter()
        .find(|package| package["name"] == SOURCE)
        .with_context(|| format!("`{SOURCE}` is not in the dependency graph"))?;
    let manifest = package["manifest_path"].as_str().context("a package has no manifest")?;
    let folder = Path::new(manifest).parent().context("a manifest has no folder")?;
    Ok(folder.join("wit/deps"))
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let entries = fs::read_dir(&path).with_context(|| format!("reading {}", path.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_owned();
                found.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(found)
}
