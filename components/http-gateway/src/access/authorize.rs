//! What a caller may do.

use stocktake_capabilities::Identity;
use stocktake_core::finding::Dialect;
use stocktake_core::timestamp::Millis;

use super::authenticate::Caller;
use super::form;
use super::operation::{Operation, resource};
use super::question::{Decision, Principal, Question, Ruling};
use crate::http::Head;
use crate::policies;
use crate::s3::{Code, Error};
use crate::services::{Moment, Services};
use crate::settings::Settings;

/// What stands for the own side of a caller that it allows everything.
const AWS_ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const COREWEAVE_ADMINISTRATOR: &str = r#"{"policy":{"version":"v1alpha1","name":"administrator","statements":[{"name":"all","effect":"Allow","actions":["s3:*","cwobject:*"],"resources":["*"],"principals":["*"]}]}}"#;
const COS_ADMINISTRATOR: &str =
    r#"{"version":"2.0","statement":[{"effect":"allow","action":["*"],"resource":["*"]}]}"#;

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

/// Lets a caller pass, or not. `fields` are the optional fields of a configuration that is put.
///
/// # Errors
/// `AccessDenied`, also where the bucket belongs to somebody else than expected; what the store answers.
pub(crate) fn authorize(
    access: Access<'_>,
    operation: Operation,
    bucket: Option<&str>,
    fields: &[String],
) -> Result<(), Error> {
    let Access { head, caller, services, settings, .. } = access;
    let owner = owner(access);
    let expected =
        head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(EXPECTED_OWNER));
    if bucket.is_some() && { expected }
        .any(|(_, value)| Some(value.trim_ascii()) != owner.map(str::as_bytes))
    {
        return Err(Code::AccessDenied.because("the bucket has another owner than expected"));
    }
    let policy = match bucket {
        // A bucket that is to be made has no policy yet.
        Some(bucket) if operation != Operation::CreateBucket => {
            policies::current(services, bucket)?
        }
        _ => None,
    };
    let (name, own) = match caller {
        Caller::Anonymous => ("", Vec::new()),
        Caller::Known(identity) => (identity.principal.as_str(), identity.policies.clone()),
    };
    let dialect = form::of_request(settings.dialect, policy.as_deref(), &own, name);
    if operation.is_policy() && is_root_of(caller, owner) {
        return Ok(());
    }
    let question = Question {
        principal: principal(caller),
        action: String::new(),
        resource: resource(bucket, dialect, &settings.region),
        resource_account: owner.map(str::to_owned),
        context: context(access, fields),
        own: own_side(caller, own, dialect),
        bucket: policy,
        bucket_name: bucket.map(str::to_owned),
        dialect,
    };
    let mut denied = None;
    let mut is_allowed = false;
    for action in operation.actions(dialect) {
        let ruling = services
            .authorizer
            .decide(&Question { action: (*action).to_owned(), ..question.clone() });
        match ruling.decision {
            Decision::ExplicitDeny | Decision::InvalidDocument => return Err(refusal(&ruling)),
            Decision::Allowed => is_allowed = true,
            Decision::Indeterminate if is_settled(&ruling) => is_allowed = true,
            Decision::Indeterminate | Decision::ImplicitDeny => denied = Some(ruling),
        }
    }
    match denied {
        Some(ruling) if !is_allowed => Err(refusal(&ruling)),
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

fn is_settled(ruling: &Ruling) -> bool {
    ruling.missing.len() == 1 && ruling.missing.iter().all(|tag| tag == BUCKET_ACTION_ON_OBJECTS)
}

fn refusal(ruling: &Ruling) -> Error {
    let missing = ruling.missing.join(", ");
    Code::AccessDenied.because(format!("{:?}: {} {missing}", ruling.decision, ruling.reason))
}

/// The policies of the caller's own side; an administrator's allow everything, whatever else they say.
fn own_side(caller: &Caller, mut own: Vec<String>, dialect: Dialect) -> Vec<String> {
    if let Caller::Known(Identity { administrator: true, .. }) = caller {
        own.push(
            match dialect {
                Dialect::Aws | Dialect::Any => AWS_ADMINISTRATOR,
                Dialect::Coreweave => COREWEAVE_ADMINISTRATOR,
                Dialect::Cos => COS_ADMINISTRATOR,
            }
            .to_owned(),
        );
    }
    own
}

/// Every name that policies may know a caller by.
fn principal(caller: &Caller) -> Principal {
    let Caller::Known(identity) = caller else { return Principal::default() };
    let Identity { principal, account, roles, .. } = identity;
    let mut arns = vec![principal.clone()];
    let mut short_forms = Vec::new();
    if let Some((_, user)) = principal.split_once(":coreweave/") {
        short_forms.push(format!("coreweave/{user}"));
    }
    for role in roles {
        arns.push(format!("arn:aws:iam::{account}:saml/{role}"));
        short_forms.push(format!("role/{role}"));
    }
    Principal { arns, short_forms, account: Some(account.clone()), service: None }
}

/// What is known of the circumstances.
fn context(access: Access<'_>, fields: &[String]) -> Vec<(String, Vec<String>)> {
    let Access { head, caller, moment, .. } = access;
    let now = Millis::from_parts(moment.now.seconds, moment.now.nanoseconds);
    let mut context = Vec::new();
    let mut put = |key: &str, values: Vec<String>| context.push((key.to_owned(), values));
    put("aws:CurrentTime", vec![now.rfc3339()]);
    put("aws:EpochTime", vec![moment.now.seconds.to_string()]);
    let header = |name| head.header(name).map(str::to_owned).into_iter().collect();
    put("aws:UserAgent", header("user-agent"));
    put("aws:Referer", header("referer"));
    if let Some(is_secure) = head.is_secure {
        put("aws:SecureTransport", vec![is_secure.to_string()]);
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
