//! `stocktake check`: what is wrong with policies and configurations, before they are applied.

mod delivery;
mod form;
mod json;
mod outcome;
mod rules;
mod sarif;
mod text;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use stocktake_core::finding::{Dialect, Finding};
use tokio::runtime::Runtime;

use super::arguments::{
    CheckCommand, ConfigArguments, EngineArguments, FormatName, OutputArguments, PolicyArguments,
};
use super::assembly::load_alone;
use super::inputs::{self, read_all};
use super::report::{print_json, print_line};
use super::{CommandError, Environment};
use crate::capabilities::Capabilities;
use crate::config::{INVENTORY_CONFIG, POLICY_CHECK};
use crate::engine::policy::{Document, DocumentKind, Options};
use crate::engine::{Component, Judgement, Syntax};
pub(super) use form::WORDS;
use form::Word;
use outcome::{Checked, Outcome};

type Read = inputs::Read<Word>;

/// A file that is to be checked.
pub(super) type Input = inputs::Input<Word>;

pub(super) fn run(
    command: &CheckCommand,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(), CommandError> {
    let (outcome, output) = match command {
        CheckCommand::Policy(arguments) => {
            (policies(arguments, environment, runtime), &arguments.output)
        }
        CheckCommand::Config(arguments) => {
            (configurations(arguments, environment, runtime), &arguments.output)
        }
    };
    // Exit code 1 says that something was found. That nothing was looked at is another answer.
    let outcome = outcome.map_err(|error| match error {
        CommandError::Failed(error) => CommandError::NoAnswer(error),
        error => error,
    })?;
    print(&outcome, output, environment)?;
    if outcome.has_errors() { Err(CommandError::No) } else { Ok(()) }
}

fn print(
    outcome: &Outcome,
    output: &OutputArguments,
    environment: &Environment,
) -> Result<(), CommandError> {
    match output.format() {
        FormatName::Text => {
            let is_coloured = std::io::stdout().is_terminal() && wants_colour(environment);
            print_line(text::render(outcome, is_coloured).trim_end())
        }
        FormatName::Json => print_json(&json::printed(outcome)),
        FormatName::Sarif => print_json(&sarif::log(outcome)),
    }
}

/// Whether the user has not asked for plain text, as <https://no-color.org> says, and the terminal is no typewriter.
fn wants_colour(environment: &Environment) -> bool {
    let variable = |name| environment.variable.and_then(|read| read(name));
    variable("NO_COLOR").is_none_or(|value| value.is_empty())
        && variable("TERM").is_none_or(|value| value != "dumb")
}

/// The components that judge, each loaded when it is needed.
struct Judges<'a> {
    engine: &'a EngineArguments,
    environment: &'a Environment,
    runtime: &'a Runtime,
}

impl Judges<'_> {
    fn load(&self, name: &str) -> Result<Component, CommandError> {
        load_alone(name, self.engine, self.environment)
    }

    /// What `inventory-config` says of a configuration.
    fn validate(&self, read: &Read, dialect: Dialect) -> Result<Judgement, CommandError> {
        let component = self.load(INVENTORY_CONFIG)?;
        let syntax = if read.is_xml() { Syntax::Xml } else { Syntax::Json };
        let (nothing, text) = (Capabilities::default(), read.source.text.as_bytes());
        let judging = component.call_validate(&nothing, text, syntax, dialect);
        let mut judgement = self.runtime.block_on(judging).map_err(anyhow::Error::from)?.value;
        for finding in &mut judgement.findings {
            finding.document.clone_from(&read.source.name);
        }
        Ok(judgement)
    }
}

fn configurations(
    arguments: &ConfigArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<Outcome, CommandError> {
    let file = |path: &PathBuf| Input { word: None, path: Some(path.clone()) };
    let inputs: Vec<Input> = arguments.files.iter().map(file).collect();
    let judges = Judges { engine: &arguments.engine, environment, runtime };
    let dialect = arguments.dialect.into();
    let mut outcome =
        Outcome { documents: Vec::new(), findings: Vec::new(), preflight: None, dialect };
    for read in read_all(&inputs, &WORDS)? {
        outcome.findings.extend(judges.validate(&read, dialect)?.findings);
        outcome.documents.push(Checked::new(read, DocumentKind::InventoryConfig, dialect));
    }
    Ok(outcome)
}

fn policies(
    arguments: &PolicyArguments,
    environment: &Environment,
    runtime: &Runtime,
) -> Result<Outcome, CommandError> {
    let judges = Judges { engine: &arguments.engine, environment, runtime };
    if !arguments.delivery.config.is_empty() {
        return delivery::check(arguments, &judges);
    }
    let dialect = arguments.dialect.into();
    let mut outcome =
        Outcome { documents: Vec::new(), findings: Vec::new(), preflight: None, dialect };
    let component = judges.load(POLICY_CHECK)?;
    let options = Options {
        bucket: arguments.bucket.clone(),
        tool: arguments.tool.clone(),
        ..Options::default()
    };
    for read in read_all(&arguments.files, &WORDS)? {
        let (kind, dialect) = form::of(&read, dialect, arguments.bucket.is_some());
        let findings = if kind == DocumentKind::InventoryConfig
            && (read.is_xml() || dialect == Dialect::Any)
        {
            judges.validate(&read, dialect)?.findings
        } else {
            lint(&read, kind, dialect, &options, &component, runtime)?
        };
        outcome.findings.extend(findings);
        outcome.documents.push(Checked::new(read, kind, dialect));
    }
    Ok(outcome)
}

fn lint(
    read: &Read,
    kind: DocumentKind,
    dialect: Dialect,
    options: &Options,
    component: &Component,
    runtime: &Runtime,
) -> Result<Vec<Finding>, CommandError> {
    let (name, text) = (read.source.name.clone(), read.source.text.clone());
    let document = Document { name, kind, text };
    let nothing = Capabilities::default();
    let linting = component.call_lint(&nothing, &document, dialect, options);
    Ok(runtime.block_on(linting).map_err(anyhow::Error::from)?.value)
}
