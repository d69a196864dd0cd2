//! Building the components and the program.
//!
//! A component is compiled for a target that has no system interface at all and then encoded, so that its imports are
//! the ones of its world and nothing besides. One that calls functions of others is composed with them into one file.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::compose::{SUPPLIED, compose, parts_of, supply};
use crate::shell::{cargo, root, step, tool};

/// What components are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the components and the program, side by side.
///
/// Both end with minutes in which one processor optimises one large unit; together they keep two processors busy.
pub(crate) fn everything() -> Result<()> {
    let program = std::thread::spawn(program);
    let components = components();
    let Ok(program) = program.join() else { bail!("building the program broke down") };
    components.and(program)
}

/// Builds every component into `target/components`.
pub(crate) fn components() -> Result<()> {
    target()?;
    let names = components_of_the_workspace()?;
    step(&format!("building the components {}", names.join(", ")));
    let mut build = cargo(&["build", "--target", TARGET, "--profile", "component"]);
    for name in &names {
        build = build.args(&["--package", name]);
    }
    build.run()?;
    let folder = root().join("target/components");
    fs::create_dir_all(&folder)?;
    for name in &names {
        let parts = parts_of(name);
        let mut component = encoded(name)?;
        if !parts.is_empty() {
            let plugs = parts.iter().map(|part| Ok((*part, encoded(part)?)));
            component = compose(name, component, plugs.collect::<Result<_>>()?)
                .with_context(|| format!("{name} cannot be composed with {}", parts.join(", ")))?;
        }
        let file = file_of(name);
        write_if_changed(&folder.join(&file), &component)?;
        step(&format!("target/components/{file} has {} KiB", component.len() / 1024));
    }
    for (name, host) in SUPPLIED {
        let bytes = |name: &str| fs::read(folder.join(file_of(name)));
        let component = supply(name, bytes(name)?, (host, bytes(host)?))
            .with_context(|| format!("{host} does not supply what {name} needs"))?;
        let file = file_of(&format!("{name}-on-{host}"));
        write_if_changed(&folder.join(&file), &component)?;
        step(&format!("target/components/{file} has {} KiB", component.len() / 1024));
    }
    Ok(())
}

fn file_of(name: &str) -> String {
    format!("{}.wasm", name.replace('-', "_"))
}

/// Builds `target/release/stocktake`.
pub(crate) fn program() -> Result<()> {
    step("building the program target/release/stocktake");
    cargo(&["build", "--release", "--package", "stocktake-host"]).run()
}

/// Installs the wasm target where it is missing.
pub(crate) fn target() -> Result<()> {
    let libraries =
        tool("rustc").args(&["--print", "target-libdir", "--target", TARGET]).output()?;
    if fs::metadata(libraries.trim()).is_ok() {
        return Ok(());
    }
    step(&format!("installing the target {TARGET} with rustup"));
    tool("rustup").args(&["target", "add", TARGET]).run()
}

/// The folders below `components/`; each is a package of the same name.
pub(crate) fn components_of_the_workspace() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("components"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// One component by itself, of what the compiler built.
fn encoded(name: &str) -> Result<Vec<u8>> {
    let core = root().join("target").join(TARGET).join("component").join(file_of(name));
    let core = fs::read(&core).with_context(|| format!("{} was not built", core.display()))?;
    let encode =
        || wit_component::ComponentEncoder::default().validate(true).module(&core)?.encode();
    encode().with_context(|| format!("{name} cannot be encoded"))
}

/// Leaves an unchanged file alone, so that what was compiled from it stays fresh.
fn write_if_changed(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}
