//! XML, and that it is judged like JSON.

use proptest::prelude::*;
use serde_json::Value as Json;

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
    assert_eq!(usable.configuration.unwrap().filter_prefix.as_deref(), Some(" <&>\"'\r\n\u{e9}]"));
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

/// Writes in XML what a JSON document says.
fn to_xml(parent: &str, name: &str, value: &Json, out: &mut String) {
    let tag = match (parent, name) {
        ("Encryption", "SSES3") => "SSE-S3",
        ("Encryption", "SSEKMS") => "SSE-KMS",
        (_, name) => name,
    };
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

/// Judges a document in both syntaxes.
#[track_caller]
fn both(document: &Json) {
    // Written anew, so that members stand in the same order in both.
    let json = judged(document.to_string().as_bytes(), Syntax::Json);
    let mut xml = String::new();
    to_xml("", "InventoryConfiguration", document, &mut xml);
    assert_eq!(json, judged(xml.as_bytes(), Syntax::Xml), "{document}\n{xml}");
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
    ] {
        both(&serde_json::from_str(document).unwrap());
    }
}

fn word() -> impl Strategy<Value = Json> {
    let known = "All Current Latest Daily Weekly CSV csv ORC Parquet Size ETag LastAccessedDate \
        arn:aws:s3:::abc abc a/b 210987654321 True";
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
        S3BucketDestination Bucket Format AccountId Encryption SSEKMS SSES3 KeyId Unknown id";
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
