//! Requests and responses of `wasi:http` as values.

use wasi::cli::stderr::get_stderr;
use wasi::http::types::{
    ErrorCode, Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasi::io::streams::OutputStream;

use crate::{Head, Response};

/// Bytes of one read.
const READ_BYTES: u64 = 64 << 10;

/// The most bytes that one blocking write takes, as `wasi:io/streams` says.
const WRITE_BYTES_MAX: usize = 4096;

/// A request without its body.
pub(super) fn head(request: &IncomingRequest) -> Head {
    let address = request.path_with_query().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let path = if path.is_empty() { "/" } else { path };
    let authority = request.authority().unwrap_or_default();
    let mut headers = request.headers().entries();
    // Hosts keep this header to themselves, and signatures cover it.
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        headers.push(("host".to_owned(), authority.clone().into_bytes()));
    }
    Head {
        method: method(request.method()),
        path: path.to_owned(),
        query: query.to_owned(),
        authority,
        headers,
        // The scheme is that of the last step, which a proxy may have taken: not what the client did.
        is_secure: None,
        address: None,
    }
}

fn method(method: Method) -> String {
    match method {
        Method::Get => "GET".to_owned(),
        Method::Head => "HEAD".to_owned(),
        Method::Post => "POST".to_owned(),
        Method::Put => "PUT".to_owned(),
        Method::Delete => "DELETE".to_owned(),
        Method::Connect => "CONNECT".to_owned(),
        Method::Options => "OPTIONS".to_owned(),
        Method::Trace => "TRACE".to_owned(),
        Method::Patch => "PATCH".to_owned(),
        Method::Other(name) => name,
    }
}

/// The body of a request, up to `max` bytes. One that breaks off is as long as it got: no signature fits it.
pub(super) fn body(request: &IncomingRequest, max: usize) -> Vec<u8> {
    let mut content = Vec::new();
    let Ok(body) = request.consume() else { return content };
    let Ok(stream) = body.stream() else { return content };
    while content.len() < max {
        let room = max.saturating_sub(content.len()) as u64;
        match stream.blocking_read(READ_BYTES.min(room)) {
            Ok(piece) => content.extend(piece),
            Err(_) => break,
        }
    }
    content
}

/// Sends an answer. Who is gone by then misses it.
pub(super) fn answer(outparam: ResponseOutparam, response: &Response) {
    let headers = response.headers.iter();
    let headers: Vec<_> =
        headers.map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes())).collect();
    let outgoing = Fields::from_list(&headers).map(OutgoingResponse::new);
    let Ok(outgoing) = outgoing else {
        let refused = "a header of the answer is not allowed".to_owned();
        return ResponseOutparam::set(outparam, Err(ErrorCode::InternalError(Some(refused))));
    };
    let status = outgoing.set_status_code(response.status);
    let body = outgoing.body();
    ResponseOutparam::set(outparam, Ok(outgoing));
    if let (Ok(()), Ok(body)) = (status, body) {
        if let Ok(stream) = body.write() {
            write(&stream, &response.body);
        }
        let _ = OutgoingBody::finish(body, None);
    }
}

/// Tells the host's log.
pub(super) fn log(line: &str) {
    write(&get_stderr(), format!("{line}\n").as_bytes());
}

fn write(stream: &OutputStream, bytes: &[u8]) {
    for piece in bytes.chunks(WRITE_BYTES_MAX) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}
