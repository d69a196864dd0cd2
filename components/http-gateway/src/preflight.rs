//! Whether reports could be delivered, asked when a configuration is put.
//!
//! Amazon S3 and Tencent COS do not look. `CoreWeave` refuses a destination that its service may not write to. The
//! dialect `any` refuses one only where its bucket has a policy, and the policy denies it.

use stocktake_core::bucket::BucketName;
use stocktake_core::configuration::{Configuration, ReportFormat};
use stocktake_core::finding::Dialect;
use stocktake_core::timestamp::Millis;

use crate::access::{
    Access, COREWEAVE_WRITER, Decision, Principal, Question, owner, writer_dialect,
};
use crate::policies;
use crate::s3::{Code, Error};

/// The service that writes Amazon S3's reports.
const AWS_WRITER: &str = "s3.amazonaws.com";

/// The service that writes reports of Tencent COS.
const COS_WRITER: &str = "cos.cloud.tencent.com";

/// Refuses a configuration whose reports could not be delivered.
///
/// # Errors
/// `IllegalInventoryConfigurationException`; what the store answers.
pub(crate) fn check(
    access: Access<'_>,
    source: &str,
    configuration: &Configuration,
) -> Result<(), Error> {
    let dialect = access.settings.dialect;
    if matches!(dialect, Dialect::Aws | Dialect::Cos) {
        return Ok(());
    }
    let bucket = configuration.destination.bucket.as_str();
    let policy = match policies::current(access.services, bucket) {
        Err(error) if error.is_transient() => return Err(error.into()),
        // A policy that may not be read may say anything.
        policy => policy.ok().flatten(),
    };
    let refuse = |why: String| Err(Code::IllegalInventoryConfigurationException.because(why));
    let Some(policy) = policy else {
        return match dialect {
            Dialect::Coreweave => refuse(format!("no policy of `{bucket}` grants anything")),
            Dialect::Any | Dialect::Aws | Dialect::Cos => Ok(()),
        };
    };
    let Ok(source) = BucketName::parse_in(source, Dialect::Any) else { return Ok(()) };
    for question in questions(access, &source, configuration, &policy) {
        let ruling = access.services.authorizer.decide(&question);
        let is_refused = match ruling.decision {
            Decision::Allowed | Decision::Indeterminate => false,
            Decision::ExplicitDeny => true,
            // Tencent COS delivers without a grant.
            Decision::ImplicitDeny => question.dialect != Dialect::Cos,
            Decision::InvalidDocument => dialect == Dialect::Coreweave,
        };
        if is_refused {
            return refuse(format!(
                "{}: {:?}: {}",
                question.resource, ruling.decision, ruling.reason
            ));
        }
    }
    Ok(())
}

/// One question for each kind of file that a report of now would have.
fn questions(
    access: Access<'_>,
    source: &BucketName,
    configuration: &Configuration,
    policy: &str,
) -> Vec<Question> {
    let dialect = writer_dialect(access.settings.dialect, policy);
    let bucket = configuration.destination.bucket.as_str();
    let region = &access.settings.region;
    let (action, prefix) = match dialect {
        Dialect::Cos => {
            let appid = bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
            ("name/cos:PutObject", format!("qcs::cos:{region}:uid/{appid}:{bucket}/"))
        }
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => {
            ("s3:PutObject", format!("arn:aws:s3:::{bucket}/"))
        }
    };
    let keys = keys(source, configuration, access.moment.now.seconds);
    let question = |key: String| Question {
        principal: writer(dialect),
        action: action.to_owned(),
        resource: format!("{prefix}{key}"),
        resource_account: None,
        context: context(access, source, dialect),
        own: Vec::new(),
        bucket: Some(policy.to_owned()),
        bucket_name: Some(bucket.to_owned()),
        dialect,
    };
    keys.into_iter().map(question).collect()
}

/// The keys of a report, with a sample for what is drawn by lot.
fn keys(source: &BucketName, configuration: &Configuration, now_seconds: i64) -> Vec<String> {
    let base = configuration.report_base(source);
    let now = Millis::from_parts(now_seconds, 0).floor_to_minute();
    let ending = match configuration.destination.format {
        ReportFormat::Csv => "csv.gz",
        ReportFormat::Tsv => "tsv.gz",
        ReportFormat::Json => "json.gz",
        ReportFormat::Orc => "orc",
        ReportFormat::Parquet => "parquet",
    };
    let folder = now.folder();
    if configuration.form == stocktake_core::form::Form::Cos {
        let day: String = folder.chars().take(10).filter(char::is_ascii_digit).collect();
        return vec![
            format!("{base}/00000000000000000000000000000000.{ending}"),
            format!("{base}/{day}/manifest.json"),
            format!("{base}/{day}/manifest.checksum"),
        ];
    }
    vec![
        format!("{base}/data/00000000-0000-0000-0000-000000000000.{ending}"),
        format!("{base}/hive/dt={}/symlink.txt", now.partition()),
        format!("{base}/{folder}/manifest.json"),
        format!("{base}/{folder}/manifest.checksum"),
    ]
}

fn writer(dialect: Dialect) -> Principal {
    let service = match dialect {
        Dialect::Coreweave => {
            return Principal { arns: vec![COREWEAVE_WRITER.to_owned()], ..Principal::default() };
        }
        Dialect::Cos => COS_WRITER,
        Dialect::Any | Dialect::Aws => AWS_WRITER,
    };
    Principal { service: Some(service.to_owned()), ..Principal::default() }
}

/// What Amazon S3 says about itself when it delivers a report.
fn context(
    access: Access<'_>,
    source: &BucketName,
    dialect: Dialect,
) -> Vec<(String, Vec<String>)> {
    if dialect != Dialect::Aws {
        return Vec::new();
    }
    let mut known = vec![
        ("aws:SourceArn", source.arn()),
        ("s3:x-amz-acl", "bucket-owner-full-control".to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("aws:PrincipalIsAWSService", "true".to_owned()),
        ("aws:PrincipalServiceName", AWS_WRITER.to_owned()),
    ];
    known.extend(owner(access).map(|owner| ("aws:SourceAccount", owner.to_owned())));
    known.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}
