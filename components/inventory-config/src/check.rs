//! Judging one document.

mod compare;

use stocktake_core::configuration::Configuration;
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::form::Form;

use crate::rules::{self, CF100, Draft, Request};
use crate::sink::Sink;
use crate::tree;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// The JSON that the AWS CLI takes.
    Json,
    /// The XML of the S3 API.
    Xml,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Everything that is wrong, in document order; what is missing stands behind what is there. For [`Dialect::Any`]
    /// there follows what the strict dialects would refuse, dialect by dialect, each in document order and of level
    /// `info`.
    pub findings: Vec<Finding>,
    /// Present exactly when no finding is of level `error`.
    pub configuration: Option<Configuration>,
}

/// Judges a document.
///
/// The same input always gets the same judgement. [`Dialect::Any`] takes what one of the strict dialects takes, and our own
/// filters; which of the dialects of the document's API would refuse what is said in findings of level `info`.
///
/// # Limits
/// [`DOCUMENT_BYTES_MAX`](stocktake_core::configuration::DOCUMENT_BYTES_MAX), [`DEPTH_MAX`](crate::DEPTH_MAX) and
/// [`FINDINGS_MAX`](crate::FINDINGS_MAX). A document beyond one of them has a finding; one that is too large, or that
/// breaks the grammar of its syntax, has that one alone.
///
/// # Examples
/// ```
/// use inventory_config::{Syntax, check};
/// use stocktake_core::finding::Dialect;
///
/// let document = r#"{
///     "Id": "daily", "IsEnabled": true, "IncludedObjectVersions": "Latest", "Schedule": {"Frequency": "Daily"},
///     "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::orbit-reports", "Format": "CSV"}}
/// }"#;
/// let refused = check(document.as_bytes(), Syntax::Json, Dialect::Aws);
/// assert_eq!(refused.configuration, None);
/// assert_eq!(refused.findings[0].pointer, "/IncludedObjectVersions");
/// assert_eq!(refused.findings[0].suggestion.as_deref(), Some("\"Current\""));
///
/// let repaired = document.replace("Latest", "Current");
/// assert!(check(repaired.as_bytes(), Syntax::Json, Dialect::Aws).configuration.is_some());
/// ```
#[must_use]
pub fn check(document: &[u8], syntax: Syntax, dialect: Dialect) -> Judgement {
    judge(document, syntax, dialect, None)
}

/// Judges a document, and for a request also whether the two fit.
pub(crate) fn judge(
    document: &[u8],
    syntax: Syntax,
    dialect: Dialect,
    request: Option<Request<'_>>,
) -> Judgement {
    let (mut findings, draft) = judge_by(document, syntax, dialect, request);
    let form = match dialect {
        Dialect::Aws => Form::Aws,
        Dialect::Coreweave => Form::Coreweave,
        Dialect::Cos => Form::Cos,
        Dialect::Any => match draft.api() {
            Some(api) => compare::with_strict(&mut findings, api, |strict| {
                judge_by(document, syntax, strict, None).0
            }),
            None => Form::Aws,
        },
    };
    let is_refused = findings.iter().any(|finding| finding.level == Level::Error);
    let configuration = if is_refused { None } else { draft.finish(form) };
    Judgement { findings, configuration }
}

/// Judges by the rules of one dialect, without a look at the others.
fn judge_by(
    document: &[u8],
    syntax: Syntax,
    dialect: Dialect,
    request: Option<Request<'_>>,
) -> (Vec<Finding>, Draft) {
    let mut sink = Sink::new(dialect);
    let draft = match tree::read(document, syntax, dialect) {
        Ok(root) => rules::judge(&mut sink, &root, request),
        Err(problem) => {
            sink.report(CF100, "", problem);
            Draft::default()
        }
    };
    (sink.finish(), draft)
}

#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "as expect-test writes snapshots")]
#[expect(clippy::too_many_lines, reason = "snapshots are data")]
pub(crate) mod tests;
