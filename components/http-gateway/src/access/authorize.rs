//! What a caller may do.

use stocktake_capabilities::Identity;
use stocktake_core::policy::{ContextEntry, Decision, Options, Request, TraceStep, Verdict};
use stocktake_core::timestamp::Millis;

use super::authenticate::Caller;
use super::operation::{Operation, resource};
use super::{form, own};
use crate::http::Head;
use crate::policies::{self, Kept};
use crate::s3::{Code, Error};
use crate::services::{Moment, Services};
use crate::settings::Settings;

/// What nothing settles but a decision of ours: `CoreWeave`'s guides grant permissions on a bucket as `bucket/*`.
const BUCKET_ACTION_ON_OBJECTS: &str = "undocumented:bucket-action-on-object-arn";

/// Keys that no request here has: there are no networks, sessions or organizations of Amazon Web Services.
const ABSENT: &[&str] = &[
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:TokenIssueTime",
    "aws:VpcSourceIp",
];

/// The header that says whose bucket the caller expects.
const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";

/// Who asks for something, and all that it is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    pub(crate) head: &'a Head,
    pub(crate) caller: &'a Caller,
    pub(crate) services: &'a Services<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) moment: &'a Moment,
}

/// Lets a caller pass, or not, by the policy that the bucket has now. `fields` are the optional fields of a configuration that is put.
///
/// # Errors
/// `AccessDenied`, also where the bucket belongs to somebody else than expected; what the store answers.
pub(crate) fn authorize(
    access: Access<'_>,
    operation: Operation,
    bucket: Option<&str>,
    fields: &[String],
) -> Result<(), Error> {
    let policy = match bucket {
        // A bucket that is to be made has no policy yet.
        Some(bucket) if operation != Operation::CreateBucket => {
            Some(policies::read(access.services, bucket)?)
        }
        _ => None,
    };
    let policy = policy.as_ref().and_then(Kept::policy);
    authorize_by(access, operation, bucket, policy, fields)
}

/// Lets a caller pass, or not, by the policy of the bucket as it was read. Whoever changes something by that sees to it
/// that the policy is the same when the change takes effect.
///
/// # Errors
/// `AccessDenied`, also where the bucket belongs to somebody else than expected.
pub(crate) fn authorize_by(
    access: Access<'_>,
    operation: Operation,
    bucket: Option<&str>,
    policy: Option<&str>,
    fields: &[String],
) -> Result<(), Error> {
    let owner = owner(access);
    let expected =
        access.head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(EXPECTED_OWNER));
    if bucket.is_some() && { expected }
        .any(|(_, value)| Some(value.trim_ascii()) != owner.map(str::as_bytes))
    {
        return Err(Code::AccessDenied.because("the bucket has another owner than expected"));
    }
    would_pass(access, operation, bucket, policy, fields)
}

/// Lets a caller pass, or not, where the bucket has this policy.
///
/// Judges once for each name that the provider has for the action, which is one for all calls but `HeadBucket`.
///
/// # Errors
/// `AccessDenied`.
pub(crate) fn would_pass(
    access: Access<'_>,
    operation: Operation,
    bucket: Option<&str>,
    policy: Option<&str>,
    fields: &[String],
) -> Result<(), Error> {
    let Access { caller, services, settings, .. } = access;
    let owner = owner(access);
    if operation.is_policy() && is_root_of(caller, owner) {
        return Ok(());
    }
    let (name, own) = match caller {
        Caller::Anonymous => ("", [].as_slice()),
        Caller::Known(identity) => (identity.principal.as_str(), identity.policies.as_slice()),
    };
    let dialect = form::of_request(settings.dialect, policy, own, name);
    let mut request = Request {
        principal: own::principal(caller),
        action: String::new(),
        resource: resource(bucket, dialect, &settings.region),
        resource_account: owner.map(str::to_owned),
        context: context(access, fields),
        context_complete: false,
    };
    let policies = own::policies(caller, dialect, policy);
    let options = Options { bucket: bucket.map(str::to_owned), ..Options::default() };
    let mut denied = None;
    let mut is_allowed = false;
    for action in operation.actions(dialect) {
        (*action).clone_into(&mut request.action);
        let verdict = services.policy_check.evaluate(&request, &policies, dialect, &options);
        match verdict.decision {
            Decision::ExplicitDeny | Decision::InvalidDocument => return Err(refusal(&verdict)),
            Decision::Allowed => is_allowed = true,
            Decision::Indeterminate if is_settled(&verdict) => is_allowed = true,
            Decision::Indeterminate | Decision::ImplicitDeny => denied = Some(verdict),
        }
    }
    match denied {
        Some(verdict) if !is_allowed => Err(refusal(&verdict)),
        _ if is_allowed => Ok(()),
        _ => Err(Code::AccessDenied.into()),
    }
}

