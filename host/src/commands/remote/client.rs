//! One signed request of the JSON API, and its answer. Nothing here knows what the calls mean.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, crypto};
use stocktake_sigv4::sign::Signer;
use stocktake_sigv4::{ContentSha256, Header, Request as Unsigned, Scope, Secret, UnixSeconds};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::engine::ANSWER_BYTES_MAX;

/// The longest that one call may take: twice what a server has for it at the usual.
const CALL_TIME: Duration = Duration::from_mins(1);

/// What a connection is made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Endpoint {
    is_tls: bool,
    host: String,
    port: u16,
    /// Host and port as the address has them, which is what is signed.
    authority: String,
}

/// Who calls.
#[derive(Clone)]
pub(in crate::commands) struct Keys {
    pub(in crate::commands) access_key: String,
    pub(in crate::commands) secret: Secret,
    pub(in crate::commands) token: Option<Secret>,
}

/// Makes calls to one place.
pub(in crate::commands) struct Client {
    pub(in crate::commands) endpoint: Endpoint,
    pub(in crate::commands) region: String,
    pub(in crate::commands) keys: Keys,
}

/// A call. Path and query are encoded.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Call {
    pub(in crate::commands) method: Method,
    pub(in crate::commands) path: String,
    pub(in crate::commands) query: String,
    /// A document and its media type.
    pub(in crate::commands) body: Option<(Bytes, &'static str)>,
}

/// An answer, whatever it says.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Answer {
    pub(in crate::commands) status: StatusCode,
    pub(in crate::commands) body: Bytes,
}

impl Endpoint {
    /// Reads an address such as `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// What to write instead.
    pub(in crate::commands) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            let found = text.escape_debug();
            format!("`{found}` is no address of a `serve`; write one such as http://127.0.0.1:9000")
        };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        match uri.authority() {
            Some(authority) if is_bare && !authority.as_str().contains('@') => Ok(Self {
                is_tls,
                host: authority.host().to_owned(),
                port: authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
                authority: authority.as_str().to_owned(),
            }),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}://{}", if self.is_tls { "https" } else { "http" }, self.authority)
    }
}

impl Client {
    /// Makes a call, signed for this time. Each has a connection of its own.
    ///
    /// # Errors
    /// There is no whole answer; whether the call was heard is unknown then.
    pub(in crate::commands) async fn call(
        &self,
        call: Call,
        now: SystemTime,
    ) -> anyhow::Result<Answer> {
        let endpoint = &self.endpoint;
        let request = self.signed(call, now)?;
        let exchanging = async {
            let stream =
                TcpStream::connect((endpoint.host.trim_matches(['[', ']']), endpoint.port))
                    .await
                    .context(
                    "it cannot be connected to; is `stocktake serve --listen` at work there?",
                )?;
            stream.set_nodelay(true)?;
            if endpoint.is_tls {
                let name = ServerName::try_from(endpoint.host.trim_matches(['[', ']']).to_owned())?;
                exchange(connector()?.connect(name, stream).await?, request).await
            } else {
                exchange(stream, request).await
            }
        };
        match tokio::time::timeout(CALL_TIME, exchanging).await {
            Ok(answer) => answer.with_context(|| format!("`{endpoint}` does not answer")),
            Err(_) => bail!("`{endpoint}` has not answered within {CALL_TIME:?}"),
        }
    }

    fn signed(&self, call: Call, now: SystemTime) -> anyhow::Result<http::Request<Full<Bytes>>> {
        let Call { method, path, query, body } = call;
        let address = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
        let mut builder = http::Request::builder().method(&method).uri(address);
        let (bytes, content_type) = body.unwrap_or((Bytes::new(), ""));
        let mut headers = vec![(HOST.as_str().to_owned(), self.endpoint.authority.clone())];
        if !content_type.is_empty() {
            headers.push((CONTENT_TYPE.as_str().to_owned(), content_type.to_owned()));
        }
        let given: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| Header { name, value: value.as_bytes() }).collect();
        let unsigned = Unsigned {
            method: method.as_str(),
            path: &path,
            query: &query,
            headers: &given,
            body: None,
        };
        let signer = Signer {
            access_key_id: &self.keys.access_key,
            secret: &self.keys.secret,
            security_token: self.keys.token.as_ref(),
            scope: Scope { region: &self.region, service: "s3" },
        };
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = UnixSeconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        let added = signer
            .sign(&unsigned, ContentSha256::of(&bytes), now)
            .map_err(|error| anyhow!("the request cannot be signed: {error}"))?
            .headers;
        for (name, value) in headers.into_iter().chain(added) {
            builder = builder.header(name, value);
        }
        Ok(builder.body(Full::new(bytes))?)
    }
}

async fn exchange<S>(stream: S, request: http::Request<Full<Bytes>>) -> anyhow::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender, or with its error, which the answer has too.
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| anyhow!(error))?.to_bytes();
    connection.abort();
    Ok(Answer { status, body })
}

/// TLS with the authorities that this system trusts, or those of `SSL_CERT_FILE`.
fn connector() -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        bail!("this system trusts no authority; name a file of certificates with SSL_CERT_FILE");
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// One segment of a path, or a value of a query: percent-encoded but for what RFC 3986 calls unreserved.
pub(in crate::commands) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            // Writing into a text cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_address_without_a_path() {
        let endpoint = Endpoint::parse("http://127.0.0.1:9000/").unwrap();
        assert_eq!((endpoint.host.as_str(), endpoint.port), ("127.0.0.1", 9000));
        assert_eq!(endpoint.to_string(), "http://127.0.0.1:9000");
        let endpoint = Endpoint::parse("https://inventory.example.com").unwrap();
        assert_eq!((endpoint.is_tls, endpoint.port), (true, 443));
        assert_eq!(Endpoint::parse("http://[::1]:9000").unwrap().host, "[::1]");
        for text in [
            "",
            "127.0.0.1:9000",
            "ftp://h",
            "http://h/a",
            "http://h/?a",
            "http://a:b@h",
            "http://",
        ] {
            assert!(Endpoint::parse(text).unwrap_err().contains("http://127.0.0.1:9000"), "{text}");
        }
    }

    #[test]
    fn what_is_part_of_a_path_is_encoded() {
        assert_eq!(encoded("a-Z_0.~"), "a-Z_0.~");
        assert_eq!(encoded("a/b?c ü%"), "a%2Fb%3Fc%20%C3%BC%25");
    }

    #[test]
    fn a_secret_is_in_no_request() {
        let keys = Keys {
            access_key: "AKID".to_owned(),
            secret: Secret::new("hidden"),
            token: Some(Secret::new("shown")),
        };
        let endpoint = Endpoint::parse("http://h:1").unwrap();
        let client = Client { endpoint, region: "us-east-1".to_owned(), keys };
        let call = Call {
            method: Method::POST,
            path: "/a".to_owned(),
            query: "b=c".to_owned(),
            body: Some((Bytes::from_static(b"{}"), "application/json")),
        };
        let request = client.signed(call, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(request.uri(), "/a?b=c");
        let headers: Vec<&str> = request.headers().keys().map(http::HeaderName::as_str).collect();
        let expected = [
            "host",
            "content-type",
            "x-amz-content-sha256",
            "x-amz-date",
            "x-amz-security-token",
            "authorization",
        ];
        assert_eq!(headers, expected);
        assert!(!format!("{:?}", request.headers()).contains("hidden"));
    }
}
