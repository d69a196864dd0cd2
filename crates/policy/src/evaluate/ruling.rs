//! From judged statements to a verdict. What is decided follows from how the statements were judged, who asks, whose the
//! resource is, and which documents are known.

mod aws;
mod coreweave;
mod cos;

use std::borrow::Cow;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{Decision, MatchOutcome, Verdict};

use crate::condition::Truth;

use super::asked::Asked;
use super::judge::{Gate, Judged};

/// The statements of one gate, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Votes {
    /// Whether one denies.
    deny: Truth,
    /// Whether one allows, naming the principal itself.
    direct: Truth,
    /// Whether one allows, be it the whole account.
    any: Truth,
    /// Whether the documents are known.
    is_supplied: bool,
}

/// What the gates decide, and which of them do.
#[derive(Debug)]
pub(super) struct Ruling {
    deny: Truth,
    allow: Truth,
    /// The gates whose statements and documents bear on the verdict, with their votes.
    relevant: Vec<(Gate, Votes)>,
    /// The last gate that lets the request pass by a statement.
    passes: Option<Gate>,
    /// The gate that lets the request pass where no statement of the last one does, as there is no document.
    opens: Option<Gate>,
    /// The gates of which one would have had to allow.
    refuses: Vec<Gate>,
    /// What it means to name the account alone.
    account: Account,
    /// What is unknown besides statements and documents.
    missing: Vec<String>,
    assumed: Vec<&'static str>,
    dialect: Dialect,
}

/// What a statement of the bucket does that allows an account and not the principal itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Account {
    /// It allows.
    Grants,
    /// It leaves it to the account's own policies.
    Delegates,
    /// One of both.
    Unknown,
}

/// Lets the gates of the dialect vote. `supplied` tells of which gates the documents are known, in the order of
/// [`Gate`].
pub(super) fn rule(
    asked: &Asked<'_>,
    judged: &[Judged],
    supplied: [bool; 3],
    has_bucket_policy: bool,
) -> Ruling {
    let [organization, identity, bucket] = supplied;
    let votes = |gate, is_supplied| Votes::count(judged, gate, is_supplied);
    let bucket = votes(Gate::Bucket, bucket);
    match asked.dialect {
        Dialect::Any | Dialect::Aws => aws::rule(asked, votes(Gate::Identity, identity), bucket),
        Dialect::Cos => cos::rule(asked, votes(Gate::Identity, identity), bucket),
        Dialect::Coreweave => {
            let organization = votes(Gate::Organization, organization);
            coreweave::rule(asked, organization, bucket, has_bucket_policy)
        }
    }
}

impl Votes {
    fn count(judged: &[Judged], gate: Gate, is_supplied: bool) -> Self {
        // A document that is not known may allow and may deny.
        let unread = if is_supplied { Truth::No } else { Truth::Unknown };
        let mut votes = Self { deny: unread, direct: unread, any: unread, is_supplied };
        for judged in judged.iter().filter(|judged| judged.gate == gate) {
            let truth = match judged.step.outcome {
                MatchOutcome::Match => Truth::Yes,
                MatchOutcome::No => Truth::No,
                MatchOutcome::Unknown => Truth::Unknown,
            };
            if !judged.step.allows {
                votes.deny = votes.deny.max(truth);
                continue;
            }
            votes.any = votes.any.max(truth);
            if !judged.step.via_account {
                votes.direct = votes.direct.max(truth);
            }
        }
        votes
    }
}

impl Ruling {
    /// A ruling by two gates.
    fn new(dialect: Dialect, deny: Truth, allow: Truth, relevant: Vec<(Gate, Votes)>) -> Self {
        Self {
            deny,
            allow,
            relevant,
            passes: None,
            opens: None,
            refuses: Vec::new(),
            account: Account::Grants,
            missing: Vec::new(),
            assumed: Vec::new(),
            dialect,
        }
    }

    /// The verdict, with the statement that decides.
    pub(super) fn verdict(self, judged: Vec<Judged>) -> Verdict {
        let decision = match (self.deny, self.allow) {
            (Truth::Yes, _) => Decision::ExplicitDeny,
            (_, Truth::No) => Decision::ImplicitDeny,
            (Truth::No, Truth::Yes) => Decision::Allowed,
            _ => Decision::Indeterminate,
        };
        let (gate, because) = match decision {
            Decision::ExplicitDeny => {
                let first = judged.iter().find(|judged| self.denies(judged));
                (first.map(|judged| judged.gate_name), first)
            }
            Decision::Allowed => self.passing(&judged),
            Decision::ImplicitDeny => self.closest(&judged),
            Decision::Indeterminate | Decision::InvalidDocument => self.doubtful(&judged),
        };
        let because = because.map(|judged| judged.step.clone());
        let missing = match decision {
            Decision::Indeterminate => self.missing(&judged),
            _ => Vec::new(),
        };
        let mut assumed: Vec<String> = judged
            .iter()
            .flat_map(|judged| &judged.assumed)
            .chain(&self.assumed)
            .map(|tag| (*tag).to_owned())
            .collect();
        assumed.sort_unstable();
        assumed.dedup();
        let trace = judged.into_iter().map(|judged| judged.step).collect();
        let findings = Vec::new();
        let gate = gate.map(Cow::Borrowed);
        Verdict { decision, gate, because, missing, assumed, trace, findings }
    }

