//! Whether reports could be delivered, asked when a configuration is put.
//!
//! Amazon S3 and Tencent COS do not look, so here they are told. `CoreWeave` refuses a destination that its service may not
//! write to. The dialect `any` looks only where the destination has a policy, and refuses where that denies the writer.

use stocktake_core::bucket::BucketName;
use stocktake_core::configuration::{BucketNotation, Configuration};
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::policy::{
    Decision, Delivery, Document, DocumentKind, JudgedRequest, Options, PreflightReport,
};

use crate::access::{Access, OWN_POLICY, bucket_policy, of_policy, own_policies, owner, principal};
use crate::findings;
use crate::policies;
use crate::s3::{About, Code, Error};

/// What findings call the documents.
const CONFIGURATION: &str = "inventory-configuration";
const SOURCE: &str = "source-policy";
const DESTINATION: &str = "destination-policy";

/// Judges a configuration that is to be put, with the policies of both buckets and of the caller, who manages it.
/// `document` is its JSON. Answers what is wrong and no reason to refuse it, above level `info`.
///
/// # Errors
/// `IllegalInventoryConfigurationException`; what the store answers.
pub(crate) fn check(
    access: Access<'_>,
    source: &str,
    configuration: &Configuration,
    document: &str,
) -> Result<Vec<Finding>, Error> {
    let bucket = configuration.destination.bucket.as_str();
    let policy = policy_of(access, bucket)?;
    let dialect = match (&policy, access.settings.dialect) {
        (Some(policy), dialect) => of_policy(dialect, policy),
        (None, Dialect::Any) => return Ok(Vec::new()),
        // To others such a bucket is open; the service that writes reports has no organization that would let it in.
        (None, Dialect::Coreweave) => {
            return Err(refused(&format!("{bucket} has no policy that lets it write")));
        }
        (None, dialect) => dialect,
    };
    let source_policy = if source == bucket { policy.clone() } else { policy_of(access, source)? };
    let delivery =
        delivery(access, (source, configuration, document), dialect, [source_policy, policy]);
    let report = access.services.policy_check.preflight(&delivery, dialect, &Options::default());
    let writes = own_writes(source, configuration, &report);
    let is_refused = is_refused(access.settings.dialect, dialect, &writes);
    let found = report.findings.into_iter().filter(|it| is_told(it, dialect)).collect();
    if is_refused { Err(refusal(found)) } else { Ok(found) }
}

/// Whether a finding is told to one who puts a configuration.
fn is_told(finding: &Finding, dialect: Dialect) -> bool {
    let Finding { code, level, document, .. } = finding;
    let is_of_people = matches!(code.as_ref(), "PC304" | "PC305");
    // Nobody here knows the role that writes for Tencent COS. That there must be one is told once, as PC209.
    let is_unknown = dialect == Dialect::Cos && code == "PC201" && *level == Level::Warning;
    // What is wrong with the document itself is told by whoever keeps it, and its own policies are the caller's affair.
    *level != Level::Info
        && !is_unknown
        && !code.starts_with("CF")
        && (is_of_people || !document.starts_with(OWN_POLICY))
}

/// The policy of a bucket, where it may be read; one that may not be could say anything, and counts as none.
fn policy_of(access: Access<'_>, bucket: &str) -> Result<Option<String>, Error> {
    match policies::current(access.services, bucket) {
        Err(error) if error.is_transient() => Err(error.into()),
        policy => Ok(policy.ok().flatten()),
    }
}

fn delivery(
    access: Access<'_>,
    (source, configuration, document): (&str, &Configuration, &str),
    dialect: Dialect,
    [source_policy, destination_policy]: [Option<String>; 2],
) -> Delivery {
    let destination = &configuration.destination;
    let owner = owner(access).map(str::to_owned);
    let region = Some(access.settings.region.clone());
    let named = match &destination.notation {
        BucketNotation::Qcs { region } => Some(region.clone()),
        _ => None,
    };
    let policy = |name: &str, text: Option<String>| {
        Some(text.map(|text| bucket_policy(name, &text)).into_iter().collect())
    };
    // One policy of one bucket is one document.
    let source_name = if source == destination.bucket.as_str() { DESTINATION } else { SOURCE };
    let own = own_policies(access.caller, dialect);
    let (identity, organization) =
        if dialect == Dialect::Coreweave { (None, Some(own)) } else { (Some(own), None) };
    Delivery {
        configurations: vec![Document {
            name: CONFIGURATION.to_owned(),
            kind: DocumentKind::InventoryConfig,
            text: document.to_owned(),
        }],
        source: source.to_owned(),
        source_account: owner.clone(),
        destination_account: destination.account_id.clone().or(owner),
        destination_region: named.or_else(|| region.clone()),
        source_region: region,
        source_policy: policy(source_name, source_policy),
        destination_policy: policy(DESTINATION, destination_policy),
        organization,
        identity,
        role: None,
        key: None,
        managers: vec![principal(access.caller)],
        readers: Vec::new(),
        at_seconds: access.moment.now.seconds,
    }
}

/// The writes of what reports have here. `CoreWeave` may write a manifest beside them too, which is not documented and so
/// told, and no reason to refuse.
fn own_writes<'r>(
    source: &str,
    configuration: &Configuration,
    report: &'r PreflightReport,
) -> Vec<&'r JudgedRequest> {
    let Ok(source) = BucketName::parse_in(source, Dialect::Any) else { return Vec::new() };
    let bucket = configuration.destination.bucket.as_str();
    let place = format!(":{bucket}/{}/", configuration.report_base(&source));
    let is_own = |it: &&JudgedRequest| it.request.resource.contains(&place);
    let own: Vec<&JudgedRequest> = report.writes.iter().filter(is_own).collect();
    // In `any` a policy may be of another provider than the report's form.
    if own.is_empty() { report.writes.iter().collect() } else { own }
}

/// Whether a write is refused by a provider that looks, as the policy's own does.
fn is_refused(set: Dialect, dialect: Dialect, writes: &[&JudgedRequest]) -> bool {
    let looks = matches!(set, Dialect::Coreweave | Dialect::Any);
    looks
        && writes.iter().any(|it| match it.verdict.decision {
            Decision::Allowed | Decision::Indeterminate => false,
            Decision::ExplicitDeny => true,
            // Tencent COS delivers without a grant.
            Decision::ImplicitDeny => dialect != Dialect::Cos,
            Decision::InvalidDocument => set == Dialect::Coreweave,
        })
}

/// The refusal, with the finding that is the reason.
fn refusal(found: Vec<Finding>) -> Error {
    let reason = found.iter().find(|it| it.code == "PC201" && it.level == Level::Error);
    let reason = reason.map(|it| format!("by its policy, {}", findings::sentence(it)));
    Error { about: About::Findings(found), ..refused(&reason.unwrap_or_default()) }
}

fn refused(reason: &str) -> Error {
    let code = Code::IllegalInventoryConfigurationException;
    let usual = Error::from(code).message;
    code.saying(format!("{}: {reason}", usual.trim_end_matches('.')))
}
