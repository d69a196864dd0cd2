//! The JSON form of a configuration.
//!
//! The types here mirror the wire and nothing else; the rest of the code sees [`Configuration`].

mod filter;
pub(super) mod wire;

use std::borrow::Cow;

use wire::{Wire, WireBucket, WireDestination, WireEncryption, WireFields, WireSchedule};

use super::{
    BucketNotation, Configuration, ConfigurationId, Destination, Frequency, ReportEncryption,
    ReportFormat, Versions,
};
use crate::bucket::{ARN_PREFIX, BucketName, split_qcs};
use crate::column::{OptionalField, optional_field};
use crate::finding::Dialect;
use crate::form::Form;

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

/// Writes a configuration, and which form it has where that is asked for and not the first of all.
pub(super) fn write(configuration: &Configuration, form: Option<Form>) -> String {
    let wire = Wire {
        destination: write_destination(&configuration.destination),
        is_enabled: configuration.is_enabled,
        filter: filter::write(&configuration.filter, configuration.form),
        id: configuration.id.as_str().to_owned(),
        included_object_versions: configuration.versions.word().to_owned(),
        optional_fields: write_fields(configuration),
        schedule: WireSchedule {
            frequency: configuration.frequency.word().to_owned(),
            monthly_date: configuration.monthly_date,
        },
        form: form.filter(|form| *form != Form::default()).map(|form| form.word().to_owned()),
    };
    // Strings, numbers, booleans and lists of them always serialise.
    serde_json::to_string(&wire).unwrap_or_default()
}

/// Takes the form off. It is the last member, and the one before it is an object, so no document ends like it.
pub(super) fn document_of(kept: &str) -> Cow<'_, str> {
    let mut forms = Form::ALL.iter().map(|form| format!(",\"Form\":\"{}\"}}", form.word()));
    match forms.find_map(|form| kept.strip_suffix(form.as_str())) {
        Some(document) => Cow::Owned(format!("{document}}}")),
        None => Cow::Borrowed(kept),
    }
}

fn write_destination(destination: &Destination) -> WireDestination {
    let bucket = WireBucket {
        account_id: destination.account_id.clone(),
        bucket: destination.bucket_text(),
        format: destination.format.word().to_owned(),
        prefix: destination.prefix.clone(),
        encryption: destination.encryption.as_ref().map(|encryption| match encryption {
            ReportEncryption::SseS3 => WireEncryption::SseS3 {},
            ReportEncryption::SseKms(key_id) => WireEncryption::SseKms { key_id: key_id.clone() },
            ReportEncryption::SseCos => WireEncryption::SseCos {},
        }),
    };
    match destination.notation {
        BucketNotation::Arn | BucketNotation::Name => WireDestination::S3BucketDestination(bucket),
        BucketNotation::Qcs { .. } => WireDestination::CosBucketDestination(bucket),
    }
}

fn write_fields(configuration: &Configuration) -> Option<WireFields> {
    let names: Vec<String> =
        configuration.optional_fields.iter().map(|field| field.name.to_owned()).collect();
    match (names.is_empty(), configuration.form) {
        (true, _) => None,
        (false, Form::Cos) => Some(WireFields::Member { field: names }),
        (false, Form::Aws | Form::Coreweave) => Some(WireFields::List(names)),
    }
}

pub(super) fn read(text: &str) -> Result<Configuration, JsonError> {
    let wire: Wire = serde_json::from_str(text)?;
    let frequency = parsed("/Schedule/Frequency", &wire.schedule.frequency, Frequency::parse)?;
    let monthly_date = wire.schedule.monthly_date;
    if monthly_date.is_some_and(|day| (1..=31).contains(&day)) != (frequency == Frequency::Monthly)
    {
        let found = monthly_date.map_or_else(String::new, |day| day.to_string());
        return Err(JsonError::Value { member: "/Schedule/MonthlyDate", found });
    }
    Ok(Configuration {
        id: parsed("/Id", &wire.id, ConfigurationId::parse)?,
        is_enabled: wire.is_enabled,
        versions: parsed(
            "/IncludedObjectVersions",
            &wire.included_object_versions,
            Versions::parse,
        )?,
        frequency,
        monthly_date,
        filter: wire.filter.map(filter::read).transpose()?.unwrap_or_default(),
        destination: read_destination(wire.destination)?,
        optional_fields: read_fields(wire.optional_fields)?,
        form: match wire.form {
            Some(word) => parsed("/Form", &word, Form::parse)?,
            None => Form::default(),
        },
    })
}

fn read_destination(wire: WireDestination) -> Result<Destination, JsonError> {
    let (bucket, (name, notation)) = match wire {
        WireDestination::S3BucketDestination(bucket) => {
            let place = "/Destination/S3BucketDestination/Bucket";
            let parts = parsed(place, &bucket.bucket, |text| {
                let (name, notation) = match text.strip_prefix(ARN_PREFIX) {
                    Some(name) => (name, BucketNotation::Arn),
                    None => (text, BucketNotation::Name),
                };
                Some((BucketName::parse_in(name, Dialect::Any).ok()?, notation))
            })?;
            (bucket, parts)
        }
        WireDestination::CosBucketDestination(bucket) => {
            let place = "/Destination/COSBucketDestination/Bucket";
            let parts = parsed(place, &bucket.bucket, |text| {
                let (region, name) = split_qcs(text)?;
                let notation = BucketNotation::Qcs { region: region.to_owned() };
                Some((BucketName::parse_in(name, Dialect::Cos).ok()?, notation))
            })?;
            (bucket, parts)
        }
    };
    Ok(Destination {
        bucket: name,
        notation,
        account_id: bucket.account_id,
        format: parsed("/Destination/*/Format", &bucket.format, ReportFormat::parse)?,
        prefix: bucket.prefix,
        encryption: bucket.encryption.map(|encryption| match encryption {
            WireEncryption::SseS3 {} => ReportEncryption::SseS3,
            WireEncryption::SseKms { key_id } => ReportEncryption::SseKms(key_id),
            WireEncryption::SseCos {} => ReportEncryption::SseCos,
        }),
    })
}

