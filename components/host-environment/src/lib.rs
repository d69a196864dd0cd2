//! Supplies capabilities of `stocktake:host` where a runtime has none but WASI: a store that never changes, as
//! environment variables describe it.
//!
//! [`Store::read`] makes it of the variables. It has records, identities, and buckets of which only the names are known. What would change it is
//! refused with [`Error::Unsupported`](stocktake_capabilities::Error::Unsupported), for nothing here could keep it.
//!
//! Nothing here knows about WIT or WASI; `component.rs` does.

mod buckets;
mod identities;
mod records;
mod store;

pub use store::{Problem, Store, VARIABLE_BYTES_MAX};

#[cfg(target_family = "wasm")]
mod component;
#[cfg(test)]
mod tests;