    fn denies(&self, judged: &Judged) -> bool {
        judged.step.outcome == MatchOutcome::Match
            && !judged.step.allows
            && self.is_relevant(judged.gate)
    }

    fn is_relevant(&self, gate: Gate) -> bool {
        self.relevant.iter().any(|(relevant, _)| *relevant == gate)
    }

    /// The first statement of the last gate that allows.
    fn passing<'j>(&self, judged: &'j [Judged]) -> (Option<&'static str>, Option<&'j Judged>) {
        let Some(gate) = self.passes else { return (self.opens.map(word), None) };
        let found = judged.iter().find(|judged| {
            judged.gate == gate
                && judged.step.allows
                && judged.step.outcome == MatchOutcome::Match
                && (self.account != Account::Delegates || !judged.step.via_account)
        });
        (Some(found.map_or(word(gate), |judged| judged.gate_name)), found)
    }

    /// The statement of the refusing gates that came closest to allowing.
    fn closest<'j>(&self, judged: &'j [Judged]) -> (Option<&'static str>, Option<&'j Judged>) {
        let mut best: Option<&Judged> = None;
        for judged in judged {
            let is_closer = best.is_none_or(|best| judged.passed > best.passed);
            if judged.step.allows && self.refuses.contains(&judged.gate) && is_closer {
                best = Some(judged);
            }
        }
        let gate = self.refuses.first().copied().map(word);
        (best.map(|judged| judged.gate_name).or(gate), best)
    }

    /// The first statement that is uncertain, or the gate whose documents are not known.
    fn doubtful<'j>(&self, judged: &'j [Judged]) -> (Option<&'static str>, Option<&'j Judged>) {
        if let Some(first) = judged.iter().find(|judged| self.is_doubtful(judged)) {
            return (Some(first.gate_name), Some(first));
        }
        let unread = self.relevant.iter().find(|(_, votes)| !votes.is_supplied);
        (unread.map(|(gate, _)| word(*gate)), None)
    }

    /// Whether the verdict may depend on a statement of which it is uncertain that it applies.
    fn is_doubtful(&self, judged: &Judged) -> bool {
        let votes = self.relevant.iter().find(|(gate, _)| *gate == judged.gate);
        let Some((_, votes)) = votes else { return false };
        let matters = if judged.step.allows {
            // Where a gate or the whole surely allows, what else might does not matter.
            let (settled, counts) = match self.account {
                Account::Grants => (votes.any, true),
                Account::Delegates => (votes.direct, !judged.step.via_account),
                Account::Unknown => (votes.direct, true),
            };
            counts && settled != Truth::Yes && self.allow != Truth::Yes
        } else {
            true
        };
        judged.step.outcome == MatchOutcome::Unknown && matters
    }

    fn missing(&self, judged: &[Judged]) -> Vec<String> {
        let uncertain = judged.iter().filter(|judged| self.is_doubtful(judged));
        let mut missing: Vec<String> =
            uncertain.flat_map(|judged| judged.missing.clone()).collect();
        for (gate, votes) in &self.relevant {
            if !votes.is_supplied {
                missing.push(self.document(*gate).to_owned());
            }
        }
        missing.extend_from_slice(&self.missing);
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    fn document(&self, gate: Gate) -> &'static str {
        match (gate, self.dialect) {
            (Gate::Organization, _) => "document:org-policies",
            (Gate::Identity, Dialect::Cos) => "document:cam-policies",
            (Gate::Identity, _) => "document:identity-policies",
            (Gate::Bucket, _) => "document:bucket-policy",
        }
    }
}

fn word(gate: Gate) -> &'static str {
    match gate {
        Gate::Organization => "organization",
        Gate::Identity => "identity",
        Gate::Bucket => "bucket",
    }
}

/// Whether two accounts are the same; none where one of them is not known.
fn is_same(one: Option<&str>, other: Option<&str>) -> Option<bool> {
    Some(one? == other?)
}
