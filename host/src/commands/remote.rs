//! A `serve` that is at work, as commands ask it: by its JSON API.

mod client;
mod notice;
mod object;

use anyhow::anyhow;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use stocktake_sigv4::Secret;

use super::arguments::RemoteArguments;
use super::assembly::Document;
use super::{CommandError, Environment};
use crate::capabilities::Clock;
use crate::config::{REGION_DEFAULT, texts};
use crate::engine::{CancelOutcome, Dialect, Finding, RunPage, StartOutcome, Syntax};
use client::{Answer, Call, Client, Endpoint, Keys, encoded};
pub(super) use notice::{Notice, Posted};
use object::Object;

/// One configuration of a `serve`, and its runs.
pub(super) struct Remote {
    client: Client,
    clock: Clock,
    /// The path of the configuration.
    path: String,
}

/// How a start ended, where it did not fail.
pub(super) enum Started {
    /// This run begins.
    Run(String),
    /// None does.
    Not(StartOutcome),
}

/// A refusal of the JSON API (RFC 9457).
#[derive(Debug, Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    run: Option<String>,
    #[serde(default)]
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Page {
    runs: Vec<Object>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Configuration {
    next_run: Option<String>,
}

#[derive(Deserialize)]
struct Begun {
    run: String,
}

impl Remote {
    /// The `serve` that a command line names; none where it names none.
    pub(super) fn named(
        arguments: &RemoteArguments,
        environment: &Environment,
        clock: Clock,
        place: (&str, &str),
    ) -> Result<Option<Self>, CommandError> {
        let Some(endpoint) = &arguments.endpoint else { return Ok(None) };
        let endpoint = Endpoint::parse(endpoint).map_err(|error| usage("--endpoint", &error))?;
        let region = variable(environment, "AWS_REGION")
            .or_else(|| variable(environment, "AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| REGION_DEFAULT.to_owned());
        Self::new(endpoint, region, arguments, environment, clock, place).map(Some)
    }

    /// The `serve` that has left this note.
    pub(super) fn noted(
        notice: Notice,
        arguments: &RemoteArguments,
        environment: &Environment,
        clock: Clock,
        place: (&str, &str),
    ) -> Result<Self, CommandError> {
        let endpoint = Endpoint::parse(&notice.endpoint).map_err(|error| anyhow!(error))?;
        Self::new(endpoint, notice.region, arguments, environment, clock, place)
    }

    fn new(
        endpoint: Endpoint,
        region: String,
        arguments: &RemoteArguments,
        environment: &Environment,
        clock: Clock,
        (bucket, id): (&str, &str),
    ) -> Result<Self, CommandError> {
        let keys = match &arguments.identity {
            Some(identity) => {
                let keys = texts::keys(&identity.0);
                let (access_key, secret) = keys.map_err(|error| usage("--identity", &error))?;
                Keys { access_key, secret: Secret::new(secret), token: None }
            }
            None => keys(environment).ok_or_else(|| {
                anyhow!(
                    "`{endpoint}` wants to know who asks; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name somebody with --identity ACCESS-KEY:SECRET"
                )
            })?,
        };
        let region = arguments.region.clone().unwrap_or(region);
        let path = format!("/v1/stocktake/inventory/{}/{}", encoded(bucket), encoded(id));
        Ok(Self { client: Client { endpoint, region, keys }, clock, path })
    }

    /// One page of the runs, the newest first.
    pub(super) async fn page(&self, cursor: Option<&str>) -> Result<RunPage, CommandError> {
        let query = cursor.map(|cursor| format!("cursor={}", encoded(cursor))).unwrap_or_default();
        let answer = self.call(Method::GET, "/runs", query, None).await?;
        let page: Page = self.read(&answer)?;
        let runs = page.runs.iter().map(serde_json::to_string).collect::<Result<_, _>>();
        Ok(RunPage { runs: runs.map_err(anyhow::Error::from)?, next: page.next })
    }

    /// A run as a JSON object; none if the configuration has no such run.
    pub(super) async fn get(&self, run: &str) -> Result<Option<String>, CommandError> {
        let path = format!("/runs/{}", encoded(run));
        let answer = self.call(Method::GET, &path, String::new(), None).await?;
        match problem(&answer) {
            Some(problem) if problem.code == "NoSuchRun" => Ok(None),
            Some(problem) => Err(self.refused(&answer, problem)),
            None => Ok(Some(self.text(&answer)?)),
        }
    }

    /// Cancels a run.
    pub(super) async fn cancel(&self, run: &str) -> Result<CancelOutcome, CommandError> {
        let path = format!("/runs/{}", encoded(run));
        let answer = self.call(Method::DELETE, &path, String::new(), None).await?;
        match problem(&answer) {
            None => Ok(CancelOutcome::Cancelled(self.text(&answer)?)),
            Some(problem) => match problem.code.as_str() {
                "NoSuchRun" => Ok(CancelOutcome::NoSuchRun),
                "RunEnded" => {
                    let shown = self.get(run).await?;
                    Ok(shown.map_or(CancelOutcome::NoSuchRun, CancelOutcome::Ended))
                }
                _ => Err(self.refused(&answer, problem)),
            },
        }
    }

    /// When the next scheduled run begins, as RFC 3339 has times; none where none does.
    pub(super) async fn next(&self) -> Result<Option<String>, CommandError> {
        let answer = self.call(Method::GET, "", String::new(), None).await?;
        match problem(&answer) {
            Some(problem) if is_unknown(&problem) => Ok(None),
            Some(problem) => Err(self.refused(&answer, problem)),
            None => Ok(self.read::<Configuration>(&answer)?.next_run),
        }
    }

    /// Begins a run of the stored configuration, or of a document that is not kept.
    pub(super) async fn start(&self, document: Option<&Document>) -> Result<Started, CommandError> {
        let query = document.map(|document| format!("dialect={}", word(document.dialect)));
        let body = document.map(|document| {
            let media = match document.syntax {
                Syntax::Json => "application/json",
                Syntax::Xml => "application/xml",
            };
            (Bytes::copy_from_slice(&document.bytes), media)
        });
        let answer = self.call(Method::POST, "/runs", query.unwrap_or_default(), body).await?;
        let Some(problem) = problem(&answer) else {
            return Ok(Started::Run(self.read::<Begun>(&answer)?.run));
        };
        let outcome = match (problem.code.as_str(), &problem.run) {
            ("RunInProgress", Some(run)) => StartOutcome::AlreadyRunning(run.clone()),
            ("DuplicateInventory", _) => StartOutcome::Duplicate,
            ("UnusableConfiguration", _) => StartOutcome::Refused(problem.findings),
            _ if is_unknown(&problem) => StartOutcome::NoSuchConfiguration,
            _ => return Err(self.refused(&answer, problem)),
        };
        Ok(Started::Not(outcome))
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        query: String,
        body: Option<(Bytes, &'static str)>,
    ) -> anyhow::Result<Answer> {
        let path = format!("{}{path}", self.path);
        self.client.call(Call { method, path, query, body }, self.clock.now()).await
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, CommandError> {
        if let Some(problem) = problem(answer) {
            return Err(self.refused(answer, problem));
        }
        let read = serde_json::from_slice(&answer.body);
        Ok(read.map_err(|_| self.strange(answer))?)
    }

    fn text(&self, answer: &Answer) -> anyhow::Result<String> {
        let object: Object =
            serde_json::from_slice(&answer.body).map_err(|_| self.strange(answer))?;
        Ok(serde_json::to_string(&object)?)
    }

    fn refused(&self, answer: &Answer, problem: Problem) -> CommandError {
        let (endpoint, status) = (&self.client.endpoint, answer.status.as_u16());
        let Problem { code, detail, .. } = problem;
        let remedy = match answer.status {
            StatusCode::FORBIDDEN => "; look at the keys, the region and the policies",
            StatusCode::SERVICE_UNAVAILABLE => "; try again later",
            _ => "",
        };
        anyhow!("`{endpoint}` answers {status} {code}: {detail}{remedy}").into()
    }

    fn strange(&self, answer: &Answer) -> anyhow::Error {
        let (endpoint, status) = (&self.client.endpoint, answer.status);
        anyhow!("`{endpoint}` answers {status} and not as a `stocktake serve`; look at --endpoint")
    }
}

/// Why a call was refused; none where it was not.
fn problem(answer: &Answer) -> Option<Problem> {
    if answer.status.is_success() {
        return None;
    }
    let read = serde_json::from_slice(&answer.body).ok();
    Some(read.unwrap_or_else(|| {
        // What the host itself answers is in the form of S3.
        let text = String::from_utf8_lossy(&answer.body);
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            Some(rest.split_once('<')?.0.chars().filter(|c| !c.is_control()).collect())
        };
        Problem {
            code: element("Code").unwrap_or_else(|| "Unknown".to_owned()),
            detail: element("Message").unwrap_or_else(|| "it says nothing about it".to_owned()),
            run: None,
            findings: Vec::new(),
        }
    }))
}

fn is_unknown(problem: &Problem) -> bool {
    matches!(problem.code.as_str(), "NoSuchConfiguration" | "NoSuchInventoryConfiguration")
}

/// The keys that AWS's tools would use.
fn keys(environment: &Environment) -> Option<Keys> {
    Some(Keys {
        access_key: variable(environment, "AWS_ACCESS_KEY_ID")?,
        secret: Secret::new(variable(environment, "AWS_SECRET_ACCESS_KEY")?),
        token: variable(environment, "AWS_SESSION_TOKEN").map(Secret::new),
    })
}

fn variable(environment: &Environment, name: &str) -> Option<String> {
    environment.variable.and_then(|variable| variable(name)).filter(|text| !text.is_empty())
}

fn usage(flag: &str, error: &str) -> CommandError {
    CommandError::Usage(format!("{flag}: {error}"))
}

fn word(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Any => "any",
        Dialect::Aws => "aws",
        Dialect::Coreweave => "coreweave",
        Dialect::Cos => "cos",
    }
}
