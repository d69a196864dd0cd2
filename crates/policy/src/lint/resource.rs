//! Resources: their form, their variables, and whether they are of the bucket.

use stocktake_core::finding::Dialect;
use stocktake_core::policy::DocumentKind;

use crate::condition::Operator;
use crate::model::{Entry, ResourceEntry, Statement};
use crate::patch::replace;
use crate::pattern::{
    Expanded, Pattern, Single, Symbol, Variables, Wildcards, are_variables_sound,
};
use crate::rules::{PC112, PC113, PC114, PC115};
use crate::sink::Draft;
use crate::tree::{Node, inline};

use super::action::name_part;
use super::{Lint, quoted};

/// What stands in the place of a bucket in ARNs of S3 that do have region and account.
const NO_BUCKETS: &[&str] = &[
    "accesspoint/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
    "access-grants/",
    "async-request/",
];

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    for element in &statement.resources {
        for entry in &element.entries {
            let pointer = format!("{}{}", element.pointer, entry.suffix);
            let is_sound = form(lint, entry, &pointer);
            variables(lint, &entry.text, &pointer, true);
            if is_sound && !element.is_negated {
                attached(lint, entry, &pointer);
            }
        }
    }
    for condition in &statement.conditions {
        let takes = condition.operator.is_some_and(Operator::takes_variables);
        let is_list = takes && matches!(lint.at(&condition.pointer), Some(Node::List(_)));
        for (i, value) in condition.values.iter().enumerate() {
            if takes && value.text.contains("${") {
                let suffix = if is_list { format!("/{i}") } else { String::new() };
                variables(lint, &value.text, &format!("{}{suffix}", condition.pointer), false);
            }
        }
    }
}

/// What is wrong with how a resource is written, and what it should be, if that is certain.
type Wrong = (String, Option<String>);

/// Whether a resource has a form that its document takes.
fn form(lint: &mut Lint<'_>, entry: &Entry<ResourceEntry>, pointer: &str) -> bool {
    let text = entry.text.as_str();
    if text.is_empty() || text == "*" {
        return true;
    }
    let is_foreign = match lint.policy.dialect {
        Dialect::Cos => text.starts_with("arn:"),
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => text.starts_with("qcs:"),
    };
    if is_foreign {
        let message = format!("`{}` is a resource of another provider", inline(text));
        lint.sink.report(PC115, pointer, message, Some(quoted(lint, pointer)));
        return false;
    }
    let Some((message, _)) = wrong(lint, text) else { return true };
    let draft = Draft::new(PC113, pointer, message).value(quoted(lint, pointer));
    let fits = |meant: &String| {
        let bucket = lint.options.bucket.as_ref().filter(|_| lint.is(DocumentKind::BucketPolicy));
        bucket.is_none_or(|bucket| name_part(meant).is_none_or(|part| covers_some(part, bucket)))
    };
    lint.sink.add(match meant(lint, text).filter(fits) {
        Some(meant) => {
            draft.suggest(&meant.as_str().into()).patch(vec![replace(pointer, meant.as_str())])
        }
        None => draft,
    });
    false
}

/// What is wrong with the form of a resource.
fn wrong(lint: &Lint<'_>, text: &str) -> Option<Wrong> {
    match (lint.policy.dialect, lint.policy.kind) {
        (Dialect::Coreweave, DocumentKind::OrgPolicy) => of_organization(text),
        (_, DocumentKind::KeyPolicy | DocumentKind::TrustPolicy) => None,
        (Dialect::Cos, _) => of_cos(text),
        (_, kind) => of_s3(text, kind == DocumentKind::BucketPolicy),
    }
}

/// What a malformed resource should be, where that is certain.
pub(super) fn meant(lint: &Lint<'_>, text: &str) -> Option<String> {
    let (_, meant) = wrong(lint, text)?;
    meant.filter(|meant| wrong(lint, meant).is_none())
}

fn of_organization(text: &str) -> Option<Wrong> {
    let name = text.strip_prefix("arn:aws:s3:::");
    let message = format!("`{}` is no bucket, nor its objects", inline(text));
    text.contains(':').then(|| (message, name.filter(|name| !name.is_empty()).map(str::to_owned)))
}

/// The parts of an ARN; fewer where a wildcard ends it early.
fn parts(text: &str) -> Result<Option<[&str; 6]>, Wrong> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match <[&str; 6]>::try_from(parts) {
        Ok(parts) => Ok(Some(parts)),
        Err(_) if text.ends_with('*') && (text.contains(':') || text.starts_with('*')) => Ok(None),
        Err(_) => Err((format!("`{}` has fewer than six parts", inline(text)), None)),
    }
}

fn of_s3(text: &str, is_of_bucket: bool) -> Option<Wrong> {
    if !text.starts_with("arn:") && !text.starts_with('*') {
        let is_name = !text.contains(':') && !text.starts_with('/');
        let message = format!("`{}` is no ARN", inline(text));
        // `bucket:*` for `bucket/*`.
        let meant = match text.split_once(':') {
            Some((bucket, rest)) if !rest.contains(':') => Some(format!("{bucket}/{rest}")),
            _ => is_name.then(|| text.to_owned()),
        };
        return Some((message, meant.map(|name| format!("arn:aws:s3:::{name}"))));
    }
    let [arn, partition, service, region, account, name] = match parts(text) {
        Ok(Some(parts)) => parts,
        Ok(None) => return None,
        Err(wrong) => return Some(wrong),
    };
    let is_open = |part: &str| part.contains(['*', '?']);
    if !is_open(service) && service != "s3" {
        let message = format!("`{}` is no service of buckets", inline(service));
        let is_wrong = is_of_bucket && !service.starts_with("s3");
        return is_wrong.then_some((message, None));
    }
    if NO_BUCKETS.iter().any(|prefix| name.starts_with(prefix)) {
        return None;
    }
    if name.is_empty() || name.starts_with('/') {
        return Some(("no bucket follows the fifth colon".to_owned(), None));
    }
    if service == "s3"
        && (!region.is_empty() || !account.is_empty())
        && !is_open(region)
        && !is_open(account)
    {
        let message = "the ARN of a bucket has neither region nor account".to_owned();
        return Some((message, Some(format!("{arn}:{partition}:s3:::{name}"))));
    }
    with_colon(name).map(|meant| {
        let message = "a slash stands between bucket and key, not a colon".to_owned();
        (message, Some(format!("{arn}:{partition}:{service}:{region}:{account}:{meant}")))
    })
}

