//! Where reports go: bucket, format, prefix and encryption.

use stocktake_core::bucket::{ARN_PREFIX, BucketName};
use stocktake_core::configuration::{ID_CHARS_MAX, KEY_BYTES_MAX, ReportEncryption, ReportFormat};

use super::document::free_text;
use super::draft::{Draft, Given};
use super::walk::{At, Member, Need, members, one_of, report, text, word};
use super::{CF110, CF111};
use crate::quote;
use crate::sink::Sink;
use crate::tree::Value;

/// The digits of an AWS account id.
const ACCOUNT_DIGITS: usize = 12;

/// The most characters of a bucket name.
const BUCKET_CHARS_MAX: usize = 63;

/// What follows the prefix in the longest key of a report.
const REPORT_TAIL_BYTES_MAX: usize = "/".len()
    + BUCKET_CHARS_MAX
    + "/".len()
    + ID_CHARS_MAX
    + "/data/00000000-0000-0000-0000-000000000000.parquet".len();

/// The most bytes of a report prefix, so that the key of every file of every report is within S3's limit.
const REPORT_PREFIX_BYTES_MAX: usize = KEY_BYTES_MAX - REPORT_TAIL_BYTES_MAX;

/// The most bytes of the id of a key; the limit of the AWS KMS API.
const KEY_ID_BYTES_MAX: usize = 2048;

/// The alias of the key that AWS manages for S3. Inventory needs one that the customer manages.
const AWS_MANAGED_KEY: &str = "alias/aws/s3";

const MEMBERS: &[Member] =
    &[Member { name: "S3BucketDestination", need: Need::Required, expected: bucket_destinations }];

const BUCKET: &[Member] = &[
    Member { name: "AccountId", need: Need::Optional, expected: accounts },
    Member { name: "Bucket", need: Need::Required, expected: arns },
    Member { name: "Format", need: Need::Required, expected: formats },
    Member { name: "Prefix", need: Need::Optional, expected: prefixes },
    Member { name: "Encryption", need: Need::Optional, expected: encryptions },
];

const ENCRYPTION: &[Member] = &[
    Member { name: "SSES3", need: Need::Optional, expected: encryptions },
    Member { name: "SSEKMS", need: Need::Optional, expected: encryptions },
];

const SSE_KMS: &[Member] = &[Member { name: "KeyId", need: Need::Required, expected: key_ids }];

pub(super) fn expected() -> String {
    "an object with the member `S3BucketDestination`".to_owned()
}

pub(super) fn judge(sink: &mut Sink, at: At<'_>, draft: &mut Draft) {
    members(sink, at.pointer, at.node, MEMBERS, |sink, at| {
        draft.destination_mark = sink.mark();
        members(sink, at.pointer, at.node, BUCKET, |sink, at| member(sink, at, draft));
    });
}

