//! The XML form of a configuration: what S3's API answers.
//!
//! Elements stand in the order of the response syntax in the Amazon S3 API reference ("`GetBucketInventoryConfiguration`"),
//! what other providers have beside its nearest relative. An element says what the member of the JSON form says, so a
//! document reads back as it was put.

use super::json::JsonError;
use super::json::wire::{
    Wire, WireAnd, WireBucket, WireDestination, WireEncryption, WireFields, WireFilter, WireTag,
    WireWords,
};

/// The element that a configuration is.
const ROOT: &str = "InventoryConfiguration";

pub(super) fn write(document: &str, namespace: Option<&str>) -> Result<String, JsonError> {
    let wire: Wire = serde_json::from_str(document)?;
    let mut out = Writer { text: String::with_capacity(document.len() * 2) };
    out.open(ROOT, namespace);
    out.within("Destination", |out| match &wire.destination {
        WireDestination::S3BucketDestination(bucket) => {
            out.within("S3BucketDestination", |out| destination(out, bucket));
        }
        WireDestination::CosBucketDestination(bucket) => {
            out.within("COSBucketDestination", |out| destination(out, bucket));
        }
    });
    out.leaf("IsEnabled", if wire.is_enabled { "true" } else { "false" });
    if let Some(wire) = &wire.filter {
        out.within("Filter", |out| filter(out, wire));
    }
    out.leaf("Id", &wire.id);
    out.leaf("IncludedObjectVersions", &wire.included_object_versions);
    if let Some(WireFields::List(names) | WireFields::Member { field: names }) =
        &wire.optional_fields
    {
        out.within("OptionalFields", |out| {
            for name in names {
                out.leaf("Field", name);
            }
        });
    }
    out.within("Schedule", |out| {
        out.leaf("Frequency", &wire.schedule.frequency);
        out.number("MonthlyDate", wire.schedule.monthly_date);
    });
    out.close(ROOT);
    Ok(out.text)
}

fn destination(out: &mut Writer, bucket: &WireBucket) {
    out.maybe("AccountId", bucket.account_id.as_deref());
    out.leaf("Bucket", &bucket.bucket);
    if let Some(encryption) = &bucket.encryption {
        out.within("Encryption", |out| match encryption {
            WireEncryption::SseS3 {} => out.within("SSE-S3", |_| ()),
            WireEncryption::SseKms { key_id } => {
                out.within("SSE-KMS", |out| out.leaf("KeyId", key_id));
            }
            WireEncryption::SseCos {} => out.within("SSE-COS", |_| ()),
        });
    }
    out.leaf("Format", &bucket.format);
    out.maybe("Prefix", bucket.prefix.as_deref());
}

fn filter(out: &mut Writer, filter: &WireFilter) {
    if let Some(WireAnd { prefix, tag }) = &filter.and {
        out.within("And", |out| {
            out.maybe("Prefix", prefix.as_deref());
            tags(out, tag);
        });
    }
    out.maybe("Prefix", filter.prefix.as_deref());
    tags(out, &filter.tag);
    match &filter.storage_class {
        None => {}
        Some(WireWords::One(class)) => out.leaf("StorageClass", class),
        Some(WireWords::Several(classes)) => {
            for class in classes {
                out.leaf("StorageClass", class);
            }
        }
    }
    if let Some(period) = &filter.period {
        out.within("Period", |out| {
            out.number("StartTime", period.start_time);
            out.number("EndTime", period.end_time);
        });
    }
    out.maybe("NameGlob", filter.name_glob.as_deref());
    out.number("ObjectSizeGreaterThan", filter.object_size_greater_than);
    out.number("ObjectSizeLessThan", filter.object_size_less_than);
    out.maybe("ModifiedSince", filter.modified_since.as_deref());
    out.maybe("ModifiedBefore", filter.modified_before.as_deref());
}

fn tags(out: &mut Writer, tags: &[WireTag]) {
    for WireTag { key, value } in tags {
        out.within("Tag", |out| {
            out.leaf("Key", key);
            out.leaf("Value", value);
        });
    }
}

/// Writes elements without spaces between them.
struct Writer {
    text: String,
}

