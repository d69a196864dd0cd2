//! What is written: who writes which keys.

use std::sync::Arc;

use stocktake_core::configuration::{Configuration, ReportEncryption, ReportFormat, report_base};
use stocktake_core::finding::Dialect;
use stocktake_core::timestamp::Millis;

use crate::input::{ContextEntry, DocumentKind};
use crate::lint::ABSENT_FOR_SERVICES;
use crate::rules::{CF100, CF130};
use crate::sink::Draft;
use crate::tree::{DEPTH_MAX, Node, inline};

use super::Bench;
use super::who::Writer;

/// One configuration, as far as it bears on permissions.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) writer: Writer,
    /// What the configuration is called.
    pub(super) document: Arc<str>,
    /// The destination bucket.
    pub(super) bucket: String,
    /// What its name stands behind in a resource, such as `arn:aws:s3:::`.
    pub(super) before: String,
    /// What all of its keys begin with.
    pub(super) prefix: String,
    /// A sample of every kind of key.
    pub(super) keys: Vec<String>,
    /// The key that is encrypted with.
    pub(super) kms_key: Option<String>,
    /// What encryption is asked for.
    encryption: Option<&'static str>,
    /// The optional fields, as they are called.
    pub(super) fields: Vec<String>,
}

/// An id in the names of sample keys.
const ID: &str = "5f2c8a3e-6b1d-4e0f-9a7c-2d4b8e6f1a3c";

impl Job {
    pub(super) fn bucket_arn(&self) -> String {
        format!("{}{}", self.before, self.bucket)
    }

    /// The resource of a key.
    pub(super) fn arn(&self, key: &str) -> String {
        format!("{}{}/{key}", self.before, self.bucket)
    }

    /// The narrowest resource that holds all of its keys.
    pub(super) fn tight(&self) -> String {
        self.arn(&format!("{}*", self.prefix))
    }
}

/// What is known of the circumstances of a write.
pub(super) fn context(bench: &Bench<'_>, job: &Job) -> Vec<ContextEntry> {
    if !matches!(job.writer, Writer::AwsInventory | Writer::AwsLogs) {
        return Vec::new();
    }
    let entry = |key: &str, value: Option<&str>| ContextEntry {
        key: key.to_owned(),
        values: value.into_iter().map(str::to_owned).collect(),
    };
    let mut context = vec![
        entry("aws:SourceArn", Some(&format!("{}{}", job.before, bench.delivery.source))),
        entry("aws:SecureTransport", Some("true")),
        entry("aws:PrincipalIsAWSService", Some("true")),
        entry("aws:PrincipalServiceName", Some(job.writer.name())),
    ];
    if let Some(account) = &bench.delivery.source_account {
        context.push(entry("aws:SourceAccount", Some(account)));
    }
    if job.writer == Writer::AwsInventory {
        context.push(entry("s3:x-amz-acl", Some("bucket-owner-full-control")));
        context.push(entry("s3:x-amz-server-side-encryption", job.encryption));
        let key = job.kms_key.as_deref();
        context.push(entry("s3:x-amz-server-side-encryption-aws-kms-key-id", key));
    }
    context.extend(ABSENT_FOR_SERVICES.iter().map(|key| entry(key, None)));
    context
}

/// The jobs of a delivery; what cannot be read is told.
pub(super) fn read(bench: &mut Bench<'_>) -> Vec<Job> {
    let delivery = bench.delivery;
    let mut jobs = Vec::new();
    for document in &delivery.configurations {
        let read = match document.kind {
            DocumentKind::LoggingConfig => logs(bench, &document.text),
            DocumentKind::AuditSettings => audit(bench, &document.text),
            _ => inventory(bench, &document.name, &document.text),
        };
        match read {
            Ok(job) => jobs.push(Job { document: Arc::from(document.name.as_str()), ..job }),
            Err(message) => bench.report(&document.name, Draft::new(CF100, "", message)),
        }
    }
    jobs
}

/// What the name of a bucket stands behind.
fn before(bench: &Bench<'_>, bucket: &str, region: Option<&str>) -> String {
    let region = region.unwrap_or_default();
    if bench.dialect == Dialect::Cos {
        let appid = bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
        return format!("qcs::cos:{region}:uid/{appid}:");
    }
    let partition = match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:s3:::")
}

fn job(bench: &Bench<'_>, writer: Writer, bucket: &str, region: Option<&str>) -> Job {
    let region = region.or(bench.delivery.destination_region.as_deref());
    Job {
        writer,
        document: Arc::from(""),
        before: before(bench, bucket, region),
        bucket: bucket.to_owned(),
        prefix: String::new(),
        keys: Vec::new(),
        kms_key: None,
        encryption: None,
        fields: Vec::new(),
    }
}

