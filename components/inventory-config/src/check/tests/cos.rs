//! The dialect of Tencent COS.

use std::collections::BTreeSet;

use super::*;

/// A document with every part that COS has.
pub(super) const FULL_XML: &str = "<InventoryConfiguration><Id>m1</Id><IsEnabled>true</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><AccountId>100000000001</AccountId><Bucket>qcs::cos:ap-tokyo::reports-1259999999</Bucket><Prefix>inv</Prefix><Encryption><SSE-COS></SSE-COS></Encryption></COSBucketDestination></Destination><Schedule><Frequency>Monthly</Frequency><MonthlyDate>1</MonthlyDate></Schedule><Filter><And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And><Period><StartTime>1767225600</StartTime></Period></Filter><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields></InventoryConfiguration>";

/// The same in JSON.
pub(super) const FULL: &str = r#"{"Destination":{"COSBucketDestination":{"AccountId":"100000000001","Bucket":"qcs::cos:ap-tokyo::reports-1259999999","Format":"CSV","Prefix":"inv","Encryption":{"SSECOS":{}}}},"IsEnabled":true,"Filter":{"And":{"Prefix":"docs/","Tag":[{"Key":"team","Value":"a"}]},"Period":{"StartTime":1767225600}},"Id":"m1","IncludedObjectVersions":"Current","OptionalFields":{"Field":["Size","Tag"]},"Schedule":{"Frequency":"Monthly","MonthlyDate":1}}"#;

