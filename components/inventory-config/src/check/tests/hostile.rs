//! Documents that try the limits, and documents at random.

use proptest::prelude::*;
use stocktake_core::configuration::DOCUMENT_BYTES_MAX;

use super::*;

#[track_caller]
fn unreadable(document: &[u8], expected: &Expect) {
    expected.assert_eq(&lines(&judged(document, Syntax::Json).findings));
}

#[test]
fn says_why_json_cannot_be_read() {
    unreadable(
        b"",
        &expect![[r#"
        CF100 : the document is empty
            allowed one configuration
    "#]],
    );
    unreadable(
        b"\xef\xbb\xbf \n",
        &expect![[r#"
        CF100 : the document is empty
            allowed one configuration
    "#]],
    );
    unreadable(
        b"{\"Id\":\"\xff\"}",
        &expect![[r#"
        CF100 : the document is not UTF-8: byte 7 is 0xff
            allowed UTF-8 text
    "#]],
    );
    unreadable(
        b"{\"Id\":\n \"a\" \"b\"}",
        &expect![[r#"
        CF100 : the document is not well-formed JSON: expected `,` or `}` at line 2 column 6
            allowed one JSON document
    "#]],
    );
    unreadable(
        b"{\"Id\":\"a\"",
        &expect![[r#"
        CF100 : the document is not well-formed JSON: EOF while parsing an object at line 1 column 9
            allowed one JSON document
    "#]],
    );
    unreadable(
        b"{\"Id\":\"\\ud800\"}",
        &expect![[r#"
        CF100 : the document is not well-formed JSON: unexpected end of hex escape at line 1 column 14
            allowed one JSON document
    "#]],
    );
    unreadable(
        b"{\"Id\":\"\0\"}",
        &expect![[r#"
        CF100 : the document is not well-formed JSON: control character (\u0000-\u001F) found while parsing a string at line 1 column 8
            allowed one JSON document
    "#]],
    );
    unreadable(
        b"{\"Id\":1e999}",
        &expect![[r#"
        CF100 : the document is not well-formed JSON: number out of range at line 1 column 11
            allowed one JSON document
    "#]],
    );
    unreadable(
        b"{} {}",
        &expect![[r#"
        CF100 : the document is not well-formed JSON: trailing characters at line 1 column 4
            allowed one JSON document
    "#]],
    );
}

#[test]
fn a_byte_order_mark_hides_no_other_problem() {
    let document = format!("\u{feff}{}", with("\"CSV\"", "\"csv\""));
    json(
        &document,
        &expect![[r#"
        CF100 : the document begins with a byte order mark
            allowed UTF-8 text without a mark
        CF100 /Destination/S3BucketDestination/Format: `Format` has no such choice
            value "csv"
            allowed one of `CSV`, `ORC`, `Parquet`
            instead "CSV"
    "#]],
    );
}

#[test]
fn numbers_are_no_texts_whatever_their_size() {
    changed(
        "\"ledger-audit\"",
        "123456789012345678901234567890",
        &expect![[r#"
        CF100 /Id: `Id` is a number, not text
            value 1.2345678901234568e+29
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
    changed(
        "\"210987654321\"",
        "-0.0",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/AccountId: `AccountId` is a number, not text
            value -0.0
            allowed 12 digits in quotes
    "#]],
    );
}

#[test]
fn a_document_at_the_limit_is_read_and_one_above_is_not() {
    let mut document = USABLE.as_bytes().to_vec();
    document.resize(DOCUMENT_BYTES_MAX, b' ');
    assert_eq!(judged(&document, Syntax::Json).findings, []);
    document.push(b' ');
    unreadable(
        &document,
        &expect![[r#"
        CF100 : the document has 262145 bytes
            allowed at most 262144 bytes
    "#]],
    );
}

#[test]
fn depth_has_a_limit() {
    let lists = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    // The document, `Filter`, and the lists.
    let at_limit = with("\"docs/\"", &lists(DEPTH_MAX - 2));
    assert_eq!(judged(at_limit.as_bytes(), Syntax::Json).findings.len(), 1);
    let over = judged(with("\"docs/\"", &lists(DEPTH_MAX - 1)).as_bytes(), Syntax::Json).findings;
    assert_eq!(over.len(), 2);
    assert_eq!(over[1].pointer, format!("/Filter/Prefix{}", "/0".repeat(DEPTH_MAX - 2)));
    let open = "[".repeat(DOCUMENT_BYTES_MAX);
    assert_eq!(judged(open.as_bytes(), Syntax::Json).findings.len(), 1);
    let closed = lists(DOCUMENT_BYTES_MAX / 2);
    assert_eq!(judged(closed.as_bytes(), Syntax::Json).findings.len(), 2);
}

#[test]
fn findings_have_a_limit() {
    let fields = |count: usize| {
        let names = vec!["\"x\""; count].join(",");
        let document = with(r#"["Size","LastModifiedDate","ETag"]"#, &format!("[{names}]"));
        judged(document.as_bytes(), Syntax::Json).findings
    };
    assert_eq!(fields(FINDINGS_MAX).len(), FINDINGS_MAX);
    let over = fields(FINDINGS_MAX + 1);
    assert_eq!(over.len(), FINDINGS_MAX + 1);
    expect![[r#"
        CF100 : there are more than 1000 findings
            allowed none at all; repair these first
    "#]]
    .assert_eq(&lines(&over[FINDINGS_MAX..]));
}

#[test]
fn findings_are_no_larger_than_what_they_are_about() {
    let name = "n".repeat(DOCUMENT_BYTES_MAX / 2 - 1000);
    let deep = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    let deeps = vec![deep; name.len() / 70].join(",");
    let document = with("\"Id\"", &format!("\"{name}\":[{deeps}],\"Id\""));
    let pointers: Vec<String> = judged(document.as_bytes(), Syntax::Json)
        .findings
        .into_iter()
        .map(|finding| finding.pointer)
        .collect();
    let deepest = format!("/{name}/0{}", "/0".repeat(DEPTH_MAX - 2));
    assert_eq!(pointers, [format!("/{name}"), deepest]);
}

#[test]
fn findings_address_no_terminal() {
    changed(
        "\"IsEnabled\"",
        r#""\u001b[2J\u202eIs":1,"IsEnabled""#,
        &expect![[r#"
        CF100 /\u001b[2J\u202eIs: unknown member `\u001b[2J\u202eIs`
            value "\u001b[2J\u202eIs"
            allowed an object with members of `Destination`, `IsEnabled`, `Filter`, `Id`, `IncludedObjectVersions`, `OptionalFields`, `Schedule`
    "#]],
    );
    changed(
        "\"ledger-audit\"",
        r#""\u0007""#,
        &expect![[r#"
        CF100 /Id: `Id` holds other characters
            value "\u0007"
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
}

/// Replaces, inserts and removes bytes of a usable document.
fn mutated(document: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), 0..4usize, prop::collection::vec(any::<u8>(), 0..4));
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut bytes = document.as_bytes().to_vec();
        for (at, removed, inserted) in edits {
            let from = at.index(bytes.len() + 1);
            let to = (from + removed).min(bytes.len());
            bytes.splice(from..to, inserted);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn no_bytes_end_the_work(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        judged(&bytes, Syntax::Json);
        judged(&bytes, Syntax::Xml);
    }

    #[test]
    fn no_text_of_marks_ends_the_work(
        text in r#"([{}\[\]",:<>/&;!?=a-]|<Id>|</Id>|<!\[CDATA\[|\]\]>|\\u)*"#,
    ) {
        judged(text.as_bytes(), Syntax::Json);
        let open = format!("<InventoryConfiguration>{text}");
        judged(open.as_bytes(), Syntax::Xml);
        judged(format!("{open}</InventoryConfiguration>").as_bytes(), Syntax::Xml);
    }

    #[test]
    fn no_change_of_a_document_ends_the_work(
        json in mutated(USABLE),
        xml in mutated(super::syntaxes::USABLE_XML),
    ) {
        judged(&json, Syntax::Json);
        judged(&xml, Syntax::Xml);
    }

    #[test]
    fn no_change_of_a_document_ends_the_work_in_any_dialect(
        json in mutated(super::cos::FULL),
        xml in mutated(super::cos::FULL_XML),
    ) {
        for dialect in [Dialect::Any, Dialect::Coreweave, Dialect::Cos] {
            judged_as(dialect, &json, Syntax::Json);
            judged_as(dialect, &xml, Syntax::Xml);
        }
    }
}
