//! What can be checked, and how what is found is shown.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};

use super::{DialectName, EngineArguments, time};
use crate::commands::check::{Input, WORDS};

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Exit codes: 0 nothing of level error, 1 something of level error, 2 nothing was checked, as a file cannot be read or the
command line cannot be understood.")]
pub(in crate::commands) enum CheckCommand {
    /// Check access policies, and whether the delivery of reports would work with them
    Policy(Box<PolicyArguments>),
    /// Check inventory configurations
    Config(ConfigArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stocktake check policy policy.json
  stocktake check policy --bucket photos --dialect aws policy.json
  aws s3api get-bucket-policy --bucket photos --query Policy --output text | stocktake check policy -
      Finds what is wrong with a policy alone.

  stocktake check policy --format sarif policies/*.json > stocktake.sarif
      For code hosts, which show it beside the lines.

  stocktake check policy --config inventory.json --source photos reports-policy.json \\
      --principal arn:aws:iam::111122223333:user/admin --account 111122223333 identity=admin-policy.json source=
      Tells whether reports of `photos` would be delivered, and whether the principal can manage the configuration
      and read the reports. What is not given is unknown; a word without a file, as `source=`, says that there is none.

What a document is, is told by its content. A word before it and `=` goes before that:
  bucket= source= destination=   a bucket's policy; of the bucket that is listed, of the one that reports go to
  identity=                      a policy of users or roles, those of --principal
  organization=                  a CoreWeave organization access policy
  cam= trust= role=              a Tencent CAM policy; who may take a role; either of the role that writes reports
  key=                           the policy of the key that reports are encrypted with
  inventory= logging= audit=     an inventory configuration, an access-log configuration, audit-logging settings

Exit codes: 0 nothing of level error, 1 something of level error, 2 nothing was checked, as a file cannot be read or the
command line cannot be understood.")]
pub(in crate::commands) struct PolicyArguments {
    /// The policies, each in a file; `-` reads stdin
    #[arg(required_unless_present = "config", value_name = "[KIND=]FILE", value_parser = input())]
    pub(in crate::commands) files: Vec<Input>,
    /// Whose rules apply; `any` tells by the form of each policy
    #[arg(long, value_name = "NAME", default_value = "any")]
    pub(in crate::commands) dialect: DialectName,
    /// The bucket that bucket policies are attached to
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    pub(in crate::commands) bucket: Option<String>,
    /// The tool that will apply the documents
    #[arg(long, value_name = "NAME", value_parser = ["terraform-aws"])]
    pub(in crate::commands) tool: Option<String>,
    #[command(flatten)]
    pub(in crate::commands) output: OutputArguments,
    #[command(flatten)]
    pub(in crate::commands) delivery: DeliveryArguments,
    #[command(flatten)]
    pub(in crate::commands) engine: EngineArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Delivery")]
pub(in crate::commands) struct DeliveryArguments {
    /// Also check whether the reports of this configuration would be delivered; may be given several times
    #[arg(long, value_name = "[KIND=]FILE", requires = "source", value_parser = input())]
    pub(in crate::commands) config: Vec<Input>,
    /// The bucket that is listed
    #[arg(long, value_name = "BUCKET", requires = "config")]
    pub(in crate::commands) source: Option<String>,
    /// Who shall manage the configuration and read the reports; may be given several times
    #[arg(long, value_name = "ARN", requires = "config")]
    pub(in crate::commands) principal: Vec<String>,
    /// The account, or organization, that owns the source
    #[arg(long, value_name = "ID", requires = "config")]
    pub(in crate::commands) account: Option<String>,
    /// The one that owns the destination [default: that of --account]
    #[arg(long, value_name = "ID", requires = "config")]
    pub(in crate::commands) destination_account: Option<String>,
    /// The region of the source
    #[arg(long, value_name = "NAME", requires = "config")]
    pub(in crate::commands) source_region: Option<String>,
    /// The region of the destination
    #[arg(long, value_name = "NAME", requires = "config")]
    pub(in crate::commands) destination_region: Option<String>,
    /// The time that sample keys are named after [default: the system's]
    #[arg(long, value_name = "RFC3339", requires = "config", value_parser = time)]
    pub(in crate::commands) now: Option<SystemTime>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stocktake check config inventory.json
  stocktake check config --dialect coreweave --format json inventory.xml")]
pub(in crate::commands) struct ConfigArguments {
    /// The configurations, as JSON of the AWS CLI or XML of the S3 API; `-` reads stdin
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::commands) files: Vec<PathBuf>,
    /// Whose rules apply
    #[arg(long, value_name = "NAME", default_value = "any")]
    pub(in crate::commands) dialect: DialectName,
    #[command(flatten)]
    pub(in crate::commands) output: OutputArguments,
    #[command(flatten)]
    pub(in crate::commands) engine: EngineArguments,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct OutputArguments {
    /// How what is found is printed, on stdout
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: FormatName,
    /// The same as --format json; errors too
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum FormatName {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
}

impl OutputArguments {
    pub(in crate::commands) fn format(&self) -> FormatName {
        if self.json { FormatName::Json } else { self.format }
    }
}

impl CheckCommand {
    pub(super) fn wants_json(&self) -> bool {
        let output = match self {
            Self::Policy(arguments) => &arguments.output,
            Self::Config(arguments) => &arguments.output,
        };
        output.format() == FormatName::Json
    }
}

fn input() -> impl clap::builder::TypedValueParser<Value = Input> {
    OsStringValueParser::new().map(|text| Input::parse(&text, &WORDS))
}
