//! Filters that are our extension, which the dialect `any` alone takes.

use stocktake_core::configuration::Filter;
use stocktake_core::glob::Glob;
use stocktake_core::timestamp::Millis;

use super::*;

/// Judges a filter of a document that is plain otherwise; answers what is said in the dialect itself, and the filter.
#[track_caller]
fn filter(inside: &str, expected: &Expect) -> Option<Filter> {
    let document = LEAST.replacen(r#"{"Id""#, &format!(r#"{{"Filter":{{{inside}}},"Id""#), 1);
    let judgement = judged_as(Dialect::Any, document.as_bytes(), Syntax::Json);
    let own = |finding: &&Finding| finding.level == Level::Error;
    let findings: Vec<_> = judgement.findings.iter().filter(own).cloned().collect();
    expected.assert_eq(&lines(&findings));
    judgement.configuration.map(|usable| usable.filter)
}

#[test]
fn every_condition_arrives() {
    let found = filter(
        r#""Prefix":"docs/","NameGlob":"*/a?.txt","ObjectSizeGreaterThan":0,"ObjectSizeLessThan":100,"ModifiedSince":"2026-11-01","ModifiedBefore":"2026-11-08T01:00:00+01:00","StorageClass":["STANDARD","GLACIER","STANDARD"],"Tag":[{"Key":"team","Value":"a"},{"Key":"b","Value":""}]"#,
        &expect![""],
    );
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = Filter {
        prefix: Some("docs/".to_owned()),
        name_glob: Some(Glob::new("*/a?.txt")),
        size_greater_than: Some(0),
        size_less_than: Some(100),
        modified_from: Millis::parse_rfc3339("2026-11-01T00:00:00Z"),
        // The end is not within the window.
        modified_until: Millis::parse_rfc3339("2026-11-07T23:59:59.999Z"),
        storage_classes: vec!["STANDARD".to_owned(), "GLACIER".to_owned()],
        tags: vec![tag("team", "a"), tag("b", "")],
    };
    assert_eq!(found, Some(expected));
    assert_eq!(filter("", &expect![""]), Some(Filter::default()));
    let one = filter(r#""StorageClass":"STANDARD""#, &expect![""]).unwrap();
    assert_eq!(one.storage_classes, ["STANDARD"]);
    // With the names of Tencent COS.
    let same = filter(
        r#""And":{"Tag":[{"Key":"team","Value":"a"}]},"Period":{"EndTime":0}"#,
        &expect![""],
    )
    .unwrap();
    assert_eq!((same.tags, same.modified_until), (vec![tag("team", "a")], Some(Millis(999))));
}

#[test]
fn xml_says_the_same() {
    let json = r#"{"Filter":{"Prefix":"docs/","Tag":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}],"StorageClass":["A","B"],"ObjectSizeGreaterThan":18446744073709551615,"ModifiedSince":"2026-11-01T00:00:00.000Z"},"Id":"a","IsEnabled":true,"IncludedObjectVersions":"All","Schedule":{"Frequency":"Weekly"},"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::abc","Format":"Parquet"}}}"#;
    let xml = "<InventoryConfiguration><Filter><Prefix>docs/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><StorageClass>A</StorageClass><ObjectSizeGreaterThan>18446744073709551615</ObjectSizeGreaterThan><Tag><Key>b</Key><Value>2</Value></Tag><StorageClass>B</StorageClass><ModifiedSince>2026-11-01T00:00:00.000Z</ModifiedSince></Filter><Id>a</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Weekly</Frequency></Schedule><Destination><S3BucketDestination><Bucket>arn:aws:s3:::abc</Bucket><Format>Parquet</Format></S3BucketDestination></Destination></InventoryConfiguration>";
    let json = judged_as(Dialect::Any, json.as_bytes(), Syntax::Json);
    let xml = judged_as(Dialect::Any, xml.as_bytes(), Syntax::Xml);
    assert_eq!(json, xml);
    assert!(json.configuration.is_some());
}

#[test]
fn strict_dialects_know_none_of_it() {
    let inside = r#""Prefix":"","NameGlob":"*","ObjectSizeGreaterThan":0,"ObjectSizeLessThan":9,"ModifiedSince":"2026-11-01","ModifiedBefore":"2026-11-08","Tag":[]"#;
    for (dialect, document) in [
        (Dialect::Aws, LEAST.replacen(r#"{"Id""#, &format!(r#"{{"Filter":{{{inside}}},"Id""#), 1)),
        (
            Dialect::Cos,
            super::cos::FULL.replacen(
                r#""Period":{"StartTime":1767225600}"#,
                &inside.replacen(r#""Prefix":"","#, "", 1),
                1,
            ),
        ),
    ] {
        let pointers: Vec<String> = judged_as(dialect, document.as_bytes(), Syntax::Json)
            .findings
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        let unknown = [
            "NameGlob",
            "ObjectSizeGreaterThan",
            "ObjectSizeLessThan",
            "ModifiedSince",
            "ModifiedBefore",
            "Tag",
        ];
        assert_eq!(pointers, unknown.map(|name| format!("unknown member `{name}`")));
    }
}

#[test]
fn cf100_conditions_that_are_none() {
    filter(
        r#""NameGlob":"","ObjectSizeGreaterThan":"10","ObjectSizeLessThan":1.5,"ModifiedSince":"yesterday","ModifiedBefore":1794099600,"StorageClass":[],"Tag":[]"#,
        &expect![[r#"
            CF100 /Filter/NameGlob: `NameGlob` is empty, which no key matches
                value ""
                allowed a pattern with `*` and `?`, 1 to 1024 bytes
            CF100 /Filter/ObjectSizeGreaterThan: `ObjectSizeGreaterThan` is text, not a number
                value "10"
                allowed a number of bytes, 0 to 18446744073709551615
                instead 10
            CF100 /Filter/ObjectSizeLessThan: `ObjectSizeLessThan` is no whole number within its limits
                value 1.5
                allowed a number of bytes, 0 to 18446744073709551615
            CF100 /Filter/ModifiedSince: `ModifiedSince` is no time of ISO 8601
                value "yesterday"
                allowed a time such as `2026-11-08T01:00:00Z`, or a date
            CF100 /Filter/ModifiedBefore: `ModifiedBefore` is a number, not text
                value 1794099600
                allowed a time such as `2026-11-08T01:00:00Z`, or a date
            CF100 /Filter/StorageClass: `StorageClass` names no class
                value []
                allowed the name of a storage class, at most 64 bytes, or a list of such names
            CF100 /Filter/Tag: `Tag` has 0 items
                value []
                allowed a list of 1 to 50 objects with `Key` and `Value`
        "#]],
    );
    filter(
        r#""StorageClass":["A",""],"Tag":{"Key":"a","Value":"b"}"#,
        &expect![[r#"
            CF100 /Filter/StorageClass/1: `StorageClass` is empty
                value ""
                allowed the name of a storage class, at most 64 bytes, or a list of such names
            CF100 /Filter/Tag: `Tag` is an object, not a list
                value {"Key":"a","Value":"b"}
                allowed a list of 1 to 50 objects with `Key` and `Value`
        "#]],
    );
    filter(
        r#""Tag":["a"]"#,
        &expect![[r#"
            CF100 /Filter/Tag/0: item 0 of `Tag` is text, not an object
                value "a"
                allowed an object with members of `Key`, `Value`
        "#]],
    );
}

#[test]
fn cf100_the_same_said_twice() {
    filter(
        r#""Period":{"StartTime":0},"ModifiedBefore":"2026-11-08","And":{"Tag":[{"Key":"a","Value":"b"}]},"Tag":[{"Key":"a","Value":"b"}]"#,
        &expect![[r#"
            CF100 /Filter: `Filter` has both `And` and `Tag`
                value {"Period":{"StartTime":0},"ModifiedBefore":"2026-11-08","And":{"Tag":[{"Key":"a","Value":"b"}]},"Tag":[{"Key":"a","Value":"b"}]}
                allowed one of the two
            CF100 /Filter: `Filter` has both `Period` and `ModifiedBefore`
                value {"Period":{"StartTime":0},"ModifiedBefore":"2026-11-08","And":{"Tag":[{"Key":"a","Value":"b"}]},"Tag":[{"Key":"a","Value":"b"}]}
                allowed one of the two
        "#]],
    );
}

#[test]
fn cf140_windows_that_nothing_is_in() {
    filter(
        r#""ObjectSizeGreaterThan":10,"ObjectSizeLessThan":11,"ModifiedSince":"2026-11-08","ModifiedBefore":"2026-11-08""#,
        &expect![[r#"
            CF140 /Filter/ObjectSizeLessThan: no size is greater than 10 and less than 11
                value 11
                allowed at least 2 more than `ObjectSizeGreaterThan`
            CF140 /Filter/ModifiedBefore: no time is since `ModifiedSince` and before `ModifiedBefore`
                value "2026-11-08T00:00:00.000Z"
                allowed a time after 2026-11-08T00:00:00.000Z
        "#]],
    );
    let smallest = r#""ObjectSizeGreaterThan":10,"ObjectSizeLessThan":12,"ModifiedSince":"2026-11-08","ModifiedBefore":"2026-11-08T00:00:00.001Z""#;
    assert!(filter(smallest, &expect![""]).is_some());
    let most = format!(r#""ObjectSizeGreaterThan":{0},"ObjectSizeLessThan":{0}"#, u64::MAX);
    filter(
        &most,
        &expect![[r#"
            CF140 /Filter/ObjectSizeLessThan: no size is greater than 18446744073709551615 and less than 18446744073709551615
                value 18446744073709551615
                allowed at least 2 more than `ObjectSizeGreaterThan`
        "#]],
    );
}

#[test]
fn limits_of_texts_and_lists() {
    let tags = |count: usize| {
        let tag = |i| format!(r#"{{"Key":"{i}","Value":""}}"#);
        format!(r#""Tag":[{}]"#, (0..count).map(tag).collect::<Vec<_>>().join(","))
    };
    let key = |chars: usize| format!(r#""Tag":[{{"Key":"{}","Value":""}}]"#, "ä".repeat(chars));
    let value = |chars: usize| format!(r#""Tag":[{{"Key":"a","Value":"{}"}}]"#, "ä".repeat(chars));
    let glob = |bytes: usize| format!(r#""NameGlob":"{}""#, "*".repeat(bytes));
    let class = |bytes: usize| format!(r#""StorageClass":"{}""#, "A".repeat(bytes));
    let cases: [(&dyn Fn(usize) -> String, usize); 5] =
        [(&tags, 50), (&key, 128), (&value, 256), (&glob, 1024), (&class, 64)];
    for (inside, max) in cases {
        assert!(filter(&inside(max), &expect![""]).is_some());
        let document =
            LEAST.replacen(r#"{"Id""#, &format!(r#"{{"Filter":{{{}}},"Id""#, inside(max + 1)), 1);
        let over = judged_as(Dialect::Any, document.as_bytes(), Syntax::Json).findings;
        assert_eq!(over[0].level, Level::Error);
        assert!(over[0].message.contains(&(max + 1).to_string()), "{over:?}");
    }
}
