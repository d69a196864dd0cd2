//! Settings of audit logging, which `CoreWeave` has.
//!
//! A document has what the API takes for the organization, and what it takes for buckets:
//! `{"settings": {"bucketAuditLoggingEnabled": true}, "buckets": [{"bucketName": "…", "settings": {…}}]}`.
//!
//! Source: "Audit logging" in the documentation of `CoreWeave` AI Object Storage.

use stocktake_core::finding::Dialect;

use crate::patch::{add, replace};
use crate::rules::{CF100, CF210};
use crate::sink::Draft;
use crate::tree::{Node, child, inline};

use super::bucket::{is_audit_bucket, is_name};
use super::walk::Walk;

/// The organization's flag for buckets, which counts when a bucket is made.
const OF_BUCKETS: &str = "bucketAuditLoggingEnabled";

/// The organization's flag for what is done to keys and settings.
const OF_ORGANIZATION: &str = "controlPlaneAuditLoggingEnabled";

/// A bucket's own flag.
const OF_BUCKET: &str = "auditLoggingEnabled";

/// Judges settings; whether they can be read. Members that are not known may be newer than this and are not told.
pub(super) fn read(walk: &mut Walk, root: &Node) -> bool {
    if !matches!(walk.dialect, Dialect::Any | Dialect::Coreweave) {
        let message = "settings of audit logging are those of CoreWeave AI Object Storage";
        walk.wrong("", root, message, "a configuration that the provider has");
        return false;
    }
    if !matches!(root, Node::Object(_)) {
        let message = format!("settings are an object, this is {}", root.kind());
        walk.wrong("", root, message, "an object");
        return false;
    }
    if root.member("bucketName").is_some() {
        bucket(walk, root, "", false);
        return true;
    }
    let mut is_on = false;
    if let Some(settings) = root.member("settings") {
        flag(walk, settings, "/settings", OF_ORGANIZATION);
        is_on = flag(walk, settings, "/settings", OF_BUCKETS) == Some(true);
    }
    match root.member("buckets") {
        None => {}
        Some(Node::List(buckets)) => {
            for (i, node) in buckets.iter().enumerate() {
                bucket(walk, node, &format!("/buckets/{i}"), is_on);
            }
        }
        Some(other) => walk.wrong("/buckets", other, "the buckets are no list", "a list"),
    }
    true
}

/// One bucket: with the organization's flag on, its own must be on too, unless it was made later.
fn bucket(walk: &mut Walk, node: &Node, pointer: &str, is_on: bool) {
    let Some(name) = node.member("bucketName") else {
        walk.add(Draft::new(CF100, pointer, "`bucketName` is missing").value(node));
        return;
    };
    let place = child(pointer, "bucketName");
    let Some(text) = walk.text(name, &place) else { return };
    let is_valid = is_name(walk, name, &place, text);
    let place = child(pointer, "settings");
    let Some(settings) = node.member("settings") else {
        walk.add(Draft::new(CF100, pointer, "`settings` is missing").value(node));
        return;
    };
    let is_logged = flag(walk, settings, &place, OF_BUCKET);
    let has_flag = settings.member(OF_BUCKET).is_some();
    // A flag of a wrong type has a finding of its own.
    let is_unlogged =
        is_logged == Some(false) || (!has_flag && matches!(settings, Node::Object(_)));
    if !is_on || !is_valid || !is_unlogged || is_audit_bucket(text) {
        return;
    }
    let message = format!(
        "`{}` stays unlogged: the organization's `{OF_BUCKETS}` counts for buckets that are made later",
        inline(text)
    );
    let flag = child(&place, OF_BUCKET);
    walk.add(match settings.member(OF_BUCKET) {
        Some(value) => Draft::new(CF210, &flag, message)
            .value(value)
            .suggest(&true.into())
            .patch(vec![replace(&flag, true)]),
        None => Draft::new(CF210, &place, message).value(settings).patch(vec![add(&flag, true)]),
    });
}

fn flag(walk: &mut Walk, settings: &Node, pointer: &str, name: &str) -> Option<bool> {
    if !matches!(settings, Node::Object(_)) {
        if name != OF_ORGANIZATION {
            let message = format!("settings are an object, this is {}", settings.kind());
            walk.wrong(pointer, settings, message, "an object");
        }
        return None;
    }
    let value = settings.member(name)?;
    walk.flag(value, &child(pointer, name))
}
