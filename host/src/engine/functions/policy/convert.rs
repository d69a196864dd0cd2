//! The types of the contract and the plain ones, which say the same.

use stocktake_core::policy;

use super::super::{findings, policy_check as wit};

/// A replacement as the contract takes it apart.
pub(super) struct Replacement {
    pub(super) bucket: String,
    pub(super) role: wit::BucketRole,
    pub(super) before: Option<wit::Document>,
    pub(super) after: Option<wit::Document>,
    pub(super) organization: Option<Vec<wit::Document>>,
    pub(super) principals: Vec<wit::Principal>,
}

impl From<&policy::Replacement> for Replacement {
    fn from(from: &policy::Replacement) -> Self {
        Self {
            bucket: from.bucket.clone(),
            role: from.role.into(),
            before: from.before.as_ref().map(Into::into),
            after: from.after.as_ref().map(Into::into),
            organization: some_of(&from.organization),
            principals: all_of(&from.principals),
        }
    }
}

fn all_of<'a, T, U: From<&'a T>>(items: &'a [T]) -> Vec<U> {
    items.iter().map(Into::into).collect()
}

#[expect(clippy::ref_option, reason = "the macro hands on a reference to a field, whatever it is")]
fn some_of<'a, T, U: From<&'a T>>(items: &'a Option<Vec<T>>) -> Option<Vec<U>> {
    items.as_deref().map(all_of)
}

fn one<T, U: From<T>>(item: Option<T>) -> Option<U> {
    item.map(Into::into)
}

fn all<T, U: From<T>>(items: Vec<T>) -> Vec<U> {
    items.into_iter().map(Into::into).collect()
}

/// Enums whose cases have the same names on both sides.
macro_rules! same {
    ($from:path => $to:path { $($case:ident),+ $(,)? }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                type Source = $from;
                match from {
                    $(Source::$case => Self::$case,)+
                }
            }
        }
    };
}

/// What is asked: records whose fields have the same names on both sides, each with how it is copied.
macro_rules! asked {
    ($name:ident { $($field:ident: $convert:path),+ $(,)? }) => {
        impl From<&policy::$name> for wit::$name {
            fn from(from: &policy::$name) -> Self {
                Self { $($field: $convert(&from.$field)),+ }
            }
        }
    };
}

/// What is answered: likewise, each field with how it is converted.
macro_rules! answered {
    ($name:ident { $($field:ident: $convert:path),+ $(,)? }) => {
        impl From<wit::$name> for policy::$name {
            fn from(from: wit::$name) -> Self {
                Self { $($field: $convert(from.$field)),+ }
            }
        }
    };
}

fn as_is<T>(value: T) -> T {
    value
}

fn word<T: Copy, U: From<T>>(value: &T) -> U {
    (*value).into()
}

same!(policy::DocumentKind => wit::DocumentKind {
    BucketPolicy, IdentityPolicy, OrgPolicy, CamPolicy, TrustPolicy, KeyPolicy, InventoryConfig,
    LoggingConfig, AuditSettings,
});
same!(policy::BucketRole => wit::BucketRole { Source, Destination, Audit });
same!(wit::Decision => policy::Decision {
    Allowed, ExplicitDeny, ImplicitDeny, Indeterminate, InvalidDocument,
});
same!(wit::MatchOutcome => policy::MatchOutcome { Match, No, Unknown });
same!(wit::Change => policy::Change { Lost, Gained, Kept, Uncertain });

asked!(Document { name: Clone::clone, kind: word, text: Clone::clone });
asked!(Options {
    aws_star_covers_services: Clone::clone,
    bucket: Clone::clone,
    tool: Clone::clone
});
asked!(Principal {
    arns: Clone::clone,
    short_forms: Clone::clone,
    account: Clone::clone,
    service: Clone::clone,
});
asked!(ContextEntry { key: Clone::clone, values: Clone::clone });
asked!(Request {
    principal: Into::into,
    action: Clone::clone,
    resource: Clone::clone,
    resource_account: Clone::clone,
    context: all_of,
    context_complete: Clone::clone,
});
asked!(Policies { identity: some_of, bucket: some_of, organization: some_of });
asked!(Delivery {
    configurations: all_of,
    source: Clone::clone,
    source_account: Clone::clone,
    destination_account: Clone::clone,
    source_region: Clone::clone,
    destination_region: Clone::clone,
    source_policy: some_of,
    destination_policy: some_of,
    organization: some_of,
    identity: some_of,
    role: some_of,
    key: some_of,
    managers: all_of,
    readers: all_of,
    at_seconds: Clone::clone,
});

answered!(Principal { arns: as_is, short_forms: as_is, account: as_is, service: as_is });
answered!(ContextEntry { key: as_is, values: as_is });
answered!(Request {
    principal: Into::into,
    action: as_is,
    resource: as_is,
    resource_account: as_is,
    context: all,
    context_complete: as_is,
});
answered!(TraceStep {
    document: Into::into,
    index: as_is,
    sid: one,
    allows: as_is,
    outcome: Into::into,
    via_account: as_is,
    element: one,
    pointer: one,
});
answered!(Verdict {
    decision: Into::into,
    gate: one,
    because: one,
    missing: as_is,
    assumed: as_is,
    trace: all,
    findings: findings,
});
answered!(JudgedRequest { request: Into::into, verdict: Into::into });
answered!(DocumentPatch { document: as_is, patch: as_is });
answered!(PreflightReport {
    writes: all,
    manage: all,
    read: all,
    findings: findings,
    patches: all,
});
answered!(PermissionChange { who: as_is, action: as_is, change: Into::into });
answered!(Comparison { changes: all, findings: findings, locks_out: as_is });
