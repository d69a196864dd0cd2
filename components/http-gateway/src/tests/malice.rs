//! Bodies that are made to do harm, over whole requests: each is refused, soon, and nothing of it is kept.

use std::fmt::Write as _;

use stocktake_capabilities::State as _;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, PUT};
use super::world::{World, brief, request};
use crate::body_limit;

const VALIDATE: &str = "POST /v1/stocktake/inventory/validate";

/// A PUT of these bytes as a configuration.
#[track_caller]
fn refused(body: &[u8], expected: &str) {
    for dialect in [Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos] {
        let world = World::new(dialect);
        for line in [PUT, "PUT /orbit-new-1"] {
            let mut asked = request(line, "");
            asked.body = body.to_vec();
            let answer = brief(&world.raw(&world.signed("AKADMIN", asked)));
            assert_eq!(answer, expected, "{dialect:?} {line}");
        }
        assert_eq!(world.state.list("", None).unwrap().items, [], "{dialect:?}");
    }
}

/// A document in JSON, which is not usable.
#[track_caller]
fn unusable(body: &str) {
    let world = World::new(Dialect::Any);
    let answer = world.brief(VALIDATE, body);
    assert!(answer.starts_with(r#"200 {"usable":false"#), "{answer}");
    assert!(answer.len() < 64 << 10, "{}", answer.len());
}

#[test]
fn an_xml_bomb_is_refused() {
    let mut bomb = "<!DOCTYPE a [<!ENTITY e0 \"x\">".to_owned();
    for level in 1..20 {
        let before = format!("&e{};", level - 1).repeat(10);
        let _ = write!(bomb, "<!ENTITY e{level} \"{before}\">");
    }
    let bomb = format!("{bomb}]>{}", CLI.replace("docs/", "&e19;"));
    refused(bomb.as_bytes(), "400 MalformedXML");
    let outside = format!("<!DOCTYPE a SYSTEM \"file:///etc/passwd\">{CLI}");
    refused(outside.as_bytes(), "400 MalformedXML");
    refused(CLI.replace("docs/", "&e19;").as_bytes(), "400 MalformedXML");
}

#[test]
fn deep_nesting_is_refused() {
    let depth = 1000;
    let xml = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    refused(xml.as_bytes(), "400 MalformedXML");
    refused("<a>".repeat(depth).as_bytes(), "400 MalformedXML");
    let open = "<CreateBucketConfiguration>".repeat(100);
    refused(open.as_bytes(), "400 MalformedXML");
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        unusable(&format!("{}1{}", open.repeat(depth * 10), close.repeat(depth * 10)));
        unusable(&open.repeat(depth * 10));
    }
}

#[test]
fn duplicate_keys_are_refused() {
    unusable(r#"{"Id":"docs-daily","Id":"other"}"#);
    let twice = CLI.replace("<Id>", "<Id>first</Id><Id>");
    assert_eq!(World::new(Dialect::Any).brief(PUT, &twice), "400 MalformedXML");
    let constraint = "<LocationConstraint>a</LocationConstraint>".repeat(2);
    let body = format!("<CreateBucketConfiguration>{constraint}</CreateBucketConfiguration>");
    refused(body.as_bytes(), "400 MalformedXML");
}

#[test]
fn invalid_utf8_is_refused() {
    for bytes in [&b"\xff"[..], b"<a>\xc3\x28</a>", b"\xed\xa0\x80", b"<Id>\xf0\x28\x8c\xbc</Id>"] {
        refused(bytes, "400 MalformedXML");
    }
    let inside = [&b"<InventoryConfiguration><Id>"[..], b"\xfe", b"</Id></InventoryConfiguration>"];
    refused(&inside.concat(), "400 MalformedXML");
    let mut asked = request("PUT /orbit-raw?policy", "");
    asked.body = b"{\"Version\":\"\xff\"}".to_vec();
    let world = World::new(Dialect::Any);
    assert_eq!(brief(&world.raw(&world.signed("AKADMIN", asked))), "400 MalformedPolicy");
}

#[test]
fn a_body_of_ten_mebibytes_is_refused_and_not_read_to_its_end() {
    let body = vec![b' '; 10 << 20];
    refused(&body, "400 MaxMessageLengthExceeded");
    let world = World::new(Dialect::Any);
    for (line, expected) in [
        (PUT, "400 MaxMessageLengthExceeded"),
        ("PUT /orbit-raw?policy", "400 PolicyTooLarge"),
        (VALIDATE, "400 MaxMessageLengthExceeded"),
    ] {
        let mut asked = request(line, "");
        let length = body.len().to_string().into_bytes();
        asked.head.headers.push(("content-length".to_owned(), length));
        let limit = body_limit(&asked.head, &world.settings, &super::world::moment());
        assert_eq!(brief(&limit.unwrap_err()), expected, "{line}");
    }
}
