//! What the tests share: requests that can be changed, and the one way they are judged.

use crate::sign::{ChunkSigner, Signer};
use crate::{
    ContentSha256, Credentials, Error, Header, Payload, Request, Scope, Secret, UnixSeconds, parse,
    verify,
};

mod answers;
mod botocore;
mod chunks;
mod documentation;
mod properties;
mod sdk;
mod tampering;
mod vectors;

/// The key of AWS's documentation.
const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The scope of its examples for S3.
const SCOPE: Scope<'static> = Scope { region: "us-east-1", service: "s3" };

/// 2013-05-24T00:00:00Z, the time of these examples.
const NOW: UnixSeconds = UnixSeconds(1_369_353_600);

/// What signs with that key.
fn signer<'a>(secret: &'a Secret, security_token: Option<&'a Secret>) -> Signer<'a> {
    Signer { access_key_id: ACCESS_KEY_ID, secret, security_token, scope: SCOPE }
}

/// Signs with that key, and adds the headers that say so.
fn sign(wire: &mut Wire, content: ContentSha256) -> ChunkSigner {
    let secret = Secret::new(SECRET);
    let made = wire.with(|request| signer(&secret, None).sign(request, content, NOW)).unwrap();
    made.headers.iter().for_each(|(name, value)| wire.push(name, value));
    made.chunks
}

/// A request that owns what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wire {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl Wire {
    /// Reads a request line and headers, one a line; a line that begins with a space belongs to the one before. The body
    /// is what stands behind an empty line.
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
        let (line, rest) = head.split_once('\n').unwrap_or((head, ""));
        let line = line.strip_suffix(" HTTP/1.1").unwrap_or(line);
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut wire = Self::new(method, path, query);
        wire.body = Some(body.as_bytes().to_vec());
        for line in rest.lines() {
            if line.starts_with(' ') {
                let (_, value) = wire.headers.last_mut().unwrap();
                value.extend(format!("\r\n{line}").bytes());
            } else {
                let (name, value) = line.split_once(':').unwrap();
                wire.push(name, value.trim());
            }
        }
        wire
    }

    fn new(method: &str, path: &str, query: &str) -> Self {
        let [method, path, query] = [method, path, query].map(str::to_owned);
        Self { method, path, query, headers: Vec::new(), body: None }
    }

    fn push(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
    }

    /// Calls with the request as the crate sees it.
    fn with<T>(&self, call: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<Header<'_>> =
            self.headers.iter().map(|(name, value)| Header { name, value }).collect();
        call(&Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: self.body.as_deref(),
        })
    }

    fn credentials(&self) -> Result<Credentials, Error> {
        self.with(parse)
    }

    /// Reads and judges the request, with the key of the documentation.
    fn judge(&self, now: UnixSeconds, scope: Scope<'_>) -> Result<Payload, Error> {
        let credentials = self.credentials()?;
        let secret = Secret::new(SECRET);
        let known = (credentials.access_key_id() == ACCESS_KEY_ID).then_some(&secret);
        self.with(|request| verify(request, &credentials, known, now, scope))
    }
}
