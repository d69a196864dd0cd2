//! A component that is ready to be called, and what a call costs.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, Instant};

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::export::Export;
use super::functions::Exports;
use super::imports::unsatisfied;
use super::invocation::{MemoryIsFull, TimeIsUp};
use super::output::Stream;
use super::{COMPONENT_BYTES_MAX, Engine, Invocation};
use crate::capabilities::{Capabilities, HostFault};

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// Its file cannot be read.
    #[error("component `{name}`: `{path}` cannot be read")]
    Unreadable {
        /// The component.
        name: String,
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is larger than [`COMPONENT_BYTES_MAX`].
    #[error("component `{name}`: `{path}` is larger than {COMPONENT_BYTES_MAX} bytes")]
    TooLarge {
        /// The component.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// It is no WebAssembly component, or one that needs what this engine has not.
    #[error("component `{name}` cannot be compiled")]
    Invalid {
        /// The component.
        name: String,
        /// Why.
        #[source]
        source: anyhow::Error,
    },
    /// It asks for something that this host does not supply.
    #[error("component `{name}` imports `{import}`, {why}; available are {available}")]
    Import {
        /// The component.
        name: String,
        /// What it asks for.
        import: String,
        /// Why it does not get it.
        why: String,
        /// What there is.
        available: String,
    },
}

/// Why a call came to no answer. The component may be called again: each call has its own instance.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// It does not export this interface.
    #[error("component `{component}` does not export `{}`", export.name())]
    NoExport {
        /// The component.
        component: String,
        /// What it lacks.
        export: Export,
    },
    /// It took too long.
    #[error(
        "component `{component}` was stopped after {limit:?}, its deadline{}", waiting(*waited)
    )]
    Deadline {
        /// The component.
        component: String,
        /// The time it had.
        limit: Duration,
        /// How much of it was spent in calls of a store that returned.
        waited: Duration,
    },
    /// It wanted too much memory.
    #[error("component `{component}` wanted {wanted} bytes of memory, limit is {limit}")]
    OutOfMemory {
        /// The component.
        component: String,
        /// All of its memory, had it been given what it wanted.
        wanted: usize,
        /// The cap.
        limit: usize,
    },
    /// It crashed or broke the contract.
    #[error("component `{component}` crashed")]
    Trap {
        /// The component.
        component: String,
        /// The trap and its backtrace.
        #[source]
        source: anyhow::Error,
    },
    /// This host broke down; the component is not to blame.
    #[error("the host broke down under component `{component}`")]
    Host {
        /// The component.
        component: String,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
}

/// How much of a call's time the store took, for a message.
fn waiting(waited: Duration) -> String {
    if waited.is_zero() {
        return String::new();
    }
    format!("; {waited:.1?} of that it waited for the store")
}

impl CallError {
    /// Who is to blame: `guest`, `store` or `host`.
    #[must_use]
    pub fn blame(&self) -> &'static str {
        match self {
            Self::Host { .. } => "host",
            Self::Deadline { limit, waited, .. } if *waited >= *limit / 2 => "store",
            Self::NoExport { .. }
            | Self::Deadline { .. }
            | Self::OutOfMemory { .. }
            | Self::Trap { .. } => "guest",
        }
    }
}

/// What a call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The most linear memory that the instance had at one time.
    pub peak_memory_bytes: usize,
    /// From the beginning of the instance to the answer.
    pub elapsed: Duration,
}

/// An answer, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoked<T> {
    /// The answer.
    pub value: T,
    /// What it cost.
    pub usage: Usage,
}

/// A component that is compiled and linked. Each call gets a fresh instance; clones share the code.
#[derive(Clone)]
pub struct Component {
    pub(super) name: String,
    pub(super) exports: Exports,
    engine: Engine,
    pre: InstancePre<Invocation>,
}

