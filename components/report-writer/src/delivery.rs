//! Whether the destination's policy lets the report in, asked when a run begins.
//!
//! Whoever put the configuration or started the run was asked the same. A policy that came later is seen here alone, and
//! every run passes here: those of a schedule, on demand, of a document, and of the command line. What is kept by the
//! gateway is judged; a store that has policies of its own enforces them itself.
//!
//! The account and region of who asked are not known here. What hangs on them keeps no report out
//! (`docs/decisions/0020-authorization-at-the-time-of-the-write.md`).

use stocktake_capabilities::{Failure, State};
use stocktake_core::configuration::{BucketNotation, Configuration};
use stocktake_core::finding::{Finding, Level};
use stocktake_core::policy::{
    Delivery, Document, DocumentKind, Options, PreflightReport, REQUEST, is_kept_out, policy_key,
};
use stocktake_core::provider;
use stocktake_core::run::PlanInput;
use stocktake_core::timestamp::Millis;

use crate::task::failure;

/// Fails where the policy that is kept for the destination keeps the report out.
///
/// # Errors
/// [`Failure::Reject`] with what denies it; [`Failure::Retry`] where `state` does not answer.
pub(crate) fn check(
    state: &impl State,
    input: &PlanInput,
    configuration: &Configuration,
    now: Millis,
) -> Result<(), Failure> {
    let bucket = configuration.destination.bucket.as_str();
    let key = policy_key(bucket);
    let item = state.get(&key).map_err(|error| failure(&format!("reading `{key}`"), &error))?;
    // One that cannot be read as text lets nobody put a configuration either; it denies nothing.
    let Some(policy) = item.and_then(|item| String::from_utf8(item.value).ok()) else {
        return Ok(());
    };
    let dialect = provider::of_text(&policy);
    let delivery = delivery(input, configuration, policy, now);
    let report = stocktake_policy::preflight(&delivery, dialect, &Options::default());
    let is_refused = is_kept_out(dialect, &report.own_writes(&input.bucket, configuration));
    // One that is too large to be judged could deny anything.
    if is_refused || !report.is_judged() { Err(refusal(bucket, &report)) } else { Ok(()) }
}

fn delivery(
    input: &PlanInput,
    configuration: &Configuration,
    policy: String,
    now: Millis,
) -> Delivery {
    let destination = &configuration.destination;
    let policy = Document {
        name: "destination-policy".to_owned(),
        kind: DocumentKind::BucketPolicy,
        text: policy,
    };
    let document = Document {
        name: "inventory-configuration".to_owned(),
        kind: DocumentKind::InventoryConfig,
        text: input.configuration.clone(),
    };
    Delivery {
        configurations: vec![document],
        source: input.bucket.clone(),
        source_account: None,
        destination_account: destination.account_id.clone(),
        source_region: None,
        destination_region: match &destination.notation {
            BucketNotation::Qcs { region } => Some(region.clone()),
            _ => None,
        },
        source_policy: None,
        destination_policy: Some(vec![policy]),
        organization: None,
        identity: None,
        role: None,
        key: None,
        managers: Vec::new(),
        readers: Vec::new(),
        at_seconds: now.parts().0,
    }
}

/// What people read as the reason of the run's end.
fn refusal(bucket: &str, report: &PreflightReport) -> Failure {
    let is_reason =
        |it: &&Finding| it.level == Level::Error && (it.code == "PC201" || it.document == REQUEST);
    let found = report.findings.iter().find(is_reason);
    let why = found.map_or("no statement allows it", |finding| finding.message.as_str());
    let place = found.map(|finding| finding.pointer.as_str()).filter(|place| !place.is_empty());
    let place = place.map(|place| format!(", at {place}")).unwrap_or_default();
    Failure::Reject(format!(
        "the policy of destination bucket `{bucket}` does not let the report in{place}: {why}"
    ))
}
