//! What is written: who writes which keys.

use std::sync::Arc;

use stocktake_core::configuration::{ReportFormat, report_base};
use stocktake_core::finding::Dialect;
use stocktake_core::policy::ContextEntry;
use stocktake_core::timestamp::Millis;

use crate::configuration::{self, Inventory, Logging, Settings};
use crate::lint::ABSENT_FOR_SERVICES;
use crate::rules::{CF100, CF130};
use crate::sink::Draft;

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

/// The jobs of a delivery. What is wrong with its configurations is told.
pub(super) fn read(bench: &mut Bench<'_>) -> Vec<Job> {
    let delivery = bench.delivery;
    let mut jobs = Vec::new();
    for document in &delivery.configurations {
        let (settings, drafts) = configuration::read(document, bench.dialect, bench.options);
        for draft in drafts {
            bench.report(&document.name, draft);
        }
        let job = match settings {
            Some(Settings::Inventory(found)) => inventory(bench, &document.name, &found),
            Some(Settings::Logging(found)) => logs(bench, &found),
            Some(Settings::Audit) => match audit(bench) {
                Ok(job) => job,
                Err(message) => {
                    bench.report(&document.name, Draft::new(CF100, "", message));
                    continue;
                }
            },
            None => continue,
        };
        jobs.push(Job { document: Arc::from(document.name.as_str()), ..job });
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

fn inventory(bench: &mut Bench<'_>, name: &str, found: &Inventory) -> Job {
    let writer = match bench.dialect {
        Dialect::Any | Dialect::Aws => Writer::AwsInventory,
        Dialect::Coreweave => Writer::CwInventory,
        Dialect::Cos => Writer::CosRole,
    };
    let prefix = match found.prefix.as_str() {
        "" => String::new(),
        prefix => format!("{}/", prefix.strip_suffix('/').unwrap_or(prefix)),
    };
    let keys = inventory_keys(bench, found, &prefix);
    let filter = found.filter.as_str();
    // What is behind the id varies from report to report.
    let tail = format!("/{}/", found.id);
    let lists = |key: &String| {
        let base = key.rfind(&tail).and_then(|at| key.get(..at + tail.len()));
        key.starts_with(filter) || base.is_some_and(|base| filter.starts_with(base))
    };
    if found.bucket == bench.delivery.source && keys.iter().any(lists) {
        let message = "the source is the destination, and its reports are among what is listed";
        bench.report(name, Draft::new(CF130, "", message));
    }
    Job {
        keys,
        prefix,
        encryption: found.encryption,
        kms_key: found.kms_key.clone(),
        fields: found.fields.clone(),
        ..job(bench, writer, &found.bucket, found.region.as_deref())
    }
}

fn inventory_keys(bench: &Bench<'_>, found: &Inventory, prefix: &str) -> Vec<String> {
    let at = Millis::from_parts(bench.delivery.at_seconds, 0);
    let (source, id) = (bench.delivery.source.as_str(), found.id.as_str());
    let extension = match found.format {
        None | Some(ReportFormat::Csv) => "csv.gz",
        Some(ReportFormat::Tsv) => "tsv.gz",
        Some(ReportFormat::Json) => "json.gz",
        Some(ReportFormat::Orc) => "orc",
        Some(ReportFormat::Parquet) => "parquet",
    };
    if bench.dialect == Dialect::Cos {
        let appid = found.bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
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

fn logs(bench: &Bench<'_>, found: &Logging) -> Job {
    let at = Millis::from_parts(bench.delivery.at_seconds, 0);
    let day = at.folder().get(..10).unwrap_or_default().to_owned();
    let name = format!("{day}-00-00-00-{}", ID.replace('-', "").to_uppercase());
    let prefix = found.prefix.clone();
    let key = if found.is_partitioned {
        let delivery = bench.delivery;
        let account = delivery.source_account.as_deref().unwrap_or("111122223333");
        let region = delivery.source_region.as_deref().unwrap_or("us-east-1");
        format!("{prefix}{account}/{region}/{}/{}/{name}", delivery.source, day.replace('-', "/"))
    } else {
        format!("{prefix}{name}")
    };
    Job { prefix, keys: vec![key], ..job(bench, Writer::AwsLogs, &found.bucket, None) }
}

fn audit(bench: &Bench<'_>) -> Result<Job, String> {
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
