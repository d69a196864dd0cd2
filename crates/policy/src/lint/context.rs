//! Whether the keys of conditions are there when a statement is asked.

use std::collections::BTreeSet;

use crate::condition::{Circumstances, Known, Operator, Set, Test, Truth, holds};
use crate::fold;
use crate::model::{ActionEntry, Condition, Policy, PrincipalEntry, Statement};
use crate::pattern::{Expanded, Single, Symbol, glob_ignoring_case, meet};
use crate::rules::{PC135, PC136};
use crate::sink::Draft;
use crate::tree::inline;

use super::Lint;
use super::work::Work;

/// Keys of S3 that come with a few actions alone, with those actions; a `*` ends the beginning of a name.
///
/// Source: "Actions, resources, and condition keys for Amazon S3" in the service authorization reference.
const KEYS: &[(&[&str], &[&str])] = &[
    (&["s3:prefix", "s3:delimiter", "s3:max-keys"], &["ListBucket"]),
    (
        &[
            "s3:x-amz-copy-source",
            "s3:x-amz-metadata-directive",
            "s3:x-amz-storage-class",
            "s3:x-amz-server-side-encryption",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "s3:x-amz-server-side-encryption-customer-algorithm",
            "s3:x-amz-website-redirect-location",
            "s3:x-amz-acl",
            "s3:x-amz-grant-full-control",
            "s3:x-amz-grant-read",
            "s3:x-amz-grant-read-acp",
            "s3:x-amz-grant-write",
            "s3:x-amz-grant-write-acp",
            "s3:RequestObjectTag/*",
            "s3:RequestObjectTagKeys",
        ],
        &["PutObject"],
    ),
    (&["s3:InventoryAccessibleOptionalFields"], &["PutInventoryConfiguration"]),
];

/// The actions that [`KEYS`] tells all of.
const JUDGED: &[&str] = &[
    "PutObject",
    "AbortMultipartUpload",
    "GetObject",
    "DeleteObject",
    "ListBucket",
    "GetInventoryConfiguration",
    "PutInventoryConfiguration",
    "PutBucketPolicy",
];

/// Keys that no request of a service has.
///
/// Source: "AWS global condition context keys" in the AWS IAM user guide.
pub(crate) const ABSENT_FOR_SERVICES: &[&str] =
    &["aws:PrincipalOrgID", "aws:PrincipalArn", "aws:SourceVpc", "aws:SourceVpce"];

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    let mut strangers = Strangers::default();
    for condition in &statement.conditions {
        if lint.is_done() {
            return;
        }
        let Some(operator) = condition.operator else { continue };
        never_there(lint, statement, (condition, operator), &mut strangers);
    }
    if !statement.allows && statement.conditions.iter().any(is_of_absent) {
        breaks_delivery(lint, statement);
    }
}

/// For each group of [`KEYS`], the actions of a statement that its keys never come with, once somebody has asked.
#[derive(Default)]
struct Strangers<'s>([Option<Vec<&'s str>>; KEYS.len()]);

impl<'s> Strangers<'s> {
    fn of(&mut self, group: usize, statement: &'s Statement, work: &Work) -> &[&'s str] {
        let Some(((_, actions), found)) = KEYS.get(group).zip(self.0.get_mut(group)) else {
            return &[];
        };
        found.get_or_insert_with(|| {
            let lists = statement.actions.iter().filter(|list| !list.is_negated);
            let texts = lists.flat_map(|list| &list.entries).map(|entry| entry.text.as_str());
            let is_stranger = |text: &&str| {
                work.spend(1);
                let name = text.split_once(':').map_or("", |(_, name)| name);
                let is = |known: &&str| known.eq_ignore_ascii_case(name);
                JUDGED.iter().any(is) && !actions.iter().any(is)
            };
            texts.filter(is_stranger).collect()
        })
    }
}

fn never_there<'s>(
    lint: &mut Lint<'_>,
    statement: &'s Statement,
    (condition, operator): (&Condition, Operator),
    strangers: &mut Strangers<'s>,
) {
    let passes_absent =
        operator.if_exists || operator.set == Set::All || operator.test == Test::Null;
    if passes_absent {
        return;
    }
    let is_same = |known: &str| match known.strip_suffix('*') {
        Some(prefix) => condition
            .key
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
        None => condition.key.eq_ignore_ascii_case(known),
    };
    let is_of = |(keys, _): &(&[&str], _)| keys.iter().any(|known| is_same(known));
    let Some(group) = KEYS.iter().position(is_of) else { return };
    let value = lint.at(&condition.pointer);
    for text in strangers.of(group, statement, &lint.work) {
        if lint.is_done() {
            return;
        }
        let message = format!("`{}` never comes with `{}`", inline(&condition.key), inline(text));
        lint.sink.report(PC135, &condition.pointer, message, value);
    }
}

/// A statement that lets services in.
pub(super) struct Grant<'a> {
    services: BTreeSet<&'a str>,
    /// None where it may be about anything.
    resources: Option<Vec<Vec<Symbol>>>,
}

/// The statements that let services in.
fn grants<'a>(lint: &Lint<'a>) -> Vec<Grant<'a>> {
    let policy = lint.policy;
    let mut found = Vec::new();
    for statement in policy.statements.iter().filter(|it| it.allows && lint.is_aws()) {
        let elements = statement.principals.iter().filter(|element| !element.is_negated);
        let entries = elements.flat_map(|element| &element.entries);
        let services = entries.filter(|entry| entry.value == PrincipalEntry::Service);
        let services: BTreeSet<&str> = services.map(|entry| entry.text.as_str()).collect();
        if !services.is_empty() {
            found.push(Grant { services, resources: patterns(statement) });
        }
    }
    found
}

