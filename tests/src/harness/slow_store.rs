//! An S3 endpoint that takes its time: a bucket whose keys are computed, and one whose objects are forgotten but for
//! their sizes.
//!
//! It serves what a report needs and nothing else, and answers 501 to the rest.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use stocktake_capabilities::etags;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::{DESTINATION, SOURCE};

/// How long the endpoint takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Latency {
    /// For a page of the source.
    pub page: Duration,
    /// For a HEAD of an object of the source.
    pub head: Duration,
}

/// A store that listens. Dropping it ends it.
pub struct SlowStore {
    port: u16,
    shared: Arc<Shared>,
    _runtime: Runtime,
}

/// The size and the entity tag of each part, by its number.
type Parts = BTreeMap<u32, (u64, String)>;

struct Shared {
    objects: usize,
    latency: Latency,
    /// The size of each object of the destination, by its key.
    sizes: Mutex<BTreeMap<String, u64>>,
    /// The parts of unfinished uploads, by key.
    parts: Mutex<BTreeMap<String, Parts>>,
    pages: AtomicUsize,
    in_flight: AtomicUsize,
    in_flight_most: AtomicUsize,
}

/// What a request asks for.
struct Asked {
    method: Method,
    bucket: String,
    key: String,
    query: BTreeMap<String, String>,
    body: Bytes,
}

impl SlowStore {
    /// Serves [`SOURCE`] with so many objects, and an empty [`DESTINATION`], on a port of its own.
    pub fn start(objects: usize, latency: Latency) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let shared = Arc::new(Shared {
            objects,
            latency,
            sizes: Mutex::default(),
            parts: Mutex::default(),
            pages: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            in_flight_most: AtomicUsize::new(0),
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                let service = service_fn(move |request| {
                    let shared = Arc::clone(&shared);
                    async move { Ok::<_, Infallible>(shared.serve(request).await) }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { port, shared, _runtime: runtime }
    }

    /// What `--store` is given.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("s3+http://127.0.0.1:{}", self.port)
    }

    /// Keys, as a program finds them in its environment. Signatures are not checked.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, &'static str); 2] {
        [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret")]
    }

    /// How many pages of the source were asked for.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.shared.pages.load(Ordering::Relaxed)
    }

    /// The most requests about the source that were under way at one time.
    #[must_use]
    pub fn in_flight_most(&self) -> usize {
        self.shared.in_flight_most.load(Ordering::Relaxed)
    }

    /// The size of each object of the destination, by its key.
    #[must_use]
    pub fn written(&self) -> BTreeMap<String, u64> {
        locked(&self.shared.sizes).clone()
    }
}

/// The key of an object: folders of a thousand.
fn key(number: usize) -> String {
    format!("d{:05}/{:03}", number / 1000, number % 1000)
}

impl Shared {
    async fn serve(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let Ok(body) = body.collect().await else { return plain(400) };
        let asked = Asked {
            method: head.method,
            bucket: bucket.to_owned(),
            key: decoded(key),
            query: query(head.uri.query().unwrap_or_default()),
            body: body.to_bytes(),
        };
        if asked.bucket == SOURCE { self.source(&asked).await } else { self.destination(&asked) }
    }

    async fn source(&self, asked: &Asked) -> Response<Full<Bytes>> {
        let in_flight = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.in_flight_most.fetch_max(in_flight, Ordering::Relaxed);
        let response = match (&asked.method, asked.key.as_str()) {
            (&Method::HEAD, "") => plain(200),
            (&Method::HEAD, _) => {
                tokio::time::sleep(self.latency.head).await;
                object(1)
            }
            (&Method::GET, "") if asked.query.contains_key("list-type") => {
                self.pages.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(self.latency.page).await;
                self.page(&asked.query)
            }
            _ => plain(501),
        };
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        response
    }

    fn page(&self, query: &BTreeMap<String, String>) -> Response<Full<Bytes>> {
        let begin = match (query.get("continuation-token"), query.get("start-after")) {
            (Some(token), _) => token.parse().unwrap(),
            (None, Some(after)) => self.numbers_up_to(after),
            (None, None) => 0,
        };
        let most: usize = query.get("max-keys").map_or(1000, |text| text.parse().unwrap());
        let end = self.objects.min(begin + most);
        let keys = (begin..end).map(|number| (key(number), 1));
        listing(keys, (end < self.objects).then(|| end.to_string()))
    }

