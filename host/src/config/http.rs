//! `[http]` and `[[identity]]` of `stocktake.toml`: who is answered, how, and within which bounds.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use stocktake_core::finding::Dialect;
use toml::Spanned;

use super::bounded::Bounded;
use super::limits;
use super::texts::{address, check_word, domain};
use super::variables::{self, Variables, variables};
use crate::triggers::http::{CLIENT_HEADER, HttpOptions, Network, NetworkError};

/// What requests are signed for where nothing says anything else, as AWS's tools do.
pub const REGION_DEFAULT: &str = "us-east-1";

/// How the S3 API is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// Where to listen; none does not serve HTTP. Port 0 takes any free port.
    pub listen: Option<SocketAddr>,
    /// Whose API it is.
    pub dialect: Dialect,
    /// The region that requests have to be signed for.
    pub region: String,
    /// Domains below which a bucket's name stands in the host; none has bucket names in paths only.
    pub domains: Vec<String>,
    /// Whether requests without a signature are judged by bucket policies, instead of refused.
    pub anonymous: bool,
    /// The S3 code of a configuration that is not there; none is the gateway's default.
    pub not_found_code: Option<NotFoundCode>,
    /// The account that owns the buckets; none counts every caller as one of the owner's.
    pub account: Option<String>,
    /// Further variables of the component that answers.
    pub variables: Variables,
    /// Proxies that are believed what they say about their clients.
    pub trusted_proxies: Vec<Network>,
    /// Bounds on what clients can take.
    pub options: HttpOptions,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: None,
            dialect: Dialect::Any,
            region: REGION_DEFAULT.to_owned(),
            domains: Vec::new(),
            anonymous: false,
            not_found_code: None,
            account: None,
            variables: Variables::default(),
            trusted_proxies: Vec::new(),
            options: HttpOptions::default(),
        }
    }
}

impl HttpSettings {
    /// The settings as the component reads them: environment variables.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let dialect = match self.dialect {
            Dialect::Any => "any",
            Dialect::Aws => "aws",
            Dialect::Coreweave => "coreweave",
            Dialect::Cos => "cos",
        };
        let code = self.not_found_code.map(|code| ("NOT_FOUND_CODE", format!("{code:?}")));
        let account = self.account.clone().map(|account| ("ACCOUNT", account));
        let always = [
            ("DIALECT", dialect.to_owned()),
            ("REGION", self.region.clone()),
            ("DOMAINS", self.domains.join(",")),
            ("ANONYMOUS", if self.anonymous { "allow" } else { "deny" }.to_owned()),
            ("CLIENT_HEADER", CLIENT_HEADER.as_str().to_owned()),
        ];
        let own = always.into_iter().chain(code).chain(account);
        let own = own.map(|(name, value)| (format!("STOCKTAKE_{name}"), value));
        let more = self.variables.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        own.chain(more).collect()
    }
}

/// What a configuration that is not there is called: clients know the one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum NotFoundCode {
    /// Amazon's, and Terraform's for it.
    NoSuchConfiguration,
    /// What the Terraform provider of `CoreWeave` waits for.
    NoSuchInventoryConfiguration,
}

/// Somebody who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentitySettings {
    /// Names the keys.
    pub access_key: String,
    /// Where the secret is.
    pub secret: Secret,
    /// The principal's ARN.
    pub principal: String,
    /// The account; empty takes that of the ARN.
    pub account: String,
    /// Roles and groups.
    pub roles: Vec<String>,
    /// Whether its own side allows it everything.
    pub administrator: bool,
    /// Files with policies of its own side.
    pub policies: Vec<PathBuf>,
    /// Whether it is known, yet to be refused.
    pub suspended: bool,
}

/// A secret, or where it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The secret itself.
    Text(String),
    /// A file that holds nothing else; a last line end does not count.
    File(PathBuf),
    /// An environment variable of the program.
    Variable(String),
}