/// The most pairs of resources that are compared; of more it is taken that some meet.
const PAIRS_MAX: usize = 64;

/// The most steps of one such comparison; of longer patterns it is taken that they meet.
const MEETING_STEPS_MAX: usize = 1 << 20;

/// The resources of a statement; none where it may be about anything.
fn patterns(statement: &Statement) -> Option<Vec<Vec<Symbol>>> {
    let mut all = Vec::new();
    for element in &statement.resources {
        for entry in &element.entries {
            match entry.value.0.expand(0, |_| Single::Unknown) {
                Expanded::Symbols(symbols) if !element.is_negated => {
                    all.push(symbols.into_owned());
                }
                _ => return None,
            }
        }
    }
    Some(all)
}

/// Whether two statements of these resources may be about one.
fn share_resources(
    one: Option<&Vec<Vec<Symbol>>>,
    other: Option<&Vec<Vec<Symbol>>>,
    work: &Work,
) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    one.len() * other.len() > PAIRS_MAX
        || one.iter().any(|one| {
            let is_long = |other: &[Symbol]| {
                let steps = one.len().saturating_mul(other.len());
                steps > MEETING_STEPS_MAX || !work.spend(steps)
            };
            other.iter().any(|other| is_long(other) || meet(one, other))
        })
}

/// What is known of any service that writes.
struct OfService {
    yes: [String; 1],
}

impl Circumstances for OfService {
    fn known(&self, key: &str) -> Known<'_> {
        if ABSENT_FOR_SERVICES.iter().any(|absent| fold::same(absent, key)) {
            return Known::Absent;
        }
        if fold::same(key, "aws:PrincipalIsAWSService") || fold::same(key, "aws:SecureTransport") {
            return Known::Set(&self.yes);
        }
        Known::Unknown
    }
}

/// Whether this is a negated test of a key that services never have.
pub(crate) fn is_of_absent(condition: &Condition) -> bool {
    ABSENT_FOR_SERVICES.iter().any(|key| fold::same(key, &condition.key))
        && condition.operator.is_some_and(Operator::is_negated)
}

/// Whether some statement denies services that are let in, so that to let one in is not enough.
pub(crate) fn denies_services(policy: &Policy) -> bool {
    let mut denials = policy.statements.iter().filter(|statement| !statement.allows);
    denials.any(|statement| statement.conditions.iter().any(is_of_absent))
}

/// What is told of such a test.
pub(crate) fn absent_for_services(condition: &Condition) -> Draft {
    let key = inline(&condition.key);
    let message = format!("no service has `{key}`, so this denies what services deliver");
    Draft::new(PC136, &condition.pointer, message)
}

/// A negated test of a key that services never have is passed by every service.
fn breaks_delivery(lint: &mut Lint<'_>, statement: &Statement) {
    let granted = lint.grants.take().unwrap_or_else(|| grants(lint));
    let is_breaking = denies_some_service(lint, statement, &granted);
    lint.grants = Some(granted);
    if !is_breaking {
        return;
    }
    for condition in &statement.conditions {
        if is_of_absent(condition) && !lint.is_done() {
            let draft = absent_for_services(condition);
            let value = lint.at(&condition.pointer);
            lint.sink.add(match value {
                Some(value) => draft.value(value),
                None => draft,
            });
        }
    }
}

/// Whether a denial takes from a service what one of these grants gives it.
fn denies_some_service(lint: &Lint<'_>, statement: &Statement, granted: &[Grant<'_>]) -> bool {
    let denies_writes = statement.actions.iter().any(|element| {
        element.entries.iter().any(|entry| is_named(&entry.value, "PutObject"))
            != element.is_negated
    });
    let service = OfService { yes: ["true".to_owned()] };
    let is_out = |condition: &Condition| holds(condition, &service, &mut Vec::new()) == Truth::No;
    if !denies_writes || statement.conditions.iter().any(is_out) {
        return false;
    }
    let resources = patterns(statement);
    statement.principals.iter().any(|element| {
        let is_everyone = lint.options.aws_star_covers_services
            && element.entries.iter().any(|entry| entry.value == PrincipalEntry::Everyone);
        let services = element.entries.iter().filter(|it| it.value == PrincipalEntry::Service);
        let services: BTreeSet<&str> = services.map(|entry| entry.text.as_str()).collect();
        granted.iter().any(|grant| {
            lint.work.spend(grant.services.len());
            let is_listed = |service: &&str| is_everyone || services.contains(service);
            grant.services.iter().any(|service| is_listed(service) != element.is_negated)
                && share_resources(resources.as_ref(), grant.resources.as_ref(), &lint.work)
        })
    })
}

/// Whether an entry names an action of S3, whether it is in a table or not.
pub(crate) fn is_named(entry: &ActionEntry, name: &str) -> bool {
    match entry {
        ActionEntry::Every => true,
        ActionEntry::None => false,
        ActionEntry::Named(service, pattern) => {
            let is_service = ["s3", "cos"].iter().any(|it| it.eq_ignore_ascii_case(service));
            is_service && glob_ignoring_case(pattern.0.symbols(), name)
        }
    }
}
