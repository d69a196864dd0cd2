//! Actions: whether they exist, and whether they apply to a resource of their statement.

use std::cell::OnceCell;

use stocktake_core::finding::{Dialect, Level};
use stocktake_core::policy::DocumentKind;

use crate::actions::{self, Level as On, Row};
use crate::model::{ActionEntry, Entry, Statement};
use crate::nearest::nearest;
use crate::patch::{extend_at, replace};
use crate::pattern::{Symbol, glob, glob_ignoring_case};
use crate::rules::{PC101, PC102, PC103, PC110, PC111};
use crate::sink::Draft;
use crate::tree::inline;

use super::resource::meant;
use super::{Lint, quoted};

/// Names that stand in documentation and are operations, commands or actions of another provider.
const OTHERWISE: &[(&str, &str)] = &[
    ("ListObjects", "ListBucket"),
    ("ListObjectsV2", "ListBucket"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListInventoryConfigurations", "GetInventoryConfiguration"),
    ("DeleteInventoryConfiguration", "PutInventoryConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
];

/// The actions of the table that an entry names.
fn rows(entry: &Entry<ActionEntry>, dialect: Dialect) -> Vec<&'static Row> {
    let ActionEntry::Named(service, pattern) = &entry.value else {
        let is_every = matches!(entry.value, ActionEntry::Every);
        return actions::all(dialect).filter(|_| is_every).map(|(.., row)| row).collect();
    };
    if !entry.text.contains(['*', '?']) {
        return actions::find(&entry.text, dialect).into_iter().collect();
    }
    let symbols = pattern.0.symbols();
    let is_cos = dialect == Dialect::Cos;
    let same =
        |known: &str| if is_cos { known == service } else { known.eq_ignore_ascii_case(service) };
    let names = if is_cos { glob } else { glob_ignoring_case };
    let all = actions::all(dialect);
    all.filter(|(known, name, _)| same(known) && names(symbols, name))
        .map(|(.., row)| row)
        .collect()
}

/// Which resources a statement has.
#[derive(Clone, Copy, Debug, Default)]
struct Shapes {
    has_buckets: bool,
    has_objects: bool,
    /// One is of a form that cannot be judged.
    has_others: bool,
}

impl Shapes {
    fn of(lint: &Lint<'_>, statement: &Statement) -> Self {
        let mut shapes = Self::default();
        for entry in statement.resources.iter().flat_map(|element| &element.entries) {
            lint.work.spend(1);
            let meant = meant(lint, &entry.text);
            let Some(part) = name_part(meant.as_deref().unwrap_or(&entry.text)) else {
                shapes.has_others = true;
                continue;
            };
            shapes.has_buckets |= !part.contains('/');
            shapes.has_objects |= part.contains(['/', '*', '?']) || part.contains("${");
        }
        shapes
    }

    /// Whether an action applies to one of the resources.
    fn fit(self, row: &Row) -> bool {
        match row.level {
            On::Bucket => self.has_buckets || self.has_others,
            On::Object => self.has_objects || self.has_others,
            On::Account | On::Other => true,
        }
    }
}

/// A statement, and what its resources come to, looked at once however many actions there are.
struct Resources<'s> {
    statement: &'s Statement,
    shapes: Shapes,
    /// The buckets of its objects, once somebody has asked; then the objects of its buckets.
    buckets: OnceCell<Vec<String>>,
    objects: OnceCell<Vec<String>>,
}

impl<'s> Resources<'s> {
    fn of(lint: &Lint<'_>, statement: &'s Statement) -> Self {
        let shapes = Shapes::of(lint, statement);
        Self { statement, shapes, buckets: OnceCell::new(), objects: OnceCell::new() }
    }

    /// What would have to be there for an action to apply.
    fn lacking(&self, lint: &Lint<'_>, level: On) -> &[String] {
        match level {
            On::Bucket => self.buckets.get_or_init(|| self.added(lint, true)),
            On::Object => self.objects.get_or_init(|| self.added(lint, false)),
            On::Account | On::Other => &[],
        }
    }

