//! Conditions, operator by operator.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::text::{Pattern, expanded, glob, plain};
use super::{Question, Truth, and, not, or};

/// The values of a key, none where it is absent; `None` where it is not known.
pub(super) fn known(question: &Question<'_>, key: &str) -> Option<Vec<String>> {
    let request = &question.json["request"];
    let context = request["context"].as_object().unwrap();
    let is_same = |other: &str| {
        if question.dialect == "cos" { other == key } else { other.eq_ignore_ascii_case(key) }
    };
    if let Some((_, values)) = context.iter().find(|(other, _)| is_same(other)) {
        return Some(super::texts(values));
    }
    if question.dialect == "coreweave" && key == "cw:PrincipalOrgID" {
        match question.account() {
            _ if question.is_writer() => return None,
            Some(organization) => return Some(vec![organization]),
            None => {}
        }
    }
    (request["context-complete"] != false).then(Vec::new)
}

pub(super) fn holds(
    question: &Question<'_>,
    operator: &str,
    key: &str,
    wanted: &[String],
    has_variables: bool,
) -> Truth {
    // The names of both families without what tells them apart.
    let name = operator.to_lowercase().replace('_', "");
    let (set, name) = match name.split_once(':') {
        Some((set, name)) => (set.trim_end_matches('s').to_owned(), name.to_owned()),
        None => (String::new(), name),
    };
    let (name, if_exists) = match name.strip_suffix("ifexists").or(name.strip_suffix("ifexist")) {
        Some(name) => (name.to_owned(), true),
        None => (name, false),
    };
    let name = name.replace("equals", "equal").replace("ipaddress", "ipequal");
    let is_known = [
        "stringequal",
        "stringnotequal",
        "stringequalignorecase",
        "stringnotequalignorecase",
        "bool",
        "boolequal",
        "numericequal",
        "numericnotequal",
        "numericlessthan",
        "numericlessthanequal",
        "numericgreaterthan",
        "numericgreaterthanequal",
        "dateequal",
        "datenotequal",
        "datelessthan",
        "dategreaterthan",
        "binaryequal",
        "ipequal",
        "notipequal",
        "ipnotequal",
        "arnequal",
        "arnlike",
        "arnnotequal",
        "arnnotlike",
        "null",
        "nullequal",
        "stringlike",
        "stringnotlike",
    ];
    if !is_known.contains(&name.as_str()) || (question.dialect == "cos" && name.contains("like")) {
        return None;
    }
    let values = known(question, key)?;
    if name.starts_with("null") {
        return Some(
            wanted.iter().any(|it| it == if values.is_empty() { "true" } else { "false" }),
        );
    }
    let is_negated = name.contains("not");
    let passes = |value: &String| {
        let all =
            wanted.iter().map(|wanted| compare(question, &name, wanted, value, has_variables));
        let all: Vec<Result<Truth, ()>> = all.collect();
        // A number or a date that is none passes nothing.
        if is_negated && all.contains(&Err(())) {
            return Some(false);
        }
        let any = or(all.into_iter().map(|one| one.unwrap_or(Some(false))));
        if is_negated { not(any) } else { any }
    };
    match (set.as_str(), values.as_slice()) {
        ("forallvalue", values) => and(values.iter().map(passes)),
        ("foranyvalue", []) => Some(if_exists),
        ("foranyvalue", values) => or(values.iter().map(passes)),
        (_, []) => Some(if_exists || is_negated),
        (_, [one]) => passes(one),
        _ => Some(false),
    }
}

/// Whether a value is what is wanted, before negation; an error where one of both is not of the type.
fn compare(
    question: &Question<'_>,
    name: &str,
    wanted: &str,
    value: &str,
    has_variables: bool,
) -> Result<Truth, ()> {
    let from = has_variables.then_some(0);
    let pattern = |has_wildcards: bool| expanded(question, wanted, has_wildcards, from);
    let text = |pattern: Result<Pattern, Truth>, same: &dyn Fn(&Pattern) -> bool| {
        Ok(match pattern {
            Ok(pattern) => Some(same(&pattern)),
            Err(truth) => truth,
        })
    };
    let family = ["string", "bool", "numeric", "date", "binary", "arn"];
    let family = family.iter().find(|family| name.starts_with(**family)).copied().unwrap_or("ip");
    match family {
        "string" if name.contains("ignorecase") => text(pattern(false), &|pattern| {
            let wanted: String = pattern.iter().map(|(c, _)| *c).collect();
            wanted.to_lowercase() == value.to_lowercase()
        }),
        "string" => text(pattern(name.contains("like")), &|pattern| glob(pattern, value)),
        "bool" => text(pattern(false), &|pattern| {
            *pattern == plain(value) && matches!(value, "true" | "false")
        }),
        "arn" => text(pattern(true), &|pattern| {
            let found: Vec<&str> = value.splitn(6, ':').collect();
            let wanted: Vec<&[(char, bool)]> = pattern.splitn(6, |(c, _)| *c == ':').collect();
            found.len() == 6
                && wanted.len() == 6
                && wanted.iter().zip(found).all(|(wanted, found)| glob(wanted, found))
        }),
        "numeric" => ordered(name, value.parse::<f64>().ok(), wanted.parse::<f64>().ok()),
        "date" => ordered(name, day(value), day(wanted)),
        "binary" => Ok(Some(value == wanted && value.len().is_multiple_of(4))),
        _ => Ok(Some(is_in(wanted, value))),
    }
}

fn ordered(name: &str, found: Option<f64>, wanted: Option<f64>) -> Result<Truth, ()> {
    let (Some(found), Some(wanted)) = (found, wanted) else { return Err(()) };
    let order = found.partial_cmp(&wanted).ok_or(())?;
    let (less, greater) = (name.contains("less"), name.contains("greater"));
    let is_equal = order == Ordering::Equal;
    Ok(Some(match (less, greater) {
        (true, _) => order == Ordering::Less || (name.ends_with("equal") && is_equal),
        (_, true) => order == Ordering::Greater || (name.ends_with("equal") && is_equal),
        _ => is_equal,
    }))
}

/// The few dates that questions have, as seconds.
fn day(text: &str) -> Option<f64> {
    match text {
        "1970-01-02" | "1970-01-02T00:00Z" => Some(86_400.0),
        // A year, or seconds, where the text is short.
        text if text.len() == 4 => None,
        text if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => text.parse().ok(),
        _ => None,
    }
}

fn is_in(range: &str, address: &str) -> bool {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, length.parse::<usize>().ok()),
        None => (range, Some(usize::MAX)),
    };
    let bits = |text: &str| -> Option<Vec<bool>> {
        let bytes = match text.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        Some(
            bytes
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
                .collect(),
        )
    };
    let (Some(network), Some(length), Some(address)) = (bits(network), length, bits(address))
    else {
        return false;
    };
    let is_whole = length == usize::MAX;
    network.len() == address.len()
        && (is_whole || length <= network.len())
        && network.iter().zip(&address).take(length).all(|(one, other)| one == other)
}
