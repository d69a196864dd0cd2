//! Which objects are listed.
//!
//! `Prefix` is everybody's. `And`, `StorageClass` and `Period` are of Tencent COS ("PUT Bucket inventory" in its API
//! documentation); the rest is our extension, which the dialect `any` alone takes.

use stocktake_core::configuration::{Filter, KEY_BYTES_MAX};
use stocktake_core::finding::Dialect;
use stocktake_core::glob::{GLOB_BYTES_MAX, Glob};
use stocktake_core::timestamp::Millis;

use super::CF140;
use super::document::free_text;
use super::draft::{Draft, Given};
use super::walk::{At, Member, Need, below, has, list, members, names, number, report, text};
use crate::quote;
use crate::sink::{Sink, child};
use crate::tree::{Problem, Value};

/// The most tags of a filter: as many as an object can have, which is 10 in Amazon S3 and 50 in Tencent COS.
const TAGS_MAX: usize = 50;

/// The most characters of a tag's key; the limit of Amazon S3.
const TAG_KEY_CHARS_MAX: usize = 128;

/// The most characters of a tag's value; the limit of Amazon S3.
const TAG_VALUE_CHARS_MAX: usize = 256;

/// The most bytes of the name of a storage class. The longest that is known has 19.
const STORAGE_CLASS_BYTES_MAX: usize = 64;

/// The last second but one of the year 9999, so that the end of every window has a year of four digits.
const EPOCH_SECONDS_MAX: u64 = 253_402_300_798;

const PREFIX_ALONE: &[Member] =
    &[Member { name: "Prefix", need: Need::Required, expected: prefixes }];

const COS: &[Member] = &[
    Member { name: "Prefix", need: Need::Optional, expected: prefixes },
    Member { name: "And", need: Need::Optional, expected: ands },
    Member { name: "StorageClass", need: Need::Optional, expected: storage_classes },
    Member { name: "Period", need: Need::Optional, expected: periods },
];

const ALL: &[Member] = &[
    Member { name: "Prefix", need: Need::Optional, expected: prefixes },
    Member { name: "And", need: Need::Optional, expected: ands },
    Member { name: "Tag", need: Need::Optional, expected: tag_lists },
    Member { name: "StorageClass", need: Need::Optional, expected: storage_classes },
    Member { name: "Period", need: Need::Optional, expected: periods },
    Member { name: "NameGlob", need: Need::Optional, expected: globs },
    Member { name: "ObjectSizeGreaterThan", need: Need::Optional, expected: sizes },
    Member { name: "ObjectSizeLessThan", need: Need::Optional, expected: sizes },
    Member { name: "ModifiedSince", need: Need::Optional, expected: times },
    Member { name: "ModifiedBefore", need: Need::Optional, expected: times },
];

const AND: &[Member] = &[
    Member { name: "Prefix", need: Need::Optional, expected: prefixes },
    Member { name: "Tag", need: Need::Required, expected: tag_lists },
];

const TAG: &[Member] = &[
    Member { name: "Key", need: Need::Required, expected: tag_keys },
    Member { name: "Value", need: Need::Required, expected: tag_values },
];

const PERIOD: &[Member] = &[
    Member { name: "StartTime", need: Need::Optional, expected: seconds },
    Member { name: "EndTime", need: Need::Optional, expected: seconds },
];

/// Pairs of members that say the same thing in two ways.
const EXCLUSIVE: [(&str, &str); 4] =
    [("Prefix", "And"), ("And", "Tag"), ("Period", "ModifiedSince"), ("Period", "ModifiedBefore")];

fn known(dialect: Dialect) -> &'static [Member] {
    match dialect {
        Dialect::Aws | Dialect::Coreweave => PREFIX_ALONE,
        Dialect::Cos => COS,
        Dialect::Any => ALL,
    }
}

