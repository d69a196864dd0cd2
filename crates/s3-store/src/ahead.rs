//! The page after the one that a caller works on.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use stocktake_capabilities::{Error, Page};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How many pages are under way or waiting at most: some for each task that runs at once.
///
/// A page of usual keys takes 300 kB, the largest possible one 2 MB.
const PAGES_MAX: usize = 64;

/// How long a page waits. A component writes a page in milliseconds; who comes later has been tried anew.
const KEPT: Duration = Duration::from_mins(1);

/// Pages that were asked for before their caller did; those that waited longest go first.
///
/// - At most one for each cursor, so a listing is never more than one page ahead of its caller.
/// - A page is taken once. Who asks again, as a task that is tried anew does, gets a page of that time.
#[derive(Debug, Default)]
pub(crate) struct Ahead(Mutex<VecDeque<Waiting>>);

#[derive(Debug)]
struct Waiting {
    cursor: String,
    since: Instant,
    request: Request,
}

/// A request that nobody needs any more ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Request(JoinHandle<Result<Page, Error>>);

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Request {
    /// Waits for the page. None where it failed: who asks himself gets an error of his own time, unless the store
    /// wants to be left alone for a while.
    pub(crate) async fn page(mut self) -> Option<Result<Page, Error>> {
        let page = (&mut self.0).await.ok()?;
        matches!(page, Ok(_) | Err(Error::Throttled(Some(_)))).then_some(page)
    }
}

impl Ahead {
    /// Begins a request, unless there is one for this cursor already.
    pub(crate) fn begin(
        &self,
        runtime: &Handle,
        now: Instant,
        cursor: &str,
        request: impl Future<Output = Result<Page, Error>> + Send + 'static,
    ) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|one| now.saturating_duration_since(one.since) < KEPT);
        if waiting.iter().any(|one| one.cursor == cursor) {
            return;
        }
        if waiting.len() >= PAGES_MAX {
            waiting.pop_front();
        }
        let request = Request(runtime.spawn(request));
        waiting.push_back(Waiting { cursor: cursor.to_owned(), since: now, request });
    }

    /// The request for the page of this cursor.
    pub(crate) fn take(&self, now: Instant, cursor: &str) -> Option<Request> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().position(|one| one.cursor == cursor)?;
        let one = waiting.remove(at)?;
        (now.saturating_duration_since(one.since) < KEPT).then_some(one.request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(key: &str) -> Page {
        Page { next: Some(key.to_owned()), ..Page::default() }
    }

    #[tokio::test]
    async fn a_page_is_taken_once_and_not_when_it_is_old() {
        let (ahead, runtime, now) = (Ahead::default(), Handle::current(), Instant::now());
        ahead.begin(&runtime, now, "a", async { Ok(page("first")) });
        ahead.begin(&runtime, now, "a", async { Ok(page("second")) });
        assert_eq!(ahead.take(now, "a").unwrap().page().await, Some(Ok(page("first"))));
        assert!(ahead.take(now, "a").is_none());
        ahead.begin(&runtime, now, "a", async { Ok(page("third")) });
        assert!(ahead.take(now + KEPT, "a").is_none());
        ahead.begin(&runtime, now, "b", async { Err(Error::Timeout) });
        assert_eq!(ahead.take(now, "b").unwrap().page().await, None);
        ahead.begin(&runtime, now, "c", async { Err(Error::Throttled(Some(1))) });
        let told = ahead.take(now, "c").unwrap().page().await;
        assert_eq!(told, Some(Err(Error::Throttled(Some(1)))));
    }

    #[tokio::test]
    async fn only_so_many_wait_and_what_is_dropped_ends() {
        let (ahead, runtime, now) = (Ahead::default(), Handle::current(), Instant::now());
        let (alive, mut ended) = tokio::sync::mpsc::channel::<()>(1);
        for number in 0..=PAGES_MAX {
            let alive = alive.clone();
            let request = async move {
                alive.closed().await;
                Ok(Page::default())
            };
            ahead.begin(&runtime, now, &number.to_string(), request);
        }
        assert!(ahead.take(now, "0").is_none());
        assert!(ahead.take(now, "1").is_some());
        drop((ahead, alive));
        // Every request held a sender; the channel ends once all of them are gone.
        assert_eq!(ended.recv().await, None);
    }
}
