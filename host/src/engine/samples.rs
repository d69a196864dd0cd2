//! Tiny components for tests: core WebAssembly in text form, made into components by the contract's own WIT.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A memory, a bump allocator, and a place at 1024 where an empty list of tasks is answered.
const PRELUDE: &str = r#"
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at
            (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
        (global.set $top (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
"#;

/// A component that exports `tasks` with this body of `handle`, and may import more than that.
///
/// The body answers the address of a `result<list<task>, failure>`; all zero is an empty list. `give-up` answers an
/// empty list.
pub(crate) fn tasks(imports: &str, core_imports: &str, body: &str) -> Vec<u8> {
    let world = format!("{imports} export stocktake:functions/tasks@0.1.0;");
    let core = format!(
        r#"(module {core_imports} {PRELUDE}
            (func (export "stocktake:functions/tasks@0.1.0#handle")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {body})
            (func (export "stocktake:functions/tasks@0.1.0#give-up")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) i32.const 1024))"#
    );
    component(&world, &core)
}

/// A component that answers no follow-up tasks.
pub(crate) fn empty() -> Vec<u8> {
    tasks("", "", "i32.const 1024")
}

/// A component that crashes.
pub(crate) fn crashing() -> Vec<u8> {
    tasks("", "", "unreachable")
}

/// A component that never answers.
pub(crate) fn looping() -> Vec<u8> {
    tasks("", "", "(loop $again (br $again)) unreachable")
}

/// A component that takes so many pages of memory, then answers.
pub(crate) fn growing(pages: u32) -> Vec<u8> {
    tasks("", "", &format!("(drop (memory.grow (i32.const {pages}))) i32.const 1024"))
}

/// A component that answers with a failure: 0 to retry after `after_ms`, 1 to reject, for the reason `no`.
pub(crate) fn failing(disposition: u32, after_ms: u32) -> Vec<u8> {
    let body = format!(
        r"(i32.store8 (i32.const 2048) (i32.const 1))
           (i32.store8 (i32.const 2052) (i32.const {disposition}))
           (i32.store (i32.const 2056) (i32.const 3000))
           (i32.store (i32.const 2060) (i32.const 2))
           (i32.store8 (i32.const 2064) (i32.const 1))
           (i32.store (i32.const 2068) (i32.const {after_ms}))
           (i32.store16 (i32.const 3000) (i32.const 0x6f6e))
           i32.const 2048"
    );
    tasks("", "", &body)
}

/// Makes a component of a world's items and a core module in text form.
pub(crate) fn component(world: &str, core: &str) -> Vec<u8> {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let mut resolve = Resolve::default();
    for package in ["io", "clocks", "random", "filesystem", "sockets", "cli", "http"] {
        resolve.push_dir(wit.join("deps").join(package)).unwrap();
    }
    for package in ["host", "functions"] {
        resolve.push_dir(wit.join(package)).unwrap();
    }
    let text = format!("package stocktake:sample; world sample {{ {world} }}");
    let package = resolve.push_str("sample.wit", &text).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(core).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
