//! The types of the contract and those of the logic, which say the same.

use stocktake_core::{finding, policy};

use super::bindings::exports::stocktake::functions::policy_check as wit;
use super::bindings::exports::stocktake::functions::types::{Dialect, Finding, Level};

pub(super) fn all<T, U: From<T>>(items: Vec<T>) -> Vec<U> {
    items.into_iter().map(Into::into).collect()
}

fn some<T, U: From<T>>(items: Option<Vec<T>>) -> Option<Vec<U>> {
    items.map(all)
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

/// Records whose fields have the same names on both sides, each with how it is converted: `as_is`, or a function.
macro_rules! record {
    ($from:path => $to:path { $($field:ident: $convert:path),+ $(,)? }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                Self { $($field: $convert(from.$field)),+ }
            }
        }
    };
}

fn as_is<T>(value: T) -> T {
    value
}

same!(Dialect => finding::Dialect { Any, Aws, Coreweave, Cos });
same!(finding::Dialect => Dialect { Any, Aws, Coreweave, Cos });
same!(finding::Level => Level { Error, Warning, Security, Info });
same!(wit::DocumentKind => policy::DocumentKind {
    BucketPolicy, IdentityPolicy, OrgPolicy, CamPolicy, TrustPolicy, KeyPolicy, InventoryConfig,
    LoggingConfig, AuditSettings,
});
same!(wit::BucketRole => policy::BucketRole { Source, Destination, Audit });
same!(policy::Decision => wit::Decision {
    Allowed, ExplicitDeny, ImplicitDeny, Indeterminate, InvalidDocument,
});
same!(policy::MatchOutcome => wit::MatchOutcome { Match, No, Unknown });
same!(policy::Change => wit::Change { Lost, Gained, Kept, Uncertain });

record!(wit::Document => policy::Document { name: as_is, kind: Into::into, text: as_is });
record!(wit::Options => policy::Options {
    aws_star_covers_services: as_is, bucket: as_is, tool: as_is,
});
record!(wit::Principal => policy::Principal {
    arns: as_is, short_forms: as_is, account: as_is, service: as_is,
});
record!(policy::Principal => wit::Principal {
    arns: as_is, short_forms: as_is, account: as_is, service: as_is,
});
record!(wit::ContextEntry => policy::ContextEntry { key: as_is, values: as_is });
record!(policy::ContextEntry => wit::ContextEntry { key: as_is, values: as_is });
record!(wit::Request => policy::Request {
    principal: Into::into, action: as_is, resource: as_is, resource_account: as_is, context: all,
    context_complete: as_is,
});
record!(policy::Request => wit::Request {
    principal: Into::into, action: as_is, resource: as_is, resource_account: as_is, context: all,
    context_complete: as_is,
});
record!(wit::Policies => policy::Policies {
    identity: some, bucket: some, organization: some,
});
record!(wit::Delivery => policy::Delivery {
    configurations: all, source: as_is, source_account: as_is, destination_account: as_is,
    source_region: as_is, destination_region: as_is, source_policy: some, destination_policy: some,
    organization: some, identity: some, role: some, key: some, managers: all, readers: all,
    at_seconds: as_is,
});
record!(policy::Verdict => wit::Verdict {
    decision: Into::into, gate: one, because: one, missing: as_is, assumed: as_is, trace: all,
    findings: all,
});
record!(policy::TraceStep => wit::TraceStep {
    document: text, index: as_is, sid: some_text, allows: as_is, outcome: Into::into,
    via_account: as_is, element: one, pointer: some_text,
});
record!(policy::JudgedRequest => wit::JudgedRequest {
    request: Into::into, verdict: Into::into,
});
record!(policy::DocumentPatch => wit::DocumentPatch { document: as_is, patch: as_is });
record!(policy::PreflightReport => wit::PreflightReport {
    writes: all, manage: all, read: all, findings: all, patches: all,
});
record!(policy::PermissionChange => wit::PermissionChange {
    who: as_is, action: as_is, change: Into::into,
});
record!(policy::Comparison => wit::Comparison {
    changes: all, findings: all, locks_out: as_is,
});
record!(finding::Finding => Finding {
    code: Into::into, level: Into::into, dialect: Into::into, document: as_is, pointer: as_is,
    message: as_is, value: as_is, allowed: as_is, suggestion: as_is, patch: as_is,
});

fn one<T, U: From<T>>(item: Option<T>) -> Option<U> {
    item.map(Into::into)
}

#[expect(clippy::needless_pass_by_value, reason = "fields are converted by value")]
fn text(text: std::sync::Arc<str>) -> String {
    text.as_ref().to_owned()
}

fn some_text(text: Option<std::sync::Arc<str>>) -> Option<String> {
    text.map(self::text)
}
