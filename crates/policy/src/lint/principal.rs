//! Principals: whether they are written so that they name somebody.

use serde_json::json;
use stocktake_core::finding::Dialect;
use stocktake_core::policy::DocumentKind;

use crate::model::{Element, Entry, PrincipalEntry, Statement};
use crate::nearest::nearest;
use crate::patch::replace;
use crate::principal::{
    Arn, CW_AUDIT_WRITER, CW_INVENTORY_WRITER, is_account, is_coreweave_writer, principal_named,
};
use crate::rules::{PC120, PC121, PC122, PC123, PC124, PC125};
use crate::sink::Draft;
use crate::tree::{Node, child, inline};

use super::{Lint, quoted};

/// The service that writes inventory reports in AWS.
pub(super) const AWS_INVENTORY: &str = "s3.amazonaws.com";

/// The service that writes access logs in AWS.
const AWS_LOGGING: &str = "logging.s3.amazonaws.com";

/// The service that takes the role for reports in Tencent Cloud.
const COS_SERVICE: &str = "cos.cloud.tencent.com";

/// Names that look like those of the services and are none.
const NO_SERVICES: &[(&str, &str)] = &[
    ("logging.amazonaws.com", AWS_LOGGING),
    ("s3-logging.amazonaws.com", AWS_LOGGING),
    ("s3.logging.amazonaws.com", AWS_LOGGING),
    ("inventory.s3.amazonaws.com", AWS_INVENTORY),
    ("s3-inventory.amazonaws.com", AWS_INVENTORY),
    ("inventory.amazonaws.com", AWS_INVENTORY),
];

/// Groups of `CoreWeave`'s console, which organization access policies do not take.
const CONSOLE_GROUPS: &[&str] = &["admin", "metal", "read", "write"];

pub(super) fn check(lint: &mut Lint<'_>, statement: &Statement) {
    if statement.principals.is_empty() && !lint.is_of_principal() && !lint.is_aws() {
        let message = "the statement has no principal, so it is for nobody";
        lint.sink.report(PC125, &statement.pointer, message, lint.at(&statement.pointer));
    }
    for element in &statement.principals {
        keys(lint, element);
        for entry in &element.entries {
            let pointer = format!("{}{}", element.pointer, entry.suffix);
            match lint.policy.dialect {
                Dialect::Any | Dialect::Aws => aws(lint, statement, element, entry, &pointer),
                Dialect::Coreweave if lint.is(DocumentKind::OrgPolicy) => {
                    organization(lint, entry, &pointer);
                }
                Dialect::Coreweave => coreweave(lint, entry, &pointer),
                Dialect::Cos => cos(lint, entry, &pointer),
            }
        }
    }
}

fn keys(lint: &mut Lint<'_>, element: &Element<PrincipalEntry>) {
    let Some(Node::Object(members)) = lint.at(&element.pointer) else { return };
    for (key, value) in members {
        let (is_known, allowed) = match lint.policy.dialect {
            Dialect::Any | Dialect::Aws => (
                matches!(key.as_str(), "AWS" | "Service" | "Federated" | "CanonicalUser"),
                "`AWS`, `Service`, `Federated` or `CanonicalUser`",
            ),
            Dialect::Coreweave => (matches!(key.as_str(), "CW" | "AWS"), "`CW` or `AWS`"),
            Dialect::Cos => (
                matches!(key.to_ascii_lowercase().as_str(), "qcs" | "service" | "federated"),
                "`qcs` or `service`",
            ),
        };
        if !is_known {
            let message = format!("`{}` is no kind of principal", inline(key));
            let draft = Draft::new(PC120, &child(&element.pointer, key), message).value(value);
            lint.sink.add(draft.allowed(allowed));
        }
    }
}

/// The key of `Principal` that an entry stands below.
fn key_of(entry: &Entry<PrincipalEntry>) -> &str {
    entry.suffix.split('/').nth(1).unwrap_or_default()
}

fn formless(lint: &mut Lint<'_>, text: &str, pointer: &str, meant: Option<&str>) {
    let message = format!("`{}` has no form that names a principal", inline(text));
    let draft = Draft::new(PC122, pointer, message).value(quoted(lint, pointer));
    lint.sink.add(match meant {
        Some(meant) => draft.suggest(&meant.into()).patch(vec![replace(pointer, meant)]),
        None => draft,
    });
}

fn wildcard(lint: &mut Lint<'_>, text: &str, pointer: &str) {
    let message = format!("`{}` names nobody, as wildcards in names are plain", inline(text));
    let draft = Draft::new(PC121, pointer, message).value(quoted(lint, pointer));
    lint.sink.add(draft.allowed("`*` alone, or a name without wildcards"));
}

fn aws(
    lint: &mut Lint<'_>,
    statement: &Statement,
    element: &Element<PrincipalEntry>,
    entry: &Entry<PrincipalEntry>,
    pointer: &str,
) {
    let text = entry.text.as_str();
    if text == "*" && key_of(entry) != "Service" {
        return;
    }
    match key_of(entry) {
        "Service" if text.contains(['*', '?']) => wildcard(lint, text, pointer),
        "Service" => {
            let meant = misspelt(text);
            let is_host = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"];
            if meant.is_some() || !is_host.iter().any(|domain| text.ends_with(domain)) {
                formless(lint, text, pointer, meant);
            }
        }
        "AWS" if text.starts_with("arn:aws:s3:::") => {
            bucket(lint, statement, element, entry, pointer);
        }
        "AWS" if text.contains(['*', '?']) => wildcard(lint, text, pointer),
        "AWS" if !is_aws_principal(text) => formless(lint, text, pointer, None),
        "" => formless(lint, text, pointer, None),
        _ => {}
    }
}

