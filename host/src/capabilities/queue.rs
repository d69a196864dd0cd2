//! `stocktake:host/queue`.

use std::sync::Arc;

use super::bindings::stocktake::host::queue as wit;
use super::bindings::stocktake::host::types::Error;
use super::{Queue, blocking, convert};
use crate::engine::Invocation;
use crate::queue::Task;

impl wit::Host for Invocation {
    async fn enqueue(&mut self, tasks: Vec<wit::Task>) -> wasmtime::Result<Result<(), Error>> {
        let tasks: Vec<Task> = tasks.into_iter().map(convert::task).collect();
        let queue = self.capabilities.queue.clone().map(Arc::new);
        blocking::<Queue, ()>("queue", queue.as_ref(), move |queue| {
            stocktake_capabilities::Queue::enqueue(queue, &tasks)
        })
        .await
    }
}
