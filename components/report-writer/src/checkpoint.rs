//! Going on where an earlier call of the same task had to stop.
//!
//! A call has a time limit. Over a slow store it does not get far within it, and a report of files with a few rows each
//! would serve nobody. So what a slow store responds is kept in `state`, and the next call of the task replays those
//! responses before it asks for more. The task itself notices nothing of it and writes the file that a task without a
//! limit would write.
//!
//! A store that fills a file of [`PAGES_MIN`] pages within the limit is fast, and nothing is kept: a call whose time is
//! up ends its file at a key instead.

mod log;
mod pace;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stocktake_capabilities::{
    DetailKinds, Error, Failure, ListOptions, ObjectDetail, ObjectRef, Objects, Page, State,
};
use stocktake_core::run::RunRecord;

use crate::Capabilities;
use crate::records::checkpoint_prefix;
use crate::task::{digest, failure, hex};
use log::Log;
pub(crate) use pace::Pace;

/// How many pages make a file worth ending when time is up. Files of 50,000 rows have some MB, and are not too many.
pub(crate) const PAGES_MIN: u32 = 50;

/// How many responses stay in memory until it is known whether the store is slow: 5 MB of usual pages.
const UNDECIDED_MAX: usize = 16;

/// The share of the time limit after which it is decided.
const UNDECIDED_SHARE: u32 = 10;

/// How many objects are asked about first. Later batches follow the pace of the store.
const BATCH_FIRST: usize = 64;

/// The fewest objects of a batch: as many as a store client asks about side by side.
const BATCH_MIN: usize = 32;

/// The most objects of a batch; the limit of the capability.
const BATCH_MAX: usize = stocktake_capabilities::LIST_ENTRIES_MAX as usize;

/// The time limit of a call and how much of it is spent.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimit<'a> {
    pub(crate) elapsed: &'a dyn Fn() -> Duration,
    pub(crate) max: Duration,
}

impl TimeLimit<'_> {
    /// Whether the time is up.
    fn is_over(self) -> bool {
        (self.elapsed)() >= self.max
    }

    /// The time by which a call has to come to its end: half of what remains until the host stops it.
    fn max_late(self) -> Duration {
        self.max + self.max / 2
    }
}

/// A store whose responses outlive the call, where it is slow.
pub(crate) struct Checkpoint<'a, O, S> {
    objects: &'a O,
    log: Log<'a, S>,
    time: TimeLimit<'a>,
    keeping: RefCell<Keeping>,
    /// How many responses came from the store in this call.
    live: Cell<u32>,
    pages: Cell<u32>,
    batch: Cell<usize>,
    pace: Cell<Pace>,
    is_stopped: Cell<bool>,
}

/// The store as one task of a run sees it: what an earlier call of the task heard comes first.
///
/// `doing` and `after` name the task within the run.
pub(crate) fn checkpoint<'a, O: Objects, U, S: State>(
    run: &RunRecord,
    doing: &str,
    after: Option<&str>,
    has: Capabilities<'a, O, U, S>,
) -> Result<Checkpoint<'a, O, S>, Failure> {
    let prefix = checkpoint_prefix(&run.plan.run, doing, after);
    let max = Duration::from_millis(run.plan.limits.call_millis);
    let time = TimeLimit { elapsed: has.elapsed, max };
    Checkpoint::open(has.objects, has.state, prefix, time)
        .map_err(|error| failure("reading a checkpoint", &error))
}

/// What becomes of responses.
enum Keeping {
    /// They wait until the pace of the store is known.
    Undecided(Vec<Exchange>),
    /// They are kept as they come.
    Kept,
    /// They are dropped. True when a note says that this call has come far: if it dies, the next one keeps them.
    Dropped(bool),
}

/// One call of the store and its response.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// A digest of the call, so that a replay notices when it is out of step.
    call: String,
    took_millis: u64,
    response: Response,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Response {
    Page(Box<Page>),
    Details(Vec<Option<ObjectDetail>>),
    Unsupported(String),
    Denied,
}

