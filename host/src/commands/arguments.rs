//! What can be written on the command line.
#![expect(clippy::doc_markdown, reason = "these comments are help texts, which are no Markdown")]

mod check;
mod engine;
mod explain;
mod http;
mod runs;

use std::path::PathBuf;
use std::time::SystemTime;

use chrono::{DateTime, Datelike as _, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use stocktake_core::finding::Dialect;

pub(super) use check::{
    CheckCommand, ConfigArguments, FormatName, OutputArguments, PolicyArguments,
};
pub(super) use engine::EngineArguments;
pub(super) use explain::ExplainArguments;
pub(super) use http::HttpArguments;

use crate::capabilities::Clock;
use crate::config::limits;
use crate::engines::MappedBucket;
pub(super) use runs::{FirstReportName, RemoteArguments, RunsArguments, RunsCommand};

/// Inventory reports for any S3-compatible store.
#[derive(Debug, Parser)]
#[command(name = "stocktake", version, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  stocktake run --store ./buckets --bucket photos --config inventory.json
  stocktake inventory put --store ./buckets --bucket photos --config inventory.json
  stocktake serve --store ./buckets

Exit codes: 0 done, 1 refused or failed (also to write the output), 2 the command line cannot be understood.")]
pub(super) struct Cli {
    /// What to log: a level, or a filter such as `warn,stocktake_host=debug` [env: STOCKTAKE_LOG]
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Log")]
    pub(super) log: Option<String>,
    /// How to write the log, which goes to stderr
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Log"
    )]
    pub(super) log_format: LogFormat,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make one inventory report now
    Run(RunArguments),
    /// Make the reports that configurations ask for, when they are due, until SIGTERM
    Serve(ServeArguments),
    /// Put, get, list or delete the configurations that `serve` works by
    #[command(subcommand)]
    Inventory(InventoryCommand),
    /// Start, list, show or cancel runs, or tell when the next one is
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Check access policies and configurations before they are applied
    #[command(subcommand)]
    Check(CheckCommand),
    /// Tell which statement of policies decides a request, and why
    Explain(ExplainArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stocktake run --store ./buckets --bucket photos --config inventory.json
      Lists ./buckets/photos and writes the report into the folder of the destination bucket.

  stocktake run --store ./reports --map-read-only src=$HOME/src --bucket src --config -  < inventory.json
      Lists a folder that is elsewhere, which it cannot change.

  stocktake run --store s3+https://s3.eu-west-1.amazonaws.com --bucket photos --config inventory.json
      Lists a bucket of an S3 API, with keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE.

  stocktake run --store ./buckets --bucket photos --config inventory.json --json | jq .manifest
      Prints one line of JSON, with the place of manifest.json.

A configuration is what `aws s3api put-bucket-inventory-configuration` takes:
  { \"Id\": \"daily\", \"IsEnabled\": true, \"IncludedObjectVersions\": \"Current\",
    \"Schedule\": { \"Frequency\": \"Daily\" }, \"OptionalFields\": [\"Size\", \"LastModifiedDate\"],
    \"Destination\": { \"S3BucketDestination\": { \"Bucket\": \"arn:aws:s3:::reports\", \"Format\": \"CSV\" } } }")]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) host: HostArguments,
    #[command(flatten)]
    pub(super) document: DocumentArguments,
    /// The bucket to list
    #[arg(long, value_name = "NAME")]
    pub(super) bucket: String,
    /// Print one line of JSON on stdout
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stocktake serve --store ./buckets
  stocktake serve --config stocktake.toml --log info

  stocktake serve --store ./buckets --listen 127.0.0.1:9000 --identity AKID:secret:arn:aws:iam::123456789012:user/me
      Also serves the inventory part of the S3 API, to which the AWS CLI can speak:
      AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 \\
      aws --endpoint-url http://127.0.0.1:9000 s3api list-bucket-inventory-configurations --bucket photos

SIGTERM and SIGINT end it: running tasks get a grace to finish, the rest goes on at the next start. A second signal ends
the grace, and the process within a second.")]
pub(super) struct ServeArguments {
    #[command(flatten)]
    pub(super) host: HostArguments,
    /// The settings file; see docs/CONFIGURATION.md. Flags go before it
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) http: HttpArguments,
    /// When the first report is made of a configuration that was put or enabled [default: next-slot]
    #[arg(long, value_name = "WHEN")]
    pub(super) first_report: Option<FirstReportName>,
}

