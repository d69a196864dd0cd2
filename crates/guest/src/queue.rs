//! Asking for work to be done later.

use stocktake_capabilities as plain;

use crate::Host;
use crate::bindings::stocktake::host::queue as wit;

impl plain::Queue for Host {
    fn enqueue(&self, tasks: &[plain::Task]) -> Result<(), plain::Error> {
        let tasks: Vec<wit::Task> = tasks.iter().cloned().map(Into::into).collect();
        Ok(wit::enqueue(&tasks)?)
    }
}
