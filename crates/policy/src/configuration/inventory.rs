//! Inventory configurations.

use stocktake_core::column::{OPTIONAL_FIELDS, optional_field};
use stocktake_core::configuration::{ConfigurationId, ReportFormat};
use stocktake_core::finding::{Dialect, Level};

use crate::patch::replace;
use crate::rules::{CF100, CF120, CF121};
use crate::sink::Draft;
use crate::tree::{Node, inline};

use super::bucket::{Place, of_cos, of_s3};
use super::walk::{Need, Walk};

/// An id in the names of sample keys, where a configuration has none.
const SAMPLE_ID: &str = "inventory";

/// What bears on permissions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) id: String,
    /// The destination bucket.
    pub(crate) bucket: String,
    pub(crate) region: Option<String>,
    pub(crate) format: Option<ReportFormat>,
    /// The report prefix as it is given.
    pub(crate) prefix: String,
    /// What the keys of all listed objects begin with.
    pub(crate) filter: String,
    /// What encryption is asked for, as S3's header says it.
    pub(crate) encryption: Option<&'static str>,
    pub(crate) kms_key: Option<String>,
    pub(crate) fields: Vec<String>,
}

const TOP: &[(&str, Need)] = &[
    ("Destination", Need::Required),
    ("IsEnabled", Need::Required),
    ("Id", Need::Required),
    ("IncludedObjectVersions", Need::Required),
    ("Schedule", Need::Required),
    ("Filter", Need::Optional),
    ("OptionalFields", Need::Optional),
    // The form of a report, in configurations that Stocktake keeps.
    ("Form", Need::Optional),
];

const BUCKET: &[(&str, Need)] = &[
    ("AccountId", Need::Optional),
    ("Bucket", Need::Required),
    ("Format", Need::Required),
    ("Prefix", Need::Optional),
    ("Encryption", Need::Optional),
];

/// Reads a configuration; none where the destination's bucket is not known.
pub(super) fn read(walk: &mut Walk, root: &Node) -> Option<Inventory> {
    let mut found = Inventory { id: SAMPLE_ID.to_owned(), ..Inventory::default() };
    let mut place = None;
    for (name, pointer, node) in walk.members(root, "", TOP, false) {
        match name {
            "Destination" => place = destination(walk, node, &pointer, &mut found),
            "IsEnabled" => drop(walk.flag(node, &pointer)),
            "Id" => id(walk, node, &pointer, &mut found),
            "IncludedObjectVersions" => versions(walk, node, &pointer),
            "Schedule" => schedule(walk, node, &pointer),
            "Filter" => filter(walk, node, &pointer, &mut found),
            "OptionalFields" => fields(walk, node, &pointer, &mut found),
            _ => {}
        }
    }
    let Place { bucket, region } = place?;
    Some(Inventory { bucket, region, ..found })
}

fn id(walk: &mut Walk, node: &Node, pointer: &str, found: &mut Inventory) {
    let Some(text) = walk.text(node, pointer) else { return };
    if let Some(id) = ConfigurationId::parse(text) {
        id.as_str().clone_into(&mut found.id);
    } else {
        let allowed = "1 to 64 characters of `A-Z a-z 0-9 . _ -`";
        walk.wrong(pointer, node, "this is no id of a configuration", allowed);
    }
}

fn destination(
    walk: &mut Walk,
    node: &Node,
    pointer: &str,
    found: &mut Inventory,
) -> Option<Place> {
    let known: &[(&str, Need)] = match walk.dialect {
        Dialect::Aws | Dialect::Coreweave => &[("S3BucketDestination", Need::Required)],
        Dialect::Cos => &[("COSBucketDestination", Need::Required)],
        Dialect::Any => {
            &[("S3BucketDestination", Need::Optional), ("COSBucketDestination", Need::Optional)]
        }
    };
    let mut place = None;
    for (kind, pointer, node) in walk.members(node, pointer, known, false) {
        for (name, pointer, node) in walk.members(node, &pointer, BUCKET, false) {
            match name {
                "Bucket" if kind == "COSBucketDestination" => place = of_cos(walk, node, &pointer),
                "Bucket" => place = of_s3(walk, node, &pointer),
                "Format" => format(walk, node, &pointer, found),
                "Prefix" => {
                    let text = walk.text(node, &pointer).unwrap_or_default();
                    text.clone_into(&mut found.prefix);
                }
                "Encryption" => encryption(walk, node, &pointer, found),
                _ => drop(walk.text(node, &pointer)),
            }
        }
    }
    place
}

fn formats(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Aws => &["CSV", "ORC", "Parquet"],
        Dialect::Any | Dialect::Coreweave => &["CSV", "TSV", "JSON", "ORC", "Parquet"],
        Dialect::Cos => &["CSV"],
    }
}

fn format(walk: &mut Walk, node: &Node, pointer: &str, found: &mut Inventory) {
    let is_known = walk.word(node, pointer, formats(walk.dialect));
    let Node::Text(text) = node else { return };
    found.format = ReportFormat::parse(text);
    if is_known && matches!(found.format, Some(ReportFormat::Tsv | ReportFormat::Json)) {
        inexpressible(walk, node, pointer);
    }
}

/// What Terraform's provider for AWS refuses, as its schema lists what Amazon S3 has.
fn inexpressible(walk: &mut Walk, node: &Node, pointer: &str) {
    if walk.is_terraform {
        let message =
            "`aws_s3_bucket_inventory` of Terraform's provider for AWS refuses this value";
        let draft = Draft::new(CF121, pointer, message).value(node);
        walk.add(draft.allowed("what Amazon S3 has too, or another tool"));
    }
}

