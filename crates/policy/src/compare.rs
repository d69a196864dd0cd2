//! What replacing a bucket's policy does: who gains, who loses, and whether those whom the bucket is for are locked out.
//!
//! Source: "Adding a bucket policy" in the Amazon S3 user guide: putting a policy replaces the whole document.

mod audience;
mod judge;

use std::collections::BTreeSet;
use std::sync::Arc;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{
    Change, Comparison, Decision, Document, Options, PermissionChange, Principal, Replacement,
    Request, Verdict,
};

use crate::evaluate::PolicySet;
use crate::model::Policy;
use crate::parse::parse;
use crate::preflight::{name_of, named, organization_of};
use crate::principal::principal_named;
use crate::tree::inline;
use audience::Action;

/// The most principals that are compared: each costs some ten decisions by either policy.
pub const PRINCIPALS_MAX: usize = 200;

/// Compares a bucket's policy before and after it is replaced.
///
/// In aws and cos, where a principal has policies of its own that are not told here, a permission that the bucket's policy
/// neither grants nor denies counts as one that is not there.
#[must_use]
pub fn compare(replacement: &Replacement, dialect: Dialect, options: &Options) -> Comparison {
    let bench = Bench::new(replacement, dialect, options);
    let actions = audience::actions(dialect);
    let people = bench.people();
    let mut changes = Vec::new();
    let mut drafts = Vec::new();
    let mut losers: Vec<(usize, Vec<Action>)> = Vec::new();
    for (place, person) in people.iter().enumerate() {
        let mut lost = Vec::new();
        for action in &actions {
            let (before, after) = bench.both(&person.principal, action);
            let change = change(&before, &after);
            let (who, name) = (person.name.clone(), action.name.to_owned());
            changes.push(PermissionChange { who, action: name, change });
            if change == Change::Lost {
                lost.push(*action);
            }
            if person.is_declared {
                drafts.extend(bench.declared(person, action, &after));
            }
        }
        if !lost.is_empty() {
            losers.push((place, lost));
        }
    }
    let locked = bench.locked(&people, &losers);
    let locks_out = locked.is_some();
    drafts.extend(locked);
    drafts.extend(bench.unread(&people, &actions));
    drafts.extend(bench.dropped());
    let findings = bench.findings(drafts);
    Comparison { changes, findings, locks_out }
}

fn change(before: &Verdict, after: &Verdict) -> Change {
    let is_open = |verdict: &Verdict| match verdict.decision {
        Decision::Allowed => Some(true),
        Decision::Indeterminate => None,
        Decision::ExplicitDeny | Decision::ImplicitDeny | Decision::InvalidDocument => Some(false),
    };
    match (is_open(before), is_open(after)) {
        (Some(true), Some(false)) => Change::Lost,
        (Some(false), Some(true)) => Change::Gained,
        (Some(one), Some(other)) if one == other => Change::Kept,
        _ => Change::Uncertain,
    }
}

/// Somebody whose permissions are compared.
struct Person {
    principal: Principal,
    name: String,
    /// Whether the request names them.
    is_declared: bool,
    /// Whether the policy until now does.
    is_named_before: bool,
}

/// Both states of the bucket.
struct Bench<'a> {
    replacement: &'a Replacement,
    dialect: Dialect,
    options: &'a Options,
    policies: [Option<Arc<Policy>>; 2],
    organization: Vec<Arc<Policy>>,
    sets: [PolicySet; 2],
    /// The account or organization that owns the bucket.
    owner: Option<String>,
}

impl<'a> Bench<'a> {
    fn new(replacement: &'a Replacement, dialect: Dialect, options: &'a Options) -> Self {
        let read = |document: &Document| Arc::new(parse(document, dialect));
        let policies =
            [replacement.before.as_ref().map(read), replacement.after.as_ref().map(read)];
        let is_coreweave = dialect == Dialect::Coreweave;
        let open = [audience::open_organization()];
        let documents = replacement.organization.as_deref().unwrap_or(&open);
        let organization: Vec<Arc<Policy>> =
            documents.iter().filter(|_| is_coreweave).map(read).collect();
        let set = |policy: &Option<Arc<Policy>>| {
            let documents = [
                Some(organization.clone()).filter(|_| is_coreweave),
                Some(Vec::new()).filter(|_| !is_coreweave),
                Some(policy.iter().cloned().collect()),
            ];
            PolicySet::new(dialect, options.clone(), documents)
        };
        let sets = [set(&policies[0]), set(&policies[1])];
        let accounts = replacement.principals.iter().filter_map(|it| it.account.clone());
        let owner = accounts.chain(audience::accounts(&policies)).next();
        Self { replacement, dialect, options, policies, organization, sets, owner }
    }

    /// Who is named in the request, in either policy or by the organization, and everybody else.
    fn people(&self) -> Vec<Person> {
        let [before, after] = &self.policies;
        let of = |policy: &Option<Arc<Policy>>| named(policy.iter().map(Arc::as_ref), self.dialect);
        let before = of(before);
        let declared = self.replacement.principals.iter().cloned();
        let organization = named(self.organization.iter().map(Arc::as_ref), self.dialect);
        let others = before.iter().cloned().chain(of(after)).chain(organization);
        let mut seen = BTreeSet::new();
        let mut people = Vec::new();
        for (principal, is_declared) in
            declared.map(|it| (it, true)).chain(others.map(|it| (it, false)))
        {
            let name = name_of(&principal).to_owned();
            let is_known = |people: &[Person]| {
                people.iter().any(|it| it.principal.short_forms == principal.short_forms)
                    && !principal.short_forms.is_empty()
            };
            if people.len() < PRINCIPALS_MAX && !is_known(&people) && seen.insert(name.clone()) {
                let is_named_before = before.iter().any(|it| name_of(it) == name);
                people.push(Person { principal, name, is_declared, is_named_before });
            }
        }
        people.push(self.everybody_else(&people));
        people
    }

    /// One who is named nowhere, for all of them.
    fn everybody_else(&self, people: &[Person]) -> Person {
        let owner = self.owner.clone();
        let names: Vec<&str> = people.iter().map(|it| it.name.as_str()).collect();
        let except = match names.as_slice() {
            [] => String::new(),
            names => format!(" except {}", inline(&names.join(", "))),
        };
        let of = owner.as_ref().map_or_else(|| "everybody".to_owned(), |it| format!("all of {it}"));
        let principal = match self.dialect {
            Dialect::Coreweave => {
                let id = audience::unnamed(&names);
                let arn =
                    format!("arn:aws:iam::{}:coreweave/{id}", owner.as_deref().unwrap_or("0"));
                Principal { account: owner.clone(), ..principal_named(&arn, self.dialect) }
            }
            Dialect::Any | Dialect::Aws | Dialect::Cos => {
                Principal { account: owner.clone(), ..Principal::default() }
            }
        };
        let name = format!("{of}{except}");
        let (is_declared, is_named_before) = (false, false);
        Person { principal, name, is_declared, is_named_before }
    }

    fn both(&self, principal: &Principal, action: &Action) -> (Verdict, Verdict) {
        let request = self.request(principal, action);
        let [before, after] = &self.sets;
        (before.verdict(&request), after.verdict(&request))
    }

    fn request(&self, principal: &Principal, action: &Action) -> Request {
        Request {
            principal: principal.clone(),
            action: action.name.to_owned(),
            resource: audience::resource(
                self.dialect,
                &self.replacement.bucket,
                action.is_on_objects,
            ),
            resource_account: self.owner.clone(),
            context: organization_of(self.dialect, principal),
            context_complete: false,
        }
    }
}

#[cfg(test)]
mod tests;
