//! Runs components: compiles them once, and gives each call a fresh instance with bounds on everything.
//!
//! An instance has memory up to a cap, time up to a deadline, and the capabilities that it imports; it has no network,
//! no files, no environment and no arguments. Nothing here knows about tasks, schedules or configuration files.

mod cache;
mod component;
mod export;
mod functions;
mod http;
mod imports;
mod invocation;
mod output;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

pub use component::{CallError, Component, ComponentError, Invoked, Usage};
pub use export::Export;
pub use functions::policy;
pub use functions::{
    CancelOutcome, ConfigurationPage, Failure, Finding, Judgement, PutOutcome, RunPage,
    StartOutcome, Syntax, TaskAnswer,
};
pub use http::{ANSWER_BYTES_MAX, HttpAnswer, HttpRequest};
pub(crate) use invocation::Invocation;
pub use stocktake_core::finding::{Dialect, Level};

use crate::capabilities;
use cache::Cache;

/// The memory of one invocation unless another cap is set: what small platforms give a function.
pub const MEMORY_BYTES_DEFAULT: usize = 128 << 20;

/// The time of one invocation unless another deadline is set: what small platforms give a function.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(30);

/// How many instances exist at once unless told otherwise. Further calls wait for a place.
pub const INSTANCES_DEFAULT: u32 = 32;

/// The largest component that is loaded: ours have below 5 MiB, those with an interpreter inside about 40.
pub const COMPONENT_BYTES_MAX: u64 = 128 << 20;

/// How often running code looks whether its time is up, and lets others run.
const EPOCH: Duration = Duration::from_millis(10);

/// Epochs until it does so for the first time. With one, every short call that an epoch happens to end in would go behind
/// all others that wait, near its own end: they are few, and they are the latest 1 % of answers.
const FIRST_EPOCHS: u64 = 2;

/// Stack of a guest, and of the fiber that it runs on; the second also holds the frames of host calls.
const WASM_STACK_BYTES: usize = 512 << 10;
const FIBER_STACK_BYTES: usize = 2 << 20;

/// Frames of a backtrace that are worth reading.
const BACKTRACE_FRAMES: usize = 20;

/// Core instances and memories of one component: a composed one has several of each.
const CORE_INSTANCES_PER_COMPONENT: u32 = 64;
const MEMORIES_PER_COMPONENT: u32 = 8;
const TABLES_PER_COMPONENT: u32 = 32;

/// What the pool has for each instance: a component of one part has one memory, two tables and four core instances, and
/// one of five parts five times as many. A gateway with what it calls and what supplies it has four, and each of the
/// requests at work may be in one, however many the settings allow. What is not used costs addresses alone.
const MEMORIES_PER_PLACE: u32 = 5;
const TABLES_PER_PLACE: u32 = 10;
const CORE_INSTANCES_PER_PLACE: u32 = 20;

/// Table elements of one table; an element costs a pointer.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 20_000;

/// Memory of a slot that stays resident between instances, where the kernel tells which pages were written and cleaning
/// others is saved: what an instance of `http-gateway` writes, with room. Mapping such pages anew costs a fault each.
const KEEP_WRITTEN_BYTES: usize = 512 << 10;

/// The same where it does not. More makes a slot slower to clean than to map anew.
const KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// Without a pool a memory is moved when it has grown by so much, and has a guard of so much behind it. Wasmtime would
/// reserve 4 GiB of addresses for each, which saves moves and checks of bounds, and is more than there may be.
const GROWTH_BYTES: u64 = 1 << 20;
const GUARD_BYTES: u64 = 64 << 10;