#[derive(Debug, Subcommand)]
pub(super) enum InventoryCommand {
    /// Judge a configuration and store it under its id
    Put {
        #[command(flatten)]
        place: PlaceArguments,
        #[command(flatten)]
        document: DocumentArguments,
    },
    /// Print a configuration as JSON
    Get {
        #[command(flatten)]
        place: PlaceArguments,
        /// The configuration's id
        #[arg(long)]
        id: String,
    },
    /// Print the configurations of a bucket, one line of JSON each
    List {
        #[command(flatten)]
        place: PlaceArguments,
    },
    /// Delete a configuration; finished reports stay
    Delete {
        #[command(flatten)]
        place: PlaceArguments,
        /// The configuration's id
        #[arg(long)]
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct PlaceArguments {
    #[command(flatten)]
    pub(super) host: HostArguments,
    /// The bucket that the configuration is for
    #[arg(long, value_name = "NAME")]
    pub(super) bucket: String,
    /// Print JSON on stdout, errors too
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DocumentArguments {
    /// The inventory configuration, as JSON of the AWS CLI or XML of the S3 API; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Whose rules the configuration is judged by
    #[arg(long, value_name = "NAME", default_value = "any")]
    pub(super) dialect: DialectName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DialectName {
    /// The union of all and our own filters; says which of the others would refuse what
    Any,
    /// Amazon S3
    Aws,
    /// CoreWeave AI Object Storage
    Coreweave,
    /// Tencent Cloud Object Storage
    Cos,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Any => Self::Any,
            DialectName::Aws => Self::Aws,
            DialectName::Coreweave => Self::Coreweave,
            DialectName::Cos => Self::Cos,
        }
    }
}

/// How the host is set up, for all commands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Host")]
pub(super) struct HostArguments {
    /// A folder with one folder per bucket, or an endpoint such as s3+http://127.0.0.1:7480
    #[arg(long, value_name = "DIR|ENDPOINT")]
    pub(super) store: Option<PathBuf>,
    /// A bucket that is elsewhere; may be given several times
    #[arg(long = "map", value_name = "NAME=DIR", value_parser = mapped)]
    pub(super) map: Vec<(String, PathBuf)>,
    /// The same, for a bucket that nothing may be written to
    #[arg(long, value_name = "NAME=DIR", value_parser = mapped)]
    pub(super) map_read_only: Vec<(String, PathBuf)>,
    /// The folder of the database [default: `.stocktake` in the store, or here for an endpoint]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The time that components are told, going on from there [default: the system's]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(super) now: Option<SystemTime>,
    /// Tasks that compute at once [default: one per processor, at least 4]
    #[arg(long, value_name = "N", value_parser = within(limits::WORKERS))]
    pub(super) workers: Option<u64>,
    /// Tasks under way at once, with those that wait for the store [default: 64]
    #[arg(long, value_name = "N", value_parser = within(limits::IN_FLIGHT))]
    pub(super) in_flight: Option<u64>,
    /// Rows of a data file, after which a new one begins [default: 1000000]
    #[arg(long, value_name = "N", value_parser = within(limits::FILE_ROWS))]
    pub(super) file_rows: Option<u64>,
    /// How often a task is tried before it is given up [default: 10]
    #[arg(long, value_name = "N", value_parser = within(limits::ATTEMPTS))]
    pub(super) attempts: Option<u64>,
    #[command(flatten)]
    pub(super) engine: EngineArguments,
}

impl HostArguments {
    pub(super) fn mapped_buckets(&self) -> impl Iterator<Item = MappedBucket> {
        let bucket = |(name, path): &(String, PathBuf), read_only| MappedBucket {
            name: name.clone(),
            path: path.clone(),
            read_only,
        };
        let writable = self.map.iter().map(move |one| bucket(one, false));
        writable.chain(self.map_read_only.iter().map(move |one| bucket(one, true)))
    }

    /// What components are told when they ask for the time.
    pub(super) fn clock(&self) -> Clock {
        self.now.map_or_else(Clock::system, Clock::starting_at)
    }
}

impl Command {
    pub(super) fn wants_json(&self) -> bool {
        match self {
            Self::Run(run) => run.json,
            Self::Serve(_) => false,
            Self::Inventory(
                InventoryCommand::Put { place, .. }
                | InventoryCommand::Get { place, .. }
                | InventoryCommand::List { place }
                | InventoryCommand::Delete { place, .. },
            ) => place.json,
            Self::Runs(command) => command.wants_json(),
            Self::Check(command) => command.wants_json(),
            Self::Explain(explain) => explain.json && explain.batch.is_none(),
        }
    }
}

fn within(range: (u64, u64)) -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(range.0..=range.1)
}

fn mapped(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok((name.to_owned(), PathBuf::from(path)))
        }
        _ => Err("write NAME=DIR, such as photos=/srv/photos".to_owned()),
    }
}

fn time(text: &str) -> Result<SystemTime, String> {
    let time: DateTime<Utc> = DateTime::parse_from_rfc3339(text)
        .map_err(|error| format!("{error}; write a time such as 2026-11-08T01:00:00Z"))?
        .into();
    // Folders of reports are named with four digits.
    if !(0..=9999).contains(&time.year()) {
        return Err("in UTC it is not within the years 0000 to 9999".to_owned());
    }
    Ok(time.into())
}
