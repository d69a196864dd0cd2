//! Which bucket or resource a request names, by its path or by its host.

use crate::http::Head;
use crate::query::{Plus, decode};
use crate::settings::Settings;

/// The longest path that is read, in bytes as sent: a bucket and a key of which every byte is encoded.
pub(crate) const PATH_BYTES_MAX: usize = 4 << 10;

/// What the paths of our own API begin with. No bucket can have the first segment as its name, which is too short.
const API: &str = "/v1/";

/// What a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The list of buckets.
    Service,
    /// A bucket; the name is not checked.
    Bucket(String),
    /// Something within a bucket.
    Object,
    /// A path of our own API: its segments behind the version, decoded.
    Api(Vec<String>),
}

/// Finds out what a request names; none where its path is malformed.
///
/// A host below one of the base domains names a bucket (virtual-hosted addressing). Otherwise the first segment of the
/// path does (path-style addressing).
pub(crate) fn target(head: &Head, settings: &Settings) -> Option<Target> {
    let path = head.path.as_str();
    if path.len() > PATH_BYTES_MAX {
        return None;
    }
    if let Some(bucket) = hosted_bucket(head.host(), &settings.domains) {
        decode(path, Plus::Plus)?;
        let is_bucket = path.trim_start_matches('/').is_empty();
        return Some(if is_bucket { Target::Bucket(bucket) } else { Target::Object });
    }
    if let Some(rest) = path.strip_prefix(API) {
        let segments = rest.split('/').map(|segment| decode(segment, Plus::Plus));
        return segments.collect::<Option<Vec<_>>>().map(Target::Api);
    }
    let path = decode(path, Plus::Plus)?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    Some(match path.split_once('/') {
        None if path.is_empty() => Target::Service,
        None => Target::Bucket(path.to_owned()),
        Some((bucket, "")) if !bucket.is_empty() => Target::Bucket(bucket.to_owned()),
        Some(_) => Target::Object,
    })
}

fn hosted_bucket(authority: &str, domains: &[String]) -> Option<String> {
    let host = authority.rsplit_once(':').map_or(authority, |(host, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { authority }
    });
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let bucket = domains.iter().find_map(|domain| host.strip_suffix(domain)?.strip_suffix('.'))?;
    (!bucket.is_empty()).then(|| bucket.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(authority: &str, path: &str, expected: impl Into<Option<Target>>) {
        let head =
            Head { authority: authority.to_owned(), path: path.to_owned(), ..Head::default() };
        let domains = vec!["s3.example.org".to_owned()];
        let settings = Settings { domains, ..Settings::default() };
        assert_eq!(target(&head, &settings), expected.into(), "{authority} {path}");
    }

    fn bucket(name: &str) -> Target {
        Target::Bucket(name.to_owned())
    }

    #[test]
    fn a_bucket_is_named_by_the_path() {
        check("127.0.0.1:9000", "/", Target::Service);
        check("127.0.0.1:9000", "", Target::Service);
        check("s3.example.org", "/orbit-raw", bucket("orbit-raw"));
        check("localhost", "/orbit-raw/", bucket("orbit-raw"));
        check("localhost", "/orbit%2Draw", bucket("orbit-raw"));
        check("localhost", "/orbit+raw", bucket("orbit+raw"));
        check("localhost", "/orbit-raw/a", Target::Object);
        check("localhost", "/orbit-raw//", Target::Object);
        check("localhost", "//", Target::Object);
        check("localhost", "/%", None);
        check("localhost", "/%ff", None);
        check("localhost", &format!("/{}", "a".repeat(PATH_BYTES_MAX)), None);
    }

    #[test]
    fn a_bucket_is_named_by_the_host() {
        check("orbit-raw.s3.example.org", "/", bucket("orbit-raw"));
        check("Orbit-Raw.S3.Example.Org.:9000", "", bucket("orbit-raw"));
        check("a.b.s3.example.org:80", "/", bucket("a.b"));
        check("orbit-raw.s3.example.org", "/key", Target::Object);
        check("orbit-raw.s3.example.org", "/v1/stocktake/health", Target::Object);
        check(".s3.example.org", "/orbit-raw", bucket("orbit-raw"));
        check("evils3.example.org", "/orbit-raw", bucket("orbit-raw"));
        check("orbit-raw.s3.example.com", "/other", bucket("other"));
        check("[::1]:9000", "/other", bucket("other"));
    }

    #[test]
    fn our_own_api_has_a_path_that_no_bucket_has() {
        let segments =
            |names: &[&str]| Target::Api(names.iter().map(|name| (*name).to_owned()).collect());
        check("localhost", "/v1/stocktake/health", segments(&["stocktake", "health"]));
        check("localhost", "/v1/a%2Fb/", segments(&["a/b", ""]));
        check("localhost", "/v1", bucket("v1"));
    }
}
