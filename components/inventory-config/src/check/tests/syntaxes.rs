//! What only XML can get wrong, and what means nothing in it.

use super::*;

/// What the AWS CLI sends for [`USABLE`].
pub(super) const USABLE_XML: &str = r#"<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Destination><S3BucketDestination><AccountId>210987654321</AccountId><Bucket>arn:aws:s3:::ledger-inventory</Bucket><Format>CSV</Format><Prefix>inventory/ledger-archive</Prefix><Encryption><SSE-KMS><KeyId>arn:aws:kms:us-east-1:210987654321:key/k</KeyId></SSE-KMS></Encryption></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter><Prefix>docs/</Prefix></Filter><Id>ledger-audit</Id><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>LastModifiedDate</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>"#;

const SSE_KMS: &str = "<SSE-KMS><KeyId>arn:aws:kms:us-east-1:210987654321:key/k</KeyId></SSE-KMS>";

#[track_caller]
fn xml(from: &str, to: &str, expected: &Expect) -> Judgement {
    assert!(USABLE_XML.contains(from), "{from}");
    let judgement = judged(USABLE_XML.replacen(from, to, 1).as_bytes(), Syntax::Xml);
    expected.assert_eq(&lines(&judgement.findings));
    judgement
}

/// Judges a document that says what [`USABLE`] says.
#[track_caller]
fn same(document: &str) {
    let expected = judged(USABLE.as_bytes(), Syntax::Json);
    assert_eq!(judged(document.as_bytes(), Syntax::Xml), expected, "{document}");
}

