//! The configuration itself: identity, schedule and versions.

use stocktake_core::configuration::{ConfigurationId, Frequency, ID_CHARS_MAX, Versions};
use stocktake_core::finding::Dialect;

use super::draft::{Draft, Occasion, Request};
use super::walk::{At, Member, Need, below, has, members, number, one_of, own, report, text, word};
use super::{CF120, destination, fields, filter, overlap};
use crate::quote;
use crate::sink::{Sink, child};
use crate::tree::{Node, Problem, Value};

/// Where the tools of AWS put a configuration when they print it.
const WRAPPER: &str = "InventoryConfiguration";

/// What `CoreWeave` calls `Current`; its answers say `Current`.
const LATEST: &str = "Latest";
const LATEST_TOO: &[&str] = &["All", "Current", LATEST];

/// The days of the longest months.
const MONTH_DAYS_MAX: u64 = 31;

const MEMBERS: &[Member] = &[
    Member { name: "Destination", need: Need::Required, expected: destination::expected },
    Member { name: "IsEnabled", need: Need::Required, expected: flags },
    Member { name: "Filter", need: Need::Optional, expected: filter::expected },
    Member { name: "Id", need: Need::Required, expected: ids },
    Member { name: "IncludedObjectVersions", need: Need::Required, expected: versions },
    Member { name: "OptionalFields", need: Need::Optional, expected: fields::known },
    Member { name: "Schedule", need: Need::Required, expected: schedules },
];

/// What a document has that is for one report.
const MEMBERS_ONCE: &[Member] = &[
    Member { name: "Destination", need: Need::Required, expected: destination::expected },
    Member { name: "Filter", need: Need::Optional, expected: filter::expected },
    Member { name: "Id", need: Need::Required, expected: ids },
    Member { name: "IncludedObjectVersions", need: Need::Required, expected: versions },
    Member { name: "OptionalFields", need: Need::Optional, expected: fields::known },
];

const SCHEDULE: &[Member] =
    &[Member { name: "Frequency", need: Need::Required, expected: frequencies }];

/// Tencent COS makes reports every month too.
const SCHEDULE_WITH_DATE: &[Member] = &[
    Member { name: "Frequency", need: Need::Required, expected: frequencies },
    Member { name: "MonthlyDate", need: Need::Optional, expected: month_days },
];

/// Judges a document, and for a request also whether the two fit.
pub(crate) fn judge(sink: &mut Sink, root: &Node, request: Option<Request<'_>>) -> Draft {
    let mut draft = Draft::default();
    own(sink, "", root);
    let (pointer, node) = unwrapped(sink, root);
    let known = match request.map(|request| request.occasion) {
        None | Some(Occasion::Schedule) => MEMBERS,
        Some(Occasion::Once) => {
            // Whoever makes the one report asks for neither.
            draft.is_enabled = Some(true);
            draft.frequency = Some(Frequency::Daily);
            MEMBERS_ONCE
        }
    };
    members(sink, &pointer, node, known, |sink, at| member(sink, at, &mut draft, request));
    if let Some(request) = request {
        overlap::judge(sink, &draft, request);
    }
    draft
}

fn member(sink: &mut Sink, at: At<'_>, draft: &mut Draft, request: Option<Request<'_>>) {
    match at.name {
        "Destination" => destination::judge(sink, at, draft),
        "IsEnabled" => draft.is_enabled = flag(sink, at),
        "Filter" => filter::judge(sink, at, draft),
        "Id" => draft.id = id(sink, at, request),
        "IncludedObjectVersions" => draft.versions = included(sink, at),
        "OptionalFields" => draft.optional_fields = fields::judge(sink, at),
        "Schedule" => schedule(sink, at, draft),
        _ => {}
    }
}

/// Looks into an answer of `get-bucket-inventory-configuration`, which is no configuration but holds one.
fn unwrapped<'a>(sink: &mut Sink, root: &'a Node) -> (String, &'a Node) {
    if let Value::Object(members) = &root.value
        && let [(name, inner)] = members.as_slice()
        && name == WRAPPER
    {
        let pointer = child("", name);
        let problem = Problem::new(format!("the configuration is wrapped in `{WRAPPER}`"));
        report(sink, &pointer, problem.allowed(format!("what `{WRAPPER}` holds, alone")));
        own(sink, &pointer, inner);
        return (pointer, inner);
    }
    (String::new(), root)
}

fn id(sink: &mut Sink, at: At<'_>, request: Option<Request<'_>>) -> Option<ConfigurationId> {
    let id = text(sink, at, |text| {
        ConfigurationId::parse(text).ok_or_else(|| match text.chars().count() {
            1..=ID_CHARS_MAX => "`Id` holds other characters".to_owned(),
            found => format!("`Id` has {found} characters"),
        })
    })?;
    if let Some(request) = request
        && request.id != id.as_str()
    {
        let problem = at.problem("`Id` is not the id of the request (IdMismatch)");
        let asked = ConfigurationId::parse(request.id).map(|id| quote::whole(id.as_str()));
        let allowed = format!("`{}`", quote::inline(request.id));
        report(sink, at.pointer, problem.allowed(allowed).replace(asked));
        return None;
    }
    Some(id)
}

