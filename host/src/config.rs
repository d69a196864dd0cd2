//! How a host is set up: `stocktake.toml`, and what holds where it is silent.
//!
//! A file adds to what is built in: it maps buckets, sets limits, replaces a built-in component or adds one, and binds
//! components to triggers. `docs/CONFIGURATION.md` describes every setting. Nothing here opens a store, a database or
//! a component.

mod bounded;
mod file;
mod http;
mod problem;
#[cfg(test)]
mod tests;
pub(crate) mod texts;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use http::{HttpSettings, IdentitySettings, NotFoundCode, REGION_DEFAULT, Secret};
pub use problem::{ConfigError, Problem};
pub use variables::{VARIABLES_BYTES_MAX, Variables};

use stocktake_core::run::RunLimits;
use stocktake_core::schedule::FirstReport;

use crate::engine::{DEADLINE_DEFAULT, MEMORY_BYTES_DEFAULT};
use crate::engines::{MappedBucket, S3Endpoint};
use crate::triggers::tasks::TaskOptions;

/// The largest configuration file that is read, in bytes: a thousand mapped buckets need a tenth of it.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// The component that judges and keeps inventory configurations.
pub const INVENTORY_CONFIG: &str = "inventory-config";

/// The component that makes inventory reports.
pub const REPORT_WRITER: &str = stocktake_core::run::REPORT_WRITER;

/// The component that answers HTTP requests.
pub const HTTP_GATEWAY: &str = "http-gateway";

/// The component that judges policies.
pub const POLICY_CHECK: &str = "policy-check";

/// The components that are there without being configured, and where their files are in a folder of components.
pub const BUILT_IN: [(&str, &str); 4] = [
    (HTTP_GATEWAY, "http_gateway.wasm"),
    (INVENTORY_CONFIG, "inventory_config.wasm"),
    (POLICY_CHECK, "policy_check.wasm"),
    (REPORT_WRITER, "report_writer.wasm"),
];

/// The name of the database in the data folder.
pub const DATABASE_FILE: &str = "stocktake.redb";

/// The data folder below the store, unless another one is named. No bucket can have this name.
pub const DATA_FOLDER: &str = ".stocktake";

/// Smallest and largest values of the settings that are numbers.
pub mod limits {
    /// Workers: more would only wait for the same processors.
    pub const WORKERS: (u64, u64) = (1, 256);
    /// Tasks under way: each has a thread and some MiB of memory while it waits.
    pub const IN_FLIGHT: (u64, u64) = (1, 1024);
    /// Memory of an invocation: a 32-bit memory ends at 4 GiB.
    pub const MEMORY_MIB: (u64, u64) = (1, 4096);
    /// Rows of a data file: fewer than a page of a listing only make many files, more than AWS has nobody asked for.
    pub const FILE_ROWS: (u64, u64) = (100, 100_000_000);
    /// Time of an invocation: longer work belongs into several tasks.
    pub const DEADLINE_SECONDS: (u64, u64) = (1, 3600);
    /// Attempts: a hundred last for eight hours.
    pub const ATTEMPTS: (u64, u64) = (1, 100);
    /// Grace at the end: as long as a call can take.
    pub const GRACE_SECONDS: (u64, u64) = (0, 3600);
    /// HTTP connections: each has a descriptor.
    pub const CONNECTIONS: (u64, u64) = (1, 65_536);
    /// HTTP requests at once: each has an instance with its memory.
    pub const REQUESTS: (u64, u64) = (1, 256);
    /// A request's body: what a component has room for beside everything else.
    pub const BODY_KIB: (u64, u64) = (1, 16 << 10);
    /// A request: as for an invocation.
    pub const REQUEST_SECONDS: (u64, u64) = (1, 3600);
    /// An idle connection: a day is as good as for ever.
    pub const IDLE_SECONDS: (u64, u64) = (1, 86_400);
}

