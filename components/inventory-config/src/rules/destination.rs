//! Where reports go: the kind of destination, format, prefix, owner and encryption.

use stocktake_core::bucket::APPID_DIGITS_MAX;
use stocktake_core::configuration::{ID_CHARS_MAX, KEY_BYTES_MAX, ReportEncryption, ReportFormat};
use stocktake_core::finding::Dialect;

use super::bucket::{self, BUCKET_CHARS_MAX};
use super::document::free_text;
use super::draft::{Api, Draft, Given};
use super::walk::{
    At, DESTINATIONS, Member, Need, has, listed, members, one_of, report, text, word,
};
use crate::sink::Sink;
use crate::tree::Value;

/// The digits of an AWS account id.
const ACCOUNT_DIGITS: usize = 12;

/// The most digits of the UIN that owns a bucket of Tencent COS: as many as fit 64 bits.
const UIN_DIGITS_MAX: usize = 20;

/// The most bytes of an owner where the provider says nothing about its form: enough for any id.
const OWNER_BYTES_MAX: usize = 256;

/// What follows the prefix in the longest key of a report.
const REPORT_TAIL_BYTES_MAX: usize = "/".len()
    + BUCKET_CHARS_MAX
    + "/".len()
    + ID_CHARS_MAX
    + "/data/00000000-0000-0000-0000-000000000000.parquet".len();

/// The same in the form of Tencent COS.
const COS_REPORT_TAIL_BYTES_MAX: usize = "/".len()
    + APPID_DIGITS_MAX
    + "/".len()
    + BUCKET_CHARS_MAX
    + "/".len()
    + ID_CHARS_MAX
    + "/00000000000000000000000000000000.csv.gz".len();

/// The most bytes of a report prefix, so that the key of every file of every report is within S3's limit.
const REPORT_PREFIX_BYTES_MAX: usize = KEY_BYTES_MAX - REPORT_TAIL_BYTES_MAX;

/// The same in the form of Tencent COS.
const COS_REPORT_PREFIX_BYTES_MAX: usize = KEY_BYTES_MAX - COS_REPORT_TAIL_BYTES_MAX;

/// The most bytes of the id of a key; the limit of the AWS KMS API.
const KEY_ID_BYTES_MAX: usize = 2048;

/// The alias of the key that AWS manages for S3. Inventory needs one that the customer manages.
const AWS_MANAGED_KEY: &str = "alias/aws/s3";

const S3_DESTINATION: &[Member] =
    &[Member { name: "S3BucketDestination", need: Need::Required, expected: bucket_destinations }];

const COS_DESTINATION: &[Member] =
    &[Member { name: "COSBucketDestination", need: Need::Required, expected: bucket_destinations }];

const EITHER_DESTINATION: &[Member] = &[
    Member { name: "S3BucketDestination", need: Need::Optional, expected: bucket_destinations },
    Member { name: "COSBucketDestination", need: Need::Optional, expected: bucket_destinations },
];

const S3_BUCKET: &[Member] = &[
    Member { name: "AccountId", need: Need::Optional, expected: accounts },
    Member { name: "Bucket", need: Need::Required, expected: bucket::s3_names },
    Member { name: "Format", need: Need::Required, expected: formats },
    Member { name: "Prefix", need: Need::Optional, expected: prefixes },
    Member { name: "Encryption", need: Need::Optional, expected: encryptions },
];

/// `CoreWeave` encrypts every bucket and lets nobody choose.
const COREWEAVE_BUCKET: &[Member] = &[
    Member { name: "AccountId", need: Need::Optional, expected: accounts },
    Member { name: "Bucket", need: Need::Required, expected: bucket::s3_names },
    Member { name: "Format", need: Need::Required, expected: formats },
    Member { name: "Prefix", need: Need::Optional, expected: prefixes },
];

