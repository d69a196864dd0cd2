//! `stocktake:host/queue`.

use stocktake_capabilities::TASKS_MAX;

use super::bindings::stocktake::host::queue as wit;
use super::bindings::stocktake::host::types::Error;
use super::{HostFault, convert, limit, missing};
use crate::engine::Invocation;
use crate::queue::{QueueError, Task};

impl wit::Host for Invocation {
    async fn enqueue(&mut self, tasks: Vec<wit::Task>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(refused) = limit("the list of tasks", tasks.len(), TASKS_MAX) {
            return Ok(Err(refused));
        }
        let Some(queue) = self.capabilities.queue.clone() else {
            return Ok(Err(missing("queue")));
        };
        let tasks: Vec<Task> = tasks.into_iter().map(convert::task).collect();
        match tokio::task::spawn_blocking(move || queue.enqueue(&tasks)).await {
            Ok(answer) => Ok(answer.map_err(error)),
            Err(broken) => Err(wasmtime::Error::new(HostFault {
                capability: "queue",
                detail: broken.to_string(),
            })),
        }
    }
}

fn error(error: QueueError) -> Error {
    match error {
        QueueError::InvalidTask { .. } => Error::InvalidArgument(error.to_string()),
        QueueError::Engine(source) => Error::Unavailable(format!("{source:#}")),
    }
}
