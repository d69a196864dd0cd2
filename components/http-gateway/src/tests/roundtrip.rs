//! Configurations at random.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Parts of texts, with everything that must be written with care.
const PARTS: &[&str] = &[
    "a", "docs/", "<", ">", "&", "\"", "'", "]]>", "&amp;", "\r", "\n", "\t", " ", "é", "\u{2028}",
    "\u{85}",
];

/// Text that XML can carry.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PARTS), 1..8).prop_map(|parts| parts.concat())
}

fn maybe<T: Into<Value> + Clone + std::fmt::Debug + 'static>(
    name: &'static str,
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<(String, Value)>> {
    prop::option::of(value).prop_map(move |value| Some((name.to_owned(), value?.into()))).boxed()
}

fn object(
    members: Vec<BoxedStrategy<Option<(String, Value)>>>,
) -> impl Strategy<Value = Map<String, Value>> {
    members.prop_map(|members| members.into_iter().flatten().collect())
}

fn tags() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(text(), text(), 1..3).prop_map(|tags| {
        tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
    })
}

fn our_filter() -> impl Strategy<Value = Map<String, Value>> {
    object(vec![
        maybe("Prefix", text()),
        maybe("NameGlob", text()),
        maybe("ObjectSizeGreaterThan", 0..1000_u64),
        maybe("ObjectSizeLessThan", 2000..u64::MAX),
        maybe("ModifiedSince", Just("2026-11-01")),
        maybe("ModifiedBefore", Just("2026-11-08T01:02:03.004Z")),
        maybe(
            "StorageClass",
            prop_oneof![Just(json!("STANDARD")), Just(json!(["STANDARD", "GLACIER"]))],
        ),
        maybe("Tag", tags()),
    ])
}

fn cos_filter() -> impl Strategy<Value = Map<String, Value>> {
    let and = object(vec![
        maybe("Prefix", text()),
        tags().prop_map(|tags| Some(("Tag".to_owned(), tags))).boxed(),
    ]);
    let period = object(vec![
        (0..1_000_000_000_i64)
            .prop_map(|start| Some(("StartTime".to_owned(), start.into())))
            .boxed(),
        maybe("EndTime", 1_000_000_000..2_000_000_000_i64),
    ]);
    object(vec![
        maybe("And", and),
        maybe("StorageClass", Just("STANDARD")),
        maybe("Period", period),
    ])
}

fn fields(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::sample::subsequence(names, 1..names.len()).prop_map(|names| json!(names))
}

fn s3() -> impl Strategy<Value = Map<String, Value>> {
    let encryption = prop_oneof![
        Just(json!({"SSES3": {}})),
        text().prop_map(|key| json!({"SSEKMS": {"KeyId": key}}))
    ];
    let destination = object(vec![
        maybe("AccountId", Just("210987654321")),
        maybe("Prefix", text()),
        maybe("Encryption", encryption),
    ]);
    let words = (prop::sample::select(vec!["CSV", "TSV", "JSON", "ORC", "Parquet"]), any::<bool>());
    let rest = object(vec![
        maybe("Filter", our_filter()),
        maybe("OptionalFields", fields(&["Size", "ETag", "LastAccessedDate", "StorageClass"])),
    ]);
    (destination, words, rest).prop_map(|(mut destination, (format, bare), mut rest)| {
        let bucket = if bare { "orbit-reports" } else { "arn:aws:s3:::orbit-reports" };
        destination.insert("Bucket".to_owned(), bucket.into());
        destination.insert("Format".to_owned(), format.into());
        rest.insert("Destination".to_owned(), json!({ "S3BucketDestination": destination }));
        rest.insert("Schedule".to_owned(), json!({ "Frequency": "Weekly" }));
        rest
    })
}

fn cos() -> impl Strategy<Value = Map<String, Value>> {
    let destination = object(vec![
        maybe("AccountId", Just("100000000001")),
        maybe("Prefix", text()),
        maybe("Encryption", Just(json!({"SSECOS": {}}))),
    ]);
    let rest = object(vec![
        maybe("Filter", prop_oneof![cos_filter(), our_filter()]),
        maybe(
            "OptionalFields",
            fields(&["Size", "ETag", "Tag"]).prop_map(|names| json!({ "Field": names })),
        ),
    ]);
    (destination, rest, 1..=31).prop_map(|(mut destination, mut rest, day)| {
        destination.insert("Bucket".to_owned(), "qcs::cos:ap-tokyo::reports-1259999999".into());
        destination.insert("Format".to_owned(), "CSV".into());
        rest.insert("Destination".to_owned(), json!({ "COSBucketDestination": destination }));
        rest.insert("Schedule".to_owned(), json!({ "Frequency": "Monthly", "MonthlyDate": day }));
        rest
    })
}

/// Documents that are nearly always usable.
pub(super) fn document() -> impl Strategy<Value = Value> {
    let rest =
        ("[A-Za-z0-9._-]{1,64}", any::<bool>(), prop::sample::select(vec!["All", "Current"]));
    (prop_oneof![s3(), cos()], rest).prop_map(|(mut members, (id, is_enabled, versions))| {
        members.insert("Id".to_owned(), id.into());
        members.insert("IsEnabled".to_owned(), is_enabled.into());
        members.insert("IncludedObjectVersions".to_owned(), versions.into());
        Value::Object(members)
    })
}
