//! Puts a host together: settings, components, engines.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use stocktake_capabilities::{BucketCreation, Buckets, Objects, Uploads};
use stocktake_core::configuration::DOCUMENT_BYTES_MAX;
use tokio::runtime::Runtime;

use super::arguments::{DocumentArguments, EngineArguments, HostArguments};
use super::inputs::read_at_most;
use super::{CommandError, Environment};
use crate::capabilities::{Capabilities, Clock, Queue};
use crate::config::{DATABASE_FILE, INVENTORY_CONFIG, Settings, find_components};
use crate::engine::{Component, Engine, EngineOptions, INSTANCES_DEFAULT, Judgement, Syntax};
use crate::engines::{
    DirectoryStore, EmbeddedDatabase, EmbeddedError, RedbQueue, RedbState, S3Endpoint, S3Store,
};

/// A host that has read its settings and found its store, and has written nothing yet.
pub(super) struct Host {
    pub(super) settings: Settings,
    store: Store,
    engine: Engine,
    components: Option<PathBuf>,
    data: PathBuf,
    clock: Clock,
}

/// What has the buckets.
enum Store {
    Folder(Arc<DirectoryStore>),
    S3(Arc<S3Store>),
}

impl Host {
    /// Flags go before `settings`. Where buckets are at an S3 endpoint, its requests run on `runtime`.
    pub(super) fn prepare(
        mut settings: Settings,
        flags: &HostArguments,
        environment: &Environment,
        runtime: &Runtime,
    ) -> Result<Self, CommandError> {
        apply(&mut settings, flags)?;
        let store = open_store(&settings, runtime)?;
        let data = settings.data_folder().ok_or_else(no_store)?;
        let engine = start_engine(&settings, flags.engine.no_cache, environment)?;
        let components = folder_of_components(&settings, environment);
        Ok(Self { settings, store, engine, components, data, clock: flags.clock() })
    }

    /// Loads a component by its configured name.
    pub(super) fn load(&self, name: &str) -> Result<Component, CommandError> {
        load_from(&self.engine, &self.settings, self.components.as_deref(), name)
    }

    /// Loads several components.
    pub(super) fn load_all<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, Component>, CommandError> {
        names.into_iter().map(|name| Ok((name.to_owned(), self.load(name)?))).collect()
    }

    /// Checks that a bucket is there, and says which ones are if not.
    pub(super) fn require_bucket(&self, role: &str, name: &str) -> Result<(), CommandError> {
        let store = match &self.store {
            Store::Folder(store) => store,
            Store::S3(store) => {
                let required = store.require_bucket(name).map_err(anyhow::Error::from);
                return Ok(required.with_context(|| format!("the {role} bucket cannot be used"))?);
            }
        };
        let Err(error) = store.bucket_policy(name) else { return Ok(()) };
        let there = store.list_buckets(None).unwrap_or_default().buckets;
        let there: Vec<String> = there.into_iter().map(|bucket| bucket.name).collect();
        let there = there.join("`, `");
        let remedy = format!(
            "there are `{there}`; make a folder of that name in the store, or map one with --map"
        );
        Err(anyhow!(error)
            .context(format!("the {role} bucket `{name}` cannot be used; {remedy}"))
            .into())
    }

    /// The folder of the database.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// What pure functions get: the time, and no engine at all.
    pub(super) fn nothing(&self) -> Capabilities {
        Capabilities { clock: self.clock, ..Capabilities::default() }
    }

    /// Opens the database, and makes it if there is none. The first thing that writes.
    pub(super) fn open(&self) -> Result<(Capabilities, Queue), CommandError> {
        let database = self
            .database()
            .with_context(|| format!("the data in `{}` cannot be opened", self.data.display()))?;
        if let Store::Folder(store) = &self.store {
            store.sweep();
        }
        let state = RedbState::new(database.clone()).map_err(anyhow::Error::from)?;
        let queue = RedbQueue::new(database).map_err(anyhow::Error::from)?;
        let queue = Queue::new(Arc::new(queue));
        let stored = match &self.store {
            Store::Folder(store) => over(store),
            Store::S3(store) => over(store),
        };
        let capabilities = Capabilities {
            state: Some(Arc::new(state)),
            queue: Some(queue.clone()),
            clock: self.clock,
            ..stored
        };
        Ok((capabilities, queue))
    }

