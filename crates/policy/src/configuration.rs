//! Configurations of deliveries: what they say as far as they can be read, and everything that is wrong with them.
//!
//! Sources: `InventoryConfiguration` and `BucketLoggingStatus` in the Amazon S3 API reference; "Configure inventory
//! reports" and "Audit logging" of `CoreWeave` AI Object Storage; "PUT Bucket inventory" in the API documentation of
//! Tencent Cloud COS.

mod audit;
mod bucket;
mod inventory;
mod logging;
mod walk;

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{Document, DocumentKind, Options};

use crate::limits::DOCUMENT_BYTES_MAX;
use crate::rules::{CF100, PC002};
use crate::sink::{Draft, Sink};
use crate::tree::{DEPTH_MAX, Node, inline};
pub(crate) use inventory::Inventory;
pub(crate) use logging::Logging;
use walk::Walk;

/// The tool whose schema lacks what only `CoreWeave` has.
const TERRAFORM: &str = "terraform-aws";

/// What a configuration says. What could not be read is left out, or has the value of a sample.
#[derive(Clone, Debug)]
pub(crate) enum Settings {
    Inventory(Inventory),
    Logging(Logging),
    Audit,
}

/// Whether a kind of document is a configuration and no policy.
pub(crate) fn is_one(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::InventoryConfig | DocumentKind::LoggingConfig | DocumentKind::AuditSettings
    )
}

/// Everything wrong with a configuration, in document order.
pub(crate) fn lint(document: &Document, dialect: Dialect, options: &Options) -> Vec<Finding> {
    let (_, drafts) = read(document, dialect, options);
    let mut sink = Sink::new(&document.name, dialect);
    for draft in drafts {
        sink.add(draft);
    }
    sink.finish()
}

/// What a configuration says, and what is wrong with it.
pub(crate) fn read(
    document: &Document,
    dialect: Dialect,
    options: &Options,
) -> (Option<Settings>, Vec<Draft>) {
    let found = document.text.len();
    let root = if found > DOCUMENT_BYTES_MAX {
        Err(format!("the document has {found} bytes, at most {DOCUMENT_BYTES_MAX} are read"))
    } else {
        Node::read(&document.text, DEPTH_MAX)
            .map_err(|reason| format!("the document is not JSON: {}", inline(&reason)))
    };
    let root = match root {
        Ok(root) if root.depth() > DEPTH_MAX => {
            let message = format!("the document is nested deeper than {DEPTH_MAX} levels");
            return (None, vec![Draft::new(CF100, "", message)]);
        }
        Ok(root) => root,
        Err(message) => return (None, vec![Draft::new(CF100, "", message)]),
    };
    let mut sink = Sink::new("", dialect);
    crate::parse::repeated(&root, "", &mut sink);
    let mut walk = Walk::new(dialect, options.tool.as_deref() == Some(TERRAFORM));
    for finding in sink.finish() {
        walk.add(Draft::new(PC002, &finding.pointer, finding.message));
    }
    let settings = match document.kind {
        DocumentKind::LoggingConfig => logging::read(&mut walk, &root).map(Settings::Logging),
        DocumentKind::AuditSettings => audit::read(&mut walk, &root).then_some(Settings::Audit),
        _ => inventory::read(&mut walk, &root).map(Settings::Inventory),
    };
    (settings, walk.drafts)
}

#[cfg(test)]
mod tests;
