//! What is wrong with replacing a policy.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::policy::{BucketRole, Decision, Options, Verdict};

use crate::lint::lint_policy;
use crate::model::{Condition, Element, Policy, PrincipalEntry, Statement};
use crate::patch::{add, at, replace};
use crate::pattern::{Pattern, Variables, Wildcards, glob};
use crate::preflight::because;
use crate::rules::{PC301, PC302, PC303, PC304, PC305};
use crate::sink::{Draft, Sink};
use crate::tree::{Node, inline};

use super::audience::{Action, Use};
use super::{Bench, Person};

impl Bench<'_> {
    /// What the new policy denies to those who shall manage or read.
    pub(super) fn declared(&self, person: &Person, action: &Action, after: &Verdict) -> Vec<Draft> {
        let mut found = Vec::new();
        let name = inline(&person.name);
        let is_denied =
            after.decision == Decision::ExplicitDeny && after.gate.as_deref() == Some("bucket");
        let pointer = self.pointer(after);
        if is_denied {
            let message = format!(
                "the statement denies `{}` to `{name}`, who manages or reads the bucket",
                action.name
            );
            found.push(Draft::new(PC304, &pointer, message));
        }
        let counts = self.dialect == Dialect::Coreweave || is_denied;
        let is_manage = action.of == Use::Manage && self.replacement.role == BucketRole::Source;
        if is_manage && counts && after.decision != Decision::Allowed {
            let message = format!(
                "`{name}` may not do `{}`, by the gate `{}`: {}",
                action.name,
                after.gate.as_deref().unwrap_or("none"),
                because(after)
            );
            let level = match after.decision {
                Decision::Indeterminate => Level::Warning,
                _ => Level::Error,
            };
            found.push(Draft::new(PC305, &pointer, message).level(level));
        }
        found
    }

    /// Where the statement of a verdict stands, if it is one of the new policy.
    fn pointer(&self, verdict: &Verdict) -> String {
        let [_, after] = &self.policies;
        let (Some(after), Some(step)) = (after, &verdict.because) else { return String::new() };
        let statement = after.statements.iter().find(|it| it.index == step.index);
        let statement = statement.filter(|_| step.document == after.name);
        statement.map_or_else(String::new, |statement| statement.pointer.to_string())
    }

    /// Whether the audience of the bucket loses what it is for.
    pub(super) fn locked(
        &self,
        people: &[Person],
        losers: &[(usize, Vec<Action>)],
    ) -> Option<Draft> {
        let role = self.replacement.role;
        let counts = |action: &Action| match action.of {
            Use::List | Use::Get => true,
            Use::Put | Use::Delete => role == BucketRole::Source,
            Use::Manage | Use::SetPolicy => false,
        };
        let has_audience = people.iter().any(|it| it.is_declared || it.is_named_before);
        let mut names: Vec<&Person> = Vec::new();
        let mut lost: Vec<&str> = Vec::new();
        for (place, actions) in losers {
            let Some(person) = people.get(*place) else { continue };
            let is_meant = match role {
                BucketRole::Source => true,
                BucketRole::Destination | BucketRole::Audit => {
                    !has_audience || person.is_declared || person.is_named_before
                }
            };
            let actions: Vec<&str> =
                actions.iter().filter(|it| counts(it)).map(|it| it.name).collect();
            if !is_meant || actions.is_empty() {
                continue;
            }
            names.push(person);
            lost.extend(
                actions.iter().filter(|it| !lost.contains(it)).copied().collect::<Vec<_>>(),
            );
        }
        if names.is_empty()
            || (role != BucketRole::Source && !has_audience && self.is_anybody_left(people))
        {
            return None;
        }
        let is_all = names.len() == people.len();
        let who = match (&self.owner, is_all) {
            (Some(owner), true) => format!("all of {}", inline(owner)),
            (None, true) => "everybody".to_owned(),
            (_, false) => {
                let names: Vec<&str> = names.iter().map(|it| it.name.as_str()).collect();
                inline(&names.join(", "))
            }
        };
        let assumed = match self.replacement.organization {
            None => "; the organization's policies are not told and taken to allow everything",
            Some(_) => "",
        };
        let message = format!(
            "{who} would lose {}; `s3:PutBucketPolicy` stays with those to whom the organization gives it{assumed}",
            lost.join(", ")
        );
        Some(Draft::new(PC301, "", message))
    }

    /// Whether somebody who is no writer can still list or get.
    fn is_anybody_left(&self, people: &[Person]) -> bool {
        people.iter().any(|person| {
            super::audience::actions(self.dialect)
                .iter()
                .filter(|action| matches!(action.of, Use::List | Use::Get))
                .any(|action| self.both(&person.principal, action).1.decision == Decision::Allowed)
        })
    }

    /// Whether nobody can get what is delivered.
    pub(super) fn unread(&self, people: &[Person], actions: &[Action]) -> Option<Draft> {
        if self.replacement.role == BucketRole::Source {
            return None;
        }
        let get = actions.iter().find(|action| action.of == Use::Get)?;
        let has_declared = people.iter().any(|it| it.is_declared);
        let mut readers = people.iter().filter(|it| it.is_declared || !has_declared);
        let can = readers.any(|person| {
            let (_, after) = self.both(&person.principal, get);
            matches!(after.decision, Decision::Allowed | Decision::Indeterminate)
        });
        (!can).then(|| Draft::new(PC302, "", "nobody would be able to get what is delivered"))
    }

    /// Grants of the old policy that the new one does not have.
    pub(super) fn dropped(&self) -> Vec<Draft> {
        let [Some(before), after] = &self.policies else { return Vec::new() };
        let new: &[Statement] =
            after.as_ref().map(|it| it.statements.as_slice()).unwrap_or_default();
        let mut found = Vec::new();
        for statement in before.statements.iter().filter(|statement| statement.allows) {
            let missing = missing(statement, new);
            if missing.is_empty() {
                continue;
            }
            let who = statement.principals.iter().flat_map(|element| &element.entries);
            let who: Vec<&str> = who.map(|entry| entry.text.as_str()).collect();
            let message = format!(
                "the policy until now grants {} to {}, this one does not",
                listed(&missing),
                listed(&who)
            );
            let draft = Draft::new(PC303, "", message);
            found.push(draft.patch(self.kept(before, statement)));
        }
        found
    }

    /// Adds an old statement to the new policy.
    fn kept(&self, before: &Policy, statement: &Statement) -> Vec<Json> {
        let [_, after] = &self.policies;
        let old = before.tree.as_ref().and_then(|root| at(root, &statement.pointer));
        let root = after.as_ref().filter(|it| !it.is_invalid()).and_then(|it| it.tree.as_ref());
        let (Some(old), Some(root)) = (old, root) else { return Vec::new() };
        let Ok(old) = serde_json::from_str::<Json>(&old.to_string()) else { return Vec::new() };
        let name = if self.dialect == Dialect::Cos { "statement" } else { "Statement" };
        let pointer = format!("/{name}");
        match at(root, &pointer) {
            Some(Node::List(_)) => vec![add(&format!("{pointer}/-"), old)],
            Some(one @ Node::Object(_)) => match serde_json::from_str::<Json>(&one.to_string()) {
                Ok(one) => vec![replace(&pointer, json!([one, old]))],
                Err(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What is wrong with the new policy, and with putting it.
    pub(super) fn findings(&self, drafts: Vec<Draft>) -> Vec<Finding> {
        let [before, after] = &self.policies;
        let name = after.as_ref().or(before.as_ref()).map(|policy| policy.name.clone());
        let name = name.unwrap_or_else(|| Arc::from("bucket-policy"));
        let bucket = Some(self.replacement.bucket.clone());
        let options = Options { bucket, ..self.options.clone() };
        let own = after.as_ref().map(|policy| lint_policy(policy, &options)).unwrap_or_default();
        let mut sink = Sink::new(&name, self.dialect);
        for draft in drafts {
            sink.add(draft);
        }
        sink.extend(own);
        sink.finish()
    }
}

/// The most characters of a list in a sentence: enough for the actions of inventory.
const LIST_CHARS_MAX: usize = 160;

/// Texts one after the other, as many as fit.
fn listed(texts: &[impl AsRef<str>]) -> String {
    let mut out = String::new();
    for (i, text) in texts.iter().enumerate() {
        let text = inline(text.as_ref());
        if i > 0 && out.chars().count() + text.chars().count() > LIST_CHARS_MAX {
            return format!("{out} and {} more", texts.len() - i);
        }
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&text);
    }
    out
}

/// The most questions whether a statement grants one action to one principal on one resource. Beyond, only a statement that
/// grants an action to all of them on all resources counts as one that keeps it.
const TRIPLES_MAX: usize = 100_000;

/// The most comparisons of a list with the patterns of another; of longer lists equal texts count alone.
const COMPARISONS_MAX: usize = 100_000;

/// The actions of a statement that no new statement grants to all of its principals on all of its resources.
fn missing(old: &Statement, new: &[Statement]) -> Vec<String> {
    if new.iter().any(|new| new.allows && says_the_same(old, new)) {
        return Vec::new();
    }
    let actions = texts(&old.actions);
    let (people, resources) = (texts(&old.principals), texts(&old.resources));
    let is_same = |new: &&Statement| {
        new.allows
            && (new.conditions.is_empty() || is_same_condition(&old.conditions, &new.conditions))
    };
    let grants: Vec<Grant> = new
        .iter()
        .filter(is_same)
        .map(|new| Grant {
            actions: covered(&new.actions, &actions, false),
            people: named(&new.principals, &people),
            resources: covered(&new.resources, &resources, true),
        })
        .collect();
    let triples = [actions.len(), people.len(), resources.len(), grants.len()];
    let is_few = triples.iter().try_fold(1, |all: usize, it| all.checked_mul(*it));
    let is_few = is_few.is_some_and(|all| all <= TRIPLES_MAX);
    let has = |flags: &[bool], i: usize| flags.get(i) == Some(&true);
    let is_kept = |action: usize| {
        let mut grants = grants.iter().filter(|grant| has(&grant.actions, action));
        if !is_few {
            return grants
                .any(|grant| !grant.people.contains(&false) && !grant.resources.contains(&false));
        }
        (0..people.len()).all(|who| {
            (0..resources.len()).all(|on| {
                grants.clone().any(|grant| has(&grant.people, who) && has(&grant.resources, on))
            })
        })
    };
    let dropped = actions.iter().enumerate().filter(|(i, _)| !is_kept(*i));
    dropped.map(|(_, text)| (*text).to_owned()).collect()
}

/// What a new statement covers of an old one, place by place.
struct Grant {
    actions: Vec<bool>,
    people: Vec<bool>,
    resources: Vec<bool>,
}

fn texts<T>(elements: &[Element<T>]) -> Vec<&str> {
    elements.iter().flat_map(|element| &element.entries).map(|it| it.text.as_str()).collect()
}

fn named(elements: &[Element<PrincipalEntry>], people: &[&str]) -> Vec<bool> {
    let entries = elements.iter().filter(|it| !it.is_negated).flat_map(|it| &it.entries);
    let is_everyone = entries.clone().any(|it| it.value == PrincipalEntry::Everyone);
    let texts: BTreeSet<&str> = entries.map(|it| it.text.as_str()).collect();
    people.iter().map(|text| is_everyone || texts.contains(text)).collect()
}

/// Whether two statements list the same, in the same order.
fn says_the_same(old: &Statement, new: &Statement) -> bool {
    fn is_same<T>(old: &[Element<T>], new: &[Element<T>]) -> bool {
        let texts = |element: &Element<T>| -> Vec<String> {
            element.entries.iter().map(|entry| format!("{} {}", entry.suffix, entry.text)).collect()
        };
        let is_same = |(old, new): (&Element<T>, &Element<T>)| {
            old.is_negated == new.is_negated && texts(old) == texts(new)
        };
        old.len() == new.len() && old.iter().zip(new).all(is_same)
    }
    is_same(&old.principals, &new.principals)
        && is_same(&old.actions, &new.actions)
        && is_same(&old.resources, &new.resources)
        && is_same_condition(&old.conditions, &new.conditions)
}

fn is_same_condition(old: &[Condition], new: &[Condition]) -> bool {
    let key = |condition: &Condition| {
        let values: Vec<String> = condition.values.iter().map(|value| value.text.clone()).collect();
        (condition.operator_text.clone(), condition.key.clone(), values)
    };
    old.iter().map(key).collect::<Vec<_>>() == new.iter().map(key).collect::<Vec<_>>()
}

/// Which texts a list has, or covers by a pattern.
fn covered<T>(elements: &[Element<T>], texts: &[&str], has_case: bool) -> Vec<bool> {
    let fold = |text: &str| if has_case { text.to_owned() } else { text.to_ascii_lowercase() };
    let entries = elements.iter().filter(|it| !it.is_negated).flat_map(|it| &it.entries);
    let listed: BTreeSet<String> = entries.map(|entry| fold(&entry.text)).collect();
    let is_open = |text: &&String| text.contains('*') && !text.contains(['?', '$']);
    let patterns = listed.iter().filter(is_open);
    let patterns: Vec<Pattern> =
        patterns.map(|it| Pattern::new(it, Wildcards::Active, Variables::Nowhere)).collect();
    let is_few = patterns.len().saturating_mul(texts.len()) <= COMPARISONS_MAX;
    let is_all = listed.contains("*");
    let covers = |text: &&str| {
        let text = fold(text);
        is_all
            || listed.contains(&text)
            || (is_few && patterns.iter().any(|pattern| glob(pattern.symbols(), &text)))
    };
    texts.iter().map(covers).collect()
}
