//! POST of an inventory: a run at once.

use stocktake_core::finding::Dialect;

use super::inventory::{asked_id, namespace, no_such_configuration};
use super::xml::Document;
use super::{Code, Error, refused};
use crate::access::Access;
use crate::functions::{StartOutcome, Syntax};
use crate::http::Response;
use crate::query::Query;
use crate::runs::{self, Start};

/// Whether the dialect has this call. Tencent COS has it; we do too.
pub(super) fn is_offered(dialect: Dialect) -> bool {
    match dialect {
        Dialect::Any | Dialect::Cos => true,
        Dialect::Aws | Dialect::Coreweave => false,
    }
}

/// Runs the configuration in the body once, or in the dialect `any`, without a body, the stored one of this id.
pub(super) fn post(
    access: Access<'_>,
    bucket: &str,
    query: &Query,
    body: &[u8],
) -> Result<Response, Error> {
    let Access { services, settings, moment, .. } = access;
    let source = runs::allowed(access, bucket)?;
    let id = asked_id(query)?;
    let is_stored = body.trim_ascii().is_empty() && settings.dialect == Dialect::Any;
    let document = (!is_stored).then_some((body, Syntax::Xml));
    match runs::start(access, source, Start { id, document, dialect: settings.dialect })? {
        StartOutcome::Started(_) => {
            let run = moment.run_id.as_str();
            let mut document = Document::new("PostInventoryResult", namespace(settings.dialect));
            document.leaf("JobId", run);
            Ok(document.answer(200))
        }
        StartOutcome::Refused(found) => {
            // What it has without a request is the same for documents that are kept and for those that are not.
            let config = services.inventory_config;
            let alone = config.validate(body, Syntax::Xml, settings.dialect).findings;
            Err(refused(found, &alone, Some(id)))
        }
        StartOutcome::NoSuchConfiguration => Err(no_such_configuration(settings)),
        StartOutcome::AlreadyRunning(run) => {
            Err(Code::DuplicateInventory.because(format!("the run {run} is unfinished")))
        }
        StartOutcome::Duplicate => Err(Code::DuplicateInventory.into()),
    }
}
