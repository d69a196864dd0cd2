//! How AWS decides.

use crate::condition::Truth;

use super::super::asked::Asked;
use super::super::judge::Gate;
use super::{Account, Ruling, Votes, is_same};

/// Lets the policies of the principal and of the resource vote.
///
/// - a statement that denies wins, in whichever document it stands
/// - for a service and for nobody in particular the resource's policy alone allows
/// - in one account either policy does; that of the resource must name the principal itself, as naming the account
///   leaves it to the account's own policies
/// - across accounts both must, and naming the account is enough
pub(super) fn rule(asked: &Asked<'_>, identity: Votes, bucket: Votes) -> Ruling {
    let principal = &asked.request.principal;
    let new = |deny, allow, relevant| Ruling::new(asked.dialect, deny, allow, relevant);
    if principal.service.is_some() || principal.is_anonymous() {
        let mut relevant = vec![(Gate::Bucket, bucket)];
        let mut deny = bucket.deny;
        if identity.is_supplied {
            // Nobody has policies here, but a statement that denies wins wherever it stands.
            relevant.insert(0, (Gate::Identity, Votes { any: Truth::Yes, ..identity }));
            deny = deny.max(identity.deny);
        }
        let ruling = new(deny, bucket.any, relevant);
        return Ruling { passes: Some(Gate::Bucket), refuses: vec![Gate::Bucket], ..ruling };
    }
    let deny = identity.deny.max(bucket.deny);
    let relevant = vec![(Gate::Identity, identity), (Gate::Bucket, bucket)];
    let (within, across) = (identity.any.max(bucket.direct), identity.any.min(bucket.any));
    match is_same(asked.principal_account(), asked.resource_account()) {
        Some(true) => {
            let last = if bucket.direct == Truth::Yes { Gate::Bucket } else { Gate::Identity };
            Ruling {
                passes: Some(last),
                refuses: vec![Gate::Identity, Gate::Bucket],
                account: Account::Delegates,
                ..new(deny, within, relevant)
            }
        }
        Some(false) => Ruling {
            passes: Some(Gate::Bucket),
            refuses: if bucket.any == Truth::No {
                vec![Gate::Bucket]
            } else {
                vec![Gate::Identity]
            },
            ..new(deny, across, relevant)
        },
        None => {
            let mut missing = Vec::new();
            for (account, key) in [
                (asked.principal_account(), "aws:PrincipalAccount"),
                (asked.resource_account(), "aws:ResourceAccount"),
            ] {
                if account.is_none() {
                    missing.push(key.to_owned());
                }
            }
            let allow = if within == across { within } else { Truth::Unknown };
            Ruling {
                passes: Some(Gate::Bucket),
                refuses: vec![Gate::Identity, Gate::Bucket],
                account: Account::Unknown,
                missing,
                ..new(deny, allow, relevant)
            }
        }
    }
}
