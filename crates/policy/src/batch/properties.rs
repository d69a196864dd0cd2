//! What holds for every question.

mod conditions;
mod naive;
mod questions;
mod recompute;

use proptest::prelude::*;

use super::*;
use crate::Decision;
use questions::{KEYS, NAMES, question, statements, statements_mut, values};

fn verdict(question: &Value) -> Verdict {
    decide(&question.to_string())
        .unwrap_or_else(|refusal| panic!("{}: {question}", refusal.message))
}

/// The greater, the more is allowed.
fn rank(decision: Decision) -> u8 {
    match decision {
        Decision::ExplicitDeny | Decision::ImplicitDeny => 0,
        Decision::Indeterminate => 1,
        Decision::Allowed => 2,
        Decision::InvalidDocument => panic!("no question has an invalid document"),
    }
}

proptest! {
    // Where two conditions meet the rest must match too, so that few questions are decided by them.
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_shortest_code_that_can_tell_says_the_same(question in question()) {
        let found = verdict(&question).decision.word();
        prop_assert_eq!(found, naive::decision(&question), "{}", question);
    }

    #[test]
    fn the_shortest_code_says_the_same_of_every_operator(question in conditions::one_test()) {
        let found = verdict(&question).decision.word();
        prop_assert_eq!(found, naive::decision(&question), "{}", question);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 20, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_statements_and_documents_does_not_matter(question in question()) {
        let mut reversed = question.clone();
        for list in ["identity", "organization"] {
            if let Some(Value::Array(documents)) = reversed["policies"].get_mut(list) {
                documents.reverse();
            }
        }
        for statements in statements_mut(&mut reversed) {
            statements.reverse();
        }
        prop_assert_eq!(verdict(&question).decision, verdict(&reversed).decision);
    }

    #[test]
    fn a_matching_denial_wins(question in question()) {
        let found = verdict(&question);
        let denies = found
            .trace
            .iter()
            .any(|step| !step.allows && step.outcome == crate::MatchOutcome::Match);
        let is_cos_root = found.assumed.iter().any(|tag| tag == "cos-root");
        let is_denied = found.decision == Decision::ExplicitDeny;
        prop_assert_eq!(is_denied, denies && !is_cos_root, "{} {:?}", question, found);
    }

    #[test]
    fn a_further_denial_allows_nothing_more(
        question in question(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut changed = question.clone();
        let mut all = statements_mut(&mut changed);
        prop_assume!(!all.is_empty());
        let place = at.index(all.len());
        let mut further = all[place][0].clone();
        let name = if further["Effect"].is_null() { "effect" } else { "Effect" };
        let is_cos = question["dialect"] == "cos";
        further[name] = json!(if is_cos { "deny" } else { "Deny" });
        all[place].push(further);
        prop_assert!(rank(verdict(&changed).decision) <= rank(verdict(&question).decision));
    }

    #[test]
    fn a_wider_grant_takes_nothing_away(
        question in question(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut wider = question.clone();
        let mut all: Vec<&mut Value> = statements_mut(&mut wider).into_iter().flatten().collect();
        all.retain(|statement| {
            let effect = statement.get("Effect").or(statement.get("effect"));
            effect.and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case("allow"))
        });
        prop_assume!(!all.is_empty());
        let place = at.index(all.len());
        questions::widen(all[place]);
        let (before, after) = (verdict(&question), verdict(&wider));
        prop_assert!(rank(after.decision) >= rank(before.decision), "{} {}", question, wider);
    }

    #[test]
    fn what_is_allowed_is_allowed_by_a_statement_of_a_gate(question in question()) {
        let found = verdict(&question);
        let has_allow = found
            .trace
            .iter()
            .any(|step| step.allows && step.outcome == crate::MatchOutcome::Match);
        let (principal, account) =
            (&question["request"]["principal"], &question["request"]["resource-account"]);
        let is_cos_root = question["dialect"] == "cos"
            && *principal == format!("qcs::cam::uin/{0}:uin/{0}", account.as_str().unwrap_or_default());
        let has_policy = question["policies"]["resource"].as_object().is_some();
        // A writer of the provider's at a bucket without a policy passes no statement.
        let is_open = question["dialect"] == "coreweave"
            && (!has_policy || *principal == "role/Object Storage Admin");
        if found.decision == Decision::Allowed && !is_cos_root && !is_open {
            prop_assert!(has_allow, "{}", question);
        }
        let is_explained = found.because.is_some() || found.decision != Decision::Allowed;
        prop_assert!(is_explained || is_cos_root || is_open);
    }

    #[test]
    fn the_deciding_statement_is_one_of_the_trace_and_pointers_lead_somewhere(question in question()) {
        let found = verdict(&question);
        let statements: usize = statements(&question).iter().map(Vec::len).sum();
        prop_assert_eq!(found.trace.len(), statements);
        if let Some(because) = &found.because {
            prop_assert!(found.trace.contains(because));
        }
        for step in &found.trace {
            let is_match = step.outcome == crate::MatchOutcome::Match;
            prop_assert_eq!(step.pointer.is_none(), is_match);
            let Some(pointer) = &step.pointer else { continue };
            let document = questions::document(&question, &step.document);
            prop_assert!(document.pointer(pointer).is_some(), "{} {}", pointer, document);
        }
    }

    #[test]
    fn the_decision_follows_from_the_trace(question in question()) {
        let found = verdict(&question);
        let is_known = question["request"]["resource-account"].is_string()
            && NAMES.iter().all(|name| question["policies"].get(name).is_some())
            && found.trace.iter().all(|step| step.outcome != crate::MatchOutcome::Unknown);
        prop_assume!(is_known);
        let expected = recompute::recomputed(&question, &found.trace);
        prop_assert_eq!(found.decision, expected, "{}", question);
    }

    #[test]
    fn the_same_statements_decide_alike_after_printing(question in question()) {
        let mut printed = question.clone();
        for list in ["identity", "organization"] {
            if let Some(Value::Array(documents)) = printed["policies"].get_mut(list) {
                for document in documents {
                    *document = json!(print(document));
                }
            }
        }
        if let Some(document @ Value::Object(_)) = printed["policies"].get_mut("resource") {
            *document = json!(print(document));
        }
        prop_assert_eq!(verdict(&question), verdict(&printed));
    }

    #[test]
    fn what_becomes_known_settles_and_never_overturns(
        question in question(),
        filling in prop::collection::vec(prop::option::of(values()), KEYS.len()),
    ) {
        let before = verdict(&question);
        let mut known = question.clone();
        let context = known["request"]["context"].as_object_mut().unwrap();
        let mut added = Vec::new();
        for (key, values) in KEYS.iter().zip(&filling) {
            // A principal of an organization tells it by its name.
            let is_told = *key == "cw:PrincipalOrgID" && question["dialect"] == "coreweave";
            let is_unknown = question["request"]["context"].get(*key).is_none()
                && question["request"]["context-complete"] == false
                && (!is_told || before.missing.iter().any(|missing| missing == key));
            if is_unknown {
                // Nothing, an empty list, tells that the key is absent.
                context.insert((*key).to_owned(), json!(values.clone().unwrap_or_default()));
                added.push(*key);
            }
        }
        let after = verdict(&known);
        let change = (rank(before.decision), rank(after.decision));
        prop_assert!(change.0 == 1 || change.0 == change.1, "{} {}", question, known);
        let is_settled = before.missing.iter().all(|missing| added.contains(&missing.as_str()));
        if is_settled {
            prop_assert!(after.decision != Decision::Indeterminate, "{:?} {}", after, known);
        }
        prop_assert_eq!(before.missing.is_empty(), before.decision != Decision::Indeterminate);
    }

    #[test]
    fn documents_that_become_known_never_overturn(
        question in question(),
        other in question(),
        name in prop::sample::select(&NAMES[..]),
    ) {
        prop_assume!(question["dialect"] == other["dialect"]);
        // Services and nobody in particular have no policies; those that are given for them deny all the same.
        let principal = question["request"]["principal"].as_str().unwrap();
        prop_assume!(name != "identity" || !["*", "s3.amazonaws.com"].contains(&principal));
        let mut unknown = question.clone();
        unknown["policies"].as_object_mut().unwrap().remove(name);
        let mut known = unknown.clone();
        if let Some(documents) = other["policies"].get(name) {
            known["policies"][name] = documents.clone();
        }
        let change = (rank(verdict(&unknown).decision), rank(verdict(&known).decision));
        prop_assert!(change.0 == 1 || change.0 == change.1, "{:?} {} {}", change, unknown, known);
    }

    #[test]
    fn a_name_is_no_wildcard(name in "[a*?$]{1,3}", key in "[a*?$]{1,3}") {
        let question = json!({
            "dialect": "aws",
            "policies": {"resource": {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
                "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}}},
            "request": {"principal": "*", "action": "s3:GetObject",
                "resource": format!("arn:aws:s3:::b/{key}"), "context": {"aws:username": name}},
        });
        prop_assert_eq!(verdict(&question).decision == Decision::Allowed, name == key);
    }
}

/// A document through the tree and back into text.
fn print(document: &Value) -> String {
    Node::read(&document.to_string(), DEPTH_MAX).unwrap().to_string()
}
