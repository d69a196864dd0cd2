//! Where a store is.

use std::fmt;
use std::time::Duration;

/// What every endpoint begins with; what does not is no endpoint but a path.
const SCHEMES: [&str; 2] = ["s3+http", "s3+https"];

/// The longest host name of the domain name system.
const HOST_BYTES_MAX: usize = 253;

/// The longest word that is taken for a region; those in use have 14 characters and less.
const REGION_BYTES_MAX: usize = 64;

/// Listing a large bucket can take a busy store seconds.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(20);

/// What can be set instead: a store on slow disks may need minutes, and who has waited for ten will get no answer.
const TIMEOUT_SECONDS: std::ops::RangeInclusive<u64> = 1..=600;

/// The address of an S3 API, and how to speak to it.
///
/// - Written `s3+http://HOST[:PORT]` or `s3+https://HOST[:PORT]`, with `?region=`, `&path-style=`, `&timeout-seconds=`
///   and `&etags=` behind it.
/// - Never holds a secret: keys in an address are refused, and the refusal does not repeat them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Endpoint {
    url: String,
    region: Option<String>,
    path_style: bool,
    timeout: Duration,
    etags: Etags,
}

/// What the entity tags of a store are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Etags {
    /// The MD5 of what was written, as at Amazon; they are compared to what was sent.
    #[default]
    Md5,
    /// Something of the store's own, which says nothing about content.
    Opaque,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It begins with something else.
    #[error("an S3 endpoint is written s3+http://HOST[:PORT] or s3+https://HOST[:PORT]")]
    Scheme,
    /// It holds a user name or keys.
    #[error(
        "an S3 endpoint holds no keys; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    )]
    UserInfo,
    /// The host or port is none.
    #[error("`{0}` is no HOST or HOST:PORT")]
    Host(String),
    /// Something follows the host.
    #[error("an S3 endpoint has no path; buckets are named apart from it")]
    Path,
    /// A setting that is not there, or is there twice.
    #[error(
        "`{0}` is no setting of an S3 endpoint; allowed are `etags`, `region`, `path-style` and `timeout-seconds`, once each"
    )]
    Setting(String),
    /// A setting with a value that it cannot have.
    #[error("`{name}` has a wrong value; write {allowed}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What it can be.
        allowed: &'static str,
    },
}

impl S3Endpoint {
    /// Whether a text is meant as an endpoint, right or wrong, and not as a path.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        ["s3+", "s3://", "http://", "https://"].iter().any(|begin| text.starts_with(begin))
    }

    /// Reads an endpoint.
    ///
    /// Without `path-style`, buckets are part of the path everywhere but at Amazon, since few other stores answer to
    /// names below their own. Without `region`, it is what the host's name says, where that is Amazon's.
    ///
    /// # Errors
    /// [`EndpointError`], which says what is allowed.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let (scheme, rest) = text.split_once("://").ok_or(EndpointError::Scheme)?;
        if !SCHEMES.contains(&scheme) {
            return Err(EndpointError::Scheme);
        }
        // Before anything else, as every other refusal repeats a piece of the text.
        if rest.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        if rest.contains('#') {
            return Err(EndpointError::Path);
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host_and_port, path) = place.split_once('/').unwrap_or((place, ""));
        if !path.is_empty() {
            return Err(EndpointError::Path);
        }
        let host = host(host_and_port).ok_or_else(|| EndpointError::Host(host_and_port.into()))?;
        let settings = Settings::parse(query)?;
        let amazon = [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|end| host.ends_with(end));
        Ok(Self {
            url: format!("{}://{host_and_port}", scheme.trim_start_matches("s3+")),
            region: settings.region.or_else(|| amazon.then(|| region_of(host)).flatten()),
            path_style: settings.path_style.unwrap_or(!amazon),
            timeout: settings.timeout.unwrap_or(TIMEOUT_DEFAULT),
            etags: settings.etags.unwrap_or_default(),
        })
    }

    /// The address of the API itself, such as `http://127.0.0.1:7480`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The region that requests are signed for, where the endpoint says so.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Whether a bucket is the first part of the path, and not of the host's name.
    #[must_use]
    pub fn is_path_style(&self) -> bool {
        self.path_style
    }

    /// How long the store may take until it begins to answer, and between pieces of an answer.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What the store's entity tags are.
    #[must_use]
    pub fn etags(&self) -> Etags {
        self.etags
    }
}