/// The account that owns the buckets: the one that is set, else the caller's.
pub(crate) fn owner(access: Access<'_>) -> Option<&str> {
    let own = match access.caller {
        Caller::Anonymous => None,
        Caller::Known(identity) => Some(identity.account.as_str()),
    };
    access.settings.account.as_deref().or(own)
}

/// Whether the caller is the account that owns the bucket itself. Amazon S3 always lets it see to the bucket's policy.
fn is_root_of(caller: &Caller, owner: Option<&str>) -> bool {
    let Caller::Known(identity) = caller else { return false };
    owner.is_some_and(|owner| {
        identity.account == owner && identity.principal == format!("arn:aws:iam::{owner}:root")
    })
}

fn is_settled(verdict: &Verdict) -> bool {
    verdict.missing.len() == 1 && verdict.missing.iter().all(|tag| tag == BUCKET_ACTION_ON_OBJECTS)
}

/// The refusal, with the gate and the statement that decide for the log.
fn refusal(verdict: &Verdict) -> Error {
    let gate = verdict.gate.as_ref().map(|gate| format!("gate {gate}"));
    let because = verdict.because.as_ref().map(statement);
    let findings = verdict.findings.first().map(|finding| finding.message.clone());
    let findings = findings.filter(|_| verdict.decision == Decision::InvalidDocument);
    let missing = verdict.missing.join(", ");
    let missing = Some(missing).filter(|missing| !missing.is_empty());
    let reasons: Vec<String> = [gate, because, findings, missing].into_iter().flatten().collect();
    Code::AccessDenied.because(format!("{}: {}", verdict.decision.word(), reasons.join(", ")))
}

fn statement(step: &TraceStep) -> String {
    let TraceStep { document, index, element, .. } = step;
    match element {
        Some(element) => format!("statement {index} of {document} at {element}"),
        None => format!("statement {index} of {document}"),
    }
}

/// What is known of the circumstances.
fn context(access: Access<'_>, fields: &[String]) -> Vec<ContextEntry> {
    let Access { head, caller, moment, .. } = access;
    let now = Millis::from_parts(moment.now.seconds, moment.now.nanoseconds);
    let mut context = Vec::new();
    let mut put = |key: &str, values| context.push(ContextEntry { key: key.to_owned(), values });
    put("aws:CurrentTime", vec![now.rfc3339()]);
    put("aws:EpochTime", vec![moment.now.seconds.to_string()]);
    let header = |name| head.header(name).map(str::to_owned).into_iter().collect();
    put("aws:UserAgent", header("user-agent"));
    put("aws:Referer", header("referer"));
    if let Some(is_secure) = head.is_secure {
        put("aws:SecureTransport", vec![is_secure.to_string()]);
    }
    if let Some(address) = head.address {
        // Tencent COS has a name of its own for it.
        put("aws:SourceIp", vec![address.to_string()]);
        put("qcs:ip", vec![address.to_string()]);
    }
    put("aws:RequestedRegion", vec![access.settings.region.clone()]);
    put("aws:ResourceAccount", owner(access).map(str::to_owned).into_iter().collect());
    put("aws:PrincipalIsAWSService", vec!["false".to_owned()]);
    put("s3:x-amz-acl", header("x-amz-acl"));
    put("s3:InventoryAccessibleOptionalFields", fields.to_vec());
    for key in ABSENT {
        put(key, Vec::new());
    }
    match caller {
        Caller::Anonymous => put("aws:PrincipalType", vec!["Anonymous".to_owned()]),
        Caller::Known(Identity { principal, account, roles, .. }) => {
            put("aws:PrincipalArn", vec![principal.clone()]);
            put("aws:PrincipalAccount", vec![account.clone()]);
            put("cw:PrincipalOrgID", vec![account.clone()]);
            put(&format!("iam:{account}:groups"), roles.clone());
            let user = principal.split_once(":user/").map(|(_, path)| path);
            let name = user.and_then(|path| path.rsplit('/').next()).map(str::to_owned);
            put("aws:username", name.into_iter().collect());
        }
    }
    context
}
