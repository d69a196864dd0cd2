//! Makes requests that [`crate::verify()`] and S3 accept.

use crate::canonical::{ALGORITHM, SIGNATURE_PARAMETER};
use crate::chunked::Chain;
use crate::credentials::{EXPIRES_SECONDS_MAX, Signature, SignedScope};
use crate::error::{Error, Place};
use crate::key::{Secret, sha256};
use crate::payload::ContentSha256;
use crate::request::{Header, Request};
use crate::time::UnixSeconds;
use crate::verify::{Scope, content, expected};
use crate::{hex, percent};

/// Who signs, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The access key's id, without slashes.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret: &'a Secret,
    /// The token that comes with temporary keys.
    pub security_token: Option<&'a Secret>,
    /// What the signature is for.
    pub scope: Scope<'a>,
}

/// A signed request.
#[derive(Debug)]
pub struct Signed {
    /// To be sent besides those that were given: names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// Signs the chunks of the body, where it comes in signed chunks.
    pub chunks: ChunkSigner,
}

impl Signer<'_> {
    /// Signs with a header, over all headers of the request, which are to be sent as they are. They hold `host`, and none of
    /// those that [`Signed::headers`] adds.
    ///
    /// # Errors
    /// [`Error::InvalidUri`], [`Error::InvalidRequest`], [`Error::TooLarge`]: no server could take the request.
    pub fn sign(
        &self,
        request: &Request<'_>,
        content: ContentSha256,
        now: UnixSeconds,
    ) -> Result<Signed, Error> {
        let mut added = vec![
            ("x-amz-content-sha256".to_owned(), content.text()),
            ("x-amz-date".to_owned(), now.basic()),
        ];
        if let Some(token) = self.security_token {
            added.push(("x-amz-security-token".to_owned(), token.expose().to_owned()));
        }
        let mut headers = request.headers.to_vec();
        headers.extend(added.iter().map(|(name, value)| Header { name, value: value.as_bytes() }));
        let request = Request { headers: &headers, ..*request };
        request.check()?;
        let fields = self.fields(Place::Header, now, 0, names(&headers));
        let (signature, chain) = expected(&request, &fields, self.secret, &content.text())?;
        let authorization = format!(
            "{ALGORITHM} Credential={},SignedHeaders={},Signature={}",
            self.credential(&fields.scope),
            fields.signed_headers.join(";"),
            hex::encode(&signature)
        );
        added.push(("authorization".to_owned(), authorization));
        Ok(Signed { headers: added, chunks: ChunkSigner(chain) })
    }

    /// Signs with the query, and gives the whole of it: what the request had and what says who signed it.
    ///
    /// All headers of the request are signed, so whoever uses the query must send them. The body is not, unless the header
    /// `x-amz-content-sha256` or the parameter `X-Amz-Content-Sha256` is there and says what it is.
    ///
    /// # Errors
    /// [`Error::Malformed`] unless `expires_seconds` is 1 to [`EXPIRES_SECONDS_MAX`]; otherwise as for [`Signer::sign`].
    pub fn presign(
        &self,
        request: &Request<'_>,
        expires_seconds: u32,
        now: UnixSeconds,
    ) -> Result<String, Error> {
        if !(1..=EXPIRES_SECONDS_MAX).contains(&expires_seconds) {
            let limit = format!("X-Amz-Expires must be 1 to {EXPIRES_SECONDS_MAX} seconds");
            return Err(Place::Query.malformed(limit));
        }
        let fields = self.fields(Place::Query, now, expires_seconds, names(request.headers));
        let mut query = request.query.to_owned();
        for (name, value) in [
            ("X-Amz-Algorithm", ALGORITHM.to_owned()),
            ("X-Amz-Credential", self.credential(&fields.scope)),
            ("X-Amz-Date", now.basic()),
            ("X-Amz-Expires", expires_seconds.to_string()),
            ("X-Amz-SignedHeaders", fields.signed_headers.join(";")),
        ] {
            append(&mut query, name, &value);
        }
        if let Some(token) = self.security_token {
            append(&mut query, "X-Amz-Security-Token", token.expose());
        }
        let request = Request { query: &query, ..*request };
        request.check()?;
        let content = content(&request, Place::Query)?.text();
        let (signature, _) = expected(&request, &fields, self.secret, &content)?;
        append(&mut query, SIGNATURE_PARAMETER, &hex::encode(&signature));
        Ok(query)
    }

    fn fields(
        &self,
        place: Place,
        at: UnixSeconds,
        expires_seconds: u32,
        signed_headers: Vec<String>,
    ) -> Signature {
        let date = at.basic().chars().take(8).collect();
        let Scope { region, service } = self.scope;
        let scope = SignedScope { date, region: region.to_owned(), service: service.to_owned() };
        Signature { place, scope, at, expires_seconds, signed_headers, bytes: [0; 32] }
    }

    fn credential(&self, scope: &SignedScope) -> String {
        let SignedScope { date, region, service } = scope;
        format!("{}/{date}/{region}/{service}/aws4_request", self.access_key_id)
    }
}

/// Signs the chunks of one body, in order.
#[derive(Clone, Debug)]
pub struct ChunkSigner(Chain);

impl ChunkSigner {
    /// The frame of the next chunk up to its data, behind which comes a line end; an empty chunk is the last.
    #[must_use]
    pub fn chunk(&mut self, data: &[u8]) -> String {
        let signature = self.0.chunk(&sha256(data));
        format!("{:x};chunk-signature={}\r\n", data.len(), hex::encode(&signature))
    }

    /// All that follows the frame of the last chunk; names in lower case, as `x-amz-trailer` announced them.
    #[must_use]
    pub fn trailer(&mut self, trailers: &[(&str, &str)]) -> String {
        let lines = |end: &str| -> String {
            trailers.iter().flat_map(|(name, value)| [*name, ":", *value, end]).collect()
        };
        let signature = hex::encode(&self.0.trailer(&lines("\n")));
        format!("{}x-amz-trailer-signature:{signature}\r\n\r\n", lines("\r\n"))
    }
}

/// The names of all headers, as they are signed.
fn names(headers: &[Header<'_>]) -> Vec<String> {
    let mut names: Vec<String> =
        headers.iter().map(|header| header.name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn append(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    percent::encode(value.bytes(), query);
}
