//! Judges inventory configurations and keeps them.
//!
//! [`check()`] reports every problem of one document, in document order; [`put`], [`get`], [`list`] and [`delete`] keep
//! what is usable in `state`; [`start`], [`list_runs`], [`cancel()`] and their like begin, show and end its runs. Bad input is
//! a value: `Err` means that the store could not do its work.
//!
//! A document is read into an ordered tree, from JSON or from XML, and one set of rules judges the tree, so both
//! spellings of a configuration get the same findings. Nothing here knows about WIT, buckets' contents or the time of
//! day; `component.rs` binds it, in wasm builds only.

mod check;
mod nearest;
mod quote;
mod rules;
mod runs;
mod sink;
mod store;
mod tree;

pub use check::{Judgement, Syntax, check};
pub use runs::{
    CancelOutcome, NewRun, PAGE_RUNS_MAX, PreviewOutcome, Run, RunPage, StartOutcome, cancel,
    get_run, list_runs, next_run, preview, start, start_once,
};
pub use sink::{DOCUMENT, FINDINGS_MAX};
pub use store::{
    CONFIGURATIONS_MAX, ConfigurationPage, DeleteOutcome, PAGE_CONFIGURATIONS_MAX, PutOutcome,
    Seen, delete, get, list, put,
};
pub use tree::DEPTH_MAX;

#[cfg(target_family = "wasm")]
mod component;
