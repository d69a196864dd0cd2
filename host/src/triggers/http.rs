//! HTTP as a trigger: each request calls a component in a fresh instance.
//!
//! Everything that a client can take has a bound: connections, requests at once, bytes of heads and bodies, and the time
//! for each step. Who comes above a bound is told so at once and is not queued. Nothing here knows what a request means.

mod answers;
mod body;
mod client;
mod connection;
mod network;
mod patience;
mod shares;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use client::CLIENT_HEADER;
pub use network::{Network, NetworkError};

use self::shares::Shares;
use super::Stop;
use crate::capabilities::Capabilities;
use crate::engine::Component;

/// How long nothing is accepted after the system had no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Connections that are told at one time that there are too many. Those above are closed without a word.
const REFUSALS_MAX: usize = 32;

/// Bounds on what clients can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Connections at one time, also idle ones; further ones are answered 503.
    pub connections: usize,
    /// Requests that the component works on at one time; further ones wait within their time.
    pub requests: usize,
    /// Connections of one address at one time, also idle ones; further ones are answered 503. Trusted proxies have no such
    /// bound.
    pub address_connections: usize,
    /// Bytes of one request's body.
    pub body_bytes: usize,
    /// Bytes of all bodies that are being read or worked on, beyond the first 64 KiB of each, which a connection has for
    /// itself.
    pub bodies_bytes: usize,
    /// What of it one address may take. Trusted proxies have no such bound.
    pub address_bodies_bytes: usize,
    /// Bytes of one request's head: address and headers.
    pub head_bytes: usize,
    /// Headers of one request.
    pub headers: usize,
    /// From the end of a request's head to its answer; and what a client has to take the answer.
    pub request: Duration,
    /// From the beginning of a connection, or the last answer on it, to the end of the next request's head.
    pub idle: Duration,
    /// What requests have to finish when the end is asked for.
    pub grace: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            // A descriptor each, well below the usual thousand of a process.
            connections: 512,
            // Four who open all they can leave no room; one does not.
            address_connections: 128,
            requests: 16,
            // What the gateway takes at most, 1 MiB, and the frames of its chunks.
            body_bytes: 1200 << 10,
            bodies_bytes: 128 << 20,
            address_bodies_bytes: 16 << 20,
            // Four times what Amazon allows for headers: a presigned address comes on top.
            head_bytes: 32 << 10,
            headers: 100,
            request: Duration::from_secs(30),
            idle: Duration::from_secs(20),
            grace: Duration::from_secs(10),
        }
    }
}

/// A component that answers HTTP requests. Clones share the bounds.
#[derive(Clone)]
pub struct HttpTrigger {
    component: Component,
    capabilities: Capabilities,
    options: HttpOptions,
    requests: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
    body_shares: Arc<Shares>,
    connection_shares: Arc<Shares>,
    proxies: Arc<[Network]>,
}

impl HttpTrigger {
    /// Calls `component`, which has to export `wasi:http/incoming-handler`, with these capabilities.
    #[must_use]
    pub fn new(component: Component, capabilities: Capabilities, options: HttpOptions) -> Self {
        let requests = Arc::new(Semaphore::new(options.requests));
        let bodies = Arc::new(Semaphore::new(options.bodies_bytes.min(Semaphore::MAX_PERMITS)));
        let body_shares = Shares::of(options.address_bodies_bytes);
        let connection_shares = Shares::of(options.address_connections);
        let proxies = Arc::default();
        Self {
            component,
            capabilities,
            options,
            requests,
            bodies,
            body_shares,
            connection_shares,
            proxies,
        }
    }

    /// Believes these proxies what they say about their clients, in `X-Forwarded-For` and `X-Forwarded-Proto`.
    ///
    /// About every other request the component is told the address that it came from, in [`CLIENT_HEADER`].
    #[must_use]
    pub fn trusting(self, proxies: &[Network]) -> Self {
        Self { proxies: proxies.into(), ..self }
    }

    /// Whether an address is a trusted proxy's, behind which many clients are.
    fn is_trusted(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.holds(peer))
    }

    /// Serves until the end is asked for, and what is at work then until it is done or the grace is over.
    pub async fn run(&self, listener: TcpListener, mut stop: Stop) {
        let places = Arc::new(Semaphore::new(self.options.connections));
        let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.asked() => break,
                Some(ended) = connections.join_next() => {
                    log_ended(ended);
                    continue;
                }
            };
            let Some((stream, peer)) = usable(accepted).await else { continue };
            let is_trusted = self.is_trusted(peer);
            let share = (!is_trusted).then(|| self.connection_shares.take(peer, 1));
            let has_share = !matches!(share, Some(None));
            if let Some(place) = places.clone().try_acquire_owned().ok().filter(|_| has_share) {
                let serving = connection::serve(self.clone(), stream, peer, stop.clone());
                connections.spawn(async move {
                    serving.await;
                    drop((place, share));
                });
            } else if let Ok(place) = refusals.clone().try_acquire_owned() {
                let options = &self.options;
                let limit =
                    if has_share { options.connections } else { options.address_connections };
                tracing::warn!(limit, %peer, "a connection is refused, there are too many");
                connections.spawn(async move {
                    connection::refuse(stream).await;
                    drop(place);
                });
            }
        }
        // Who knocks from here on is turned away by the system.
        drop(listener);
        let ended = async {
            while let Some(ended) = connections.join_next().await {
                log_ended(ended);
            }
        };
        tokio::select! {
            () = ended => {}
            () = stop.grace_over(self.options.grace) => {
                tracing::warn!("the grace is over; requests that are at work are cut off");
            }
        }
    }
}

/// A connection on which small answers leave at once.
async fn usable(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, IpAddr)> {
    let refused = match accepted {
        // Without it an answer in several pieces waits for the client's acknowledgement, 40 ms at the usual.
        Ok((stream, peer)) => match stream.set_nodelay(true) {
            Ok(()) => return Some((stream, peer.ip())),
            Err(error) => error,
        },
        Err(error) => error,
    };
    match refused.kind() {
        // The client was gone before it was accepted.
        io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::InvalidInput => {}
        _ => {
            tracing::error!(error = %refused, "no connection can be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
        }
    }
    None
}

fn log_ended(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(blame = "host", %error, "a connection broke down");
    }
}
