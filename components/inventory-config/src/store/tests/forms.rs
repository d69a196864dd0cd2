//! What is kept beside a document, and records that are none.

use super::*;

#[test]
fn the_form_of_reports_is_kept_and_not_answered() {
    let state = MemoryState::default();
    for (dialect, format, form) in [
        (Dialect::Coreweave, "CSV", r#","Form":"coreweave""#),
        (Dialect::Any, "TSV", r#","Form":"coreweave""#),
        (Dialect::Any, "CSV", ""),
        (Dialect::Aws, "CSV", ""),
    ] {
        let text = document("daily", format);
        let outcome =
            put(&state, "orbit-raw", "daily", text.as_bytes(), Syntax::Json, dialect, &[]).unwrap();
        assert!(matches!(outcome, PutOutcome::Stored(_)), "{outcome:?}");
        let record = state.get(&configuration_key("orbit-raw", "daily")).unwrap().unwrap();
        let kept = format!("{}{form}}}", text.strip_suffix('}').unwrap());
        assert_eq!(String::from_utf8(record.value).unwrap(), kept);
        assert_eq!(get(&state, "orbit-raw", "daily"), Ok(Some(text.clone())));
        assert_eq!(list(&state, "orbit-raw", None).unwrap().configurations, [text]);
    }
}

#[test]
fn cf130_reports_in_the_form_of_cos() {
    let state = MemoryState::default();
    let document = crate::check::tests::COS_DOCUMENT;
    let warned = |bucket: &str, prefix: &str| {
        let text = document.replace("docs/", prefix);
        let outcome = put(&state, bucket, "m1", text.as_bytes(), Syntax::Json, Dialect::Cos, &[]);
        let Ok(PutOutcome::Stored(findings)) = outcome else { panic!("{outcome:?}") };
        crate::check::tests::lines(&findings)
    };
    expect![[r#"
        CF130 /Destination/COSBucketDestination/Prefix: reports go to `inv/1259999999/reports/m1/` of the bucket that they list
            value "inv"
            allowed a `Filter` that leaves out the report prefix, or another destination bucket
    "#]]
    .assert_eq(&warned("reports-1259999999", "inv/"));
    assert_eq!(warned("reports-1259999999", "docs/"), "");
    assert_eq!(warned("reports-1259999998", "inv/"), "");
}