fn encryption(walk: &mut Walk, node: &Node, pointer: &str, found: &mut Inventory) {
    let known: &[(&str, Need)] = match walk.dialect {
        Dialect::Aws => &[("SSES3", Need::Optional), ("SSEKMS", Need::Optional)],
        Dialect::Cos => &[("SSECOS", Need::Optional)],
        Dialect::Coreweave => {
            let message = "every bucket is encrypted, and nobody chooses how";
            return walk.wrong(pointer, node, message, "no `Encryption`");
        }
        Dialect::Any => {
            &[("SSES3", Need::Optional), ("SSEKMS", Need::Optional), ("SSECOS", Need::Optional)]
        }
    };
    let kinds = walk.members(node, pointer, known, false);
    if kinds.len() != 1 && matches!(node, Node::Object(_)) {
        let message = format!("{} kinds of encryption are named", kinds.len());
        walk.wrong(pointer, node, message, "one kind");
    }
    for (kind, pointer, node) in kinds {
        match kind {
            "SSEKMS" => {
                found.encryption = Some("aws:kms");
                for (_, pointer, node) in
                    walk.members(node, &pointer, &[("KeyId", Need::Required)], false)
                {
                    found.kms_key = walk.text(node, &pointer).map(str::to_owned);
                }
            }
            "SSES3" => found.encryption = Some("AES256"),
            _ => {}
        }
    }
}

fn versions(walk: &mut Walk, node: &Node, pointer: &str) {
    let is_latest = matches!(node, Node::Text(text) if text == "Latest");
    let is_current = matches!(node, Node::Text(text) if text == "Current");
    match walk.dialect {
        Dialect::Aws | Dialect::Coreweave if is_latest => {
            let message = match walk.dialect {
                Dialect::Aws => "the choice that lists the latest versions is `Current`",
                _ => "the API lists `All` and `Current`; `Latest` stands in the guide alone",
            };
            let draft = Draft::new(CF120, pointer, message).value(node);
            let draft = draft.suggest(&"Current".into()).allowed("`All`, `Current`");
            walk.add(draft.patch(vec![replace(pointer, "Current")]));
            if walk.dialect == Dialect::Coreweave {
                inexpressible(walk, node, pointer);
            }
        }
        Dialect::Coreweave if is_current => {
            let message = "the guide calls this choice `Latest`, the API `Current`";
            walk.add(Draft::new(CF120, pointer, message).value(node).level(Level::Info));
        }
        Dialect::Any if is_latest => {}
        _ => drop(walk.word(node, pointer, &["All", "Current"])),
    }
}

fn schedule(walk: &mut Walk, node: &Node, pointer: &str) {
    let (words, known): (&[&'static str], &[(&str, Need)]) = match walk.dialect {
        Dialect::Aws | Dialect::Coreweave => {
            (&["Daily", "Weekly"], &[("Frequency", Need::Required)])
        }
        Dialect::Any | Dialect::Cos => (
            &["Daily", "Weekly", "Monthly"],
            &[("Frequency", Need::Required), ("MonthlyDate", Need::Optional)],
        ),
    };
    for (name, pointer, node) in walk.members(node, pointer, known, false) {
        if name == "Frequency" {
            walk.word(node, &pointer, words);
        }
    }
}

fn filter(walk: &mut Walk, node: &Node, pointer: &str, found: &mut Inventory) {
    // Tencent COS has more to filter by, and the dialect `any` has filters of our own.
    let is_open = matches!(walk.dialect, Dialect::Any | Dialect::Cos);
    for (_, pointer, node) in walk.members(node, pointer, &[("Prefix", Need::Optional)], is_open) {
        let text = walk.text(node, &pointer).unwrap_or_default();
        text.clone_into(&mut found.filter);
    }
    if let Some(prefix) = node.member("And").and_then(|and| and.member("Prefix"))
        && let Node::Text(prefix) = prefix
    {
        prefix.clone_into(&mut found.filter);
    }
}

fn fields(walk: &mut Walk, node: &Node, pointer: &str, found: &mut Inventory) {
    let (list, pointer) = match (node.member("Field"), walk.dialect) {
        (Some(list), Dialect::Any | Dialect::Cos) => (list, format!("{pointer}/Field")),
        _ => (node, pointer.to_owned()),
    };
    let Node::List(items) = list else {
        let message = format!("a list of fields is expected, this is {}", list.kind());
        return walk.wrong(&pointer, list, message, "a list");
    };
    let dialect = walk.dialect;
    let known = OPTIONAL_FIELDS.iter().filter(|field| field.dialects.contains(&dialect));
    let known = known.map(|field| field.name);
    for (i, item) in items.iter().enumerate() {
        let pointer = format!("{pointer}/{i}");
        let Some(text) = walk.text(item, &pointer) else { continue };
        found.fields.push(text.to_owned());
        if optional_field(text, dialect).is_none() {
            let message = format!("there is no optional field `{}`", inline(text));
            let draft = Draft::new(CF100, &pointer, message).value(item);
            let meant = walk.meant(text, known.clone());
            walk.add(match meant {
                Some(meant) => draft.suggest(&meant.into()).patch(vec![replace(&pointer, meant)]),
                None => draft,
            });
        } else if text == "LastAccessedDate" {
            inexpressible(walk, item, &pointer);
        }
    }
}
