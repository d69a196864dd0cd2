//! Judges an inventory configuration: the smallest program that runs a component.
//!
//! `cargo run --example embed -- target/components/inventory_config.wasm inventory.json`

use std::error::Error;
use std::io::Write as _;

use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::{Dialect, Engine, EngineOptions, Syntax};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(component), Some(document)) = (arguments.next(), arguments.next()) else {
        return Err("name the file of the component and the file of the configuration".into());
    };
    // Less memory than usual, and no folder for compiled code.
    let engine = Engine::new(EngineOptions { memory_bytes: 32 << 20, ..EngineOptions::default() })?;
    let component = engine.load_file("inventory-config", component.as_ref())?;

    // A pure function needs no engine behind any capability. What it imports and does not use may be missing.
    let capabilities = Capabilities::default();
    let document = std::fs::read(document)?;
    let judged =
        component.call_validate(&capabilities, &document, Syntax::Json, Dialect::Aws).await?;

    let mut out = std::io::stdout();
    for finding in &judged.value.findings {
        writeln!(out, "{} {}: {}", finding.code, finding.pointer, finding.message)?;
    }
    let verdict = if judged.value.configuration.is_some() { "usable" } else { "not usable" };
    writeln!(out, "{verdict}, judged in {:?}", judged.usage.elapsed)?;
    Ok(())
}
