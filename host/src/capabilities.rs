//! What the host supplies to components: the interfaces of `stocktake:host` over the engines that were given.
//!
//! A guest's mistake becomes an error of the WIT interface; a bug of the host becomes a trap that bears a
//! `HostFault`. Nothing here knows about triggers, or how a component is run.

pub(crate) mod bindings;
mod buckets;
mod clock;
pub(crate) mod convert;
mod counters;
mod identities;
mod objects;
mod queue;
mod state;
mod store_calls;
mod uploads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use stocktake_capabilities::{
    BucketCreation, Buckets, Error, Identities, Objects, State, TASKS_MAX, Uploads,
};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Notify;
use wasmtime::component::{HasSelf, Linker};

use bindings::stocktake::host as wit;

pub use clock::Clock;
pub use counters::Counters;
pub use store_calls::StoreCalls;

use crate::engine::Invocation;
use crate::panic_text;
use crate::queue::{QueueError, Task, TaskQueue};

/// The most bytes of a cursor that a component hands back: what `stocktake:host/types.continuation` promises.
pub const CONTINUATION_BYTES_MAX: usize = 8 << 10;

/// The most bytes of an upload id: what `stocktake:host/uploads.upload-id` promises.
pub const UPLOAD_ID_BYTES_MAX: usize = 1 << 10;

/// The most parts of an upload; S3's own limit.
pub const PARTS_MAX: usize = 10_000;

/// The interfaces of `stocktake:host` that can be supplied, for messages.
pub(crate) const SUPPLIED: [&str; 7] =
    ["objects", "uploads", "buckets", "bucket-creation", "state", "queue", "identities"];

/// The engines behind the capabilities, the clock, and what is counted.
///
/// - Clones share everything.
/// - A capability without an engine answers `unsupported`.
#[derive(Clone, Default)]
pub struct Capabilities {
    /// Reading buckets.
    pub objects: Option<Arc<dyn Objects + Send + Sync>>,
    /// Writing objects.
    pub uploads: Option<Arc<dyn Uploads + Send + Sync>>,
    /// Which buckets there are.
    pub buckets: Option<Arc<dyn Buckets + Send + Sync>>,
    /// Making buckets.
    pub bucket_creation: Option<Arc<dyn BucketCreation + Send + Sync>>,
    /// Small durable records.
    pub state: Option<Arc<dyn State + Send + Sync>>,
    /// Work for later.
    pub queue: Option<Queue>,
    /// Who may call, and their secrets: for the component that answers HTTP requests, and for no other.
    pub identities: Option<Arc<dyn Identities + Send + Sync>>,
    /// What components read as environment variables.
    pub environment: Arc<[(String, String)]>,
    /// What components are told when they ask for the time.
    pub clock: Clock,
    /// What was done so far.
    pub counters: Arc<Counters>,
}

/// A task queue together with the bell that wakes idle workers.
#[derive(Clone)]
pub struct Queue {
    engine: Arc<dyn TaskQueue>,
    bell: Arc<Notify>,
}

impl Queue {
    /// Wraps an engine. Everything that adds tasks to it has to go through clones of this value.
    #[must_use]
    pub fn new(engine: Arc<dyn TaskQueue>) -> Self {
        Self { engine, bell: Arc::new(Notify::new()) }
    }

