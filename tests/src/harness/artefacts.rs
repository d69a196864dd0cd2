//! What `cargo xtask test` builds before it runs the tests.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use stocktake_host::engine::{Component, Engine, EngineOptions};

/// The components, by the names of their packages.
pub const COMPONENTS: [&str; 5] =
    ["host-environment", "http-gateway", "inventory-config", "policy-check", "report-writer"];

/// The components that a component's file has in it beside itself.
pub fn parts_of(name: &str) -> &'static [&'static str] {
    if name == "http-gateway" { &["inventory-config", "policy-check"] } else { &[] }
}

/// Where Cargo builds: found from where the running test is.
pub fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().find(|folder| folder.ends_with("deps")).and_then(Path::parent);
    profile.and_then(Path::parent).unwrap().to_owned()
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The file of a component.
#[track_caller]
pub fn component_file(name: &str) -> PathBuf {
    built(target().join("components").join(format!("{}.wasm", name.replace('-', "_"))))
}

/// The program `stocktake`, of the same profile as the tests.
#[track_caller]
pub fn program() -> PathBuf {
    built(target().join("debug/stocktake"))
}

/// The folder of compiled code, which all tests share: a component is compiled once, not once a process.
pub fn compiled() -> PathBuf {
    target().join("test-compiled")
}

/// A component, ready to be called.
pub fn component(name: &str) -> Component {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    static LOADED: [OnceLock<Component>; COMPONENTS.len()] =
        [const { OnceLock::new() }; COMPONENTS.len()];
    let at = COMPONENTS.iter().position(|known| *known == name).unwrap();
    let engine = ENGINE.get_or_init(|| {
        let options = EngineOptions { cache: Some(compiled()), ..EngineOptions::default() };
        Engine::new(options).unwrap()
    });
    LOADED[at].get_or_init(|| engine.load_file(name, &component_file(name)).unwrap()).clone()
}

#[track_caller]
fn built(path: PathBuf) -> PathBuf {
    assert!(
        path.is_file(),
        "`{}` is missing; run `cargo xtask build`, or all tests with `cargo xtask test`",
        path.display()
    );
    path
}
