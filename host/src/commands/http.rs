//! Serving HTTP: who may call, which component answers, and where.

use std::fs;
use std::io::Read as _;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use serde_json::json;
use stocktake_capabilities::Identity;
use tokio::net::TcpListener;

use super::arguments::HttpArguments;
use super::assembly::Host;
use super::remote::{Notice, Posted};
use super::report::print_json;
use super::{CommandError, Environment};
use crate::capabilities::Capabilities;
use crate::config::{HTTP_GATEWAY, HttpSettings, IdentitySettings, Secret, Settings, texts};
use crate::engine::{Component, Export};
use crate::engines::FixedIdentities;
use crate::engines::identities::{POLICIES_BYTES_MAX, SECRET_BYTES_MAX};
use crate::triggers::http::{HttpOptions, HttpTrigger};

/// The bits of a file's mode that are about its group and everybody else.
const OTHERS: u32 = 0o077;

/// What is needed to serve HTTP, read and judged before anything is written.
pub(super) struct Gateway {
    listen: SocketAddr,
    component: Component,
    identities: FixedIdentities,
}

/// Flags go before the settings.
pub(super) fn apply(settings: &mut Settings, flags: &HttpArguments) -> Result<(), CommandError> {
    let http = &mut settings.http;
    http.listen = flags.listen.or(http.listen);
    if let Some(dialect) = flags.dialect {
        http.dialect = dialect.into();
    }
    if let Some(region) = &flags.region {
        http.region.clone_from(region);
    }
    http.domains.extend(flags.domains.iter().cloned());
    http.anonymous |= flags.anonymous;
    for identity in &flags.identities {
        let identity = texts::identity(&identity.0)
            .map_err(|error| CommandError::Usage(format!("--identity: {error}")))?;
        settings.identities.push(identity);
    }
    if settings.http.listen.is_none() && !settings.identities.is_empty() {
        return Err(CommandError::Usage(
            "there are identities, and nothing that they could call; say where to listen, such as --listen 127.0.0.1:9000".to_owned(),
        ));
    }
    Ok(())
}

impl Gateway {
    /// Loads the component and finds the secrets; none where HTTP is not served.
    pub(super) fn prepare(
        host: &Host,
        environment: &Environment,
    ) -> Result<Option<Self>, CommandError> {
        let HttpSettings { listen: Some(listen), anonymous, .. } = host.settings.http else {
            return Ok(None);
        };
        let identities = host.settings.identities.iter();
        let identities: Vec<(String, Identity)> =
            identities.map(|one| identity(one, environment)).collect::<anyhow::Result<_>>()?;
        let identities = FixedIdentities::new(identities)
            .map_err(|error| CommandError::Usage(format!("the identities: {error}")))?;
        let component = host.load(HTTP_GATEWAY)?;
        super::serve::require(&component, Export::Http)?;
        if component.imports("identities") && identities.is_empty() && !anonymous {
            return Err(CommandError::Usage(
                "nobody could call; name somebody with --identity ACCESS-KEY:SECRET:PRINCIPAL-ARN, or let bucket policies judge with --anonymous".to_owned(),
            ));
        }
        Ok(Some(Self { listen, component, identities }))
    }

    /// Begins to listen, and says where: one line of JSON on stdout, and a note beside the database.
    ///
    /// Of all components only this one is given identities and an environment.
    pub(super) async fn open(
        self,
        host: &Host,
        capabilities: &Capabilities,
    ) -> anyhow::Result<(HttpTrigger, TcpListener, Posted)> {
        let settings = &host.settings;
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            format!(
                "`{}` cannot be listened at; end what listens there, or name another place with --listen, with port 0 for a free one",
                self.listen
            )
        })?;
        let capabilities = Capabilities {
            identities: Some(Arc::new(self.identities)),
            environment: settings.http.environment().into(),
            ..capabilities.clone()
        };
        let options = HttpOptions { grace: settings.tasks.grace, ..settings.http.options };
        let address = listener.local_addr()?;
        let posted = Notice::of(address, &settings.http.region).post(host.data())?;
        print_json(&json!({ "listening": address.to_string() }))?;
        tracing::info!(%address, "listening");
        let trigger = HttpTrigger::new(self.component, capabilities, options);
        Ok((trigger.trusting(&settings.http.trusted_proxies), listener, posted))
    }
}

fn identity(
    settings: &IdentitySettings,
    environment: &Environment,
) -> anyhow::Result<(String, Identity)> {
    let key = &settings.access_key;
    let secret = match &settings.secret {
        Secret::Text(text) => text.clone(),
        Secret::Variable(name) => {
            let found = environment.variable.and_then(|variable| variable(name));
            found.ok_or_else(|| {
                anyhow!("the secret of `{key}`: the environment has no text `{name}`; set it")
            })?
        }
        Secret::File(path) => {
            let text = read(path, SECRET_BYTES_MAX)
                .with_context(|| format!("the secret of `{key}`: `{}`", path.display()))?;
            warn_if_open(path);
            let text = text.strip_suffix('\n').unwrap_or(&text);
            text.strip_suffix('\r').unwrap_or(text).to_owned()
        }
    };
    let policies = settings.policies.iter().map(|path| {
        read(path, POLICIES_BYTES_MAX)
            .with_context(|| format!("a policy of `{key}`: `{}`", path.display()))
    });
    let identity = Identity {
        principal: settings.principal.clone(),
        account: settings.account.clone(),
        secret,
        roles: settings.roles.clone(),
        administrator: settings.administrator,
        policies: policies.collect::<anyhow::Result<_>>()?,
        suspended: settings.suspended,
    };
    Ok((key.clone(), identity))
}

/// Warns of a secret that other users of this machine can get at.
fn warn_if_open(path: &Path) {
    // Whoever can read the text can read this; a file that is gone by now needs no warning.
    let Ok(found) = fs::metadata(path) else { return };
    let mode = found.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        let path = path.display();
        tracing::warn!(
            "the secret in `{path}` is open to other users (mode {mode:04o}); run `chmod 600 {path}`"
        );
    }
}

/// Reads a text of bounded size. What it says is no part of any message.
fn read(path: &Path, max: usize) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(max as u64 + 2).read_to_end(&mut bytes))
        .context("it cannot be read")?;
    if bytes.len() > max + 1 {
        return Err(anyhow!("it has more than {max} bytes; shorten it"));
    }
    String::from_utf8(bytes).map_err(|_| anyhow!("it is no text in UTF-8"))
}