    /// Adds tasks, due from now on by the system's clock, and wakes idle workers.
    ///
    /// Blocks while the engine writes.
    ///
    /// # Errors
    /// As [`TaskQueue::enqueue`].
    pub fn enqueue(&self, tasks: &[Task]) -> Result<(), QueueError> {
        self.engine.enqueue(tasks, Clock::system().now())?;
        self.wake();
        Ok(())
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Arc<dyn TaskQueue> {
        &self.engine
    }

    pub(crate) fn wake(&self) {
        self.bell.notify_waiters();
    }

    pub(crate) fn bell(&self) -> &Notify {
        &self.bell
    }
}

impl stocktake_capabilities::Queue for Queue {
    fn enqueue(&self, tasks: &[Task]) -> Result<(), Error> {
        if tasks.len() > TASKS_MAX {
            let found = tasks.len();
            return Err(Error::InvalidArgument(format!(
                "{found} tasks at once, the limit is {TASKS_MAX}; split them"
            )));
        }
        Queue::enqueue(self, tasks).map_err(|error| match error {
            QueueError::InvalidTask { .. } => Error::InvalidArgument(error.to_string()),
            QueueError::Engine(source) => Error::Unavailable(format!("{source:#}")),
        })
    }
}

/// The host itself is broken; the component is not to blame.
#[derive(Debug, thiserror::Error)]
#[error("the host's own `{capability}` broke down: {detail}")]
pub(crate) struct HostFault {
    capability: &'static str,
    detail: String,
}

/// Makes every capability of this host available to components. What a component does not import, it does not get.
pub(crate) fn add_to_linker(linker: &mut Linker<Invocation>) -> wasmtime::Result<()> {
    wit::objects::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    wit::uploads::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    wit::buckets::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    wit::bucket_creation::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    wit::state::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    wit::queue::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    wit::identities::add_to_linker::<_, HasSelf<Invocation>>(linker, |invocation| invocation)?;
    Ok(())
}

impl wit::types::Host for Invocation {}

/// Runs a call of an engine, which may block.
///
/// It runs on this very thread, after another one has taken over what else the thread had to do: a page of a listing
/// takes less time than two changes of threads. Only a runtime of a single thread has to hand the call over.
async fn blocking<E, R>(
    capability: &'static str,
    engine: Option<&Arc<E>>,
    call: impl FnOnce(&E) -> Result<R, Error> + Send + 'static,
) -> wasmtime::Result<Result<R, wit::types::Error>>
where
    E: ?Sized + Send + Sync + 'static,
    R: Send + 'static,
{
    let Some(engine) = engine.map(Arc::clone) else {
        return Ok(Err(missing(capability)));
    };
    let call = move || call(&engine);
    let answer = match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => {
            tokio::task::spawn_blocking(call).await.map_err(|broken| broken.to_string())
        }
        _ => tokio::task::block_in_place(|| catch_unwind(AssertUnwindSafe(call)))
            .map_err(|panic| panic_text(&*panic)),
    };
    match answer {
        Ok(answer) => Ok(answer.map_err(convert::error)),
        Err(detail) => Err(wasmtime::Error::new(HostFault { capability, detail })),
    }
}

/// Runs a call of a store as [`blocking`] does, and notes how long it is waited for.
async fn store_call<E, R>(
    invocation: &mut Invocation,
    capability: &'static str,
    engine: impl FnOnce(&Capabilities) -> Option<&Arc<E>>,
    call: impl FnOnce(&E) -> Result<R, Error> + Send + 'static,
) -> wasmtime::Result<Result<R, wit::types::Error>>
where
    E: ?Sized + Send + Sync + 'static,
    R: Send + 'static,
{
    let calls = invocation.capabilities.counters.store_calls().clone();
    let under_way = calls.begin();
    let answer = blocking(capability, engine(&invocation.capabilities), call).await;
    invocation.waited += under_way.elapsed();
    if matches!(answer, Ok(Err(wit::types::Error::Throttled(_)))) {
        calls.throttle();
    }
    answer
}

fn missing(capability: &str) -> wit::types::Error {
    wit::types::Error::Unsupported(format!("this host has no engine for `{capability}`"))
}

/// Refuses an argument above its documented size.
fn limit(what: &str, found: usize, max: usize) -> Result<(), wit::types::Error> {
    if found <= max {
        return Ok(());
    }
    Err(wit::types::Error::InvalidArgument(format!("{what} has {found}, limit is {max}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_above_its_limit_is_refused_with_the_limit() {
        assert!(limit("the cursor", CONTINUATION_BYTES_MAX, CONTINUATION_BYTES_MAX).is_ok());
        let refused = limit("the cursor", CONTINUATION_BYTES_MAX + 1, CONTINUATION_BYTES_MAX);
        let Err(wit::types::Error::InvalidArgument(text)) = refused else { panic!("{refused:?}") };
        assert_eq!(text, "the cursor has 8193, limit is 8192");
    }

    #[tokio::test]
    async fn an_engine_that_panics_is_the_hosts_fault() {
        assert_faulty().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn an_engine_that_panics_on_a_worker_is_the_hosts_fault() {
        tokio::spawn(assert_faulty()).await.unwrap();
    }

    async fn assert_faulty() {
        let engine: Arc<str> = Arc::from("engine");
        let answer = blocking::<str, ()>("state", Some(&engine), |_| panic!("a bug")).await;
        let error = answer.unwrap_err();
        assert!(error.is::<HostFault>() && format!("{error:?}").contains("a bug"), "{error:?}");
    }
}