/// What is meant by `bucket:*`.
fn with_colon(name: &str) -> Option<String> {
    let bucket = name.split('/').next().unwrap_or_default();
    let (before, _) = bucket.split_once(':')?;
    (!before.contains('*')).then(|| name.replacen(':', "/", 1))
}

fn of_cos(text: &str) -> Option<Wrong> {
    if !text.starts_with("qcs:") && !text.starts_with('*') {
        return Some((format!("`{}` does not begin with `qcs:`", inline(text)), None));
    }
    let [qcs, project, service, region, account, name] = match parts(text) {
        Ok(Some(parts)) => parts,
        Ok(None) => return None,
        Err(wrong) => return Some(wrong),
    };
    if service != "cos" {
        // Policies of a user are about other services too.
        return None;
    }
    if name.is_empty() || name.starts_with('/') {
        return Some(("no bucket follows the fifth colon".to_owned(), None));
    }
    with_colon(name).map(|meant| {
        let message = "a slash stands between bucket and key, not a colon".to_owned();
        (message, Some(format!("{qcs}:{project}:{service}:{region}:{account}:{meant}")))
    })
}

/// Variables are read as text by old versions, outside of the last part, and where a brace is missing.
fn variables(lint: &mut Lint<'_>, text: &str, pointer: &str, is_resource: bool) {
    if !text.contains("${") {
        return;
    }
    let message = if lint.policy.version.as_deref() != Some("2012-10-17") {
        "`${` is plain text without the version 2012-10-17"
    } else if !are_variables_sound(text) {
        "`${` begins no variable"
    } else if is_resource && text.splitn(6, ':').take(5).any(|part| part.contains("${")) {
        "a variable stands before the fifth colon"
    } else {
        return;
    };
    lint.sink.report(PC114, pointer, message, Some(quoted(lint, pointer)));
}

/// A policy is about its own bucket alone.
fn attached(lint: &mut Lint<'_>, entry: &Entry<ResourceEntry>, pointer: &str) {
    if !lint.is(DocumentKind::BucketPolicy) {
        return;
    }
    let (Some(bucket), Some(part)) = (&lint.options.bucket, name_part(&entry.text)) else { return };
    if covers_some(part, bucket) || NO_BUCKETS.iter().any(|prefix| part.starts_with(prefix)) {
        return;
    }
    let message = format!("the policy is that of the bucket `{}`", inline(bucket));
    lint.sink.report(PC112, pointer, message, Some(quoted(lint, pointer)));
}

/// Whether a pattern names a bucket, or something in it.
pub(crate) fn covers_some(pattern: &str, bucket: &str) -> bool {
    let first = pattern.split('/').next().unwrap_or_default();
    if !first.contains(['*', '?', '$']) {
        return first == bucket;
    }
    let pattern = Pattern::new(pattern, Wildcards::Active, Variables::Anywhere);
    // A variable may stand for anything.
    let any = pattern.expand(usize::MAX, |_| Single::Value("\0"));
    let Expanded::Symbols(symbols) = any else { return true };
    let symbol =
        |symbol: &Symbol| if *symbol == Symbol::Char('\0') { Symbol::Any } else { *symbol };
    let symbols: Vec<Symbol> = symbols.iter().map(symbol).collect();
    let text: Vec<char> = bucket.chars().collect();
    // The places of the pattern that can be reached with so much of the text.
    let mut reached = vec![false; symbols.len() + 1];
    let spread = |reached: &mut [bool]| {
        for i in 0..symbols.len() {
            if reached.get(i) == Some(&true)
                && symbols.get(i) == Some(&Symbol::Any)
                && let Some(next) = reached.get_mut(i + 1)
            {
                *next = true;
            }
        }
    };
    let step = |reached: &[bool], c: char| {
        let mut next = vec![false; reached.len()];
        for (i, symbol) in
            symbols.iter().enumerate().filter(|(i, _)| reached.get(*i) == Some(&true))
        {
            let to = match symbol {
                Symbol::Any => i,
                Symbol::One => i + 1,
                Symbol::Char(wanted) if *wanted == c => i + 1,
                Symbol::Char(_) => continue,
            };
            if let Some(place) = next.get_mut(to) {
                *place = true;
            }
        }
        next
    };
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    spread(&mut reached);
    for c in text {
        reached = step(&reached, c);
        spread(&mut reached);
    }
    if reached.last() == Some(&true) {
        return true;
    }
    step(&reached, '/').contains(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_a_bucket_or_what_is_in_it() {
        for (pattern, expected) in [
            ("orbit", true),
            ("orbit/*", true),
            ("orb*", true),
            ("*", true),
            ("*/x", true),
            ("orbi?/a", true),
            ("${v}/a", true),
            ("orbit?", true),
            ("orbit2", false),
            ("orbit2/*", false),
            ("orbi/t", false),
            ("orbi", false),
        ] {
            assert_eq!(covers_some(pattern, "orbit"), expected, "{pattern}");
        }
    }
}
