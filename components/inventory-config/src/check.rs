//! Judging one document.

use stocktake_core::configuration::Configuration;
use stocktake_core::finding::{Dialect, Finding};

use crate::rules::{self, CF100, Request};
use crate::sink::Sink;
use crate::tree::{self, Problem};

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
    /// Everything that is wrong, in document order; what is missing stands behind what is there.
    pub findings: Vec<Finding>,
    /// Present exactly when no finding is of level `error`.
    pub configuration: Option<Configuration>,
}

/// Judges a document.
///
/// The same input always gets the same judgement. `any` is judged as `aws`; of the other dialects there is one finding
/// that says so.
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
    let mut sink = Sink::new(dialect);
    let draft = match read(document, syntax, dialect) {
        Ok(root) => Some(rules::judge(&mut sink, &root, request)),
        Err(problem) => {
            sink.report(CF100, "", problem);
            None
        }
    };
    let configuration = if sink.has_errors() { None } else { draft.and_then(rules::Draft::finish) };
    Judgement { findings: sink.finish(), configuration }
}

fn read(document: &[u8], syntax: Syntax, dialect: Dialect) -> Result<tree::Node, Problem> {
    let unsupported = match dialect {
        Dialect::Any | Dialect::Aws => return tree::read(document, syntax),
        Dialect::Coreweave => "coreweave",
        Dialect::Cos => "cos",
    };
    Err(Problem::new(format!("this build does not judge the dialect `{unsupported}` yet"))
        .allowed("the dialects `aws` and `any`"))
}

#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "as expect-test writes snapshots")]
#[expect(clippy::too_many_lines, reason = "snapshots are data")]
pub(crate) mod tests;
