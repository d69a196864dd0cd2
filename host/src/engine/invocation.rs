//! What belongs to one invocation: its capabilities, its bounds, its output.

use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::http::Hooks;
use super::output::Captured;
use super::{
    CORE_INSTANCES_PER_COMPONENT, Engine, FIRST_EPOCHS, MEMORIES_PER_COMPONENT, TABLE_ELEMENTS_MAX,
    TABLES_PER_COMPONENT,
};
use crate::capabilities::Capabilities;

/// Bytes that a guest may pass in one host call: a part of 8 MiB, with room for a page of the longest keys.
const HOST_CALL_BYTES_MAX: usize = 64 << 20;

/// Handles and WASI resources that one instance may hold: a leak should end before the host feels it.
const HANDLES_MAX: usize = 10_000;

/// The state of a store.
pub(crate) struct Invocation {
    pub(crate) capabilities: Capabilities,
    /// How long it was waited for stores.
    pub(crate) waited: Duration,
    pub(super) limiter: Limiter,
    pub(super) stdout: Captured,
    pub(super) stderr: Captured,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    table: ResourceTable,
}

impl Invocation {
    /// A store for one call that has to be over at `deadline`.
    pub(super) fn store(
        engine: &Engine,
        capabilities: &Capabilities,
        deadline: Instant,
    ) -> Store<Self> {
        let (stdout, stderr) = (Captured::default(), Captured::default());
        let mut wasi = WasiCtx::builder();
        wasi.stdout(stdout.clone())
            .stderr(stderr.clone())
            .envs(&capabilities.environment)
            .wall_clock(capabilities.clock)
            .allow_tcp(false)
            .allow_udp(false);
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES_MAX);
        let limiter = Limiter { max: engine.options.memory_bytes, now: 0, peak: 0 };
        let mut store = Store::new(
            &engine.wasmtime,
            Self {
                capabilities: capabilities.clone(),
                waited: Duration::ZERO,
                limiter,
                stdout,
                stderr,
                wasi: wasi.build(),
                http: WasiHttpCtx::new(),
                hooks: Hooks,
                table,
            },
        );
        store.limiter(|invocation| &mut invocation.limiter);
        store.set_hostcall_fuel(HOST_CALL_BYTES_MAX);
        store.set_max_component_handles(HANDLES_MAX);
        store.set_epoch_deadline(FIRST_EPOCHS);
        store.epoch_deadline_callback(move |_| {
            if Instant::now() < deadline {
                Ok(UpdateDeadline::Yield(1))
            } else {
                Err(wasmtime::Error::new(TimeIsUp))
            }
        });
        store
    }
}

impl WasiView for Invocation {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Invocation {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// Stopped at the deadline.
#[derive(Debug, thiserror::Error)]
#[error("the deadline has passed")]
pub(super) struct TimeIsUp;

/// Stopped at the memory cap.
#[derive(Debug, thiserror::Error)]
#[error("{wanted} bytes of memory wanted, limit is {max}")]
pub(super) struct MemoryIsFull {
    pub(super) wanted: usize,
    max: usize,
}

/// Caps the memory of an invocation, and remembers its peak.
pub(super) struct Limiter {
    max: usize,
    now: usize,
    pub(super) peak: usize,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.now.saturating_add(desired.saturating_sub(current));
        if wanted > self.max {
            // A guest that could go on would end in its own abort, with less to say.
            return Err(wasmtime::Error::new(MemoryIsFull { wanted, max: self.max }));
        }
        self.now = wanted;
        self.peak = self.peak.max(wanted);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS_MAX {
            return Err(wasmtime::Error::msg(format!(
                "{desired} table elements wanted, limit is {TABLE_ELEMENTS_MAX}"
            )));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_PER_COMPONENT as usize
    }

    fn tables(&self) -> usize {
        TABLES_PER_COMPONENT as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_PER_COMPONENT as usize
    }
}
