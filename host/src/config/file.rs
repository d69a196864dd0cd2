//! The form of `stocktake.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use stocktake_core::bucket::BucketName;
use stocktake_core::schedule::FirstReport;
use toml::Spanned;

use super::bounded::Bounded;
use super::problem::{ConfigError, Problem, meant};
use super::{BUILT_IN, CronBinding, FILE_BYTES_MAX, Settings, http, limits};
use crate::engines::{MappedBucket, S3Endpoint};

/// The most characters of a component's name.
const NAME_CHARS_MAX: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    store: Store,
    bucket: Vec<Bucket>,
    data: Data,
    host: Host,
    component: BTreeMap<Spanned<String>, Component>,
    trigger: Triggers,
    http: http::Http,
    identity: Vec<http::Identity>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Store {
    path: Option<PathBuf>,
    endpoint: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bucket {
    name: Spanned<String>,
    path: PathBuf,
    #[serde(default)]
    read_only: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Data {
    path: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Host {
    workers: Option<Bounded<{ limits::WORKERS.0 }, { limits::WORKERS.1 }>>,
    in_flight: Option<Bounded<{ limits::IN_FLIGHT.0 }, { limits::IN_FLIGHT.1 }>>,
    memory_mib: Option<Bounded<{ limits::MEMORY_MIB.0 }, { limits::MEMORY_MIB.1 }>>,
    deadline_seconds:
        Option<Bounded<{ limits::DEADLINE_SECONDS.0 }, { limits::DEADLINE_SECONDS.1 }>>,
    file_rows: Option<Bounded<{ limits::FILE_ROWS.0 }, { limits::FILE_ROWS.1 }>>,
    first_report: Option<FirstReport>,
    attempts: Option<Bounded<{ limits::ATTEMPTS.0 }, { limits::ATTEMPTS.1 }>>,
    grace_seconds: Option<Bounded<{ limits::GRACE_SECONDS.0 }, { limits::GRACE_SECONDS.1 }>>,
    components: Option<PathBuf>,
    cache: Option<PathBuf>,
    built_in: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    source: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Triggers {
    cron: Vec<Cron>,
    tasks: Vec<Tasks>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cron {
    name: Option<String>,
    component: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tasks {
    component: Spanned<String>,
}

pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text))
        .map_err(unreadable)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(ConfigError::TooLarge { path: path.to_owned() });
    }
    Ok(text)
}

pub(super) fn parse(text: &str, path: &Path) -> Result<Settings, ConfigError> {
    let mut file: File = toml::from_str(text).map_err(|error| {
        let message = advised(error.message());
        let span = error.span().unwrap_or_default();
        ConfigError::Invalid(vec![Problem::at(path, text, span, message, &[])])
    })?;
    let mut wrong: Vec<(Range<usize>, String)> = Vec::new();
    let known = known_components(&file, &mut wrong);
    let endpoint = endpoint(&file, &mut wrong);
    check_buckets(&file.bucket, &mut wrong);
    check_triggers(&file.trigger, &known, &mut wrong);
    let folder = path.parent().unwrap_or(Path::new(""));
    let http = http::http(&file.http, &mut wrong);
    let identities = http::identities(std::mem::take(&mut file.identity), folder, &mut wrong);
    if wrong.is_empty() {
        return Ok(Settings { endpoint, http, identities, ..settings(file, folder) });
    }
    wrong.sort_by_key(|(span, _)| span.start);
    let hidden = http::values(&file.http);
    let problems = wrong.into_iter();
    let problems =
        problems.map(|(span, message)| Problem::at(path, text, span, message, &hidden)).collect();
    Err(ConfigError::Invalid(problems))
}

/// Adds the word that was probably meant to serde's list of those that are allowed.
fn advised(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let meant = message
        .starts_with("unknown ")
        .then(|| words.next().and_then(|word| meant(word, words)))
        .flatten();
    match meant {
        Some(word) => format!("{message}; `{word}` may be meant"),
        None => message.to_owned(),
    }
}

fn known_components(file: &File, wrong: &mut Vec<(Range<usize>, String)>) -> BTreeSet<String> {
    let built_in = file.host.built_in.unwrap_or(true);
    let mut known: BTreeSet<String> =
        BUILT_IN.iter().filter(|_| built_in).map(|(name, _)| (*name).to_owned()).collect();
    for name in file.component.keys() {
        let text = name.get_ref();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > NAME_CHARS_MAX || !text.chars().all(allowed) {
            let message = format!(
                "`{text}` is no name for a component; use 1 to {NAME_CHARS_MAX} of a-z, 0-9 and `-`"
            );
            wrong.push((name.span(), message));
        }
        known.insert(text.clone());
    }
    known
}

/// The S3 API, which takes the place of folders.
fn endpoint(file: &File, wrong: &mut Vec<(Range<usize>, String)>) -> Option<S3Endpoint> {
    let endpoint = file.store.endpoint.as_ref()?;
    if file.store.path.is_some() || !file.bucket.is_empty() {
        let message = "a store is a folder or an S3 endpoint; remove `endpoint`, or `path` and every [[bucket]]";
        wrong.push((endpoint.span(), message.to_owned()));
    }
    match S3Endpoint::parse(endpoint.get_ref()) {
        Ok(endpoint) => Some(endpoint),
        Err(error) => {
            wrong.push((endpoint.span(), error.to_string()));
            None
        }
    }
}

fn check_buckets(buckets: &[Bucket], wrong: &mut Vec<(Range<usize>, String)>) {
    let mut seen = BTreeSet::new();
    for bucket in buckets {
        let name = bucket.name.get_ref();
        if let Err(error) = BucketName::parse(name) {
            wrong.push((bucket.name.span(), error.to_string()));
        } else if !seen.insert(name) {
            let message = format!("the bucket `{name}` is there twice; remove one of them");
            wrong.push((bucket.name.span(), message));
        }
    }
}

fn check_triggers(
    triggers: &Triggers,
    known: &BTreeSet<String>,
    wrong: &mut Vec<(Range<usize>, String)>,
) {
    let bound = triggers.cron.iter().map(|cron| &cron.component);
    for component in bound.chain(triggers.tasks.iter().map(|tasks| &tasks.component)) {
        let name = component.get_ref();
        if known.contains(name) {
            continue;
        }
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut message = format!(
            "there is no component `{name}`; there are `{}`; add a table [component.{name}] with its source",
            names.join("`, `")
        );
        if let Some(word) = meant(name, names) {
            message = format!("there is no component `{name}`; `{word}` may be meant");
        }
        wrong.push((component.span(), message));
    }
}

fn settings(file: File, folder: &Path) -> Settings {
    let mut settings = Settings::bare();
    if file.host.built_in.unwrap_or(true) {
        settings.bind_built_in();
    }
    apply_host(&mut settings, &file.host);
    let located = |path: PathBuf| folder.join(path);
    settings.store = file.store.path.map(located);
    settings.data = file.data.path.map(located);
    settings.components = file.host.components.map(located);
    settings.cache = file.host.cache.map(located);
    settings.buckets = file
        .bucket
        .into_iter()
        .map(|bucket| MappedBucket {
            name: bucket.name.into_inner(),
            path: located(bucket.path),
            read_only: bucket.read_only,
        })
        .collect();
    settings.sources = file
        .component
        .into_iter()
        .map(|(name, component)| (name.into_inner(), located(component.source)))
        .collect();
    for cron in file.trigger.cron {
        let component = cron.component.into_inner();
        let name = cron.name.unwrap_or_else(|| component.clone());
        let binding = CronBinding { name, component };
        if !settings.cron.contains(&binding) {
            settings.cron.push(binding);
        }
    }
    let bound = file.trigger.tasks.into_iter().map(|tasks| tasks.component.into_inner());
    settings.task_components.extend(bound);
    settings
}

fn apply_host(settings: &mut Settings, host: &Host) {
    if let Some(workers) = host.workers.and_then(Bounded::get) {
        settings.tasks.workers = workers;
    }
    if let Some(in_flight) = host.in_flight.and_then(Bounded::get) {
        settings.tasks.in_flight = in_flight;
    }
    if let Some(attempts) = host.attempts.and_then(Bounded::get) {
        settings.tasks.attempts = attempts;
    }
    if let Some(seconds) = host.grace_seconds {
        settings.tasks.grace = Duration::from_secs(seconds.0);
    }
    if let Some(mib) = host.memory_mib.and_then(Bounded::get::<usize>) {
        settings.memory_bytes = mib << 20;
    }
    settings.file_rows = host.file_rows.and_then(Bounded::get);
    settings.first_report = host.first_report.unwrap_or_default();
    if let Some(seconds) = host.deadline_seconds {
        settings.deadline = Duration::from_secs(seconds.0);
    }
}
