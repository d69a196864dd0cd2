//! Whether a policy locks somebody out, asked before it is put.
//!
//! Two things count, since the rest can be undone by whoever did it (docs/decisions/0013-policies-at-the-gateway.md): that
//! the caller could not change the policy again, and that those lose access whom a bucket is for that is in use or has a
//! policy. The first policy of a bucket that nobody uses yet takes from everybody whom it does not name, and is only told.

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{BucketRole, Change, Comparison, Document, Options, Replacement};
use stocktake_core::quote::inline;

use super::{About, Code, Error};
use crate::access::{
    Access, CONFIRM, Caller, Operation, bucket_policy, own_policies, principal, would_pass,
};
use crate::policies::Kept;
use crate::usage;

/// What our own header says to confirm it.
const LOCKOUT: &str = "lockout";

/// The header by which Amazon S3 lets callers confirm that they take the permission to change the policy from themselves;
/// the AWS CLI sends it with `--confirm-remove-self-bucket-access`. Source: `PutBucketPolicy` in the Amazon S3 API
/// reference.
const AWS_CONFIRM: (&str, &str) = ("x-amz-confirm-remove-self-bucket-access", "true");

/// How many of those who lose something are named.
const NAMED_MAX: usize = 3;

/// Refuses a policy that locks out whom the one `before` lets in, unless that is confirmed; returns what is wrong with it and with putting it.
///
/// # Errors
/// `PolicyLocksOut`; what the store answers.
pub(super) fn check_lockout(
    access: Access<'_>,
    before: &Kept,
    after: &Document,
    dialect: Dialect,
) -> Result<Vec<Finding>, Error> {
    let bucket = before.bucket();
    let role = usage::role(access.services, bucket)?;
    let before = before.policy().map(|text| bucket_policy("policy-before", text));
    let organization = own_policies(access.caller, dialect);
    let known = Some(access.caller).filter(|caller| **caller != Caller::Anonymous);
    let replacement = Replacement {
        bucket: bucket.to_owned(),
        role: role.unwrap_or(BucketRole::Source),
        before,
        after: Some(after.clone()),
        organization: Some(organization).filter(|_| dialect == Dialect::Coreweave),
        principals: known.map(principal).into_iter().collect(),
    };
    let comparison =
        access.services.policy_check.compare(&replacement, dialect, &Options::default());
    let could = |operation: &Operation| {
        would_pass(access, *operation, Some(bucket), Some(&after.text), &[]).is_ok()
    };
    let reason = if [Operation::PutPolicy, Operation::DeletePolicy].iter().any(could) {
        let is_settled = role.is_some() || replacement.before.is_some();
        (is_settled && comparison.locks_out).then(|| losses(role, &comparison))
    } else {
        Some("you could neither change nor delete this policy".to_owned())
    };
    match reason {
        Some(reason) if !is_confirmed(access) => {
            let message = format!(
                "The policy locks out: {reason}. To put it all the same, send the header {CONFIRM}: {LOCKOUT}, \
                 or --confirm-remove-self-bucket-access with the AWS CLI"
            );
            let about = About::Findings(comparison.findings);
            Err(Error { about, ..Code::PolicyLocksOut.saying(message) })
        }
        _ => Ok(comparison.findings),
    }
}

fn is_confirmed(access: Access<'_>) -> bool {
    [(CONFIRM, LOCKOUT), AWS_CONFIRM].into_iter().any(|(name, value)| {
        access.head.header(name).is_some_and(|given| given.eq_ignore_ascii_case(value))
    })
}

/// Who loses what, of a bucket that is in use or has a policy.
fn losses(role: Option<BucketRole>, comparison: &Comparison) -> String {
    let mut losers: Vec<(&str, Vec<&str>)> = Vec::new();
    for change in comparison.changes.iter().filter(|it| it.change == Change::Lost) {
        match losers.iter_mut().find(|(who, _)| *who == change.who) {
            Some((_, actions)) => actions.push(&change.action),
            None => losers.push((&change.who, vec![&change.action])),
        }
    }
    let named = losers.iter().take(NAMED_MAX);
    let named = named.map(|(who, what)| format!("{} would lose {}", inline(who), what.join(", ")));
    let named: Vec<String> = named.collect();
    let more = match losers.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let usage = match role {
        None => "it takes the place of another",
        Some(BucketRole::Source) => "reports list this bucket",
        Some(BucketRole::Destination) => "reports are delivered to this bucket",
        Some(BucketRole::Audit) => "audit logs are delivered to this bucket",
    };
    format!("{usage}, and {}{more}", named.join("; "))
}