const COS_BUCKET: &[Member] = &[
    Member { name: "AccountId", need: Need::Optional, expected: uins },
    Member { name: "Bucket", need: Need::Required, expected: bucket::cos_names },
    Member { name: "Format", need: Need::Required, expected: formats },
    Member { name: "Prefix", need: Need::Optional, expected: cos_prefixes },
    Member { name: "Encryption", need: Need::Optional, expected: encryptions },
];

const AWS_ENCRYPTION: &[Member] = &[
    Member { name: "SSES3", need: Need::Optional, expected: encryptions },
    Member { name: "SSEKMS", need: Need::Optional, expected: encryptions },
];

const COS_ENCRYPTION: &[Member] =
    &[Member { name: "SSECOS", need: Need::Optional, expected: encryptions }];

const ANY_ENCRYPTION: &[Member] = &[
    Member { name: "SSES3", need: Need::Optional, expected: encryptions },
    Member { name: "SSEKMS", need: Need::Optional, expected: encryptions },
    Member { name: "SSECOS", need: Need::Optional, expected: encryptions },
];

const SSE_KMS: &[Member] = &[Member { name: "KeyId", need: Need::Required, expected: key_ids }];

pub(super) fn expected(dialect: Dialect) -> String {
    match dialect {
        Dialect::Any => {
            format!("an object with one member of {}", listed(DESTINATIONS.into_iter()))
        }
        Dialect::Aws | Dialect::Coreweave => {
            "an object with the member `S3BucketDestination`".to_owned()
        }
        Dialect::Cos => "an object with the member `COSBucketDestination`".to_owned(),
    }
}

pub(super) fn judge(sink: &mut Sink, at: At<'_>, draft: &mut Draft) {
    let known = match at.dialect {
        Dialect::Aws | Dialect::Coreweave => S3_DESTINATION,
        Dialect::Cos => COS_DESTINATION,
        Dialect::Any => EITHER_DESTINATION,
    };
    if at.dialect == Dialect::Any && matches!(at.node.value, Value::Object(_)) {
        exactly_one(sink, at, known);
    }
    members(sink, at.pointer, at.node, known, |sink, at| {
        let api = if at.name == "COSBucketDestination" { Api::Cos } else { Api::S3 };
        draft.apis.push(api);
        draft.destination_mark = sink.mark();
        let known = match (api, at.dialect) {
            (Api::Cos, _) => COS_BUCKET,
            (Api::S3, Dialect::Coreweave) => COREWEAVE_BUCKET,
            (Api::S3, _) => S3_BUCKET,
        };
        members(sink, at.pointer, at.node, known, |sink, at| member(sink, at, api, draft));
    });
}

fn member(sink: &mut Sink, at: At<'_>, api: Api, draft: &mut Draft) {
    match at.name {
        "AccountId" => draft.account_id = Given::judged(text(sink, at, owner(api, at.dialect))),
        "Bucket" => draft.bucket = bucket::judge(sink, at, api),
        "Format" => draft.format = word(sink, at, formats_of(at.dialect), ReportFormat::word),
        "Prefix" => {
            let bytes_max = match api {
                Api::S3 => REPORT_PREFIX_BYTES_MAX,
                Api::Cos => COS_REPORT_PREFIX_BYTES_MAX,
            };
            draft.prefix =
                Given::judged(text(sink, at, |text| free_text(at.name, text, bytes_max)));
            draft.destination_mark = sink.mark();
        }
        "Encryption" => draft.encryption = Given::judged(encryption(sink, at)),
        _ => {}
    }
}

/// Reports an object that has none of the known members, or several.
fn exactly_one(sink: &mut Sink, at: At<'_>, known: &'static [Member]) {
    let count = known.iter().filter(|member| has(at.node, member.name)).count();
    let which = match count {
        0 => "no kind",
        1 => return,
        2 => "two kinds",
        _ => "more than two kinds",
    };
    report(sink, at.pointer, at.problem(format!("`{}` names {which}", at.name)));
}

