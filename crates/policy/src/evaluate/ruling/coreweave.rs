//! How `CoreWeave` decides.

use crate::condition::Truth;

use super::super::asked::{Asked, Exception};
use super::super::judge::Gate;
use super::{Ruling, Votes, is_same};

/// The role that may do everything to the organization's keys and policies, and nothing to its objects.
const ADMIN: &str = "role/Object Storage Admin";

/// Lets the organization's policies vote, and then the bucket's.
///
/// - both gates must allow; a bucket without a policy allows, and one whose policy is silent refuses
/// - putting a bucket policy, listing all buckets and everything of `cwobject` is asked of the organization alone
/// - a bucket policy is put by the organization that owns the bucket; where either is not told, they count as the same
/// - the provider's own writers pass the gate of the organization, as they belong to none; what is asked of it alone is
///   not for them
pub(super) fn rule(
    asked: &Asked<'_>,
    organization: Votes,
    bucket: Votes,
    has_bucket_policy: bool,
) -> Ruling {
    let is_writer = asked.is_coreweave_writer;
    let skips_bucket = asked.exception != Exception::None;
    let mut relevant = Vec::new();
    let (mut first, mut deny) = (Truth::Yes, Truth::No);
    if !is_writer {
        relevant.push((Gate::Organization, organization));
        deny = organization.deny;
        first = organization.any;
        if asked.service.eq_ignore_ascii_case("cwobject")
            && asked.request.principal.short_forms.iter().any(|form| form == ADMIN)
        {
            first = Truth::Yes;
        }
    }
    if skips_bucket && (is_writer || is_foreign(asked)) {
        first = Truth::No;
    }
    let mut second = Truth::Yes;
    if !skips_bucket {
        relevant.push((Gate::Bucket, bucket));
        deny = deny.max(bucket.deny);
        if has_bucket_policy {
            second = bucket.any;
        }
    }
    let refuses = if first == Truth::No { Gate::Organization } else { Gate::Bucket };
    let passes = match (skips_bucket, has_bucket_policy) {
        (true, _) => Some(Gate::Organization),
        (false, true) => Some(Gate::Bucket),
        (false, false) => None,
    };
    let opens = Some(Gate::Organization).filter(|_| !is_writer);
    let assumed = if is_writer { vec!["cw-service-skips-org-gate"] } else { Vec::new() };
    let ruling = Ruling::new(asked.dialect, deny, first.min(second), relevant);
    Ruling { passes, opens, refuses: vec![refuses], assumed, ..ruling }
}

/// Whether somebody puts a policy to a bucket of another organization, or somebody of none does.
fn is_foreign(asked: &Asked<'_>) -> bool {
    let principal = &asked.request.principal;
    let owner = asked.request.resource_account.as_deref();
    asked.exception == Exception::PutPolicy
        && (principal.is_anonymous() || is_same(principal.account.as_deref(), owner) == Some(false))
}