fn inventory(bench: &mut Bench<'_>, name: &str, text: &str) -> Result<Job, String> {
    let configuration =
        Configuration::from_json(text).map_err(|error| inline(&error.to_string()))?;
    let destination = &configuration.destination;
    let bucket = destination.bucket.as_str();
    let writer = match bench.dialect {
        Dialect::Any | Dialect::Aws => Writer::AwsInventory,
        Dialect::Coreweave => Writer::CwInventory,
        Dialect::Cos => Writer::CosRole,
    };
    let region = match &destination.notation {
        stocktake_core::configuration::BucketNotation::Qcs { region } => Some(region.as_str()),
        _ => None,
    };
    let prefix = match destination.prefix.as_deref().unwrap_or_default() {
        "" => String::new(),
        prefix => format!("{}/", prefix.strip_suffix('/').unwrap_or(prefix)),
    };
    let filter = configuration.filter.prefix.as_deref().unwrap_or_default();
    let source = bench.delivery.source.as_str();
    let base = format!("{prefix}{source}/");
    if bucket == source && (base.starts_with(filter) || filter.starts_with(&base)) {
        let message = "the source is the destination, and its reports are among what is listed";
        bench.report(name, Draft::new(CF130, "", message));
    }
    let (encryption, kms_key) = match &destination.encryption {
        Some(ReportEncryption::SseKms(key)) => (Some("aws:kms"), Some(key.clone())),
        Some(ReportEncryption::SseS3) => (Some("AES256"), None),
        Some(ReportEncryption::SseCos) | None => (None, None),
    };
    Ok(Job {
        keys: inventory_keys(bench, &configuration, &prefix),
        prefix,
        encryption,
        kms_key,
        fields: configuration.optional_fields.iter().map(|it| it.name.to_owned()).collect(),
        ..job(bench, writer, bucket, region)
    })
}

fn inventory_keys(bench: &Bench<'_>, configuration: &Configuration, prefix: &str) -> Vec<String> {
    let at = Millis::from_parts(bench.delivery.at_seconds, 0);
    let (source, id) = (bench.delivery.source.as_str(), configuration.id.as_str());
    let extension = match configuration.destination.format {
        ReportFormat::Csv => "csv.gz",
        ReportFormat::Tsv => "tsv.gz",
        ReportFormat::Json => "json.gz",
        ReportFormat::Orc => "orc",
        ReportFormat::Parquet => "parquet",
    };
    if bench.dialect == Dialect::Cos {
        let appid = configuration.destination.name_and_appid().map_or("", |(_, appid)| appid);
        // Whether the source's name stands there with its APPID is not documented.
        let mut names = vec![source];
        names.extend(source.strip_suffix(&format!("-{appid}")));
        let day: String = at.folder().chars().filter(char::is_ascii_digit).take(8).collect();
        let keys = names.into_iter().flat_map(|name| {
            let base = report_base(Some(prefix), &format!("{appid}/{name}"), id);
            [
                format!("{base}/{}.csv.gz", ID.replace('-', "")),
                format!("{base}/{day}/manifest.json"),
                format!("{base}/{day}/manifest.checksum"),
            ]
        });
        return keys.collect();
    }
    let base = report_base(Some(prefix), source, id);
    let folder = at.folder();
    let mut keys = vec![
        format!("{base}/data/"),
        format!("{base}/data/{ID}.{extension}"),
        format!("{base}/{folder}/manifest.json"),
        format!("{base}/{folder}/manifest.checksum"),
        format!("{base}/hive/dt={}/symlink.txt", at.partition()),
    ];
    if bench.dialect == Dialect::Coreweave {
        // Its guide shows a manifest there, and the layout of Amazon S3 elsewhere.
        keys.push(format!("{prefix}manifest.json"));
    }
    keys
}

fn logs(bench: &Bench<'_>, text: &str) -> Result<Job, String> {
    let root = Node::read(text, DEPTH_MAX).map_err(|reason| inline(&reason))?;
    let enabled = root.member("LoggingEnabled").unwrap_or(&root);
    let text = |name: &str| enabled.member(name).and_then(Node::scalar);
    let bucket = text("TargetBucket").ok_or("`TargetBucket` is missing")?;
    let prefix = text("TargetPrefix").unwrap_or_default();
    let at = Millis::from_parts(bench.delivery.at_seconds, 0);
    let day = at.folder().get(..10).unwrap_or_default().to_owned();
    let name = format!("{day}-00-00-00-{}", ID.replace('-', "").to_uppercase());
    let format = enabled.member("TargetObjectKeyFormat");
    let key = if format.is_some_and(|format| format.member("PartitionedPrefix").is_some()) {
        let delivery = bench.delivery;
        let account = delivery.source_account.as_deref().unwrap_or("111122223333");
        let region = delivery.source_region.as_deref().unwrap_or("us-east-1");
        format!("{prefix}{account}/{region}/{}/{}/{name}", delivery.source, day.replace('-', "/"))
    } else {
        format!("{prefix}{name}")
    };
    Ok(Job { prefix, keys: vec![key], ..job(bench, Writer::AwsLogs, &bucket, None) })
}

fn audit(bench: &Bench<'_>, text: &str) -> Result<Job, String> {
    let root = Node::read(text, DEPTH_MAX).map_err(|reason| inline(&reason))?;
    if !matches!(root, Node::Object(_)) {
        return Err(format!("settings are an object, this is {}", root.kind()));
    }
    let owner = bench.delivery.destination_account.as_ref();
    let owner = owner.or(bench.delivery.source_account.as_ref());
    let organization = owner.ok_or("the organization is not told, so its bucket is not known")?;
    let at = Millis::from_parts(bench.delivery.at_seconds, 0);
    let folder = at.partition();
    let mut parts = folder.split('-');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let name = format!("{}/{}/{}/{}{}+{ID}.json", next(), next(), next(), next(), next());
    let keys = ["control-plane", "data-plane"]
        .into_iter()
        .flat_map(|plane| [format!("{plane}/{name}"), format!("{plane}/{name}.gz")]);
    let bucket = format!("cw-{organization}-audit-logs");
    Ok(Job { keys: keys.collect(), ..job(bench, Writer::CwAudit, &bucket, None) })
}
