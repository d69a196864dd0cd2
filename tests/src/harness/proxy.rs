//! Faults on the wire: a proxy in front of a store that answers instead of it, or breaks connections, by a plan.
//!
//! It speaks plain HTTP/1.1 and changes nothing of what it passes on, so that signatures stay good: a store checks them
//! with the `Host` that it is sent, which is the proxy's.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use super::PATIENCE;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The proxy answers 500; the store hears nothing.
    InternalError,
    /// The same with 503 and the code `SlowDown`.
    SlowDown,
    /// The same with 503 and these seconds in `Retry-After`.
    RetryAfter(u32),
    /// The connection is reset amid the request's body; the store hears nothing.
    CutRequest,
    /// The store does what is asked, and the connection is reset amid the answer's body.
    CutAnswer,
    /// The store does what is asked, and the answer's body ends before the last place where this text stands, or amid
    /// it where it stands nowhere. The answer says that this is its length, so that it is valid HTTP.
    ShortAnswer(&'static str),
    /// The store does what is asked, and the answer has another entity tag, as if the store had kept something else.
    OtherEtag,
    /// Nothing comes until the client is tired of waiting; the store hears nothing.
    Silence,
    /// The store does what is asked, and the connection is reset in place of the answer.
    LostAnswer,
}

/// Every kind of fault that a second request may not meet, once.
pub const FAULTS: [Fault; 8] = [
    Fault::InternalError,
    Fault::SlowDown,
    Fault::RetryAfter(1),
    Fault::CutRequest,
    Fault::CutAnswer,
    Fault::ShortAnswer(""),
    Fault::Silence,
    Fault::LostAnswer,
];

/// A request that came.
#[derive(Clone, Debug)]
pub struct Request {
    /// How many came before it.
    pub number: usize,
    /// Such as `PUT`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// When its head was read.
    pub came: Instant,
    /// When its fault began, and which it was; none where nothing went wrong.
    pub fault: Option<(Instant, Fault)>,
}

/// Which request goes wrong, and how. It is asked once for each, one request at a time.
pub type Plan = Box<dyn FnMut(&Request) -> Option<Fault> + Send>;

/// A proxy that listens. Dropping it ends it.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    store: u16,
    plan: Mutex<Plan>,
    seen: Mutex<Vec<Request>>,
    count: AtomicUsize,
    is_over: AtomicBool,
}

/// One message as it stood on the wire.
struct Message {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Proxy {
    /// Listens on a port of its own, before the store on another port of this machine.
    pub fn before(store: u16, plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            store,
            plan: Mutex::new(plan),
            seen: Mutex::default(),
            count: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&serving)) else { continue };
                // A connection that breaks is what this is for.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { port, shared }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The requests that came so far.
    pub fn seen(&self) -> Vec<Request> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes the listener.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Shared {
    /// Serves a connection until one side closes it.
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut client = BufReader::new(stream);
        while let Some(head) = head(&mut client)? {
            let mut request = self.request(&head);
            let fault = (self.plan.lock().unwrap_or_else(PoisonError::into_inner))(&request);
            self.note(request.clone());
            // Before the answer goes out: nobody can have begun to wait earlier.
            let answering = Instant::now();
            let is_open = self.answer(&mut client, head, &request.method, fault)?;
            if let Some(fault) = fault {
                request.fault = Some((answering, fault));
                self.note(request);
            }
            if !is_open {
                return reset(client.get_ref());
            }
        }
        Ok(())
    }

    fn request(&self, head: &[u8]) -> Request {
        let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap());
        let mut words = line.split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        Request { number, method, target, came: Instant::now(), fault: None }
    }

    fn note(&self, request: Request) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|one| one.number != request.number);
        seen.push(request);
    }

    /// Answers one request; says whether the connection stays open.
    fn answer(
        &self,
        client: &mut BufReader<TcpStream>,
        head: Vec<u8>,
        method: &str,
        fault: Option<Fault>,
    ) -> std::io::Result<bool> {
        match fault {
            Some(Fault::Silence) => {
                std::io::copy(client, &mut std::io::sink())?;
                return Ok(false);
            }
            Some(Fault::CutRequest) => {
                let length = length(&head).unwrap_or_default();
                std::io::copy(&mut client.by_ref().take(length / 2), &mut std::io::sink())?;
                return Ok(false);
            }
            _ => {}
        }
        let length = length(&head).unwrap_or_default();
        let mut body = Vec::new();
        if says(&head, "expect", "100-continue") {
            client.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        client.by_ref().take(length).read_to_end(&mut body)?;
        if let Some(refusal) = fault.and_then(|fault| refusal(fault, method == "HEAD")) {
            client.get_mut().write_all(refusal.as_bytes())?;
            return Ok(true);
        }
        let mut answer = self.forwarded(&Message { head, body }, method == "HEAD")?;
        if fault == Some(Fault::OtherEtag) {
            answer.head = other_etag(&answer.head);
        }
        let client = client.get_mut();
        match fault {
            Some(Fault::LostAnswer) => Ok(false),
            // Where the answer has no body it is its head that breaks off.
            Some(Fault::CutAnswer) if answer.body.is_empty() => {
                client.write_all(&answer.head[..answer.head.len() / 2])?;
                Ok(false)
            }
            Some(Fault::CutAnswer) => {
                client.write_all(&answer.head)?;
                client.write_all(&answer.body[..answer.body.len() / 2])?;
                Ok(false)
            }
            Some(Fault::ShortAnswer(mark)) if !answer.body.is_empty() => {
                let (head, body) = short(&answer, mark)?;
                client.write_all(&head)?;
                client.write_all(&body)?;
                Ok(true)
            }
            _ => {
                client.write_all(&answer.head)?;
                client.write_all(&answer.body)?;
                Ok(!says(&answer.head, "connection", "close"))
            }
        }
    }

    /// Has the store do a request.
    fn forwarded(&self, request: &Message, is_head: bool) -> std::io::Result<Message> {
        let mut store = TcpStream::connect(("127.0.0.1", self.store))?;
        store.set_nodelay(true)?;
        store.set_read_timeout(Some(PATIENCE))?;
        store.write_all(&request.head)?;
        store.write_all(&request.body)?;
        let mut store = BufReader::new(store);
        loop {
            let head = head(&mut store)?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
            let status = head.get(9..12).unwrap_or_default().to_owned();
            if status == b"100" {
                continue;
            }
            let mut body = Vec::new();
            if is_head || status == b"204" || status == b"304" {
                // There is no body, whatever the head says about its length.
            } else if says(&head, "transfer-encoding", "chunked") {
                chunks(&mut store, &mut body)?;
            } else if let Some(length) = length(&head) {
                store.take(length).read_to_end(&mut body)?;
            } else {
                store.read_to_end(&mut body)?;
            }
            return Ok(Message { head, body });
        }
    }
}

