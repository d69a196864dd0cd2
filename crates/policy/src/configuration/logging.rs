//! Configurations of server access logs, which Amazon S3 has.

use stocktake_core::bucket::ARN_PREFIX;
use stocktake_core::finding::Dialect;

use crate::patch::replace;
use crate::rules::CF100;
use crate::sink::Draft;
use crate::tree::Node;

use super::bucket::is_name;
use super::walk::{Need, Walk};

/// What bears on permissions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logging {
    /// The destination bucket.
    pub(crate) bucket: String,
    /// What the keys of all logs begin with.
    pub(crate) prefix: String,
    /// Whether account, region and source stand in the keys.
    pub(crate) is_partitioned: bool,
}

const STATUS: &[(&str, Need)] = &[("LoggingEnabled", Need::Required)];

const ENABLED: &[(&str, Need)] = &[
    ("TargetBucket", Need::Required),
    ("TargetPrefix", Need::Required),
    ("TargetGrants", Need::Optional),
    ("TargetObjectKeyFormat", Need::Optional),
];

const FORMATS: &[(&str, Need)] =
    &[("SimplePrefix", Need::Optional), ("PartitionedPrefix", Need::Optional)];

/// Reads a configuration; none where the destination's bucket is not known.
pub(super) fn read(walk: &mut Walk, root: &Node) -> Option<Logging> {
    if !matches!(walk.dialect, Dialect::Any | Dialect::Aws) {
        let message = "server access logs are set up in Amazon S3 alone";
        walk.wrong("", root, message, "a configuration that the provider has");
        return None;
    }
    // What `LoggingEnabled` holds may stand alone.
    let is_bare = root.member("TargetBucket").is_some() && root.member("LoggingEnabled").is_none();
    let mut found = Logging::default();
    let enabled = if is_bare {
        vec![("LoggingEnabled", String::new(), root)]
    } else {
        walk.members(root, "", STATUS, false)
    };
    for (_, pointer, node) in enabled {
        for (name, pointer, node) in walk.members(node, &pointer, ENABLED, false) {
            match name {
                "TargetBucket" => found.bucket = bucket(walk, node, &pointer).unwrap_or_default(),
                "TargetPrefix" => {
                    let text = walk.text(node, &pointer).unwrap_or_default();
                    text.clone_into(&mut found.prefix);
                }
                "TargetObjectKeyFormat" => {
                    let formats = walk.members(node, &pointer, FORMATS, false);
                    found.is_partitioned =
                        formats.iter().any(|(name, ..)| *name == "PartitionedPrefix");
                }
                _ => {}
            }
        }
    }
    (!found.bucket.is_empty()).then_some(found)
}

/// The bucket by its name: the API takes no ARN here.
fn bucket(walk: &mut Walk, node: &Node, pointer: &str) -> Option<String> {
    let given = walk.text(node, pointer)?;
    let Some(name) = given.strip_prefix(ARN_PREFIX) else {
        is_name(walk, node, pointer, given);
        return Some(given.to_owned());
    };
    let draft = Draft::new(CF100, pointer, "the destination of access logs is given by its name");
    let draft = draft.value(node).suggest(&name.into());
    walk.add(draft.patch(vec![replace(pointer, name)]));
    Some(name.to_owned())
}
