//! Requests over many connections at once, as one client makes them.
//!
//! The client runs on one thread, beside the server that it measures, and is the same for every server. A connection asks
//! again when it has its answer. Each answer is compared with the first one; a wrong one ends the measurement.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Connections at one time.
pub(crate) const CONNECTIONS: usize = 64;

/// How long requests are made before any counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long they count.
const MEASURED: Duration = Duration::from_secs(5);

/// What came of it.
pub(crate) struct Load {
    pub(crate) requests_per_second: f64,
    /// 99 % of the answers came within so many milliseconds.
    pub(crate) late_millis: f64,
}

/// One request and its whole answer.
pub(crate) fn once(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes)> {
    runtime()?.block_on(async { whole(connect(address).await?.send_request(request).await?).await })
}

/// Makes the same request again and again. Every answer has to be 200 with this body.
pub(crate) fn load(
    address: SocketAddr,
    request: &Request<Full<Bytes>>,
    expected: &Bytes,
) -> Result<Load> {
    let mut times = runtime()?.block_on(async {
        let mut clients = JoinSet::new();
        let begin = Instant::now() + WARM_UP;
        for _ in 0..CONNECTIONS {
            clients.spawn(client(address, request.clone(), expected.clone(), begin));
        }
        let mut times = Vec::new();
        while let Some(ended) = clients.join_next().await {
            times.extend(ended??);
        }
        anyhow::Ok(times)
    })?;
    times.sort();
    let late = times.get(times.len() * 99 / 100).context("no answer came in time")?;
    Ok(Load {
        requests_per_second: times.len() as f64 / MEASURED.as_secs_f64(),
        late_millis: late.as_secs_f64() * 1e3,
    })
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// One connection: how long each answer took that came while they count.
async fn client(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
    expected: Bytes,
    begin: Instant,
) -> Result<Vec<Duration>> {
    let end = begin + MEASURED;
    let mut sender = connect(address).await?;
    let mut times = Vec::new();
    loop {
        let asked = Instant::now();
        sender.ready().await?;
        let (status, body) = whole(sender.send_request(request.clone()).await?).await?;
        let answered = Instant::now();
        if status != StatusCode::OK || body != expected {
            bail!("an answer is wrong: {status} {}", String::from_utf8_lossy(&body));
        }
        if answered >= end {
            return Ok(times);
        }
        if answered >= begin {
            times.push(answered - asked);
        }
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // How it ends is seen by whoever waits for an answer.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

async fn whole(answer: Response<hyper::body::Incoming>) -> Result<(StatusCode, Bytes)> {
    let (head, body) = answer.into_parts();
    Ok((head.status, body.collect().await?.to_bytes()))
}