/// Judges the document in both syntaxes, each with one text in place of another, which must be there.
#[track_caller]
fn both(json: (&str, &str), xml: (&str, &str), expected: &Expect) -> String {
    assert!(FULL.contains(json.0) && FULL_XML.contains(xml.0), "{json:?} {xml:?}");
    let json = FULL.replacen(json.0, json.1, 1);
    let xml = FULL_XML.replacen(xml.0, xml.1, 1);
    let lines = |document: &str, syntax| {
        let told = brief(&judged_as(Dialect::Cos, document.as_bytes(), syntax).findings);
        // The order of members differs between the documents.
        told.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(lines(&json, Syntax::Json), lines(&xml, Syntax::Xml), "{json}\n{xml}");
    told(Dialect::Cos, Syntax::Json, &json, expected)
}

/// Judges a change that is written the same in JSON and between the tags of XML.
#[track_caller]
fn text(from: &str, to: &str, expected: &Expect) -> String {
    both((from, to), (from, to), expected)
}

#[test]
fn keeps_all_that_a_document_says() {
    let kept = format!(r#"{},"Form":"cos"}}"#, FULL.strip_suffix('}').unwrap());
    assert_eq!(text("m1", "m1", &expect![""]), kept);
    assert_eq!(told(Dialect::Cos, Syntax::Xml, FULL_XML, &expect![""]), kept);
    let configuration = Configuration::from_json(&kept).unwrap();
    assert_eq!(configuration.destination.bucket.as_str(), "reports-1259999999");
    assert_eq!(configuration.destination.name_and_appid(), Some(("reports", "1259999999")));
    let names: Vec<_> = configuration.columns().iter().map(|column| column.name).collect();
    assert_eq!(names, ["Appid", "Bucket", "Key", "Size", "Tag"]);
    assert!(configuration.filter.needs_tags());
}

#[test]
fn true_and_false_may_begin_with_a_capital() {
    for (word, flag) in [("True", true), ("False", false)] {
        let kept = both(
            ("\"IsEnabled\":true", &format!("\"IsEnabled\":\"{word}\"")),
            ("<IsEnabled>true", &format!("<IsEnabled>{word}")),
            &expect![""],
        );
        assert!(kept.contains(&format!("\"IsEnabled\":{flag}")), "{kept}");
    }
    both(
        ("\"IsEnabled\":true", "\"IsEnabled\":\"TRUE\""),
        ("<IsEnabled>true", "<IsEnabled>TRUE"),
        &expect![[r#"
            Error Cos CF100 /IsEnabled: `IsEnabled` is text, not a boolean; found "TRUE"
        "#]],
    );
}

#[test]
fn monthly_reports_have_a_day_and_others_none() {
    for day in ["1", "28", "31"] {
        both(
            ("\"MonthlyDate\":1", &format!("\"MonthlyDate\":{day}")),
            ("<MonthlyDate>1", &format!("<MonthlyDate>{day}")),
            &expect![""],
        );
    }
    both(
        ("\"MonthlyDate\":1", "\"MonthlyDate\":32"),
        ("<MonthlyDate>1", "<MonthlyDate>32"),
        &expect![[r#"
            Error Cos CF100 /Schedule/MonthlyDate: `MonthlyDate` is no whole number within its limits; found 32
        "#]],
    );
    both(
        ("\"MonthlyDate\":1", "\"MonthlyDate\":0"),
        ("<MonthlyDate>1", "<MonthlyDate>0"),
        &expect![[r#"
            Error Cos CF100 /Schedule/MonthlyDate: `MonthlyDate` is no whole number within its limits; found 0
        "#]],
    );
    both(
        ("\"MonthlyDate\":1", "\"MonthlyDate\":\"first\""),
        ("<MonthlyDate>1", "<MonthlyDate>first"),
        &expect![[r#"
            Error Cos CF100 /Schedule/MonthlyDate: `MonthlyDate` is text, not a number; found "first"
        "#]],
    );
    both(
        (",\"MonthlyDate\":1", ""),
        ("<MonthlyDate>1</MonthlyDate>", ""),
        &expect![[r#"
            Error Cos CF100 /Schedule/MonthlyDate: `MonthlyDate` is missing; found nothing
        "#]],
    );
    text(
        "Monthly",
        "Weekly",
        &expect![[r#"
            Error Cos CF100 /Schedule/MonthlyDate: `MonthlyDate` is not for `Weekly` reports; found 1
        "#]],
    );
    let quoted = FULL.replace("\"MonthlyDate\":1", "\"MonthlyDate\":\"1\"");
    let findings = judged_as(Dialect::Cos, quoted.as_bytes(), Syntax::Json).findings;
    assert_eq!(findings[0].suggestion.as_deref(), Some("1"));
}

#[test]
fn a_period_may_be_open_at_either_end() {
    let period = r#"{"StartTime":1767225600}"#;
    for (json, xml) in [
        ("{}", ""),
        (r#"{"EndTime":1767225600}"#, "<EndTime>1767225600</EndTime>"),
        (
            r#"{"StartTime":1767225600,"EndTime":1767225600}"#,
            "<StartTime>1767225600</StartTime><EndTime>1767225600</EndTime>",
        ),
    ] {
        both((period, json), ("<StartTime>1767225600</StartTime>", xml), &expect![""]);
    }
    let kept = FULL.replace(period, r#"{"StartTime":1767225600,"EndTime":1767225601}"#);
    let filter =
        judged_as(Dialect::Cos, kept.as_bytes(), Syntax::Json).configuration.unwrap().filter;
    // Both seconds are within.
    assert_eq!(filter.modified_from.unwrap().0, 1_767_225_600_000);
    assert_eq!(filter.modified_until.unwrap().0, 1_767_225_601_999);
}

#[test]
fn cf140_a_period_that_ends_before_it_starts() {
    both(
        (r#""StartTime":1767225600"#, r#""StartTime":1767225601,"EndTime":1767225600"#),
        (
            "<StartTime>1767225600</StartTime>",
            "<StartTime>1767225601</StartTime><EndTime>1767225600</EndTime>",
        ),
        &expect![[r#"
            Error Cos CF140 /Filter/Period: `StartTime` is after `EndTime` (InvalidArgument); found {"StartTime":1767225601,"EndTime":1767225600}
        "#]],
    );
    both(
        ("1767225600", "-1"),
        ("1767225600", "-1"),
        &expect![[r#"
            Error Cos CF100 /Filter/Period/StartTime: `StartTime` is no whole number within its limits; found -1
        "#]],
    );
    both(
        ("1767225600", "253402300799"),
        ("1767225600", "253402300799"),
        &expect![[r#"
            Error Cos CF100 /Filter/Period/StartTime: `StartTime` is no whole number within its limits; found 253402300799
        "#]],
    );
}

#[test]
fn a_filter_has_a_prefix_or_several_conditions() {
    let and = r#""And":{"Prefix":"docs/","Tag":[{"Key":"team","Value":"a"}]}"#;
    let and_xml = "<And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And>";
    both(
        (and, r#""Prefix":"docs/","StorageClass":"STANDARD""#),
        (and_xml, "<Prefix>docs/</Prefix><StorageClass>STANDARD</StorageClass>"),
        &expect![""],
    );
    both((r#""Prefix":"docs/","Tag""#, r#""Tag""#), ("<Prefix>docs/</Prefix>", ""), &expect![""]);
    both(
        (and, &format!(r#""Prefix":"docs/",{and}"#)),
        (and_xml, &format!("<Prefix>docs/</Prefix>{and_xml}")),
        &expect![[r#"
            Error Cos CF100 /Filter: `Filter` has both `Prefix` and `And`; found {"Prefix":"docs/","And":{"Prefix":"docs/","Tag":[{"Key":"team","Value":"a"}]},"Period":{"StartTime":1767225600}}
        "#]],
    );
    both(
        (r#","Tag":[{"Key":"team","Value":"a"}]"#, ""),
        ("<Tag><Key>team</Key><Value>a</Value></Tag>", ""),
        &expect![[r#"
            Error Cos CF100 /Filter/And/Tag: `Tag` is missing; found nothing
        "#]],
    );
    both(
        (r#"{"Key":"team","Value":"a"}"#, r#"{"Key":"team"},{"Key":"","Value":""}"#),
        ("<Value>a</Value></Tag>", "</Tag><Tag><Key/><Value/></Tag>"),
        &expect![[r#"
            Error Cos CF100 /Filter/And/Tag/0/Value: `Value` is missing; found nothing
            Error Cos CF100 /Filter/And/Tag/1/Key: `Key` has 0 characters; found ""
        "#]],
    );
    both(
        (
            r#"{"Key":"team","Value":"a"}"#,
            r#"{"Key":"team","Value":"a"},{"Key":"team","Value":"b"}"#,
        ),
        ("</Tag>", "</Tag><Tag><Key>team</Key><Value>b</Value></Tag>"),
        &expect![[r#"
            Error Cos CF100 /Filter/And/Tag/1/Key: another tag of the filter has this key, and objects have one value for it; found "team"
        "#]],
    );
    both(
        (r#""Period""#, r#""StorageClass":["A","B"],"Period""#),
        ("<Period>", "<StorageClass>A</StorageClass><StorageClass>B</StorageClass><Period>"),
        &expect![[r#"
            Error Cos CF100 /Filter/StorageClass: `StorageClass` is a list, not text; found ["A","B"]
        "#]],
    );
    both(
        (r#""Period""#, r#""NameGlob":"*","Period""#),
        ("<Period>", "<NameGlob>*</NameGlob><Period>"),
        &expect![[r#"
            Error Cos CF100 /Filter/NameGlob: unknown member `NameGlob`; found "NameGlob"
        "#]],
    );
}

#[test]
fn fields_stand_in_a_member_of_their_own() {
    for field in "Size LastModifiedDate ETag StorageClass IsMultipartUploaded ReplicationStatus \
        Tag Crc64 x-cos-meta-*"
        .split_whitespace()
    {
        both(
            (r#"["Size","Tag"]"#, &format!(r#"["{field}"]"#)),
            ("<Field>Size</Field><Field>Tag</Field>", &format!("<Field>{field}</Field>")),
            &expect![""],
        );
    }
    both(
        (r#""Tag"]"#, r#""EncryptionStatus","x-cos-meta-team"]"#),
        ("<Field>Tag</Field>", "<Field>EncryptionStatus</Field><Field>x-cos-meta-team</Field>"),
        &expect![[r#"
            Error Cos CF100 /OptionalFields/Field/1: Tencent COS has no field `EncryptionStatus`; found "EncryptionStatus"
            Error Cos CF100 /OptionalFields/Field/2: unknown optional field; found "x-cos-meta-team"
        "#]],
    );
    let kept = both(
        (r#"{"Field":["Size","Tag"]}"#, "{}"),
        ("<Field>Size</Field><Field>Tag</Field>", ""),
        &expect![""],
    );
    assert!(!kept.contains("OptionalFields"), "{kept}");
    told(
        Dialect::Cos,
        Syntax::Json,
        &FULL.replace(r#"{"Field":["Size","Tag"]}"#, r#"["Size"]"#),
        &expect![[r#"
            Error Cos CF100 /OptionalFields: `OptionalFields` is a list, not an object with the member `Field`; found ["Size"]
        "#]],
    );
}

#[test]
fn the_destination_is_named_by_region_name_and_appid() {
    let bucket = "qcs::cos:ap-tokyo::reports-1259999999";
    text(
        bucket,
        "arn:aws:s3:::reports-1259999999",
        &expect![[r#"
            Error Cos CF110 /Destination/COSBucketDestination/Bucket: `Bucket` is not the resource name of a bucket in Tencent COS; found "arn:aws:s3:::reports-1259999999"
        "#]],
    );
    text(
        bucket,
        "qcs::cos:::reports-1259999999",
        &expect![[r#"
            Error Cos CF110 /Destination/COSBucketDestination/Bucket: `Bucket` is not the resource name of a bucket in Tencent COS; found "qcs::cos:::reports-1259999999"
        "#]],
    );
    text(
        bucket,
        "qcs::cos:ap-tokyo::reports",
        &expect![[r#"
            Error Cos CF111 /Destination/COSBucketDestination/Bucket: a bucket name of Tencent COS is a name, a hyphen and the APPID, which is a number; found "qcs::cos:ap-tokyo::reports"
        "#]],
    );
    text(
        "100000000001",
        "uin/1",
        &expect![[r#"
            Error Cos CF100 /Destination/COSBucketDestination/AccountId: `AccountId` is not 1 to 20 digits; found "uin/1"
        "#]],
    );
    let long = |bytes: usize| format!("\"Prefix\":\"{}\",\"Enc", "k".repeat(bytes));
    let document = FULL.replace("\"Prefix\":\"inv\",\"Enc", &long(834));
    assert_eq!(judged_as(Dialect::Cos, document.as_bytes(), Syntax::Json).findings, []);
    let document = FULL.replace("\"Prefix\":\"inv\",\"Enc", &long(835));
    assert_eq!(judged_as(Dialect::Cos, document.as_bytes(), Syntax::Json).findings.len(), 1);
}

#[test]
fn refuses_what_others_have() {
    text(
        "CSV",
        "ORC",
        &expect![[r#"
            Error Cos CF100 /Destination/COSBucketDestination/Format: `Format` has no such choice; found "ORC"
        "#]],
    );
    both(
        (r#"{"SSECOS":{}}"#, r#"{"SSES3":{}}"#),
        ("<SSE-COS></SSE-COS>", "<SSE-S3/>"),
        &expect![[r#"
            Error Cos CF100 /Destination/COSBucketDestination/Encryption: `Encryption` names no kind; found {"SSES3":{}}
            Error Cos CF100 /Destination/COSBucketDestination/Encryption/SSES3: unknown member `SSES3`; found "SSES3"
        "#]],
    );
    text(
        "Current",
        "Latest",
        &expect![[r#"
            Error Cos CF120 /IncludedObjectVersions: the choice that lists the latest versions is `Current`; found "Latest"
        "#]],
    );
}

#[test]
fn encryption_beside_its_element_is_refused() {
    // A sample in the provider's documentation stands so; its list of elements does not.
    both(
        (r#""Encryption":{"SSECOS":{}}"#, r#""SSE-COS":"""#),
        ("<Encryption><SSE-COS></SSE-COS></Encryption>", "<SSE-COS></SSE-COS>"),
        &expect![[r#"
            Error Cos CF100 /Destination/COSBucketDestination/SSE-COS: unknown member `SSE-COS`; found "SSE-COS"
        "#]],
    );
    both(
        (r#""Size","Tag""#, r#""IsMultipartUpload""#),
        ("<Field>Size</Field><Field>Tag</Field>", "<Field>IsMultipartUpload</Field>"),
        &expect![[r#"
            Error Cos CF100 /OptionalFields/Field/0: unknown optional field; found "IsMultipartUpload"
        "#]],
    );
}