impl fmt::Display for S3Endpoint {
    /// As it was written, without its settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3+{}", self.url)
    }
}

#[derive(Default)]
struct Settings {
    region: Option<String>,
    path_style: Option<bool>,
    timeout: Option<Duration>,
    etags: Option<Etags>,
}

impl Settings {
    fn parse(query: &str) -> Result<Self, EndpointError> {
        let mut settings = Self::default();
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            match name {
                "region" if settings.region.is_none() => {
                    settings.region = Some(checked_region(value)?);
                }
                "path-style" if settings.path_style.is_none() => {
                    settings.path_style = Some(truth(value)?);
                }
                "timeout-seconds" if settings.timeout.is_none() => {
                    settings.timeout = Some(checked_timeout(value)?);
                }
                "etags" if settings.etags.is_none() => settings.etags = Some(etags(value)?),
                other => return Err(EndpointError::Setting(other.to_owned())),
            }
        }
        Ok(settings)
    }
}

fn checked_region(value: &str) -> Result<String, EndpointError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if value.is_empty() || value.len() > REGION_BYTES_MAX || !value.chars().all(allowed) {
        let allowed = "a region such as us-east-1";
        return Err(EndpointError::Value { name: "region", allowed });
    }
    Ok(value.to_owned())
}

fn checked_timeout(value: &str) -> Result<Duration, EndpointError> {
    let seconds = value.parse().ok().filter(|seconds| TIMEOUT_SECONDS.contains(seconds));
    let allowed = "1 to 600";
    seconds
        .map(Duration::from_secs)
        .ok_or(EndpointError::Value { name: "timeout-seconds", allowed })
}

fn truth(value: &str) -> Result<bool, EndpointError> {
    value.parse().map_err(|_| EndpointError::Value { name: "path-style", allowed: "true or false" })
}

fn etags(value: &str) -> Result<Etags, EndpointError> {
    match value {
        "md5" => Ok(Etags::Md5),
        "opaque" => Ok(Etags::Opaque),
        _ => Err(EndpointError::Value { name: "etags", allowed: "md5 or opaque" }),
    }
}

