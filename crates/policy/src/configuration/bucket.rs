//! How a configuration names the destination bucket.

use stocktake_core::bucket::{ARN_PREFIX, BucketName, split_qcs};
use stocktake_core::finding::{Dialect, Level};

use crate::patch::replace;
use crate::rules::{CF110, CF111};
use crate::sink::Draft;
use crate::tree::{Node, inline};

use super::walk::Walk;

/// A bucket, and its region where its name tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) region: Option<String>,
}

/// The destination of S3's API: an ARN without region and account.
pub(super) fn of_s3(walk: &mut Walk, node: &Node, pointer: &str) -> Option<Place> {
    let given = walk.text(node, pointer)?;
    let place = |bucket: &str| Place { bucket: bucket.to_owned(), region: None };
    if let Some(name) = given.strip_prefix(ARN_PREFIX) {
        is_name(walk, node, pointer, name);
        return Some(place(name));
    }
    let is_bare = !given.contains(':');
    if is_bare && walk.dialect == Dialect::Any {
        is_name(walk, node, pointer, given);
        return Some(place(given));
    }
    let name = name_in(given);
    let meant = name.and_then(|name| BucketName::parse_in(name, walk.dialect).ok());
    let message = match given.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "s3", region, account, _] if !region.is_empty() || !account.is_empty() => {
            "the ARN holds a region or an account, which the ARN of a bucket leaves empty"
        }
        ["arn", ..] => "this is not the ARN of a bucket",
        _ => "the destination is given by its ARN",
    };
    let mut draft =
        Draft::new(CF110, pointer, message).value(node).allowed(format!("`{ARN_PREFIX}NAME`"));
    // CoreWeave's API takes the name too, though its guide shows the ARN.
    if is_bare && walk.dialect == Dialect::Coreweave {
        draft = draft.level(Level::Warning);
    } else {
        draft = draft.level(Level::Error);
    }
    walk.add(match &meant {
        Some(name) => {
            let arn = name.arn();
            draft.suggest(&arn.as_str().into()).patch(vec![replace(pointer, arn)])
        }
        None => draft,
    });
    if is_bare {
        is_name(walk, node, pointer, given);
    }
    name.map(place)
}

/// The destination of Tencent COS: `qcs::cos:REGION::NAME-APPID`.
pub(super) fn of_cos(walk: &mut Walk, node: &Node, pointer: &str) -> Option<Place> {
    let given = walk.text(node, pointer)?;
    if let Some((region, bucket)) = split_qcs(given) {
        return Some(Place { bucket: bucket.to_owned(), region: Some(region.to_owned()) });
    }
    let message = "this is not the resource name of a bucket";
    let draft = Draft::new(CF110, pointer, message).value(node).level(Level::Error);
    walk.add(draft.allowed("`qcs::cos:REGION::NAME-APPID`"));
    None
}

/// Judges the name of a bucket by the rules of its provider.
pub(super) fn is_name(walk: &mut Walk, node: &Node, pointer: &str, name: &str) -> bool {
    let is_audit = walk.dialect == Dialect::Coreweave && is_audit_bucket(name);
    match BucketName::parse_in(name, walk.dialect) {
        Err(error) if !is_audit => {
            let message = format!("`{}` is no bucket name: {error}", inline(name));
            walk.add(Draft::new(CF111, pointer, message).value(node));
            false
        }
        _ => true,
    }
}

/// Whether a bucket is that of an organization's audit logs, whose name is otherwise reserved.
pub(super) fn is_audit_bucket(name: &str) -> bool {
    let organization = name.strip_prefix("cw-").and_then(|rest| rest.strip_suffix("-audit-logs"));
    organization.is_some_and(|id| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// The bucket that a text seems to name: bare, as a URL, or in an ARN of another form.
fn name_in(text: &str) -> Option<&str> {
    let name = match text.split(':').collect::<Vec<_>>().as_slice() {
        [bare] => bare,
        ["s3" | "S3", place] => place.strip_prefix("//")?.split('/').next()?,
        ["arn", _, "s3", .., name] => name,
        _ => return None,
    };
    (!name.is_empty()).then_some(name)
}
