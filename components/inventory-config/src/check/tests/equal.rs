//! XML is judged like JSON.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// Writes in XML what a JSON document says.
fn to_xml(parent: &str, name: &str, value: &Json, out: &mut String) {
    let tag = match (parent, name) {
        ("Encryption", "SSES3") => "SSE-S3",
        ("Encryption", "SSEKMS") => "SSE-KMS",
        ("Encryption", "SSECOS") => "SSE-COS",
        (_, name) => name,
    };
    // The list of fields is an element of its own; other lists are elements side by side.
    if let Json::Array(items) = value
        && name != "OptionalFields"
    {
        for item in items {
            to_xml(parent, name, item, out);
        }
        return;
    }
    write!(out, "<{tag}>").unwrap();
    match value {
        Json::Object(members) => {
            members.iter().for_each(|(child, value)| to_xml(name, child, value, out));
        }
        Json::Array(items) => items.iter().for_each(|item| to_xml(name, "Field", item, out)),
        Json::String(text) => out.push_str(&quick_xml::escape::escape(text.as_str())),
        other => out.push_str(&other.to_string()),
    }
    write!(out, "</{tag}>").unwrap();
}

/// Judges a document in both syntaxes, in every dialect.
#[track_caller]
fn both(document: &Json) {
    let mut xml = String::new();
    to_xml("", "InventoryConfiguration", document, &mut xml);
    let named = with_named_fields(document);
    for dialect in [Dialect::Aws, Dialect::Coreweave, Dialect::Cos, Dialect::Any] {
        // Written anew, so that members stand in the same order in both.
        let json = if dialect == Dialect::Cos { named.to_string() } else { document.to_string() };
        let mut json = judged_as(dialect, json.as_bytes(), Syntax::Json);
        let mut xml = judged_as(dialect, xml.as_bytes(), Syntax::Xml);
        if dialect == Dialect::Any {
            // Fields in a list are not the JSON of Tencent COS, and XML has one way for all.
            for judgement in [&mut json, &mut xml] {
                judgement.findings.retain(|finding| {
                    finding.dialect != Dialect::Cos
                        || !finding.pointer.starts_with("/OptionalFields")
                });
            }
        }
        assert_eq!(json, xml, "{dialect:?} {document}");
    }
}

/// The document with its fields as they stand in the JSON of Tencent COS.
fn with_named_fields(document: &Json) -> Json {
    let mut document = document.clone();
    if let Some(fields) = document.get_mut("OptionalFields")
        && let Json::Array(items) = fields
    {
        *fields = serde_json::json!({ "Field": items });
    }
    document
}

#[test]
fn a_document_gets_the_same_judgement_in_both_syntaxes() {
    for document in [
        USABLE,
        LEAST,
        "{}",
        &with("true", "\"True\""),
        &with("Daily", "Hourly"),
        &with("arn:aws:s3:::ledger-inventory", "Ledger"),
        &with("\"KeyId\"", "\"Key\""),
        &with(r#""SSEKMS":{"#, r#""SSES3":{},"SSEKMS":{"#),
        &super::cos::FULL.replace(r#"{"Field":["Size","Tag"]}"#, r#"["Size","Tag"]"#),
        &with(
            r#""Prefix":"docs/""#,
            r#""Tag":[{"Key":"a","Value":""},{"Key":"b"}],"StorageClass":["A","B"],"ObjectSizeLessThan":7"#,
        ),
    ] {
        both(&serde_json::from_str(document).unwrap());
    }
}

fn word() -> impl Strategy<Value = Json> {
    let known = "All Current Latest Daily Weekly Monthly CSV csv TSV ORC Parquet Size ETag Tag \
        LastAccessedDate arn:aws:s3:::abc abc a/b 210987654321 True qcs::cos:r::abc-1 2026-11-08";
    let known: Vec<&str> = known.split_whitespace().collect();
    prop_oneof![
        4 => prop::sample::select(known).prop_map(Json::from),
        // Text of spaces alone is no text in an element that holds elements.
        1 => "[ -~\u{e9}\u{2028}]{0,70}[!-~]".prop_map(Json::from),
    ]
}

/// Documents that are more or less configurations.
fn document() -> impl Strategy<Value = Json> {
    let names = "Id IsEnabled IncludedObjectVersions Schedule Frequency Filter Prefix Destination \
        S3BucketDestination COSBucketDestination Bucket Format AccountId Encryption SSEKMS SSES3 \
        SSECOS KeyId And NameGlob StorageClass ModifiedSince Unknown id";
    let names: Vec<&str> = names.split_whitespace().collect();
    let part = word().prop_recursive(4, 40, 7, move |inner| {
        let member = (prop::sample::select(names.clone()), inner);
        prop::collection::vec(member, 1..7).prop_map(|members| {
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        })
    });
    let fields = prop::option::of(prop::collection::vec(word(), 0..4));
    (part, fields, any::<Option<bool>>(), any::<bool>()).prop_map(
        |(part, fields, flag, has_filter)| {
            let mut root: Json = serde_json::from_str(USABLE).unwrap();
            let members = root.as_object_mut().unwrap();
            if !has_filter {
                members.remove("Filter");
            }
            members.extend(part.as_object().cloned().unwrap_or_default());
            members.extend(fields.map(|fields| ("OptionalFields".to_owned(), fields.into())));
            members.extend(flag.map(|flag| ("IsEnabled".to_owned(), flag.into())));
            root
        },
    )
}

proptest! {
    #[test]
    fn any_document_gets_the_same_judgement_in_both_syntaxes(document in document()) {
        both(&document);
    }
}
