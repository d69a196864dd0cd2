//! GET of a bucket's location, which many tools ask for before anything else.

use stocktake_core::configuration::escape_xml_into;

use super::Error;
use super::buckets::exists;
use super::inventory::namespace;
use super::xml::Document;
use crate::access::{Access, Operation, authorize};
use crate::http::Response;

/// The region whose buckets have no location in Amazon S3's answer: it was there before there were others.
const UNNAMED: &str = "us-east-1";

/// `GetBucketLocation`: the region of this endpoint, in which all of its buckets are.
pub(super) fn get(access: Access<'_>, bucket: &str) -> Result<Response, Error> {
    authorize(access, Operation::GetLocation, Some(bucket), &[])?;
    exists(access, bucket)?;
    let mut location = String::new();
    if access.settings.region != UNNAMED {
        escape_xml_into(&mut location, &access.settings.region);
    }
    let mut document = Document::new("LocationConstraint", namespace(access.settings.dialect));
    document.raw(&location);
    Ok(document.answer(200))
}