    fn added(&self, lint: &Lint<'_>, is_on_bucket: bool) -> Vec<String> {
        let Some(element) = self.statement.resources.first() else { return Vec::new() };
        let mut added: Vec<String> = Vec::new();
        for entry in &element.entries {
            lint.work.spend(1);
            let text = meant(lint, &entry.text).unwrap_or_else(|| entry.text.clone());
            let Some(part) = name_part(&text) else { continue };
            let Some(before) = text.strip_suffix(part) else { continue };
            let needed = match (is_on_bucket, part.split_once('/')) {
                (true, Some((bucket, _))) if !bucket.is_empty() => format!("{before}{bucket}"),
                (false, None) => format!("{before}{part}/*"),
                _ => continue,
            };
            if added.len() == ADDED_MAX {
                break;
            }
            if !added.contains(&needed) {
                added.push(needed);
            }
        }
        added
    }
}

/// The most resources that a patch adds.
const ADDED_MAX: usize = 100;

/// What a resource says of bucket and key: what follows the fifth colon, or all of it where there is no colon.
pub(crate) fn name_part(text: &str) -> Option<&str> {
    if !text.contains(':') {
        return Some(text);
    }
    match text.splitn(6, ':').nth(5) {
        Some(part) => Some(part).filter(|part| !part.is_empty()),
        // `arn:aws:s3*` stands for all of it.
        None => text.ends_with('*').then_some("*"),
    }
}

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    let resources = Resources::of(lint, statement);
    let is_judged = !statement.actions.iter().any(|element| element.is_negated)
        && !statement.resources.iter().any(|element| element.is_negated)
        && !statement.resources.is_empty();
    for element in &statement.actions {
        for entry in &element.entries {
            if lint.is_done() {
                return;
            }
            let pointer = format!("{}{}", element.pointer, entry.suffix);
            let ActionEntry::Named(service, pattern) = &entry.value else {
                if matches!(entry.value, ActionEntry::None) && !entry.text.is_empty() {
                    no_service(lint, entry, &pointer);
                }
                continue;
            };
            let found = rows(entry, lint.policy.dialect);
            if found.is_empty() {
                let mut symbols = pattern.0.symbols().iter();
                let is_pattern = symbols.any(|symbol| !matches!(symbol, Symbol::Char(_)));
                unknown(lint, &resources, entry, &pointer, service, is_pattern);
            } else if let [row] = found.as_slice()
                && !entry.text.contains(['*', '?'])
            {
                case(lint, entry, &pointer, row);
            }
            misplaced(lint, entry, &pointer, service, &found);
            if is_judged && !found.is_empty() && !found.iter().any(|row| resources.shapes.fit(row))
            {
                inapplicable(lint, &resources, entry, &pointer, &found);
            }
        }
    }
}

fn no_service(lint: &mut Lint<'_>, entry: &Entry<ActionEntry>, pointer: &str) {
    let message = format!("`{}` names no service before a colon", inline(&entry.text));
    let draft = Draft::new(PC101, pointer, message).value(quoted(lint, pointer));
    lint.sink.add(draft.allowed("`s3:` and the name of an action"));
}

/// What no row of the table is matched by.
fn unknown(
    lint: &mut Lint<'_>,
    resources: &Resources<'_>,
    entry: &Entry<ActionEntry>,
    pointer: &str,
    service: &str,
    is_pattern: bool,
) {
    let dialect = lint.policy.dialect;
    let text = entry.text.as_str();
    if dialect == Dialect::Cos {
        let bare = actions::bare(dialect, text);
        let known = actions::all(dialect).find(|(.., row)| row.name.eq_ignore_ascii_case(bare));
        if let Some((.., row)) = known {
            case(lint, entry, pointer, row);
        }
        return;
    }
    let is_s3 = service.eq_ignore_ascii_case("s3");
    let is_of_cw = dialect == Dialect::Coreweave && service.eq_ignore_ascii_case("cwobject");
    if is_of_cw || (!is_s3 && !lint.is(DocumentKind::BucketPolicy)) {
        return;
    }
    if is_pattern {
        let message = format!("no action matches `{}`", inline(text));
        lint.sink.report(PC103, pointer, message, Some(quoted(lint, pointer)));
        return;
    }
    let message = format!("there is no action `{}`", inline(text));
    let mut draft = Draft::new(PC101, pointer, message).value(quoted(lint, pointer));
    let name = text.split_once(':').map_or(text, |(_, name)| name);
    let known = OTHERWISE.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    let meant = match known {
        _ if !is_s3 => None,
        Some((_, meant)) => Some(*meant),
        None => lint.searches_left.checked_sub(1).and_then(|left| {
            lint.searches_left = left;
            nearest(name, actions::all(dialect).map(|(_, name, _)| name))
        }),
    };
    if let Some(meant) = meant.map(|meant| format!("s3:{meant}")) {
        draft =
            draft.suggest(&meant.as_str().into()).patch(exchange(lint, resources, pointer, &meant));
    }
    lint.sink.add(draft);
}