impl Engine {
    /// Loads a component from a file. Compiles it unless compiled code is kept, which takes seconds.
    ///
    /// # Errors
    /// [`ComponentError`], which names the component.
    pub fn load_file(&self, name: &str, path: &Path) -> Result<Component, ComponentError> {
        let mut wasm = Vec::new();
        fs::File::open(path)
            .and_then(|file| file.take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut wasm))
            .map_err(|source| ComponentError::Unreadable {
                name: name.to_owned(),
                path: path.to_owned(),
                source,
            })?;
        if wasm.len() as u64 > COMPONENT_BYTES_MAX {
            return Err(ComponentError::TooLarge { name: name.to_owned(), path: path.to_owned() });
        }
        self.load(name, &wasm)
    }

    /// Loads a component from its bytes. Compiles it unless compiled code is kept, which takes seconds.
    ///
    /// # Errors
    /// [`ComponentError`], which names the component.
    pub fn load(&self, name: &str, wasm: &[u8]) -> Result<Component, ComponentError> {
        let invalid = |source: wasmtime::Error| ComponentError::Invalid {
            name: name.to_owned(),
            source: source.into(),
        };
        let component = self.compiled(wasm).map_err(invalid)?;
        let pre = self.linker.instantiate_pre(&component).map_err(|error| {
            unsatisfied(name, &component, &self.wasmtime).unwrap_or_else(|| invalid(error))
        })?;
        let exports = Exports::of(&pre);
        Ok(Component { name: name.to_owned(), exports, engine: self.clone(), pre })
    }

    fn compiled(&self, wasm: &[u8]) -> wasmtime::Result<wasmtime::component::Component> {
        let kept = self.cache.as_ref().and_then(|cache| cache.load(&self.wasmtime, wasm));
        if let Some(component) = kept {
            return Ok(component);
        }
        let started = Instant::now();
        let component = wasmtime::component::Component::from_binary(&self.wasmtime, wasm)?;
        tracing::debug!(elapsed = ?started.elapsed(), "compiled");
        if let Some(cache) = &self.cache {
            cache.store(wasm, &component);
        }
        Ok(component)
    }
}

impl Component {
    /// The name that it was loaded under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it exports this interface.
    #[must_use]
    pub fn exports(&self, export: Export) -> bool {
        self.exports.has(export)
    }

    /// Whether it imports this interface of `stocktake:host`.
    #[must_use]
    pub fn imports(&self, capability: &str) -> bool {
        let kind = self.pre.component().component_type();
        kind.imports(&self.engine.wasmtime).any(|(import, _)| {
            let import = import.strip_prefix("stocktake:host/");
            import.and_then(|rest| rest.split('@').next()) == Some(capability)
        })
    }

    /// Runs one call in a fresh instance.
    ///
    /// Waits while as many instances run as the engine allows; the deadline begins afterwards, and is the engine's or
    /// `limit`, whichever comes first. A call that is dropped stops its instance.
    pub(super) async fn invoke<T>(
        &self,
        capabilities: &Capabilities,
        limit: Option<Duration>,
        call: impl for<'a> FnOnce(&'a mut Store<Invocation>, &'a Instance) -> Answer<'a, T> + Send,
    ) -> Result<Invoked<T>, CallError> {
        let _place = self.engine.places.acquire().await.map_err(|closed| CallError::Host {
            component: self.name.clone(),
            source: closed.into(),
        })?;
        let started = Instant::now();
        let deadline = self.engine.options.deadline;
        let limit = limit.map_or(deadline, |limit| limit.min(deadline));
        let mut store = Invocation::store(&self.engine, capabilities, started + limit);
        let answer = tokio::time::timeout(limit, async {
            let instance = self.pre.instantiate_async(&mut store).await?;
            call(&mut store, &instance).await
        })
        .await
        .unwrap_or_else(|_| Err(wasmtime::Error::new(TimeIsUp)));
        let invocation = store.data();
        invocation.stdout.log(&self.name, Stream::Stdout);
        invocation.stderr.log(&self.name, Stream::Stderr);
        let peak_memory_bytes = invocation.limiter.peak;
        let waited = invocation.waited;
        match answer {
            Ok(value) => Ok(Invoked {
                value,
                usage: Usage { peak_memory_bytes, elapsed: started.elapsed() },
            }),
            Err(error) => Err(self.failed(error, limit, waited)),
        }
    }

    /// What an answer above a limit of the host means.
    pub(super) fn broke(&self, source: impl Into<anyhow::Error>) -> CallError {
        CallError::Trap { component: self.name.clone(), source: source.into() }
    }

    pub(super) fn lacks(&self, export: Export) -> CallError {
        CallError::NoExport { component: self.name.clone(), export }
    }

    fn failed(&self, error: wasmtime::Error, limit: Duration, waited: Duration) -> CallError {
        let component = self.name.clone();
        let options = &self.engine.options;
        if error.is::<TimeIsUp>() {
            return CallError::Deadline { component, limit, waited };
        }
        if let Some(full) = error.downcast_ref::<MemoryIsFull>() {
            let limit = options.memory_bytes;
            return CallError::OutOfMemory { component, wanted: full.wanted, limit };
        }
        if error.is::<HostFault>() || error.is::<wasmtime::PoolConcurrencyLimitError>() {
            return CallError::Host { component, source: error.into() };
        }
        CallError::Trap { component, source: error.into() }
    }
}

/// What a call answers in the end.
pub(super) type Answer<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;