#[test]
fn accepts_what_the_cli_sends() {
    same(USABLE_XML);
    let sse_s3 = xml(SSE_KMS, "<SSE-S3 />", &expect![[""]]).configuration.unwrap();
    assert!(sse_s3.to_json().contains(r#""Encryption":{"SSES3":{}}"#));
    let fields = "<Field>Size</Field><Field>LastModifiedDate</Field><Field>ETag</Field>";
    let bare = xml(fields, "", &expect![[""]]).configuration.unwrap();
    assert_eq!(bare.optional_fields, [] as [&_; 0]);
}

#[test]
fn spelling_that_means_nothing_changes_nothing() {
    let id = "<Id>ledger-audit</Id>";
    let namespace = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    for (from, to) in [
        ("<Inv", "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Inv"),
        (namespace, ""),
        ("<Id>", &format!("<!-- the id --><?pi x?>\n\t<Id{namespace}>")),
        ("docs/", "d<!-- not here -->&#x6f;<![CDATA[cs]]>&#47;"),
        ("</InventoryConfiguration>", "</InventoryConfiguration >\n<!-- end -->"),
    ] {
        assert!(USABLE_XML.contains(from), "{from}");
        same(&USABLE_XML.replacen(from, to, 1));
    }
    same(&USABLE_XML.replacen(id, "", 1).replacen(
        "<Destination>",
        &format!("{id}<Destination>"),
        1,
    ));
}

#[test]
fn text_is_kept_exactly() {
    let usable = xml("docs/", " &lt;&amp;&gt;&quot;&apos;&#13;\r\n\u{e9}]", &expect![[""]]);
    assert_eq!(usable.configuration.unwrap().filter.prefix.as_deref(), Some(" <&>\"'\r\n\u{e9}]"));
    xml(
        "Daily",
        " Daily\n",
        &expect![[r#"
        CF100 /Schedule/Frequency: `Frequency` has no such choice
            value " Daily\n"
            allowed one of `Daily`, `Weekly`
            instead "Daily"
    "#]],
    );
    xml(
        "true",
        " True ",
        &expect![[r#"
        CF100 /IsEnabled: `IsEnabled` is text, not a boolean
            value " True "
            allowed `true` or `false`
            instead true
    "#]],
    );
}

#[test]
fn reports_what_only_xml_can_get_wrong() {
    xml(
        "<Id>",
        "<Id lang=\"en\" xmlns=\"urn:x\">",
        &expect![[r#"
        CF100 /Id: unknown attribute `lang`
            value "lang"
            allowed no attribute but `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
        CF100 /Id: the element is of another namespace
            value "urn:x"
            allowed no attribute but `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
    "#]],
    );
    xml(
        "<Schedule>",
        "<Schedule>daily",
        &expect![[r#"
        CF100 /Schedule: there is text between the elements
            value "daily"
            allowed elements
    "#]],
    );
    xml(
        "<Field>Size</Field>",
        "<Size/>",
        &expect![[r#"
        CF100 /OptionalFields: unknown element `Size` in the list
            value "Size"
            allowed `Field`
    "#]],
    );
    xml(
        SSE_KMS,
        "<SSES3/>",
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Encryption/SSES3: `SSES3` is the name in JSON
            value "SSES3"
            allowed `SSE-S3`
            instead "SSE-S3"
    "#]],
    );
    xml(
        "<Id>ledger-audit</Id>",
        "<Id>a</Id><Id>b</Id>",
        &expect![[r#"
        CF100 /Id: `Id` is given more than once
            value "b"
            allowed one `Id`
    "#]],
    );
    xml(
        "<Id>ledger-audit</Id>",
        "<s:Id>a</s:Id>",
        &expect![[r#"
        CF100 /s:Id: unknown member `s:Id`
            value "s:Id"
            allowed an object with members of `Destination`, `IsEnabled`, `Filter`, `Id`, `IncludedObjectVersions`, `OptionalFields`, `Schedule`
        CF100 /Id: `Id` is missing
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
}

#[test]
fn says_why_xml_cannot_be_read() {
    xml(
        "<Inv",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><Inv",
        &expect![[r#"
        CF100 : the document has a document type declaration
            allowed elements, text and comments
    "#]],
    );
    xml(
        "docs/",
        "&docs;",
        &expect![[r#"
        CF100 : the document is not well-formed XML: the entity `&docs;` is not declared at line 1 column 433
            allowed one XML document
    "#]],
    );
    xml(
        "docs/",
        "&#0;",
        &expect![[r#"
        CF100 : the document is not well-formed XML: invalid character reference: 0x0 character is not permitted in XML at line 1 column 431
            allowed one XML document
    "#]],
    );
    xml(
        "docs/",
        "a & b",
        &expect![[r#"
            CF100 : the document is not well-formed XML: entity or character reference not closed: `;` not found before end of input at line 1 column 429
                allowed one XML document
        "#]],
    );
    xml(
        "</Id>",
        "</id>",
        &expect![[r#"
            CF100 : the document is not well-formed XML: expected `</Id>`, but `</id>` was found at line 1 column 466
                allowed one XML document
        "#]],
    );
    xml(
        "</InventoryConfiguration>",
        "",
        &expect![[r#"
        CF100 : the document is not well-formed XML: the root element does not end at line 1 column 678
            allowed one XML document
    "#]],
    );
    xml(
        "</InventoryConfiguration>",
        "</InventoryConfiguration><a/>",
        &expect![[r#"
        CF100 : the document is not well-formed XML: there is a second root element at line 1 column 707
            allowed one XML document
    "#]],
    );
    xml(
        "</InventoryConfiguration>",
        "</InventoryConfiguration>a",
        &expect![[r#"
        CF100 : the document is not well-formed XML: there is text outside of the root element at line 1 column 704
            allowed one XML document
    "#]],
    );
    xml(
        "<Inv",
        "<?xml version=\"1.0\" encoding=\"latin1\"?><Inv",
        &expect![[r#"
        CF100 : the document declares the encoding `latin1`
            allowed UTF-8
    "#]],
    );
    xml(
        USABLE_XML,
        "<ListInventoryConfigurationsResult/>",
        &expect![[r#"
        CF100 : the root element is `ListInventoryConfigurationsResult`
            allowed `InventoryConfiguration`
    "#]],
    );
    xml(
        USABLE_XML,
        "<!-- nothing -->",
        &expect![[r#"
            CF100 : the document is not well-formed XML: there is no root element at line 1 column 17
                allowed one XML document
        "#]],
    );
    xml(
        "<Id>",
        "<Id a=\"1\" a=\"2\">",
        &expect![[r#"
            CF100 : the document is not well-formed XML: the attributes of `Id` are not `name="value"` with different names at line 1 column 466
                allowed one XML document
        "#]],
    );
}

#[test]
fn depth_is_limited_as_in_json() {
    for levels in [DEPTH_MAX - 3, DEPTH_MAX - 2, 30_000] {
        let nested = format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        let found = judged(USABLE_XML.replacen("docs/", &nested, 1).as_bytes(), Syntax::Xml);
        // The document, `Filter`, `Prefix`, and the elements in it.
        assert_eq!(found.findings.len(), 1 + usize::from(levels > DEPTH_MAX - 3), "{levels}");
    }
}
