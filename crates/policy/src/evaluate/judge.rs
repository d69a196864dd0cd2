//! Whether one statement applies to a request.

use std::sync::Arc;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{DocumentKind, MatchOutcome, TraceStep};

use crate::condition::{self, Circumstances as _, Known, Truth};
use crate::model::{
    ActionEntry, Condition, Element, Entry, Policy, PrincipalEntry, ResourceEntry, Statement,
};
use crate::pattern::{Expanded, Symbol, glob, glob_ignoring_case};
use crate::principal::{self, Named};

use super::asked::{Asked, Exception};

/// What a set of policies decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gate {
    Organization,
    Identity,
    Bucket,
}

/// How one statement was judged, with what the verdict needs.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) step: TraceStep,
    pub(super) gate: Gate,
    /// What the gate is called; a role or key has its policy in the place of the bucket's.
    pub(super) gate_name: &'static str,
    /// How many elements hold before the first that does not.
    pub(super) passed: u8,
    /// What would have to be known.
    pub(super) missing: Vec<String>,
    /// Tags of our own decisions.
    pub(super) assumed: Vec<&'static str>,
}

/// The elements of a statement, in the order in which they are looked at.
const PRINCIPAL: u8 = 0;
const ACTION: u8 = 1;
const RESOURCE: u8 = 2;
const CONDITION: u8 = 3;
const ALL: u8 = 4;

/// A place in a statement: the rank of the element, its name, and its pointer.
type Place<'s> = (u8, &'static str, &'s Arc<str>);

/// Goes through the elements until one does not hold.
struct Course<'s> {
    statement: &'s Statement,
    unknown: Option<Place<'s>>,
    missing: Vec<String>,
    assumed: Vec<&'static str>,
    via_account: bool,
}

/// Judges one statement.
pub(super) fn judge(
    asked: &Asked<'_>,
    gate: Gate,
    policy: &Policy,
    statement: &Statement,
) -> Judged {
    let (missing, assumed) = (Vec::new(), Vec::new());
    let mut course = Course { statement, unknown: None, missing, assumed, via_account: false };
    let failed = course.run(asked, gate, policy);
    let (outcome, place) = match (failed, course.unknown) {
        (Some(place), _) => (MatchOutcome::No, Some(place)),
        (None, Some(place)) => (MatchOutcome::Unknown, Some(place)),
        (None, None) => (MatchOutcome::Match, None),
    };
    let is_known = outcome != MatchOutcome::Unknown;
    Judged {
        step: TraceStep {
            document: policy.name.clone(),
            index: statement.index,
            sid: statement.sid.clone(),
            allows: statement.allows,
            outcome,
            via_account: course.via_account && outcome != MatchOutcome::No,
            element: place.map(|(_, name, _)| name.into()),
            pointer: place.map(|(_, _, pointer)| pointer.clone()),
        },
        gate,
        gate_name: gate_name(gate, policy.kind),
        passed: place.map_or(ALL, |(rank, _, _)| rank),
        missing: if is_known { Vec::new() } else { course.missing },
        assumed: course.assumed,
    }
}

fn gate_name(gate: Gate, kind: DocumentKind) -> &'static str {
    match (gate, kind) {
        (Gate::Organization, _) => "organization",
        (Gate::Identity, _) => "identity",
        (Gate::Bucket, DocumentKind::KeyPolicy) => "key",
        (Gate::Bucket, DocumentKind::TrustPolicy) => "role",
        (Gate::Bucket, _) => "bucket",
    }
}