fn flag(sink: &mut Sink, at: At<'_>) -> Option<bool> {
    let meant = match &at.node.value {
        Value::Bool(value) => return Some(*value),
        Value::Text(text) if accepts_text(at.dialect) && (text == "True" || text == "true") => {
            return Some(true);
        }
        Value::Text(text) if accepts_text(at.dialect) && (text == "False" || text == "false") => {
            return Some(false);
        }
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some("true".to_owned()),
            "false" => Some("false".to_owned()),
            _ => None,
        },
        _ => None,
    };
    report(sink, at.pointer, at.wrong_type("a boolean").replace(meant));
    below(sink, at.pointer, at.node);
    None
}

/// Tencent COS takes `True` and `False` in XML, which has no booleans of its own; in JSON these are texts.
fn accepts_text(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Any | Dialect::Cos)
}

fn included(sink: &mut Sink, at: At<'_>) -> Option<Versions> {
    if has_latest(at.dialect) {
        return word(sink, at, LATEST_TOO, |word| word).and_then(|word| match word {
            LATEST => Some(Versions::Current),
            word => Versions::parse(word),
        });
    }
    match &at.node.value {
        Value::Text(text) if text.eq_ignore_ascii_case("latest") => {
            let problem = at.problem("the choice that lists the latest versions is `Current`");
            sink.report(CF120, at.pointer, problem.replace(Some(quote::whole("Current"))));
            None
        }
        _ => word(sink, at, Versions::ALL, Versions::word),
    }
}

fn schedule(sink: &mut Sink, at: At<'_>, draft: &mut Draft) {
    let known = match at.dialect {
        Dialect::Aws | Dialect::Coreweave => SCHEDULE,
        Dialect::Any | Dialect::Cos => SCHEDULE_WITH_DATE,
    };
    members(sink, at.pointer, at.node, known, |sink, at| {
        if at.name == "MonthlyDate" {
            let day = number(sink, at, 1..=MONTH_DAYS_MAX);
            draft.monthly_date = day.and_then(|day| u8::try_from(day).ok());
        } else {
            draft.frequency = word(sink, at, frequencies_of(at.dialect), Frequency::word);
        }
    });
    let pointer = &child(at.pointer, "MonthlyDate");
    let has_date = has(at.node, "MonthlyDate");
    match draft.frequency {
        Some(Frequency::Monthly) if !has_date => {
            let problem = Problem::new("`MonthlyDate` is missing");
            report(sink, pointer, problem.allowed(month_days(at.dialect)));
        }
        Some(frequency @ (Frequency::Daily | Frequency::Weekly)) => {
            if let Some(day) = draft.monthly_date {
                let word = frequency.word();
                let problem = Problem::new(format!("`MonthlyDate` is not for `{word}` reports"));
                let allowed = "no `MonthlyDate`, or the frequency `Monthly`";
                report(sink, pointer, problem.value(day.to_string()).allowed(allowed));
            }
        }
        Some(Frequency::Monthly) | None => {}
    }
}

fn frequencies_of(dialect: Dialect) -> &'static [Frequency] {
    match dialect {
        Dialect::Aws | Dialect::Coreweave => &[Frequency::Daily, Frequency::Weekly],
        Dialect::Any | Dialect::Cos => Frequency::ALL,
    }
}

/// Accepts what can travel in XML, up to a length.
pub(super) fn free_text(name: &str, text: &str, bytes_max: usize) -> Result<String, String> {
    if text.len() > bytes_max {
        return Err(format!("`{name}` has {} bytes", text.len()));
    }
    match text.chars().find(|c| !is_xml(*c)) {
        Some(found) => {
            Err(format!("`{name}` holds U+{:04X}, which XML cannot carry", u32::from(found)))
        }
        None => Ok(text.to_owned()),
    }
}

/// Whether XML 1.0 allows a character ("Characters", production 2).
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn has_latest(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Any | Dialect::Coreweave)
}

fn flags(dialect: Dialect) -> String {
    let words = if accepts_text(dialect) {
        "`true`, `false`, `True` or `False`"
    } else {
        "`true` or `false`"
    };
    words.to_owned()
}

fn ids(_: Dialect) -> String {
    format!("1 to {ID_CHARS_MAX} characters of `A-Z a-z 0-9 . _ -`")
}

fn versions(dialect: Dialect) -> String {
    if has_latest(dialect) {
        return one_of(LATEST_TOO.iter().copied());
    }
    one_of(Versions::ALL.iter().map(|case| case.word()))
}

fn schedules(dialect: Dialect) -> String {
    let more = match dialect {
        Dialect::Aws | Dialect::Coreweave => "",
        Dialect::Any | Dialect::Cos => ", and `MonthlyDate` for `Monthly`",
    };
    format!("an object with the member `Frequency`{more}")
}

fn frequencies(dialect: Dialect) -> String {
    one_of(frequencies_of(dialect).iter().map(|case| case.word()))
}

fn month_days(_: Dialect) -> String {
    format!("a day of the month, 1 to {MONTH_DAYS_MAX}")
}
