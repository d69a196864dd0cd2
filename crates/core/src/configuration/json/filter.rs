//! Filters in the JSON form.
//!
//! In the form of Tencent COS a condition has the name that COS has for it, as far as COS has one; everything else has
//! the names of our extension.

use super::wire::{WireAnd, WireFilter, WirePeriod, WireTag, WireWords};
use super::{JsonError, parsed};
use crate::configuration::Filter;
use crate::form::Form;
use crate::glob::Glob;
use crate::timestamp::Millis;

pub(super) fn write(filter: &Filter, form: Form) -> Option<WireFilter> {
    if *filter == Filter::default() {
        return None;
    }
    let mut wire = WireFilter {
        prefix: filter.prefix.clone(),
        tag: filter.tags.iter().cloned().map(|(key, value)| WireTag { key, value }).collect(),
        storage_class: match filter.storage_classes.as_slice() {
            [] => None,
            [one] => Some(WireWords::One(one.clone())),
            several => Some(WireWords::Several(several.to_vec())),
        },
        name_glob: filter.name_glob.as_ref().map(|glob| glob.as_str().to_owned()),
        object_size_greater_than: filter.size_greater_than,
        object_size_less_than: filter.size_less_than,
        ..WireFilter::default()
    };
    let period = (form == Form::Cos).then(|| period(filter)).flatten();
    if period.is_none() {
        wire.modified_since = filter.modified_from.map(Millis::rfc3339);
        wire.modified_before =
            filter.modified_until.map(|until| Millis(until.0.saturating_add(1)).rfc3339());
    }
    wire.period = period;
    if form == Form::Cos && !wire.tag.is_empty() {
        wire.and = Some(WireAnd { prefix: wire.prefix.take(), tag: std::mem::take(&mut wire.tag) });
    }
    Some(wire)
}

/// The time window as COS writes it, in whole seconds since the epoch that are both within it.
fn period(filter: &Filter) -> Option<WirePeriod> {
    let (from, until) = (filter.modified_from, filter.modified_until);
    let is_whole = |time: Option<Millis>, rest: i64| {
        time.is_none_or(|time| time.0 >= 0 && time.0.rem_euclid(1000) == rest)
    };
    let seconds = |time: Millis| time.0.div_euclid(1000);
    ((from.is_some() || until.is_some()) && is_whole(from, 0) && is_whole(until, 999))
        .then(|| WirePeriod { start_time: from.map(seconds), end_time: until.map(seconds) })
}

pub(super) fn read(wire: WireFilter) -> Result<Filter, JsonError> {
    let (prefix, tags) = match wire.and {
        Some(and) => (and.prefix, and.tag),
        None => (wire.prefix, wire.tag),
    };
    let time = |member, text: Option<String>| {
        text.map(|text| parsed(member, &text, Millis::parse_rfc3339)).transpose()
    };
    let (since, before) = match wire.period {
        Some(WirePeriod { start_time, end_time }) => (
            start_time.map(|start| Millis(start.saturating_mul(1000))),
            end_time.map(|end| Millis(end.saturating_mul(1000).saturating_add(1000))),
        ),
        None => (
            time("/Filter/ModifiedSince", wire.modified_since)?,
            time("/Filter/ModifiedBefore", wire.modified_before)?,
        ),
    };
    Ok(Filter {
        prefix,
        name_glob: wire.name_glob.map(Glob::new),
        size_greater_than: wire.object_size_greater_than,
        size_less_than: wire.object_size_less_than,
        modified_from: since,
        modified_until: before.map(|before| Millis(before.0.saturating_sub(1))),
        storage_classes: match wire.storage_class {
            None => Vec::new(),
            Some(WireWords::One(one)) => vec![one],
            Some(WireWords::Several(several)) => several,
        },
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    })
}