    fn database(&self) -> anyhow::Result<EmbeddedDatabase> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.data)?;
        EmbeddedDatabase::open(&self.data.join(DATABASE_FILE)).map_err(|error| match error {
            EmbeddedError::InUse { .. } => anyhow!(error).context(
                "a `stocktake` is at work there already; wait for it, or name another folder with --data DIR",
            ),
            other => anyhow!(other),
        })
    }

    /// Judges a document; answers it in its JSON form.
    pub(super) fn judge(
        &self,
        runtime: &Runtime,
        document: &Document,
    ) -> Result<(Component, Judgement), CommandError> {
        let component = self.load(INVENTORY_CONFIG)?;
        let nothing = self.nothing();
        let judging =
            component.call_validate(&nothing, &document.bytes, document.syntax, document.dialect);
        let judgement = runtime.block_on(judging).map_err(anyhow::Error::from)?.value;
        Ok((component, judgement))
    }
}

/// Loads a built-in component that touches nothing: there is no store, no database and no settings file.
pub(super) fn load_alone(
    name: &str,
    flags: &EngineArguments,
    environment: &Environment,
) -> Result<Component, CommandError> {
    let mut settings = Settings::default();
    apply_engine(&mut settings, flags);
    let engine = start_engine(&settings, flags.no_cache, environment)?;
    let components = folder_of_components(&settings, environment);
    load_from(&engine, &settings, components.as_deref(), name)
}

fn start_engine(
    settings: &Settings,
    no_cache: bool,
    environment: &Environment,
) -> anyhow::Result<Engine> {
    let cache =
        settings.cache.clone().or_else(|| Some(environment.caches.as_ref()?.join("stocktake")));
    Ok(Engine::new(EngineOptions {
        memory_bytes: settings.memory_bytes,
        deadline: settings.deadline,
        instances: instances(settings),
        cache: if no_cache { None } else { cache },
    })?)
}

fn folder_of_components(settings: &Settings, environment: &Environment) -> Option<PathBuf> {
    let configured = settings.components.clone();
    configured.or_else(|| find_components(environment.program.as_deref()?))
}

fn load_from(
    engine: &Engine,
    settings: &Settings,
    folder: Option<&Path>,
    name: &str,
) -> Result<Component, CommandError> {
    let path = settings.source(name, folder).ok_or_else(|| {
        anyhow!(
            "the built-in component `{name}` is not next to the program; run `cargo xtask build`, or name its folder with --components DIR"
        )
    })?;
    if !path.exists() {
        let missing = format!(
            "component `{name}`: there is no `{}`; run `cargo xtask build`, or name another folder with --components DIR",
            path.display()
        );
        return Err(anyhow!(missing).into());
    }
    Ok(engine.load_file(name, &path).map_err(anyhow::Error::from)?)
}

/// The capabilities that a store supplies.
fn over<S>(store: &Arc<S>) -> Capabilities
where
    S: Objects + Uploads + Buckets + BucketCreation + Send + Sync + 'static,
{
    Capabilities {
        objects: Some(store.clone()),
        uploads: Some(store.clone()),
        buckets: Some(store.clone()),
        bucket_creation: Some(store.clone()),
        ..Capabilities::default()
    }
}

/// A place for each task and each HTTP request, and some for cron triggers and the commands' own calls.
fn instances(settings: &Settings) -> u32 {
    let requests = settings.http.listen.map_or(0, |_| settings.http.options.requests);
    let tasks = settings.tasks.in_flight.max(settings.tasks.workers);
    let wanted = tasks.saturating_add(requests).saturating_add(8);
    INSTANCES_DEFAULT.max(u32::try_from(wanted).unwrap_or(u32::MAX))
}

