//! Imports that this host does not supply, in words.

use wasmtime::component::types::ComponentItem;

use super::ComponentError;
use crate::capabilities::SUPPLIED;

/// Finds the first import that nothing here satisfies.
pub(super) fn unsatisfied(
    name: &str,
    component: &wasmtime::component::Component,
    engine: &wasmtime::Engine,
) -> Option<ComponentError> {
    let kind = component.component_type();
    let (import, why) = kind.imports(engine).find_map(|(import, item)| {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            return Some((import.to_owned(), "which is not part of the contract".to_owned()));
        };
        let needs_code =
            instance.exports(engine).any(|(_, item)| !matches!(item.ty, ComponentItem::Type(_)));
        let why = if needs_code { why_missing(import)? } else { return None };
        Some((import.to_owned(), why))
    })?;
    let available = format!(
        "`stocktake:host/{{{}}}` and WASI 0.2 without `wasi:http/outgoing-handler`",
        SUPPLIED.join(", ")
    );
    Some(ComponentError::Import { name: name.to_owned(), import, why, available })
}

/// Why this host does not supply an interface; none if it does.
fn why_missing(import: &str) -> Option<String> {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    let wasi = [
        "wasi:cli/",
        "wasi:clocks/",
        "wasi:filesystem/",
        "wasi:http/types",
        "wasi:io/",
        "wasi:random/",
        "wasi:sockets/",
    ];
    if let Some(capability) = interface.strip_prefix("stocktake:host/") {
        return match (SUPPLIED.contains(&capability), version) {
            (true, "0.1.0") => None,
            (true, _) => Some("of which this host has version 0.1.0".to_owned()),
            (false, _) => Some("for which this host has no engine".to_owned()),
        };
    }
    if wasi.iter().any(|prefix| interface.starts_with(prefix)) {
        let fits = version.starts_with("0.2.");
        return (!fits).then(|| "of which this host has version 0.2".to_owned());
    }
    Some("which this host does not supply".to_owned())
}
