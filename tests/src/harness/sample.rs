//! Components that do one thing each: core WebAssembly in text form, made into components by the contract's own WIT.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::artefacts::root;

/// Makes a component of a world's items and a core module in text form.
#[track_caller]
pub fn component(world: &str, core: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    for package in ["io", "clocks", "random", "filesystem", "sockets", "cli", "http"] {
        resolve.push_dir(root().join("wit/deps").join(package)).unwrap();
    }
    for package in ["host", "functions"] {
        resolve.push_dir(root().join("wit").join(package)).unwrap();
    }
    let text = format!("package stocktake:sample; world sample {{ {world} }}");
    let package = resolve.push_str("sample.wit", &text).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(core).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
