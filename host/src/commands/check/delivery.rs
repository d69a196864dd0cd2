//! Whether the reports of a configuration would be delivered, with the policies that are given.

use std::collections::BTreeSet;

use serde_json::Value;
use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::provider;

use super::super::CommandError;
use super::super::arguments::PolicyArguments;
use super::super::excerpt::visible;
use super::super::inputs::read_all;
use super::form::{self, WORDS, Word};
use super::outcome::{Checked, Outcome};
use super::{Input, Judges, Read};
use crate::capabilities::{Capabilities, Clock};
use crate::config::POLICY_CHECK;
use crate::engine::Component;
use crate::engine::policy::{
    Delivery, Document, DocumentKind, Options, PreflightReport, Principal,
};

/// Where a bucket's ARN, or name, stands in the configurations that are known.
const BUCKETS: [&str; 4] = [
    "/Destination/S3BucketDestination/Bucket",
    "/Destination/COSBucketDestination/Bucket",
    "/LoggingEnabled/TargetBucket",
    "/TargetBucket",
];

pub(super) fn check(
    arguments: &PolicyArguments,
    judges: &Judges<'_>,
) -> Result<Outcome, CommandError> {
    let (configurations, policies) = read(arguments)?;
    let asked = arguments.dialect.into();
    let dialect =
        if asked == Dialect::Any { dialect(arguments, &configurations, &policies) } else { asked };
    let mut assembled = Assembled::new(arguments, dialect);
    for configuration in configurations {
        assembled.configuration(configuration, judges)?;
    }
    for input in arguments.files.iter().filter(|input| input.path.is_none()) {
        assembled.without(input)?;
    }
    for policy in policies {
        assembled.policy(policy, judges)?;
    }
    let Assembled { mut delivery, documents, findings, .. } = assembled;
    let component = judges.load(POLICY_CHECK)?;
    let principals = principals(&arguments.delivery.principal, dialect, &component, judges)?;
    delivery.managers.clone_from(&principals);
    delivery.readers = principals;
    let options = Options { tool: arguments.tool.clone(), ..Options::default() };
    let report = preflight(&delivery, dialect, &options, &component, judges)?;
    let findings = joined(findings, &report.findings, &documents);
    Ok(Outcome { documents, findings, preflight: Some(report), dialect: asked })
}

