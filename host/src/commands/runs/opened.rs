//! Where runs are looked after: in the database here, or by a `serve` that has it.

use anyhow::anyhow;
use stocktake_core::timestamp::Millis;
use tokio::runtime::Runtime;

use super::super::arguments::RunsArguments;
use super::super::assembly::Host;
use super::super::inventory::{answer, prepare};
use super::super::remote::{Notice, Remote};
use super::super::{CommandError, Environment};
use crate::capabilities::{Capabilities, Queue, convert};
use crate::config::INVENTORY_CONFIG;
use crate::engine::{CancelOutcome, Component, RunPage};
use crate::engines::EmbeddedError;

/// The runs of one configuration.
pub(super) enum Opened {
    Here(Box<Here>),
    Served(Remote),
}

/// A host of our own, with the database open.
pub(super) struct Here {
    pub(super) host: Host,
    pub(super) component: Component,
    pub(super) capabilities: Capabilities,
    pub(super) queue: Queue,
}

impl Opened {
    /// Opens the database, or finds the `serve` that is named or has the database.
    pub(super) fn open(
        of: &RunsArguments,
        environment: &Environment,
        runtime: &Runtime,
    ) -> Result<Self, CommandError> {
        let (place, clock) = ((of.place.bucket.as_str(), of.id.as_str()), of.place.host.clock());
        if let Some(remote) = Remote::named(&of.remote, environment, clock, place)? {
            return Ok(Self::Served(remote));
        }
        let host = prepare(&of.place, environment, runtime)?;
        let component = host.load(INVENTORY_CONFIG)?;
        match host.open() {
            Ok((capabilities, queue)) => {
                Ok(Self::Here(Box::new(Here { host, component, capabilities, queue })))
            }
            Err(CommandError::Failed(error)) if is_taken(&error) => {
                let notice = Notice::read(host.data())?;
                let notice = notice.ok_or_else(|| {
                    let data = host.data().display();
                    anyhow!(
                        "a `stocktake` has the database in `{data}` and serves no HTTP, so it cannot be asked; stop it, or start `serve` with --listen"
                    )
                })?;
                Remote::noted(notice, &of.remote, environment, clock, place).map(Self::Served)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn page(
        &self,
        of: &RunsArguments,
        cursor: Option<&str>,
        runtime: &Runtime,
    ) -> Result<RunPage, CommandError> {
        match self {
            Self::Here(here) => {
                let place = (of.place.bucket.as_str(), of.id.as_str());
                answer(runtime, here.component.call_list_runs(&here.capabilities, place, cursor))
            }
            Self::Served(remote) => runtime.block_on(remote.page(cursor)),
        }
    }

    pub(super) fn get(
        &self,
        of: &RunsArguments,
        run: &str,
        runtime: &Runtime,
    ) -> Result<Option<String>, CommandError> {
        match self {
            Self::Here(here) => {
                let place = (of.place.bucket.as_str(), of.id.as_str());
                answer(runtime, here.component.call_get_run(&here.capabilities, place, run))
            }
            Self::Served(remote) => runtime.block_on(remote.get(run)),
        }
    }

    pub(super) fn cancel(
        &self,
        of: &RunsArguments,
        run: &str,
        runtime: &Runtime,
    ) -> Result<CancelOutcome, CommandError> {
        match self {
            Self::Here(here) => {
                let place = (of.place.bucket.as_str(), of.id.as_str());
                answer(runtime, here.component.call_cancel(&here.capabilities, place, run))
            }
            Self::Served(remote) => runtime.block_on(remote.cancel(run)),
        }
    }

    /// When the next scheduled run begins, as RFC 3339 has times.
    pub(super) fn next(
        &self,
        of: &RunsArguments,
        runtime: &Runtime,
    ) -> Result<Option<String>, CommandError> {
        match self {
            Self::Here(here) => {
                let (bucket, id) = (of.place.bucket.as_str(), of.id.as_str());
                let asking = here.component.call_next_run(&here.capabilities, bucket, id);
                let next = answer(runtime, asking)?.map(convert::system_time);
                Ok(next.map(|next| Millis::from_parts(next.seconds, next.nanoseconds).rfc3339()))
            }
            Self::Served(remote) => runtime.block_on(remote.next()),
        }
    }
}

/// Whether somebody else has the database open.
fn is_taken(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(EmbeddedError::InUse { .. }))
}