fn open_store(settings: &Settings, runtime: &Runtime) -> Result<Store, CommandError> {
    match (&settings.store, &settings.endpoint) {
        (Some(root), _) => {
            let store = DirectoryStore::open(root, settings.buckets.iter().cloned());
            Ok(Store::Folder(Arc::new(store.context("the store cannot be used")?)))
        }
        (None, Some(_)) if !settings.buckets.is_empty() => Err(CommandError::Usage(
            "a bucket that is a folder cannot be mapped into an S3 endpoint; leave out --map, or name a folder with --store DIR".to_owned(),
        )),
        (None, Some(endpoint)) => {
            let store = S3Store::connect(endpoint, runtime.handle().clone());
            Ok(Store::S3(Arc::new(store.map_err(anyhow::Error::from)?)))
        }
        (None, None) => Err(no_store()),
    }
}

fn no_store() -> CommandError {
    CommandError::Usage(
        "there is no store; name its folder with --store DIR, or an S3 endpoint with --store s3+https://HOST".to_owned(),
    )
}

/// A user's configuration, as it was read.
pub(super) struct Document {
    pub(super) bytes: Vec<u8>,
    pub(super) syntax: Syntax,
    pub(super) dialect: stocktake_core::finding::Dialect,
}

/// Reads a document of bounded size from a file, or from stdin for `-`.
pub(super) fn read_document(arguments: &DocumentArguments) -> Result<Document, CommandError> {
    let path = arguments.config.as_path();
    let bytes = read_at_most(path, DOCUMENT_BYTES_MAX)
        .with_context(|| format!("the configuration `{}` cannot be read", path.display()))?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        let path = path.display();
        let refused =
            anyhow!("the configuration `{path}` has more than {DOCUMENT_BYTES_MAX} bytes");
        return Err(refused.into());
    }
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let syntax = if first == Some(&b'<') { Syntax::Xml } else { Syntax::Json };
    Ok(Document { bytes, syntax, dialect: arguments.dialect.into() })
}

fn apply(settings: &mut Settings, flags: &HostArguments) -> Result<(), CommandError> {
    if let Some(store) = &flags.store {
        let endpoint = store.to_str().filter(|text| S3Endpoint::is_meant(text));
        let endpoint = endpoint.map(S3Endpoint::parse).transpose();
        settings.endpoint =
            endpoint.map_err(|error| CommandError::Usage(format!("--store: {error}")))?;
        settings.store = settings.endpoint.is_none().then(|| store.clone());
    }
    replace(&mut settings.data, flags.data.as_ref());
    apply_engine(settings, &flags.engine);
    settings.buckets.extend(flags.mapped_buckets());
    if let Some(workers) = flags.workers.and_then(|number| usize::try_from(number).ok()) {
        settings.tasks.workers = workers;
    }
    if let Some(tasks) = flags.in_flight.and_then(|number| usize::try_from(number).ok()) {
        settings.tasks.in_flight = tasks;
    }
    if let Some(attempts) = flags.attempts.and_then(|number| u32::try_from(number).ok()) {
        settings.tasks.attempts = attempts;
    }
    settings.file_rows = flags.file_rows.or(settings.file_rows);
    Ok(())
}

fn apply_engine(settings: &mut Settings, flags: &EngineArguments) {
    replace(&mut settings.components, flags.components.as_ref());
    replace(&mut settings.cache, flags.cache.as_ref());
    if let Some(mib) = flags.memory_mib.and_then(|number| usize::try_from(number).ok()) {
        settings.memory_bytes = mib << 20;
    }
    if let Some(deadline) = flags.deadline() {
        settings.deadline = deadline;
    }
}

fn replace(setting: &mut Option<PathBuf>, flag: Option<&PathBuf>) {
    if let Some(flag) = flag {
        *setting = Some(flag.clone());
    }
}