/// The configurations, and the policies. What cannot be read of either is told at once.
fn read(arguments: &PolicyArguments) -> Result<(Vec<Read>, Vec<Read>), CommandError> {
    let (configurations, policies) = (&arguments.delivery.config, &arguments.files);
    let is_stdin =
        |input: &Input| input.path.as_deref().is_some_and(|path| path.as_os_str() == "-");
    if configurations.iter().any(is_stdin) && policies.iter().any(is_stdin) {
        let why = "stdin can be read once only; give the configuration or the policy in a file";
        return Err(CommandError::Usage(why.to_owned()));
    }
    if configurations.iter().any(|input| input.path.is_none()) {
        return Err(CommandError::Usage("--config needs a file behind `=`".to_owned()));
    }
    match (read_all(configurations, &WORDS), read_all(policies, &WORDS)) {
        (Ok(configurations), Ok(policies)) => Ok((configurations, policies)),
        (Err(CommandError::Usage(one)), Err(CommandError::Usage(other))) => {
            Err(CommandError::Usage(format!("{one}\nstocktake: {other}")))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// Whose rules hold for the whole delivery: of the first policy, name or configuration that tells.
fn dialect(arguments: &PolicyArguments, configurations: &[Read], policies: &[Read]) -> Dialect {
    let of_read = |read: &Read| match read.word {
        Some(Word::Organization | Word::Audit) => Dialect::Coreweave,
        Some(Word::Cam | Word::Trust | Word::Role) => Dialect::Cos,
        _ if read.source.text.contains("<COSBucketDestination>") => Dialect::Cos,
        _ => provider::of_document(read.tree()),
    };
    let policies = policies.iter().map(of_read);
    let names = arguments.delivery.principal.iter().map(|name| provider::of_principal(name));
    provider::of_first(policies.chain(names).chain(configurations.iter().map(of_read)))
}

/// A delivery while its documents are put where they belong.
struct Assembled {
    delivery: Delivery,
    dialect: Dialect,
    /// The buckets that reports go to.
    destinations: BTreeSet<String>,
    documents: Vec<Checked>,
    findings: Vec<Finding>,
}

impl Assembled {
    fn new(arguments: &PolicyArguments, dialect: Dialect) -> Self {
        let given = &arguments.delivery;
        let now = given.now.map_or_else(Clock::system, Clock::starting_at).now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let delivery = Delivery {
            source: given.source.clone().unwrap_or_default(),
            source_account: given.account.clone(),
            destination_account: given
                .destination_account
                .clone()
                .or_else(|| given.account.clone()),
            source_region: given.source_region.clone(),
            destination_region: given.destination_region.clone(),
            at_seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            ..Delivery::default()
        };
        let (documents, findings) = (Vec::new(), Vec::new());
        Self { delivery, dialect, destinations: BTreeSet::new(), documents, findings }
    }

    fn configuration(&mut self, read: Read, judges: &Judges<'_>) -> Result<(), CommandError> {
        let kind = match form::of(&read, self.dialect, false).0 {
            kind @ (DocumentKind::LoggingConfig | DocumentKind::AuditSettings) => kind,
            _ => DocumentKind::InventoryConfig,
        };
        let mut text = Some(read.source.text.clone());
        if read.is_xml() {
            let judgement = judges.validate(&read, self.dialect)?;
            self.findings.extend(judgement.findings);
            text = judgement.configuration;
        }
        if let Some(text) = text {
            let tree: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            let named = BUCKETS.iter().filter_map(|at| tree.pointer(at)?.as_str());
            let plain = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
            self.destinations.extend(named.map(plain));
            if let (DocumentKind::AuditSettings, Some(owner)) =
                (kind, &self.delivery.destination_account)
            {
                self.destinations.insert(format!("cw-{owner}-audit-logs"));
            }
            let name = read.source.name.clone();
            self.delivery.configurations.push(Document { name, kind, text });
        }
        self.documents.push(Checked::new(read, kind, self.dialect));
        Ok(())
    }

    /// Notes that there is no document of a kind.
    fn without(&mut self, input: &Input) -> Result<(), CommandError> {
        let list = match input.word {
            Some(Word::Source) => &mut self.delivery.source_policy,
            Some(Word::Destination) => &mut self.delivery.destination_policy,
            Some(Word::Identity) => &mut self.delivery.identity,
            Some(Word::Organization) => &mut self.delivery.organization,
            Some(Word::Cam | Word::Trust | Word::Role) => &mut self.delivery.role,
            Some(Word::Key) => &mut self.delivery.key,
            Some(Word::Bucket) => {
                let why = "`bucket=` says that a bucket has no policy and not which; \
                    write `source=` or `destination=`";
                return Err(CommandError::Usage(why.to_owned()));
            }
            Some(Word::Inventory | Word::Logging | Word::Audit) | None => {
                let why = "a configuration needs a file; name it with --config FILE";
                return Err(CommandError::Usage(why.to_owned()));
            }
        };
        list.get_or_insert_default();
        Ok(())
    }

    fn policy(&mut self, read: Read, judges: &Judges<'_>) -> Result<(), CommandError> {
        let (kind, _) = form::of(&read, self.dialect, false);
        let is_for_role = matches!(read.word, Some(Word::Cam | Word::Trust | Word::Role));
        let list = match kind {
            DocumentKind::InventoryConfig
            | DocumentKind::LoggingConfig
            | DocumentKind::AuditSettings => return self.configuration(read, judges),
            DocumentKind::BucketPolicy => return self.bucket_policy(read),
            DocumentKind::OrgPolicy => &mut self.delivery.organization,
            DocumentKind::KeyPolicy => &mut self.delivery.key,
            DocumentKind::TrustPolicy => &mut self.delivery.role,
            DocumentKind::CamPolicy if is_for_role => &mut self.delivery.role,
            DocumentKind::IdentityPolicy | DocumentKind::CamPolicy => &mut self.delivery.identity,
        };
        list.get_or_insert_default().push(document(&read, kind));
        self.documents.push(Checked::new(read, kind, self.dialect));
        Ok(())
    }

    /// Puts a bucket's policy where it says, or by the buckets that it names.
    fn bucket_policy(&mut self, read: Read) -> Result<(), CommandError> {
        let named = form::buckets(read.tree());
        let names_source = named.contains(&self.delivery.source);
        // Where reports go is not known of a configuration that cannot be used.
        let names_destination = if self.destinations.is_empty() {
            !names_source
        } else {
            named.iter().any(|name| self.destinations.contains(name))
        };
        let is_one_bucket = self.destinations.contains(&self.delivery.source);
        let (is_source, is_destination) = match read.word {
            Some(Word::Source) => (true, false),
            Some(Word::Destination) => (false, true),
            // What cannot be read is told of wherever it is put.
            _ if named.is_empty() => (false, true),
            _ if is_one_bucket && names_source => (true, true),
            _ if names_source != names_destination => (names_source, names_destination),
            _ => return Err(self.ambiguous(&read, names_source)),
        };
        let document = document(&read, DocumentKind::BucketPolicy);
        for (belongs, place, list) in [
            (is_source, "source", &mut self.delivery.source_policy),
            (is_destination, "destination", &mut self.delivery.destination_policy),
        ] {
            let list = if belongs { list.get_or_insert_default() } else { continue };
            if let Some(first) = list.first() {
                let (first, second) = (visible(&first.name), visible(&document.name));
                return Err(CommandError::Usage(format!(
                    "the {place} bucket has one policy, and `{first}` and `{second}` are given; leave out one"
                )));
            }
            list.push(document.clone());
        }
        self.documents.push(Checked::new(read, DocumentKind::BucketPolicy, self.dialect));
        Ok(())
    }

    fn ambiguous(&self, read: &Read, names_both: bool) -> CommandError {
        let name = visible(&read.source.name);
        let destinations: Vec<&str> = self.destinations.iter().map(String::as_str).collect();
        let (source, destinations) =
            (visible(&self.delivery.source), visible(&destinations.join("`, `")));
        let found = if names_both {
            format!("names both the source `{source}` and the destination `{destinations}`")
        } else {
            format!("names neither the source `{source}` nor the destination `{destinations}`")
        };
        CommandError::Usage(format!("`{name}` {found}; write source={name} or destination={name}"))
    }
}

fn document(read: &Read, kind: DocumentKind) -> Document {
    Document { name: read.source.name.clone(), kind, text: read.source.text.clone() }
}

fn principals(
    names: &[String],
    dialect: Dialect,
    component: &Component,
    judges: &Judges<'_>,
) -> Result<Vec<Principal>, CommandError> {
    let nothing = Capabilities::default();
    let principals = names.iter().map(|name| {
        let asking = component.call_principal_named(&nothing, name, dialect);
        Ok(judges.runtime.block_on(asking).map_err(anyhow::Error::from)?.value)
    });
    principals.collect()
}

fn preflight(
    delivery: &Delivery,
    dialect: Dialect,
    options: &Options,
    component: &Component,
    judges: &Judges<'_>,
) -> Result<PreflightReport, CommandError> {
    let nothing = Capabilities::default();
    let judging = component.call_preflight(&nothing, delivery, dialect, options);
    Ok(judges.runtime.block_on(judging).map_err(anyhow::Error::from)?.value)
}

/// What both judges found: by document in their order, and once where both found the same.
fn joined(first: Vec<Finding>, second: &[Finding], documents: &[Checked]) -> Vec<Finding> {
    let is_same = |one: &Finding, other: &Finding| {
        (&one.document, &one.code, &one.pointer) == (&other.document, &other.code, &other.pointer)
    };
    let more: Vec<Finding> = second
        .iter()
        .filter(|finding| !first.iter().any(|told| is_same(told, finding)))
        .cloned()
        .collect();
    let mut all = first;
    all.extend(more);
    let place = |finding: &Finding| {
        let named = documents.iter().position(|it| it.source.name == finding.document);
        named.unwrap_or(documents.len())
    };
    all.sort_by_key(place);
    all
}
