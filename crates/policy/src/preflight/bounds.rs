//! How long a report may be.
//!
//! Every decision comes with its request and a step for each statement, so a few configurations, principals and statements
//! multiply.

use std::sync::Arc;

use stocktake_core::finding::{Finding, Level};
use stocktake_core::policy::{Principal, REQUEST};

use crate::model::{Policy, Statement};
use crate::rules::PC001;

use super::Bench;
use super::people;

/// The longest report, in bytes of JSON as they are estimated before anything is decided.
///
/// Who answers over HTTP may answer 8 MiB. A hundred configurations with a hundred managers take some 2 MiB.
pub const REPORT_BYTES_MAX: usize = 6 << 20;

/// What a request and its decision take without names, steps and fields: some twenty context keys.
const DECISION_BYTES: usize = 2048;

/// What a step takes without its names.
const STEP_BYTES: usize = 150;

/// The finding about a delivery whose report would be too long.
pub(super) fn breach(bench: &Bench<'_>) -> Option<Finding> {
    let bytes = report_bytes(bench);
    if bytes <= REPORT_BYTES_MAX {
        return None;
    }
    let message = format!(
        "the report would have some {bytes} bytes, at most {REPORT_BYTES_MAX} are written; \
         ask about fewer configurations, managers or readers at once"
    );
    Some(Finding {
        code: PC001.code.into(),
        level: Level::Error,
        dialect: bench.dialect,
        document: REQUEST.to_owned(),
        pointer: String::new(),
        message,
        value: None,
        allowed: None,
        suggestion: None,
        patch: None,
    })
}

fn report_bytes(bench: &Bench<'_>) -> usize {
    let own = steps(bench.organization.as_ref()) + steps(bench.identity.as_ref());
    let source = own + steps(bench.source.as_ref());
    let destination = own + steps(bench.destination.as_ref()) + steps(bench.role.as_ref());
    let decision = |others: usize| DECISION_BYTES.saturating_add(others);
    let (mut bytes, mut key_bytes, mut keys) = (0_usize, 0_usize, 0_usize);
    for job in &bench.jobs {
        let actions = job.writer.actions().len();
        for key in &job.keys {
            let write = decision(destination + job.before.len() + job.bucket.len() + key.len());
            bytes = bytes.saturating_add(actions.saturating_mul(write));
            (key_bytes, keys) = (key_bytes + key.len(), keys + 1);
        }
    }
    let fields: usize = people::fields(bench).iter().map(String::len).sum();
    let actions = people::manage_actions(bench.dialect).len();
    for manager in &bench.delivery.managers {
        let managed = decision(source + fields + names(manager) + bench.delivery.source.len());
        bytes = bytes.saturating_add(actions.saturating_mul(managed));
    }
    for reader in people::readers(bench) {
        let read = decision(destination + names(&reader));
        bytes = bytes.saturating_add((keys + 1).saturating_mul(read)).saturating_add(key_bytes);
    }
    bytes
}

/// What a step for each statement takes.
fn steps(policies: Option<&Vec<Arc<Policy>>>) -> usize {
    let of = |policy: &Arc<Policy>| -> usize {
        let name = policy.name.len();
        policy.statements.iter().map(|statement| STEP_BYTES + name + longest(statement)).sum()
    };
    policies.into_iter().flatten().map(of).sum()
}

/// The longest pointer that a step may have, with the statement's id.
fn longest(statement: &Statement) -> usize {
    let conditions = statement.conditions.iter().map(|condition| condition.pointer.len());
    let pointer = conditions.max().unwrap_or(statement.pointer.len());
    pointer + statement.sid.as_ref().map_or(0, |sid| sid.len())
}

fn names(principal: &Principal) -> usize {
    let Principal { arns, short_forms, account, service } = principal;
    let lists = arns.iter().chain(short_forms).chain(account).chain(service);
    lists.map(String::len).sum()
}