pub(super) fn judge(sink: &mut Sink, at: At<'_>, draft: &mut Draft) {
    let known = known(at.dialect);
    let needs_prefix = matches!(at.dialect, Dialect::Aws | Dialect::Coreweave);
    if needs_prefix || !matches!(at.node.value, Value::Object(_)) {
        draft.filter_prefix = Given::Broken;
    }
    for (one, other) in EXCLUSIVE {
        let is_known = |name: &str| known.iter().any(|member| member.name == name);
        if is_known(one) && is_known(other) && has(at.node, one) && has(at.node, other) {
            let problem = at.problem(format!("`Filter` has both `{one}` and `{other}`"));
            report(sink, at.pointer, problem.allowed("one of the two"));
        }
    }
    members(sink, at.pointer, at.node, known, |sink, at| member(sink, at, draft));
    windows(sink, at, &draft.filter);
}

/// Reports windows of our extension that nothing is in; a `Period` has been looked at as a whole.
fn windows(sink: &mut Sink, at: At<'_>, filter: &Filter) {
    if let (Some(greater), Some(less)) = (filter.size_greater_than, filter.size_less_than)
        && less <= greater.saturating_add(1)
    {
        let message = format!("no size is greater than {greater} and less than {less}");
        let problem = Problem::new(message).value(less.to_string());
        let problem = problem.allowed("at least 2 more than `ObjectSizeGreaterThan`");
        sink.report(CF140, &child(at.pointer, "ObjectSizeLessThan"), problem);
    }
    if !has(at.node, "Period")
        && let (Some(from), Some(until)) = (filter.modified_from, filter.modified_until)
        && from > until
    {
        let before = Millis(until.0.saturating_add(1));
        let problem = Problem::new("no time is since `ModifiedSince` and before `ModifiedBefore`");
        let problem = problem.value(quote::text(&before.rfc3339()));
        let problem = problem.allowed(format!("a time after {}", from.rfc3339()));
        sink.report(CF140, &child(at.pointer, "ModifiedBefore"), problem);
    }
}

fn member(sink: &mut Sink, at: At<'_>, draft: &mut Draft) {
    let filter = &mut draft.filter;
    match at.name {
        "Prefix" => draft.filter_prefix = Given::judged(text(sink, at, prefix)),
        "And" => {
            members(sink, at.pointer, at.node, AND, |sink, at| match at.name {
                "Prefix" => draft.filter_prefix = Given::judged(text(sink, at, prefix)),
                _ => filter.tags = tags(sink, at),
            });
        }
        "Tag" => filter.tags = tags(sink, at),
        "StorageClass" => filter.storage_classes = classes(sink, at),
        "Period" => period(sink, at, filter),
        "NameGlob" => filter.name_glob = text(sink, at, glob),
        "ObjectSizeGreaterThan" => filter.size_greater_than = number(sink, at, 0..=u64::MAX),
        "ObjectSizeLessThan" => filter.size_less_than = number(sink, at, 0..=u64::MAX),
        "ModifiedSince" => filter.modified_from = text(sink, at, |text| time(at.name, text)),
        // The window of the model has both its ends within it.
        "ModifiedBefore" => {
            filter.modified_until =
                text(sink, at, |text| time(at.name, text)).map(|time| Millis(time.0 - 1));
        }
        _ => {}
    }
}

fn tags(sink: &mut Sink, at: At<'_>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let Value::List(items) = &at.node.value else {
        report(sink, at.pointer, at.wrong_type("a list"));
        below(sink, at.pointer, at.node);
        return found;
    };
    if !(1..=TAGS_MAX).contains(&items.len()) {
        report(sink, at.pointer, at.problem(format!("`Tag` has {} items", items.len())));
    }
    list(sink, at, items, |sink, at| {
        let (mut key, mut value) = (None, None);
        members(sink, at.pointer, at.node, TAG, |sink, at| {
            if at.name == "Value" {
                value = text(sink, at, |text| tag_part("Value", text, 0, TAG_VALUE_CHARS_MAX));
                return;
            }
            key = text(sink, at, |text| tag_part("Key", text, 1, TAG_KEY_CHARS_MAX));
            if key.as_ref().is_some_and(|key| found.iter().any(|(known, _)| known == key)) {
                let problem = at.problem(
                    "another tag of the filter has this key, and objects have one value for it",
                );
                report(sink, at.pointer, problem.allowed("every key once"));
            }
        });
        found.extend(key.zip(value));
    });
    found
}