impl<'a, O: Objects, S: State> Checkpoint<'a, O, S> {
    /// Opens the checkpoint of a task, whose records have keys that begin with `prefix`.
    ///
    /// # Errors
    /// Those of `state`.
    fn open(
        objects: &'a O,
        state: &'a S,
        prefix: String,
        time: TimeLimit<'a>,
    ) -> Result<Self, Error> {
        let log = Log::new(state, prefix);
        let keeping = if log.is_begun()? { Keeping::Kept } else { Keeping::Undecided(Vec::new()) };
        Ok(Self {
            objects,
            log,
            time,
            keeping: RefCell::new(keeping),
            live: Cell::new(0),
            pages: Cell::new(0),
            batch: Cell::new(BATCH_FIRST),
            pace: Cell::default(),
            is_stopped: Cell::new(false),
        })
    }

    /// Whether a call was refused as the time is up. The task is to be called again, and goes on from here.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.get()
    }

    /// Whether the time is up and the file is worth ending, or responses are not kept.
    pub(crate) fn is_file_due(&self) -> bool {
        self.time.is_over()
            && (self.pages.get() >= PAGES_MIN
                || matches!(*self.keeping.borrow(), Keeping::Dropped(_)))
    }

    /// Whether so little time is left, after a store that took long, that the rest is better done in the next call.
    pub(crate) fn is_late(&self) -> bool {
        self.live.get() > 0
            && matches!(*self.keeping.borrow(), Keeping::Kept)
            && (self.time.elapsed)() >= self.time.max_late()
    }

    /// How fast the store is.
    pub(crate) fn pace(&self) -> Pace {
        self.pace.get()
    }

    /// Removes what `state` holds of this checkpoint: what it was for is done, and must not be replayed.
    ///
    /// # Errors
    /// Those of `state`.
    pub(crate) fn forget(&self) -> Result<(), Failure> {
        if self.has_records() { self.log.delete() } else { Ok(()) }
    }

    fn has_records(&self) -> bool {
        matches!(*self.keeping.borrow(), Keeping::Kept | Keeping::Dropped(true))
    }

    /// The response to a call: replayed, or the store's own.
    fn respond(
        &self,
        call: impl FnOnce() -> String,
        ask: impl FnOnce() -> Result<Response, Error>,
    ) -> Result<Response, Error> {
        // Of a fast store nothing is kept, and no page is worth a digest.
        let is_dropped = matches!(*self.keeping.borrow(), Keeping::Dropped(_));
        let call = if is_dropped { String::new() } else { call() };
        if matches!(*self.keeping.borrow(), Keeping::Kept)
            && let Some(exchange) = self.log.replay(&call)?
        {
            self.note(&exchange);
            return result(exchange.response);
        }
        if self.must_stop()? {
            self.is_stopped.set(true);
            return Err(Error::Unavailable("the time of this call is up".to_owned()));
        }
        let before = (self.time.elapsed)();
        let response = match ask() {
            // The store's last word: a replay has to hear it too, or it is out of step.
            Err(Error::Unsupported(reason)) => Response::Unsupported(reason),
            Err(Error::AccessDenied) => Response::Denied,
            response => response?,
        };
        let took = (self.time.elapsed)().saturating_sub(before);
        let took_millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let exchange = Exchange { call, took_millis, response };
        self.live.set(self.live.get().saturating_add(1));
        self.note(&exchange);
        result(self.keep(exchange)?)
    }

    /// Whether the store is not to be asked in this call any more.
    fn must_stop(&self) -> Result<bool, Error> {
        let elapsed = (self.time.elapsed)();
        match &mut *self.keeping.borrow_mut() {
            // Each call gets one response at least, however long the replay takes.
            Keeping::Kept => Ok(self.live.get() > 0 && elapsed >= self.time.max),
            Keeping::Undecided(_) => Ok(false),
            Keeping::Dropped(is_noted) => {
                if !*is_noted && elapsed >= self.time.max / 2 {
                    self.log.begin()?;
                    *is_noted = true;
                }
                // A store that has become slow. The next call repeats this one, and keeps what it hears.
                Ok(elapsed >= self.time.max_late())
            }
        }
    }

    fn note(&self, exchange: &Exchange) {
        match &exchange.response {
            Response::Page(_) => {
                self.pages.set(self.pages.get().saturating_add(1));
                self.pace.set(self.pace.get().with_page(exchange.took_millis));
            }
            Response::Details(details) => {
                self.pace.set(self.pace.get().with_details(exchange.took_millis));
                let batch = self.batch.get();
                self.batch.set(pace::next_batch(batch, details.len(), exchange.took_millis));
            }
            Response::Unsupported(_) | Response::Denied => {}
        }
    }

    /// Keeps an exchange, or decides whether to.
    fn keep(&self, exchange: Exchange) -> Result<Response, Error> {
        let mut keeping = self.keeping.borrow_mut();
        match &mut *keeping {
            Keeping::Dropped(_) => return Ok(exchange.response),
            Keeping::Kept => self.log.append(&exchange)?,
            Keeping::Undecided(exchanges) => {
                let response = exchange.response.clone();
                exchanges.push(exchange);
                let elapsed = (self.time.elapsed)();
                if exchanges.len() < UNDECIDED_MAX && elapsed < self.time.max / UNDECIDED_SHARE {
                    return Ok(response);
                }
                if elapsed * PAGES_MIN <= self.time.max * self.pages.get() {
                    *keeping = Keeping::Dropped(false);
                    return Ok(response);
                }
                self.log.begin()?;
                exchanges.iter().try_for_each(|exchange| self.log.append(exchange))?;
                *keeping = Keeping::Kept;
                return Ok(response);
            }
        }
        Ok(exchange.response)
    }
}

