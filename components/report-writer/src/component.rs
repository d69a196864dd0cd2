//! Binds the logic to the world `report-writer`. Decides nothing.
#![expect(unsafe_code, reason = "the export macro of wit-bindgen")]

use std::time::Duration;

use stocktake_capabilities as plain;
use stocktake_core::timestamp::Millis;
use stocktake_guest::Host;

use crate::Capabilities;

mod bindings {
    #![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]
    wit_bindgen::generate!({
        path: [
            "../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/random",
            "../../wit/deps/filesystem", "../../wit/deps/sockets", "../../wit/deps/cli",
            "../../wit/deps/http", "../../wit/host", "../../wit/functions", "../../wit/worlds.wit",
        ],
        world: "stocktake:components/report-writer",
        with: {
            "stocktake:host/types@0.1.0": stocktake_guest::bindings::stocktake::host::types,
            "stocktake:host/objects@0.1.0": stocktake_guest::bindings::stocktake::host::objects,
            "stocktake:host/uploads@0.1.0": stocktake_guest::bindings::stocktake::host::uploads,
            "stocktake:host/state@0.1.0": stocktake_guest::bindings::stocktake::host::state,
            "stocktake:host/queue@0.1.0": stocktake_guest::bindings::stocktake::host::queue,
        },
        generate_all,
    });
}

use bindings::exports::stocktake::functions::{cron, tasks};
use bindings::stocktake::functions::types::{Failure, Retry};
use bindings::wasi::clocks::{monotonic_clock, wall_clock};

struct Component;

bindings::export!(Component with_types_in bindings);

/// Does something with the capabilities of a call that begins now.
fn within<T>(call: impl FnOnce(Capabilities<'_, Host, Host, Host>) -> T) -> T {
    let begun = monotonic_clock::now();
    let elapsed = || Duration::from_nanos(monotonic_clock::now().saturating_sub(begun));
    call(Capabilities { objects: &Host, uploads: &Host, state: &Host, elapsed: &elapsed })
}

impl cron::Guest for Component {
    fn handle(tick: cron::Tick) -> Result<Vec<cron::Task>, Failure> {
        let at = Millis::from_parts(tick.at.seconds, tick.at.nanoseconds);
        answer(crate::cron(at, &Host))
    }
}

impl tasks::Guest for Component {
    fn handle(task: tasks::Task) -> Result<Vec<tasks::Task>, Failure> {
        answer(within(|has| crate::handle(&task.into(), now(), has)))
    }

    fn give_up(task: tasks::Task, reason: String) -> Result<Vec<tasks::Task>, Failure> {
        answer(within(|has| crate::give_up(&task.into(), &reason, now(), has)))
    }
}

fn now() -> Millis {
    let now = wall_clock::now();
    Millis::from_parts(now.seconds.try_into().unwrap_or(i64::MAX), now.nanoseconds)
}

fn answer(result: Result<Vec<plain::Task>, plain::Failure>) -> Result<Vec<tasks::Task>, Failure> {
    match result {
        Ok(tasks) => Ok(tasks.into_iter().map(Into::into).collect()),
        Err(plain::Failure::Retry { reason, after_ms }) => {
            Err(Failure::Retry(Retry { reason, after_ms }))
        }
        Err(plain::Failure::Reject(reason)) => Err(Failure::Reject(reason)),
    }
}