/// A component that the clock calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronBinding {
    /// The trigger's name.
    pub name: String,
    /// The component.
    pub component: String,
}

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder with one folder per bucket; none where buckets are at `endpoint`.
    pub store: Option<PathBuf>,
    /// The S3 API that has the buckets; none where they are folders.
    pub endpoint: Option<S3Endpoint>,
    /// Buckets that are elsewhere.
    pub buckets: Vec<MappedBucket>,
    /// The folder of the database; none is [`DATA_FOLDER`] in the store, or in the current folder for an S3 API.
    pub data: Option<PathBuf>,
    /// The folder of built-in components; none looks next to the program.
    pub components: Option<PathBuf>,
    /// The folder of compiled code; none leaves it to the caller.
    pub cache: Option<PathBuf>,
    /// How tasks are run.
    pub tasks: TaskOptions,
    /// The memory of one invocation.
    pub memory_bytes: usize,
    /// The time of one invocation.
    pub deadline: Duration,
    /// The most rows of a data file of a report.
    pub file_rows: Option<u64>,
    /// When the first report of a configuration is made.
    pub first_report: FirstReport,
    /// Components that the file names, and where they are.
    pub sources: BTreeMap<String, PathBuf>,
    /// Components that are called by the clock.
    pub cron: Vec<CronBinding>,
    /// Components that are called for tasks.
    pub task_components: BTreeSet<String>,
    /// How the S3 API is served.
    pub http: HttpSettings,
    /// Who may call it.
    pub identities: Vec<IdentitySettings>,
}

impl Default for Settings {
    fn default() -> Self {
        let mut settings = Self::bare();
        settings.bind_built_in();
        settings
    }
}

impl Settings {
    /// Reads a configuration file; paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`]: the file cannot be read, or everything that is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = file::read(path)?;
        Self::parse(&text, path)
    }

    /// Judges the text of a configuration file that is at `path`.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with everything that is wrong.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        file::parse(text, path)
    }

    /// The folder of the database.
    #[must_use]
    pub fn data_folder(&self) -> Option<PathBuf> {
        let beside = match (&self.store, &self.endpoint) {
            (Some(folder), _) => Some(folder.join(DATA_FOLDER)),
            (None, Some(_)) => Some(PathBuf::from(DATA_FOLDER)),
            (None, None) => None,
        };
        self.data.clone().or(beside)
    }

    /// How runs of report-writer are cut.
    #[must_use]
    pub fn run_limits(&self) -> RunLimits {
        let limits = self.file_rows.map_or_else(RunLimits::default, RunLimits::with_file_rows);
        let call_millis = u64::try_from((self.deadline / 2).as_millis()).unwrap_or(u64::MAX);
        RunLimits { call_millis, ..limits }
    }

    /// The file of a component: what the configuration names, else the built-in one in `folder`.
    #[must_use]
    pub fn source(&self, component: &str, folder: Option<&Path>) -> Option<PathBuf> {
        self.sources.get(component).cloned().or_else(|| {
            let (_, file) = BUILT_IN.iter().find(|(name, _)| *name == component)?;
            Some(folder?.join(file))
        })
    }

    fn bare() -> Self {
        Self {
            store: None,
            endpoint: None,
            buckets: Vec::new(),
            data: None,
            components: None,
            cache: None,
            tasks: TaskOptions::default(),
            memory_bytes: MEMORY_BYTES_DEFAULT,
            deadline: DEADLINE_DEFAULT,
            file_rows: None,
            first_report: FirstReport::default(),
            sources: BTreeMap::new(),
            cron: Vec::new(),
            task_components: BTreeSet::new(),
            http: HttpSettings::default(),
            identities: Vec::new(),
        }
    }

    /// Binds the built-in components to their triggers.
    fn bind_built_in(&mut self) {
        let component = REPORT_WRITER.to_owned();
        self.cron.push(CronBinding { name: component.clone(), component: component.clone() });
        self.task_components.insert(component);
    }
}

/// Finds the folder of built-in components for a program that is at `program`.
///
/// Looks into `components` beside the program, then beside its folder, then into `lib/stocktake/components` beside its
/// folder: a package, a build tree, an installation.
#[must_use]
pub fn find_components(program: &Path) -> Option<PathBuf> {
    let beside = program.parent()?;
    ["components", "../components", "../lib/stocktake/components"]
        .iter()
        .map(|place| beside.join(place))
        .find(|folder| BUILT_IN.iter().any(|(_, file)| folder.join(file).is_file()))
}