impl<O: Objects, S: State> Objects for Checkpoint<'_, O, S> {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        let call = || fingerprint(&["list-page", bucket, &format!("{options:?} {cursor:?}")]);
        let ask = || {
            let page = self.objects.list_page(bucket, options, cursor)?;
            Ok(Response::Page(Box::new(page)))
        };
        match self.respond(call, ask)? {
            Response::Page(page) => Ok(*page),
            Response::Details(_) | Response::Unsupported(_) | Response::Denied => {
                Err(out_of_step())
            }
        }
    }

    /// Asks about so many objects at once as the store describes within a second or two.
    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        let mut details = Vec::with_capacity(refs.len());
        while let Some(rest) = refs.get(details.len()..).filter(|rest| !rest.is_empty()) {
            let call =
                || fingerprint(&["head-many", bucket, &format!("{kinds:?} {:?}", rest.first())]);
            let batch = rest.get(..self.batch.get()).unwrap_or(rest);
            let ask = || {
                let details = self.objects.head_many(bucket, batch, kinds)?;
                if details.len() == batch.len() {
                    return Ok(Response::Details(details));
                }
                let (found, wanted) = (details.len(), batch.len());
                Err(Error::Other(format!("the store described {found} objects of {wanted}")))
            };
            match self.respond(call, ask)? {
                Response::Details(more) if !more.is_empty() && more.len() <= rest.len() => {
                    details.extend(more);
                }
                _ => return Err(out_of_step()),
            }
        }
        Ok(details)
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        self.objects.read_range(bucket, object, offset_bytes, length_bytes)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.objects.bucket_policy(bucket)
    }
}

fn result(response: Response) -> Result<Response, Error> {
    match response {
        Response::Unsupported(reason) => Err(Error::Unsupported(reason)),
        Response::Denied => Err(Error::AccessDenied),
        response => Ok(response),
    }
}

fn fingerprint(call: &[&str]) -> String {
    hex(&digest(call))
}

/// The log compares digests of calls, so this is a response of another kind to the same call.
fn out_of_step() -> Error {
    Error::Other("a kept response does not fit its call; the task begins anew".to_owned())
}

#[cfg(test)]
mod tests;
