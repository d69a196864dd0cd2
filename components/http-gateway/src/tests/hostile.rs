//! Requests at random: every one gets an answer that can be sent.

use proptest::prelude::*;
use stocktake_core::configuration::document_xml;
use stocktake_core::finding::Dialect;

use super::inventory::{CLI, COS};
use super::world::World;
use crate::{Head, Request, Response};

/// What the administrator signs with.
const SECRET: &str = "admin-secret";

/// Parts of requests that are more or less right.
fn part() -> impl Strategy<Value = String> {
    let known = "/ /v1/stocktake /inventory /health /validate /runs / orbit-raw ? & = inventory policy id \
        docs-daily continuation-token max-buckets x-id % %2F %zz %ff + . - Bearer AWS4-HMAC-SHA256 Credential \
        X-Amz-Signature X-Amz-Algorithm STREAMING-AWS4-HMAC-SHA256-PAYLOAD AKADMIN { } < > \" é";
    let known: Vec<String> = known.split_whitespace().map(str::to_owned).collect();
    prop_oneof![3 => prop::sample::select(known), 1 => ".{0,8}"]
}

fn parts() -> impl Strategy<Value = String> {
    prop::collection::vec(part(), 0..8).prop_map(|parts| parts.concat())
}

fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let names = "authorization x-amz-date x-amz-content-sha256 content-md5 content-length host \
        x-amz-expected-bucket-owner x-amz-decoded-content-length content-type x-amz-security-token";
    let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    let name = prop_oneof![4 => prop::sample::select(names), 1 => ".{0,8}"];
    let value = prop_oneof![
        parts().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..20)
    ];
    (name, value)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let cut = |text: &'static str| {
        (0..text.len(), any::<u8>()).prop_map(move |(at, byte)| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = byte;
            bytes
        })
    };
    prop_oneof![
        cut(CLI),
        cut(COS),
        Just(CLI.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..200)
    ]
}

fn any_request() -> impl Strategy<Value = Request> {
    let methods = vec!["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "", "ge t"];
    let head = (prop::sample::select(methods), parts(), parts(), parts());
    let rest = (prop::collection::vec(header(), 0..4), body());
    (head, rest).prop_map(|((method, authority, path, query), (headers, body))| {
        let path = format!("/{path}");
        let method = method.to_owned();
        Request { head: Head { method, authority, path, query, headers, ..Head::default() }, body }
    })
}

fn dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(vec![Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos])
}

/// What a host can send, and a client can read.
fn check(request: &Request, answer: &Response) {
    assert!((200..600).contains(&answer.status), "{answer:?}");
    for (_, value) in &answer.headers {
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{answer:?}");
    }
    let is_xml = answer.headers.contains(&("content-type", "application/xml".to_owned()));
    let text = std::str::from_utf8(&answer.body).unwrap();
    if request.head.method == "HEAD" {
        assert_eq!(text, "");
    } else if is_xml {
        let mut reader = quick_xml::Reader::from_str(text);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
        let is_allowed = |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(text.chars().all(is_allowed), "{text:?}");
    } else if answer.status >= 300 {
        serde_json::from_str::<serde_json::Value>(text).unwrap();
    }
    let shown = format!("{request:?} {:?} {:?} {text}", answer.headers, answer.detail);
    assert!(!shown.contains(SECRET), "{shown}");
}

proptest! {
    #[test]
    fn any_request_is_answered(request in any_request(), dialect in dialect()) {
        let mut world = World::new(dialect);
        world.settings.domains = vec!["s3.example.org".to_owned()];
        check(&request, &world.raw(&request));
        let limit = crate::body_limit(&request.head, &world.settings, &super::world::moment());
        if let Err(refused) = limit {
            check(&request, &refused);
        }
    }

    #[test]
    fn any_request_of_an_administrator_is_answered(
        mut request in any_request(),
        dialect in dialect(),
        anonymous in any::<bool>(),
        place in prop::sample::select(vec!["/orbit-raw", "/", "/v1/stocktake/inventory/orbit-raw/a"]),
    ) {
        let mut world = World::new(dialect);
        world.settings.allows_anonymous = anonymous;
        place.clone_into(&mut request.head.path);
        request.head.query.retain(|c| c != '%');
        request.head.authority.retain(|c| !c.is_control());
        request.head.headers.retain(|(name, value)| {
            let is_signable = !value.iter().any(u8::is_ascii_control);
            is_signable && (name == "content-type" || name == "content-length")
        });
        let is_token = request.head.method.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_usable = is_token && !request.head.method.is_empty();
        let request = if is_usable { world.signed("AKADMIN", request) } else { request };
        check(&request, &world.raw(&request));
    }

    /// What a GET answers is what was put: read again, it is the same document.
    #[test]
    fn a_configuration_in_xml_reads_back(document in super::roundtrip::document()) {
        let judged = inventory_config::check(
            document.to_string().as_bytes(), inventory_config::Syntax::Json, Dialect::Any);
        let Some(usable) = judged.configuration else { return Err(TestCaseError::reject("unusable")) };
        let json = usable.to_document();
        for namespace in [None, Some("http://s3.amazonaws.com/doc/2006-03-01/")] {
            let xml = document_xml(&json, namespace).unwrap();
            let again = inventory_config::check(
                xml.as_bytes(), inventory_config::Syntax::Xml, Dialect::Any);
            let again = again.configuration.map(|usable| usable.to_document());
            prop_assert_eq!(again.as_deref(), Some(json.as_str()), "{}", xml);
        }
    }
}
