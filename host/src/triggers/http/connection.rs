//! One connection: its requests one after the other, each through the component.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_LENGTH, DATE, HOST};
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::HttpTrigger;
use super::answers::{Refusal, request_id};
use super::body::Room;
use super::patience::Patient;
use super::{body, client};
use crate::engine::{CallError, HttpAnswer, HttpRequest};
use crate::triggers::Stop;

/// How long a client that is refused has to take the answer.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// What a call has to end by itself, behind its deadline.
const CALL_MARGIN: Duration = Duration::from_secs(1);

/// The most bytes of a refused client that are read: closing a socket with unread bytes would take the answer back.
const REFUSED_BYTES_MAX: u64 = 64 << 10;

/// So many times as many headers as are allowed are read, so that who sends a few too many is told so: what the server
/// underneath refuses itself has no body.
const HEADERS_READ: usize = 4;

/// Serves a connection until the client or the bounds end it. When the end is asked for, the request at work is the last.
pub(super) async fn serve(trigger: HttpTrigger, stream: TcpStream, peer: IpAddr, mut stop: Stop) {
    let options = trigger.options;
    let io = TokioIo::new(Patient::new(stream, options.request));
    let service = service_fn(move |request| {
        let trigger = trigger.clone();
        async move { Ok::<_, Infallible>(answer(&trigger, request, peer).await.map(Full::new)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.idle)
        .max_headers(options.headers.saturating_mul(HEADERS_READ))
        .max_buf_size(options.head_bytes)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = crate::chain(&error), "a connection ended early");
    }
}

/// Tells a client that there are too many connections.
pub(super) async fn refuse(mut stream: TcpStream) {
    let answer = Refusal::Busy.answer(&Method::GET, &request_id());
    let told = timeout(REFUSAL_TIME, async {
        stream.write_all(&on_the_wire(&answer)).await?;
        stream.shutdown().await?;
        let mut rest = stream.take(REFUSED_BYTES_MAX);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    });
    // A client that does not want to hear it has nothing to complain about.
    drop(told.await);
}

/// An answer as bytes, for a connection that no request was read from.
fn on_the_wire(answer: &HttpAnswer) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    let length = HeaderValue::from(answer.body().len());
    for (name, value) in answer.headers().iter().chain([(&CONTENT_LENGTH, &length)]) {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(answer.body());
    bytes
}

async fn answer(
    trigger: &HttpTrigger,
    request: Request<Incoming>,
    peer: IpAddr,
) -> http::Response<Bytes> {
    let (started, id) = (Instant::now(), request_id());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answered = attempt(trigger, request, peer, (started, &id)).await;
    let mut answer = answered.unwrap_or_else(|refusal| refusal.answer(&method, &id));
    // The clock that signatures were compared with, so that a client can correct its own.
    if let Some(date) = date(trigger.capabilities.clock.now()) {
        answer.headers_mut().entry(DATE).or_insert(date);
    }
    tracing::debug!(
        id,
        %method,
        path,
        status = answer.status().as_u16(),
        elapsed_ms = started.elapsed().as_millis(),
        "answered"
    );
    answer
}

async fn attempt(
    trigger: &HttpTrigger,
    request: Request<Incoming>,
    peer: IpAddr,
    (started, id): (Instant, &str),
) -> Result<HttpAnswer, Refusal> {
    let options = trigger.options;
    let deadline = started + options.request;
    let (mut head, body) = request.into_parts();
    let is_large = head_bytes(&head.uri, &head.headers) > options.head_bytes;
    if is_large || head.headers.len() > options.headers {
        return Err(Refusal::HeadTooLarge);
    }
    if !names_one_host(&head.uri, &head.headers) {
        return Err(Refusal::Host);
    }
    let own = (!trigger.is_trusted(peer)).then_some((&trigger.body_shares, peer));
    let room = Room { all: &trigger.bodies, own };
    let reading = body::read(body, options.body_bytes, room);
    let body = timeout_at(deadline, reading).await.map_err(|_| Refusal::BodyTooSlow)??;
    let place = timeout_at(deadline, trigger.requests.acquire()).await;
    let _place = place.ok().and_then(Result::ok).ok_or(Refusal::Busy)?;
    let left = deadline.saturating_duration_since(Instant::now());
    client::tell(&mut head.headers, peer, false, &trigger.proxies);
    let request = HttpRequest::from_parts(head, body.bytes);
    tracing::debug!(id, "calling");
    let calling = trigger.component.call_http(&trigger.capabilities, request, left);
    // The call keeps its time itself, and says what became of it. Only waiting for an instance takes longer.
    match timeout_at(deadline + CALL_MARGIN, calling).await {
        Ok(Ok(invoked)) => Ok(invoked.value),
        Ok(Err(error)) => Err(broken(&error, id)),
        Err(_) => Err(Refusal::Busy),
    }
}

/// What a call without an answer means for the client; all of it goes to the log.
fn broken(error: &CallError, id: &str) -> Refusal {
    let chain = crate::chain(error);
    tracing::error!(id, blame = error.blame(), error = chain, "a request was not answered");
    match error {
        CallError::Deadline { .. } => Refusal::Deadline,
        CallError::NoExport { .. }
        | CallError::OutOfMemory { .. }
        | CallError::Trap { .. }
        | CallError::Host { .. } => Refusal::Broken,
    }
}

/// How large a head is. The server underneath bounds what it reads at once, which is more than that.
fn head_bytes(uri: &Uri, headers: &HeaderMap) -> usize {
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let headers = headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    path + headers.sum::<usize>()
}

/// Whether a request says to which host it speaks, in a way that nobody can read in two ways.
fn names_one_host(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return false;
    }
    let is_plain = |authority: &http::uri::Authority| !authority.as_str().contains('@');
    match (uri.authority(), host.map(HeaderValue::to_str)) {
        (Some(authority), None) => is_plain(authority),
        (authority, Some(Ok(host))) => {
            authority.is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(host))
                && host.parse().is_ok_and(|host| is_plain(&host))
        }
        (_, Some(Err(_))) | (None, None) => false,
    }
}

/// A time as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(time: SystemTime) -> Option<HeaderValue> {
    let text = DateTime::<Utc>::from(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_host(address: &str, hosts: &[&'static str], is_named: bool) {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, HeaderValue::from_static(host));
        }
        assert_eq!(names_one_host(&address.parse().unwrap(), &headers), is_named, "{hosts:?}");
    }

    #[test]
    fn a_request_names_its_host_once() {
        assert_host("/", &["127.0.0.1:9000"], true);
        assert_host("/", &["b.s3.example"], true);
        assert_host("/", &["[::1]:9000"], true);
        assert_host("http://h/", &[], true);
        assert_host("http://h/", &["H"], true);
        assert_host("http://h/", &["other"], false);
        assert_host("/", &[], false);
        assert_host("/", &[""], false);
        assert_host("/", &["a", "a"], false);
        assert_host("/", &["user@h"], false);
        assert_host("/", &["a b"], false);
    }

    #[test]
    fn a_date_is_one_of_http() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(date(time).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