    /// How many keys there are up to and with this one.
    fn numbers_up_to(&self, after: &str) -> usize {
        let (mut low, mut high) = (0, self.objects);
        while low < high {
            let middle = low.midpoint(high);
            if key(middle).as_str() <= after {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn destination(&self, asked: &Asked) -> Response<Full<Bytes>> {
        let Asked { method, key, query, body, .. } = asked;
        let part = query.get("partNumber").and_then(|number| number.parse().ok());
        let is_upload = query.contains_key("uploadId");
        let size = body.len() as u64;
        match (method, key.as_str()) {
            _ if asked.bucket != DESTINATION => error(404, "NoSuchBucket"),
            (&Method::HEAD, "") => plain(200),
            (&Method::HEAD, key) => match locked(&self.sizes).get(key) {
                Some(size) => object(*size),
                None => plain(404),
            },
            (&Method::GET, "") if query.contains_key("policy") => error(404, "NoSuchBucketPolicy"),
            (&Method::GET, "") if query.contains_key("uploads") => xml(
                "<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>",
            ),
            (&Method::GET, "") => {
                let prefix = query.get("prefix").map(String::as_str).unwrap_or_default();
                let sizes = locked(&self.sizes);
                let found = sizes.iter().filter(|(key, _)| key.starts_with(prefix));
                listing(found.map(|(key, size)| (key.clone(), *size)), None)
            }
            (&Method::PUT, key) => {
                let tag = etags::of_content(body);
                if let (Some(number), true) = (part, is_upload) {
                    let mut parts = locked(&self.parts);
                    parts.entry(key.to_owned()).or_default().insert(number, (size, tag.clone()));
                } else {
                    locked(&self.sizes).insert(key.to_owned(), size);
                }
                tagged(&tag)
            }
            (&Method::POST, key) if query.contains_key("uploads") => xml(&format!(
                "<InitiateMultipartUploadResult><Bucket>{DESTINATION}</Bucket><Key>{key}</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>"
            )),
            (&Method::POST, key) if is_upload => {
                let parts = locked(&self.parts).remove(key).unwrap_or_default();
                let tag = etags::of_parts(parts.values().map(|(_, tag)| tag.as_str())).unwrap();
                let size = parts.values().map(|(size, _)| size).sum();
                locked(&self.sizes).insert(key.to_owned(), size);
                xml(&format!(
                    "<CompleteMultipartUploadResult><Bucket>{DESTINATION}</Bucket><Key>{key}</Key><ETag>\"{tag}\"</ETag></CompleteMultipartUploadResult>"
                ))
            }
            (&Method::DELETE, _) => plain(204),
            _ => plain(501),
        }
    }
}

fn listing(
    keys: impl Iterator<Item = (String, u64)>,
    next: Option<String>,
) -> Response<Full<Bytes>> {
    let (mut contents, mut count) = (String::new(), 0);
    for (key, size) in keys {
        count += 1;
        // Writing to a string cannot fail.
        let _ = write!(
            contents,
            "<Contents><Key>{key}</Key><LastModified>2026-11-08T00:00:00.000Z</LastModified><ETag>\"d41d8cd98f00b204e9800998ecf8427e\"</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        );
    }
    let is_truncated = next.is_some();
    let next = next.map(|next| format!("<NextContinuationToken>{next}</NextContinuationToken>"));
    xml(&format!(
        "<ListBucketResult><Name>b</Name><Prefix></Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>{is_truncated}</IsTruncated>{}{contents}</ListBucketResult>",
        next.unwrap_or_default()
    ))
}

fn query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plain(status: u16) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::default()).unwrap()
}

fn xml(text: &str) -> Response<Full<Bytes>> {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}");
    let response = Response::builder().header("content-type", "application/xml");
    response.body(Full::new(text.into())).unwrap()
}

fn error(status: u16, code: &str) -> Response<Full<Bytes>> {
    let mut response = xml(&format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>"));
    *response.status_mut() = status.try_into().unwrap();
    response
}

fn tagged(tag: &str) -> Response<Full<Bytes>> {
    Response::builder().header("etag", format!("\"{tag}\"")).body(Full::default()).unwrap()
}

fn object(size: u64) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .header("content-length", size)
        .header("etag", "\"d41d8cd98f00b204e9800998ecf8427e\"")
        .header("last-modified", "Sun, 08 Nov 2026 00:00:00 GMT");
    response.body(Full::default()).unwrap()
}
