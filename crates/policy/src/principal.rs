//! Who asks, and whom a policy names.
//!
//! Sources: "AWS JSON policy elements: Principal" and "IAM identifiers" in the AWS IAM user guide; "About bucket access
//! policies" and "About organization access policies" of `CoreWeave` AI Object Storage; "Access Policy Language
//! Overview" of Tencent Cloud COS.

use stocktake_core::finding::Dialect;
use stocktake_core::policy::Principal;

use crate::model::PrincipalEntry;

/// `CoreWeave`'s writer of inventory reports. Its shape is not that of [`CW_AUDIT_WRITER`].
pub(crate) const CW_INVENTORY_WRITER: &str = "arn:aws:iam::static:role/static/inventory";

/// `CoreWeave`'s writer of audit logs.
pub(crate) const CW_AUDIT_WRITER: &str = "arn:aws:iam::coreweave:static/audit-logs";

/// Hosts that sign in web users and are no services of AWS, though one is called so.
const WEB_IDENTITY_AWS: &str = "cognito-identity.amazonaws.com";

/// Where services have their names.
const SERVICE_DOMAINS: &[&str] =
    &[".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".tencent.com"];

/// How a principal is named by an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    No,
    /// Only its account is.
    Account,
    Direct,
}

/// The principal that one ARN, host name or short form names: its account, service and short forms follow from it.
///
/// An empty text, `*` and `anonymous` are nobody in particular.
///
/// # Examples
/// ```
/// use stocktake_core::finding::Dialect;
/// use stocktake_policy::principal_named;
///
/// let session = "arn:aws:sts::111111111111:assumed-role/reader/s1";
/// let principal = principal_named(session, Dialect::Aws);
/// assert_eq!(principal.account.as_deref(), Some("111111111111"));
/// let user = principal_named("arn:aws:iam::0f3a9c:coreweave/uq7m2", Dialect::Coreweave);
/// assert_eq!(user.short_forms, ["coreweave/uq7m2"]);
/// ```
#[must_use]
pub fn principal_named(text: &str, dialect: Dialect) -> Principal {
    let is_nobody =
        matches!(text, "" | "*" | "anonymous") || (dialect == Dialect::Cos && is_public(text));
    if is_nobody {
        return Principal::default();
    }
    let exactly = Principal { arns: vec![text.to_owned()], ..Principal::default() };
    if is_coreweave_writer(text) {
        return Principal { service: text.split_once(":static").map(short_writer), ..exactly };
    }
    if let Some(rest) = text.strip_prefix("qcs::cam::uin/") {
        let account = rest.split(':').next().map(str::to_owned);
        return Principal { account, ..exactly };
    }
    if is_account(text) && dialect != Dialect::Coreweave {
        let root = format!("arn:aws:iam::{text}:root");
        return Principal {
            arns: vec![root],
            account: Some(text.to_owned()),
            ..Principal::default()
        };
    }
    if let Some(arn) = Arn::parse(text) {
        let account = (!arn.account.is_empty()).then(|| arn.account.to_owned());
        let short_forms = if dialect == Dialect::Coreweave { arn.short_form() } else { None };
        return Principal { account, short_forms: short_forms.into_iter().collect(), ..exactly };
    }
    let is_service = SERVICE_DOMAINS.iter().any(|domain| text.ends_with(domain));
    if is_service && text != WEB_IDENTITY_AWS {
        return Principal { service: Some(text.to_owned()), ..Principal::default() };
    }
    if dialect == Dialect::Coreweave {
        return Principal { short_forms: vec![text.to_owned()], ..Principal::default() };
    }
    exactly
}

/// Whether a principal is the root account of its owner in Tencent Cloud.
pub(crate) fn is_cos_root(principal: &Principal) -> bool {
    principal.account.as_deref().is_some_and(|owner| {
        principal.arns.iter().any(|arn| cos_root(arn).is_some_and(|root| root == owner))
    })
}