impl<'s> Course<'s> {
    /// The first element that does not hold.
    fn run(&mut self, asked: &Asked<'_>, gate: Gate, policy: &Policy) -> Option<Place<'s>> {
        let statement = self.statement;
        if gate == Gate::Organization && asked.is_coreweave_writer {
            // Writers of the provider belong to no organization.
            return Some((PRINCIPAL, "Principal", &statement.pointer));
        }
        if gate == Gate::Bucket && asked.exception != Exception::None {
            return Some((ACTION, "Action", &statement.pointer));
        }
        let names_principals =
            !matches!(policy.kind, DocumentKind::IdentityPolicy | DocumentKind::CamPolicy);
        if names_principals && let Some(place) = self.principals(asked) {
            return Some(place);
        }
        if let Some(place) = self.element(ACTION, "Action", &statement.actions, |entry, _| {
            is_action(asked, &entry.value).into()
        }) {
            return Some(place);
        }
        let has_resources =
            policy.kind != DocumentKind::TrustPolicy || !statement.resources.is_empty();
        if has_resources
            && let Some(place) =
                self.element(RESOURCE, "Resource", &statement.resources, |entry, missing| {
                    resource(asked, gate, entry, missing)
                })
        {
            return Some(place);
        }
        statement.conditions.iter().find_map(|condition| self.condition(asked, condition))
    }

    fn principals(&mut self, asked: &Asked<'_>) -> Option<Place<'s>> {
        let statement = self.statement;
        let principal = &asked.request.principal;
        if statement.principals.is_empty() {
            if asked.dialect == Dialect::Coreweave {
                self.assumed.push("cw-no-principal");
            }
            return Some((PRINCIPAL, "Principal", &statement.pointer));
        }
        for element in &statement.principals {
            let named = element.entries.iter().map(|entry| {
                let covers = asked.star_covers_services;
                (principal::names(&entry.value, &entry.text, principal, covers), entry)
            });
            let best = named.max_by_key(|(named, _)| *named);
            let named = best.as_ref().map_or(Named::No, |(named, _)| *named);
            if (named == Named::No) != element.is_negated {
                return Some((PRINCIPAL, element.name, &element.pointer));
            }
            self.via_account |= named == Named::Account;
            let is_everyone =
                best.is_some_and(|(_, entry)| entry.value == PrincipalEntry::Everyone);
            if asked.is_coreweave_writer && is_everyone && !element.is_negated {
                self.assumed.push("cw-star-covers-services");
            }
        }
        None
    }

    /// Judges lists of which each must hold.
    fn element<T>(
        &mut self,
        rank: u8,
        name: &'static str,
        elements: &'s [Element<T>],
        holds: impl Fn(&Entry<T>, &mut Vec<String>) -> Truth,
    ) -> Option<Place<'s>> {
        if elements.is_empty() {
            return Some((rank, name, &self.statement.pointer));
        }
        for element in elements {
            let before = self.missing.len();
            let mut listed = Truth::No;
            for entry in &element.entries {
                listed = listed.max(holds(entry, &mut self.missing));
                if listed == Truth::Yes {
                    self.missing.truncate(before);
                    break;
                }
            }
            match if element.is_negated { listed.not() } else { listed } {
                Truth::Yes => {}
                Truth::Unknown => self.doubt((rank, element.name, &element.pointer)),
                Truth::No => return Some((rank, element.name, &element.pointer)),
            }
        }
        None
    }

    fn condition(&mut self, asked: &Asked<'_>, condition: &'s Condition) -> Option<Place<'s>> {
        let place = (CONDITION, "Condition", &condition.pointer);
        if let Some(tag) = assumed(asked, condition) {
            self.assumed.push(tag);
        }
        match condition::holds(condition, asked, &mut self.missing) {
            Truth::Yes => None,
            Truth::Unknown => {
                self.doubt(place);
                None
            }
            Truth::No => Some(place),
        }
    }

    fn doubt(&mut self, place: Place<'s>) {
        self.unknown.get_or_insert(place);
    }
}

/// Whether an entry names the action that is asked for.
fn is_action(asked: &Asked<'_>, entry: &ActionEntry) -> bool {
    match entry {
        ActionEntry::Every => true,
        ActionEntry::None => false,
        ActionEntry::Named(service, pattern) => {
            let same = if asked.dialect == Dialect::Cos { glob } else { glob_ignoring_case };
            asked.same(service, asked.service) && same(pattern.0.symbols(), asked.name)
        }
    }
}

/// Whether an entry names the resource.
fn resource(
    asked: &Asked<'_>,
    gate: Gate,
    entry: &Entry<ResourceEntry>,
    missing: &mut Vec<String>,
) -> Truth {
    let text = if gate == Gate::Organization {
        if entry.text == "*" {
            return Truth::Yes;
        }
        if asked.exception == Exception::Global {
            return Truth::No;
        }
        asked.resource_name
    } else {
        asked.request.resource.as_str()
    };
    // One more, as `BUCKET/*` may name the bucket.
    let symbols = match entry.value.0.expand(text.len() + 1, |key| asked.single(key)) {
        Expanded::Symbols(symbols) => symbols,
        Expanded::Nothing => return Truth::No,
        Expanded::Unknown(key) => {
            missing.push(key.to_owned());
            return Truth::Unknown;
        }
    };
    if glob(&symbols, text) {
        return Truth::Yes;
    }
    // `BUCKET/*` where the bucket itself is asked for.
    let bucket = symbols.strip_suffix(&[Symbol::Char('/'), Symbol::Any]);
    let covers_objects = asked.is_on_bucket && bucket.is_some_and(|bucket| glob(bucket, text));
    match (covers_objects, asked.dialect) {
        (false, _) | (true, Dialect::Any | Dialect::Aws) => Truth::No,
        (true, Dialect::Cos) => Truth::Yes,
        (true, Dialect::Coreweave) => {
            missing.push("undocumented:bucket-action-on-object-arn".to_owned());
            Truth::Unknown
        }
    }
}

/// The decision of ours that a condition leans on.
fn assumed(asked: &Asked<'_>, condition: &Condition) -> Option<&'static str> {
    match asked.dialect {
        Dialect::Any | Dialect::Aws => None,
        Dialect::Coreweave => {
            let is_documented =
                matches!(&*condition.operator_text, "StringEquals" | "StringNotEquals")
                    && is_documented_key(&condition.key)
                    && !condition.values.iter().any(|value| value.text.contains("${"));
            (!is_documented).then_some("cw-conditions-as-aws")
        }
        Dialect::Cos => match asked.known(&condition.key) {
            Known::Set([_]) | Known::Unknown => None,
            Known::Set(_) | Known::Absent => Some("cos-conditions-as-aws"),
        },
    }
}

fn is_documented_key(key: &str) -> bool {
    matches!(key, "cw:PrincipalOrgID" | "s3:prefix")
        || (key.starts_with("iam:") && key.ends_with(":groups"))
}