fn owner(api: Api, dialect: Dialect) -> fn(&str) -> Result<String, String> {
    match (api, dialect) {
        (Api::Cos, _) => uin,
        (Api::S3, Dialect::Aws) => account,
        (Api::S3, _) => any_owner,
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == ACCOUNT_DIGITS && is_digits(text) {
        return Ok(text.to_owned());
    }
    Err(format!("`AccountId` does not have {ACCOUNT_DIGITS} digits"))
}

fn uin(text: &str) -> Result<String, String> {
    if (1..=UIN_DIGITS_MAX).contains(&text.len()) && is_digits(text) {
        return Ok(text.to_owned());
    }
    Err(format!("`AccountId` is not 1 to {UIN_DIGITS_MAX} digits"))
}

fn any_owner(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("`AccountId` is empty".to_owned());
    }
    free_text("AccountId", text, OWNER_BYTES_MAX)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn encryption(sink: &mut Sink, at: At<'_>) -> Option<ReportEncryption> {
    let known = match at.dialect {
        Dialect::Aws | Dialect::Coreweave => AWS_ENCRYPTION,
        Dialect::Cos => COS_ENCRYPTION,
        Dialect::Any => ANY_ENCRYPTION,
    };
    if matches!(at.node.value, Value::Object(_)) {
        exactly_one(sink, at, known);
    }
    let mut found = None;
    members(sink, at.pointer, at.node, known, |sink, at| match at.name {
        "SSEKMS" => members(sink, at.pointer, at.node, SSE_KMS, |sink, at| {
            found = text(sink, at, key_id).map(ReportEncryption::SseKms);
        }),
        name => {
            members(sink, at.pointer, at.node, &[], |_, _| {});
            let is_cos = name == "SSECOS";
            found = Some(if is_cos { ReportEncryption::SseCos } else { ReportEncryption::SseS3 });
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

/// The formats of a dialect, in the order in which its provider lists them.
fn formats_of(dialect: Dialect) -> &'static [ReportFormat] {
    match dialect {
        Dialect::Aws => &[ReportFormat::Csv, ReportFormat::Orc, ReportFormat::Parquet],
        Dialect::Cos => &[ReportFormat::Csv],
        Dialect::Coreweave | Dialect::Any => ReportFormat::ALL,
    }
}

fn bucket_destinations(_: Dialect) -> String {
    "an object with at least `Bucket` and `Format`".to_owned()
}

fn accounts(dialect: Dialect) -> String {
    match dialect {
        Dialect::Aws => format!("{ACCOUNT_DIGITS} digits in quotes"),
        _ => format!("the id of an account, at most {OWNER_BYTES_MAX} bytes"),
    }
}

fn uins(_: Dialect) -> String {
    format!("the UIN of an account: 1 to {UIN_DIGITS_MAX} digits in quotes")
}

fn formats(dialect: Dialect) -> String {
    one_of(formats_of(dialect).iter().map(|case| case.word()))
}

fn prefixes(_: Dialect) -> String {
    format!(
        "text that XML can carry, at most {REPORT_PREFIX_BYTES_MAX} bytes, so that report keys fit {KEY_BYTES_MAX}"
    )
}

fn cos_prefixes(_: Dialect) -> String {
    format!(
        "text that XML can carry, at most {COS_REPORT_PREFIX_BYTES_MAX} bytes, so that report keys fit {KEY_BYTES_MAX}"
    )
}

fn encryptions(dialect: Dialect) -> String {
    let kinds = match dialect {
        Dialect::Aws | Dialect::Coreweave => {
            "exactly one of `SSES3` with `{}` and `SSEKMS` with `KeyId`"
        }
        Dialect::Cos => "`SSECOS` with `{}`",
        Dialect::Any => {
            "exactly one of `SSES3` with `{}`, `SSEKMS` with `KeyId` and `SSECOS` with `{}`"
        }
    };
    kinds.to_owned()
}

fn key_ids(_: Dialect) -> String {
    format!("the id of a key that you manage, at most {KEY_ID_BYTES_MAX} bytes")
}