fn short_writer((_, rest): (&str, &str)) -> String {
    let name = rest.rsplit('/').next().unwrap_or_default();
    format!("static/{name}")
}

/// Whether a text is one of the two ARNs that `CoreWeave` writes as.
pub(crate) fn is_coreweave_writer(text: &str) -> bool {
    text == CW_INVENTORY_WRITER || text == CW_AUDIT_WRITER
}

/// Whether a text is the id of an AWS account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Everyone, in Tencent Cloud.
pub(crate) fn is_public(text: &str) -> bool {
    matches!(text, "qcs::cam::anonymous:anonymous" | "qcs::cam::anyone:anyone")
}

/// The owner whose root account a principal of Tencent Cloud is.
pub(crate) fn cos_root(text: &str) -> Option<&str> {
    let (owner, sub) = text.strip_prefix("qcs::cam::uin/")?.split_once(":uin/")?;
    (owner == sub).then_some(owner)
}

/// An ARN of IAM or STS.
pub(crate) struct Arn<'t> {
    partition: &'t str,
    service: &'t str,
    pub(crate) account: &'t str,
    pub(crate) name: &'t str,
}

impl<'t> Arn<'t> {
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let (arn, partition, service) = (next()?, next()?, next()?);
        let (region, account, name) = (next()?, next()?, next()?);
        let is_principal = arn == "arn"
            && region.is_empty()
            && matches!(service, "iam" | "sts")
            && !name.is_empty();
        is_principal.then_some(Self { partition, service, account, name })
    }

    /// The account whose root user this is, and with it everyone of the account.
    pub(crate) fn root_of(&self) -> Option<&'t str> {
        (self.service == "iam" && self.name == "root").then_some(self.account)
    }

    /// The name of a role, behind its path.
    pub(crate) fn role(&self) -> Option<&'t str> {
        let path = self.name.strip_prefix("role/").filter(|_| self.service == "iam")?;
        path.rsplit('/').next()
    }

    /// The name of the role that a session is of.
    fn role_of_session(&self) -> Option<&'t str> {
        let rest = self.name.strip_prefix("assumed-role/").filter(|_| self.service == "sts")?;
        rest.split_once('/').map(|(role, _)| role)
    }

    /// What organization access policies call a user or group.
    fn short_form(&self) -> Option<String> {
        match self.name.split_once('/')? {
            ("coreweave" | "role", _) => Some(self.name.to_owned()),
            ("saml", group) => Some(format!("role/{group}")),
            _ => None,
        }
    }
}

/// Whether an entry names a principal. `star_covers_services` tells whether everyone includes services.
pub(crate) fn names(
    entry: &PrincipalEntry,
    text: &str,
    principal: &Principal,
    star_covers_services: bool,
) -> Named {
    let direct = |named: bool| if named { Named::Direct } else { Named::No };
    match entry {
        PrincipalEntry::Everyone => direct(principal.service.is_none() || star_covers_services),
        PrincipalEntry::Account(account) => {
            let is_of_it = principal.account.as_ref() == Some(account);
            if is_of_it { Named::Account } else { Named::No }
        }
        PrincipalEntry::Exactly => {
            let mut known = principal.arns.iter().chain(&principal.short_forms);
            direct(known.any(|known| known == text))
        }
        PrincipalEntry::Role => {
            direct(principal.arns.iter().any(|arn| arn == text || is_session_of(arn, text)))
        }
        PrincipalEntry::Prefix(prefix) => {
            direct(principal.short_forms.iter().any(|known| known.starts_with(prefix.as_str())))
        }
        PrincipalEntry::Service => direct(principal.service.as_deref() == Some(text)),
        PrincipalEntry::Nobody => Named::No,
    }
}

/// Whether a session is of a role. The ARN of a session has the role's name without its path.
fn is_session_of(session: &str, role: &str) -> bool {
    let (Some(session), Some(role)) = (Arn::parse(session), Arn::parse(role)) else { return false };
    session.partition == role.partition
        && session.account == role.account
        && session.role_of_session().is_some_and(|name| role.role() == Some(name))
}
