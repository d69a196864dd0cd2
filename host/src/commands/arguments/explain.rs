//! What can be written behind `stocktake explain`.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use stocktake_core::finding::Dialect;

use super::EngineArguments;
use crate::commands::explain::{Input, PLACES};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stocktake explain --principal arn:aws:iam::111122223333:user/ann --action s3:GetObject \\
      --resource arn:aws:s3:::reports/2026.csv --resource-account 111122223333 bucket.json ann.json
      Tells which statement of the two policies decides, and why.

  stocktake explain --principal s3.amazonaws.com --action s3:PutObject \\
      --resource arn:aws:s3:::reports/k --context aws:SourceAccount=111122223333 bucket.json
      Tells whether the inventory service may write, for this source.

  stocktake explain --batch questions.jsonl
      Answers every line of a file, or of stdin for `-`, with a line, in the same order. A line is
      {\"dialect\":\"aws\",\"policies\":{\"identity\":[...],\"resource\":{...},\"organization\":[...]},
       \"request\":{\"principal\":\"...\",\"action\":\"...\",\"resource\":\"...\",
                  \"resource-account\":\"...\",\"context\":{\"aws:SourceAccount\":\"...\"},
                  \"context-complete\":true}}

What a file is follows from what is in it: a bucket's policy names principals, one of a user or role
does not. bucket=FILE, identity=FILE and organization=FILE say it. Of what is not given nothing is
known, which may leave the answer open; `identity=` without a file says that there is none.

Exit codes: 0 allowed, 1 denied or indeterminate, 2 no answer, since the command line or a file
cannot be understood. With --batch 0 if every line was answered, whatever the answer, else 2.")]
pub(in crate::commands) struct ExplainArguments {
    /// Who asks: an ARN, a service's host name, or a short form such as coreweave/UID; `*` for nobody in particular
    #[arg(long, value_name = "ARN", required_unless_present = "batch")]
    pub(in crate::commands) principal: Option<String>,
    /// The account that the principal belongs to [default: the one in its ARN]
    #[arg(long, value_name = "ID")]
    pub(in crate::commands) principal_account: Option<String>,
    /// What for, such as s3:GetObject
    #[arg(long, value_name = "ACTION", required_unless_present = "batch")]
    pub(in crate::commands) action: Option<String>,
    /// On what: an ARN, or what the dialect has instead
    #[arg(long, value_name = "ARN", required_unless_present = "batch")]
    pub(in crate::commands) resource: Option<String>,
    /// The account that owns the resource
    #[arg(long, value_name = "ID")]
    pub(in crate::commands) resource_account: Option<String>,
    /// A context key and its value; repeat it for more, of the same key too. `KEY=` says that the key is absent
    #[arg(long, value_name = "KEY=VALUE", value_parser = context)]
    pub(in crate::commands) context: Vec<(String, String)>,
    /// Context keys that are not given are absent; so it is unless told otherwise
    #[arg(long, conflicts_with = "context_incomplete")]
    pub(in crate::commands) context_complete: bool,
    /// Context keys that are not given are unknown
    #[arg(long)]
    pub(in crate::commands) context_incomplete: bool,
    /// Whose rules hold [default: by the form of the policies and the principal]
    #[arg(long, value_name = "NAME")]
    pub(in crate::commands) dialect: Option<PolicyDialectName>,
    /// Print the whole verdict as one line of JSON on stdout
    #[arg(long)]
    pub(in crate::commands) json: bool,
    /// Answer the questions in a file, one JSON object a line; `-` reads stdin
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "principal", "principal_account", "action", "resource", "resource_account", "context",
            "context_complete", "context_incomplete", "dialect", "files",
        ]
    )]
    pub(in crate::commands) batch: Option<PathBuf>,
    /// The policies, each in a file; `-` reads stdin
    #[arg(value_name = "[KIND=]FILE", value_parser = input())]
    pub(in crate::commands) files: Vec<Input>,
    #[command(flatten)]
    pub(in crate::commands) engine: EngineArguments,
}

/// Whose rules policies are judged by: a request is decided by those of one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum PolicyDialectName {
    /// Amazon S3
    Aws,
    /// CoreWeave AI Object Storage
    Coreweave,
    /// Tencent Cloud Object Storage
    Cos,
}

impl From<PolicyDialectName> for Dialect {
    fn from(name: PolicyDialectName) -> Self {
        match name {
            PolicyDialectName::Aws => Self::Aws,
            PolicyDialectName::Coreweave => Self::Coreweave,
            PolicyDialectName::Cos => Self::Cos,
        }
    }
}

fn input() -> impl clap::builder::TypedValueParser<Value = Input> {
    OsStringValueParser::new().map(|text| Input::parse(&text, &PLACES))
}

fn context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, such as aws:SourceAccount=111122223333".to_owned()),
    }
}
