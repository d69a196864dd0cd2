//! Whether reports could be delivered, asked when a configuration is put and when a run is begun.
//!
//! Amazon S3 and Tencent COS do not look, so here they are told. `CoreWeave` refuses a destination that its service may not
//! write to. The dialect `any` looks only where the destination has a policy, and refuses where that denies the writer.

use stocktake_core::configuration::{BucketNotation, Configuration};
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::policy::{
    Decision, Delivery, Document, DocumentKind, JudgedRequest, Options, REQUEST, is_kept_out,
};

use crate::access::{Access, OWN_POLICY, bucket_policy, of_policy, own_policies, owner, principal};
use crate::findings;
use crate::policies::{self, Kept};
use crate::s3::{About, Code, Error};

/// What findings call the documents.
const CONFIGURATION: &str = "inventory-configuration";
const SOURCE: &str = "source-policy";
const DESTINATION: &str = "destination-policy";

/// What came of it where nothing refuses the configuration.
pub(crate) struct Delivered {
    /// What is wrong and no reason to refuse it, above level `info`.
    pub(crate) findings: Vec<Finding>,
    /// The policy of the destination that it was judged by.
    pub(crate) destination: Kept,
}

/// Judges a configuration that is to be put or run, with the policies of both buckets and of the caller, who manages it.
/// `document` is its JSON.
///
/// # Errors
/// `IllegalInventoryConfigurationException`; what the store answers.
pub(crate) fn check(
    access: Access<'_>,
    source: &Kept,
    configuration: &Configuration,
    document: &str,
) -> Result<Delivered, Error> {
    let bucket = configuration.destination.bucket.as_str();
    let destination = if source.bucket() == bucket {
        source.clone()
    } else {
        policies::read_if_allowed(access.services, bucket)?
    };
    let dialect = match (destination.policy(), access.settings.dialect) {
        (Some(policy), dialect) => of_policy(dialect, policy),
        (None, Dialect::Any) => return Ok(Delivered { findings: Vec::new(), destination }),
        // To others such a bucket is open; the service that writes reports has no organization that would let it in.
        (None, Dialect::Coreweave) => {
            return Err(refused(&format!("{bucket} has no policy that lets it write")));
        }
        (None, dialect) => dialect,
    };
    let delivery = delivery(access, (configuration, document), dialect, [source, &destination]);
    let report = access.services.policy_check.preflight(&delivery, dialect, &Options::default());
    let writes = report.own_writes(source.bucket(), configuration);
    // One that is too large to be judged could deny anything.
    let is_refused = is_refused(access.settings.dialect, dialect, &writes) || !report.is_judged();
    let findings = report.findings.into_iter().filter(|it| is_told(it, dialect)).collect();
    if is_refused { Err(refusal(findings)) } else { Ok(Delivered { findings, destination }) }
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

fn delivery(
    access: Access<'_>,
    (configuration, document): (&Configuration, &str),
    dialect: Dialect,
    [source, target]: [&Kept; 2],
) -> Delivery {
    let destination = &configuration.destination;
    let owner = owner(access).map(str::to_owned);
    let region = Some(access.settings.region.clone());
    let named = match &destination.notation {
        BucketNotation::Qcs { region } => Some(region.clone()),
        _ => None,
    };
    let policy = |name: &str, kept: &Kept| {
        Some(kept.policy().map(|text| bucket_policy(name, text)).into_iter().collect())
    };
    // One policy of one bucket is one document.
    let is_one = source.bucket() == target.bucket();
    let source_name = if is_one { DESTINATION } else { SOURCE };
    let own = own_policies(access.caller, dialect);
    let (identity, organization) =
        if dialect == Dialect::Coreweave { (None, Some(own)) } else { (Some(own), None) };
    Delivery {
        configurations: vec![Document {
            name: CONFIGURATION.to_owned(),
            kind: DocumentKind::InventoryConfig,
            text: document.to_owned(),
        }],
        source: source.bucket().to_owned(),
        source_account: owner.clone(),
        destination_account: destination.account_id.clone().or(owner),
        destination_region: named.or_else(|| region.clone()),
        source_region: region,
        source_policy: policy(source_name, source),
        destination_policy: policy(DESTINATION, target),
        organization,
        identity,
        role: None,
        key: None,
        managers: vec![principal(access.caller)],
        readers: Vec::new(),
        at_seconds: access.moment.now.seconds,
    }
}

/// Whether a write is refused by a provider that looks, as the policy's own does.
fn is_refused(set: Dialect, dialect: Dialect, writes: &[&JudgedRequest]) -> bool {
    let looks = matches!(set, Dialect::Coreweave | Dialect::Any);
    let is_unreadable = |it: &&JudgedRequest| it.verdict.decision == Decision::InvalidDocument;
    looks
        && (is_kept_out(dialect, writes)
            || (set == Dialect::Coreweave && writes.iter().any(is_unreadable)))
}

/// The refusal, with the finding that is the reason.
fn refusal(found: Vec<Finding>) -> Error {
    let is_reason =
        |it: &&Finding| it.level == Level::Error && (it.code == "PC201" || it.document == REQUEST);
    let reason = found.iter().find(is_reason);
    let reason = reason.map(|it| format!("by its policy, {}", findings::sentence(it)));
    Error { about: About::Findings(found), ..refused(&reason.unwrap_or_default()) }
}

fn refused(reason: &str) -> Error {
    let code = Code::IllegalInventoryConfigurationException;
    let usual = Error::from(code).message;
    code.saying(format!("{}: {reason}", usual.trim_end_matches('.')))
}
