//! `stocktake:host/queue`.

use std::sync::Arc;

use stocktake_capabilities::TASKS_MAX;

use super::bindings::stocktake::host::queue as wit;
use super::bindings::stocktake::host::types::Error;
use super::{blocking, convert, limit};
use crate::engine::Invocation;
use crate::queue::{QueueError, Task};

impl wit::Host for Invocation {
    async fn enqueue(&mut self, tasks: Vec<wit::Task>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(refused) = limit("the list of tasks", tasks.len(), TASKS_MAX) {
            return Ok(Err(refused));
        }
        let tasks: Vec<Task> = tasks.into_iter().map(convert::task).collect();
        let queue = self.capabilities.queue.clone().map(Arc::new);
        blocking("queue", queue.as_ref(), move |queue| queue.enqueue(&tasks).map_err(error)).await
    }
}

fn error(error: QueueError) -> stocktake_capabilities::Error {
    match error {
        QueueError::InvalidTask { .. } => {
            stocktake_capabilities::Error::InvalidArgument(error.to_string())
        }
        QueueError::Engine(source) => {
            stocktake_capabilities::Error::Unavailable(format!("{source:#}"))
        }
    }
}
