//! What every component has: its memory, and its imports as the traits that its logic is written against.
//!
//! `component.rs` of each component hands `Host` to its logic. An import that the logic does not reach is not in the
//! finished component, so this crate grants nothing: the component's world does, and a test compares the two.
//!
//! Natively this crate is empty.
#![cfg(target_family = "wasm")]

mod buckets;
mod convert;
mod identities;
mod memcmp;
mod objects;
mod queue;
mod state;
mod uploads;

/// Begins with the memory that an instance is born with, see docs/decisions/0017-memory-of-components.md.
#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// What `stocktake:host` supplies to this component.
#[derive(Clone, Copy, Debug)]
pub struct Host;

/// The generated side, for `with` in a component's own bindings.
pub mod bindings {
    #![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]
    wit_bindgen::generate!({
        path: ["../../wit/host"],
        world: "stocktake:host/imports",
        generate_all,
    });
}