impl Writer {
    fn open(&mut self, name: &str, namespace: Option<&str>) {
        self.text.push('<');
        self.text.push_str(name);
        if let Some(namespace) = namespace {
            self.text.push_str(" xmlns=\"");
            self.escaped(namespace);
            self.text.push('"');
        }
        self.text.push('>');
    }

    fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    fn within(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.open(name, None);
        inner(self);
        self.close(name);
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.within(name, |out| out.escaped(text));
    }

    fn maybe(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    fn number(&mut self, name: &str, number: Option<impl ToString>) {
        if let Some(number) = number {
            self.leaf(name, &number.to_string());
        }
    }

    fn escaped(&mut self, text: &str) {
        escape_into(&mut self.text, text);
    }
}

/// Appends text so that an XML reader gives it back.
///
/// A carriage return is written as a reference, because a reader makes a line feed of a bare one (XML 1.0, section 2.11).
/// What XML cannot carry at all becomes U+FFFD; a judged configuration holds nothing of it.
pub(super) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, expected: &str) {
        let start = "<InventoryConfiguration>";
        let written = write(document, None).unwrap();
        let inner = written.strip_prefix(start).and_then(|rest| rest.split_once("</Destination>"));
        assert_eq!(inner.map(|(first, rest)| format!("{first} {rest}")).as_deref(), Some(expected));
    }

    #[test]
    fn elements_stand_as_amazon_s3_documents_them() {
        check(
            r#"{"Destination":{"S3BucketDestination":{"AccountId":"210987654321","Bucket":"arn:aws:s3:::orbit-reports","Format":"Parquet","Prefix":"inv/","Encryption":{"SSEKMS":{"KeyId":"arn:aws:kms:k"}}}},"IsEnabled":true,"Filter":{"Prefix":"docs/<&>\r"},"Id":"docs-daily","IncludedObjectVersions":"All","OptionalFields":["Size","ETag"],"Schedule":{"Frequency":"Weekly"}}"#,
            "<Destination><S3BucketDestination><AccountId>210987654321</AccountId><Bucket>arn:aws:s3:::orbit-reports</Bucket><Encryption><SSE-KMS><KeyId>arn:aws:kms:k</KeyId></SSE-KMS></Encryption><Format>Parquet</Format><Prefix>inv/</Prefix></S3BucketDestination> <IsEnabled>true</IsEnabled><Filter><Prefix>docs/&lt;&amp;&gt;&#13;</Prefix></Filter><Id>docs-daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Weekly</Frequency></Schedule></InventoryConfiguration>",
        );
    }

    #[test]
    fn what_others_have_stands_beside_it() {
        check(
            r#"{"Destination":{"COSBucketDestination":{"Bucket":"qcs::cos:ap-tokyo::reports-1259999999","Format":"CSV","Encryption":{"SSECOS":{}}}},"IsEnabled":false,"Filter":{"And":{"Prefix":"docs/","Tag":[{"Key":"team","Value":"a"}]},"StorageClass":"STANDARD","Period":{"StartTime":1767225600,"EndTime":1767225601}},"Id":"m1","IncludedObjectVersions":"Current","OptionalFields":{"Field":["Size","Tag"]},"Schedule":{"Frequency":"Monthly","MonthlyDate":31}}"#,
            "<Destination><COSBucketDestination><Bucket>qcs::cos:ap-tokyo::reports-1259999999</Bucket><Encryption><SSE-COS></SSE-COS></Encryption><Format>CSV</Format></COSBucketDestination> <IsEnabled>false</IsEnabled><Filter><And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And><StorageClass>STANDARD</StorageClass><Period><StartTime>1767225600</StartTime><EndTime>1767225601</EndTime></Period></Filter><Id>m1</Id><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields><Schedule><Frequency>Monthly</Frequency><MonthlyDate>31</MonthlyDate></Schedule></InventoryConfiguration>",
        );
    }

    #[test]
    fn what_xml_cannot_carry_is_marked() {
        let mut out = String::new();
        escape_into(&mut out, "a\u{0}\u{1b}\u{ffff}\t\n\r\"<é");
        assert_eq!(out, "a\u{fffd}\u{fffd}\u{fffd}\t\n&#13;&quot;&lt;é");
    }

    #[test]
    fn no_document_no_xml() {
        assert!(write("{}", None).is_err());
        assert!(write("", Some("http://s3.amazonaws.com/doc/2006-03-01/")).is_err());
    }
}