/// What the proxy answers in place of the store.
fn refusal(fault: Fault, is_head: bool) -> Option<String> {
    let (line, header, code) = match fault {
        Fault::InternalError => ("500 Internal Server Error", String::new(), "InternalError"),
        Fault::SlowDown => ("503 Slow Down", String::new(), "SlowDown"),
        Fault::RetryAfter(seconds) => {
            ("503 Service Unavailable", format!("retry-after: {seconds}\r\n"), "ServiceUnavailable")
        }
        Fault::CutRequest
        | Fault::CutAnswer
        | Fault::ShortAnswer(_)
        | Fault::OtherEtag
        | Fault::Silence
        | Fault::LostAnswer => return None,
    };
    let body = format!("<Error><Code>{code}</Code></Error>");
    let length = body.len();
    let body = if is_head { "" } else { &body };
    Some(format!("HTTP/1.1 {line}\r\n{header}content-length: {length}\r\n\r\n{body}"))
}

/// Everything up to the empty line, with it; none where the other side has closed.
fn head(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(head))
}

/// A body in chunks, as it stands on the wire.
fn chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let begin = body.len();
        stream.read_until(b'\n', body)?;
        let line = String::from_utf8_lossy(&body[begin..]);
        let size = line.split(';').next().unwrap_or_default().trim();
        let Ok(size) = u64::from_str_radix(size, 16) else {
            return Err(std::io::ErrorKind::InvalidData.into());
        };
        stream.take(size + 2).read_to_end(body)?;
        if size == 0 {
            return Ok(());
        }
    }
}

/// An answer that ends too early, with the length that it has then.
fn short(answer: &Message, mark: &str) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut body = answer.body.clone();
    if says(&answer.head, "transfer-encoding", "chunked") {
        let (mut chunked, mut whole) = (BufReader::new(answer.body.as_slice()), Vec::new());
        loop {
            let mut line = String::new();
            chunked.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16);
            let size = size.map_err(|_| std::io::ErrorKind::InvalidData)?;
            if size == 0 {
                break;
            }
            chunked.by_ref().take(size).read_to_end(&mut whole)?;
            chunked.read_line(&mut String::new())?;
        }
        body = whole;
    }
    let places = body.windows(mark.len().max(1)).rposition(|bytes| bytes == mark.as_bytes());
    body.truncate(places.unwrap_or(body.len() / 2));
    let head = String::from_utf8_lossy(&answer.head);
    let is_length = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("content-length:") || line.starts_with("transfer-encoding:")
    };
    let kept = head.lines().filter(|line| !line.is_empty() && !is_length(line));
    let mut head: String = kept.flat_map(|line| [line, "\r\n"]).collect();
    let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
    Ok((head.into_bytes(), body))
}

/// A head whose entity tag begins with another digit.
fn other_etag(head: &[u8]) -> Vec<u8> {
    let mut head = head.to_vec();
    let is_tag = |line: &[u8]| line.eq_ignore_ascii_case(b"etag: \"");
    if let Some(at) = head.windows(b"etag: \"".len()).position(is_tag)
        && let Some(digit) = head.get_mut(at + b"etag: \"".len())
    {
        *digit = if *digit == b'0' { b'1' } else { b'0' };
    }
    head
}

fn length(head: &[u8]) -> Option<u64> {
    value(head, "content-length")?.parse().ok()
}

fn says(head: &[u8], name: &str, wanted: &str) -> bool {
    value(head, name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
}

fn value(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    Some(value.trim().to_owned())
}

/// Has a connection break off when it is dropped, so that the other side cannot take it for an end.
fn reset(stream: &TcpStream) -> std::io::Result<()> {
    Ok(set_socket_linger(stream, Some(Duration::ZERO))?)
}
