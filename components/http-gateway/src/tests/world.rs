//! What is behind the gateway in tests.

use std::cell::RefCell;
use std::collections::BTreeMap;

use stocktake_capabilities::memory::{MemoryState, MemoryStore};
use stocktake_capabilities::{BucketCreation, Error, Identities, Identity, Instant, Queue, Task};
use stocktake_core::finding::Dialect;
use stocktake_sigv4::sign::{ChunkSigner, Signed, Signer};
use stocktake_sigv4::{ContentSha256, Header, Request as Unsigned, Scope, Secret, UnixSeconds};

use super::functions::{Functions, Policies};
use crate::{Head, Moment, Request, Response, Services, Settings, respond};

/// The time of every request: 2026-11-07T12:00:00Z.
pub(super) const NOW: Instant = Instant { seconds: 1_794_052_800, nanoseconds: 0 };

pub(super) const RUN: &str = "0123456789abcdef0123456789abcdef";

/// Everything behind the gateway, in memory.
pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) state: MemoryState,
    pub(super) store: MemoryStore,
    pub(super) identities: Known,
    pub(super) tasks: Enqueued,
    /// The id of a run that a request begins.
    pub(super) run_id: String,
}

impl World {
    /// Two buckets, and an administrator of the account that owns them.
    pub(super) fn new(dialect: Dialect) -> Self {
        let mut world = Self {
            settings: Settings { dialect, ..Settings::default() },
            state: MemoryState::default(),
            store: MemoryStore::new(NOW),
            identities: Known::default(),
            tasks: Enqueued::default(),
            run_id: RUN.to_owned(),
        };
        for name in ["orbit-raw", "orbit-reports"] {
            world = world.with_bucket(name);
        }
        let root = Identity {
            principal: "arn:aws:iam::210987654321:user/admin".to_owned(),
            account: "210987654321".to_owned(),
            secret: "admin-secret".to_owned(),
            administrator: true,
            ..Identity::default()
        };
        world.identities.0.insert("AKADMIN".to_owned(), root);
        world
    }

    pub(super) fn with_bucket(mut self, name: &str) -> Self {
        self.store = self.store.with_bucket(name);
        self
    }

    pub(super) fn with_identity(mut self, id: &str, identity: Identity) -> Self {
        self.identities.0.insert(id.to_owned(), identity);
        self
    }

    /// Answers a request as it is.
    pub(super) fn raw(&self, request: &Request) -> Response {
        self.raw_with(request, &self.store)
    }

    /// Answers a request where buckets are made by somebody else.
    pub(super) fn raw_with(&self, request: &Request, makers: &dyn BucketCreation) -> Response {
        let functions = Functions(&self.state);
        let services = Services { bucket_creation: makers, ..self.services(&functions) };
        let moment = Moment { run_id: self.run_id.clone(), ..moment() };
        respond(request, &services, &self.settings, &moment)
    }