/// The service that is meant by a name that no service has.
fn misspelt(text: &str) -> Option<&'static str> {
    if let Some((_, meant)) = NO_SERVICES.iter().find(|(name, _)| *name == text) {
        return Some(meant);
    }
    if text.ends_with(".amazonaws.com") {
        return None;
    }
    match text {
        "s3" => Some(AWS_INVENTORY),
        "logging" | "logging.s3" => Some(AWS_LOGGING),
        text => nearest(text, [AWS_INVENTORY, AWS_LOGGING].into_iter()),
    }
}

/// Whether a text names a principal of AWS: an account, an ARN of IAM or STS, or the id that is left of a deleted one.
fn is_aws_principal(text: &str) -> bool {
    let is_id = text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_account(text) || is_id {
        return true;
    }
    let Some(arn) = Arn::parse(text) else { return false };
    let kinds = ["user/", "role/", "assumed-role/", "federated-user/"];
    let is_kind = arn.name == "root" || kinds.iter().any(|kind| arn.name.starts_with(kind));
    is_kind && (is_account(arn.account) || arn.account == "cloudfront")
}

/// The ARN of a bucket, where the service that writes for it is meant.
fn bucket(
    lint: &mut Lint<'_>,
    statement: &Statement,
    element: &Element<PrincipalEntry>,
    entry: &Entry<PrincipalEntry>,
    pointer: &str,
) {
    let message = format!(
        "`{}` is a bucket: reports are written by the service `{AWS_INVENTORY}`, for the source in `aws:SourceArn`",
        inline(&entry.text)
    );
    let meant = json!({"Service": AWS_INVENTORY});
    let draft = Draft::new(PC122, pointer, message).value(quoted(lint, pointer)).suggest(&meant);
    let is_bound = statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("aws:SourceArn")
            || condition.key.eq_ignore_ascii_case("aws:SourceAccount")
    });
    let is_alone = element.entries.len() == 1 && !element.is_negated && is_bound;
    lint.sink.add(if is_alone {
        draft.patch(vec![replace(&element.pointer, meant)])
    } else {
        draft
    });
}

fn coreweave(lint: &mut Lint<'_>, entry: &Entry<PrincipalEntry>, pointer: &str) {
    let text = entry.text.as_str();
    if text == "*" || is_coreweave_writer(text) {
        return;
    }
    if text.contains(['*', '?']) {
        return wildcard(lint, text, pointer);
    }
    if !text.contains(':')
        && matches!(text.split_once('/'), Some(("coreweave" | "role" | "saml", _)))
    {
        let message =
            format!("`{}` is the short form, for policies of the organization", inline(text));
        let draft = Draft::new(PC123, pointer, message).value(quoted(lint, pointer));
        lint.sink.add(draft.allowed("the full ARN"));
        return;
    }
    let is_known = Arn::parse(text).is_some_and(|arn| match arn.name.split_once('/') {
        Some(("coreweave" | "saml", name)) => !arn.account.is_empty() && !name.is_empty(),
        Some(("user", key)) => arn.account.is_empty() && !key.is_empty(),
        _ => false,
    });
    if !is_known {
        let meant = match text {
            text if !text.contains("static") => None,
            text if text.contains("inventory") => Some(CW_INVENTORY_WRITER),
            text if text.contains("audit") => Some(CW_AUDIT_WRITER),
            _ => None,
        };
        formless(lint, text, pointer, meant);
    }
}

fn organization(lint: &mut Lint<'_>, entry: &Entry<PrincipalEntry>, pointer: &str) {
    let text = entry.text.as_str();
    if text == "*" {
        return;
    }
    if text.starts_with("arn:") {
        let message = format!("`{}` is a full ARN, for policies of buckets", inline(text));
        let draft = Draft::new(PC123, pointer, message).value(quoted(lint, pointer));
        let short = principal_named(text, Dialect::Coreweave).short_forms.into_iter().next();
        let short = short.filter(|short| is_short(short));
        lint.sink.add(match short {
            Some(short) => {
                draft.suggest(&short.as_str().into()).patch(vec![replace(pointer, short)])
            }
            None => draft,
        });
        return;
    }
    let name = text.strip_prefix("group/").or_else(|| text.strip_prefix("role/")).unwrap_or(text);
    let is_group = text.starts_with("group/") || (name == text && CONSOLE_GROUPS.contains(&text));
    if is_group {
        let message =
            format!("`{}` is a group of the console, which is not taken here", inline(text));
        let draft = Draft::new(PC124, pointer, message).value(quoted(lint, pointer));
        lint.sink.add(draft.allowed("`coreweave/` and a user's id, or `role/` and a SAML group"));
    } else if !is_short(text) && !text.ends_with('*') {
        formless(lint, text, pointer, None);
    }
}

fn is_short(text: &str) -> bool {
    matches!(text.split_once('/'), Some(("coreweave" | "role", name)) if !name.is_empty())
}

fn cos(lint: &mut Lint<'_>, entry: &Entry<PrincipalEntry>, pointer: &str) {
    let text = entry.text.as_str();
    if key_of(entry).eq_ignore_ascii_case("service") {
        let domains = [".cloud.tencent.com", ".qcloud.com", ".tencentcloudapi.com"];
        if !domains.iter().any(|domain| text.ends_with(domain)) {
            let meant = if text == "cos" {
                Some(COS_SERVICE)
            } else {
                nearest(text, [COS_SERVICE].into_iter())
            };
            formless(lint, text, pointer, meant);
        }
    } else if !key_of(entry).eq_ignore_ascii_case("federated")
        && text != "*"
        && !text.starts_with("qcs::cam::")
    {
        formless(lint, text, pointer, None);
    }
}