/// What an engine allows its components.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The memory of one invocation, all of its linear memories together.
    pub memory_bytes: usize,
    /// The time of one invocation.
    pub deadline: Duration,
    /// How many instances exist at once.
    pub instances: u32,
    /// Where compiled code is kept; none compiles in memory each time. See [`Engine::new`].
    pub cache: Option<PathBuf>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            memory_bytes: MEMORY_BYTES_DEFAULT,
            deadline: DEADLINE_DEFAULT,
            instances: INSTANCES_DEFAULT,
            cache: None,
        }
    }
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine cannot start")]
pub struct EngineError(#[source] anyhow::Error);

/// Compiles and runs components. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    linker: Arc<Linker<Invocation>>,
    options: EngineOptions,
    places: Arc<Semaphore>,
    cache: Option<Arc<Cache>>,
}

impl Engine {
    /// Starts an engine, and one thread that keeps its time.
    ///
    /// The directory for compiled code is made if it is missing. It must belong to the user and be closed to all
    /// others, since what it holds is run as native code; otherwise it is not used, and the log says so.
    ///
    /// # Errors
    /// [`EngineError`] if this machine cannot run WebAssembly.
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let engine = pooling_or_on_demand(&options).map_err(|error| EngineError(error.into()))?;
        let linker = linker(&engine).map_err(|error| EngineError(error.into()))?;
        keep_time(&engine).map_err(|error| EngineError(error.into()))?;
        let cache = options.cache.as_deref().and_then(|directory| open_cache(directory, &engine));
        let places = Arc::new(Semaphore::new(options.instances as usize));
        Ok(Self { wasmtime: engine, linker: Arc::new(linker), options, places, cache })
    }

    /// What this engine allows its components.
    #[must_use]
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }
}

/// An engine that takes instances from a pool, or from the system where there is no room for a pool.
fn pooling_or_on_demand(options: &EngineOptions) -> wasmtime::Result<wasmtime::Engine> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(options)));
    match wasmtime::Engine::new(&config) {
        Ok(engine) => Ok(engine),
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "memory cannot be reserved for a pool of instances; raise `ulimit -v` if it is set; meanwhile each call allocates its own memory, which is slower"
            );
            config
                .allocation_strategy(InstanceAllocationStrategy::OnDemand)
                .memory_reservation(0)
                .memory_reservation_for_growth(GROWTH_BYTES)
                .memory_guard_size(GUARD_BYTES)
                .guard_before_linear_memory(false);
            wasmtime::Engine::new(&config)
        }
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // Components are synchronous here; stores are lighter without what concurrency needs.
        .concurrency_support(false)
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        .memory_init_cow(true)
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES))
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .shared_memory(false);
    config
}

fn pool(options: &EngineOptions) -> PoolingAllocationConfig {
    let places = options.instances;
    let mut pool = PoolingAllocationConfig::new();
    // Linux 6.7 and later.
    let tells_written = PoolingAllocationConfig::is_pagemap_scan_available();
    let kept = if tells_written { KEEP_WRITTEN_BYTES } else { KEEP_RESIDENT_BYTES };
    pool.total_component_instances(places)
        .total_core_instances(places.saturating_mul(CORE_INSTANCES_PER_PLACE))
        .total_memories(places.saturating_mul(MEMORIES_PER_PLACE))
        .total_tables(places.saturating_mul(TABLES_PER_PLACE))
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .total_stacks(places)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_memory_size(options.memory_bytes)
        .table_elements(TABLE_ELEMENTS_MAX)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(kept)
        .table_keep_resident(KEEP_RESIDENT_BYTES)
        .decommit_batch_size(16)
        .max_unused_warm_slots(places);
    pool
}

/// Everything that a component can import here.
fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Invocation>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    http::add_to_linker(&mut linker)?;
    capabilities::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Advances the epoch until the engine is gone.
fn keep_time(engine: &wasmtime::Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new().name("epochs".to_owned()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(EPOCH);
        }
    })?;
    Ok(())
}

fn open_cache(directory: &Path, engine: &wasmtime::Engine) -> Option<Arc<Cache>> {
    match Cache::open(directory, engine) {
        Ok(cache) => Some(Arc::new(cache)),
        Err(error) => {
            tracing::warn!(
                directory = %directory.display(),
                %error,
                "compiled code is not kept; every start compiles anew"
            );
            None
        }
    }
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