fn tag_part(name: &str, text: &str, chars_min: usize, chars_max: usize) -> Result<String, String> {
    let chars = text.chars().count();
    if !(chars_min..=chars_max).contains(&chars) {
        return Err(format!("`{name}` has {chars} characters"));
    }
    free_text(name, text, usize::MAX)
}

/// Reads one word; where our extension is taken, also several in a list.
fn classes(sink: &mut Sink, at: At<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut one = |sink: &mut Sink, at: At<'_>| match text(sink, at, class) {
        Some(class) if !found.contains(&class) => found.push(class),
        Some(_) | None => {}
    };
    match &at.node.value {
        Value::List(items) if at.dialect == Dialect::Any => {
            if items.is_empty() {
                report(sink, at.pointer, at.problem("`StorageClass` names no class"));
            }
            list(sink, at, items, one);
        }
        _ => one(sink, at),
    }
    found
}

fn class(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("`StorageClass` is empty".to_owned());
    }
    free_text("StorageClass", text, STORAGE_CLASS_BYTES_MAX)
}

fn period(sink: &mut Sink, at: At<'_>, filter: &mut Filter) {
    let (mut start, mut end) = (None, None);
    members(sink, at.pointer, at.node, PERIOD, |sink, at| {
        let seconds = number(sink, at, 0..=EPOCH_SECONDS_MAX);
        let seconds = seconds.and_then(|seconds| i64::try_from(seconds).ok());
        if at.name == "StartTime" {
            start = seconds;
        } else {
            end = seconds;
        }
    });
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        let problem = at.problem("`StartTime` is after `EndTime` (InvalidArgument)");
        sink.report(
            CF140,
            at.pointer,
            problem.allowed("a `StartTime` that is not after `EndTime`"),
        );
    }
    // Both seconds are within the period, to their last millisecond.
    filter.modified_from = start.map(|start| Millis(start * 1000));
    filter.modified_until = end.map(|end| Millis(end * 1000 + 999));
}

fn prefix(text: &str) -> Result<String, String> {
    free_text("Prefix", text, KEY_BYTES_MAX)
}

fn glob(text: &str) -> Result<Glob, String> {
    if text.is_empty() {
        return Err("`NameGlob` is empty, which no key matches".to_owned());
    }
    free_text("NameGlob", text, GLOB_BYTES_MAX).map(Glob::new)
}

fn time(name: &str, text: &str) -> Result<Millis, String> {
    Millis::parse_rfc3339(text).ok_or_else(|| format!("`{name}` is no time of ISO 8601"))
}

pub(super) fn expected(dialect: Dialect) -> String {
    names(known(dialect))
}

fn prefixes(_: Dialect) -> String {
    format!("text that XML can carry, at most {KEY_BYTES_MAX} bytes")
}

fn ands(_: Dialect) -> String {
    "an object with `Tag`, a list of tags, and `Prefix` where keys are to begin so".to_owned()
}

fn tag_lists(_: Dialect) -> String {
    format!("a list of 1 to {TAGS_MAX} objects with `Key` and `Value`")
}

fn tag_keys(_: Dialect) -> String {
    format!("1 to {TAG_KEY_CHARS_MAX} characters")
}

fn tag_values(_: Dialect) -> String {
    format!("at most {TAG_VALUE_CHARS_MAX} characters")
}

fn storage_classes(dialect: Dialect) -> String {
    let more = if dialect == Dialect::Any { ", or a list of such names" } else { "" };
    format!("the name of a storage class, at most {STORAGE_CLASS_BYTES_MAX} bytes{more}")
}

fn periods(_: Dialect) -> String {
    "an object with `StartTime`, `EndTime` or both".to_owned()
}

fn seconds(_: Dialect) -> String {
    format!("seconds since the epoch, 0 to {EPOCH_SECONDS_MAX}")
}

fn globs(_: Dialect) -> String {
    format!("a pattern with `*` and `?`, 1 to {GLOB_BYTES_MAX} bytes")
}

fn sizes(_: Dialect) -> String {
    format!("a number of bytes, 0 to {}", u64::MAX)
}

fn times(_: Dialect) -> String {
    "a time such as `2026-11-08T01:00:00Z`, or a date".to_owned()
}