fn member(sink: &mut Sink, at: At<'_>, draft: &mut Draft) {
    match at.name {
        "AccountId" => draft.account_id = Given::judged(text(sink, at, account)),
        "Bucket" => draft.bucket = bucket(sink, at),
        "Format" => draft.format = word(sink, at, ReportFormat::ALL, ReportFormat::word),
        "Prefix" => {
            draft.prefix = Given::judged(text(sink, at, |text| {
                free_text(at.name, text, REPORT_PREFIX_BYTES_MAX)
            }));
            draft.destination_mark = sink.mark();
        }
        "Encryption" => draft.encryption = Given::judged(encryption(sink, at)),
        _ => {}
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == ACCOUNT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(format!("`AccountId` does not have {ACCOUNT_DIGITS} digits"))
}

fn bucket(sink: &mut Sink, at: At<'_>) -> Option<BucketName> {
    let given = text(sink, at, |text| Ok(text.to_owned()))?;
    let Some(name) = given.strip_prefix(ARN_PREFIX) else {
        let meant = name_in(&given).map(|name| quote::whole(&name.arn()));
        sink.report(CF110, at.pointer, at.problem(arn_problem(&given)).replace(meant));
        // A bare name may be wrong as well.
        if !given.contains(':') {
            bucket_name(sink, at, &given);
        }
        return None;
    };
    bucket_name(sink, at, name)
}

fn bucket_name(sink: &mut Sink, at: At<'_>, name: &str) -> Option<BucketName> {
    match BucketName::parse(name) {
        Ok(name) => Some(name),
        Err(error) => {
            // What follows a slash belongs into `Prefix`.
            let first = name.split('/').next().unwrap_or_default().to_ascii_lowercase();
            let meant = BucketName::parse(&first).ok().map(|name| quote::whole(&name.arn()));
            let problem = at.problem(error.to_string()).replace(meant);
            sink.report(CF111, at.pointer, problem);
            None
        }
    }
}

/// What keeps a text from being the ARN of a bucket.
fn arn_problem(text: &str) -> String {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "s3", region, account, _] if !region.is_empty() || !account.is_empty() => {
            let what = match (region.is_empty(), account.is_empty()) {
                (false, false) => "a region and an account",
                (false, true) => "a region",
                (true, _) => "an account",
            };
            format!("the ARN holds {what}, which the ARN of a bucket leaves empty")
        }
        ["arn", partition, "s3", ..] if *partition != "aws" => {
            format!("the ARN is of the partition `{}`, not `aws`", quote::inline(partition))
        }
        _ => "`Bucket` is not the ARN of a bucket".to_owned(),
    }
}

/// The bucket that a text seems to name: bare, as a URL, or in an ARN of another form.
fn name_in(text: &str) -> Option<BucketName> {
    let text = text.to_ascii_lowercase();
    let name = match text.split(':').collect::<Vec<_>>().as_slice() {
        [bare] => bare,
        ["s3", place] => place.strip_prefix("//")?.split('/').next()?,
        ["arn", _, "s3", .., name] => name,
        _ => return None,
    };
    BucketName::parse(name).ok()
}

fn encryption(sink: &mut Sink, at: At<'_>) -> Option<ReportEncryption> {
    if let Value::Object(given) = &at.node.value {
        let is_given = |name: &str| given.iter().any(|(given, _)| given == name);
        let count = ENCRYPTION.iter().filter(|member| is_given(member.name)).count();
        if count != 1 {
            let which = if count == 0 { "no kind" } else { "two kinds" };
            report(sink, at.pointer, at.problem(format!("`Encryption` names {which}")));
        }
    }
    let mut found = None;
    members(sink, at.pointer, at.node, ENCRYPTION, |sink, at| {
        if at.name == "SSEKMS" {
            members(sink, at.pointer, at.node, SSE_KMS, |sink, at| {
                found = text(sink, at, key_id).map(ReportEncryption::SseKms);
            });
        } else {
            members(sink, at.pointer, at.node, &[], |_, _| {});
            found = Some(ReportEncryption::SseS3);
        }
    });
    found
}

fn key_id(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("`KeyId` is empty".to_owned());
    }
    if text.ends_with(AWS_MANAGED_KEY) || text == "aws/s3" {
        return Err("`KeyId` names the key that AWS manages, which inventory cannot use".to_owned());
    }
    free_text("KeyId", text, KEY_ID_BYTES_MAX)
}

fn bucket_destinations() -> String {
    "an object with at least `Bucket` and `Format`".to_owned()
}

fn accounts() -> String {
    format!("{ACCOUNT_DIGITS} digits in quotes")
}

fn arns() -> String {
    format!(
        "`{ARN_PREFIX}` and a bucket name: 3 to {BUCKET_CHARS_MAX} of `a-z 0-9 . -`, first and last a letter or digit"
    )
}

fn formats() -> String {
    one_of(ReportFormat::ALL.iter().map(|case| case.word()))
}

fn prefixes() -> String {
    format!(
        "text that XML can carry, at most {REPORT_PREFIX_BYTES_MAX} bytes, so that report keys fit {KEY_BYTES_MAX}"
    )
}

fn encryptions() -> String {
    "exactly one of `SSES3` with `{}` and `SSEKMS` with `KeyId`".to_owned()
}

fn key_ids() -> String {
    format!("the id of a key that you manage, at most {KEY_ID_BYTES_MAX} bytes")
}