fn read_fields(wire: Option<WireFields>) -> Result<Vec<&'static OptionalField>, JsonError> {
    let names = match wire {
        None => Vec::new(),
        Some(WireFields::List(names) | WireFields::Member { field: names }) => names,
    };
    let field =
        |name: &String| parsed("/OptionalFields", name, |name| optional_field(name, Dialect::Any));
    names.iter().map(field).collect()
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

    const COS: &str = r#"{"Destination":{"COSBucketDestination":{"AccountId":"100000000001","Bucket":"qcs::cos:ap-tokyo::reports-1259999999","Format":"CSV","Prefix":"inv","Encryption":{"SSECOS":{}}}},"IsEnabled":true,"Filter":{"And":{"Prefix":"docs/","Tag":[{"Key":"team","Value":"a"}]},"StorageClass":"STANDARD","Period":{"StartTime":1767225600,"EndTime":1767225601}},"Id":"m1","IncludedObjectVersions":"Current","OptionalFields":{"Field":["Size","Tag"]},"Schedule":{"Frequency":"Monthly","MonthlyDate":31},"Form":"cos"}"#;
    const COREWEAVE: &str = r#"{"Destination":{"S3BucketDestination":{"Bucket":"orbit-reports","Format":"TSV","Prefix":"inventory/"}},"IsEnabled":true,"Id":"a","IncludedObjectVersions":"Current","OptionalFields":["LastAccessedDate"],"Schedule":{"Frequency":"Daily"},"Form":"coreweave"}"#;
    const OURS: &str = r#"{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"CSV"}},"IsEnabled":true,"Filter":{"Prefix":"docs/","Tag":[{"Key":"team","Value":""}],"StorageClass":["STANDARD","GLACIER"],"NameGlob":"*.txt","ObjectSizeGreaterThan":0,"ObjectSizeLessThan":18446744073709551615,"ModifiedSince":"2026-11-01T00:00:00.000Z","ModifiedBefore":"2026-11-08T00:00:00.001Z"},"Id":"a","IncludedObjectVersions":"Current","Schedule":{"Frequency":"Daily"}}"#;

    fn rewritten(text: &str) -> Option<String> {
        read(text).map(|read| write(&read, Some(read.form))).ok()
    }

    #[test]
    fn reads_back_what_it_wrote() {
        for text in [FULL, LEAST, COS, COREWEAVE, OURS] {
            assert_eq!(rewritten(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_document_does_not_tell_the_form() {
        for text in [COS, COREWEAVE] {
            let document = read(text).unwrap().to_document();
            let (expected, _) = text.rsplit_once(",\"Form\"").unwrap();
            assert_eq!(document, format!("{expected}}}"));
            assert_eq!(document_of(text), document);
        }
        for text in [FULL, LEAST, OURS] {
            assert_eq!(read(text).unwrap().to_document(), text);
            assert_eq!(document_of(text), text);
        }
    }

    #[test]
    fn a_window_within_seconds_has_our_names_in_every_form() {
        let period = r#""Period":{"StartTime":1767225600,"EndTime":1767225601}"#;
        for window in [
            r#""ModifiedSince":"2026-11-01T00:00:00.001Z""#,
            r#""ModifiedBefore":"2026-11-01T00:00:00.999Z""#,
            r#""ModifiedSince":"1969-11-01T00:00:00.000Z""#,
        ] {
            let text = COS.replace(period, window);
            assert_eq!(rewritten(&text).as_deref(), Some(text.as_str()));
        }
        let whole = COS.replace(period, r#""ModifiedSince":"2026-01-01T00:00:00.000Z","ModifiedBefore":"2026-01-01T00:00:02.000Z""#);
        assert_eq!(rewritten(&whole).as_deref(), Some(COS));
    }

    #[test]
    fn refuses_what_it_cannot_have_written() {
        let cases = [
            (LEAST.replace("CSV", "csv"), "`/Destination/*/Format` holds \"csv\""),
            (LEAST.replace("arn:", "urn:"), "`/Destination/S3BucketDestination/Bucket` holds"),
            (COS.replace("-125", "_125"), "`/Destination/COSBucketDestination/Bucket` holds"),
            (COS.replace(",\"MonthlyDate\":31", ""), "`/Schedule/MonthlyDate` holds \"\""),
            (COS.replace(":31", ":32"), "`/Schedule/MonthlyDate` holds \"32\""),
            (COS.replace("Monthly\"", "Daily\""), "`/Schedule/MonthlyDate` holds \"31\""),
            (COS.replace("\"cos\"", "\"any\""), "`/Form` holds \"any\""),
            (OURS.replace("-01T", "-32T"), "`/Filter/ModifiedSince` holds \"2026-11-32T"),
            (LEAST.replace("\"a\"", "\"a/b\""), "`/Id` holds \"a/b\""),
            (LEAST.replace("\"Id\"", "\"Ident\""), "the text is not the JSON form"),
        ];
        for (text, expected) in cases {
            let error = read(&text).map_err(|error| error.to_string()).err().unwrap_or_default();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
