//! Composing a component with the functions that it calls into one file.
//!
//! What is composed imports capabilities and WASI, and nothing else. A part whose types do not fit is silently left out
//! by the composer, so the imports of the result are looked at.

use anyhow::{Context as _, Result, bail};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldItem};

/// Components that call functions of others, and whose: in the order in which they are plugged in.
const COMPOSED: &[(&str, &[&str])] = &[("http-gateway", &["inventory-config", "policy-check"])];

/// Components that are also made for runtimes that have WASI alone, and which component supplies the rest.
pub(crate) const SUPPLIED: &[(&str, &str)] = &[("http-gateway", "host-environment")];

/// What the parts of a component are; none for one that calls nobody.
pub(crate) fn parts_of(name: &str) -> &'static [&'static str] {
    COMPOSED.iter().find(|(composed, _)| *composed == name).map_or(&[], |(_, parts)| parts)
}

/// Plugs the exports of `parts` into the imports of `component`, and answers both as one component.
pub(crate) fn compose(
    name: &str,
    component: Vec<u8>,
    parts: Vec<(&str, Vec<u8>)>,
) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name: &str, bytes: Vec<u8>| -> Result<_> {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())
            .with_context(|| format!("{name} cannot be composed"))?;
        Ok(graph.register_package(package)?)
    };
    let socket = register(name, component)?;
    let plugs =
        parts.into_iter().map(|(part, bytes)| register(part, bytes)).collect::<Result<Vec<_>>>()?;
    wac_graph::plug(&mut graph, plugs, socket)?;
    let composed = graph.encode(EncodeOptions::default())?;
    check(&composed, is_of_a_host)?;
    Ok(composed)
}

/// Plugs a component that supplies capabilities into one that needs them. What comes of it imports WASI alone.
pub(crate) fn supply(name: &str, component: Vec<u8>, host: (&str, Vec<u8>)) -> Result<Vec<u8>> {
    let supplied = compose(name, component, vec![host])?;
    check(&supplied, is_of_wasi)?;
    Ok(supplied)
}

/// Refuses other imports: functions of a part that is missing or does not fit, and other versions.
fn check(composed: &[u8], is_allowed: fn(&str) -> bool) -> Result<()> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(composed)? else {
        bail!("the composition is no component");
    };
    let world = resolve.worlds.get(world).context("the composition has no world")?;
    for (key, item) in &world.imports {
        let name = resolve.name_world_key(key);
        if has_functions(&resolve, item) && !is_allowed(&name) {
            bail!(
                "`{name}` is exported by no part, or with other types; compose the part that exports it, and build both anew"
            );
        }
    }
    Ok(())
}

/// Types alone need nobody who supplies them.
fn has_functions(resolve: &Resolve, item: &WorldItem) -> bool {
    match item {
        WorldItem::Interface { id, .. } => {
            resolve.interfaces.get(*id).is_none_or(|interface| !interface.functions.is_empty())
        }
        WorldItem::Function(_) => true,
        WorldItem::Type { .. } => false,
    }
}

fn is_of_a_host(name: &str) -> bool {
    name.starts_with("stocktake:host/") || is_of_wasi(name)
}

fn is_of_wasi(name: &str) -> bool {
    let (interface, version) = name.split_once('@').unwrap_or((name, ""));
    interface.starts_with("wasi:") && is_stable(version)
}

/// Whether this is a release of WASI 0.2: drafts of one name differ from host to host.
fn is_stable(version: &str) -> bool {
    version.strip_prefix("0.2.").is_some_and(|patch| patch.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composition_may_import_what_hosts_supply() {
        assert!(is_of_a_host("stocktake:host/state@0.1.0"));
        assert!(is_of_a_host("wasi:http/types@0.2.0"));
        assert!(is_of_wasi("wasi:http/types@0.2.0"));
        assert!(!is_of_wasi("stocktake:host/state@0.1.0"));
        assert!(!is_of_a_host("stocktake:functions/inventory-config@0.1.0"));
        assert!(!is_of_a_host("wasi:http/types@0.3.0"));
        assert!(!is_of_a_host("wasi:keyvalue/store@0.2.0-draft2"));
    }
}
