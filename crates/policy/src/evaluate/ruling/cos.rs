//! How Tencent Cloud decides.

use crate::condition::Truth;
use crate::principal::is_cos_root;

use super::super::asked::Asked;
use super::super::judge::Gate;
use super::{Account, Ruling, Votes, is_same};

/// Lets the policies of the sub-account and of the bucket vote.
///
/// - a statement that denies wins, except over the root account of the bucket's owner
/// - in one account either policy allows; across accounts the bucket's must, and that of the sub-account too, which the
///   root account of the other side does not need
pub(super) fn rule(asked: &Asked<'_>, identity: Votes, bucket: Votes) -> Ruling {
    let principal = &asked.request.principal;
    let new = |deny, allow, relevant| Ruling::new(asked.dialect, deny, allow, relevant);
    if principal.service.is_some() || principal.is_anonymous() {
        let mut relevant = vec![(Gate::Bucket, bucket)];
        let mut deny = bucket.deny;
        if identity.is_supplied {
            relevant.insert(0, (Gate::Identity, Votes { any: Truth::Yes, ..identity }));
            deny = deny.max(identity.deny);
        }
        let ruling = new(deny, bucket.any, relevant);
        return Ruling { passes: Some(Gate::Bucket), refuses: vec![Gate::Bucket], ..ruling };
    }
    let is_root = is_cos_root(principal);
    let own = if is_root { Truth::Yes } else { identity.any };
    let deny = identity.deny.max(bucket.deny);
    let relevant = vec![(Gate::Identity, identity), (Gate::Bucket, bucket)];
    let across = own.min(bucket.any);
    let is_spared = is_root && deny != Truth::No;
    let assumed = if is_spared { vec!["cos-root"] } else { Vec::new() };
    let owner = asked.request.resource_account.as_deref();
    match is_same(principal.account.as_deref(), owner) {
        Some(true) if is_root => Ruling { assumed, ..new(Truth::No, Truth::Yes, relevant) },
        Some(true) => {
            let last = if bucket.direct == Truth::Yes { Gate::Bucket } else { Gate::Identity };
            Ruling {
                passes: Some(last),
                refuses: vec![Gate::Identity, Gate::Bucket],
                account: Account::Delegates,
                ..new(deny, identity.any.max(bucket.direct), relevant)
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
            let within = if is_root { Truth::Yes } else { identity.any.max(bucket.direct) };
            // As the owner's root account it would pass whatever is denied.
            let deny = if is_root { deny.min(Truth::Unknown) } else { deny };
            let allow = if within == across { within } else { Truth::Unknown };
            Ruling {
                passes: Some(Gate::Bucket),
                refuses: vec![Gate::Identity, Gate::Bucket],
                account: Account::Unknown,
                assumed,
                missing: vec!["request:resource-account".to_owned()],
                ..new(deny, allow, relevant)
            }
        }
    }
}