/// The host of `HOST` or `HOST:PORT`, if it is one.
fn host(text: &str) -> Option<&str> {
    let (host, port) = if text.starts_with('[') {
        let (address, behind) = text.split_at(text.find(']')? + 1);
        let inside = address.get(1..address.len() - 1)?;
        inside.parse::<std::net::Ipv6Addr>().ok()?;
        (address, behind.strip_prefix(':').or(behind.is_empty().then_some("80"))?)
    } else {
        let (host, port) = text.split_once(':').unwrap_or((text, "80"));
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let is_host = (1..=HOST_BYTES_MAX).contains(&host.len()) && host.chars().all(allowed);
        is_host.then_some((host, port))?
    };
    let is_port = port.bytes().all(|digit| digit.is_ascii_digit());
    (is_port && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(host)
}

/// The region in one of Amazon's names: `s3.eu-west-1.amazonaws.com`, `s3.dualstack.eu-west-1.amazonaws.com`.
fn region_of(host: &str) -> Option<String> {
    let (name, _) = host.split_once(".amazonaws.com")?;
    let word = name.rsplit('.').next().filter(|word| word.contains('-') && name.starts_with("s3"));
    word.filter(|word| !word.starts_with("s3-")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parsed(text: &str) -> (String, Option<String>, bool) {
        let endpoint = S3Endpoint::parse(text).unwrap();
        (endpoint.url, endpoint.region, endpoint.path_style)
    }

    fn of(url: &str, region: Option<&str>, path_style: bool) -> (String, Option<String>, bool) {
        (url.to_owned(), region.map(str::to_owned), path_style)
    }

    #[test]
    fn settings_stand_behind_the_host() {
        assert_eq!(
            parsed("s3+http://127.0.0.1:7480?region=eu-1&path-style=false"),
            of("http://127.0.0.1:7480", Some("eu-1"), false)
        );
        let timeout = |text| S3Endpoint::parse(text).unwrap().timeout().as_secs();
        assert_eq!(timeout("s3+http://h?timeout-seconds=600&region=a"), 600);
        assert_eq!(timeout("s3+http://h"), 20);
        let etags = |text| S3Endpoint::parse(text).unwrap().etags();
        assert_eq!(etags("s3+http://h"), Etags::Md5);
        assert_eq!(etags("s3+http://h?region=a&etags=opaque"), Etags::Opaque);
        assert_eq!(parsed("s3+http://[::1]:80/"), of("http://[::1]:80", None, true));
    }

    #[test]
    fn what_amazon_does_is_the_default_at_amazon_alone() {
        let amazon = of("https://s3.eu-west-1.amazonaws.com", Some("eu-west-1"), false);
        assert_eq!(parsed("s3+https://s3.eu-west-1.amazonaws.com"), amazon);
        let china = parsed("s3+https://s3.dualstack.cn-north-1.amazonaws.com.cn");
        assert_eq!((china.1.as_deref(), china.2), (Some("cn-north-1"), false));
        assert_eq!(parsed("s3+https://s3.amazonaws.com").1, None);
        assert_eq!(
            parsed("s3+https://s3.amazonaws.com.example.org"),
            of("https://s3.amazonaws.com.example.org", None, true)
        );
    }

    #[test]
    fn a_wrong_endpoint_is_refused_with_what_is_allowed() {
        let refused = |text: &str| S3Endpoint::parse(text).unwrap_err().to_string();
        for text in ["http://host", "s3://bucket", "s3+ftp://host", "host", ""] {
            assert!(refused(text).contains("s3+https://HOST[:PORT]"), "{text}");
        }
        let hosts =
            ["", ":80", "a b", "a:", "a:0", "a:65536", "a:+1", "[::1", "[::1]x", "[x]:1", "a:1:2"];
        for host in hosts {
            assert_eq!(
                refused(&format!("s3+http://{host}")),
                format!("`{host}` is no HOST or HOST:PORT")
            );
        }
        for text in ["s3+http://host/bucket", "s3+http://host//", "s3+http://host#x"] {
            assert!(refused(text).contains("has no path"), "{text}");
        }
        assert!(refused("s3+http://h?regoin=x").contains("`regoin` is no setting"));
        assert!(refused("s3+http://h?region=a&region=b").contains("once each"));
        assert!(refused("s3+http://h?region=").contains("a region such as us-east-1"));
        assert!(refused("s3+http://h?region=a/b").contains("a region such as us-east-1"));
        for seconds in ["", "0", "601", "-1", "1.5", "20s"] {
            let text = format!("s3+http://h?timeout-seconds={seconds}");
            assert!(refused(&text).contains("`timeout-seconds` has a wrong value; write 1 to 600"));
        }
        assert!(refused("s3+http://h?path-style=yes").contains("true or false"));
        assert!(refused("s3+http://h?etags=none").contains("md5 or opaque"));
    }

    #[test]
    fn keys_are_refused_and_not_repeated() {
        let inputs =
            ["s3+http://AKID:secret@host", "s3+http://host/a:secret@x", "s3+http://host?a=secret@"];
        for text in inputs {
            let refused = S3Endpoint::parse(text).unwrap_err();
            assert_eq!(refused, EndpointError::UserInfo);
            assert!(!format!("{refused} {refused:?}").contains("secret"));
        }
        let refused = S3Endpoint::parse("s3+http://host?secret-access-key=hidden").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hidden"));
    }

    #[test]
    fn a_path_is_not_meant_as_an_endpoint() {
        assert!(["s3+http://h", "s3://b", "http://h"].into_iter().all(S3Endpoint::is_meant));
        assert!(
            !["./buckets", "/srv", "s3", "https", "http/x"].into_iter().any(S3Endpoint::is_meant)
        );
    }
}