    /// What is behind the gateway.
    pub(super) fn services<'a>(&'a self, functions: &'a Functions<'a>) -> Services<'a> {
        Services {
            objects: &self.store,
            buckets: &self.store,
            bucket_creation: &self.store,
            state: &self.state,
            queue: &self.tasks,
            identities: &self.identities,
            inventory_config: functions,
            inventory_runs: functions,
            policy_check: &Policies,
        }
    }

    /// Answers `METHOD /path?query`, signed by the administrator.
    pub(super) fn answer(&self, line: &str, body: &str) -> Response {
        self.raw(&self.signed("AKADMIN", request(line, body)))
    }

    /// The same as text: status, headers, and the body behind an empty line.
    pub(super) fn ask(&self, line: &str, body: &str) -> String {
        shown(&self.answer(line, body))
    }

    /// The status, and the code or the body.
    #[track_caller]
    pub(super) fn brief(&self, line: &str, body: &str) -> String {
        brief(&self.answer(line, body))
    }

    /// The same by somebody else.
    pub(super) fn brief_by(&self, id: &str, line: &str, body: &str) -> String {
        brief(&self.raw(&self.signed(id, request(line, body))))
    }

    /// Signs a request by this access key.
    pub(super) fn signed(&self, id: &str, request: Request) -> Request {
        let content = ContentSha256::of(&request.body);
        self.signed_as(id, request, content).0
    }

    /// Signs a request whose body is told of so.
    pub(super) fn signed_as(
        &self,
        id: &str,
        mut request: Request,
        content: ContentSha256,
    ) -> (Request, ChunkSigner) {
        let secret = self.secret(id);
        let headers = headers(&request.head);
        let unsigned = unsigned(&request.head, &headers);
        let now = UnixSeconds(NOW.seconds);
        let Signed { headers, chunks } =
            self.signer(id, &secret).sign(&unsigned, content, now).unwrap();
        let added = headers.into_iter().map(|(name, value)| (name, value.into_bytes()));
        request.head.headers.extend(added);
        (request, chunks)
    }

    /// Signs a request by its query, for a minute from this many seconds ago.
    pub(super) fn presigned(&self, id: &str, mut request: Request, ago: i64) -> Request {
        let secret = self.secret(id);
        let headers = headers(&request.head);
        let unsigned = unsigned(&request.head, &headers);
        let then = UnixSeconds(NOW.seconds - ago);
        request.head.query = self.signer(id, &secret).presign(&unsigned, 60, then).unwrap();
        request
    }

    fn secret(&self, id: &str) -> Secret {
        let identity = self.identities.0.get(id);
        Secret::new(identity.map(|identity| identity.secret.clone()).unwrap_or_default())
    }

    fn signer<'a>(&'a self, id: &'a str, secret: &'a Secret) -> Signer<'a> {
        let scope = Scope { region: &self.settings.region, service: "s3" };
        Signer { access_key_id: id, secret, security_token: None, scope }
    }
}

/// The headers that are signed.
fn headers(head: &Head) -> Vec<Header<'_>> {
    let host = Header { name: "host", value: head.authority.as_bytes() };
    let sent = head.headers.iter().map(|(name, value)| Header { name, value });
    sent.chain([host]).collect()
}

fn unsigned<'a>(head: &'a Head, headers: &'a [Header<'a>]) -> Unsigned<'a> {
    let Head { method, path, query, .. } = head;
    Unsigned { method, path, query, headers, body: None }
}

pub(super) fn moment() -> Moment {
    Moment { now: NOW, request_id: "4442587FB7D0A2F9".to_owned(), run_id: RUN.to_owned() }
}

/// `METHOD /path?query` as a request.
pub(super) fn request(line: &str, body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let head = Head {
        method: method.to_owned(),
        authority: "localhost:9000".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..Head::default()
    };
    Request { head, body: body.as_bytes().to_vec() }
}

/// An answer as text.
pub(super) fn shown(response: &Response) -> String {
    let headers = response.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    let headers: String = headers.collect();
    format!("{}\n{headers}\n{}\n", response.status, String::from_utf8_lossy(&response.body))
}

/// Status and code of a refusal, status and body of everything else.
#[track_caller]
pub(super) fn brief(response: &Response) -> String {
    let body = String::from_utf8_lossy(&response.body);
    let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map(|(code, _)| code.to_owned());
    let problem = serde_json::from_str::<serde_json::Value>(&body).ok();
    let problem = problem.and_then(|body| body.get("code")?.as_str().map(str::to_owned));
    let shown = code.or(problem).unwrap_or_else(|| body.into_owned());
    format!("{} {shown}", response.status).trim_end().to_owned()
}

/// Identities by their access keys.
#[derive(Default)]
pub(super) struct Known(pub(super) BTreeMap<String, Identity>);

impl Identities for Known {
    fn find(&self, access_key_id: &str) -> Result<Option<Identity>, Error> {
        Ok(self.0.get(access_key_id).cloned())
    }
}

/// Tasks that were enqueued.
#[derive(Default)]
pub(super) struct Enqueued(pub(super) RefCell<Vec<Task>>);

impl Queue for Enqueued {
    fn enqueue(&self, tasks: &[Task]) -> Result<(), Error> {
        self.0.borrow_mut().extend_from_slice(tasks);
        Ok(())
    }
}
