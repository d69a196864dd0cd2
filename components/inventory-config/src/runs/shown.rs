//! What is told of a run: one form, for the HTTP API, for the command line and for scripts.

use serde::Serialize;
use stocktake_core::run::{ManifestPlace, RunRecord, RunStatus, Trigger};
use stocktake_core::timestamp::Millis;

/// One run; the contract says what each member means.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    run: &'a str,
    bucket: &'a str,
    id: &'a str,
    trigger: Trigger,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<String>,
    state: RunStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    begun: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    scanned: u64,
    written: u64,
    rate: u64,
    files: u64,
    report_bytes: u64,
    bytes: u64,
    unlisted: u64,
    errors: u64,
    report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<&'a ManifestPlace>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Report {
    Complete,
    Partial,
}

/// A run of the configuration with this id, as it stands.
pub(super) fn json(id: &str, record: &RunRecord, now: Millis) -> String {
    let until = record.ended_millis.unwrap_or(now.0);
    let shown = Shown {
        run: &record.plan.run,
        bucket: &record.plan.bucket,
        id,
        trigger: record.plan.trigger(),
        slot: record.plan.slot_millis.map(|slot| Millis(slot).rfc3339()),
        state: record.status,
        reason: record.reason.as_deref(),
        begun: Millis(record.begun_millis).rfc3339(),
        ended: record.ended_millis.map(|ended| Millis(ended).rfc3339()),
        scanned: record.counts.listed_entries,
        written: record.counts.objects,
        rate: per_second(record.counts.objects, until.saturating_sub(record.begun_millis)),
        files: record.counts.files,
        report_bytes: record.counts.report_bytes,
        bytes: record.counts.bytes,
        unlisted: record.counts.unlisted,
        errors: record.errors,
        report: match record.status {
            RunStatus::Complete => Report::Complete,
            RunStatus::Running | RunStatus::Failed | RunStatus::Cancelled => Report::Partial,
        },
        manifest: record.manifest.as_ref(),
    };
    // Strings, numbers and structs of them always serialise.
    serde_json::to_string(&shown).unwrap_or_default()
}

/// Of a time that is too short to be told, or of a clock that has gone back, a millisecond.
fn per_second(count: u64, millis: i64) -> u64 {
    let millis = u128::try_from(millis).unwrap_or(0).max(1);
    u64::try_from(u128::from(count) * 1000 / millis).unwrap_or(u64::MAX)
}
