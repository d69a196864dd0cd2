//! Who is calling.

use expect_test::expect;
use stocktake_capabilities::Identity;
use stocktake_core::finding::Dialect;
use stocktake_sigv4::{Chunking, ContentSha256};

use super::inventory::{CLI, PUT};
use super::world::{World, brief, request, shown};

fn bearer(token: &str) -> (String, Vec<u8>) {
    ("Authorization".to_owned(), format!("Bearer {token}").into_bytes())
}

#[test]
fn nobody_in_particular_is_refused() {
    let world = World::new(Dialect::Any);
    expect![[r#"
        403
        content-type: application/xml
        x-amz-request-id: 4442587FB7D0A2F9

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>
    "#]].assert_eq(&shown(&world.raw(&request("GET /", ""))));
    let mut asked = request("GET /v1/stocktake/inventory/orbit-raw/a", "");
    expect![[r#"
        403
        content-type: application/problem+json
        x-amz-request-id: 4442587FB7D0A2F9

        {"code":"AccessDenied","detail":"Access Denied","request_id":"4442587FB7D0A2F9","status":403,"title":"Forbidden","type":"about:blank"}
    "#]].assert_eq(&shown(&world.raw(&asked)));
    asked.head.method = "HEAD".to_owned();
    assert_eq!(world.raw(&asked).body, b"");
}

#[test]
fn a_signature_must_be_the_one_of_the_request() {
    let world = World::new(Dialect::Any);
    assert_eq!(world.brief("GET /orbit-raw?policy", ""), "404 NoSuchBucketPolicy");
    assert_eq!(world.brief_by("AKOTHER", "GET /orbit-raw?policy", ""), "403 InvalidAccessKeyId");
    let mut asked = world.signed("AKADMIN", request("GET /orbit-raw?policy", ""));
    asked.head.query = "policy&a".to_owned();
    assert_eq!(brief(&world.raw(&asked)), "403 SignatureDoesNotMatch");
    let mut asked = world.signed("AKADMIN", request("PUT /orbit-raw?policy", "{}"));
    asked.body = b"{ }".to_vec();
    assert_eq!(brief(&world.raw(&asked)), "400 XAmzContentSHA256Mismatch");
    let mut asked = world.signed("AKADMIN", request("GET /", ""));
    asked.head.authority = "other:9000".to_owned();
    assert_eq!(brief(&world.raw(&asked)), "403 SignatureDoesNotMatch");
}

#[test]
fn a_bearer_token_is_an_id_and_a_secret() {
    let token = Identity {
        principal: "arn:aws:iam::210987654321:user/token".to_owned(),
        account: "210987654321".to_owned(),
        secret: "tok1.s3cret.more".to_owned(),
        administrator: true,
        ..Identity::default()
    };
    let key = Identity { secret: "s3cret".to_owned(), ..token.clone() };
    let gone = Identity { suspended: true, secret: "gone.s3cret".to_owned(), ..token.clone() };
    let world = World::new(Dialect::Any)
        .with_identity("tok1", token)
        .with_identity("key", key)
        .with_identity("gone", gone);
    for (token, expected) in [
        ("tok1.s3cret.more", 200),
        ("tok1.s3cret", 400),
        ("tok1", 400),
        ("tok1.", 400),
        // The secret of a key that signs is no token.
        ("key.s3cret", 400),
        ("other.s3cret", 400),
        ("gone.s3cret", 403),
    ] {
        let mut asked = request("HEAD /orbit-raw", "");
        asked.head.headers.push(bearer(token));
        assert_eq!(world.raw(&asked).status, expected, "{token}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let mut asked = request("GET /?X-Amz-Signature=s3cret", "");
    asked.head.headers.push(bearer("a.s3cret"));
    let shown = format!("{asked:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_owner_must_be_the_expected_one() {
    let world = World::new(Dialect::Any);
    for (owner, expected) in [("210987654321", "200"), ("210987654322", "403"), ("", "403")] {
        let mut asked = request("HEAD /orbit-raw", "");
        let name = "X-Amz-Expected-Bucket-Owner".to_owned();
        asked.head.headers.push((name, owner.as_bytes().to_vec()));
        assert_eq!(brief(&world.raw(&world.signed("AKADMIN", asked))), expected, "{owner}");
    }
}

#[test]
fn a_body_must_be_the_one_that_was_promised() {
    let world = World::new(Dialect::Any);
    for (digest, expected) in [
        // Past the digest: it is the policy that is wrong.
        ("mZFLkyvTelC5g8XnyQrpOw==", "400 MalformedPolicy"),
        ("1B2M2Y8AsgTpgAmY7PhCfg==", "400 BadDigest"),
        ("", "400 InvalidDigest"),
        ("short", "400 InvalidDigest"),
    ] {
        let mut asked = request("PUT /orbit-raw?policy", "{}");
        asked.head.headers.push(("Content-MD5".to_owned(), digest.as_bytes().to_vec()));
        assert_eq!(brief(&world.raw(&world.signed("AKADMIN", asked))), expected, "{digest}");
    }
}

#[test]
fn a_temporary_token_belongs_to_no_key() {
    let world = World::new(Dialect::Any);
    let mut asked = request("HEAD /orbit-raw", "");
    asked.head.headers.push(("x-amz-security-token".to_owned(), b"t".to_vec()));
    assert_eq!(world.raw(&world.signed("AKADMIN", asked)).status, 400);
}

/// A PUT whose body comes in signed chunks of these lengths.
fn chunked(world: &World, content: &str, lengths: &[usize]) -> crate::Request {
    let mut asked = request(PUT, "");
    let length = content.len().to_string().into_bytes();
    asked.head.headers.push(("x-amz-decoded-content-length".to_owned(), length));
    let streamed = ContentSha256::Chunked(Chunking::Signed);
    let (mut asked, mut signer) = world.signed_as("AKADMIN", asked, streamed);
    let mut rest = content.as_bytes();
    for length in lengths {
        let (chunk, behind) = rest.split_at(*length);
        asked.body.extend_from_slice(signer.chunk(chunk).as_bytes());
        asked.body.extend_from_slice(chunk);
        asked.body.extend_from_slice(b"\r\n");
        rest = behind;
    }
    asked.body.extend_from_slice(signer.chunk(b"").as_bytes());
    asked.body.extend_from_slice(b"\r\n");
    asked
}

#[test]
fn a_body_may_come_in_signed_chunks() {
    let world = World::new(Dialect::Any);
    let asked = chunked(&world, CLI, &[CLI.len()]);
    assert_eq!(brief(&world.raw(&asked)), "200");
    let tampered = String::from_utf8(asked.body.clone()).unwrap().replace("docs/", "logs/");
    let tampered = crate::Request { body: tampered.into_bytes(), ..asked };
    assert_eq!(brief(&world.raw(&tampered)), "403 SignatureDoesNotMatch");
    let mut cut = chunked(&world, CLI, &[CLI.len()]);
    let last = cut.body.windows(2).rposition(|two| two == b"0;").unwrap();
    cut.body.truncate(last);
    assert_eq!(brief(&world.raw(&cut)), "400 IncompleteBody");
    let padded = format!("{CLI}{}", " ".repeat((256 << 10) - CLI.len()));
    let chunks = [8 << 10; 32];
    assert_eq!(brief(&world.raw(&chunked(&world, &padded, &chunks))), "200");
    let limit = crate::body_limit(
        &chunked(&world, &padded, &chunks).head,
        &world.settings,
        &super::world::moment(),
    );
    assert!(limit.unwrap() >= chunked(&world, &padded, &chunks).body.len());
    let padded = format!("{padded} ");
    let answer = world.raw(&chunked(&world, &padded, &[&chunks[1..], &[8193]].concat()));
    assert_eq!(brief(&answer), "400 MaxMessageLengthExceeded");
}

#[test]
fn a_request_may_be_signed_in_advance() {
    let world = World::new(Dialect::Any);
    let asked =
        |ago| world.raw(&world.presigned("AKADMIN", request("GET /orbit-raw?inventory", ""), ago));
    assert_eq!(asked(59).status, 200);
    assert_eq!(brief(&asked(61)), "403 AccessDenied");
    let mut other = world.presigned("AKADMIN", request("GET /orbit-raw?inventory", ""), 0);
    "DELETE".clone_into(&mut other.head.method);
    assert_eq!(brief(&world.raw(&other)), "403 SignatureDoesNotMatch");
}

#[test]
fn the_host_may_stand_in_its_header() {
    let world = World::new(Dialect::Any);
    let mut asked = world.signed("AKADMIN", request("HEAD /orbit-raw", ""));
    let authority = std::mem::take(&mut asked.head.authority);
    asked.head.headers.push(("Host".to_owned(), authority.into_bytes()));
    assert_eq!(world.raw(&asked).status, 200);
}
