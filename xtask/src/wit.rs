//! Vendoring the WASI definitions, and what our own must have.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wit_parser::{Docs, PackageId, Resolve, Type, TypeDefKind};

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

/// Finds what has no `///` in our own packages.
pub(crate) fn documented(findings: &mut Vec<String>) -> Result<()> {
    let resolve = resolve()?;
    let ours = |package: PackageId| resolve.packages[package].name.namespace == "stocktake";
    let mut look = |what: String, docs: &Docs| {
        if docs.is_empty() {
            findings.push(format!("{what} in wit/ has no `///`"));
        }
    };
    for (_, world) in resolve.worlds.iter().filter(|(_, world)| world.package.is_some_and(ours)) {
        look(format!("world `{}`", world.name), &world.docs);
    }
    for (_, interface) in &resolve.interfaces {
        let Some(name) = interface.name.as_deref() else { continue };
        if !interface.package.is_some_and(ours) {
            continue;
        }
        look(format!("interface `{name}`"), &interface.docs);
        for function in interface.functions.values() {
            look(format!("function `{name}.{}`", function.name), &function.docs);
        }
        for (type_name, id) in &interface.types {
            let definition = &resolve.types[*id];
            // A `use` of another interface's type is documented there.
            if matches!(definition.kind, TypeDefKind::Type(Type::Id(_))) {
                continue;
            }
            look(format!("type `{name}.{type_name}`"), &definition.docs);
            for (member, docs) in members(&definition.kind) {
                look(format!("`{name}.{type_name}.{member}`"), docs);
            }
        }
    }
    Ok(())
}

fn members(kind: &TypeDefKind) -> Vec<(&str, &Docs)> {
    match kind {
        TypeDefKind::Record(record) => {
            record.fields.iter().map(|field| (field.name.as_str(), &field.docs)).collect()
        }
        TypeDefKind::Variant(variant) => {
            variant.cases.iter().map(|case| (case.name.as_str(), &case.docs)).collect()
        }
        TypeDefKind::Enum(cases) => {
            cases.cases.iter().map(|case| (case.name.as_str(), &case.docs)).collect()
        }
        TypeDefKind::Flags(flags) => {
            flags.flags.iter().map(|flag| (flag.name.as_str(), &flag.docs)).collect()
        }
        _ => Vec::new(),
    }
}

/// Everything in `wit/`, resolved.
fn resolve() -> Result<Resolve> {
    let wit = root().join("wit");
    let mut resolve = Resolve::default();
    for package in ["io", "clocks", "random", "filesystem", "sockets", "cli", "http"] {
        resolve.push_dir(wit.join("deps").join(package))?;
    }
    for package in ["host", "functions"] {
        resolve.push_dir(wit.join(package))?;
    }
    resolve.push_file(wit.join("worlds.wit"))?;
    Ok(resolve)
}

fn source() -> Result<PathBuf> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked"]).output()?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    packages
        .iter()
        .filter(|package| package["name"] == SOURCE)
        .filter_map(|package| Path::new(package["manifest_path"].as_str()?).parent())
        .map(|folder| folder.join("wit/deps"))
        // An older major version of the crate is around, too; it has no definitions.
        .find(|folder| folder.is_dir())
        .with_context(|| format!("no `{SOURCE}` with definitions is in the dependency graph"))
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
