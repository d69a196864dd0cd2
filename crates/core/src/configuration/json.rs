//! The JSON form of a configuration.
//!
//! The types here mirror the wire and nothing else; the rest of the code sees [`Configuration`].

use serde::{Deserialize, Serialize};

use super::{
    Configuration, ConfigurationId, Destination, Frequency, ReportEncryption, ReportFormat,
    Versions,
};
use crate::bucket::{ARN_PREFIX, BucketName};
use crate::column::optional_field;
use crate::finding::Dialect;

/// Why a text is not the JSON form of a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, or of another shape.
    #[error("the text is not the JSON form of a configuration")]
    Shape(#[from] serde_json::Error),
    /// A member holds what no judged configuration can hold.
    #[error("`{member}` holds {found:?}, which no stored configuration can hold")]
    Value {
        /// Which member.
        member: &'static str,
        /// What it holds.
        found: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Wire {
    destination: WireDestination,
    is_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<WireFilter>,
    id: String,
    included_object_versions: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    optional_fields: Vec<String>,
    schedule: WireSchedule,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDestination {
    #[serde(rename = "S3BucketDestination")]
    bucket: WireBucket,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WireBucket {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    bucket: String,
    format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<WireEncryption>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum WireEncryption {
    #[serde(rename = "SSES3")]
    SseS3 {},
    #[serde(rename = "SSEKMS")]
    SseKms {
        #[serde(rename = "KeyId")]
        key_id: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WireFilter {
    prefix: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WireSchedule {
    frequency: String,
}

pub(super) fn write(configuration: &Configuration) -> String {
    let destination = &configuration.destination;
    let wire = Wire {
        destination: WireDestination {
            bucket: WireBucket {
                account_id: destination.account_id.clone(),
                bucket: destination.bucket.arn(),
                format: destination.format.word().to_owned(),
                prefix: destination.prefix.clone(),
                encryption: destination.encryption.as_ref().map(|encryption| match encryption {
                    ReportEncryption::SseS3 => WireEncryption::SseS3 {},
                    ReportEncryption::SseKms(key_id) => {
                        WireEncryption::SseKms { key_id: key_id.clone() }
                    }
                }),
            },
        },
        is_enabled: configuration.is_enabled,
        filter: configuration.filter_prefix.clone().map(|prefix| WireFilter { prefix }),
        id: configuration.id.as_str().to_owned(),
        included_object_versions: configuration.versions.word().to_owned(),
        optional_fields: configuration
            .optional_fields
            .iter()
            .map(|field| field.name.to_owned())
            .collect(),
        schedule: WireSchedule { frequency: configuration.frequency.word().to_owned() },
    };
    // Strings, booleans and lists of them always serialise.
    serde_json::to_string(&wire).unwrap_or_default()
}

pub(super) fn read(text: &str) -> Result<Configuration, JsonError> {
    let wire: Wire = serde_json::from_str(text)?;
    let bucket = wire.destination.bucket;
    Ok(Configuration {
        id: parsed("/Id", &wire.id, ConfigurationId::parse)?,
        is_enabled: wire.is_enabled,
        versions: parsed(
            "/IncludedObjectVersions",
            &wire.included_object_versions,
            Versions::parse,
        )?,
        frequency: parsed("/Schedule/Frequency", &wire.schedule.frequency, Frequency::parse)?,
        filter_prefix: wire.filter.map(|filter| filter.prefix),
        destination: Destination {
            bucket: parsed("/Destination/S3BucketDestination/Bucket", &bucket.bucket, from_arn)?,
            account_id: bucket.account_id,
            format: parsed(
                "/Destination/S3BucketDestination/Format",
                &bucket.format,
                ReportFormat::parse,
            )?,
            prefix: bucket.prefix,
            encryption: bucket.encryption.map(|encryption| match encryption {
                WireEncryption::SseS3 {} => ReportEncryption::SseS3,
                WireEncryption::SseKms { key_id } => ReportEncryption::SseKms(key_id),
            }),
        },
        optional_fields: wire
            .optional_fields
            .iter()
            .map(|name| parsed("/OptionalFields", name, |name| optional_field(name, Dialect::Any)))
            .collect::<Result<_, _>>()?,
    })
}

fn from_arn(text: &str) -> Option<BucketName> {
    BucketName::parse(text.strip_prefix(ARN_PREFIX)?).ok()
}

fn parsed<T>(
    member: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, JsonError> {
    parse(text).ok_or_else(|| JsonError::Value { member, found: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"Destination":{"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::orbit-reports","Format":"Parquet","Prefix":"inv/","Encryption":{"SSEKMS":{"KeyId":"arn:aws:kms:k"}}}},"IsEnabled":true,"Filter":{"Prefix":"docs/"},"Id":"docs-daily","IncludedObjectVersions":"All","OptionalFields":["Size","ETag"],"Schedule":{"Frequency":"Weekly"}}"#;
    const LEAST: &str = r#"{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"CSV"}},"IsEnabled":false,"Id":"a","IncludedObjectVersions":"Current","Schedule":{"Frequency":"Daily"}}"#;

    #[test]
    fn reads_back_what_it_wrote() {
        for text in [FULL, LEAST] {
            assert_eq!(read(text).map(|read| write(&read)).ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn refuses_what_it_cannot_have_written() {
        let cases = [
            (
                LEAST.replace("CSV", "csv"),
                "`/Destination/S3BucketDestination/Format` holds \"csv\"",
            ),
            (LEAST.replace("arn:aws:s3:::", ""), "`/Destination/S3BucketDestination/Bucket` holds"),
            (LEAST.replace("\"a\"", "\"a/b\""), "`/Id` holds \"a/b\""),
            (LEAST.replace("\"Id\"", "\"Ident\""), "the text is not the JSON form"),
        ];
        for (text, expected) in cases {
            let error = read(&text).map_err(|error| error.to_string()).err().unwrap_or_default();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