/// Writes another action, and adds the resource that it needs.
fn exchange(
    lint: &Lint<'_>,
    resources: &Resources<'_>,
    pointer: &str,
    name: &str,
) -> Vec<serde_json::Value> {
    let Some(row) = actions::find(name, lint.policy.dialect) else { return Vec::new() };
    let mut operations = vec![replace(pointer, name)];
    if !resources.shapes.fit(row) {
        let needed = needed(lint, resources, row);
        if needed.is_empty() {
            return needed;
        }
        operations.extend(needed);
    }
    operations
}

fn case(lint: &mut Lint<'_>, entry: &Entry<ActionEntry>, pointer: &str, row: &Row) {
    let bare = actions::bare(lint.policy.dialect, &entry.text);
    let canonical =
        if row.name.contains(':') { row.name.to_owned() } else { format!("s3:{}", row.name) };
    if bare == canonical {
        return;
    }
    let prefix = entry.text.strip_suffix(bare).unwrap_or_default();
    let canonical = format!("{prefix}{canonical}");
    let message = format!("`{}` is documented as `{canonical}`", inline(&entry.text));
    let draft = Draft::new(PC102, pointer, message).value(quoted(lint, pointer));
    let draft = draft.suggest(&canonical.as_str().into());
    lint.sink.add(draft.patch(vec![replace(pointer, canonical)]));
}

/// Actions that are asked of no bucket.
fn misplaced(
    lint: &mut Lint<'_>,
    entry: &Entry<ActionEntry>,
    pointer: &str,
    service: &str,
    found: &[&Row],
) {
    if !lint.is(DocumentKind::BucketPolicy) {
        return;
    }
    let text = inline(&entry.text);
    let (message, level) = if lint.policy.dialect == Dialect::Coreweave {
        match found {
            _ if service.eq_ignore_ascii_case("cwobject") => {
                (format!("`{text}` is asked of the organization's policies alone"), Level::Error)
            }
            [row] if row.name == "ListAllMyBuckets" => {
                (format!("`{text}` is asked of the organization's policies alone"), Level::Error)
            }
            [row] if row.name == "PutBucketPolicy" => {
                let message = format!(
                    "`{text}` has no effect here, as the organization's policies decide it"
                );
                (message, Level::Warning)
            }
            _ => return,
        }
    } else if !found.is_empty() && found.iter().all(|row| row.level == On::Account) {
        (format!("`{text}` is about an account, never about a bucket"), Level::Error)
    } else {
        return;
    };
    let draft = Draft::new(PC111, pointer, message).value(quoted(lint, pointer));
    lint.sink.add(draft.level(level));
}

fn inapplicable(
    lint: &mut Lint<'_>,
    resources: &Resources<'_>,
    entry: &Entry<ActionEntry>,
    pointer: &str,
    found: &[&Row],
) {
    let Some(row) = found.first() else { return };
    let (on, listed) = match row.level {
        On::Bucket => ("buckets", "objects"),
        On::Object | On::Account | On::Other => ("objects", "buckets"),
    };
    let message =
        format!("`{}` applies to {on}, but the statement lists {listed} only", inline(&entry.text));
    let draft = Draft::new(PC110, pointer, message).value(quoted(lint, pointer));
    lint.sink.add(draft.patch(needed(lint, resources, row)));
}

/// Adds the buckets of a statement's objects, or the objects of its buckets.
fn needed(lint: &Lint<'_>, resources: &Resources<'_>, row: &Row) -> Vec<serde_json::Value> {
    let Some(element) = resources.statement.resources.first() else { return Vec::new() };
    extend_at(lint.at(&element.pointer), &element.pointer, resources.lacking(lint, row.level))
}