impl Default for Secret {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => formatter.write_str("Text(..)"),
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Variable(name) => formatter.debug_tuple("Variable").field(name).finish(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct Http {
    listen: Option<Spanned<String>>,
    dialect: Option<DialectName>,
    region: Option<Spanned<String>>,
    domains: Vec<Spanned<String>>,
    anonymous: bool,
    not_found_code: Option<NotFoundCode>,
    account: Option<Spanned<String>>,
    trusted_proxies: Vec<Spanned<String>>,
    connections: Option<Bounded<{ limits::CONNECTIONS.0 }, { limits::CONNECTIONS.1 }>>,
    address_connections: Option<Bounded<{ limits::CONNECTIONS.0 }, { limits::CONNECTIONS.1 }>>,
    requests: Option<Bounded<{ limits::REQUESTS.0 }, { limits::REQUESTS.1 }>>,
    body_kib: Option<Bounded<{ limits::BODY_KIB.0 }, { limits::BODY_KIB.1 }>>,
    request_seconds: Option<Bounded<{ limits::REQUEST_SECONDS.0 }, { limits::REQUEST_SECONDS.1 }>>,
    idle_seconds: Option<Bounded<{ limits::IDLE_SECONDS.0 }, { limits::IDLE_SECONDS.1 }>>,
    environment: variables::File,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DialectName {
    Any,
    Aws,
    Coreweave,
    Cos,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Identity {
    access_key: Spanned<String>,
    secret: Option<String>,
    secret_file: Option<PathBuf>,
    secret_env: Option<String>,
    principal: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    administrator: bool,
    #[serde(default)]
    policies: Vec<PathBuf>,
    #[serde(default)]
    suspended: bool,
}

/// What is wrong, and where.
type Wrong = Vec<(Range<usize>, String)>;

pub(super) fn http(file: &Http, wrong: &mut Wrong) -> HttpSettings {
    let mut judge = |text: &Spanned<String>, judged: Result<(), String>| {
        if let Err(message) = judged {
            wrong.push((text.span(), message));
        }
    };
    let mut settings = HttpSettings { anonymous: file.anonymous, ..HttpSettings::default() };
    if let Some(listen) = &file.listen {
        let address = address(listen.get_ref());
        settings.listen = address.as_ref().ok().copied();
        judge(listen, address.map(drop));
    }
    if let Some(region) = &file.region {
        judge(region, check_word("region", region.get_ref()));
        settings.region.clone_from(region.get_ref());
    }
    for name in &file.domains {
        judge(name, domain(name.get_ref()).map(drop));
        settings.domains.push(name.get_ref().clone());
    }
    if let Some(account) = &file.account {
        judge(account, check_word("account", account.get_ref()));
        settings.account = Some(account.get_ref().clone());
    }
    for text in &file.trusted_proxies {
        let network = text.get_ref().parse::<Network>();
        settings.trusted_proxies.extend(network.as_ref().ok());
        judge(text, network.map(drop).map_err(|error: NetworkError| error.to_string()));
    }
    settings.not_found_code = file.not_found_code;
    settings.dialect = match file.dialect.unwrap_or(DialectName::Any) {
        DialectName::Any => Dialect::Any,
        DialectName::Aws => Dialect::Aws,
        DialectName::Coreweave => Dialect::Coreweave,
        DialectName::Cos => Dialect::Cos,
    };
    settings.options = options(file);
    let own = settings.environment();
    settings.variables = variables(&file.environment, &own, wrong);
    settings
}

/// Where the values of variables are: no message shows them.
pub(super) fn values(file: &Http) -> Vec<Range<usize>> {
    file.environment.values().map(Spanned::span).collect()
}

fn options(file: &Http) -> HttpOptions {
    let mut options = HttpOptions::default();
    let replace = |option: &mut usize, found: Option<usize>| *option = found.unwrap_or(*option);
    replace(&mut options.connections, file.connections.and_then(Bounded::get));
    let of_address = file.address_connections.and_then(Bounded::get);
    replace(&mut options.address_connections, of_address);
    replace(&mut options.requests, file.requests.and_then(Bounded::get));
    let body_bytes = file.body_kib.and_then(Bounded::get::<usize>).map(|kib| kib << 10);
    replace(&mut options.body_bytes, body_bytes);
    options.bodies_bytes = options.bodies_bytes.max(options.body_bytes);
    options.address_bodies_bytes = options.address_bodies_bytes.max(options.body_bytes);
    if let Some(seconds) = file.request_seconds.and_then(Bounded::get) {
        options.request = Duration::from_secs(seconds);
    }
    if let Some(seconds) = file.idle_seconds.and_then(Bounded::get) {
        options.idle = Duration::from_secs(seconds);
    }
    options
}

pub(super) fn identities(
    file: Vec<Identity>,
    folder: &Path,
    wrong: &mut Wrong,
) -> Vec<IdentitySettings> {
    let mut seen = BTreeSet::new();
    file.into_iter()
        .map(|found| {
            let span = found.access_key.span();
            let access_key = found.access_key.into_inner();
            if !seen.insert(access_key.clone()) {
                let message = format!("the access key `{access_key}` is there twice; remove one");
                wrong.push((span.clone(), message));
            }
            let secret = match (found.secret, found.secret_file, found.secret_env) {
                (Some(text), None, None) => Secret::Text(text),
                (None, Some(path), None) => Secret::File(folder.join(path)),
                (None, None, Some(name)) => Secret::Variable(name),
                _ => {
                    let message = "an identity has one secret; write one of `secret-file`, `secret-env` and `secret`";
                    wrong.push((span, message.to_owned()));
                    Secret::default()
                }
            };
            IdentitySettings {
                access_key,
                secret,
                principal: found.principal,
                account: found.account,
                roles: found.roles,
                administrator: found.administrator,
                policies: found.policies.into_iter().map(|path| folder.join(path)).collect(),
                suspended: found.suspended,
            }
        })
        .collect()
}
