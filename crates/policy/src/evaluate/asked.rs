//! A request, looked at once.

use std::slice;

use stocktake_core::finding::Dialect;
use stocktake_core::policy::{Options, Request};

use crate::actions::{self, Level};
use crate::condition::{Circumstances, Known};
use crate::fold;
use crate::principal::is_coreweave_writer;

/// The key by which a policy of a bucket is restricted to organizations.
const ORGANIZATION_KEY: &str = "cw:PrincipalOrgID";

/// A request, and what follows from it alone.
pub(super) struct Asked<'r> {
    pub(super) request: &'r Request,
    pub(super) dialect: Dialect,
    /// What stands before the colon of the action.
    pub(super) service: &'r str,
    /// What stands behind it.
    pub(super) name: &'r str,
    /// What follows the fifth colon of the resource: a bucket, or a bucket and a key.
    pub(super) resource_name: &'r str,
    /// Whether the resource is a bucket for which `BUCKET/*` may stand.
    pub(super) is_on_bucket: bool,
    pub(super) star_covers_services: bool,
    /// Whether one of `CoreWeave`'s own writers asks.
    pub(super) is_coreweave_writer: bool,
    /// Whether the organization alone is asked.
    pub(super) exception: Exception,
}

/// What `CoreWeave` asks of the organization alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    None,
    /// To put a bucket's policy, so that a bad one can always be mended.
    PutPolicy,
    /// What is done to no bucket, so that only `*` is its resource.
    Global,
}

impl<'r> Asked<'r> {
    pub(super) fn new(request: &'r Request, dialect: Dialect, options: &Options) -> Self {
        let action = actions::bare(dialect, &request.action);
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        let resource = request.resource.as_str();
        let resource_name = resource.splitn(6, ':').nth(5).unwrap_or(resource);
        let level = actions::find(&request.action, dialect).map(|row| row.level);
        let is_bucket = !resource_name.is_empty() && !resource_name.contains(['/', '*']);
        let is_coreweave = dialect == Dialect::Coreweave;
        let is_global = is_coreweave
            && (service.eq_ignore_ascii_case("cwobject")
                || action.eq_ignore_ascii_case("s3:ListAllMyBuckets"));
        let is_put_policy = is_coreweave && action.eq_ignore_ascii_case("s3:PutBucketPolicy");
        let exception = match (is_global, is_put_policy) {
            (true, _) => Exception::Global,
            (false, true) => Exception::PutPolicy,
            (false, false) => Exception::None,
        };
        Self {
            request,
            dialect,
            service,
            name,
            resource_name,
            // In Tencent Cloud the pattern of objects is that of the bucket too, whatever is asked.
            is_on_bucket: is_bucket
                && (dialect == Dialect::Cos || level.is_none_or(|level| level == Level::Bucket)),
            star_covers_services: match dialect {
                Dialect::Any | Dialect::Aws => options.aws_star_covers_services,
                Dialect::Coreweave | Dialect::Cos => true,
            },
            is_coreweave_writer: is_coreweave
                && request.principal.arns.iter().any(|arn| is_coreweave_writer(arn)),
            exception,
        }
    }

    /// Whether two names of keys, services or actions are the same.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        if self.dialect == Dialect::Cos { one == other } else { fold::same(one, other) }
    }

    /// The account that owns the resource.
    pub(super) fn resource_account(&self) -> Option<&str> {
        self.request.resource_account.as_deref().or_else(|| self.text("aws:ResourceAccount"))
    }

    /// The account of the one who asks.
    pub(super) fn principal_account(&self) -> Option<&str> {
        self.request.principal.account.as_deref().or_else(|| self.text("aws:PrincipalAccount"))
    }

    /// The organization of the one who asks, which is part of its name. That of the provider's own writers is not
    /// documented.
    fn organization(&self) -> Known<'_> {
        match &self.request.principal.account {
            _ if self.is_coreweave_writer => Known::Unknown,
            Some(organization) => Known::Set(slice::from_ref(organization)),
            None if self.request.context_complete => Known::Absent,
            None => Known::Unknown,
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.known(key) {
            Known::Set([value]) => Some(value),
            Known::Set(_) | Known::Absent | Known::Unknown => None,
        }
    }
}

impl Circumstances for Asked<'_> {
    fn known(&self, key: &str) -> Known<'_> {
        let mut entries = self.request.context.iter();
        match entries.find(|entry| self.same(&entry.key, key)) {
            Some(entry) if entry.values.is_empty() => Known::Absent,
            Some(entry) => Known::Set(&entry.values),
            None if self.dialect == Dialect::Coreweave && fold::same(key, ORGANIZATION_KEY) => {
                self.organization()
            }
            None if self.request.context_complete => Known::Absent,
            None => Known::Unknown,
        }
    }
}
